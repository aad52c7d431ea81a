//! Finding the files of an API, references between them, and strictly read resources files.

use serde_json::json;
use standin::diagnostics::SourceFile;
use standin::openapi::{ApiFolder, Code, Contract, Resources};

#[test]
fn references_resolve_only_inside_the_given_folders() {
    let outer = tempfile::tempdir().expect("a folder");
    let folder = outer.path().join("swagger");
    std::fs::create_dir_all(folder.join("shared")).expect("a folder");
    std::fs::create_dir_all(outer.path().join("entities")).expect("a folder");
    let write = |name: &str, value: serde_json::Value| {
        std::fs::write(outer.path().join(name), value.to_string()).expect("written");
    };
    write("secret.json", json!({"type": "integer"}));
    write(
        "entities/owner.json",
        json!({"type": "object", "required": ["name"], "properties": {"name": {}, "self": {"$ref": "#"}}}),
    );
    write(
        "swagger/shared/pet.json",
        json!({"defs": {"Pet": {"type": "object", "required": ["name"], "properties": {"name": {}, "up": {"$ref": "../api.json#/x"}}}}}),
    );
    let refer = |target: &str| json!({"put": {"requestBody": {"content": {"application/json": {"schema": {"$ref": target}}}}, "responses": {}}});
    write(
        "swagger/api.json",
        json!({"openapi": "3.0.3", "x": {"type": "string"}, "paths": {
            "/file": refer("shared/pet.json#/defs/Pet"),
            "/escaped": refer("shared%2Fpet.json#/defs/P%65t"),
            "/url": refer("https://docs.example.com/hub/entities/owner.json"),
            "/out": refer("../secret.json"),
            "/absolute": refer("/etc/hostname"),
            "/scheme": refer("file:///etc/hostname"),
            "/gone": refer("shared/none.json"),
        }}),
    );
    let folder = ApiFolder::from_paths(&[folder]).expect("a contract is there");
    let folder = ApiFolder { resources: Vec::new(), ..folder };
    let contract = Contract::read(&folder, "").expect("the resources are valid");
    let violations = |path: &str, value: serde_json::Value| {
        let operation = contract.operations.iter().find(|operation| *operation.path == *path).expect("an operation");
        operation.body.as_ref().expect("a body").schema.violations(&value).len()
    };
    for path in ["/file", "/escaped", "/url"] {
        assert_eq!((violations(path, json!({})), violations(path, json!({"name": "x", "up": "y"}))), (1, 0), "{path}");
    }
    assert_eq!(violations("/file", json!({"name": "x", "up": 1})), 1, "through two files");
    for path in ["/out", "/absolute", "/scheme", "/gone"] {
        assert_eq!(violations(path, json!("anything")), 0, "{path}");
    }
    let dangling = contract.notes.iter().filter(|note| note.code == Code::RefDangling).count();
    assert_eq!(dangling, 4, "{:?}", contract.notes);
    let root = outer.path().canonicalize().expect("a folder");
    let followed: Vec<_> =
        contract.referenced_files.iter().map(|path| path.strip_prefix(&root).expect("below")).collect();
    let expected = ["entities/owner.json", "swagger/api.json", "swagger/shared/none.json", "swagger/shared/pet.json"];
    assert_eq!(followed, expected.map(std::path::Path::new), "missing files too, but only where references may lead");
}

#[test]
fn files_of_a_folder_are_sorted_by_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("pets.json", &json!({"swagger": "2.0", "paths": {}}).to_string());
    write("pets.quirks.yaml", "quirks: []\n");
    write("notes.txt", "nothing");
    let files = ApiFolder::from_paths(&[folder.path().to_owned()]).expect("a contract is there");
    assert_eq!((files.contracts.len(), files.quirks.len()), (1, 1));
    let huge = std::fs::File::create(folder.path().join("huge.json")).expect("a file");
    huge.set_len((64 << 20) + 1).expect("a sparse file");
    let files = ApiFolder::from_paths(&[folder.path().to_owned()]).expect("an unreadable file is skipped");
    assert_eq!((files.contracts.len(), files.unread.len()), (1, 1));
    let missing = ApiFolder::from_paths(&[folder.path().join("nope")]).expect_err("a missing file");
    assert!(missing.to_string().contains("nope"), "{missing}");
}

#[cfg(unix)]
#[test]
fn only_regular_files_of_a_folder_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(at(to), at(name)).expect("a link");
    std::fs::create_dir(at("deeper")).expect("a folder");
    for name in ["pets.json", "deeper/more.json"] {
        std::fs::write(at(name), "{}").expect("written");
    }
    link("nowhere", "dangling.json");
    link("deeper", "folder.json");
    link("pets.json", "link.json");
    let made = std::process::Command::new("mkfifo").arg(at("pipe.json")).status().expect("mkfifo is there");
    assert!(made.success());
    let found = standin::openapi::load::files_below(folder.path()).expect("files");
    assert_eq!(found, ["deeper/more.json", "link.json", "pets.json"].map(at));
}

#[test]
fn urls_resolve_in_the_folder_they_are_mapped_to() {
    let (contracts, schemas) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let pet = json!({"type": "object", "required": ["name"]});
    std::fs::write(schemas.path().join("pet.json"), pet.to_string()).expect("written");
    let refer = |target: &str| json!({"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": target}}}}, "responses": {}}});
    let document = json!({"openapi": "3.0.3", "paths": {
        "/mapped": refer("https://example.com/schemas/pet.json"),
        "/climbing": refer("https://example.com/schemas/../../etc/hostname"),
    }});
    std::fs::write(contracts.path().join("api.json"), document.to_string()).expect("written");
    let folder = ApiFolder::from_paths(&[contracts.path().to_owned()]).expect("a contract is there");
    let ref_map = vec![("https://example.com/schemas/".to_owned(), schemas.path().to_owned())];
    let contract = Contract::read(&ApiFolder { ref_map, ..folder }, "").expect("the resources are valid");
    let violations = |path: &str| {
        let operation = contract.operations.iter().find(|operation| *operation.path == *path).expect("an operation");
        operation.body.as_ref().expect("a body").schema.violations(&json!({})).len()
    };
    assert_eq!((violations("/mapped"), violations("/climbing")), (1, 0));
    let dangling: Vec<&str> =
        contract.notes.iter().filter(|note| note.code == Code::RefDangling).map(|note| note.pointer.as_str()).collect();
    assert_eq!(dangling, ["/paths/~1climbing/post/requestBody/content/application~1json/schema"]);
}

#[test]
fn resources_files_are_read_strictly() {
    let diagnostic = |yaml: &str| {
        Resources::read(&[SourceFile::new("a.resources.yaml", yaml)], "business").expect_err("wrong").to_string()
    };
    insta::assert_snapshot!(diagnostic("pet:\n  plural: pets\n  fields: {name: txt}\n"), @"a.resources.yaml:3:18: unknown type `txt` (did you mean `text`?)");
    insta::assert_snapshot!(diagnostic("pet:\n  fields: {}\n"), @"a.resources.yaml:2:3: a resource has no `plural` (add `plural: …`)");
    insta::assert_snapshot!(diagnostic("pet:\n  plural: pets\n  fields: {a: {type: text, requird: true}}\n"), @"a.resources.yaml:3:28: unknown entry of a field `requird` (did you mean `required`?)");
}

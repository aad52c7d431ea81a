//! The web page of the control port.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use standin::admin::Login;
use standin::inspector;

use crate::served::Received;
use crate::sessions::Hosted;
use crate::vocabulary::{noon, request};

/// The maximum size of all files of the page, bytes.
const MAX_SIZE: usize = 150 << 10;

fn get(hosted: &Hosted, target: &str, headers: &[(&str, &str)]) -> Received {
    let headers = [&[("host", "127.0.0.1:4011")], headers].concat();
    hosted.admin.respond(&request(noon(), "GET", target, &headers, "")).into()
}

/// The values of an attribute in the page.
fn attributes<'p>(page: &'p str, name: &str) -> Vec<&'p str> {
    let opening = format!(" {name}=\"");
    page.split(opening.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn page_is_served_with_a_strict_policy() {
    let hosted = Hosted::orders();
    for (target, content_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/inspector/main.js", "text/javascript; charset=utf-8"),
        ("/inspector/base.css", "text/css; charset=utf-8"),
        ("/inspector/icon.svg", "image/svg+xml"),
    ] {
        let file = get(&hosted, target, &[]);
        assert_eq!((file.status, file.header("content-type")), (200, content_type), "{target}");
        assert_eq!(file.header("x-content-type-options"), "nosniff", "{target}");
        let policy = file.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self';") && !policy.contains("unsafe"), "{target}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{target}: {policy}");
    }
}

#[test]
fn page_has_no_inline_scripts_and_styles_and_refers_to_its_own_files_only() {
    let hosted = Hosted::orders();
    let page = get(&hosted, "/", &[]).text;
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains(" onclick="), "{page}");
    assert!(page.split("<script").skip(1).all(|script| script.contains("></script>")), "{page}");
    let mut links = attributes(&page, "href");
    links.extend(attributes(&page, "src"));
    for link in links.into_iter().filter(|link| !link.starts_with('#')) {
        assert_eq!(get(&hosted, &format!("/{link}"), &[]).status, 200, "{link}");
    }
    for name in inspector::names() {
        let content = inspector::find(&name).expect("a listed file").content;
        let text = String::from_utf8_lossy(&content);
        for sink in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
            assert!(!text.contains(sink), "{name} uses {sink}");
        }
        let urls = text.match_indices("http").map(|(at, _)| text[at..].chars().take(40).collect::<String>());
        let foreign: Vec<String> =
            urls.filter(|url| url.contains("://") && !url.contains("www.w3.org/2000/svg")).collect();
        assert!(foreign.is_empty(), "{name} refers to {foreign:?}");
    }
}

#[test]
fn modules_import_files_that_exist_and_no_file_is_unused() {
    let names: BTreeSet<String> = inspector::names().into_iter().collect();
    let mut used = BTreeSet::from([inspector::PAGE.to_owned()]);
    for name in &names {
        let content = inspector::find(name).expect("a listed file").content;
        let text = String::from_utf8_lossy(&content);
        let imported = text.split("from './").skip(1).filter_map(|rest| rest.split('\'').next()).map(str::to_owned);
        used.extend(imported);
        if name == inspector::PAGE {
            let links = [attributes(&text, "href"), attributes(&text, "src")].concat();
            used.extend(links.iter().filter_map(|link| link.strip_prefix("inspector/")).map(str::to_owned));
        }
    }
    assert_eq!(names, used);
}

#[test]
fn files_of_the_page_are_at_most_150_kib_together() {
    let sizes = inspector::names().into_iter().map(|name| inspector::find(&name).map_or(0, |file| file.content.len()));
    let total: usize = sizes.sum();
    assert!((1..=MAX_SIZE).contains(&total), "{total} bytes");
}

#[test]
fn known_file_is_not_sent_again() {
    let hosted = Hosted::orders();
    let first = get(&hosted, "/", &[]);
    let etag: &str = first.header("etag");
    assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 10, "{etag}");
    for tags in [etag.to_owned(), format!("W/{etag}"), format!("\"other\", {etag}")] {
        let again = get(&hosted, "/", &[("if-none-match", &tags)]);
        assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", etag), "{tags}");
        assert!(again.header("content-security-policy").contains("'self'"));
    }
    assert_eq!(get(&hosted, "/", &[("if-none-match", "\"other\"")]).status, 200);
    assert_ne!(etag, get(&hosted, "/inspector/main.js", &[]).header("etag"));
}

#[test]
fn paths_without_a_file_are_not_found() {
    let hosted = Hosted::orders();
    for target in
        ["/inspector/", "/inspector/none.js", "/inspector/mod.rs", "/inspector/..%2Fmod.rs", "/inspector/types.d.ts"]
    {
        assert_eq!(get(&hosted, target, &[]).status, 404, "{target}");
    }
}

#[test]
fn page_has_the_guards_of_the_control_api() {
    let mut hosted = Hosted::orders();
    let page = |hosted: &Hosted, headers: &[(&str, &str)]| -> u16 {
        Received::from(hosted.admin.respond(&request(noon(), "GET", "/", headers, ""))).status
    };
    assert_eq!(page(&hosted, &[("host", "evil.example")]), 403);
    assert_eq!(page(&hosted, &[("host", "127.0.0.1:4011"), ("origin", "http://evil.example")]), 403);
    assert_eq!(page(&hosted, &[("host", "127.0.0.1:4011"), ("sec-fetch-site", "cross-site")]), 403);
    assert_eq!(page(&hosted, &[("host", "127.0.0.1:4011"), ("sec-fetch-site", "none")]), 200);
    hosted.admin.access.token = Some("admin-canary".to_owned());
    hosted.admin.access.login = Some(Login::new("code-1".to_owned(), "cookie-canary".to_owned()));
    assert_eq!(page(&hosted, &[("host", "127.0.0.1:4011")]), 401);
    assert_eq!(page(&hosted, &[("host", "127.0.0.1:4011"), ("cookie", "standin_admin_4011=cookie-canary")]), 200);
    assert_eq!(get(&hosted, "/login?code=code-1", &[]).header("location"), "/");
}

#[test]
fn server_without_the_page_serves_its_api_only() {
    let mut hosted = Hosted::orders();
    hosted.admin.server.has_page = false;
    for target in ["/", "/inspector/main.js"] {
        let missing = get(&hosted, target, &[]);
        assert!(missing.status == 404 && missing.text.contains("--no-inspector"), "{target}: {}", missing.text);
    }
    assert_eq!(get(&hosted, "/info", &[]).status, 200);
}

/// Starts `serve` on free ports with options, and returns what it has printed once it listens.
fn serve(options: &[&str], path: &str) -> (Child, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
    command.args(["serve", "--port", "0", "--ready-json", "--quiet", "--api", "none"]).args(options).env("PATH", path);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("its output")).read_line(&mut line).expect("a line");
    let ready = serde_json::from_str(&line).expect("JSON");
    (child, ready)
}

#[cfg(unix)]
#[test]
fn serve_opens_the_page_in_the_browser_and_names_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().expect("a folder");
    let browser = folder.path().join("xdg-open");
    std::fs::write(&browser, format!("#!/bin/sh\necho \"$1\" > {}/opened\n", folder.path().display())).expect("a file");
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).expect("an executable file");
    let path = folder.path().display().to_string();
    let opened = |options: &[&str]| -> (String, Value) {
        let (mut child, ready) = serve(options, &path);
        let file = folder.path().join("opened");
        let written = || std::fs::read_to_string(&file).ok().filter(|text| text.ends_with('\n'));
        let found = (0..200).find_map(|_| {
            written().or_else(|| {
                std::thread::sleep(std::time::Duration::from_millis(25));
                None
            })
        });
        child.kill().expect("it runs");
        child.wait().expect("it has ended");
        let _ = std::fs::remove_file(&file);
        (found.unwrap_or_default().trim().to_owned(), ready)
    };
    let (url, ready) = opened(&["--open"]);
    let control = ready["control_url"].as_str().expect("a URL");
    assert_eq!(url, format!("{control}/"));
    assert_eq!(ready["page_url"], url.as_str());
    let (url, ready) = opened(&["--open", "--admin-token", "canary"]);
    assert!(url.contains("/login?code=") && ready["page_url"] == url.as_str(), "{url} {ready}");
}

#[test]
fn serve_without_the_page_does_not_name_it() {
    let (mut child, ready) = serve(&["--no-inspector"], "");
    child.kill().expect("it runs");
    child.wait().expect("it has ended");
    assert!(ready["control_url"].is_string() && ready["page_url"].is_null(), "{ready}");
}

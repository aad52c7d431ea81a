//! Properties of responses that rules change.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value};
use standin::quirks::Draft;

use crate::properties::cases;
use crate::property_values::value;

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The paths to all parts of a value.
fn paths(value: &Value) -> Vec<Vec<String>> {
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, part)| (name.clone(), part)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(place, part)| (place.to_string(), part)).collect(),
        _ => Vec::new(),
    };
    let below = parts.into_iter().flat_map(|(step, part)| {
        paths(part).into_iter().map(move |field_path| std::iter::once(step.clone()).chain(field_path).collect())
    });
    std::iter::once(Vec::new()).chain(below).collect()
}

/// Some paths into a value, and one that does not exist.
fn some_paths(value: &Value, which: &[Index]) -> Vec<Vec<String>> {
    let all = paths(value);
    which.iter().map(|which| which.get(&all).clone()).chain([vec!["nowhere".to_owned()]]).collect()
}

fn borrowed(paths: &[Vec<String>]) -> Vec<&[String]> {
    paths.iter().map(Vec::as_slice).collect()
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn draft_is_written_unchanged_after_any_lookup(
        value in value(), which in prop::collection::vec(any::<Index>(), 0..4), is_spaced in any::<bool>(),
        later in any::<Index>(),
    ) {
        let text = if is_spaced { format!("{value:#}") } else { value.to_string() };
        let paths = some_paths(&value, &which);
        let mut draft = Draft::read(&text, &borrowed(&paths)).expect("JSON");
        assert_eq!(parsed(&draft.text()), value);
        assert!(is_spaced || draft.text() == text);
        // Numeric names are list indexes in a pointer.
        let later = later.get(&self::paths(&value)).clone();
        let pointer: String = later.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect();
        if let Some(found) = draft.at(&later) {
            assert_eq!(Some(&parsed(&found.text())), value.pointer(&pointer));
        }
        assert_eq!(parsed(&draft.text()), value);
    }

    #[test]
    fn draft_of_damaged_json_does_not_panic(
        value in value(), cut in any::<Index>(), which in prop::collection::vec(any::<Index>(), 0..4),
    ) {
        let text = value.to_string();
        let paths = some_paths(&value, &which);
        let paths = borrowed(&paths);
        let cut = (0..=cut.index(text.len())).rev().find(|at| text.is_char_boundary(*at)).expect("the start");
        if let Some(draft) = Draft::read(&text[..cut], &paths) {
            assert_eq!(draft.text(), text[..cut]);
        }
        if let Some(mut draft) = Draft::read(&text[cut..], &paths) {
            let _ = draft.at(paths[0]);
            draft.put(paths[0], (&value).into());
        }
    }

    #[test]
    fn value_put_into_a_draft_is_written(
        mut value in value(), name in ".{1,4}|[0-2]", own_name in any::<Index>(), is_own in any::<bool>(), put in value(),
        is_expected in any::<bool>(),
    ) {
        let text = value.to_string();
        let names: Vec<String> = value.as_object().into_iter().flat_map(Map::keys).cloned().collect();
        let name = if is_own && !names.is_empty() { own_name.get(&names).clone() } else { name };
        let field_path = [name.clone()];
        let paths: &[&[String]] = if is_expected { &[&field_path] } else { &[] };
        let mut draft = Draft::read(&text, paths).expect("JSON");
        let changed = draft.put(std::slice::from_ref(&name), (&put).into());
        let element = name.parse::<usize>().ok();
        match &mut value {
            Value::Object(map) => {
                let before = map.insert(name, put.clone());
                assert_eq!(changed, before.unwrap_or_default() != put);
            }
            Value::Array(list) if element.is_some_and(|element| element < list.len()) => {
                let before = std::mem::replace(&mut list[element.unwrap_or_default()], put.clone());
                assert_eq!(changed, before != put);
            }
            _ => assert!(!changed),
        }
        assert_eq!(draft.text(), value.to_string());
    }
}

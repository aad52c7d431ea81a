//! JSON pointers for the positions of diagnostics.

use std::collections::HashMap;

use super::locate::escape_pointer;
use super::{Diagnostic, FieldError, SourceFile, Span, YamlNode, YamlValue};

/// Errors in a document as errors of a request: each with the JSON pointer of its place instead of line and column. In a text
/// that cannot be parsed, the detail has line and column.
pub fn field_errors(source: &SourceFile, diagnostics: Vec<Diagnostic>) -> Vec<FieldError> {
    let tree = YamlNode::read_large(source).ok();
    let mut pointers = HashMap::new();
    if let Some(tree) = &tree {
        collect(tree, &mut String::new(), &mut pointers);
    }
    let error = |Diagnostic { span, message, help }: Diagnostic| {
        let place = match &tree {
            Some(_) => String::new(),
            None => format!("line {}, column {}: ", span.line, span.column),
        };
        let help = help.map(|help| format!("; {help}")).unwrap_or_default();
        let pointer = pointers.get(&(span.line, span.column)).cloned().unwrap_or_default();
        FieldError { pointer, detail: format!("{place}{message}{help}") }
    };
    diagnostics.into_iter().map(error).collect()
}

/// Adds the pointers of all keys and values. Of values that begin at the same place the outer one counts.
fn collect(tree: &YamlNode, path: &mut String, pointers: &mut HashMap<(usize, usize), String>) {
    let Span { line, column } = tree.span;
    pointers.entry((line, column)).or_insert_with(|| path.clone());
    let length = path.len();
    let mut below = |step: &str, key: Option<Span>, value: &YamlNode| {
        path.push('/');
        path.push_str(step);
        if let Some(Span { line, column }) = key {
            pointers.entry((line, column)).or_insert_with(|| path.clone());
        }
        collect(value, path, pointers);
        path.truncate(length);
    };
    match &tree.node {
        YamlValue::Map(entries) => {
            entries.iter().for_each(|(key, value)| below(&escape_pointer(&key.name), Some(key.span), value));
        }
        YamlValue::List(list) => {
            list.iter().enumerate().for_each(|(index, value)| below(&index.to_string(), None, value));
        }
        _ => {}
    }
}

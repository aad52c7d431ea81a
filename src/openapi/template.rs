//! Path templates of contracts: `/reports/{id}.{format}`.

/// The parameter names of a path template, in order. A segment may have several: `{x},{y}`.
pub fn parameter_names(template: &str) -> impl DoubleEndedIterator<Item = &str> {
    let names: Vec<&str> = template.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
    names.into_iter()
}

/// The name of the first parameter of a segment: `{id}`, `{id}.json`, `@{name}`.
pub fn parameter_name(segment: &str) -> Option<&str> {
    parameter_names(segment).next()
}

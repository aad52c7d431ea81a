use std::path::Path;

/// A path as text for people and files, with `/` between its parts on every system.
pub fn path_text(path: &Path) -> String {
    let text = path.display().to_string();
    match std::path::MAIN_SEPARATOR {
        '/' => text,
        separator => text.replace(separator, "/"),
    }
}

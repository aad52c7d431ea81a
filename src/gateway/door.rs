use crate::exchange::Door;

/// The base URLs: `/apigw` and no prefix are the main gateway, `/api2` is the fallback.
const PREFIXES: [(&str, Door); 2] = [("/apigw", Door::Main), ("/api2", Door::Fallback)];

/// Which door a path goes through, and the path behind it.
pub fn enter(path: &str) -> (Door, &str) {
    for (prefix, door) in PREFIXES {
        match path.strip_prefix(prefix) {
            Some("") => return (door, "/"),
            Some(rest) if rest.starts_with('/') => return (door, rest),
            _ => {}
        }
    }
    (Door::Main, path)
}

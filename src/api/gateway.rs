use crate::request::Gateway;

/// The base URLs: `/apigw` and no prefix are the main gateway, `/api2` is the fallback.
const PREFIXES: [(&str, Gateway); 2] = [("/apigw", Gateway::Main), ("/api2", Gateway::Fallback)];

/// Which door a path goes through, and the path behind it.
pub fn enter(path: &str) -> (Gateway, &str) {
    for (prefix, gateway) in PREFIXES {
        match path.strip_prefix(prefix) {
            Some("") => return (gateway, "/"),
            Some(rest) if rest.starts_with('/') => return (gateway, rest),
            _ => {}
        }
    }
    (Gateway::Main, path)
}

use mediatype::{MediaType, Name, ReadParams};

pub use crate::openapi::media_range::essence as media_type;

/// Whether a `Content-Type` value names a media type, without regard to case and parameters (RFC 9110, section 8.3.1).
pub fn is_media_type(value: &str, name: &str) -> bool {
    media_type(value).eq_ignore_ascii_case(name)
}

/// The value of a parameter of a `Content-Type`, unquoted; `None` also when the value is malformed.
pub fn media_type_parameter(value: &str, name: &str) -> Option<String> {
    let parsed = MediaType::parse(value.trim()).ok()?;
    Some(parsed.get_param(Name::new(name)?)?.unquoted_str().into_owned())
}

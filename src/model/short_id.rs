/// The maximum length of a short id, bytes.
pub const MAX_SHORT_ID: usize = 64;

/// Whether a text is a short id, as sessions and faults have: 1 to 64 letters, digits, `_` and `-`.
pub fn is_short_id(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=MAX_SHORT_ID).contains(&text.len()) && text.bytes().all(is_allowed)
}

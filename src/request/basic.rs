use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// The user and the password of credentials of the scheme Basic (RFC 7617), without the scheme; `None` if they are malformed.
pub fn decode_basic(credentials: &str) -> Option<(String, String)> {
    let text = String::from_utf8(BASE64_STANDARD.decode(credentials.trim()).ok()?).ok()?;
    text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

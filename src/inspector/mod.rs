//! The web page of the control port: static files that are embedded in the program. The control API serves them.
//!
//! The files are HTML, CSS and ES modules without a build step and without code of others. They use the control API only.

use bytes::Bytes;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "src/inspector/"]
struct Files;

/// The name of the page itself.
pub const PAGE: &str = "index.html";

/// One file of the page.
#[derive(Clone, Debug)]
pub struct PageFile {
    /// The content.
    pub content: Bytes,
    /// The media type.
    pub content_type: &'static str,
    /// The entity tag, with its quotes: equal content has an equal tag.
    pub etag: String,
}

/// A file of the page by its name.
pub fn find(name: &str) -> Option<PageFile> {
    let content_type = content_type(name)?;
    let file = Files::get(name)?;
    let digest: String = file.metadata.sha256_hash().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(PageFile { content: file.data.into_owned().into(), content_type, etag: format!("\"{digest}\"") })
}

/// The names of all files.
pub fn names() -> Vec<String> {
    Files::iter().filter(|name| content_type(name).is_some()).map(|name| name.into_owned()).collect()
}

/// The media type of a file of the page. `None` for other files of its folder, such as this one.
fn content_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "html" => Some("text/html; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

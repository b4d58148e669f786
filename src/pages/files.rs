//! The files that come with the program: our style, and the explorer's parts.

use std::sync::LazyLock;

use crate::web;

/// A file that is served as it was compiled in.
pub(super) struct File {
    pub(super) path: &'static str,
    pub(super) content_type: &'static str,
    pub(super) bytes: &'static [u8],
    hash: LazyLock<String>,
}

macro_rules! file {
    ($path:literal, $content_type:expr, $bytes:expr) => {
        File {
            path: $path,
            content_type: $content_type,
            bytes: $bytes,
            hash: LazyLock::new(|| web::hash($bytes)),
        }
    };
}

/// A file of ours.
macro_rules! asset {
    ($at:literal) => {
        include_bytes!(concat!("../../assets/", $at))
    };
}

/// A file of Swagger UI's, which build.rs takes out of its package.
macro_rules! packaged {
    ($at:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $at))
    };
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

pub(super) static STYLE: File = file!("/assets/pledgebook.css", CSS, asset!("pledgebook.css"));
pub(super) static SEARCH: File = file!("/assets/search.js", SCRIPT, asset!("search.js"));
pub(super) static EXPLORER_START: File = file!("/docs/explorer.js", SCRIPT, asset!("explorer.js"));
pub(super) static EXPLORER_STYLE: File = file!("/docs/explorer.css", CSS, asset!("explorer.css"));
pub(super) static EXPLORER: File = file!(
    "/docs/swagger-ui-bundle.js",
    SCRIPT,
    packaged!("swagger-ui-bundle.js")
);
static EXPLORER_LICENSE: File = file!("/docs/LICENSE", TEXT, packaged!("LICENSE"));
static EXPLORER_NOTICE: File = file!("/docs/NOTICE", TEXT, packaged!("NOTICE"));
// The script names this file at its head, for the licences of what it holds.
static EXPLORER_LICENSES: File = file!(
    "/docs/swagger-ui-bundle.js.LICENSE.txt",
    TEXT,
    asset!("swagger-ui-bundle.js.LICENSE.txt")
);
// Asked for by those who read no page first.
static ICON: File = file!("/favicon.ico", "image/x-icon", asset!("favicon.ico"));
static ROBOTS: File = file!("/robots.txt", TEXT, asset!("robots.txt"));

pub(super) static ALL: [&File; 10] = [
    &STYLE,
    &SEARCH,
    &EXPLORER_START,
    &EXPLORER_STYLE,
    &EXPLORER,
    &EXPLORER_LICENSE,
    &EXPLORER_NOTICE,
    &EXPLORER_LICENSES,
    &ICON,
    &ROBOTS,
];

impl File {
    /// Where a page asks for it: another address with each content, as it is kept for a day.
    pub(super) fn address(&self) -> String {
        format!("{}?v={}", self.path, *self.hash)
    }
}

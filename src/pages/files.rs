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
    ($path:literal, $content_type:literal, $at:literal) => {
        File {
            path: $path,
            content_type: $content_type,
            bytes: include_bytes!(concat!("../../assets/", $at)),
            hash: LazyLock::new(|| web::hash(include_bytes!(concat!("../../assets/", $at)))),
        }
    };
}

pub(super) static STYLE: File = file!(
    "/assets/pledgebook.css",
    "text/css; charset=utf-8",
    "pledgebook.css"
);
pub(super) static SEARCH: File = file!("/assets/search.js", "text/javascript; charset=utf-8", "search.js");
pub(super) static EXPLORER_START: File = file!(
    "/docs/explorer.js",
    "text/javascript; charset=utf-8",
    "explorer.js"
);
pub(super) static EXPLORER: File = file!(
    "/docs/swagger-ui-bundle.js",
    "text/javascript; charset=utf-8",
    "swagger-ui/swagger-ui-bundle.js"
);
pub(super) static EXPLORER_STYLE: File = file!(
    "/docs/swagger-ui.css",
    "text/css; charset=utf-8",
    "swagger-ui/swagger-ui.css"
);
// Asked for by those who read no page first.
static ICON: File = file!("/favicon.ico", "image/x-icon", "favicon.ico");
static ROBOTS: File = file!("/robots.txt", "text/plain; charset=utf-8", "robots.txt");
static EXPLORER_LICENSE: File = file!("/docs/LICENSE", "text/plain; charset=utf-8", "swagger-ui/LICENSE");
static EXPLORER_NOTICE: File = file!("/docs/NOTICE", "text/plain; charset=utf-8", "swagger-ui/NOTICE");
// The bundle names this file at its head, for the licences of what it holds.
static EXPLORER_LICENSES: File = file!(
    "/docs/swagger-ui-bundle.js.LICENSE.txt",
    "text/plain; charset=utf-8",
    "swagger-ui/swagger-ui-bundle.js.LICENSE.txt"
);

pub(super) static ALL: [&File; 10] = [
    &STYLE,
    &SEARCH,
    &EXPLORER_START,
    &EXPLORER,
    &EXPLORER_STYLE,
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

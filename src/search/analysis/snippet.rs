//! The part of a text that shows why it was found, in its own spelling.

use super::Query;

/// A part of a text, as it is written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    pub text: String,
    /// Where it begins in the text, in code points.
    pub start: usize,
    /// What was found in it, in its order; none overlap.
    pub matches: Vec<Match>,
    /// Whether the text has more before it, and after it.
    pub cut_before: bool,
    pub cut_after: bool,
}

/// Offsets are code points into the snippet's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    pub start: usize,
    pub end: usize,
}

/// The window of at most `width` code points that has the most of what a query asks for, the first of such. None where nothing of it
/// stands within the text's first `READ` code points.
#[must_use]
pub fn snippet(query: &Query, text: &str, width: usize) -> Option<Snippet> {
    let _ = (query, text, width);
    None
}

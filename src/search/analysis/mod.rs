//! Text into words: what is indexed and what is asked for pass through here, and nothing else does.
//!
//! A text is a row of [`Position`]s. Each holds its [`Word`]: how it is written once what differs between writers is
//! folded away, and the stem under which its other forms are found. Both depend on the text alone, neither on a
//! language that somebody stated nor on what is in the register, so an index that is built anew is the one that was kept.

mod arabic;
mod fold;
mod latin;
mod lexicon;
mod matching;
mod names;
mod number;
mod query;
mod scan;
mod snippet;
mod words;

use std::sync::Arc;

pub use matching::{Level, matches, matches_any};
pub use query::{Clause, LONGEST_QUERY, Query, QueryFault, Term};
pub use snippet::{MOST_READ, Match, Snippet, opening, snippet};

/// Counts up whenever some text is cut into other words than before, also by a new version of the stemmers: an index
/// that was built by another number must be rebuilt.
pub const VERSION: i64 = 3;

/// How long a folded word or a stem gets, in code points (at most four bytes each); what is longer is cut, and found by its
/// beginning. Postgres takes 2,046 bytes a word.
pub const LONGEST_WORD: usize = 128;

/// With what every stem begins, so that none equals a folded word, which begins with a letter or a digit.
pub const STEM_MARK: char = '~';

/// With what every number among the stems begins: `#200000000` is 200 million, however it is written.
pub const NUMBER_MARK: char = '#';

/// With what every name of a reference participant begins among the stems: `#gbr` is the United Kingdom, whatever it is called. No
/// number has letters.
pub const NAME_MARK: char = '#';

/// A word where it stands in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Its first code point.
    pub start: usize,
    /// The code point after its last.
    pub end: usize,
    pub word: Arc<Word>,
}

/// What a word is found by.
///
/// A text has two streams, of folded words and of stems, and each is numbered by itself: a position adds one stem to the one
/// and as many words to the other as are in `folded`. A phrase stands in one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word {
    /// As it is written, folded: compatibility forms, case, accents, vowels, the forms of hamza, alef, ya and ta marbuta, and
    /// digits. One, but for a sum of several words: `200`, `million`.
    pub folded: Vec<String>,
    /// Its one place in the stream of stems, with its mark.
    pub stem: String,
    /// Other stems that it is found by too. They take part in no phrase: FTS5 has one word a place.
    pub alternates: Vec<String>,
    /// Whether it says nothing by itself. It is indexed, and left out of what is asked for without quotes.
    pub stop: bool,
}

impl Word {
    /// All stems, the one of phrases first.
    pub fn stems(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.stem.as_str()).chain(self.alternates.iter().map(String::as_str))
    }
}

/// The words of a text, in its order. Takes time in proportion to its length.
#[must_use]
pub fn tokens(text: &str) -> Vec<Position> {
    names::Named::new(text).collect()
}

/// A whole text, folded, its words with a space between them: two codes, slugs or names that are equal by this are the same.
#[must_use]
pub fn whole(text: &str) -> String {
    let mut whole = String::new();
    for position in tokens(text) {
        for word in &position.word.folded {
            if !whole.is_empty() {
                whole.push(' ');
            }
            whole.push_str(word);
        }
    }
    whole
}

#[cfg(test)]
mod tests;

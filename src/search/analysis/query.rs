//! What somebody asks for, made of the line that was typed.
//!
//! Words are joined by and. `"…"`, `«…»` and `“…”` hold a phrase, `*` at a word's end asks for all that begin so, `-` before a word or
//! a phrase leaves out what has it. Anything else is text: no sign of an engine's own language means anything here.

/// How long a query may be, in code points.
pub const LONGEST_QUERY: usize = 1_000;

/// All of its clauses must hold. At least one is not excluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The whole of it, folded: what equals a code, a slug or a name as [`whole`](super::whole) writes them comes first.
    pub whole: String,
    /// Each once.
    pub clauses: Vec<Clause>,
}

/// One word, or several that must stand one after another in one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Records in which it stands, by folded words or by stems, are left out.
    pub excluded: bool,
    /// In their order, at least one. One: the record has it (see [`Term`]). Several: the record has all words of `folded` one after
    /// another in the stream of folded words, or each one's `stem` one after another in the stream of stems.
    pub terms: Vec<Term>,
}

/// A word that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Found by these, one after another where there are several (a sum: `200`, `million`); the last as the beginning of a word
    /// where `prefix`.
    pub folded: Vec<String>,
    /// Otherwise by a stem. Alone: if this or one of the alternates is among a word's stem and alternates. In a phrase: by this.
    /// Where `prefix`: if a stem or an alternate of a word begins with it (its mark is its first character).
    pub stem: String,
    /// Empty in phrases of several terms, as there they find nothing.
    pub alternates: Vec<String>,
    /// A word that begins so is one. Only the last term of a clause may be such.
    pub prefix: bool,
}

/// Why a line asks for nothing. `Display` is for whoever typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryFault {
    #[error(
        "is {characters} characters long, and at most {LONGEST_QUERY} are read; ask for fewer words"
    )]
    TooLong { characters: usize },
    #[error("has no word in it; give at least one letter or digit to search for")]
    Empty,
    #[error(
        "has only words that stand in nearly every text; add a word that says more, or put them in quotes to find them as a phrase"
    )]
    OnlyStopWords,
    #[error("only says what to leave out; add at least one word to search for")]
    OnlyExcluded,
}

impl Query {
    /// Of a line as it is typed into a box of search.
    pub fn parse(line: &str) -> Result<Self, QueryFault> {
        let _ = line;
        Err(QueryFault::Empty)
    }

    /// Of what was typed so far where one picks from a list: every word is the beginning of one, no sign means anything, and no
    /// word is left out.
    pub fn typed(line: &str) -> Result<Self, QueryFault> {
        let _ = line;
        Err(QueryFault::Empty)
    }
}

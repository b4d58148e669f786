//! What is kept of a text, and what is asked of it: terms, which either engine reads as they are.
//!
//! A term is a mark, which says where a word stands and whether as it was written or by its stem, then the word. It holds
//! letters, digits, `#` and `_` alone, so that no engine splits, folds or quotes it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    hash::{DefaultHasher, Hash, Hasher},
};

use sha2::{Digest, Sha256};

use super::{Tier, analysis};
use crate::db::{Spelled, Spelling};

/// How many places of a stream are told apart. `tsvector` knows 16,383; the last is where it has all that have no place.
const PLACES: usize = 16_381;
const NO_PLACE: usize = 16_383;
/// How many places of a term are; `tsvector` knows 256.
const PLACES_OF_A_TERM: usize = 255;
/// How many bytes the terms of one record take in a `tsvector`, which holds 1,048,575.
const MOST_BYTES: usize = 1_000_000;
/// A term counts with its first bytes: a word is never as long, a name as a whole may be.
const LONGEST: usize = 1_000;
/// The article of Arabic, which is written with its word.
const ARTICLE: &str = "ال";
/// What stands where no term does.
const NOTHING: &str = "x";

/// How a word is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Folded,
    Stem,
}

/// What a term begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark(char);

impl Mark {
    /// A name, a code or a slug, as a whole.
    pub(super) const WHOLE: Self = Self('0');
    /// A word of a participant's names, in whichever form: what is typed is the beginning of it.
    pub(super) const PICKED: Self = Self('9');
    /// The name of a record's resource.
    pub(super) const RESOURCE: Self = Self('r');

    pub(super) const fn of(tier: Tier, form: Form) -> Self {
        Self(match (tier, form) {
            (Tier::Names, Form::Folded) => '1',
            (Tier::Quotes, Form::Folded) => '2',
            (Tier::Purposes, Form::Folded) => '3',
            (Tier::Bodies, Form::Folded) => '4',
            (Tier::Names, Form::Stem) => '5',
            (Tier::Quotes, Form::Stem) => '6',
            (Tier::Purposes, Form::Stem) => '7',
            (Tier::Bodies, Form::Stem) => '8',
        })
    }

    /// A word behind this mark.
    pub(super) fn term(self, word: &str) -> String {
        let mut term = String::with_capacity(1 + word.len().min(LONGEST));
        term.push(self.0);
        for letter in word.chars() {
            if term.len() + letter.len_utf8() > 1 + LONGEST {
                break;
            }
            let is_kept = !letter.is_ascii() || letter.is_ascii_alphanumeric() || letter == '#';
            term.push(if is_kept { letter.to_ascii_lowercase() } else { '_' });
        }
        term
    }
}

/// The terms of a record.
#[derive(Debug, Default)]
pub(super) struct Terms {
    streams: BTreeMap<Mark, Stream>,
    /// Those that are found and have no place.
    loose: BTreeSet<String>,
    bytes: usize,
}

/// Terms in the order of a text, each one's place being its index.
#[derive(Debug, Default)]
struct Stream {
    slots: Vec<Option<String>>,
    counts: HashMap<String, usize>,
}

impl Terms {
    /// Adds a text. Between two of them is a gap, so that no phrase leads from one to the next.
    pub(super) fn add_text(&mut self, tier: Tier, text: &str) {
        let marks = [Mark::of(tier, Form::Folded), Mark::of(tier, Form::Stem)];
        let [folded, stem] = marks;
        for position in analysis::tokens(text) {
            let word = &position.word;
            for written in &word.folded {
                self.place(folded, Some(written));
            }
            self.place(stem, Some(&word.stem));
            for alternate in &word.alternates {
                self.add_loose(stem.term(alternate));
            }
        }
        for mark in marks {
            self.place(mark, None);
        }
    }

    /// Adds what is a name as a whole.
    pub(super) fn add_whole(&mut self, name: &str) {
        let whole = analysis::whole(name);
        if !whole.is_empty() {
            self.add_loose(Mark::WHOLE.term(&whole));
        }
    }

    /// Adds the words of a participant's name, to be found by how they begin.
    pub(super) fn add_picked(&mut self, name: &str) {
        for position in analysis::tokens(name) {
            let folded = position.word.folded.iter().map(String::as_str);
            // As one types a name without its article.
            let bare = position
                .word
                .folded
                .iter()
                .filter_map(|it| it.strip_prefix(ARTICLE));
            for word in folded.chain(bare).chain(position.word.stems()) {
                self.add_loose(Mark::PICKED.term(word));
            }
        }
    }

    /// Adds of which resource it is.
    pub(super) fn add_resource(&mut self, name: &str) {
        self.add_loose(Mark::RESOURCE.term(name));
    }

    fn place(&mut self, mark: Mark, word: Option<&str>) {
        let stream = self.streams.entry(mark).or_default();
        if stream.slots.len() >= PLACES {
            if let Some(word) = word {
                let term = mark.term(word);
                if !stream.counts.contains_key(&term) {
                    self.add_loose(term);
                }
            }
            return;
        }
        let Some(term) = word.map(|word| mark.term(word)) else {
            stream.slots.push(None);
            return;
        };
        let count = stream.counts.get(&term).copied().unwrap_or_default();
        let bytes = if count == 0 { 5 + term.len() } else { 2 };
        if count >= PLACES_OF_A_TERM || self.bytes + bytes > MOST_BYTES {
            stream.slots.push(None);
            return;
        }
        self.bytes += bytes;
        stream.counts.insert(term.clone(), count + 1);
        stream.slots.push(Some(term));
    }

    fn add_loose(&mut self, term: String) {
        let bytes = 5 + term.len();
        if self.bytes + bytes <= MOST_BYTES && self.loose.insert(term) {
            self.bytes += bytes;
        }
    }

    /// The terms with their places, as a file's index splits them.
    fn in_places(&self) -> String {
        let mut text = String::new();
        for stream in self.streams.values() {
            for slot in &stream.slots {
                text.push_str(slot.as_deref().unwrap_or(NOTHING));
                text.push(' ');
            }
        }
        text
    }

    /// Those without a place.
    pub(super) fn loose(&self) -> String {
        let loose: Vec<&str> = self.loose.iter().map(String::as_str).collect();
        loose.join(" ")
    }

    /// What tells the terms of a file's index from others, in whichever order they are read.
    pub(super) fn sum(&self) -> u64 {
        let slots = self.streams.values().flat_map(|stream| &stream.slots);
        let in_places = slots
            .zip(0..)
            .map(|(slot, place)| (slot.as_deref().unwrap_or(NOTHING), place));
        let loose = self
            .loose
            .iter()
            .zip(0..)
            .map(|(term, place)| (term.as_str(), -1 - place));
        in_places
            .chain(loose)
            .fold(0, |all, (term, place)| all.wrapping_add(sum(term, place)))
    }

    /// What tells these terms from others, in hexadecimal.
    pub(super) fn sha256(&self) -> String {
        let mut digest = Sha256::new();
        for stream in self.streams.values() {
            for slot in &stream.slots {
                digest.update(slot.as_deref().unwrap_or(NOTHING));
                digest.update(" ");
            }
        }
        for term in &self.loose {
            digest.update("\n");
            digest.update(term);
        }
        let mut hex = String::with_capacity(64);
        for byte in digest.finalize() {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }

    /// As a parameter.
    pub(super) fn spelled(self) -> Spelled {
        Spelled(Box::new(self))
    }
}

impl Spelling for Terms {
    fn of_file(&self) -> String {
        self.in_places()
    }

    /// A `tsvector`. No term holds a quote or a backslash.
    fn of_server(&self) -> String {
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for stream in self.streams.values() {
            for (index, slot) in stream.slots.iter().enumerate() {
                if let Some(term) = slot {
                    places.entry(term).or_default().push(index + 1);
                }
            }
        }
        for term in &self.loose {
            places.entry(term).or_default().push(NO_PLACE);
        }
        let mut text = String::new();
        for (term, places) in places {
            text.push('\'');
            text.push_str(term);
            text.push('\'');
            for (index, place) in places.into_iter().enumerate() {
                text.push(if index == 0 { ':' } else { ',' });
                text.push_str(&place.to_string());
            }
            text.push(' ');
        }
        text
    }
}

/// A term in the sum of its row. Where it stands: its place as a file's index splits it, and of those that have none the place among
/// them, counted down from -1.
pub(super) fn sum(term: &str, place: i64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (term, place).hash(&mut hasher);
    hasher.finish()
}

/// What is asked of terms.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wanted {
    Term(String),
    /// A term that begins so.
    Beginning(String),
    /// One behind the other; the last may be the beginning of one.
    Phrase(Vec<String>, bool),
    /// Of nothing, all.
    All(Vec<Wanted>),
    /// Of nothing, none.
    Any(Vec<Wanted>),
    /// The first, and not the second.
    Without(Box<Wanted>, Box<Wanted>),
}

/// What no text has: a term without a word.
const NEVER: &str = "0";

impl Wanted {
    pub(super) fn spelled(self) -> Spelled {
        Spelled(Box::new(self))
    }

    fn join(parts: &[Self], by: &str, spell: impl Fn(&Self) -> String) -> String {
        match parts {
            [] => format!("\"{NEVER}\""),
            [one] => spell(one),
            parts => {
                let parts: Vec<String> = parts.iter().map(spell).collect();
                format!("({})", parts.join(by))
            }
        }
    }
}

impl Spelling for Wanted {
    /// A query of FTS5.
    fn of_file(&self) -> String {
        match self {
            Self::Term(term) => format!("\"{term}\""),
            Self::Beginning(term) => format!("\"{term}\" *"),
            Self::Phrase(terms, is_open) => {
                format!(
                    "terms : \"{}\"{}",
                    terms.join(" "),
                    if *is_open { " *" } else { "" }
                )
            }
            Self::All(parts) => Self::join(parts, " AND ", Self::of_file),
            Self::Any(parts) => Self::join(parts, " OR ", Self::of_file),
            Self::Without(one, other) => format!("({}) NOT ({})", one.of_file(), other.of_file()),
        }
    }

    /// A `tsquery`.
    fn of_server(&self) -> String {
        match self {
            Self::Term(term) => format!("'{term}'"),
            Self::Beginning(term) => format!("'{term}':*"),
            Self::Phrase(terms, is_open) => {
                let terms: Vec<String> = terms.iter().map(|term| format!("'{term}'")).collect();
                format!("({}{})", terms.join(" <-> "), if *is_open { ":*" } else { "" })
            }
            Self::All(parts) if parts.is_empty() => format!("'{NEVER}'"),
            Self::Any(parts) if parts.is_empty() => format!("'{NEVER}'"),
            Self::All(parts) => Self::join(parts, " & ", Self::of_server),
            Self::Any(parts) => Self::join(parts, " | ", Self::of_server),
            Self::Without(one, other) => format!("({}) & !({})", one.of_server(), other.of_server()),
        }
    }
}

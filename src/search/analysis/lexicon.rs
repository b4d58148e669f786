//! What no rule knows of words, read from the shipped data once: stop words, what finds what, and the names of the reference participants.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use serde::Deserialize;

use super::{
    STEM_MARK, arabic,
    number::{Decimal, NumberWord},
    scan::{Kind, Raw, Scanner},
};

const STOP_WORDS: &str = include_str!("../../../data/stop-words.csv");
const EQUIVALENTS: &str = include_str!("../../../data/equivalents.csv");
const PARTICIPANTS: &str = include_str!("../../../data/participants.json");

/// A shorter word is no reason to take a letter off what stands before it.
const SHORTEST_LISTED: usize = 3;

/// Names are glued by old archives; a shorter row of letters may be a word of its own.
const SHORTEST_GLUED: usize = 7;

/// No name's longer part is looked for where words are glued.
const MOST_GLUED: usize = 6;

pub(super) static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::read);

/// What is written together with a sum before it, folded. Apart from the lexicon, as that is read by who asks for it.
static CURRENCIES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let rows = rows(EQUIVALENTS).filter(|row| row.first() == Some(&"currency"));
    let words = rows
        .filter_map(|row| row.get(2).copied())
        .flat_map(str::split_whitespace);
    words.map(str::to_ascii_lowercase).collect()
});

/// How long they are.
const LETTERS_OF_A_CURRENCY: usize = 3;

pub(super) fn is_currency(folded: &str) -> bool {
    folded.len() == LETTERS_OF_A_CURRENCY && CURRENCIES.contains(folded)
}

/// All words in it are folded.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    stops: HashSet<String>,
    /// To the stem of a set of equivalents, by each of its forms.
    equivalents: HashMap<String, String>,
    numbers: HashMap<String, NumberWord>,
    scales: HashMap<String, Scale>,
    sums: HashMap<String, Decimal>,
    /// The words of Arabic names and equivalents: before these, and in none of them, one letter is a word of its own.
    listed: HashSet<String>,
    /// Names of one word in Latin letters: what looks like their ending is none.
    names: HashSet<String>,
    /// Codes, names and aliases as [`whole`](super::whole) writes them.
    wholes: HashSet<String>,
    /// How long each word is of a name, or of a part of one, by all of them together.
    glued: HashMap<String, Vec<usize>>,
    longest_glued: usize,
}

/// What a number before it is multiplied by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    pub value: u64,
    pub way: Way,
    /// By itself it is once that much.
    pub is_one: bool,
}

/// How a scale is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Word,
    Sign,
    /// Only right behind its number.
    End,
}

#[derive(Deserialize)]
struct Participant {
    code: String,
    kind: String,
    names: HashMap<String, String>,
    #[serde(default)]
    former_names: Vec<FormerName>,
    #[serde(default)]
    aliases: Vec<String>,
}

impl Participant {
    fn is_state(&self) -> bool {
        self.kind == "state"
    }
}

#[derive(Deserialize)]
struct FormerName {
    names: HashMap<String, String>,
}

/// The codes of the reference participants, and what each is and was called.
pub(super) fn called() -> impl Iterator<Item = (String, Vec<String>)> {
    let participants: Vec<Participant> = serde_json::from_str(PARTICIPANTS).unwrap_or_default();
    participants.into_iter().map(|it| {
        let former = it.former_names.into_iter().map(|it| it.names);
        let names = std::iter::once(it.names).chain(former);
        let names = names.flat_map(HashMap::into_values).chain(it.aliases);
        (it.code, names.collect())
    })
}

impl Lexicon {
    fn read() -> Self {
        let mut lexicon = Self::default();
        for row in rows(STOP_WORDS) {
            if let [_, words] = row.as_slice() {
                lexicon
                    .stops
                    .extend(Scanner::new(words).map(|raw| stop_form(&raw)));
            }
        }
        // A file of ours that cannot be read leaves a poorer search and no register that cannot start; a test reads them.
        let participants: Vec<Participant> = serde_json::from_str(PARTICIPANTS).unwrap_or_default();
        for participant in &participants {
            lexicon.wholes.insert(participant.code.to_lowercase());
            let former = participant.former_names.iter().map(|it| &it.names);
            for names in std::iter::once(&participant.names).chain(former) {
                for name in names.values() {
                    lexicon.name(name, participant.is_state());
                }
            }
            for alias in &participant.aliases {
                lexicon.name(alias, participant.is_state());
            }
        }
        for row in rows(EQUIVALENTS) {
            if let [kind, value, forms] = row.as_slice() {
                lexicon.equivalents(kind, value.parse().unwrap_or(0), forms);
            }
        }
        lexicon
    }

    fn name(&mut self, name: &str, is_of_state: bool) {
        let raws: Vec<Raw> = Scanner::new(name).collect();
        let words: Vec<&str> = raws.iter().map(|raw| raw.folded.as_str()).collect();
        self.wholes.insert(words.join(" "));
        if let [raw] = raws.as_slice()
            && raw.kind == Kind::Letters
        {
            self.names.insert(raw.folded.clone());
        }
        for (place, raw) in raws.iter().enumerate() {
            if raw.kind != Kind::Arabic {
                continue;
            }
            match arabic::bare_in_name(&raw.folded, is_of_state).filter(|_| place > 0) {
                Some(bare) => self.list(bare, false),
                None => self.list(&raw.folded, has_article(name, raw)),
            }
        }
        // What was written with a hyphen is often written as one word, and as two.
        for from in 0..raws.len() {
            for to in from + 2..=raws.len().min(from + MOST_GLUED) {
                self.glue(&raws[from..to]);
            }
        }
    }

    fn glue(&mut self, raws: &[Raw]) {
        let lengths: Vec<usize> = raws.iter().map(|raw| raw.folded.chars().count()).collect();
        let length = lengths.iter().sum();
        let same_script =
            |raw: &Raw| matches!(raw.kind, Kind::Arabic | Kind::Letters) && raw.kind == raws[0].kind;
        let ends = [raws.first(), raws.last()];
        if length < SHORTEST_GLUED
            || lengths.iter().any(|it| *it < SHORTEST_LISTED)
            || !raws.iter().all(same_script)
            || ends.iter().flatten().any(|raw| self.is_stop(raw))
        {
            return;
        }
        let together: String = raws.iter().map(|raw| raw.folded.as_str()).collect();
        self.longest_glued = self.longest_glued.max(length);
        self.glued.insert(together, lengths);
    }

    fn list(&mut self, word: &str, has_article: bool) {
        let bare = has_article.then(|| arabic::without_article(word));
        for form in std::iter::once(word).chain(bare) {
            if form.chars().count() >= SHORTEST_LISTED {
                self.listed.insert(form.to_owned());
            }
        }
    }

    fn equivalents(&mut self, kind: &str, value: u64, forms: &str) {
        let mut key = None;
        for raw in Scanner::new(forms) {
            let base = raw.folded.clone();
            let is_arabic = raw.kind == Kind::Arabic;
            if is_arabic {
                self.list(&base, false);
            }
            let number = |alone| NumberWord {
                value,
                alone,
                joined: false,
                arabic: is_arabic,
            };
            let scale = |way| Scale {
                value,
                way,
                is_one: false,
            };
            match kind {
                "spelling" | "person" | "place" => self.equal(&mut key, base),
                "number" => {
                    self.numbers.insert(base, number(true));
                }
                "number-part" => {
                    self.numbers.insert(base, number(false));
                }
                "scale" => {
                    self.scales.insert(base.clone(), scale(Way::Word));
                    self.equal(&mut key, base);
                }
                "scale-sign" => {
                    self.scales.insert(base, scale(Way::Sign));
                }
                "scale-end" => {
                    self.scales.insert(base, scale(Way::End));
                }
                "scale-one" => {
                    if let Some(scale) = self.scales.get_mut(&base) {
                        scale.is_one = true;
                    }
                }
                "sum" => {
                    self.sums.insert(base, Decimal::of(value));
                }
                // "whole": it is listed, and that is all. "currency": see [`CURRENCIES`].
                _ => {}
            }
        }
    }

    /// One more form of a set, of which the first names it.
    fn equal(&mut self, key: &mut Option<String>, form: String) {
        let key = key.get_or_insert_with(|| format!("{STEM_MARK}{form}"));
        self.equivalents.entry(form).or_insert_with(|| key.clone());
    }

    pub fn is_stop(&self, raw: &Raw) -> bool {
        if raw.kind == Kind::Elided {
            return true;
        }
        let form = stop_form(raw);
        let is_listed = |form: &str| {
            self.stops.contains(form) || (raw.ends_in_maqsura && self.stops.contains(&raw.folded))
        };
        is_listed(&form)
            || (raw.kind == Kind::Arabic
                && form
                    .strip_prefix('و')
                    .is_some_and(|rest| self.stops.contains(rest)))
    }

    pub fn equivalent(&self, form: &str) -> Option<&str> {
        self.equivalents.get(form).map(String::as_str)
    }

    /// Whether more is known of a form than that it is one word.
    pub fn has_entry(&self, form: &str) -> bool {
        self.equivalents.contains_key(form)
            || self.numbers.contains_key(form)
            || self.scales.contains_key(form)
            || self.sums.contains_key(form)
    }

    pub fn number(&self, form: &str) -> Option<NumberWord> {
        self.numbers.get(form).copied()
    }

    pub fn scale(&self, form: &str) -> Option<Scale> {
        self.scales.get(form).copied()
    }

    pub fn sum(&self, form: &str) -> Option<Decimal> {
        self.sums.get(form).copied()
    }

    pub fn is_listed(&self, form: &str) -> bool {
        self.listed.contains(form)
    }

    pub fn is_name(&self, form: &str) -> bool {
        self.names.contains(form)
    }

    pub fn is_whole(&self, whole: &str) -> bool {
        self.wholes.contains(whole)
    }

    /// Where a word is the words of a name without the spaces between them, how many letters each has.
    pub fn glued(&self, word: &str, letters: usize) -> Option<&[usize]> {
        if letters < SHORTEST_GLUED || letters > self.longest_glued {
            return None;
        }
        self.glued.get(word).map(Vec::as_slice)
    }
}

/// A word as stop words are told apart: folded, but for an alef maqsura at its end, without which على would be the name علي.
fn stop_form(raw: &Raw) -> String {
    match raw.folded.strip_suffix('ي') {
        Some(stem) if raw.ends_in_maqsura => format!("{stem}ى"),
        _ => raw.folded.clone(),
    }
}

/// Whether it is the article that a word of a text begins with, and not the أل of ألبانيا, which is folded to the same letters.
fn has_article(text: &str, raw: &Raw) -> bool {
    raw.kind == Kind::Arabic && text[raw.bytes.0..].starts_with("ال")
}

/// The cells of a file of ours: no quotes, comments from a `#` on, and the first line names the columns.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .map(|line| line.split(',').collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_files_are_read_whole() {
        for row in rows(STOP_WORDS) {
            assert_eq!(row.len(), 2, "{row:?}");
        }
        assert!(
            serde_json::from_str::<Vec<Participant>>(PARTICIPANTS)
                .unwrap()
                .len()
                > 250
        );
        for row in rows(EQUIVALENTS) {
            let [kind, value, _] = row[..] else {
                panic!("{row:?}")
            };
            let has_value = kind.starts_with("number") || kind.starts_with("scale") || kind == "sum";
            assert_eq!(value.parse::<u64>().is_ok(), has_value, "{row:?}");
            assert!(
                has_value || ["spelling", "person", "place", "currency", "whole"].contains(&kind),
                "{row:?}"
            );
        }
        assert!(LEXICON.is_listed("كويت"));
        assert!(LEXICON.is_name("kuwait"));
        assert!(LEXICON.is_whole("united states"));
    }

    #[test]
    fn no_form_belongs_to_two_sets() {
        let mut seen = HashMap::new();
        for row in rows(EQUIVALENTS) {
            if matches!(row[0], "scale-one" | "whole") {
                continue;
            }
            for raw in Scanner::new(row[2]) {
                if let Some(other) = seen.insert(raw.folded.clone(), row[2]) {
                    assert_eq!(other, row[2], "{}", raw.folded);
                }
            }
        }
    }

    #[test]
    fn no_name_and_no_acronym_is_a_stop_word() {
        let participants: Vec<Participant> = serde_json::from_str(PARTICIPANTS).unwrap();
        for participant in participants {
            for name in participant.names.values().chain(&participant.aliases) {
                let raws: Vec<Raw> = Scanner::new(name).collect();
                if let [raw] = raws.as_slice() {
                    assert!(!LEXICON.is_stop(raw), "{name}");
                }
            }
        }
    }
}

//! Stems of English and French, of a word alone: nothing says which of the two it is, so it gets those of both.

use std::borrow::Cow;

use frostem::{Algorithm, Stemmer};

use super::{STEM_MARK, fold::Folding, lexicon::Lexicon};

/// Longer words are none of a language that is stemmed.
const LONGEST_STEMMED: usize = 32;

/// Shorter ones have no ending to lose.
const SHORTEST_STEMMED: usize = 3;

/// French takes endings off that English has as parts of its words: `stat` of `statement`. So short a rest is no stem.
const SHORTEST_FRENCH: usize = 4;

/// The stem of phrases, which is English's, and others, which are French.
///
/// English's leaves French plurals and feminines as it should, and knows of no accent, so that it is the same however a French
/// word is typed; what else French inflects is found by the others.
pub(super) fn stems(folded: &str, accented: Option<&str>, lexicon: &Lexicon) -> (String, Vec<String>) {
    if let Some(key) = lexicon.equivalent(folded) {
        return (key.to_owned(), Vec::new());
    }
    let is_word = folded.bytes().all(|byte| byte.is_ascii_lowercase());
    if !is_word
        || folded.len() < SHORTEST_STEMMED
        || folded.len() > LONGEST_STEMMED
        || lexicon.is_name(folded)
    {
        return (marked(folded), Vec::new());
    }
    let english = Stemmer::new(Algorithm::English);
    let stem = english.stem(&american(folded)).into_owned();
    if let Some(key) = lexicon.equivalent(&stem) {
        return (key.to_owned(), Vec::new());
    }
    let mut alternates = Vec::new();
    let french = Stemmer::new(Algorithm::French);
    let mut add = |stem: &str| {
        let stem = marked(&plain(stem));
        if stem.len() > SHORTEST_FRENCH && !alternates.contains(&stem) {
            alternates.push(stem);
        }
    };
    if let Some(accented) = accented {
        add(&french.stem(accented));
    }
    if !looks_english(folded) {
        add(&french.stem(folded));
    }
    let stem = marked(&stem);
    alternates.retain(|it| *it != stem);
    (stem, alternates)
}

fn marked(stem: &str) -> String {
    format!("{STEM_MARK}{stem}")
}

/// `stabilisation` as `stabilization`: both are written, in one and the same organisation too.
fn american(word: &str) -> Cow<'_, str> {
    const ENDINGS: &[&str] = &[
        "isation", "isations", "ise", "ised", "ises", "iser", "isers", "ising",
    ];
    let Some(ending) = ENDINGS.iter().find(|ending| word.ends_with(*ending)) else {
        return Cow::Borrowed(word);
    };
    let stem = &word[..word.len() - ending.len()];
    if stem.len() < 4 {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("{stem}iz{}", &ending[2..]))
}

/// The French stemmer's letters as they are folded. It writes some of a word's vowels in capitals while it works.
fn plain(stem: &str) -> Cow<'_, str> {
    if stem.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Cow::Borrowed(stem);
    }
    let mut folding = Folding::default();
    for letter in stem.chars() {
        folding.push(letter);
    }
    Cow::Owned(folding.finish().0)
}

/// Whether no French word is spelled so, or its French stem would join it to words that are far from it.
fn looks_english(word: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "ing", "ed", "ly", "y", "ness", "ship", "ment", "ments", "ence", "ences", "ance", "ances", "er",
        "ers", "or", "ai", "ait", "i", "as", "a", "o", "us",
    ];
    const WITHIN: &[&str] = &["k", "w", "sh", "th", "gh", "ee", "oo"];
    ENDINGS.iter().any(|ending| word.ends_with(ending)) || WITHIN.iter().any(|part| word.contains(part))
}

#[cfg(test)]
mod tests {
    use super::{super::lexicon::LEXICON, *};

    fn finds(one: &str, other: &str) -> bool {
        let of = |word: &str| {
            let mut folding = Folding::default();
            for letter in word.chars() {
                folding.push(letter);
            }
            let (folded, accented) = folding.finish();
            let (stem, alternates) = stems(&folded, accented.as_deref(), &LEXICON);
            [vec![stem], alternates].concat()
        };
        let others = of(other);
        of(one).iter().any(|stem| others.contains(stem))
    }

    #[test]
    fn forms_of_a_word_find_each_other() {
        for (one, other) in [
            ("pledges", "pledged"),
            ("pledge", "pledging"),
            ("commitment", "commitments"),
            ("stabilisation", "stabilization"),
            ("organised", "organizing"),
            ("engagement", "engagements"),
            ("engagés", "engager"),
            ("engagée", "engagé"),
            ("engagee", "engagée"),
            ("réfugiés", "refugie"),
            ("nationaux", "national"),
            ("développement", "developpement"),
            ("financé", "financent"),
            ("promesses", "promesse"),
            ("américaine", "américain"),
        ] {
            assert!(finds(one, other), "{one} {other}");
        }
    }

    #[test]
    fn words_that_are_far_from_each_other_do_not() {
        for (one, other) in [
            ("state", "statement"),
            ("mali", "mal"),
            ("minister", "ministry"),
            ("order", "ordeal"),
        ] {
            assert!(!finds(one, other), "{one} {other}");
        }
    }
}

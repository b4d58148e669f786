//! The catalogue of errors: every `code` that the register answers with, also those of single faults, and what it says to
//! people in each language. Answers take their titles and mends from here, and so do the pages.
//!
//! `tests/layers.rs` holds it against the codes in the sources, and every story that meets an error
//! against what was answered.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::values::Language;

/// What one code means.
#[derive(Debug, Deserialize)]
pub struct Problem {
    pub code: String,
    /// The statuses that it comes with.
    pub statuses: Vec<u16>,
    #[serde(flatten)]
    wording: Translated<Wording>,
    /// What is said in its place of a key that opens nothing, where one came.
    wrong_key: Option<Translated<Brief>>,
    pub example: Example,
}

/// The same in every language.
#[derive(Debug, Deserialize)]
struct Translated<T> {
    en: T,
    ar: T,
    fr: T,
}

impl<T> Translated<T> {
    fn of(&self, language: Language) -> &T {
        match language {
            Language::En => &self.en,
            Language::Ar => &self.ar,
            Language::Fr => &self.fr,
        }
    }
}

/// What answers say.
#[derive(Debug, Deserialize)]
pub struct Brief {
    pub title: String,
    pub mend: String,
}

/// What a page says beside it. What stands between backticks is code.
#[derive(Debug, Deserialize)]
pub struct Wording {
    #[serde(flatten)]
    pub brief: Brief,
    pub meaning: String,
}

/// What an answer in which it stands says of its request alone; all else of one is made as of any (`web::problem::example`).
#[derive(Debug, Deserialize)]
pub struct Example {
    pub detail: String,
    /// Where a fault is, when the answer names one.
    pub pointer: Option<String>,
    /// The fault's code, when this is the code of the whole answer.
    pub fault: Option<String>,
    /// What that fault says, where it says neither what the answer does nor what its own example has.
    pub fault_detail: Option<String>,
    /// The code of the whole answer, when this is a fault's.
    pub of: Option<String>,
    /// What of the sentence is data: all that would be taken, all that there is, the bound, and the record that stands in the way or is meant.
    #[serde(default)]
    pub allowed: Vec<String>,
    #[serde(default)]
    pub known: Vec<String>,
    pub limit: Option<Value>,
    pub record: Option<String>,
}

static CATALOGUE: LazyLock<Vec<Problem>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("problems.json")).unwrap_or_else(|error| {
        tracing::error!(%error, "the catalogue of errors cannot be read");
        Vec::new()
    })
});

/// Every one, those of whole answers before those of single faults.
#[must_use]
pub fn all() -> &'static [Problem] {
    &CATALOGUE
}

#[must_use]
pub fn find(code: &str) -> Option<&'static Problem> {
    all().iter().find(|problem| problem.code == code)
}

impl Problem {
    #[must_use]
    pub fn wording(&self, language: Language) -> &Wording {
        self.wording.of(language)
    }

    /// What answers say where a key came and opens nothing.
    #[must_use]
    pub fn of_wrong_key(&self, language: Language) -> Option<&Brief> {
        Some(self.wrong_key.as_ref()?.of(language))
    }

    /// Whether it stands in `errors[].code` rather than in `code`.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.example.of.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_in_every_language() {
        assert!(all().len() > 60);
        for problem in all() {
            assert!(!problem.statuses.is_empty(), "{}", problem.code);
            for language in Language::ALL {
                let Wording { brief, meaning } = problem.wording(language);
                let Brief { title, mend } = brief;
                let of_wrong_key = problem.of_wrong_key(language);
                let titles = [Some(title), of_wrong_key.map(|it| &it.title)];
                let mends = [Some(mend), of_wrong_key.map(|it| &it.mend)];
                assert!(titles[0] != titles[1], "{}", problem.code);
                let all = titles.into_iter().chain(mends).flatten().chain([meaning]);
                for text in all {
                    assert!(!text.is_empty(), "{}", problem.code);
                    // Code is opened and closed.
                    assert!(text.matches('`').count() % 2 == 0, "{text}");
                    let arabic = text.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c));
                    assert_eq!(arabic, language == Language::Ar, "{text}");
                }
                for sentence in mends.into_iter().flatten().chain([meaning]) {
                    assert!(sentence.ends_with('.'), "{sentence}");
                }
            }
        }
    }

    #[test]
    fn every_code_stands_once() {
        for problem in all() {
            let same = all().iter().filter(|other| other.code == problem.code).count();
            assert_eq!(same, 1, "{}", problem.code);
        }
    }
}

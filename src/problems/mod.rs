//! The catalogue of errors: every `code` that the register answers with, also those of single faults, and what it says to
//! people in each language. Answers take their titles and mends from here, and so do the pages.
//!
//! `tests/layers.rs` holds it against the codes in the sources, and every story that meets an error
//! against what was answered.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

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
    example: Example,
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

#[derive(Debug, Deserialize)]
struct Example {
    detail: String,
    /// Where a fault is, when the answer names one.
    pointer: Option<String>,
    /// The fault's code, when this is the code of the whole answer.
    fault: Option<String>,
    /// The code of the whole answer, when this is a fault's.
    of: Option<String>,
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

    /// An answer's body in which it stands.
    #[must_use]
    pub fn example(&self) -> Value {
        let Example {
            detail,
            pointer,
            fault,
            of,
        } = &self.example;
        let whole = of.as_deref().and_then(find).unwrap_or(self);
        // Of one fault the answer says no more than the fault; a conflict says its own.
        let whole_detail = if whole.statuses.contains(&409) {
            &whole.example.detail
        } else {
            detail
        };
        let brief = &whole.wording.en.brief;
        let mut body = json!({
            "type": format!("/problems/{}", whole.code),
            "title": brief.title,
            "status": whole.statuses.first(),
            "detail": whole_detail,
            "mend": brief.mend,
            "code": whole.code,
            "request_id": "019c8a3e-7b1f-7c22-9d35-2f6f1f0c5a11",
        });
        if let Some(pointer) = pointer {
            let fault = fault.as_deref().and_then(find).unwrap_or(self);
            let brief = &fault.wording.en.brief;
            body["errors"] = json!([{
                "pointer": pointer,
                "code": fault.code,
                "title": brief.title,
                "detail": detail,
                "mend": brief.mend,
            }]);
        }
        body
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
    fn every_code_stands_once_and_in_its_own_example() {
        for problem in all() {
            let same = all().iter().filter(|other| other.code == problem.code).count();
            assert_eq!(same, 1, "{}", problem.code);
            let body = problem.example();
            let named = if problem.is_fault() {
                &body["errors"][0]["code"]
            } else {
                &body["code"]
            };
            assert_eq!(*named, problem.code, "{body}");
            let status = body["status"].as_u64().unwrap();
            assert!(
                problem.statuses.iter().any(|it| u64::from(*it) == status),
                "{body}"
            );
            if let Some(fault) = body["errors"][0]["code"].as_str() {
                assert!(find(fault).is_some(), "{fault}");
            }
        }
    }
}

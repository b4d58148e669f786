//! Names in several languages, and which of them a reader sees.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FromValue, nfc, no_nul, vocabulary, without_ends};
use crate::error::{Detail, Faults};

vocabulary! {
    /// The languages in which the register answers.
    Language { Ar = "ar", En = "en", Fr = "fr" }
}

impl Language {
    pub const ALL: [Self; 3] = [Self::Ar, Self::En, Self::Fr];
}

/// Longest name or title, in code points.
const LONGEST: usize = 500;

/// Longest wording in one language, in code points.
const LONGEST_WORDING: usize = 10_000;

/// In how many languages one name is kept, and the longest tag.
const MOST: usize = 100;
const LONGEST_TAG: usize = 35;

/// Language tag → text; at least one language, no blank text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LangMap(BTreeMap<String, String>);

impl utoipa::PartialSchema for LangMap {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        Self::schema_up_to(LONGEST)
    }
}

impl LangMap {
    /// How a map of texts of this length stands in the contract.
    fn schema_up_to(longest: usize) -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::{ObjectBuilder, schema::Type};
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(longest));
        let tag = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$"));
        ObjectBuilder::new()
            .description(Some(
                "The same in several languages: BCP 47 tag → text. At least one.",
            ))
            .additional_properties(Some(text))
            .property_names(Some(tag))
            .min_properties(Some(1))
            .examples([serde_json::json!({"en": "Kuwait", "ar": "الكويت", "fr": "Koweït"})])
            .into()
    }
}

impl utoipa::ToSchema for LangMap {
    fn name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("LanguageMap")
    }
}

impl LangMap {
    /// The text in the reader's language, else English, else any.
    #[must_use]
    pub fn resolve(&self, language: Language) -> &str {
        self.0
            .get(language.as_str())
            .or_else(|| self.0.get("en"))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }

    /// The text in each language, in the order of their tags.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }
}

impl FromValue for LangMap {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        Self::read(value, at, faults, LONGEST)
    }
}

impl LangMap {
    /// Reads one whose texts have at most so many code points each.
    fn read(value: &Value, at: &str, faults: &mut Faults, longest: usize) -> Option<Self> {
        let Some(map) = value.as_object() else {
            let sentence = "must be an object of language tags and texts, such as {\"en\": \"Kuwait\", \"ar\": \"الكويت\"}";
            faults.add(at, "type", Detail::of(sentence).allowing(["object"]));
            return None;
        };
        if map.is_empty() {
            faults.add(
                at,
                "required",
                "needs at least one language, such as {\"en\": \"Kuwait\"}",
            );
        }
        if map.len() > MOST {
            faults.add(
                at,
                "length",
                Detail::of(format!("has {} languages; at most {MOST} are kept", map.len())).limited(MOST),
            );
            return None;
        }
        let before = faults.count();
        let mut texts = BTreeMap::new();
        for (tag, text) in map {
            let here = format!("{at}/{}", super::escape(tag));
            if !is_language_tag(tag) {
                faults.add(
                    &here,
                    "language",
                    "is no BCP 47 language tag; write en, ar, fr, zh-Hans, …",
                );
                continue;
            }
            match text.as_str() {
                None => faults.add(&here, "type", Detail::of("must be a string").allowing(["string"])),
                Some(text) => match readable(text, longest) {
                    Ok(text) => {
                        texts.insert(tag.clone(), text);
                    }
                    Err(detail) => faults.add(&here, "text", detail),
                },
            }
        }
        (faults.count() == before && !texts.is_empty()).then_some(Self(texts))
    }
}

fn readable(text: &str, longest: usize) -> Result<String, Detail> {
    no_nul(text)?;
    if without_ends(text).is_empty() {
        return Err("must not be blank; leave it out instead".into());
    }
    let text = nfc(text);
    if text.chars().count() > longest {
        return Err(Detail::of(format!("must be at most {longest} characters")).limited(longest));
    }
    Ok(without_ends(&text).to_owned())
}

/// What somebody says: in one language that is not named, or in several that are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Wording {
    Plain(String),
    Translated(LangMap),
}

impl FromValue for Wording {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        let Some(text) = value.as_str() else {
            return LangMap::read(value, at, faults, LONGEST_WORDING).map(Self::Translated);
        };
        readable(text, LONGEST_WORDING)
            .map_err(|detail| faults.add(at, "text", detail))
            .ok()
            .map(Self::Plain)
    }
}

impl utoipa::PartialSchema for Wording {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::{ObjectBuilder, OneOfBuilder, schema::Type};
        let plain = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(LONGEST_WORDING));
        OneOfBuilder::new()
            .description(Some("A text, or the same in several languages."))
            .item(plain)
            .item(LangMap::schema_up_to(LONGEST_WORDING))
            .into()
    }
}

impl utoipa::ToSchema for Wording {
    fn name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("Wording")
    }
}

/// The shape of a BCP 47 tag: a language of two or three letters, then subtags.
#[must_use]
pub fn is_language_tag(tag: &str) -> bool {
    if tag.len() > LONGEST_TAG {
        return false;
    }
    let mut parts = tag.split('-');
    parts.next().is_some_and(|language| {
        (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase())
    }) && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_is_resolved_as_asked_else_english_else_any() {
        let mut faults = Faults::default();
        let names =
            LangMap::from_value(&json!({"ar": "الكويت", "en": "Kuwait"}), "/names", &mut faults).unwrap();
        assert_eq!(names.resolve(Language::Ar), "الكويت");
        assert_eq!(names.resolve(Language::Fr), "Kuwait");
        let only = LangMap::from_value(&json!({"ar": "الكويت"}), "/names", &mut faults).unwrap();
        assert_eq!(only.resolve(Language::En), "الكويت");
    }

    #[test]
    fn every_fault_of_a_map_is_named() {
        let mut faults = Faults::default();
        assert!(
            LangMap::from_value(&json!({"EN": "x", "fr": " ", "ar": 1}), "/names", &mut faults).is_none()
        );
        assert_eq!(faults.count(), 3);
    }
}

//! Articles: the sources. What an article's body says is what citations quote.

pub mod http;
mod record;
pub mod sql;

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::Result,
    records::{self, counts::Cited},
    resources::Resource,
    values::{PartialDate, Timestamp, is_language_tag, parse, vocabulary},
    web::InputSchema,
};

vocabulary! {
    Kind as "ArticleKind" {
        News = "news",
        Communique = "communique",
        PressRelease = "press_release",
        Speech = "speech",
        Report = "report",
        Dataset = "dataset",
        Other = "other",
    }
}

/// Longest body, in code points.
const LONGEST_BODY: usize = 1_000_000;
const LONGEST_TITLE: usize = 1_000;
const LONGEST_PUBLISHER: usize = 300;
const LONGEST_URL: usize = 2_000;
/// How much of a body lists show, in code points.
const EXCERPT: usize = 240;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ArticleRecord)]
pub struct Article {
    pub id: Uuid,
    #[schema(min_length = 1, max_length = 300)]
    pub publisher: String,
    /// The language of its text: a BCP 47 tag.
    #[schema(min_length = 2, max_length = 35, example = "ar")]
    pub language: String,
    #[schema(min_length = 1, max_length = 1000)]
    pub title: String,
    pub kind: Kind,
    /// Where it was published on the web.
    #[schema(format = "uri", max_length = 2000, example = "https://example.org/kuwait")]
    pub url: Option<String>,
    pub published_on: Option<PartialDate>,
    /// Its text, which citations quote: at most 1,000,000 characters.
    #[schema(min_length = 1, max_length = 1_000_000)]
    pub body: Option<String>,
    /// SHA-256 of the body as stored (UTF-8, NFC), in hexadecimal.
    pub body_sha256: Option<String>,
    /// Goes up by one with every change.
    pub version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub updated_at: Timestamp,
    #[serde(skip)]
    #[schema(ignore)]
    counts: Cited,
}

/// An article as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Article)]
pub struct View<'a> {
    #[serde(flatten)]
    article: &'a Article,
    /// How much there is of what belongs to it: what is cited from it.
    counts: Cited,
}

/// An article as it stands in a list: the beginning of its body.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ArticleEntry)]
pub struct Entry {
    pub id: Uuid,
    #[schema(min_length = 1, max_length = 300)]
    pub publisher: String,
    /// The language of its text: a BCP 47 tag.
    #[schema(min_length = 2, max_length = 35, example = "ar")]
    pub language: String,
    #[schema(min_length = 1, max_length = 1000)]
    pub title: String,
    pub kind: Kind,
    /// Where it was published on the web.
    #[schema(format = "uri", max_length = 2000, example = "https://example.org/kuwait")]
    pub url: Option<String>,
    pub published_on: Option<PartialDate>,
    /// The beginning of its body.
    pub excerpt: Option<String>,
    pub body_sha256: Option<String>,
    /// Goes up by one with every change.
    pub version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub updated_at: Timestamp,
    /// How much there is of what belongs to it: what is cited from it.
    counts: Cited,
}

/// What a caller says of an article.
#[derive(Clone)]
pub struct Draft {
    publisher: String,
    language: String,
    title: String,
    kind: Kind,
    url: Option<String>,
    published_on: Option<PartialDate>,
    body: Option<String>,
}

impl records::Draft for Draft {
    fn input() -> InputSchema {
        InputSchema {
            name: "NewArticle",
            fields: Resource::Articles.fields(),
            required: &["publisher", "language", "title", "kind"],
            input_only: Vec::new(),
            example: json!({
                "publisher": "Example Gazette", "language": "en", "kind": "news", "published_on": "2026-03-02",
                "title": "Donors meet in Basra", "body": "The United States pledged USD 20 million for water.",
            }),
        }
    }

    fn another() -> Value {
        json!({
            "publisher": "Example Gazette", "language": "en", "kind": "communique", "published_on": "2026-03-02",
            "title": "What was agreed in Basra", "body": "Those who met agreed to meet again in a year.",
        })
    }

    fn patch() -> Value {
        json!({ "title": "The coalition's ministers in Kuwait City" })
    }

    fn parse(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            let publisher = fields.required_text("publisher", LONGEST_PUBLISHER);
            let language = fields.required_text("language", 35);
            let title = fields.required_text("title", LONGEST_TITLE);
            let kind = fields.required("kind");
            let url = fields.text("url", LONGEST_URL);
            let published_on = fields.optional("published_on");
            let body = fields.verbatim("body", LONGEST_BODY);
            if language.as_deref().is_some_and(|tag| !is_language_tag(tag)) {
                fields.fault(
                    "language",
                    "language",
                    "is no BCP 47 language tag; write ar, en, fr, …",
                );
            }
            if url.as_deref().is_some_and(|url| !is_web_address(url)) {
                fields.fault(
                    "url",
                    "url",
                    "must be a web address that begins with https:// or http:// and holds no spaces",
                );
            }
            Some(Self {
                publisher: publisher?,
                language: language?,
                title: title?,
                kind: kind?,
                url,
                published_on,
                body,
            })
        })
    }
}

fn is_web_address(url: &str) -> bool {
    url.strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn hex(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            for nibble in [byte >> 4, byte & 0xf] {
                hex.extend(char::from_digit(nibble.into(), 16));
            }
            hex
        })
}

/// The same for two copies of a text that differ in their white space alone.
fn folded(body: &str) -> String {
    hex(&body.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn excerpt(body: &str) -> String {
    let mut words = String::new();
    for word in body.split_whitespace() {
        if words.chars().count() + word.chars().count() >= EXCERPT {
            if words.is_empty() {
                words.extend(word.chars().take(EXCERPT));
            }
            words.push('…');
            break;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words
}

/// The code points [start, end) of a text, where it has them.
#[must_use]
pub fn slice(text: &str, start: i64, end: i64) -> Option<&str> {
    let (start, length) = (
        usize::try_from(start).ok()?,
        usize::try_from(end.checked_sub(start)?).ok()?,
    );
    let mut offsets = text.char_indices().map(|(offset, _)| offset).chain([text.len()]);
    let from = offsets.nth(start)?;
    let to = if length == 0 {
        from
    } else {
        offsets.nth(length - 1)?
    };
    text.get(from..to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_code_points() {
        assert_eq!(slice("تعهد 200 مليون", 5, 8), Some("200"));
        assert_eq!(slice("a😀b", 1, 2), Some("😀"));
        assert_eq!(slice("abc", 0, 3), Some("abc"));
        assert_eq!(slice("abc", 3, 3), Some(""));
        assert_eq!(slice("abc", 1, 4), None);
        assert_eq!(slice("abc", 2, 1), None);
        assert_eq!(slice("abc", -1, 1), None);
    }

    #[test]
    fn copies_that_differ_in_white_space_fold_alike() {
        assert_eq!(folded("a  b\n c"), folded(" a b c "));
        assert_ne!(folded("a b"), folded("ab"));
    }

    #[test]
    fn an_excerpt_ends_at_a_word() {
        assert_eq!(excerpt("one two"), "one two");
        let long = excerpt(&"word ".repeat(100));
        assert!(long.ends_with('…') && long.chars().count() <= EXCERPT + 1);
    }
}

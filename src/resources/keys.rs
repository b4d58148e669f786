//! People's keys: a participant's code, and the slug of a coalition, meeting or scale.

use std::{borrow::Cow, fmt, str::FromStr};

use utoipa::ToSchema;

use super::examples;
use crate::{
    error::Detail,
    values::{FromText, described, stored_as_text},
    web::{KeyShape, PathKey, Vocabulary, WRITTEN_AS},
};

/// The word that stands where a key does in the path of many creates at once.
const RESERVED: &str = "batch";

fn is_reserved(text: &str) -> bool {
    text.eq_ignore_ascii_case(RESERVED)
}

/// A participant's code: `[A-Z0-9][A-Z0-9_-]{1,19}`; any case in, upper case out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(String);

/// A coalition's, meeting's or scale's slug: `[a-z0-9][a-z0-9-]{0,79}`; any case in, lower case out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(String);

impl FromStr for Code {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let upper = text.to_ascii_uppercase();
        let mut bytes = upper.bytes();
        let first = bytes
            .next()
            .is_some_and(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let rest = bytes.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
        if first && rest && (2..=20).contains(&upper.len()) {
            Ok(Self(upper))
        } else {
            Err("must be 2 to 20 of A-Z, 0-9, _ and -, the first a letter or digit (an ISO 3166-1 alpha-3 code such as USA, or an acronym such as UNDP)".into())
        }
    }
}

impl FromStr for Slug {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase();
        let mut bytes = lower.bytes();
        let first = bytes
            .next()
            .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let rest = bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        // An id is looked up as one: a slug of that shape could never be found by itself.
        let is_id = text.len() == 36 && uuid::Uuid::try_parse(text).is_ok();
        if first && rest && lower.len() <= 80 && !is_id {
            Ok(Self(lower))
        } else {
            Err("must be 1 to 80 of a-z, 0-9 and -, the first a letter or digit, and no id (such as kicri-2018)".into())
        }
    }
}

macro_rules! key {
    ($type:ident) => {
        impl $type {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        stored_as_text!($type);
        // What is stored already is read as it is; only a new key may not be a reserved word.
        impl FromText for $type {
            fn described() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                <Self as utoipa::PartialSchema>::schema()
            }
            fn from_text(text: &str) -> Result<Self, Detail> {
                if is_reserved(text) {
                    return Err(format!(
                        "{text:?} is the last word of a path of the register, where many records are created at once; choose another key"
                    )
                    .into());
                }
                text.parse::<Self>().map_err(Into::into)
            }

            fn is_reserved(text: &str) -> bool {
                is_reserved(text)
            }
        }
    };
}
key!(Code);
key!(Slug);

impl utoipa::PartialSchema for Code {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let wider = [(WRITTEN_AS, ParticipantKey::name())];
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some(
                "A participant's code: an ISO 3166-1 alpha-3 code or an acronym. Any case in, upper case out.",
            ))
            .pattern(Some("^[A-Za-z0-9][A-Za-z0-9_-]{1,19}$"))
            .examples(["USA"])
            .extensions(Some(wider.into_iter().collect()))
            .into()
    }
}

impl ToSchema for Code {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ParticipantCode")
    }
}

/// How a participant is referred to: by its code or by its id.
pub struct ParticipantKey;

described!(
    ParticipantKey,
    "ParticipantKey",
    "A participant's code (any case) or its id.",
    "^[A-Za-z0-9][A-Za-z0-9_-]{1,35}$",
    "USA"
);
described!(
    Slug,
    "Slug",
    "The key of a coalition, a meeting or a scale, for life. Any case in, lower case out.",
    "^[A-Za-z0-9][A-Za-z0-9-]{0,79}$",
    "global-coalition-kuwait-2018"
);

/// How the contract shows keys where they stand in paths.
pub const IN_PATHS: Vocabulary = Vocabulary {
    keys: &[
        PathKey {
            place: "{participant}",
            ..IN_PATH_OF_PARTICIPANT
        },
        IN_PATH_OF_PARTICIPANT,
        PathKey {
            place: "coalitions",
            ..IN_PATH_WITH_A_SLUG
        },
        PathKey {
            place: "meetings",
            ..IN_PATH_WITH_A_SLUG
        },
        PathKey {
            place: "scales",
            ..IN_PATH_WITH_A_SLUG
        },
        PathKey {
            place: "articles",
            ..IN_PATH_BY_ID
        },
        PathKey {
            place: "pledges",
            ..IN_PATH_BY_ID
        },
        PathKey {
            place: "events",
            ..IN_PATH_BY_ID
        },
        PathKey {
            place: "assessments",
            ..IN_PATH_BY_ID
        },
        PathKey {
            place: "citations",
            ..IN_PATH_BY_ID
        },
    ],
    addresses: examples::addresses,
    members: examples::members,
    ..Vocabulary::NONE
};

const IN_PATH_OF_PARTICIPANT: PathKey = PathKey {
    place: "participants",
    text: "A participant's code (any case) or its id.",
    shape: KeyShape::of::<ParticipantKey>(),
    moved: Some("The participant was merged into another; `Location` is where it lives now."),
};

const IN_PATH_WITH_A_SLUG: PathKey = PathKey {
    place: "",
    text: "A slug (any case), or an id.",
    shape: KeyShape::of::<Slug>(),
    moved: None,
};

const IN_PATH_BY_ID: PathKey = PathKey {
    place: "",
    text: "An id.",
    shape: KeyShape::Id,
    moved: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_in_any_case_and_go_out_in_upper_case() {
        assert_eq!("usa".parse::<Code>().unwrap().as_str(), "USA");
        assert_eq!("eu".parse::<Code>().unwrap().as_str(), "EU");
        for bad in ["", "A", "-AB", "U A", "ABCDEFGHIJKLMNOPQRSTU", "ÅLA"] {
            assert!(bad.parse::<Code>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_word_of_a_path_is_no_key() {
        for (text, reserved) in [("BATCH", true), ("Batch", true), ("A", false)] {
            assert!(Code::from_text(text).is_err(), "{text}");
            assert_eq!(<Code as FromText>::is_reserved(text), reserved);
        }
        assert!(Slug::from_text("batch").is_err());
        assert!(Slug::from_text("batch-1").is_ok());
        assert!("batch".parse::<Slug>().is_ok(), "one that is stored is read");
    }

    #[test]
    fn slugs_come_in_any_case_and_go_out_in_lower_case() {
        assert_eq!(
            "Global-Coalition-Kuwait-2018".parse::<Slug>().unwrap().as_str(),
            "global-coalition-kuwait-2018"
        );
        for bad in [
            "",
            "-a",
            "a b",
            "a/b",
            "مؤتمر",
            "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b",
        ] {
            assert!(bad.parse::<Slug>().is_err(), "{bad}");
        }
    }
}

//! Values: one that exists is valid (parse, don't validate).
//!
//! Each type reads itself from a JSON value or a query parameter and says what
//! is wrong in a sentence; each that is stored stores itself as text, and each
//! describes itself to the contract (`described!`).

mod clock;
mod currency;
mod date;
mod fields;
mod language;
mod money;
mod text;
mod viewpoint;

use std::{fmt::Display, str::FromStr};

pub use clock::{Clock, FixedIds, secret};
pub use currency::Currency;
pub use date::PartialDate;
pub use fields::{Fields, FromText, FromValue, escape, parse};
pub use language::{LangMap, Language, Wording, is_language_tag};
pub use money::{Amount, LARGEST_UNITS, decimal};
pub use text::{SECRET_PREFIX, has_secret, is_hidden, nfc, no_nul, without_ends, without_secrets};
pub use viewpoint::Viewpoint;

/// A moment: UTC, to the microsecond, which both databases keep.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// A value that is text wherever it is kept: as its `Display` writes it and its `FromStr` reads it.
pub trait StoredAsText:
    Display + FromStr<Err: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + Sync
{
}

/// Stores a type as text, in the database and in JSON.
macro_rules! stored_as_text {
    ($type:ty) => {
        impl $crate::values::StoredAsText for $type {}

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> std::result::Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                <$type as std::str::FromStr>::from_str(&text).map_err(serde::de::Error::custom)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}
pub(crate) use stored_as_text;

/// How a type that is written as a string stands in the contract: its name there, what it
/// is, the pattern that all that is accepted fits, and an example.
macro_rules! described {
    ($type:ty, $name:literal, $text:literal, $pattern:expr, $example:literal) => {
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some($text))
                    .pattern(Some($pattern))
                    .examples([$example])
                    .into()
            }
        }

        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed($name)
            }
        }
    };
}
pub(crate) use described;

/// A closed list of words: an enum that reads itself as one of them in any case, and writes and stores itself in the word's own.
/// `as` is its name in the contract, where that of the type alone would not tell whose it is.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident { $($words:tt)+ }) => {
        $crate::values::vocabulary! { $(#[$meta])* $name as (stringify!($name)) { $($words)+ } }
    };
    ($(#[$meta:meta])* $name:ident as $public:literal { $($words:tt)+ }) => {
        $crate::values::vocabulary! { $(#[$meta])* $name as ($public) { $($words)+ } }
    };
    ($(#[$meta:meta])* $name:ident as ($public:expr) { $($(#[$word_meta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$word_meta])* $variant),+ }

        impl $name {
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> std::result::Result<Self, String> {
                $(if text.eq_ignore_ascii_case($word) {
                    return Ok(Self::$variant);
                })+
                Err(format!("must be one of: {}", Self::WORDS.join(", ")))
            }
        }

        $crate::values::stored_as_text!($name);

        impl $crate::values::FromText for $name {
            fn from_text(text: &str) -> std::result::Result<Self, $crate::error::Detail> {
                text.parse().map_err(|sentence: String| {
                    $crate::error::Detail::of(sentence).allowing(Self::WORDS.iter().copied())
                })
            }
            fn described() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                <Self as utoipa::PartialSchema>::schema()
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some(Self::WORDS.iter().copied()))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed($public)
            }
        }
    };
}
pub(crate) use vocabulary;

/// Reads a type from a JSON string or a query parameter, by its `FromStr`.
macro_rules! from_text {
    ($type:ty) => {
        impl $crate::values::FromText for $type {
            fn from_text(text: &str) -> std::result::Result<Self, $crate::error::Detail> {
                text.parse::<Self>().map_err(Into::into)
            }
            fn described() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                <Self as utoipa::PartialSchema>::schema()
            }
        }
    };
}
pub(crate) use from_text;

/// That the work which `read` does grows as what it reads does: 16 times the input may take 64 times as long, as
/// caches differ; work that is done for each pair would take 256 times as long. Counted is the time that the
/// processor gave to it, which other work on the machine does not lengthen.
#[cfg(test)]
pub(crate) fn assert_in_proportion<T>(size: usize, input: impl Fn(usize) -> T, read: impl Fn(&T)) {
    use rustix::time::{ClockId, clock_gettime};
    let worked = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
    };
    let least = |size: usize| {
        let input = input(size);
        let times = (0..7).map(|_| {
            let begun = worked();
            read(&input);
            worked() - begun
        });
        times.min().unwrap()
    };
    let (one, sixteen) = (least(size), least(16 * size));
    assert!(
        sixteen < 64 * one,
        "{one} ns for {size}, and {sixteen} ns for 16 times as much"
    );
}

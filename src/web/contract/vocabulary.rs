//! What the words of routes mean: the keys in their paths, their parameters, their headers. Each feature says it of its own.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{descriptions, schema};

/// What words mean, wherever they are used. A feature names those that it has.
pub struct Vocabulary {
    /// Query parameters, and what each asks.
    pub parameters: &'static [(&'static str, &'static str)],
    /// The keys in paths.
    pub keys: &'static [PathKey],
    /// Headers of this feature's answers.
    pub headers: &'static [Header],
    /// An example of a header that all answers share.
    pub examples: &'static [(&'static str, &'static str)],
    /// Members of answers that are not always there, as `Type.member`.
    pub sometimes: &'static [&'static str],
    /// Where one of each thing lives, whose keys are shown in paths that go along with it.
    pub addresses: fn() -> Vec<String>,
    /// What is shown of members whose types do not tell it: as `Type.member`, or of any type.
    pub members: fn() -> Vec<(&'static str, Value)>,
}

impl Vocabulary {
    pub const NONE: Self = Self {
        parameters: &[],
        keys: &[],
        headers: &[],
        examples: &[],
        sometimes: &[],
        addresses: Vec::new,
        members: Vec::new,
    };
}

/// A key in a path.
pub struct PathKey {
    /// Its own name, as `{code}`, or the word before it.
    pub place: &'static str,
    pub text: &'static str,
    pub shape: KeyShape,
    /// Why what it names may live elsewhere by now.
    pub moved: Option<&'static str>,
}

pub enum KeyShape {
    /// A type of the contract: its name, and its schema with all that it refers to.
    Type(fn() -> Cow<'static, str>, fn() -> Map<String, Value>),
    /// Any text, such as this.
    Text(&'static str),
    /// An id.
    Id,
}

impl KeyShape {
    #[must_use]
    pub const fn of<T: ToSchema>() -> Self {
        Self::Type(T::name, schema::named::<T>)
    }

    fn schema(&self) -> Value {
        match self {
            Self::Type(name, _) => schema::reference(&name()),
            Self::Text(example) => json!({ "type": "string", "examples": [example] }),
            Self::Id => json!({ "type": "string", "format": "uuid" }),
        }
    }
}

/// A header that requests or answers have.
pub struct Header {
    pub name: &'static str,
    pub asked: bool,
    pub answered: bool,
    pub pattern: Option<&'static str>,
    pub example: &'static str,
    pub text: &'static str,
}

impl Header {
    /// One that requests may have.
    pub(super) const fn asked(
        name: &'static str,
        pattern: Option<&'static str>,
        example: &'static str,
        text: &'static str,
    ) -> Self {
        Self {
            name,
            asked: true,
            answered: false,
            pattern,
            example,
            text,
        }
    }

    /// One that answers may have.
    #[must_use]
    pub const fn answered(name: &'static str, example: &'static str, text: &'static str) -> Self {
        Self {
            name,
            asked: false,
            answered: true,
            pattern: None,
            example,
            text,
        }
    }
}

/// All that was said of words: what all routes have in common, and what features added.
pub(super) struct Vocabularies {
    said: Vec<&'static Vocabulary>,
    addresses: Vec<String>,
    members: BTreeMap<&'static str, Value>,
}

impl Vocabularies {
    pub fn new(of_features: Vec<&'static Vocabulary>) -> Self {
        let said: Vec<&Vocabulary> = std::iter::once(&descriptions::COMMON)
            .chain(of_features)
            .collect();
        Self {
            addresses: said.iter().flat_map(|it| (it.addresses)()).collect(),
            members: said.iter().flat_map(|it| (it.members)()).collect(),
            said,
        }
    }

    fn all<T: 'static>(
        &self,
        of: impl Fn(&'static Vocabulary) -> &'static [T],
    ) -> impl Iterator<Item = &'static T> {
        self.said.iter().flat_map(move |it| of(it))
    }

    /// What a parameter asks; nothing where nobody says it, which a test finds.
    pub fn parameter(&self, name: &str) -> &'static str {
        let mut said = self.all(|it| it.parameters);
        said.find(|(known, _)| *known == name)
            .map_or("", |(_, text)| text)
    }

    pub fn headers(&self) -> impl Iterator<Item = &'static Header> {
        self.all(|it| it.headers)
    }

    pub fn example(&self, header: &Header) -> &'static str {
        let mut said = self.all(|it| it.examples);
        said.find(|(known, _)| *known == header.name)
            .map_or(header.example, |(_, example)| example)
    }

    /// The schemas that keys in paths refer to.
    pub fn schemas_of_keys(&self) -> Map<String, Value> {
        let mut schemas = Map::new();
        for key in self.all(|it| it.keys) {
            if let KeyShape::Type(_, of_type) = key.shape {
                schemas.extend(of_type());
            }
        }
        schemas
    }

    /// A path's keys, in their order: of whom each is, its name or the word before it tells.
    pub fn keys_of(&self, path: &str) -> Vec<(&'static PathKey, Value)> {
        let mut before = "";
        let mut keys = Vec::new();
        let mut shown = self.shown(path).into_iter();
        for segment in path.split('/') {
            if let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                let key = |place: &str| self.all(|it| it.keys).find(|key| key.place == place);
                let key = key(segment)
                    .or_else(|| key(before))
                    .unwrap_or(&descriptions::UNEXPLAINED);
                let mut parameter = json!({ "name": name, "in": "path", "required": true, "description": key.text, "schema": key.shape.schema() });
                if let Some(shown) = shown.next() {
                    parameter["example"] = shown.into();
                }
                keys.push((key, parameter));
            } else {
                before = segment;
            }
        }
        keys
    }

    /// What is shown in the places of a path's keys: those of the address that goes the farthest along with it, the first of several.
    fn shown(&self, path: &str) -> Vec<&str> {
        let mut farthest = (0, Vec::new());
        for address in &self.addresses {
            let along = path.split('/').zip(address.split('/'));
            let along: Vec<_> = along
                .take_while(|(place, here)| place.starts_with('{') || place == here)
                .collect();
            if along.len() > farthest.0 {
                let keys = along.iter().filter(|(place, _)| place.starts_with('{'));
                farthest = (along.len(), keys.map(|(_, here)| *here).collect());
            }
        }
        farthest.1
    }

    /// What is shown of a type's member.
    pub fn member(&self, of: &str, member: &str) -> Option<&Value> {
        let whole = self.members.get(format!("{of}.{member}").as_str());
        whole.or_else(|| self.members.get(member))
    }

    /// Why what a path names may live elsewhere.
    pub fn moved(&self) -> Option<&'static str> {
        self.all(|it| it.keys).find_map(|key| key.moved)
    }

    /// Whether a type's member is not always there.
    pub fn is_sometimes(&self, name: &str, member: &str) -> bool {
        self.all(|it| it.sometimes)
            .any(|it| it.split_once('.') == Some((name, member)))
    }
}

//! Reading a body field by field, so that all its faults are named at once.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, SubsecRound, Timelike};
use serde_json::{Map, Value};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};

use super::{Timestamp, nfc, no_nul, without_ends};
use crate::error::{Detail, Error, Faults, Result};

/// A value that reads itself from JSON, or says why it cannot.
pub trait FromValue: Sized {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self>;
}

/// A value that reads itself from text: a JSON string, or a query parameter.
/// The error is the rest of a sentence: "must be …".
pub trait FromText: Sized {
    fn from_text(text: &str) -> Result<Self, Detail>;
    /// As a query parameter, in the contract.
    fn described() -> RefOr<Schema>;

    /// Whether a text is refused because the paths need it themselves.
    #[must_use]
    fn is_reserved(_: &str) -> bool {
        false
    }
}

impl<T: FromText> FromValue for T {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        let Some(text) = value.as_str() else {
            faults.add(at, "type", kind("a string", "string"));
            return None;
        };
        match T::from_text(text) {
            Ok(value) => return Some(value),
            Err(detail) if T::is_reserved(text) => faults.add(at, "reserved", detail),
            Err(detail) => faults.add_said(at, "value", detail, text),
        }
        None
    }
}

impl FromText for uuid::Uuid {
    fn from_text(text: &str) -> Result<Self, Detail> {
        // Only the one spelling in which ids are given out, so that an id compares as text.
        text.parse()
            .ok()
            .filter(|_| text.len() == 36)
            .ok_or_else(|| "must be an id such as 019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b".into())
    }
    fn described() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
            .into()
    }
}

impl FromText for Timestamp {
    fn from_text(text: &str) -> Result<Self, Detail> {
        let moment = DateTime::parse_from_rfc3339(text)
            .map(|moment| moment.to_utc())
            .ok()
            // Beyond these, times that are kept as text no longer sort as they follow each other.
            .filter(|moment| (1..=9999).contains(&moment.year()))
            .ok_or("must be a moment with its offset, such as 2027-01-01T00:00:00Z")?;
        no_leap_second(&moment)?;
        Ok(moment.trunc_subsecs(6))
    }
    fn described() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

/// A leap second is one moment to one database, and another to the other; so none is kept.
fn no_leap_second(moment: &Timestamp) -> Result<(), String> {
    if moment.nanosecond() < 1_000_000_000 {
        return Ok(());
    }
    Err("lies in a leap second (:60), which is not kept; send the second before or after it".into())
}

impl FromText for String {
    fn from_text(text: &str) -> Result<Self, Detail> {
        no_nul(text)?;
        let text = without_ends(text);
        if text.is_empty() {
            return Err("must not be empty".into());
        }
        Ok(nfc(text).into_owned())
    }
    fn described() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .into()
    }
}

impl FromValue for bool {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        if value.as_bool().is_none() {
            faults.add(at, "type", kind("true or false", "boolean"));
        }
        value.as_bool()
    }
}

impl FromValue for i64 {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        if value.as_i64().is_none() {
            faults.add(at, "type", kind("a whole number", "integer"));
        }
        value.as_i64()
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        let Some(items) = value.as_array() else {
            faults.add(at, "type", kind("an array", "array"));
            return None;
        };
        let read: Vec<T> = items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| T::from_value(item, &format!("{at}/{index}"), faults))
            .collect();
        (read.len() == items.len()).then_some(read)
    }
}

/// That something else than this kind of JSON value stands there: as a sentence names it, and JSON Schema.
fn kind(named: &str, schema: &'static str) -> Detail {
    Detail::of(format!("must be {named}")).allowing([schema])
}

/// One segment of a JSON Pointer (RFC 6901).
#[must_use]
pub fn escape(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}

/// Reads a body that is one object; all its faults at once.
pub fn parse<T>(body: &Value, read: impl FnOnce(&mut Fields) -> Option<T>) -> Result<T> {
    let mut faults = Faults::default();
    let read = Fields::of(body, "", &mut faults).and_then(|mut fields| {
        let value = read(&mut fields);
        fields.done();
        value
    });
    faults.or_invalid()?;
    read.ok_or_else(|| Error::internal("a body without faults was not read"))
}

/// An object being read. Every field that is asked for is known; what is left
/// over at [`Fields::done`] is refused by name.
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    at: String,
    known: Vec<&'static str>,
    passed_over: &'static [&'static str],
    pub faults: &'a mut Faults,
}

impl<'a> Fields<'a> {
    pub fn new(map: &'a Map<String, Value>, at: impl Into<String>, faults: &'a mut Faults) -> Self {
        Self {
            map,
            at: at.into(),
            known: Vec::new(),
            passed_over: &[],
            faults,
        }
    }

    /// Reads an object at `at`, or faults when it is none.
    pub fn of(value: &'a Value, at: &str, faults: &'a mut Faults) -> Option<Self> {
        let Some(map) = value.as_object() else {
            faults.add(at, "type", kind("an object", "object"));
            return None;
        };
        Some(Self::new(map, at, faults))
    }

    #[must_use]
    pub fn pointer(&self, name: &str) -> String {
        format!("{}/{}", self.at, escape(name))
    }

    pub fn fault(&mut self, name: &str, code: &'static str, detail: impl Into<Detail>) {
        let pointer = self.pointer(name);
        self.faults.add(pointer, code, detail);
    }

    /// The field as it came; absent and null are the same: nothing said.
    pub fn raw(&mut self, name: &'static str) -> Option<&'a Value> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub fn optional<T: FromValue>(&mut self, name: &'static str) -> Option<T> {
        let value = self.raw(name)?;
        let pointer = self.pointer(name);
        T::from_value(value, &pointer, self.faults)
    }

    pub fn required<T: FromValue>(&mut self, name: &'static str) -> Option<T> {
        self.need(name).then(|| self.optional(name)).flatten()
    }

    /// An array of at most `most` values.
    pub fn list<T: FromValue>(&mut self, name: &'static str, most: usize) -> Option<Vec<T>> {
        let count = self.raw(name)?.as_array().map_or(0, Vec::len);
        if count > most {
            self.fault(
                name,
                "length",
                Detail::of(format!("has {count} entries; at most {most} are kept")).limited(most),
            );
            return None;
        }
        self.optional(name)
    }

    /// Text of at most `longest` code points, in NFC and without its ends (which count towards its length as it is sent).
    pub fn text(&mut self, name: &'static str, longest: usize) -> Option<String> {
        self.text_of(name, longest, without_ends)
    }

    /// Text in which places are counted: in NFC, otherwise as it is sent.
    pub fn verbatim(&mut self, name: &'static str, longest: usize) -> Option<String> {
        self.text_of(name, longest, |text| text)
    }

    fn text_of(&mut self, name: &'static str, longest: usize, kept: impl Fn(&str) -> &str) -> Option<String> {
        let value = self.raw(name)?;
        let pointer = self.pointer(name);
        let Some(text) = value.as_str() else {
            self.faults.add(pointer, "type", kind("a string", "string"));
            return None;
        };
        if let Err(detail) = no_nul(text) {
            self.faults.add(pointer, "text", detail);
        } else if kept(text).trim().is_empty() {
            self.faults.add(
                pointer,
                "text",
                "must not be blank; send null where there is nothing to say",
            );
        } else {
            let text = nfc(text);
            let length = text.chars().count();
            if length <= longest {
                return Some(kept(&text).to_owned());
            }
            self.faults.add(
                pointer,
                "text",
                Detail::of(format!("has {length} characters; at most {longest} are kept")).limited(longest),
            );
        }
        None
    }

    pub fn required_text(&mut self, name: &'static str, longest: usize) -> Option<String> {
        self.need(name).then(|| self.text(name, longest)).flatten()
    }

    fn need(&mut self, name: &'static str) -> bool {
        let given = self.raw(name).is_some();
        if !given {
            self.fault(name, "required", "is required");
        }
        given
    }

    /// Members that may be there, and are not looked at.
    pub fn pass_over(&mut self, names: &'static [&'static str]) {
        self.passed_over = names;
    }

    /// Refuses what nobody asked for.
    pub fn done(self) {
        // How many are known the program says, how many come the caller: the list is made once.
        let known: HashSet<_> = self.known.iter().chain(self.passed_over).copied().collect();
        let listed = self.known.join(", ");
        for name in self.map.keys().filter(|name| !known.contains(name.as_str())) {
            self.faults.add_with("unknown_field", || {
                (
                    format!("{}/{}", self.at, escape(name)),
                    Detail::of(format!(
                        "is no field here that can be written; these can: {listed}"
                    ))
                    .knowing(self.known.iter().copied()),
                )
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::assert_in_proportion;

    #[test]
    fn many_unknown_fields_cost_their_number() {
        let body = |fields: usize| {
            let members = (0..fields).map(|number| (format!("f{number}"), Value::Null));
            Value::Object(members.collect())
        };
        assert_in_proportion(2_000, body, |body| {
            let refused = parse(body, |fields| {
                fields.optional::<String>("name").or(Some(String::new()))
            });
            let Err(Error::Invalid(faults)) = refused else {
                panic!("an unknown field was read")
            };
            assert_eq!(faults.count(), body.as_object().unwrap().len());
            assert_eq!(faults.reported()[0].pointer, "/f0");
            assert_eq!(
                faults.reported()[0].detail.sentence,
                "is no field here that can be written; these can: name"
            );
            assert_eq!(faults.reported()[0].detail.known, ["name"]);
        });
    }
}

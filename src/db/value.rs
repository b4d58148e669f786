//! How values are stored: each type says it once, for parameters and for columns, in words of both engines.

use std::error::Error;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rusqlite::types::{Value as Stored, ValueRef as StoredRef};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as JsonValue};
use sqlx::{
    Arguments, Decode, Encode, Postgres, Type, TypeInfo, ValueRef,
    postgres::{PgArguments, PgValueRef},
    types::Json,
};
use uuid::Uuid;

use crate::values::{LangMap, StoredAsText, Timestamp};

pub type BoxError = Box<dyn Error + Send + Sync>;

/// What a column can hold. An `Option` is one that may be null.
pub trait Value: Sized + Send + Sync {
    /// Writes a parameter. Null has a type too, so nothing is written by the type whose absence it is.
    fn write(value: Option<&Self>, into: &mut Parameters<'_>) -> Result<(), BoxError>;
    fn read(cell: Cell<'_>) -> Result<Self, BoxError>;
}

/// Stores types as the drivers do: here is all that a driver must know.
macro_rules! stored_as_it_is {
    ($($type:ty),+ $(,)?) => {$(
        impl Value for $type {
            fn write(value: Option<&Self>, into: &mut Parameters<'_>) -> Result<(), BoxError> {
                into.add(value)
            }
            fn read(cell: Cell<'_>) -> Result<Self, BoxError> {
                cell.decode()
            }
        }
    )+};
}
stored_as_it_is!(bool, i64, String, Vec<u8>, Uuid, NaiveDate, Timestamp);

impl<T: StoredAsText> Value for T {
    fn write(value: Option<&Self>, into: &mut Parameters<'_>) -> Result<(), BoxError> {
        into.add(value.map(T::to_string).as_ref())
    }
    fn read(cell: Cell<'_>) -> Result<Self, BoxError> {
        cell.decode::<&str>()?.parse().map_err(Into::into)
    }
}

/// Stores types as JSON: text on SQLite, `jsonb` on Postgres.
macro_rules! stored_as_json {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::db::Value for $type {
            fn write(
                value: Option<&Self>,
                into: &mut $crate::db::Parameters<'_>,
            ) -> std::result::Result<(), $crate::db::BoxError> {
                into.json(value)
            }
            fn read(cell: $crate::db::Cell<'_>) -> std::result::Result<Self, $crate::db::BoxError> {
                cell.json()
            }
        }
    )+};
}
pub(crate) use stored_as_json;

stored_as_json!(LangMap, Map<String, JsonValue>, Vec<String>);

impl<T: Value> Value for Option<T> {
    fn write(value: Option<&Self>, into: &mut Parameters<'_>) -> Result<(), BoxError> {
        T::write(value.and_then(Option::as_ref), into)
    }
    fn read(cell: Cell<'_>) -> Result<Self, BoxError> {
        if cell.is_null() {
            Ok(None)
        } else {
            T::read(cell).map(Some)
        }
    }
}

/// A parameter of a statement, whatever its type.
pub trait Arg: Send + Sync {
    fn write(&self, into: &mut Parameters<'_>) -> Result<(), BoxError>;
}

impl<T: Value> Arg for T {
    fn write(&self, into: &mut Parameters<'_>) -> Result<(), BoxError> {
        T::write(Some(self), into)
    }
}

/// What a file keeps of a type, and makes of it.
trait OnFile<'r>: Sized {
    /// What it is called where something else was kept.
    const NAME: &'static str;

    fn kept(&self) -> Stored;

    /// None where something else is kept.
    fn found(kept: StoredRef<'r>) -> Result<Option<Self>, BoxError>;
}

/// What keeps types as one of SQLite's own, or as its text.
macro_rules! on_file {
    ($($type:ty, $name:literal, $self:ident => $kept:expr, $variant:ident($found:ident) => $read:expr;)+) => {$(
        impl<'r> OnFile<'r> for $type {
            const NAME: &'static str = $name;

            fn kept(&self) -> Stored {
                let $self = self;
                $kept.into()
            }
            fn found(kept: StoredRef<'r>) -> Result<Option<Self>, BoxError> {
                match kept {
                    StoredRef::$variant($found) => Ok(Some($read)),
                    _ => Ok(None),
                }
            }
        }
    )+};
}
on_file! {
    bool, "BOOLEAN", it => *it, Integer(it) => it != 0;
    i64, "INTEGER", it => *it, Integer(it) => it;
    &'r str, "TEXT", it => (*it).to_owned(), Text(it) => str::from_utf8(it)?;
    String, "TEXT", it => it.clone(), Text(it) => str::from_utf8(it)?.to_owned();
    Vec<u8>, "BLOB", it => it.clone(), Blob(it) => it.to_owned();
    Uuid, "UUID", it => it.as_bytes().to_vec(), Blob(it) => Uuid::from_slice(it)?;
    NaiveDate, "DATE", it => it.to_string(), Text(it) => str::from_utf8(it)?.parse()?;
    Timestamp, "DATETIME", it => it.to_rfc3339_opts(SecondsFormat::AutoSi, false), Text(it) => {
        DateTime::parse_from_rfc3339(str::from_utf8(it)?)?.with_timezone(&Utc)
    };
}

/// The parameters of a statement, as its engine takes them.
pub struct Parameters<'a>(Taken<'a>);

enum Taken<'a> {
    Sqlite(&'a mut Vec<Stored>),
    Postgres(&'a mut PgArguments),
}

impl Parameters<'_> {
    fn add<'q, T>(&mut self, value: Option<&'q T>) -> Result<(), BoxError>
    where
        T: OnFile<'q> + Encode<'q, Postgres> + Type<Postgres>,
    {
        match &mut self.0 {
            Taken::Sqlite(into) => {
                into.push(value.map_or(Stored::Null, OnFile::kept));
                Ok(())
            }
            Taken::Postgres(into) => Arguments::add(*into, value),
        }
    }

    pub fn json<T: Serialize>(&mut self, value: Option<&T>) -> Result<(), BoxError> {
        match &mut self.0 {
            Taken::Sqlite(into) => {
                let text = value.map(serde_json::to_string).transpose()?;
                into.push(text.map_or(Stored::Null, Stored::Text));
                Ok(())
            }
            Taken::Postgres(into) => Arguments::add(*into, value.map(Json)),
        }
    }
}

impl<'a> From<&'a mut Vec<Stored>> for Parameters<'a> {
    fn from(into: &'a mut Vec<Stored>) -> Self {
        Self(Taken::Sqlite(into))
    }
}

impl<'a> From<&'a mut PgArguments> for Parameters<'a> {
    fn from(into: &'a mut PgArguments) -> Self {
        Self(Taken::Postgres(into))
    }
}

/// A column of a row, as its engine gave it.
pub struct Cell<'r>(Given<'r>);

enum Given<'r> {
    Sqlite(StoredRef<'r>),
    Postgres(PgValueRef<'r>),
}

impl<'r> Cell<'r> {
    fn is_null(&self) -> bool {
        match &self.0 {
            Given::Sqlite(value) => *value == StoredRef::Null,
            Given::Postgres(value) => value.is_null(),
        }
    }

    fn decode<T>(self) -> Result<T, BoxError>
    where
        T: OnFile<'r> + Decode<'r, Postgres> + Type<Postgres>,
    {
        match self.0 {
            Given::Sqlite(value) => of_file(value),
            Given::Postgres(value) => of_server(value),
        }
    }

    pub fn json<T: DeserializeOwned>(self) -> Result<T, BoxError> {
        match self.0 {
            Given::Sqlite(value) => Ok(serde_json::from_str(of_file(value)?)?),
            Given::Postgres(value) => of_server(value).map(|Json(value)| value),
        }
    }
}

fn of_file<'r, T: OnFile<'r>>(value: StoredRef<'r>) -> Result<T, BoxError> {
    if value == StoredRef::Null {
        return Err(NULL.into());
    }
    let another = || {
        format!(
            "a {} is no {}",
            value.data_type().to_string().to_uppercase(),
            T::NAME
        )
        .into()
    };
    T::found(value)?.ok_or_else(another)
}

/// The driver would read a null as zero, or a date as text.
fn of_server<'r, T: Decode<'r, Postgres> + Type<Postgres>>(value: PgValueRef<'r>) -> Result<T, BoxError> {
    if value.is_null() {
        return Err(NULL.into());
    }
    let stored = value.type_info();
    if !T::compatible(&stored) {
        return Err(format!("a {} is no {}", stored.name(), T::type_info().name()).into());
    }
    drop(stored);
    T::decode(value)
}

const NULL: &str = "it is null";

impl<'r> From<StoredRef<'r>> for Cell<'r> {
    fn from(value: StoredRef<'r>) -> Self {
        Self(Given::Sqlite(value))
    }
}

impl<'r> From<PgValueRef<'r>> for Cell<'r> {
    fn from(value: PgValueRef<'r>) -> Self {
        Self(Given::Postgres(value))
    }
}

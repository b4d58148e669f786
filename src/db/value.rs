//! How values are stored: each type says it once, for parameters and for columns, in words of both engines.

use std::error::Error;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rusqlite::{
    ToSql,
    types::{Null, ToSqlOutput, ValueRef as StoredRef},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as JsonValue};
use sqlx::{
    Arguments, Decode, Encode, Postgres, Type, TypeInfo, ValueRef,
    encode::IsNull,
    postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo, PgValueRef},
    types::Json,
};
use uuid::Uuid;

use crate::values::{LangMap, StoredAsText, Timestamp};

pub type BoxError = Box<dyn Error + Send + Sync>;

/// What a column can hold. An `Option` is one that may be null.
pub trait Value: Sized + Send + Sync {
    /// As a parameter. Null has a type too, so nothing is one by the type whose absence it is.
    fn param(value: Option<Self>) -> Param;
    fn read(cell: Cell<'_>) -> Result<Self, BoxError>;
}

/// A parameter of a statement, of a type that both engines know.
#[derive(Debug)]
pub enum Param {
    Bool(Option<bool>),
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Id(Option<Uuid>),
    Date(Option<NaiveDate>),
    Moment(Option<Timestamp>),
    /// Text on SQLite, `jsonb` on Postgres.
    Json(Option<serde_json::Result<String>>),
    /// Text, which each engine has in its own spelling.
    Spelled(Option<Spelled>),
}

/// A text that each engine reads in a spelling of its own: put into words where it is stored.
pub trait Spelling: std::fmt::Debug + Send + Sync {
    fn of_file(&self) -> String;
    fn of_server(&self) -> String;
}

/// One of them, as a parameter. No column holds it as it was.
#[derive(Debug)]
pub struct Spelled(pub Box<dyn Spelling>);

impl Value for Spelled {
    fn param(value: Option<Self>) -> Param {
        Param::Spelled(value)
    }
    fn read(_: Cell<'_>) -> Result<Self, BoxError> {
        Err("what each engine spells in its own way is not read back".into())
    }
}

/// Stores types as the drivers do: here is all that a driver must know.
macro_rules! stored_as_it_is {
    ($($type:ty => $kind:ident),+ $(,)?) => {$(
        impl Value for $type {
            fn param(value: Option<Self>) -> Param {
                Param::$kind(value)
            }
            fn read(cell: Cell<'_>) -> Result<Self, BoxError> {
                cell.decode()
            }
        }
    )+};
}
stored_as_it_is!(
    bool => Bool,
    i64 => Int,
    String => Text,
    Vec<u8> => Bytes,
    Uuid => Id,
    NaiveDate => Date,
    Timestamp => Moment,
);

impl<T: StoredAsText> Value for T {
    fn param(value: Option<Self>) -> Param {
        Param::Text(value.map(|it| it.to_string()))
    }
    fn read(cell: Cell<'_>) -> Result<Self, BoxError> {
        cell.decode::<&str>()?.parse().map_err(Into::into)
    }
}

/// Stores types as JSON: text on SQLite, `jsonb` on Postgres.
macro_rules! stored_as_json {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::db::Value for $type {
            fn param(value: Option<Self>) -> $crate::db::Param {
                $crate::db::Param::Json(value.as_ref().map(serde_json::to_string))
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
    fn param(value: Option<Self>) -> Param {
        T::param(value.flatten())
    }
    fn read(cell: Cell<'_>) -> Result<Self, BoxError> {
        if cell.is_null() {
            Ok(None)
        } else {
            T::read(cell).map(Some)
        }
    }
}

impl ToSql for Param {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Bool(Some(it)) => i64::from(*it).into(),
            Self::Int(Some(it)) => (*it).into(),
            Self::Text(Some(it)) | Self::Json(Some(Ok(it))) => it.as_str().into(),
            Self::Bytes(Some(it)) => it.as_slice().into(),
            Self::Id(Some(it)) => it.as_bytes().as_slice().into(),
            Self::Date(Some(it)) => it.to_string().into(),
            Self::Moment(Some(it)) => it.to_rfc3339_opts(SecondsFormat::AutoSi, false).into(),
            Self::Spelled(Some(it)) => it.0.of_file().into(),
            Self::Json(Some(Err(error))) => {
                return Err(rusqlite::Error::ToSqlConversionFailure(error.to_string().into()));
            }
            _ => Null.into(),
        })
    }
}

impl Param {
    pub(super) fn add_to(&self, args: &mut PgArguments) -> Result<(), BoxError> {
        match self {
            Self::Bool(it) => args.add(it),
            Self::Int(it) => args.add(it),
            Self::Text(it) => args.add(it.as_deref()),
            Self::Bytes(it) => args.add(it.as_deref()),
            Self::Id(it) => args.add(it),
            Self::Date(it) => args.add(it),
            Self::Moment(it) => args.add(it),
            Self::Json(None) => args.add(None::<Written>),
            Self::Json(Some(Ok(it))) => args.add(Written(it)),
            Self::Json(Some(Err(error))) => Err(error.to_string().into()),
            Self::Spelled(it) => args.add(it.as_ref().map(|it| it.0.of_server())),
        }
    }
}

/// JSON that is written already.
struct Written<'a>(&'a str);

impl Type<Postgres> for Written<'_> {
    fn type_info() -> PgTypeInfo {
        <Json<JsonValue> as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Written<'_> {
    fn encode_by_ref(&self, into: &mut PgArgumentBuffer) -> Result<IsNull, BoxError> {
        // The version of `jsonb`, then its text.
        into.push(1);
        into.extend(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

/// What is made of what a file keeps of a type.
trait OnFile<'r>: Sized {
    /// What it is called where something else was kept.
    const NAME: &'static str;

    /// None where something else is kept.
    fn found(kept: StoredRef<'r>) -> Result<Option<Self>, BoxError>;
}

/// What keeps types as one of SQLite's own, or as its text.
macro_rules! on_file {
    ($($type:ty, $name:literal, $variant:ident($found:ident) => $read:expr;)+) => {$(
        impl<'r> OnFile<'r> for $type {
            const NAME: &'static str = $name;

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
    bool, "BOOLEAN", Integer(it) => it != 0;
    i64, "INTEGER", Integer(it) => it;
    &'r str, "TEXT", Text(it) => str::from_utf8(it)?;
    String, "TEXT", Text(it) => str::from_utf8(it)?.to_owned();
    Vec<u8>, "BLOB", Blob(it) => it.to_owned();
    Uuid, "UUID", Blob(it) => Uuid::from_slice(it)?;
    NaiveDate, "DATE", Text(it) => str::from_utf8(it)?.parse()?;
    Timestamp, "DATETIME", Text(it) => DateTime::parse_from_rfc3339(str::from_utf8(it)?)?.with_timezone(&Utc);
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

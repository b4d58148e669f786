//! How values are stored: each type says it once, for parameters and for columns, in words of both engines.

use std::error::Error;

use chrono::NaiveDate;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as JsonValue};
use sqlx::{
    Arguments, Database, Decode, Encode, Postgres, Sqlite, Type, TypeInfo, ValueRef,
    postgres::{PgArguments, PgValueRef},
    sqlite::{SqliteArguments, SqliteValueRef},
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
        into.add(value.map(T::to_string))
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

/// The parameters of a statement, as its engine takes them.
pub struct Parameters<'a>(Taken<'a>);

enum Taken<'a> {
    Sqlite(&'a mut SqliteArguments),
    Postgres(&'a mut PgArguments),
}

impl Parameters<'_> {
    fn add<'q, T>(&mut self, value: Option<T>) -> Result<(), BoxError>
    where
        T: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> + 'q,
    {
        match &mut self.0 {
            Taken::Sqlite(into) => Arguments::add(*into, value),
            Taken::Postgres(into) => Arguments::add(*into, value),
        }
    }

    pub fn json<T: Serialize>(&mut self, value: Option<&T>) -> Result<(), BoxError> {
        self.add(value.map(Json))
    }
}

impl<'a> From<&'a mut SqliteArguments> for Parameters<'a> {
    fn from(into: &'a mut SqliteArguments) -> Self {
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
    Sqlite(SqliteValueRef<'r>),
    Postgres(PgValueRef<'r>),
}

impl<'r> Cell<'r> {
    fn is_null(&self) -> bool {
        match &self.0 {
            Given::Sqlite(value) => value.is_null(),
            Given::Postgres(value) => value.is_null(),
        }
    }

    fn decode<T>(self) -> Result<T, BoxError>
    where
        T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>,
    {
        match self.0 {
            Given::Sqlite(value) => decoded::<Sqlite, T>(value),
            Given::Postgres(value) => decoded::<Postgres, T>(value),
        }
    }

    pub fn json<T: DeserializeOwned>(self) -> Result<T, BoxError> {
        self.decode().map(|Json(value)| value)
    }
}

/// A driver would read a null as zero, or a date as text.
fn decoded<'r, DB: Database, T: Decode<'r, DB> + Type<DB>>(value: DB::ValueRef<'r>) -> Result<T, BoxError> {
    if value.is_null() {
        return Err("it is null".into());
    }
    let stored = value.type_info();
    if !T::compatible(&stored) {
        return Err(format!("a {} is no {}", stored.name(), T::type_info().name()).into());
    }
    drop(stored);
    T::decode(value)
}

impl<'r> From<SqliteValueRef<'r>> for Cell<'r> {
    fn from(value: SqliteValueRef<'r>) -> Self {
        Self(Given::Sqlite(value))
    }
}

impl<'r> From<PgValueRef<'r>> for Cell<'r> {
    fn from(value: PgValueRef<'r>) -> Self {
        Self(Given::Postgres(value))
    }
}

//! A row on its way out: each field by its column's name, a tuple by the columns' order.

use sqlx::{ColumnIndex, Row as _, postgres::PgRow, sqlite::SqliteRow};

use super::{BoxError, Value};

/// What a row is read as: a struct by `row!`, or a tuple.
pub trait Row: Sized + Send + Unpin {
    fn read(row: Fetched<'_>) -> Result<Self, Unreadable>;
}

/// A row, as its engine gave it.
#[derive(Clone, Copy)]
pub struct Fetched<'r>(Given<'r>);

#[derive(Clone, Copy)]
enum Given<'r> {
    Sqlite(&'r SqliteRow),
    Postgres(&'r PgRow),
}

/// A column that does not hold what it should.
#[derive(Debug, thiserror::Error)]
#[error("column {column}: {source}")]
pub struct Unreadable {
    column: String,
    source: BoxError,
}

impl Fetched<'_> {
    /// The value of the column of this name.
    pub fn get<T: Value>(self, column: &str) -> Result<T, Unreadable> {
        self.column(column)
    }

    /// The same of a column that not every statement has.
    pub fn get_if_there<T: Value + Default>(self, column: &str) -> Result<T, Unreadable> {
        let is_there = match self.0 {
            Given::Sqlite(row) => column.index(row).is_ok(),
            Given::Postgres(row) => column.index(row).is_ok(),
        };
        if is_there {
            self.column(column)
        } else {
            Ok(T::default())
        }
    }

    /// The same by a name, or by a place from 0.
    fn column<T, I>(self, index: I) -> Result<T, Unreadable>
    where
        T: Value,
        I: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> + Copy + ToString,
    {
        let cell = match self.0 {
            Given::Sqlite(row) => row.try_get_raw(index).map(Into::into),
            Given::Postgres(row) => row.try_get_raw(index).map(Into::into),
        };
        cell.map_err(Into::into)
            .and_then(T::read)
            .map_err(|source| Unreadable {
                column: index.to_string(),
                source,
            })
    }
}

impl<'r> From<&'r SqliteRow> for Fetched<'r> {
    fn from(row: &'r SqliteRow) -> Self {
        Self(Given::Sqlite(row))
    }
}

impl<'r> From<&'r PgRow> for Fetched<'r> {
    fn from(row: &'r PgRow) -> Self {
        Self(Given::Postgres(row))
    }
}

/// Reads a driver's row, where the driver hands it over.
pub(super) fn read<'r, R: Row>(row: impl Into<Fetched<'r>>) -> Result<R, sqlx::Error> {
    R::read(row.into()).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Puts a struct together from a row, each field from the column of its name; the compiler names a field that was
/// forgotten. After a field that is more than its column: `row` reads a struct of its own from the same row,
/// `if_there` a column that not every statement has, and `later` nothing, as others fill it in.
macro_rules! row {
    (@ $row:ident $field:ident) => { $row.get(stringify!($field))? };
    (@ $row:ident $field:ident row) => { $crate::db::Row::read($row)? };
    (@ $row:ident $field:ident if_there) => { $row.get_if_there(stringify!($field))? };
    (@ $row:ident $field:ident later) => { Default::default() };
    ($type:ty { $($field:ident $(: $how:ident)?),+ $(,)? }) => {
        impl $crate::db::Row for $type {
            fn read(row: $crate::db::Fetched<'_>) -> std::result::Result<Self, $crate::db::Unreadable> {
                Ok(Self { $($field: $crate::db::row!(@row $field $($how)?)),+ })
            }
        }
    };
}
pub(crate) use row;

macro_rules! tuples {
    ($(($($name:ident $place:literal),+))+) => {$(
        impl<$($name: Value + Unpin),+> Row for ($($name,)+) {
            fn read(row: Fetched<'_>) -> Result<Self, Unreadable> {
                Ok(($(row.column::<$name, _>($place)?,)+))
            }
        }
    )+};
}
tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection, SqliteConnection};

    use super::*;

    #[derive(Debug, PartialEq)]
    struct Counted {
        of: Of,
        count: i64,
        share: Option<i64>,
        names: Vec<String>,
    }

    #[derive(Debug, PartialEq)]
    struct Of {
        name: Option<String>,
    }

    row! { Counted { of: row, count, share: if_there, names: later } }
    row! { Of { name } }

    async fn one(text: &'static str) -> SqliteRow {
        let mut conn = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::query(text).fetch_one(&mut conn).await.unwrap()
    }

    #[tokio::test]
    async fn a_struct_is_read_by_names_and_a_tuple_by_places() {
        let row = one("select 2 as count, 'a' as name").await;
        let counted = Counted {
            of: Of {
                name: Some("a".to_owned()),
            },
            count: 2,
            share: None,
            names: Vec::new(),
        };
        assert_eq!(read::<Counted>(&row).unwrap(), counted);
        assert_eq!(read::<(i64, String)>(&row).unwrap(), (2, "a".to_owned()));
    }

    #[tokio::test]
    async fn what_a_column_does_not_hold_is_an_error_that_names_it() {
        let row = one("select null as count, null as name").await;
        assert_eq!(read::<(Option<i64>, Option<String>)>(&row).unwrap(), (None, None));
        let error = |it: Result<Counted, sqlx::Error>| it.unwrap_err().to_string();
        assert!(error(read(&row)).ends_with("column count: it is null"));
        let row = one("select 'two' as count, 'a' as name").await;
        assert!(error(read(&row)).ends_with("column count: a TEXT is no INTEGER"));
        let row = one("select 2 as count").await;
        assert!(error(read(&row)).contains("column name: "));
    }
}

//! A row on its way out: each field by its column's name, a tuple by the columns' order.

use std::cell::{self, RefCell};

use sqlx::{Row as _, postgres::PgRow};

use super::{BoxError, Cell, Value};

/// What a row is read as: a struct by `row!`, or a tuple.
pub trait Row: Sized + Send + Unpin {
    fn read(row: Fetched<'_>) -> Result<Self, Unreadable>;
}

/// A row, as its engine gave it.
#[derive(Clone, Copy)]
pub struct Fetched<'r>(Given<'r>);

#[derive(Clone, Copy)]
enum Given<'r> {
    Sqlite {
        row: &'r rusqlite::Row<'r>,
        places: &'r Places,
    },
    Postgres(&'r PgRow),
}

/// Where the columns stand in the rows of a file. To ask for their names costs more than to read them, and each row is asked
/// for the same ones in the same order: they are looked for in the first row alone.
#[derive(Default)]
pub(super) struct Places {
    found: RefCell<Vec<(&'static str, Option<usize>)>>,
    /// How many the row was asked for.
    asked: cell::Cell<usize>,
}

impl Places {
    fn of(&self, column: &'static str, row: &rusqlite::Row<'_>) -> Option<usize> {
        let asked = self.asked.get();
        self.asked.set(asked + 1);
        let mut found = self.found.borrow_mut();
        if let Some((name, place)) = found.get(asked)
            && std::ptr::eq(*name, column)
        {
            return *place;
        }
        found.truncate(asked);
        let statement: &rusqlite::Statement<'_> = row.as_ref();
        let columns = statement.column_count();
        found.reserve_exact(columns.saturating_sub(asked));
        // Most are asked for in their order.
        let start = found
            .iter()
            .rev()
            .find_map(|(_, place)| *place)
            .map_or(0, |last| last + 1);
        let place = (start..columns)
            .chain(0..start.min(columns))
            .find(|place| statement.column_name(*place).is_ok_and(|name| name == column));
        found.push((column, place));
        place
    }
}

/// A column that does not hold what it should.
#[derive(Debug, thiserror::Error)]
#[error("column {column}: {source}")]
pub struct Unreadable {
    column: String,
    source: BoxError,
}

impl<'r> Fetched<'r> {
    /// A row of a file; `places` are kept from row to row.
    pub(super) fn of_file(row: &'r rusqlite::Row<'r>, places: &'r Places) -> Self {
        places.asked.set(0);
        Self(Given::Sqlite { row, places })
    }

    /// The value of the column of this name.
    pub fn get<T: Value>(self, column: &'static str) -> Result<T, Unreadable> {
        let value = match self.cell(column) {
            Some(cell) => T::read(cell),
            None => Err("there is none of this name".into()),
        };
        value.map_err(|source| Unreadable::new(&column, source))
    }

    /// The same of a column that not every statement has.
    pub fn get_if_there<T: Value + Default>(self, column: &'static str) -> Result<T, Unreadable> {
        let value = self.cell(column).map_or_else(|| Ok(T::default()), T::read);
        value.map_err(|source| Unreadable::new(&column, source))
    }

    /// What three columns tell: the least, the figure itself, and the most.
    pub fn range<N: Value, R: From<[Option<N>; 3]>>(
        self,
        columns: [&'static str; 3],
    ) -> Result<R, Unreadable> {
        let [min, point, max] = columns;
        Ok([self.get(min)?, self.get(point)?, self.get(max)?].into())
    }

    fn cell(self, column: &'static str) -> Option<Cell<'r>> {
        match self.0 {
            Given::Sqlite { row, places } => row.get_ref(places.of(column, row)?).ok().map(Into::into),
            Given::Postgres(row) => row.try_get_raw(column).ok().map(Into::into),
        }
    }

    /// The value of the column at this place, from 0.
    fn at<T: Value>(self, place: usize) -> Result<T, Unreadable> {
        let cell: Result<Cell<'r>, BoxError> = match self.0 {
            Given::Sqlite { row, .. } => row.get_ref(place).map(Into::into).map_err(Into::into),
            Given::Postgres(row) => row.try_get_raw(place).map(Into::into).map_err(Into::into),
        };
        cell.and_then(T::read)
            .map_err(|source| Unreadable::new(&place, source))
    }
}

impl Unreadable {
    fn new(column: &impl ToString, source: BoxError) -> Self {
        let column = column.to_string();
        Self { column, source }
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
/// `if_there` a column that not every statement has, `range` three columns, of which two end in `_min` and `_max`, and
/// `later` nothing, as others fill it in.
macro_rules! row {
    (@ $row:ident $field:ident) => { $row.get(stringify!($field))? };
    (@ $row:ident $field:ident row) => { $crate::db::Row::read($row)? };
    (@ $row:ident $field:ident if_there) => { $row.get_if_there(stringify!($field))? };
    (@ $row:ident $field:ident range) => {
        $row.range([concat!(stringify!($field), "_min"), stringify!($field), concat!(stringify!($field), "_max")])?
    };
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
                Ok(($(row.at::<$name>($place)?,)+))
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
    use rusqlite::Connection;

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

    fn one<R: Row>(text: &str) -> Result<R, sqlx::Error> {
        let connection = Connection::open_in_memory().unwrap();
        let mut statement = connection.prepare(text).unwrap();
        let mut rows = statement.query(()).unwrap();
        let row = rows.next().unwrap().unwrap();
        read(Fetched::of_file(row, &Places::default()))
    }

    #[test]
    fn a_struct_is_read_by_names_and_a_tuple_by_places() {
        let text = "select 2 as count, 'a' as name";
        let counted = Counted {
            of: Of {
                name: Some("a".to_owned()),
            },
            count: 2,
            share: None,
            names: Vec::new(),
        };
        assert_eq!(one::<Counted>(text).unwrap(), counted);
        assert_eq!(one::<(i64, String)>(text).unwrap(), (2, "a".to_owned()));
    }

    #[test]
    fn columns_are_looked_for_in_the_first_row_alone_and_found_in_each() {
        let connection = Connection::open_in_memory().unwrap();
        let text = "select 'a' as name, 1 as count union all select 'b', 2 union all select null, 3";
        let mut statement = connection.prepare(text).unwrap();
        let mut rows = statement.query(()).unwrap();
        let places = Places::default();
        let mut read_as = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let counted: Counted = read(Fetched::of_file(row, &places)).unwrap();
            read_as.push((counted.of.name, counted.count, counted.share));
        }
        let names = [Some("a".to_owned()), Some("b".to_owned()), None];
        let expected: Vec<_> = names
            .into_iter()
            .zip(1..)
            .map(|(name, count)| (name, count, None))
            .collect();
        assert_eq!(read_as, expected);
        // A name for each column, and one that none has.
        assert_eq!(places.found.borrow().len(), 3);
    }

    #[test]
    fn what_a_column_does_not_hold_is_an_error_that_names_it() {
        let nulls = "select null as count, null as name";
        assert_eq!(one::<(Option<i64>, Option<String>)>(nulls).unwrap(), (None, None));
        let error = |text| one::<Counted>(text).unwrap_err().to_string();
        assert!(error(nulls).ends_with("column count: it is null"));
        assert!(error("select 'two' as count, 'a' as name").ends_with("column count: a TEXT is no INTEGER"));
        assert!(error("select 2 as count").contains("column name: "));
    }
}

//! A statement as a value: SQL text that is ours, parameters that are bound.

use std::{borrow::Cow, fmt::Write as _};

use super::{Param, Value};

/// How many rows of so many columns one statement writes: enough that its own cost is small beside theirs, few
/// enough for SQLite's 32,766 parameters and Postgres' 65,535, and to be put together in little memory.
#[must_use]
pub const fn rows_of(columns: usize) -> usize {
    4_000 / columns
}

/// SQL text and its parameters.
///
/// Text can only come from `&'static str`, so what a caller sent can never
/// become SQL; it is spelled once, with `$1 … $n`, and runs on both engines.
pub struct Sql {
    /// Without its rows.
    text: Cow<'static, str>,
    pub(super) args: Vec<Param>,
    /// Whether each parameter stands once and in its order.
    pub(super) in_order: bool,
    rows: Option<Rows>,
}

/// Rows of parameters, the first ones of all.
struct Rows {
    /// Where they stand in the text.
    at: usize,
    columns: usize,
    count: usize,
}

impl Sql {
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            args: Vec::new(),
            in_order: false,
            rows: None,
        }
    }

    /// The value of the next `$n` that already stands in the text.
    #[must_use]
    pub fn bind(mut self, value: impl Value) -> Self {
        self.args.push(Value::param(Some(value)));
        self.in_order = false;
        self
    }

    /// Appends text.
    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Appends a name that the schema gave.
    pub fn push_name(&mut self, name: &super::Name) -> &mut Self {
        let text = self.text.to_mut();
        text.push('"');
        text.push_str(name.as_str());
        text.push('"');
        self
    }

    /// Appends a parameter, as text and as value.
    pub fn push_arg(&mut self, value: impl Value) -> &mut Self {
        self.push_param(Value::param(Some(value)))
    }

    pub(super) fn push_param(&mut self, value: Param) -> &mut Self {
        self.args.push(value);
        // Writing to a string does not fail.
        let _ = write!(self.text.to_mut(), "${}", self.args.len());
        self
    }

    /// Appends `($1, $2, …), ($3, …)`: a row for each item, which `columns` writes. They stand once, before every parameter
    /// else, so that SQLite takes them in their order.
    pub fn push_rows<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        columns: impl Fn(T, &mut Columns),
    ) -> &mut Self {
        debug_assert!(self.args.is_empty(), "rows behind a parameter: {self:?}");
        let mut count = 0;
        for item in items {
            columns(item, &mut Columns(&mut self.args));
            count += 1;
        }
        self.in_order = true;
        self.rows = Some(Rows {
            at: self.text.len(),
            columns: self.args.len() / count.max(1),
            count,
        });
        self
    }

    /// The text for Postgres.
    pub(super) fn server_text(&self) -> String {
        let Some(rows) = &self.rows else {
            return self.text.clone().into_owned();
        };
        let mut text = String::with_capacity(self.text.len() + 8 * rows.count * rows.columns);
        text.push_str(&self.text[..rows.at]);
        for number in 0..rows.count * rows.columns {
            text.push_str(match (number, number % rows.columns) {
                (0, _) => "(",
                (_, 0) => "), (",
                _ => ", ",
            });
            // Writing to a string does not fail.
            let _ = write!(text, "${}", number + 1);
        }
        text.push(')');
        text.push_str(&self.text[rows.at..]);
        text
    }

    /// The text for SQLite, to which `$1` is a name, and `?1` the first parameter. Both are looked up in a list when the
    /// statement is prepared: a thousand of them cost more than the rows that they are of. In order, `?` means the same.
    pub(super) fn sqlite_text(&self) -> Cow<'_, str> {
        match &self.rows {
            Some(rows) => Cow::Owned(self.with_rows(rows, rows.count)),
            None => as_sqlite_has_it(&self.text, self.in_order),
        }
    }

    /// The text for SQLite with one row alone, and how many parameters that takes, where all are of rows: one text to
    /// prepare, however many there are.
    pub(super) fn by_rows(&self) -> Option<(String, usize)> {
        let rows = self.rows.as_ref()?;
        let is_all = rows.columns > 0 && rows.columns * rows.count == self.args.len();
        is_all.then(|| (self.with_rows(rows, 1), rows.columns))
    }

    fn with_rows(&self, rows: &Rows, count: usize) -> String {
        let mut text = String::with_capacity(self.text.len() + (3 * rows.columns + 2) * count);
        text.push_str(&self.text[..rows.at]);
        for number in 0..count * rows.columns {
            text.push_str(match (number, number % rows.columns) {
                (0, _) => "(?",
                (_, 0) => "), (?",
                _ => ", ?",
            });
        }
        text.push(')');
        text.push_str(&as_sqlite_has_it(&self.text[rows.at..], self.in_order));
        text
    }

    /// Appends `($a, $b, …)`. An empty list matches nothing.
    pub fn push_list<T: Value>(&mut self, values: impl IntoIterator<Item = T>) -> &mut Self {
        self.push("(");
        let mut first = true;
        for value in values {
            if !std::mem::take(&mut first) {
                self.push(", ");
            }
            self.push_arg(value);
        }
        if first {
            self.push("null");
        }
        self.push(")")
    }
}

fn as_sqlite_has_it(text: &str, in_order: bool) -> Cow<'_, str> {
    let mut pieces = text.split('$');
    let first = pieces.next().unwrap_or_default();
    if first.len() == text.len() {
        return Cow::Borrowed(first);
    }
    let mut numbered = String::with_capacity(text.len());
    numbered.push_str(first);
    for piece in pieces {
        numbered.push('?');
        numbered.push_str(if in_order {
            piece.trim_start_matches(|c: char| c.is_ascii_digit())
        } else {
            piece
        });
    }
    Cow::Owned(numbered)
}

/// A row of `values`, being written.
pub struct Columns<'a>(&'a mut Vec<Param>);

impl Columns<'_> {
    /// The value of the next column.
    pub fn add(&mut self, value: impl Value) -> &mut Self {
        self.add_param(Value::param(Some(value)))
    }

    pub(super) fn add_param(&mut self, value: Param) -> &mut Self {
        self.0.push(value);
        self
    }
}

impl std::fmt::Debug for Sql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} parameters)", self.text, self.args.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_parameters_in_order() {
        let mut sql = Sql::new("insert into t (a, b) values ");
        sql.push_rows([(1_i64, true), (2, false)], |(a, b), row| {
            row.add(a).add(b);
        });
        sql.push(" on conflict do nothing");
        assert_eq!(
            sql.server_text(),
            "insert into t (a, b) values ($1, $2), ($3, $4) on conflict do nothing"
        );
        assert_eq!(
            sql.sqlite_text(),
            "insert into t (a, b) values (?, ?), (?, ?) on conflict do nothing"
        );
        let (one, columns) = sql.by_rows().expect("rows alone");
        assert_eq!(one, "insert into t (a, b) values (?, ?) on conflict do nothing");
        assert_eq!(columns, 2);
    }

    #[test]
    fn what_stands_behind_rows_is_numbered_on() {
        let mut sql = Sql::new("select a from t where b in (values ");
        sql.push_rows([1_i64, 2], |b, row| {
            row.add(b);
        });
        sql.push(") and c = ").push_arg(true);
        assert_eq!(
            sql.server_text(),
            "select a from t where b in (values ($1), ($2)) and c = $3"
        );
        assert_eq!(
            sql.sqlite_text(),
            "select a from t where b in (values (?), (?)) and c = ?"
        );
        assert_eq!(sql.by_rows(), None);
        let numbered = Sql::new("select $1, $1").bind(1_i64);
        assert_eq!(numbered.sqlite_text(), "select ?1, ?1");
    }
}

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
    /// As a server has it, where that is another text.
    of_server: Option<String>,
    pub(super) args: Vec<Param>,
    /// Whether each parameter stands once and in its order.
    pub(super) in_order: bool,
    rows: Option<Rows>,
}

/// Rows of parameters, the first ones of all.
struct Rows {
    /// Where they stand in the text, and in the server's.
    at: usize,
    at_server: usize,
    columns: usize,
    count: usize,
}

impl Sql {
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            of_server: None,
            args: Vec::new(),
            in_order: false,
            rows: None,
        }
    }

    /// A statement that no words of both engines say: as a file has it, and as a server.
    #[must_use]
    pub fn either(of_file: &'static str, of_server: &'static str) -> Self {
        let mut sql = Self::new(of_file);
        sql.of_server = Some(of_server.to_owned());
        sql
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
        self.append(text);
        self
    }

    /// Appends what no words of both engines say: as a file has it, and as a server.
    pub fn push_either(&mut self, of_file: &'static str, of_server: &'static str) -> &mut Self {
        let text = self
            .of_server
            .get_or_insert_with(|| self.text.clone().into_owned());
        text.push_str(of_server);
        self.text.to_mut().push_str(of_file);
        self
    }

    fn append(&mut self, text: &str) {
        self.text.to_mut().push_str(text);
        if let Some(of_server) = &mut self.of_server {
            of_server.push_str(text);
        }
    }

    /// Appends a name that the schema gave.
    pub fn push_name(&mut self, name: &super::Name) -> &mut Self {
        for text in ["\"", name.as_str(), "\""] {
            self.append(text);
        }
        self
    }

    /// Appends a parameter, as text and as value.
    pub fn push_arg(&mut self, value: impl Value) -> &mut Self {
        self.push_param(Value::param(Some(value)))
    }

    pub(super) fn push_param(&mut self, value: Param) -> &mut Self {
        self.args.push(value);
        let number = self.args.len();
        // Writing to a string does not fail.
        let _ = write!(self.text.to_mut(), "${number}");
        if let Some(of_server) = &mut self.of_server {
            let _ = write!(of_server, "${number}");
        }
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
            at_server: self.of_server.as_ref().map_or(self.text.len(), String::len),
            columns: self.args.len() / count.max(1),
            count,
        });
        self
    }

    /// The text for Postgres.
    pub(super) fn server_text(&self) -> String {
        let plain = self.of_server.as_deref().unwrap_or(&self.text);
        let Some(rows) = &self.rows else {
            return plain.to_owned();
        };
        let mut text = String::with_capacity(plain.len() + 8 * rows.count * rows.columns);
        text.push_str(&plain[..rows.at_server]);
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
        text.push_str(&plain[rows.at_server..]);
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
    fn what_each_engine_has_in_its_own_words_has_the_same_parameters() {
        let mut sql = Sql::new("select a from t where b = ");
        sql.push_arg(true);
        sql.push_either(" and c match ", " and c @@ ").push_arg(1_i64);
        sql.push(" limit 1");
        assert_eq!(
            sql.sqlite_text(),
            "select a from t where b = ?1 and c match ?2 limit 1"
        );
        assert_eq!(
            sql.server_text(),
            "select a from t where b = $1 and c @@ $2 limit 1"
        );
        let mut sql = Sql::either("insert into t (a) ", "insert into other (a) ");
        sql.push("select column1 from (values ");
        sql.push_rows([1_i64, 2], |a, row| {
            row.add(a);
        });
        sql.push(") as given");
        let given = "select column1 from (values ($1), ($2)) as given";
        assert_eq!(sql.server_text(), format!("insert into other (a) {given}"));
        let given = "select column1 from (values (?), (?)) as given";
        assert_eq!(sql.sqlite_text(), format!("insert into t (a) {given}"));
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

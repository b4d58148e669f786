//! A statement as a value: SQL text that is ours, parameters that are bound.

use std::borrow::Cow;

use super::Arg;

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
    pub(super) text: Cow<'static, str>,
    pub(super) args: Vec<Box<dyn Arg>>,
    /// Whether it has rows, and each parameter stands once and in its order.
    pub(super) in_order: bool,
}

impl Sql {
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        Self {
            text: Cow::Borrowed(text),
            args: Vec::new(),
            in_order: false,
        }
    }

    /// The value of the next `$n` that already stands in the text.
    #[must_use]
    pub fn bind(mut self, value: impl Arg + 'static) -> Self {
        self.args.push(Box::new(value));
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
    pub fn push_arg(&mut self, value: impl Arg + 'static) -> &mut Self {
        self.push_boxed(Box::new(value))
    }

    pub(super) fn push_boxed(&mut self, value: Box<dyn Arg>) -> &mut Self {
        self.args.push(value);
        let number = self.args.len();
        let text = self.text.to_mut();
        text.push('$');
        text.push_str(&number.to_string());
        self
    }

    /// Appends `($a, $b, …), ($c, …)`: a row for each item, which `columns` writes.
    pub fn push_rows<'a, T: 'a>(
        &mut self,
        items: impl IntoIterator<Item = &'a T>,
        columns: impl Fn(&'a T, &mut Columns),
    ) -> &mut Self {
        self.in_order = self.args.is_empty();
        let mut before = "(";
        for item in items {
            let mut row = Columns { sql: self, before };
            columns(item, &mut row);
            self.push(")");
            before = ", (";
        }
        self
    }

    /// The text for SQLite, to which `$1` is a name, and `?1` the first parameter. Both are looked up in a list when the
    /// statement is prepared: a thousand of them cost more than the rows that they are of. In order, `?` means the same.
    pub(super) fn sqlite_text(&self) -> Cow<'_, str> {
        let mut pieces = self.text.split('$');
        let first = pieces.next().unwrap_or_default();
        if first.len() == self.text.len() {
            return Cow::Borrowed(first);
        }
        let mut text = String::with_capacity(self.text.len());
        text.push_str(first);
        for piece in pieces {
            text.push('?');
            text.push_str(if self.in_order {
                piece.trim_start_matches(|c: char| c.is_ascii_digit())
            } else {
                piece
            });
        }
        Cow::Owned(text)
    }

    /// Appends `($a, $b, …)`. An empty list matches nothing.
    pub fn push_list<T: Arg + 'static>(&mut self, values: impl IntoIterator<Item = T>) -> &mut Self {
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

/// A row of `values`, being written.
pub struct Columns<'a> {
    sql: &'a mut Sql,
    before: &'static str,
}

impl Columns<'_> {
    /// The value of the next column.
    pub fn add(&mut self, value: impl Arg + 'static) -> &mut Self {
        self.sql.push(std::mem::replace(&mut self.before, ", "));
        self.sql.push_arg(value);
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
        sql.push_rows(&[(1_i64, true), (2, false)], |(a, b), row| {
            row.add(*a).add(*b);
        });
        sql.push(" on conflict do nothing");
        assert_eq!(
            sql.text,
            "insert into t (a, b) values ($1, $2), ($3, $4) on conflict do nothing"
        );
        assert_eq!(
            sql.sqlite_text(),
            "insert into t (a, b) values (?, ?), (?, ?) on conflict do nothing"
        );
        let numbered = Sql::new("select $1, $1").bind(1_i64);
        assert_eq!(numbered.sqlite_text(), "select ?1, ?1");
    }
}

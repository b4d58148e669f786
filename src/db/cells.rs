//! A row on its way in: each column beside its value, once for insert and update.

use uuid::Uuid;

use super::{Param, Sql, Value};

/// The columns of a row and their values, the id apart.
#[derive(Default)]
pub struct Cells(Vec<(&'static str, Param)>);

impl Cells {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn set(mut self, column: &'static str, value: impl Value) -> Self {
        self.0.push((column, Value::param(Some(value))));
        self
    }
}

impl Sql {
    /// Inserts a row.
    #[must_use]
    pub fn insert(table: &'static str, id: Uuid, cells: Cells) -> Self {
        Self::insert_all(table, vec![(id, cells)])
    }

    /// Inserts rows, of which all have the same columns; at least one.
    #[must_use]
    pub fn insert_all(table: &'static str, rows: Vec<(Uuid, Cells)>) -> Self {
        let mut sql = Self::new("insert into ");
        sql.push(table).push(" (id");
        let columns = |(_, cells): &(Uuid, Cells)| cells.0.iter().map(|(column, _)| *column).collect();
        let first: Vec<&'static str> = rows.first().map(columns).unwrap_or_default();
        debug_assert!(
            rows.iter().all(|row| columns(row) == first),
            "rows of {table} differ"
        );
        for column in first {
            sql.push(", ").push(column);
        }
        sql.push(") values ");
        sql.push_rows(rows, |(id, cells), row| {
            row.add(id);
            for (_, value) in cells.0 {
                row.add_param(value);
            }
        });
        sql
    }

    /// Sets these columns of the row with this id.
    #[must_use]
    pub fn update(table: &'static str, id: Uuid, cells: Cells) -> Self {
        let mut sql = Self::new("update ");
        sql.push(table);
        let mut before = " set ";
        for (column, value) in cells.0 {
            sql.push(before).push(column).push(" = ").push_param(value);
            before = ", ";
        }
        sql.push(" where id = ").push_arg(id);
        sql.in_order = true;
        sql
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_named_once_for_insert_and_update() {
        let cells = || Cells::new().set("a", 1_i64).set("b", true);
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(
            Sql::insert_all("t", vec![(one, cells()), (other, cells())]).server_text(),
            "insert into t (id, a, b) values ($1, $2, $3), ($4, $5, $6)"
        );
        assert_eq!(
            Sql::update("t", one, cells()).server_text(),
            "update t set a = $1, b = $2 where id = $3"
        );
        assert_eq!(
            Sql::insert("t", one, cells()).sqlite_text(),
            "insert into t (id, a, b) values (?, ?, ?)"
        );
    }
}

//! Who refers to whom, as the schema's own foreign keys say it.

use super::{BoxError, Cell, Param, Value, row};

/// A table's or column's name, as the database itself gave it: it may stand in SQL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for Name {
    fn param(name: Option<Self>) -> Param {
        Param::Text(name.map(|Self(name)| name))
    }
    fn read(cell: Cell<'_>) -> Result<Self, BoxError> {
        String::read(cell).map(Self)
    }
}

/// `table_name.column_name` refers to `target.id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForeignKey {
    pub table_name: Name,
    pub column_name: Name,
    pub target: Name,
    /// `ON DELETE CASCADE`: the row is a part of its target, retracted and restored with it.
    pub is_part: bool,
}

row! { ForeignKey { table_name, column_name, target, is_part } }

pub(super) const SQLITE: &str = "
    select m.name as table_name, f.\"from\" as column_name, f.\"table\" as target, f.on_delete = 'CASCADE' as is_part
    from sqlite_schema m, pragma_foreign_key_list(m.name) f
    where m.type = 'table'
    order by 1, 2";

pub(super) const POSTGRES: &str = "
    select t.relname::text as table_name, a.attname::text as column_name, r.relname::text as target, c.confdeltype = 'c' as is_part
    from pg_constraint c
    join pg_class t on t.oid = c.conrelid
    join pg_class r on r.oid = c.confrelid
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where c.contype = 'f' and t.relnamespace = current_schema()::regnamespace
    order by 1, 2";

/// Every foreign key of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    keys: Vec<ForeignKey>,
}

impl Schema {
    pub(super) fn new(mut keys: Vec<ForeignKey>) -> Self {
        keys.sort();
        Self { keys }
    }

    /// What points at rows of `table`.
    pub fn pointing_at(&self, table: &str) -> impl Iterator<Item = &ForeignKey> {
        self.keys.iter().filter(move |key| key.target.as_str() == table)
    }

    /// What rows of `table` point at.
    pub fn pointing_from(&self, table: &str) -> impl Iterator<Item = &ForeignKey> {
        self.keys
            .iter()
            .filter(move |key| key.table_name.as_str() == table)
    }
}

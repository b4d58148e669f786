//! Retraction and restoring: nothing is deleted beyond recall.
//!
//! What is a part of what, and what refers to what, is read from the schema's
//! foreign keys; what a record said, from its last entry in the log. So these
//! work alike for every resource.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use uuid::Uuid;

use super::{Change, Op, Write, sql};
use crate::{
    error::{Detail, Error, Faults, Result},
    resources::{self, Reference, Resource, Rows},
    values::Timestamp,
};

/// How many of the records that stand in the way are named.
const NAMED: usize = 20;

/// Key, version and document of a record, as an entry has them.
type Said = (String, i64, Option<String>);

fn said(last: Change) -> Said {
    (last.key, last.version, last.after.or(last.before))
}

fn taken(said: &mut HashMap<Uuid, Said>, record: &Reference) -> Result<Said> {
    said.remove(&record.id).ok_or_else(|| without_history(record))
}

fn read(document: Option<&str>) -> Result<Value> {
    document
        .map_or(Ok(Value::Null), serde_json::from_str)
        .map_err(Error::internal)
}

fn without_history(record: &Reference) -> Error {
    Error::internal(format!("{}/{} has no history", record.resource, record.id))
}

/// The ids of records, by what they are, in the order in which each kind comes first.
fn by_kind(records: &[Reference]) -> Vec<(Resource, Vec<Uuid>)> {
    let mut kinds: Vec<(Resource, Vec<Uuid>)> = Vec::new();
    for Reference { resource, id } in records {
        match kinds.iter_mut().find(|(kind, _)| kind == resource) {
            Some((_, ids)) => ids.push(*id),
            None => kinds.push((*resource, vec![*id])),
        }
    }
    kinds
}

/// What was found for each of them, one after the other.
fn in_order<T>(records: &[Reference], mut found: HashMap<Uuid, Vec<T>>) -> Vec<T> {
    let mut all = Vec::new();
    for record in records {
        all.append(&mut found.remove(&record.id).unwrap_or_default());
    }
    all
}

/// Puts what was found with the one that it was found for.
fn group<T>(of: &mut HashMap<Uuid, Vec<T>>, found: Vec<(Uuid, T)>) {
    for (id, it) in found {
        of.entry(id).or_default().push(it);
    }
}

/// What becomes of records that refer to one which is merged into another.
pub struct Moves {
    /// Those that are to stay as they are.
    pub staying: HashSet<Uuid>,
    /// Versions of those that come to stand where others stood before: behind the versions of these, so that no entity tag of
    /// before fits again.
    pub versions: HashMap<Uuid, i64>,
    /// What stands where the others stood too, and the versions that it gets, for the same reason: their keys lead to it by now.
    pub outrunning: Vec<(Reference, i64)>,
}

impl Write {
    /// Retracts a record with its parts; 409 while others refer to any of them.
    pub async fn retract(&mut self, resource: Resource, id: Uuid) -> Result<()> {
        let whole = self.with_parts(Reference { resource, id }, None).await?;
        let inside: HashSet<Uuid> = whole.iter().map(|it| it.id).collect();
        let mut faults = Faults::default();
        let mut referrers = HashMap::new();
        for (kind, ids) in by_kind(&whole) {
            let schema = &self.register.clone().schema;
            let found = resources::referrers(&mut self.conn, schema, kind, &ids).await?;
            group(&mut referrers, found);
        }
        for by in in_order(&whole, referrers) {
            if !inside.contains(&by.id) {
                let address = self.address(&by).await?;
                let detail = Detail::of(format!("{address} refers to it"));
                faults.add("", "referrer", detail.naming(address));
            }
        }
        if !faults.is_empty() {
            let count = faults.count();
            let named: Vec<_> = faults.iter().take(NAMED).cloned().collect();
            let mut shown = Faults::default();
            for fault in named {
                shown.add("", fault.code, fault.detail);
            }
            return Err(Error::Conflict {
                code: "still_referenced",
                detail: format!(
                    "{count} record(s) still refer to it; retract or change them first. errors names them."
                ),
                faults: shown,
                with: None,
            });
        }
        self.set_all(&whole, Some(self.at)).await?;
        let mut said = self.last_said_of(&whole).await?;
        let mut changes = Vec::with_capacity(whole.len());
        for part in whole.iter().rev() {
            let (key, version, document) = taken(&mut said, part)?;
            let entry = (part.resource, part.id, key, version + 1);
            changes.push(self.entry(Op::Retract, entry, document, None));
        }
        self.keep(changes).await
    }

    /// Brings a retracted record back with the parts that went with it.
    /// What they refer to must be there. Their rules are their feature's to check.
    pub async fn restore(&mut self, resource: Resource, id: Uuid, key: &str) -> Result<()> {
        let found = resources::locate(&mut self.conn, resource, &id.to_string()).await?;
        let Some(retracted_at) = found.and_then(|it| it.retracted_at) else {
            return Err(Error::conflict(
                "not_retracted",
                "",
                format!("{resource}/{key} is not retracted; there is nothing to restore."),
            ));
        };
        let whole = self
            .with_parts(Reference { resource, id }, Some(retracted_at))
            .await?;
        let inside: HashSet<Uuid> = whole.iter().map(|it| it.id).collect();
        let mut faults = Faults::default();
        let mut targets = HashMap::new();
        for (kind, ids) in by_kind(&whole) {
            let schema = &self.register.clone().schema;
            let found = resources::retracted_targets(&mut self.conn, schema, kind, &ids).await?;
            group(&mut targets, found);
        }
        for (column, target) in in_order(&whole, targets) {
            if !inside.contains(&target.id) {
                let address = self.address(&target).await?;
                let field = column.trim_end_matches("_id");
                let detail = format!("{field} is {address}, which is retracted; restore it first");
                faults.add(
                    format!("/{field}"),
                    "retracted",
                    Detail::of(detail).naming(address),
                );
            }
        }
        if !faults.is_empty() {
            return Err(Error::Conflict {
                code: "refers_to_retracted",
                detail: "What it refers to is retracted. errors names it.".into(),
                faults,
                with: None,
            });
        }
        self.set_all(&whole, None).await?;
        let mut said = self.last_said_of(&whole).await?;
        let mut changes = Vec::with_capacity(whole.len());
        for part in &whole {
            let (key, version, document) = taken(&mut said, part)?;
            let document = document.map(|text| self.dated(&text, version + 1)).transpose()?;
            let entry = (part.resource, part.id, key, version + 1);
            changes.push(self.entry(Op::Restore, entry, None, document));
        }
        self.keep(changes).await
    }

    /// Marks a record and its parts, which go and come together: who follows the log finds all of them as they then are.
    async fn set_all(&mut self, whole: &[Reference], retracted_at: Option<Timestamp>) -> Result<()> {
        for (kind, ids) in by_kind(whole) {
            resources::set_retracted(&mut self.conn, kind, &ids, retracted_at, self.at).await?;
        }
        Ok(())
    }

    /// Merges one record of a resource into another: whatever refers to it is pointed to its successor, a change each.
    ///
    /// Both are an id and a key. A document of the log names the record by its key in the member of the foreign key's
    /// name, or by its address in `address_member`. Retracted records are re-pointed too, so that they can be restored.
    pub async fn repoint(
        &mut self,
        resource: Resource,
        from: (Uuid, &str),
        to: (Uuid, &str),
        address_member: &str,
        moves: Moves,
    ) -> Result<()> {
        let register = self.register.clone();
        for key in register.schema.pointing_at(resource.as_str()) {
            for (_, row) in resources::rows_pointing(&mut self.conn, key, &[from.0], Rows::All).await? {
                if moves.staying.contains(&row.id) {
                    continue;
                }
                let (address, version, before) = self.last_said(&row).await?;
                let version = moves.versions.get(&row.id).copied().unwrap_or(version + 1);
                let (table, column) = (&key.table_name, &key.column_name);
                resources::repoint(&mut self.conn, table, column, row.id, to.0, (version, self.at)).await?;
                let (address, is_renamed) = match address.strip_suffix(&format!("/{}", from.1)) {
                    // The name of a key is its holder's.
                    Some(whole) if row.resource != Resource::Keys => (format!("{whole}/{}", to.1), true),
                    _ => (address, false),
                };
                let field = key.column_name.as_str().trim_end_matches("_id");
                let names = [
                    (field, from.1.to_owned(), to.1.to_owned()),
                    (
                        address_member,
                        format!("{resource}/{}", from.1),
                        format!("{resource}/{}", to.1),
                    ),
                ];
                let after = before
                    .as_deref()
                    .map(|text| self.renamed(text, names, version))
                    .transpose()?;
                self.log_repointed(&row, (address, version), before, after)
                    .await?;
                if is_renamed {
                    self.rename_in_parts(&row, (from.1, to.1), address_member).await?;
                }
            }
        }
        // Of a place, the log's last entry is of what stands there.
        for (record, version) in &moves.outrunning {
            self.outrun(record, *version).await?;
        }
        Ok(())
    }

    /// Another version of a record that says what it said.
    async fn outrun(&mut self, record: &Reference, version: i64) -> Result<()> {
        let (key, _, before) = self.last_said(record).await?;
        let after = before
            .as_deref()
            .map(|text| self.dated(text, version))
            .transpose()?;
        resources::set_version(&mut self.conn, record, (version, self.at)).await?;
        self.log_repointed(record, (key, version), before, after).await
    }

    /// A record whose key ends in another's by now has parts that name it by its address.
    async fn rename_in_parts(
        &mut self,
        whole: &Reference,
        (from, to): (&str, &str),
        address_member: &str,
    ) -> Result<()> {
        let register = self.register.clone();
        let parts = register.schema.pointing_at(whole.resource.as_str());
        for key in parts.filter(|key| key.is_part) {
            for (_, row) in resources::rows_pointing(&mut self.conn, key, &[whole.id], Rows::All).await? {
                let (address, version, before) = self.last_said(&row).await?;
                let named = read(before.as_deref())?;
                let said = named.get(address_member).and_then(Value::as_str);
                let Some(address_of_whole) = said.and_then(|it| it.strip_suffix(&format!("/{from}"))) else {
                    continue;
                };
                let name = (
                    address_member,
                    format!("{address_of_whole}/{from}"),
                    format!("{address_of_whole}/{to}"),
                );
                let (table, column) = (&key.table_name, &key.column_name);
                let version = version + 1;
                resources::repoint(
                    &mut self.conn,
                    table,
                    column,
                    row.id,
                    whole.id,
                    (version, self.at),
                )
                .await?;
                let after = before
                    .as_deref()
                    .map(|text| self.renamed(text, [name], version))
                    .transpose()?;
                self.log_repointed(&row, (address, version), before, after)
                    .await?;
            }
        }
        Ok(())
    }

    /// Who follows hears of a record that is retracted when it is back.
    async fn log_repointed(
        &mut self,
        row: &Reference,
        (key, version): (String, i64),
        before: Option<String>,
        after: Option<String>,
    ) -> Result<()> {
        let entry = (row.resource, row.id, key, version);
        let now = resources::locate(&mut self.conn, row.resource, &row.id.to_string()).await?;
        if now.is_some_and(|it| it.retracted_at.is_some()) {
            self.log(Op::Update, entry, before, after).await.map(drop)
        } else {
            self.append(Op::Update, entry, before, after).await
        }
    }

    /// A record and its parts, parts after their wholes: live ones, or those retracted at a moment.
    async fn with_parts(
        &mut self,
        whole: Reference,
        retracted_at: Option<Timestamp>,
    ) -> Result<Vec<Reference>> {
        let register = self.register.clone();
        let rows = retracted_at.map_or(Rows::Live, Rows::RetractedAt);
        let mut found = vec![whole];
        let mut done = 0;
        // Those of a generation by one statement a key: a pledge may have thousands.
        while done < found.len() {
            let generation = found.split_at(done).1.to_vec();
            done = found.len();
            let mut parts = HashMap::new();
            for (kind, ids) in by_kind(&generation) {
                let keys = register.schema.pointing_at(kind.as_str());
                for key in keys.filter(|key| key.is_part) {
                    let rows = resources::rows_pointing(&mut self.conn, key, &ids, rows).await?;
                    group(&mut parts, rows);
                }
            }
            found.extend(in_order(&generation, parts));
        }
        Ok(found)
    }

    /// Key, version and document of a record, as its last entry has them.
    async fn last_said(&mut self, record: &Reference) -> Result<Said> {
        let last = sql::last(&mut self.conn, record.id).await?;
        last.map(said).ok_or_else(|| without_history(record))
    }

    /// The same of many, by their ids.
    async fn last_said_of(&mut self, records: &[Reference]) -> Result<HashMap<Uuid, Said>> {
        let ids: Vec<_> = records.iter().map(|it| it.id).collect();
        let last = sql::last_of(&mut self.conn, &ids).await?;
        Ok(last.into_iter().map(|(id, it)| (id, said(it))).collect())
    }

    /// A record as its last entry in the log has it.
    pub async fn last_kept(&mut self, resource: Resource, id: Uuid) -> Result<Value> {
        let (_, _, document) = self.last_said(&Reference { resource, id }).await?;
        read(document.as_deref())
    }

    /// The same of each of these.
    pub async fn last_kept_of(&mut self, resource: Resource, ids: Vec<Uuid>) -> Result<Vec<Value>> {
        let records: Vec<_> = ids.into_iter().map(|id| Reference { resource, id }).collect();
        let mut said = self.last_said_of(&records).await?;
        let each = records.iter().map(|record| {
            let (_, _, document) = taken(&mut said, record)?;
            read(document.as_deref())
        });
        each.collect()
    }

    async fn address(&mut self, record: &Reference) -> Result<String> {
        Ok(format!("{}/{}", record.resource, self.last_said(record).await?.0))
    }

    /// A document with the version and the moment of this write.
    fn dated(&self, document: &str, version: i64) -> Result<String> {
        let mut document: Value = serde_json::from_str(document).map_err(Error::internal)?;
        document["version"] = version.into();
        document["updated_at"] = serde_json::to_value(self.at).map_err(Error::internal)?;
        serde_json::to_string(&document).map_err(Error::internal)
    }

    /// The same, where each of these members says another name than it did, of one that was there.
    fn renamed<const NAMES: usize>(
        &self,
        document: &str,
        names: [(&str, String, String); NAMES],
        version: i64,
    ) -> Result<String> {
        let mut document: Value =
            serde_json::from_str(&self.dated(document, version)?).map_err(Error::internal)?;
        for (member, from, to) in names {
            if document.get(member).and_then(Value::as_str) == Some(&from) {
                document[member] = to.into();
            }
        }
        serde_json::to_string(&document).map_err(Error::internal)
    }
}

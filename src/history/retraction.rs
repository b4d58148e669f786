//! Retraction and restoring: nothing is deleted beyond recall.
//!
//! What is a part of what, and what refers to what, is read from the schema's
//! foreign keys; what a record said, from its last entry in the log. So these
//! work alike for every resource.

use std::collections::HashSet;

use serde_json::Value;
use uuid::Uuid;

use super::{Op, Write, sql};
use crate::{
    error::{Error, Faults, Result},
    resources::{self, Reference, Resource},
};

/// How many of the records that stand in the way are named.
const NAMED: usize = 20;

impl Write {
    /// Retracts a record with its parts; 409 while others refer to any of them.
    pub async fn retract(&mut self, resource: Resource, id: Uuid) -> Result<()> {
        let whole = self.with_parts(Reference { resource, id }, None).await?;
        let inside: HashSet<Uuid> = whole.iter().map(|it| it.id).collect();
        let mut faults = Faults::default();
        for part in &whole {
            let register = self.register.clone();
            for by in resources::referrers(&mut self.conn, &register.schema, part.resource, part.id).await? {
                if !inside.contains(&by.id) {
                    let address = self.address(&by).await?;
                    faults.add("", "referrer", format!("{address} refers to it"));
                }
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
            });
        }
        for part in whole.iter().rev() {
            resources::set_retracted(&mut self.conn, part.resource, part.id, Some(self.at), self.at).await?;
            let (key, version, document) = self.last_said(part).await?;
            self.append(
                Op::Retract,
                (part.resource, part.id, key, version + 1),
                document,
                None,
            )
            .await?;
        }
        Ok(())
    }

    /// Brings a retracted record back with the parts that went with it.
    /// What they refer to must be there. Their rules are their feature's to check.
    pub async fn restore(&mut self, resource: Resource, id: Uuid, key: &str) -> Result<()> {
        let found = resources::locate(&mut self.conn, resource, &id.to_string()).await?;
        let Some(retracted_at) = found.and_then(|it| it.retracted_at) else {
            return Err(Error::conflict(
                "not_retracted",
                format!("{resource}/{key} is not retracted; there is nothing to restore."),
            ));
        };
        let whole = self
            .with_parts(Reference { resource, id }, Some(retracted_at))
            .await?;
        let inside: HashSet<Uuid> = whole.iter().map(|it| it.id).collect();
        let mut faults = Faults::default();
        for part in &whole {
            let register = self.register.clone();
            for (column, target) in
                resources::retracted_targets(&mut self.conn, &register.schema, part.resource, part.id).await?
            {
                if !inside.contains(&target.id) {
                    let address = self.address(&target).await?;
                    let field = column.trim_end_matches("_id");
                    faults.add(
                        format!("/{field}"),
                        "retracted",
                        format!("{field} is {address}, which is retracted; restore it first"),
                    );
                }
            }
        }
        if !faults.is_empty() {
            return Err(Error::Conflict {
                code: "refers_to_retracted",
                detail: "What it refers to is retracted. errors names it.".into(),
                faults,
            });
        }
        for part in &whole {
            resources::set_retracted(&mut self.conn, part.resource, part.id, None, self.at).await?;
            let (key, version, document) = self.last_said(part).await?;
            let document = document.map(|text| self.dated(&text, version + 1)).transpose()?;
            self.append(
                Op::Restore,
                (part.resource, part.id, key, version + 1),
                None,
                document,
            )
            .await?;
        }
        Ok(())
    }

    /// Merges one record of a resource into another: whatever refers to it is pointed to its successor, a change each.
    ///
    /// Both are an id and a key. A document of the log names the record by its key in the member of the foreign key's
    /// name, or by its address in `address_member`. Retracted records are re-pointed too, so that they can be restored; but not
    /// those that are to stay as they are.
    pub async fn repoint(
        &mut self,
        resource: Resource,
        from: (Uuid, &str),
        to: (Uuid, &str),
        address_member: &str,
        staying: &HashSet<Uuid>,
    ) -> Result<()> {
        let register = self.register.clone();
        for key in register.schema.pointing_at(resource.as_str()) {
            for row in resources::rows_pointing(&mut self.conn, key, from.0, false).await? {
                if staying.contains(&row.id) {
                    continue;
                }
                resources::repoint(
                    &mut self.conn,
                    &key.table_name,
                    &key.column_name,
                    row.id,
                    to.0,
                    self.at,
                )
                .await?;
                let (address, version, before) = self.last_said(&row).await?;
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
                    .map(|text| self.renamed(text, names, version + 1))
                    .transpose()?;
                self.log_repointed(&row, (address, version + 1), before, after)
                    .await?;
                if is_renamed {
                    self.rename_in_parts(&row, (from.1, to.1), address_member).await?;
                }
            }
        }
        Ok(())
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
            for row in resources::rows_pointing(&mut self.conn, key, whole.id, false).await? {
                let (address, version, before) = self.last_said(&row).await?;
                let named: Value = before
                    .as_deref()
                    .map_or(Ok(Value::Null), serde_json::from_str)
                    .map_err(Error::internal)?;
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
                resources::repoint(&mut self.conn, table, column, row.id, whole.id, self.at).await?;
                let after = before
                    .as_deref()
                    .map(|text| self.renamed(text, [name], version + 1))
                    .transpose()?;
                self.log_repointed(&row, (address, version + 1), before, after)
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
        retracted_at: Option<crate::values::Timestamp>,
    ) -> Result<Vec<Reference>> {
        let register = self.register.clone();
        let mut found = vec![whole];
        let mut next = 0;
        while let Some(part) = found.get(next).cloned() {
            next += 1;
            for key in register
                .schema
                .pointing_at(part.resource.as_str())
                .filter(|key| key.is_part)
            {
                for row in
                    resources::rows_pointing(&mut self.conn, key, part.id, retracted_at.is_none()).await?
                {
                    let row_retracted = match retracted_at {
                        None => None,
                        Some(_) => resources::locate(&mut self.conn, row.resource, &row.id.to_string())
                            .await?
                            .and_then(|it| it.retracted_at),
                    };
                    if row_retracted == retracted_at {
                        found.push(row);
                    }
                }
            }
        }
        Ok(found)
    }

    /// Key, version and document of a record, as its last entry has them.
    async fn last_said(&mut self, record: &Reference) -> Result<(String, i64, Option<String>)> {
        let last = sql::last(&mut self.conn, record.id)
            .await?
            .ok_or_else(|| Error::internal(format!("{}/{} has no history", record.resource, record.id)))?;
        Ok((last.key, last.version, last.after.or(last.before)))
    }

    /// A record as its last entry in the log has it.
    pub async fn last_kept(&mut self, resource: Resource, id: Uuid) -> Result<Value> {
        let (_, _, document) = self.last_said(&Reference { resource, id }).await?;
        document
            .as_deref()
            .map(serde_json::from_str)
            .transpose()
            .map(Option::unwrap_or_default)
            .map_err(Error::internal)
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

//! Where a name stands in the place of a key: which key was probably meant.

use std::collections::HashMap;

use super::sql;
use crate::{db::Reader, error::Result, resources::Resource};

/// The keys of names, each looked for once.
pub struct Suggestions {
    /// By resource and name: all that may be meant by it; none where it names no record, or too many.
    found: HashMap<(Resource, String), Vec<String>>,
    /// For how many names more keys are looked for.
    left: usize,
}

/// What a fault's text may name.
struct Named<'a> {
    resource: Resource,
    name: &'a str,
    /// What stands before it, and before its key as well.
    before: &'a str,
}

impl Suggestions {
    /// For the first so many names.
    #[must_use]
    pub fn of_the_first(most: usize) -> Self {
        Self {
            found: HashMap::new(),
            left: most,
        }
    }

    /// Whether there is anything to look for among what is wrong: its place, its pointer, and what was said there.
    pub fn has_any<'a>(&self, said: impl IntoIterator<Item = (usize, &'a str, &'a str)>) -> bool {
        let mut said = said.into_iter();
        said.any(|(_, pointer, said)| Named::by(pointer, said).is_some_and(|it| self.is_looked_for(&it)))
    }

    fn is_looked_for(&self, named: &Named<'_>) -> bool {
        self.left > 0 || self.found.contains_key(&named.key())
    }

    /// What should stand there, for those of which it is known; several keys where each may be meant.
    pub async fn of<'a>(
        &mut self,
        conn: &mut Reader,
        said: impl IntoIterator<Item = (usize, &'a str, &'a str)> + Send,
    ) -> Result<Vec<(usize, Vec<String>)>> {
        let said: Vec<_> = said.into_iter().collect();
        let mut keys = Vec::new();
        for (at, pointer, said) in said {
            let Some(named) = Named::by(pointer, said).filter(|it| self.is_looked_for(it)) else {
                continue;
            };
            let found = if let Some(found) = self.found.get(&named.key()) {
                found.clone()
            } else {
                self.left -= 1;
                let found = sql::meant(conn, named.resource, named.name).await?;
                self.found.insert(named.key(), found.clone());
                found
            };
            if !found.is_empty() {
                let found = found.iter().map(|key| format!("{}{key}", named.before));
                keys.push((at, found.collect()));
            }
        }
        Ok(keys)
    }
}

impl<'a> Named<'a> {
    /// What stands in a field, a parameter or a path's part of this name.
    fn by(pointer: &str, said: &'a str) -> Option<Self> {
        let whole = |resource| Self {
            resource,
            name: said,
            before: "",
        };
        // Of a new record a code is its own.
        if pointer == "?code" {
            return Some(whole(Resource::Participants));
        }
        let name = pointer.trim_start_matches('?').trim_matches(['{', '}']);
        match name.rsplit('/').next().unwrap_or_default() {
            "participant" | "beneficiary" | "country" | "member" | "merged_into" => {
                Some(whole(Resource::Participants))
            }
            "meeting" => Some(whole(Resource::Meetings)),
            "coalition" => Some(whole(Resource::Coalitions)),
            "subject" => {
                let at = said.rfind('/')? + 1;
                let (before, name) = said.split_at_checked(at)?;
                let resource = match before.trim_end_matches('/').rsplit('/').next()? {
                    "participants" | "adherents" => Resource::Participants,
                    "meetings" => Resource::Meetings,
                    "coalitions" => Resource::Coalitions,
                    _ => return None,
                };
                Some(Self {
                    resource,
                    name,
                    before,
                })
            }
            _ => None,
        }
    }

    fn key(&self) -> (Resource, String) {
        (self.resource, self.name.to_owned())
    }
}

//! How far a key reaches: which resources it writes, and whose records.

use uuid::Uuid;

use super::Resource;
use crate::values::vocabulary;

vocabulary! {
    /// What a key can be confined to. What stands between a whole and a participant belongs to its whole.
    Area as "KeyResource" {
        Participants = "participants",
        Coalitions = "coalitions",
        Meetings = "meetings",
        Articles = "articles",
        Pledges = "pledges",
        Events = "events",
        Assessments = "assessments",
        Citations = "citations",
        Rates = "rates",
        Scales = "scales",
    }
}

impl Area {
    /// Of which records it is; keys are of none, as admins alone write them.
    #[must_use]
    pub const fn of(resource: Resource) -> Option<Self> {
        match resource {
            Resource::Participants => Some(Self::Participants),
            Resource::Coalitions | Resource::Members => Some(Self::Coalitions),
            Resource::Meetings | Resource::Attendance => Some(Self::Meetings),
            Resource::Articles => Some(Self::Articles),
            Resource::Pledges | Resource::Adherents => Some(Self::Pledges),
            Resource::Events => Some(Self::Events),
            Resource::Assessments => Some(Self::Assessments),
            Resource::Citations => Some(Self::Citations),
            Resource::Rates => Some(Self::Rates),
            Resource::Scales => Some(Self::Scales),
            Resource::Keys => None,
        }
    }

    /// Whether its records may be a participant's own.
    #[must_use]
    pub const fn has_owners(self) -> bool {
        matches!(self, Self::Pledges | Self::Events | Self::Citations)
    }
}

/// What a key may write; by default, everything.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// These alone.
    pub resources: Option<Vec<Area>>,
    /// This participant's own alone.
    pub participant_id: Option<Uuid>,
}

/// That of a key which may write nothing.
pub static NOTHING: Reach = Reach {
    resources: Some(Vec::new()),
    participant_id: None,
};

impl Reach {
    /// Whether it is no one participant's.
    #[must_use]
    pub fn is_of_all(&self) -> bool {
        self.participant_id.is_none()
    }

    /// Why no record of this resource may be written, if none may.
    pub fn covers(&self, resource: Resource) -> Result<(), String> {
        let area = Area::of(resource);
        let is_among = |areas: &Vec<Area>| area.is_some_and(|area| areas.contains(&area));
        if let Some(areas) = self.resources.as_ref().filter(|areas| !is_among(areas)) {
            let words: Vec<_> = areas.iter().map(|area| area.as_str()).collect();
            return Err(format!("writes {} alone, not {resource}", words.join(", ")));
        }
        if self.participant_id.is_some() && !area.is_some_and(Area::has_owners) {
            return Err(format!(
                "writes the pledges of one participant with their events and citations alone, not {resource}"
            ));
        }
        Ok(())
    }

    /// Why not all records may be written, if some may not.
    pub fn covers_all(&self) -> Result<(), String> {
        if self.resources.is_none() && self.participant_id.is_none() {
            return Ok(());
        }
        Err(
            "is confined, and merging participants writes records of all kinds and owners, and keys"
                .to_owned(),
        )
    }

    /// Why a record of this resource may not be written that is of this participant, or of none.
    pub fn covers_of(&self, resource: Resource, owner: Option<Uuid>) -> Result<(), String> {
        self.covers(resource)?;
        if self.participant_id.is_none() || self.participant_id == owner {
            return Ok(());
        }
        Err(match owner {
            Some(_) => format!("writes the {resource} of its own participant alone, and this is another's"),
            None => format!("writes the {resource} of its own participant alone, and this is not one's own"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_writes_what_it_is_confined_to() {
        let reach = Reach {
            resources: Some(vec![Area::Meetings, Area::Events]),
            participant_id: None,
        };
        for (resource, allowed) in [
            (Resource::Meetings, true),
            (Resource::Attendance, true),
            (Resource::Events, true),
            (Resource::Members, false),
            (Resource::Pledges, false),
            (Resource::Keys, false),
        ] {
            assert_eq!(reach.covers(resource).is_ok(), allowed, "{resource}");
        }
        assert!(Reach::default().covers(Resource::Rates).is_ok());
    }

    #[test]
    fn a_participants_key_writes_its_own() {
        let (own, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let reach = Reach {
            resources: None,
            participant_id: Some(own),
        };
        for (resource, owner, allowed) in [
            (Resource::Pledges, Some(own), true),
            (Resource::Citations, Some(own), true),
            (Resource::Pledges, Some(other), false),
            (Resource::Pledges, None, false),
            (Resource::Participants, Some(own), false),
        ] {
            assert_eq!(reach.covers_of(resource, owner).is_ok(), allowed, "{resource}");
        }
    }
}

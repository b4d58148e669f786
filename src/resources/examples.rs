//! What a demo begins with, by its ids, which are the same each time: the contract's examples are of it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::Resource;
use crate::values::FixedIds;

/// The parts of what a demo begins with, in the order in which they are made. Ids go by it: what is new comes last.
#[derive(Debug, Clone, Copy)]
pub enum Chapter {
    Scales = 1,
    /// Those that any register may begin with.
    ReferenceParticipants,
    Participants,
    Articles,
    Coalitions,
    Meetings,
    Pledges,
    Rates,
    Keys,
}

impl Chapter {
    /// Those of the entry at this place, counted from 0, and of all that is made with it.
    #[must_use]
    pub const fn entry(self, place: u16) -> FixedIds {
        FixedIds::of(self as u16, place + 1)
    }
}

/// The ministerial of February 2018, in English.
pub const ARTICLE: Uuid = Chapter::Articles.entry(1).nth(0);
/// The United States' USD 200 million, of the same.
pub const PLEDGE: Uuid = Chapter::Pledges.entry(0).nth(0);
/// What says that it was made.
pub const CITATION: Uuid = Chapter::Pledges.entry(0).nth(1);
/// What of it was paid.
pub const EVENT: Uuid = Chapter::Pledges.entry(0).nth(7);
/// A commitment of all who met, which some adopted by name.
pub const COLLECTIVE_PLEDGE: Uuid = Chapter::Pledges.entry(5).nth(0);
/// A verdict on what one of them made of it.
pub const ASSESSMENT: Uuid = Chapter::Pledges.entry(5).nth(11);
/// A key of which nobody has the secret.
pub const KEY: Uuid = Chapter::Keys.entry(0).nth(0);

const PARTICIPANT: &str = "USA";
const COALITION: &str = "global-coalition-against-daesh";
const MEETING: &str = "global-coalition-kuwait-2018";
const SCALE: &str = "g20-compliance";

/// Where one of each lives.
pub(super) fn addresses() -> Vec<String> {
    let below =
        |whole: Resource, key: &str, part: Resource, of: &str| format!("/v1/{whole}/{key}/{part}/{of}");
    let alone = |resource: Resource, key: &str| format!("/v1/{resource}/{key}");
    let id = Uuid::to_string;
    vec![
        alone(Resource::Participants, PARTICIPANT),
        below(Resource::Coalitions, COALITION, Resource::Members, PARTICIPANT),
        below(Resource::Meetings, MEETING, Resource::Attendance, PARTICIPANT),
        alone(Resource::Articles, &id(&ARTICLE)),
        below(Resource::Pledges, &id(&PLEDGE), Resource::Events, &id(&EVENT)),
        below(
            Resource::Pledges,
            &id(&COLLECTIVE_PLEDGE),
            Resource::Adherents,
            "KWT",
        ),
        alone(Resource::Assessments, &id(&ASSESSMENT)),
        alone(Resource::Scales, SCALE),
        alone(Resource::Citations, &id(&CITATION)),
        alone(Resource::Keys, &id(&KEY)),
    ]
}

/// What the ids in answers are then, as `Type.member` or as a member of any type.
pub(super) fn members() -> Vec<(&'static str, Value)> {
    let nth = |chapter: Chapter, number| json!(chapter.entry(0).nth(number));
    vec![
        ("article", json!(ARTICLE)),
        ("pledge", json!(PLEDGE)),
        ("Participant.id", nth(Chapter::ReferenceParticipants, 239)),
        ("Coalition.id", nth(Chapter::Coalitions, 0)),
        ("Member.id", nth(Chapter::Coalitions, 1)),
        ("Meeting.id", nth(Chapter::Meetings, 0)),
        ("Attendance.id", nth(Chapter::Meetings, 2)),
        ("Scale.id", nth(Chapter::Scales, 0)),
        ("Rate.id", nth(Chapter::Rates, 0)),
        ("Adherent.id", json!(Chapter::Pledges.entry(5).nth(3))),
        ("Adherent.pledge", json!(COLLECTIVE_PLEDGE)),
        ("Article.id", json!(ARTICLE)),
        ("ArticleEntry.id", json!(ARTICLE)),
        ("Pledge.id", json!(PLEDGE)),
        ("Event.id", json!(EVENT)),
        ("EventOfPledge.id", json!(EVENT)),
        ("Assessment.id", json!(ASSESSMENT)),
        ("Citation.id", json!(CITATION)),
        ("CountedPledge.id", json!(PLEDGE)),
        ("ExcludedPledge.id", json!(PLEDGE)),
        ("RecordedDocument.id", json!(PLEDGE)),
        ("Key.id", json!(KEY)),
        ("KeyWithSecret.id", json!(KEY)),
        ("parent", Value::Null),
        ("restates", Value::Null),
        ("replaces", Value::Null),
    ]
}

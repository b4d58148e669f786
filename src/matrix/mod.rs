//! The matrix of a meeting: each of its commitments beside each of its members, with how that member stands to it, what of
//! it is evidenced, and what assessors say. It gives no verdict of its own.

pub mod http;
pub mod sql;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    assessments::{self, Latest, disputes::is_disputed},
    meetings::attendance::{Attendance, Role},
    pledges::{
        Pledge, State,
        adherents::{Stance, Standing, Standings},
    },
    resources::{Code, Slug},
    scales::Meaning,
    values::{LangMap, Language, PartialDate, Viewpoint, vocabulary},
};

/// How many commitments one matrix holds at most.
const MOST_COMMITMENTS: usize = 200;

/// How many cells of members who stand to a collective one: what they come to is some 20 MB.
const MOST_CELLS: usize = 100_000;

/// And how many assessments, which come to as much.
const MOST_ASSESSMENTS: usize = 100_000;

vocabulary! {
    /// Which of a meeting's pledges are commitments of a matrix.
    Kind as "MatrixKind" { Political = "political", All = "all" }
}

vocabulary! {
    /// Why a cell is there.
    By as "CellBy" {
        Statement = "statement",
        Attendance = "attendance",
        /// The pledge is that one participant's own.
        Pledge = "pledge",
    }
}

/// What a matrix is made of, each read for all of its commitments.
pub struct Holdings {
    pub pledges: Vec<Pledge>,
    pub attendance: Vec<Attendance>,
    pub adherents: Standings,
    pub assessments: Vec<Latest>,
    /// How many citations there are, by what they are about; those of events with their pledge's.
    pub citations: HashMap<Uuid, i64>,
}

/// A meeting's commitments, its members, and how each member stands to each commitment.
#[derive(Debug, Serialize, ToSchema)]
pub struct Matrix<'a> {
    /// In the order in which they were entered.
    #[schema(max_items = 200)]
    commitments: Vec<Commitment<'a>>,
    /// By their codes: who attended, states something or pledged.
    members: Vec<Member<'a>>,
    /// By commitment, then by member.
    cells: Vec<Cell<'a>>,
}

/// What was promised.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MatrixCommitment)]
struct Commitment<'a> {
    pledge: Uuid,
    #[schema(min_length = 1, max_length = 10000)]
    purpose: Option<&'a str>,
    /// As events have it, and nothing else.
    state: State,
    /// When it is due, as last put off.
    due: Option<PartialDate>,
    /// Whether the last day of that is past, and it is neither fulfilled nor ended otherwise.
    overdue: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MatrixMember)]
struct Member<'a> {
    participant: &'a Code,
    /// In the reader's language.
    name: &'a str,
    /// Null where it did not attend.
    role: Option<Role>,
}

/// How a member stands to a commitment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MatrixCell)]
struct Cell<'a> {
    pledge: Uuid,
    participant: &'a Code,
    /// Null where the pledge is its own.
    stance: Option<Stance>,
    by: By,
    /// Whether it is bound: not where it dissociated itself, or withdrew.
    obliged: bool,
    /// How many citations there are of the pledge and its events, of what the member states, and of its latest
    /// assessments.
    #[schema(minimum = 0)]
    evidence: i64,
    /// Whether its assessors conflict.
    disputed: bool,
    /// The latest of this member.
    assessments: Vec<Verdict<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MatrixAssessment)]
struct Verdict<'a> {
    assessor: &'a str,
    scale: &'a Slug,
    value: &'a str,
    meaning: Meaning,
    kind: assessments::Kind,
}

/// What assessors say, found by whom it is of: each is looked at once, however many cells there are.
struct Verdicts<'a> {
    of_pledge: HashMap<Uuid, Vec<&'a Latest>>,
    of_member: HashMap<(Uuid, &'a Code), Vec<&'a Latest>>,
}

impl<'a> Verdicts<'a> {
    fn of(assessments: &'a [Latest]) -> Self {
        let (mut of_pledge, mut of_member) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for it in assessments {
            of_pledge.entry(it.pledge).or_default().push(it);
            if let Some(participant) = &it.participant {
                of_member.entry((it.pledge, participant)).or_default().push(it);
            }
        }
        Self { of_pledge, of_member }
    }
}

impl Holdings {
    /// The matrix, with names in a reader's language, as it is on their day.
    #[must_use]
    pub fn matrix(&self, viewpoint: Viewpoint) -> Matrix<'_> {
        let mut adherents: HashMap<Uuid, BTreeMap<&Code, &Standing>> = HashMap::new();
        for it in &self.adherents.all {
            adherents
                .entry(it.pledge)
                .or_default()
                .insert(&it.participant, it);
        }
        let verdicts = Verdicts::of(&self.assessments);
        let mut cells = Vec::new();
        for pledge in &self.pledges {
            if let Some(participant) = &pledge.refs.participant {
                cells.push(self.own_cell(pledge, participant, &verdicts));
            } else {
                let of_pledge = adherents.remove(&pledge.id).unwrap_or_default();
                cells.extend(of_pledge.into_values().map(|it| self.cell(it, &verdicts)));
            }
        }
        Matrix {
            commitments: self
                .pledges
                .iter()
                .map(|it| Commitment::of(it, viewpoint.today))
                .collect(),
            members: self.members(viewpoint.language),
            cells,
        }
    }

    fn members(&self, language: Language) -> Vec<Member<'_>> {
        let mut members: BTreeMap<&Code, (&LangMap, Option<Role>)> = BTreeMap::new();
        for it in &self.attendance {
            members.insert(&it.participant, (&it.participant_names, Some(it.role)));
        }
        for (participant, names) in &self.adherents.names {
            members.entry(participant).or_insert((names, None));
        }
        for it in &self.pledges {
            if let Some((participant, names)) = it.own_participant() {
                members.entry(participant).or_insert((names, None));
            }
        }
        members
            .into_iter()
            .map(|(participant, (names, role))| Member {
                participant,
                name: names.resolve(language),
                role,
            })
            .collect()
    }

    /// Of a pledge that is one participant's own: what is said of all of it is said of that one.
    fn own_cell<'a>(&'a self, pledge: &Pledge, participant: &'a Code, verdicts: &Verdicts<'a>) -> Cell<'a> {
        Cell {
            stance: None,
            by: By::Pledge,
            obliged: true,
            ..self.judged(pledge.id, participant, verdicts.of_pledge.get(&pledge.id))
        }
    }

    /// Of a collective pledge, by one who states something of it or attended and adopted it.
    fn cell<'a>(&'a self, adherent: &'a Standing, verdicts: &Verdicts<'a>) -> Cell<'a> {
        let stance = adherent.stance;
        let (pledge, participant) = (adherent.pledge, &adherent.participant);
        let judged = self.judged(
            pledge,
            participant,
            verdicts.of_member.get(&(pledge, participant)),
        );
        Cell {
            stance: Some(stance),
            by: if adherent.is_stated {
                By::Statement
            } else {
                By::Attendance
            },
            obliged: stance.obliges(),
            evidence: judged.evidence + self.cited(adherent.id),
            ..judged
        }
    }

    /// What assessors say of a member, and how much of all that is evidenced.
    fn judged<'a>(
        &'a self,
        pledge: Uuid,
        participant: &'a Code,
        of_it: Option<&Vec<&'a Latest>>,
    ) -> Cell<'a> {
        let of_it = of_it.map(Vec::as_slice).unwrap_or_default();
        let of_assessments: i64 = of_it.iter().map(|it| self.cited(it.id)).sum();
        Cell {
            pledge,
            participant,
            stance: None,
            by: By::Pledge,
            obliged: false,
            evidence: self.cited(pledge) + of_assessments,
            disputed: is_disputed(of_it.iter().map(|it| (it.assessor.as_str(), it.meaning))),
            assessments: of_it.iter().map(|it| Verdict::of(it)).collect(),
        }
    }

    fn cited(&self, about: Uuid) -> i64 {
        self.citations.get(&about).copied().unwrap_or_default()
    }
}

impl<'a> Commitment<'a> {
    fn of(pledge: &'a Pledge, today: NaiveDate) -> Self {
        Self {
            pledge: pledge.id,
            purpose: pledge.terms.purpose.as_deref(),
            state: pledge.figures.state,
            due: pledge.timing.due,
            overdue: pledge.is_overdue(today),
        }
    }
}

impl<'a> Verdict<'a> {
    fn of(assessment: &'a Latest) -> Self {
        Self {
            assessor: &assessment.assessor,
            scale: &assessment.scale,
            value: &assessment.value,
            meaning: assessment.meaning,
            kind: assessment.kind,
        }
    }
}

/// The columns of a matrix as a table: a line a cell.
const COLUMNS: [&str; 11] = [
    "pledge",
    "purpose",
    "participant",
    "participant_name",
    "role",
    "stance",
    "by",
    "obliged",
    "evidence",
    "disputed",
    "assessments",
];

impl Matrix<'_> {
    /// Each cell as a line, with what its commitment and its member say.
    fn lines(&self) -> impl Iterator<Item = Value> {
        let purposes: HashMap<Uuid, Option<&str>> = self
            .commitments
            .iter()
            .map(|it| (it.pledge, it.purpose))
            .collect();
        let members: HashMap<&Code, &Member<'_>> =
            self.members.iter().map(|it| (it.participant, it)).collect();
        self.cells.iter().map(move |cell| {
            let member = members.get(cell.participant);
            let said: Vec<String> = cell
                .assessments
                .iter()
                .map(|it| format!("{}: {}", it.assessor, it.value))
                .collect();
            json!({
                "pledge": cell.pledge,
                "purpose": purposes.get(&cell.pledge),
                "participant": cell.participant,
                "participant_name": member.map(|it| it.name),
                "role": member.and_then(|it| it.role),
                "stance": cell.stance,
                "by": cell.by,
                "obliged": cell.obliged,
                "evidence": cell.evidence,
                "disputed": cell.disputed,
                "assessments": said.join("; "),
            })
        })
    }
}

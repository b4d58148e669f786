//! Sums that are kept, so that a total need not read pledges.
//!
//! They follow every change of a pledge in its own transaction, from what it
//! was to what it became, and only by differences: nothing is read to write
//! them, and those of many changes are one sum per row. A sum that would not fit is refused there, and the write with it.
//!
//! | question | answered from |
//! | --- | --- |
//! | everything; by currency | `register` |
//! | one meeting, by meeting, by or of a coalition | `meeting` |
//! | one participant, by participant, by or of a kind | `participant` |
//! | by or of an instrument, a state, a beneficiary | `instrument`, `state`, `beneficiary` |
//! | the same two at once: meeting (coalition) and participant (kind), meeting and instrument | `meeting_participant`, `meeting_instrument` |
//! | every other filter, grouping or basis | the pledges that the filter's index finds |
//! | a conversion | the pledges, one by one, as each is rounded on its own |
//! | `tranche_year`, `phased` | as without them, and the pledges with tranches one by one |

use std::{borrow::Cow, collections::BTreeMap, future::Future, pin::Pin};

use serde::Deserialize;

use super::{Dimension, NULL, sql};
use crate::{
    db::{Conn, Reader},
    error::{Error, Result},
    history::{Change, Projection},
    pledges::sql::PledgeFilter,
    resources::Resource,
    values::{Amount, Currency, vocabulary},
};

vocabulary! {
    /// What kept sums are grouped by, beside currency and whether they restate.
    Level {
        Register = "register",
        Meeting = "meeting",
        Participant = "participant",
        Instrument = "instrument",
        State = "state",
        Beneficiary = "beneficiary",
        MeetingParticipant = "meeting_participant",
        MeetingInstrument = "meeting_instrument",
    }
}

impl Level {
    pub const ALL: [Self; 8] = [
        Self::Register,
        Self::Meeting,
        Self::Participant,
        Self::Instrument,
        Self::State,
        Self::Beneficiary,
        Self::MeetingParticipant,
        Self::MeetingInstrument,
    ];

    /// Its keys, the first one first.
    #[must_use]
    pub const fn keys(self) -> &'static [Dimension] {
        match self {
            Self::Register => &[],
            Self::Meeting => &[Dimension::Meeting],
            Self::Participant => &[Dimension::Participant],
            Self::Instrument => &[Dimension::Instrument],
            Self::State => &[Dimension::State],
            Self::Beneficiary => &[Dimension::Beneficiary],
            Self::MeetingParticipant => &[Dimension::Meeting, Dimension::Participant],
            Self::MeetingInstrument => &[Dimension::Meeting, Dimension::Instrument],
        }
    }

    /// The coarsest level that answers a question; `None` when only the pledges can.
    #[must_use]
    pub fn for_question(filter: &PledgeFilter, dimensions: &[Dimension]) -> Option<Self> {
        let mut needed = keyed(filter)?;
        for dimension in dimensions {
            needed.push(match dimension {
                Dimension::Year | Dimension::Month | Dimension::Stage => return None,
                // Those come with tranches, and move out of the sums what they split.
                Dimension::TrancheYear => continue,
                other => other.kept_as()?,
            });
        }
        let needed: Vec<Dimension> = needed
            .into_iter()
            .filter(|it| *it != Dimension::Currency)
            .collect();
        Self::ALL
            .into_iter()
            .find(|level| needed.iter().all(|dimension| level.keys().contains(dimension)))
    }
}

/// The kept dimensions that a filter names; `None` when it asks for more than keys.
fn keyed(filter: &PledgeFilter) -> Option<Vec<Dimension>> {
    let rest = PledgeFilter {
        participant: filter.participant.clone(),
        participant_kind: filter.participant_kind.clone(),
        meeting: filter.meeting.clone(),
        coalition: filter.coalition.clone(),
        instrument: filter.instrument.clone(),
        state: filter.state.clone(),
        beneficiary: filter.beneficiary.clone(),
        currency: filter.currency.clone(),
        ..PledgeFilter::default()
    };
    if *filter != rest {
        return None;
    }
    let asked = [
        (
            Dimension::Participant,
            !filter.participant.is_empty() || !filter.participant_kind.is_empty(),
        ),
        (
            Dimension::Meeting,
            !filter.meeting.is_empty() || !filter.coalition.is_empty(),
        ),
        (Dimension::Instrument, !filter.instrument.is_empty()),
        (Dimension::State, !filter.state.is_empty()),
        (Dimension::Beneficiary, !filter.beneficiary.is_empty()),
    ];
    Some(
        asked
            .into_iter()
            .filter(|(_, asked)| *asked)
            .map(|(dimension, _)| dimension)
            .collect(),
    )
}

impl Dimension {
    /// The dimension of a level that it can be told from.
    fn kept_as(self) -> Option<Self> {
        match self {
            Self::Coalition => Some(Self::Meeting),
            Self::ParticipantKind => Some(Self::Participant),
            Self::Year | Self::Month | Self::TrancheYear => None,
            other => Some(other),
        }
    }
}

/// Which kept row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RowKey<'a> {
    pub(super) level: Level,
    pub(super) key1: Cow<'a, str>,
    pub(super) key2: Cow<'a, str>,
    pub(super) currency: Cow<'a, str>,
    pub(super) restated: bool,
}

/// What the log keeps of a pledge, as far as sums go: keys, words and decimals, which JSON never escapes.
#[derive(Deserialize)]
struct Document<'a> {
    meeting: Option<&'a str>,
    participant: Option<&'a str>,
    beneficiary: Option<&'a str>,
    instrument: &'a str,
    state: &'a str,
    currency: Option<&'a str>,
    restates: Option<&'a str>,
    pledged_min: Option<&'a str>,
    pledged: Option<&'a str>,
    pledged_max: Option<&'a str>,
    counted_min: Option<&'a str>,
    counted: Option<&'a str>,
    counted_max: Option<&'a str>,
    committed: Option<&'a str>,
    paid: Option<&'a str>,
    withdrawn: Option<&'a str>,
    outstanding: Option<&'a str>,
}

/// What one pledge adds to the sums that it is part of.
struct Entry<'a> {
    document: Document<'a>,
    sums: KeptSums,
}

/// The kept figures, or a difference of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct KeptSums(pub(super) [i64; 14]);

impl KeptSums {
    fn negated(self) -> Self {
        Self(self.0.map(|figure| -figure))
    }

    /// `None` where a sum would not fit.
    fn plus(mut self, other: Self) -> Option<Self> {
        for (figure, more) in self.0.iter_mut().zip(other.0) {
            *figure = figure.checked_add(more)?;
        }
        Some(self)
    }
}

impl<'a> Entry<'a> {
    /// Reads what the log keeps of a pledge.
    fn read(text: &'a str) -> Result<Self> {
        let it: Document = serde_json::from_str(text).map_err(Error::internal)?;
        let currency: Option<Currency> = it
            .currency
            .map(str::parse)
            .transpose()
            .map_err(|detail: String| Error::internal(detail))?;
        let money = |figure: Option<&str>| -> Result<Option<i64>> {
            let Some((figure, currency)) = figure.zip(currency) else {
                return Ok(None);
            };
            let (negative, digits) = figure
                .strip_prefix('-')
                .map_or((false, figure), |digits| (true, digits));
            let minor = Amount::parse_sum(digits)
                .and_then(|it| it.in_currency(currency))
                .map_err(|detail: String| Error::internal(detail))?;
            Ok(Some(if negative { -minor } else { minor }))
        };
        let [min, point, max] = [money(it.pledged_min)?, money(it.pledged)?, money(it.pledged_max)?];
        let sum = |figure: Option<i64>| figure.unwrap_or(0);
        let sums = KeptSums([
            1,
            min.is_some().into(),
            point.is_some().into(),
            max.is_some().into(),
            sum(min),
            sum(point),
            sum(max),
            sum(money(it.counted_min)?),
            sum(money(it.counted)?),
            sum(money(it.counted_max)?),
            sum(money(it.committed)?),
            sum(money(it.paid)?),
            sum(money(it.withdrawn)?),
            sum(money(it.outstanding)?),
        ]);
        Ok(Self { document: it, sums })
    }

    /// Adds sums to every row that the pledge is part of.
    fn add_to(&self, moved: &mut BTreeMap<RowKey<'a>, KeptSums>, sums: KeptSums) -> Result<()> {
        for level in Level::ALL {
            let key = |index: usize| match level.keys().get(index) {
                Some(dimension) => Cow::Borrowed(self.key(*dimension).unwrap_or(NULL)),
                None => Cow::default(),
            };
            let row = RowKey {
                level,
                key1: key(0),
                key2: key(1),
                currency: self.document.currency.unwrap_or(NULL).into(),
                restated: self.document.restates.is_some(),
            };
            let sum = moved.entry(row).or_default();
            *sum = sum.plus(sums).ok_or_else(crate::db::sum_does_not_fit)?;
        }
        Ok(())
    }

    fn key(&self, dimension: Dimension) -> Option<&'a str> {
        match dimension {
            Dimension::Meeting => self.document.meeting,
            Dimension::Participant => self.document.participant,
            Dimension::Beneficiary => self.document.beneficiary,
            Dimension::Instrument => Some(self.document.instrument),
            Dimension::State => Some(self.document.state),
            Dimension::Currency => self.document.currency,
            Dimension::Coalition
            | Dimension::ParticipantKind
            | Dimension::Year
            | Dimension::Month
            | Dimension::TrancheYear
            | Dimension::Stage => None,
        }
    }
}

/// Keeps the sums in step with the pledges.
pub struct Rollups;

impl Projection for Rollups {
    fn apply<'a>(
        &'a self,
        conn: &'a mut Conn,
        changes: &'a [Change],
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        Box::pin(async move {
            let mut moved = BTreeMap::new();
            for change in changes.iter().filter(|it| it.resource == Resource::Pledges) {
                if let Some(before) = &change.before {
                    let before = Entry::read(before)?;
                    before.add_to(&mut moved, before.sums.negated())?;
                }
                if let Some(after) = &change.after {
                    let after = Entry::read(after)?;
                    after.add_to(&mut moved, after.sums)?;
                }
            }
            moved.retain(|_, sums| *sums != KeptSums::default());
            sql::add(conn, &moved).await
        })
    }
}

/// A kept row that differs from what the pledges say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Level, keys, currency, whether they restate.
    pub row: String,
    pub kept: Option<String>,
    pub counted: Option<String>,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |sums: &Option<String>| sums.clone().unwrap_or_else(|| "nothing".into());
        write!(
            f,
            "{}: kept {}, pledges say {}",
            self.row,
            shown(&self.kept),
            shown(&self.counted)
        )
    }
}

/// Recomputes every kept sum from the pledges; what differs.
pub async fn verify(conn: &mut Reader) -> Result<Vec<Difference>> {
    let kept = sql::kept(conn).await?;
    let mut counted = std::collections::BTreeMap::new();
    for level in Level::ALL {
        counted.extend(sql::counted(conn, level).await?);
    }
    let keys: std::collections::BTreeSet<_> = kept.keys().chain(counted.keys()).cloned().collect();
    Ok(keys
        .into_iter()
        .filter(|key| kept.get(key) != counted.get(key))
        .map(|key| {
            let shown = |sums: Option<&KeptSums>| sums.map(|sums| format!("{:?}", sums.0));
            Difference {
                kept: shown(kept.get(&key)),
                counted: shown(counted.get(&key)),
                row: key,
            }
        })
        .collect())
}

/// Computes every kept sum anew.
pub async fn rebuild(conn: &mut Conn) -> Result<()> {
    sql::clear(conn).await?;
    for level in Level::ALL {
        sql::fill(conn, level).await?;
    }
    Ok(())
}

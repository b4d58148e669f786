//! What was sent to the register and accepted, and what follows from it for a single pledge.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, Months, NaiveDate};

use super::exact::{Fraction, decimals};

/// A date of any precision: the days that it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    pub text: String,
    pub first: NaiveDate,
    pub last: NaiveDate,
}

impl Date {
    pub fn of(text: &str) -> Self {
        let first = NaiveDate::parse_from_str(&format!("{text}{}", &"-01-01"[text.len() - 4..]), "%Y-%m-%d")
            .unwrap_or_else(|_| panic!("{text} is no date"));
        let after = match text.len() {
            4 => first + Months::new(12),
            7 => first + Months::new(1),
            _ => first + Days::new(1),
        };
        Self {
            text: text.to_owned(),
            first,
            last: after - Days::new(1),
        }
    }

    pub fn year(&self) -> String {
        self.text[..4].to_owned()
    }

    pub fn month(&self) -> Option<String> {
        self.text.get(..7).map(str::to_owned)
    }
}

#[derive(Debug, Clone)]
pub struct Meeting {
    pub coalition: Option<String>,
    pub starts_on: Date,
    pub ends_on: Option<Date>,
    pub headline: Option<Headline>,
}

impl Meeting {
    pub fn last_day(&self) -> NaiveDate {
        self.ends_on.as_ref().unwrap_or(&self.starts_on).last
    }
}

#[derive(Debug, Clone)]
pub struct Headline {
    pub currency: String,
    pub amount: Option<i128>,
    pub need: Option<i128>,
}

/// A period of a participant's membership; the day of leaving is no part of it.
#[derive(Debug, Clone)]
pub struct Membership {
    pub coalition: String,
    pub participant: String,
    pub joined_on: Date,
    pub left_on: Option<NaiveDate>,
}

/// Minimum, point and maximum, in minor units.
pub type Range = [Option<i128>; 3];

#[derive(Debug, Clone)]
pub struct Terms {
    pub instrument: String,
    pub participant: Option<String>,
    pub meeting: Option<String>,
    pub parent: Option<String>,
    pub restates: Option<String>,
    pub beneficiary: Option<String>,
    pub qualifier: Option<String>,
    /// `amount_min`, `amount` and `amount_max` as they were sent.
    pub stated: Range,
    pub currency: Option<String>,
    /// What a part is in the currency of its parent, where that is another one.
    pub equivalent: Option<(String, Range)>,
    pub announced_on: Option<Date>,
    /// From, to, and how much.
    pub tranches: Vec<(Date, Date, i128)>,
}

impl Terms {
    /// What was announced, by what its qualifier means.
    pub fn announced(&self) -> Range {
        self.meant(self.stated)
    }

    fn meant(&self, [min, point, max]: Range) -> Range {
        match self.qualifier.as_deref() {
            None => [None; 3],
            Some("exact" | "about") => [min.or(point), point, max.or(point)],
            Some("up_to") => [min.or(Some(0)), None, max],
            Some("at_least") => [min, None, None],
            Some(_) => [min, point, max],
        }
    }
}

#[derive(Debug, Clone)]
pub struct Event {
    pub id: String,
    pub live: bool,
    pub stage: &'static str,
    pub occurred_on: Date,
    pub amount: Option<i128>,
    /// What increased or reduced a part, in the currency of its parent.
    pub equivalent: Option<i128>,
}

#[derive(Debug, Clone)]
pub struct Pledge {
    pub id: String,
    pub live: bool,
    pub cited: bool,
    pub terms: Terms,
    /// In the order of their entry.
    pub events: Vec<Event>,
}

pub const COMMITTED: &[&str] = &["committed"];
pub const PAID: &[&str] = &["paid"];
pub const WITHDRAWN: &[&str] = &["withdrawn", "redirected", "expired"];

impl Pledge {
    /// Live events of these stages.
    pub fn happened<'a>(&'a self, stages: &'a [&str]) -> impl Iterator<Item = &'a Event> {
        self.events
            .iter()
            .filter(move |event| event.live && stages.contains(&event.stage))
    }

    pub fn sum(&self, stages: &[&str]) -> i128 {
        self.happened(stages).filter_map(|event| event.amount).sum()
    }

    /// As announced, with increases and reductions.
    pub fn pledged(&self) -> Range {
        let moved = self.sum(&["increased"]) - self.sum(&["reduced"]);
        self.terms.announced().map(|figure| Some(figure? + moved))
    }

    /// What it takes of its parent, in that one's currency.
    pub fn taken(&self) -> Range {
        let Some((_, stated)) = &self.terms.equivalent else {
            return self.pledged();
        };
        let moved = |stage: &str| -> i128 {
            self.happened(&[stage])
                .map(|event| event.equivalent.unwrap())
                .sum()
        };
        let moved = moved("increased") - moved("reduced");
        self.terms.meant(*stated).map(|figure| Some(figure? + moved))
    }

    /// Which of these stages happened last.
    fn last(&self, stages: &[&str]) -> Option<&'static str> {
        let of_days = self.happened(stages).enumerate();
        let last = of_days.max_by_key(|(entry, event)| (event.occurred_on.first, *entry));
        last.map(|(_, event)| event.stage)
    }
}

/// What follows for a pledge from its own inputs and its parts.
#[derive(Debug, Clone)]
pub struct Standing {
    pub pledged: Range,
    /// What its parts come to, where it has any; no maximum where one of them has none.
    pub covered: Option<Range>,
    pub committed: i128,
    pub paid: i128,
    pub withdrawn: i128,
    pub state: &'static str,
}

impl Standing {
    /// What a parent adds beside its parts.
    pub fn remainder(&self) -> Range {
        let covered = self.covered.unwrap_or([Some(0); 3]);
        std::array::from_fn(|at| {
            let own = self.pledged[at]?;
            Some(covered[at].map_or(0, |covered| (own - covered).max(0)))
        })
    }
}

#[derive(Debug, Clone)]
pub struct Rate {
    pub per_usd: Fraction,
    pub text: String,
}

#[derive(Debug, Default)]
pub struct Register {
    /// Code and kind.
    pub participants: BTreeMap<String, String>,
    pub memberships: Vec<Membership>,
    pub meetings: BTreeMap<String, Meeting>,
    pub pledges: Vec<Pledge>,
    /// By currency, day and source.
    pub rates: BTreeMap<String, BTreeMap<NaiveDate, BTreeMap<String, Rate>>>,
}

impl Register {
    pub fn live(&self) -> impl Iterator<Item = &Pledge> {
        self.pledges.iter().filter(|pledge| pledge.live)
    }

    pub fn rate(&mut self, currency: &str, day: NaiveDate, source: &str, per_usd: &str) {
        let rate = Rate {
            per_usd: Fraction::read(per_usd).unwrap(),
            text: per_usd.to_owned(),
        };
        let days = self.rates.entry(currency.to_owned()).or_default();
        days.entry(day).or_default().insert(source.to_owned(), rate);
    }

    pub fn coalition_of(&self, pledge: &Pledge) -> Option<&str> {
        let meeting = pledge.terms.meeting.as_ref()?;
        self.meetings[meeting].coalition.as_deref()
    }

    pub fn kind_of(&self, pledge: &Pledge) -> Option<&str> {
        let participant = pledge.terms.participant.as_ref()?;
        Some(&self.participants[participant])
    }

    /// Whether a participant belonged to a coalition on some day of a date.
    pub fn was_member(&self, participant: &str, coalition: &str, at: &Date) -> bool {
        self.memberships.iter().any(|membership| {
            membership.participant == participant
                && membership.coalition == coalition
                && membership.joined_on.first <= at.last
                && membership.left_on.is_none_or(|left_on| left_on > at.first)
        })
    }

    /// How every live pledge stands, by its id.
    pub fn standings(&self) -> BTreeMap<&str, Standing> {
        let mut parts: BTreeMap<&str, Vec<Range>> = BTreeMap::new();
        for part in self.live() {
            if let Some(parent) = &part.terms.parent {
                parts.entry(parent).or_default().push(part.taken());
            }
        }
        // A sum is known where every one of them is.
        let together = |parts: &[Range]| std::array::from_fn(|at| parts.iter().map(|part| part[at]).sum());
        let covered: BTreeMap<&str, Range> = parts
            .into_iter()
            .map(|(parent, parts)| (parent, together(&parts)))
            .collect();
        let own: BTreeMap<&str, Standing> = self
            .live()
            .map(|pledge| {
                (
                    pledge.id.as_str(),
                    standing(pledge, covered.get(pledge.id.as_str())),
                )
            })
            .collect();
        let mut stood = own.clone();
        for (id, standing) in &mut stood {
            standing.state = self.stands(&own, id).0;
        }
        stood
    }

    /// The state of a live pledge, and whether anything was paid: a parent that is nothing but its parts has both from them, and a
    /// part that restates another pledge from that one.
    fn stands(&self, own: &BTreeMap<&str, Standing>, id: &str) -> (&'static str, bool) {
        let standing = &own[id];
        let [min, point, max] = standing.remainder();
        let is_told = standing.covered.is_some()
            && point.or(max).or(min) == Some(0)
            && standing.paid == 0
            && standing.state != "restated";
        if !is_told {
            return (standing.state, standing.paid > 0);
        }
        let mut states = BTreeSet::new();
        let mut is_paid = false;
        for part in self.live().filter(|it| it.terms.parent.as_deref() == Some(id)) {
            let first = part.terms.restates.as_ref().unwrap_or(&part.id);
            let (state, is_part_paid) = self.stands(own, first);
            states.insert(state);
            is_paid |= is_part_paid;
        }
        let state = if states == BTreeSet::from(["fulfilled"]) {
            "fulfilled"
        } else if states.is_subset(&BTreeSet::from(["fulfilled", "withdrawn"])) {
            "withdrawn"
        } else if is_paid {
            "partly_paid"
        } else {
            "open"
        };
        (state, is_paid)
    }
}

/// Adds a figure to a sum; nothing and nothing is nothing.
pub fn add(sum: &mut Option<i128>, figure: Option<i128>) {
    if let Some(figure) = figure {
        *sum = Some(sum.unwrap_or(0) + figure);
    }
}

fn standing(pledge: &Pledge, covered: Option<&Range>) -> Standing {
    let mut standing = Standing {
        pledged: pledge.pledged(),
        covered: covered.copied(),
        committed: pledge.sum(COMMITTED),
        paid: pledge.sum(PAID),
        withdrawn: pledge.sum(WITHDRAWN),
        state: "open",
    };
    standing.state = state(pledge, &standing);
    standing
}

/// The first that holds.
fn state(pledge: &Pledge, standing: &Standing) -> &'static str {
    let (paid, withdrawn) = (standing.paid, standing.withdrawn);
    let [_, point, max] = standing.remainder();
    let is_outstanding = point.or(max).is_none_or(|most| most - paid - withdrawn > 0);
    let is_frozen = pledge.last(&["frozen", "released"]) == Some("frozen");
    if pledge.terms.restates.is_some() {
        "restated"
    } else if pledge.terms.qualifier.is_none() {
        // Without any amount, the last word counts.
        match pledge.last(&["completed", "withdrawn", "redirected", "expired"]) {
            Some("completed") => "fulfilled",
            Some(_) => "withdrawn",
            None if is_frozen => "frozen",
            None if pledge.last(&["started"]).is_some() => "in_progress",
            None => "open",
        }
    } else if is_frozen && is_outstanding {
        "frozen"
    } else if paid > 0 && withdrawn == 0 && point.or(max).is_some_and(|most| paid >= most) {
        "fulfilled"
    } else if !is_outstanding && (withdrawn > 0 || standing.pledged[2] == Some(0)) {
        "withdrawn"
    } else if paid > 0 {
        "partly_paid"
    } else {
        "open"
    }
}

/// Whole units of a currency in its minor ones.
pub fn units(whole: i128, currency: &str) -> i128 {
    whole * 10_i128.pow(decimals(currency))
}

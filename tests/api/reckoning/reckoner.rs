//! The reckoning: what a question must be answered, from the inputs alone.
//!
//! Each pledge that matches is looked at once and becomes a [`Line`]; a group is
//! its lines, and every sum is the sum of theirs. Nothing of the register's own
//! arithmetic is used.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use chrono::{Days, NaiveDate};
use num_bigint::BigInt;

use super::{
    exact::{Fraction, decimals},
    question::{self, Conversion, FIGURES, Parents, Question, RateDate},
    register::{COMMITTED, Meeting, PAID, Pledge, Range, Register, Standing, WITHDRAWN, add},
};

/// Minimum, point, maximum, committed, paid, withdrawn and outstanding, as [`FIGURES`] names them.
pub type Figures = [Option<i128>; 7];

/// The places among them of what was pledged, of what happened, and of what is outstanding.
const PLEDGED: [usize; 3] = [0, 1, 2];
pub const POINT: usize = 1;
pub const HAPPENED: [usize; 3] = [3, 4, 5];
const OUTSTANDING: usize = 6;

/// A converted figure beyond this is none.
fn largest() -> BigInt {
    BigInt::from(10).pow(30)
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsedRate {
    pub currency: String,
    pub date: NaiveDate,
    pub per_usd: String,
    pub source: String,
}

/// Figures in the currency that is asked for, and what stays in its own.
#[derive(Debug, Clone, Default)]
pub struct Split {
    /// What happened, and nothing of it has a rate or nothing happened at all, is none here.
    pub converted: Figures,
    pub unconverted: Figures,
    pub rates: BTreeSet<UsedRate>,
}

impl Split {
    pub fn has_converted(&self) -> bool {
        self.converted.iter().any(Option::is_some)
    }

    pub fn has_unconverted(&self) -> bool {
        self.unconverted.iter().any(Option::is_some)
    }
}

/// A converted row as it is said: nothing that happened is zero where all was converted, else null.
pub fn said(converted: &Figures, is_all: bool) -> Figures {
    let mut said = *converted;
    for at in HAPPENED {
        if said[at].is_none() && is_all {
            said[at] = Some(0);
        }
    }
    said
}

/// What a pledge that counts adds.
#[derive(Debug)]
pub struct Line {
    pub id: String,
    pub currency: Option<String>,
    pub figures: Figures,
    pub reason: &'static str,
    pub is_unbounded: bool,
    pub split: Option<Split>,
}

/// What of a pledge that matches is left out, and why.
#[derive(Debug)]
pub struct LeftOut {
    pub id: String,
    pub reason: &'static str,
    pub currency: Option<String>,
    pub range: Range,
    /// False where only a part of it is left out.
    pub is_whole: bool,
}

#[derive(Debug, Default)]
pub struct Row {
    pub pledges: i64,
    pub unbounded: i64,
    pub figures: Figures,
}

impl Row {
    fn add(&mut self, figures: &Figures) {
        for (sum, figure) in self.figures.iter_mut().zip(figures) {
            add(sum, *figure);
        }
    }
}

#[derive(Debug, Default)]
pub struct Converted {
    pub row: Row,
    pub unconverted: BTreeMap<String, Row>,
}

#[derive(Debug, Default)]
pub struct Group {
    pub key: Vec<Option<String>>,
    pub counted: Vec<Line>,
    pub left_out: Vec<LeftOut>,
    pub pledges: i64,
    pub unquantified: i64,
    pub unbounded: i64,
    pub rows: BTreeMap<String, Row>,
    pub converted: Option<Converted>,
}

#[derive(Debug)]
pub struct Headline {
    pub currency: String,
    pub amount: Option<i128>,
    pub need: Option<i128>,
    pub counted: Option<i128>,
    pub converted: Option<ConvertedHeadline>,
}

#[derive(Debug)]
pub struct ConvertedHeadline {
    /// The day that all of it converts at.
    pub day: NaiveDate,
    pub amount: Option<i128>,
    pub need: Option<i128>,
    pub counted: Option<i128>,
    /// The meeting's pledges, or what of them has no rate, by currency.
    pub unconverted: BTreeMap<String, Row>,
}

#[derive(Debug)]
pub struct Totals {
    /// Every group, by key.
    pub all_groups: Vec<Group>,
    /// Those that the question bounds, in the order that it asks for, as places in `all_groups`.
    pub order: Vec<usize>,
    pub left_out: BTreeMap<&'static str, BTreeMap<String, Row>>,
    pub left_out_pledges: BTreeMap<&'static str, i64>,
    pub headline: Option<Headline>,
    pub rates: BTreeSet<UsedRate>,
    /// Those of the headline alone.
    pub headline_rates: BTreeSet<UsedRate>,
    /// The ids of all pledges that match.
    pub matching: BTreeSet<String>,
}

/// A factor from one currency's minor units to another's, and the rates that make it.
type Factor = Option<(Fraction, Vec<UsedRate>)>;

pub struct Reckoner<'a> {
    register: &'a Register,
    standings: &'a BTreeMap<&'a str, Standing>,
    factors: RefCell<HashMap<(String, NaiveDate), Factor>>,
}

/// None where the question must be refused: there is no coalition to have been a member of.
pub fn answer(
    register: &Register,
    standings: &BTreeMap<&str, Standing>,
    question: &Question,
) -> Option<Totals> {
    if question.membership_at.is_some() {
        let named = match &question.at_meeting {
            Some(one) => std::slice::from_ref(one),
            None => question.words("meeting").unwrap_or_default(),
        };
        let has_one = |slug: &String| register.meetings[slug].coalition.is_some();
        if !named.is_empty() && !named.iter().any(has_one) {
            return None;
        }
    }
    let reckoner = Reckoner {
        register,
        standings,
        factors: RefCell::default(),
    };
    Some(reckoner.totals(question))
}

impl Reckoner<'_> {
    fn totals(&self, question: &Question) -> Totals {
        let mut groups = Groups::new();
        let mut matching = BTreeSet::new();
        if question.group_by.is_empty() {
            groups.insert(Vec::new(), Group::default());
        }
        for pledge in self.register.live() {
            let standing = &self.standings[pledge.id.as_str()];
            if !question.matches(self.register, pledge, standing) {
                continue;
            }
            matching.insert(pledge.id.clone());
            let key: Vec<_> = question
                .group_by
                .iter()
                .map(|dimension| question::key(self.register, pledge, standing, dimension))
                .collect();
            let (mut counted, left_out) = self.judge(question, pledge, standing);
            let year = question.group_by.iter().position(|it| *it == "tranche_year");
            if let Some((place, line)) = year.zip(counted.as_mut())
                && standing.covered.is_none()
            {
                for (year, share) in self.shares(question, pledge, line) {
                    let mut key = key.clone();
                    key[place] = Some(year);
                    at(&mut groups, key).counted.push(share);
                }
            }
            let group = at(&mut groups, key);
            group.counted.extend(counted);
            group.left_out.extend(left_out);
        }
        let mut all_groups: Vec<Group> = groups.into_values().collect();
        let mut left_out: BTreeMap<_, BTreeMap<String, Row>> = BTreeMap::new();
        let mut left_out_pledges = BTreeMap::new();
        let mut rates = BTreeSet::new();
        for group in &mut all_groups {
            group.sum(question);
            for line in &group.counted {
                rates.extend(line.split.iter().flat_map(|split| split.rates.iter().cloned()));
            }
            for left in &group.left_out {
                let pledges = i64::from(left.is_whole);
                *left_out_pledges.entry(left.reason).or_default() += pledges;
                let rows = left_out.entry(left.reason).or_default();
                if let Some(currency) = &left.currency {
                    let row = rows.entry(currency.clone()).or_default();
                    row.pledges += pledges;
                    let [min, point, max] = left.range;
                    row.unbounded += i64::from(left.is_whole && max.is_none());
                    row.add(&[min, point, max, None, None, None, None]);
                }
            }
        }
        let order = order(question, &all_groups);
        let mut headline_rates = BTreeSet::new();
        let headline = question
            .at_meeting
            .as_ref()
            .and_then(|slug| self.headline(question, slug, &mut headline_rates));
        Totals {
            all_groups,
            order,
            left_out,
            left_out_pledges,
            headline,
            rates,
            headline_rates,
            matching,
        }
    }

    /// What of a pledge counts on the question's basis, and what is left out.
    fn judge(
        &self,
        question: &Question,
        pledge: &Pledge,
        standing: &Standing,
    ) -> (Option<Line>, Option<LeftOut>) {
        let leave = |reason, range, is_whole| {
            Some(LeftOut {
                id: pledge.id.clone(),
                reason,
                currency: pledge.terms.currency.clone(),
                range,
                is_whole,
            })
        };
        if let Some(reason) = self.reason_to_leave_out(question, pledge, standing) {
            return (None, leave(reason, standing.pledged, true));
        }
        let is_parent = standing.covered.is_some() && standing.remainder() != standing.pledged;
        let (range, reason) = if pledge.terms.qualifier.is_none() {
            ([None; 3], "unquantified")
        } else if pledge.terms.restates.is_some() {
            (standing.pledged, "restatement_included")
        } else if is_parent && question.parents == Parents::Remainder {
            (standing.remainder(), "remainder")
        } else if is_parent {
            (standing.pledged, "whole")
        } else {
            (standing.pledged, "as_announced")
        };
        let mut part = None;
        if reason == "remainder" {
            // Null where nothing is covered.
            let covered =
                std::array::from_fn(|at| Some(standing.pledged[at]? - range[at]?).filter(|it| *it > 0));
            part = leave("covered_by_children", covered, false);
        }
        let mut figures = [None; 7];
        if pledge.terms.currency.is_some() {
            figures[..3].copy_from_slice(&range);
            for (at, sum) in HAPPENED
                .iter()
                .zip([standing.committed, standing.paid, standing.withdrawn])
            {
                figures[*at] = Some(sum);
            }
            figures[OUTSTANDING] = range[POINT].map(|point| point - standing.paid - standing.withdrawn);
        }
        let split = question
            .conversion
            .as_ref()
            .filter(|_| pledge.terms.currency.is_some())
            .map(|conversion| self.split(conversion, pledge, &figures));
        let line = Line {
            id: pledge.id.clone(),
            currency: pledge.terms.currency.clone(),
            figures,
            reason,
            is_unbounded: pledge.terms.currency.is_some() && standing.pledged[2].is_none(),
            split,
        };
        (Some(line), part)
    }

    /// The first that holds. What the reader chose to leave out comes before what counting leaves out.
    fn reason_to_leave_out(
        &self,
        question: &Question,
        pledge: &Pledge,
        standing: &Standing,
    ) -> Option<&'static str> {
        let terms = &pledge.terms;
        if !question.instruments.is_empty() && !question.instruments.contains(&terms.instrument) {
            return Some("other_instrument");
        }
        if let Some(at) = &question.membership_at {
            let Some(coalition) = self.register.coalition_of(pledge) else {
                return Some("no_coalition");
            };
            let donor = terms.participant.as_ref();
            if !donor.is_some_and(|donor| self.register.was_member(donor, coalition, at)) {
                return Some("not_a_member");
            }
        }
        if terms.restates.is_some() && !question.includes_restatements {
            return Some("restated");
        }
        match question.parents {
            Parents::Only if terms.parent.is_some() => Some("part_of_parent"),
            Parents::Children if standing.covered.is_some() => Some("has_children"),
            _ => None,
        }
    }

    /// The latest rate of a currency on a day or before it, that is not too old and of a source asked for.
    fn rate(&self, conversion: &Conversion, currency: &str, day: NaiveDate) -> Option<(Fraction, UsedRate)> {
        let oldest = day - Days::new(conversion.max_age.unwrap_or(7));
        self.register
            .rates
            .get(currency)?
            .range(oldest..=day)
            .rev()
            .find_map(|(date, by_source)| {
                // The first by name.
                let (source, rate) = by_source.iter().find(|(source, _)| {
                    conversion.sources.is_empty() || conversion.sources.contains(source)
                })?;
                let used = UsedRate {
                    currency: currency.to_owned(),
                    date: *date,
                    per_usd: rate.text.clone(),
                    source: source.clone(),
                };
                Some((rate.per_usd.clone(), used))
            })
    }

    fn factor(&self, conversion: &Conversion, from: &str, day: Option<NaiveDate>) -> Factor {
        let into = conversion.into.as_str();
        if from == into {
            return Some((Fraction::whole(1), Vec::new()));
        }
        let place = (from.to_owned(), day?);
        if let Some(known) = self.factors.borrow().get(&place) {
            return known.clone();
        }
        let make = |day| {
            let mut used = Vec::new();
            let mut per_usd = |currency: &str| {
                if currency == "USD" {
                    return Some(Fraction::whole(1));
                }
                let (rate, of) = self.rate(conversion, currency, day)?;
                used.push(of);
                Some(rate)
            };
            let factor = per_usd(into)?.by(&per_usd(from)?);
            let minor = |currency| Fraction::whole(10_i128.pow(decimals(currency)));
            Some((factor.times(&minor(into)).by(&minor(from)), used))
        };
        let factor: Factor = make(place.1);
        self.factors.borrow_mut().insert(place, factor.clone());
        factor
    }

    /// Each figure of a pledge, converted or left as it is.
    fn split(&self, conversion: &Conversion, pledge: &Pledge, figures: &Figures) -> Split {
        let from = pledge.terms.currency.as_deref().unwrap();
        let mut split = Split::default();
        let announced_on = pledge.terms.announced_on.as_ref();
        let day = conversion.rate_date.day().or(announced_on.map(|date| date.last));
        let at_announcement = self.factor(conversion, from, day);
        let convert = |figure: i128| {
            let (factor, _) = at_announcement.as_ref()?;
            rounded(&factor.times(&Fraction::whole(figure)))
        };
        // What was pledged converts together.
        let pledged: Vec<(usize, i128)> = PLEDGED
            .into_iter()
            .filter_map(|at| Some((at, figures[at]?)))
            .collect();
        let is_announcement_converted = pledged.iter().all(|(_, figure)| convert(*figure).is_some());
        for (at, figure) in pledged {
            let converted = convert(figure).filter(|_| is_announcement_converted);
            split.put(at, figure, converted);
        }
        if let Some((_, used)) = &at_announcement {
            split.rates.extend(used.iter().cloned());
        }
        for (at, stages) in HAPPENED.into_iter().zip([COMMITTED, PAID, WITHDRAWN]) {
            let sum = figures[at].unwrap();
            let own_days = conversion.rate_date == RateDate::Event && from != conversion.into;
            if sum == 0 {
                // Nothing happened, so nothing converts.
            } else if own_days {
                self.split_events(conversion, pledge, at, stages, &mut split);
            } else {
                split.put(at, sum, convert(sum));
            }
        }
        if let Some(outstanding) = figures[OUTSTANDING] {
            let [_, paid, withdrawn] = HAPPENED;
            let all_known = split.converted[POINT].is_some()
                && [paid, withdrawn]
                    .iter()
                    .all(|at| split.unconverted[*at].is_none());
            let converted = all_known.then(|| {
                let of = |at: usize| split.converted[at].unwrap_or(0);
                of(POINT) - of(paid) - of(withdrawn)
            });
            split.put(OUTSTANDING, outstanding, converted);
        }
        if split.has_unconverted() {
            // What did not happen stands beside what is left.
            for at in HAPPENED {
                if figures[at] == Some(0) {
                    split.unconverted[at] = Some(0);
                }
            }
        }
        split
    }

    /// Each event at its own day: those that have a rate are added and rounded once.
    fn split_events(
        &self,
        conversion: &Conversion,
        pledge: &Pledge,
        at: usize,
        stages: &[&str],
        split: &mut Split,
    ) {
        let from = pledge.terms.currency.as_deref().unwrap();
        let mut sum: Option<Fraction> = None;
        let (mut with, mut without) = (0, None);
        for event in pledge.happened(stages) {
            let amount = event.amount.unwrap();
            let day = event.occurred_on.last;
            if let Some((factor, used)) = self.factor(conversion, from, Some(day)) {
                let one = factor.times(&Fraction::whole(amount));
                sum = Some(sum.map_or(one.clone(), |sum| sum.plus(&one)));
                with += amount;
                split.rates.extend(used);
            } else {
                add(&mut without, Some(amount));
            }
        }
        if let Some(sum) = sum {
            split.put(at, with, rounded(&sum));
        }
        add(&mut split.unconverted[at], without);
    }

    fn headline(&self, question: &Question, slug: &str, rates: &mut BTreeSet<UsedRate>) -> Option<Headline> {
        let meeting: &Meeting = &self.register.meetings[slug];
        let headline = meeting.headline.as_ref()?;
        // The whole meeting, on the default basis, whatever else is asked: at one day.
        let mut whole = Question::plain();
        let asked = question.conversion.as_ref();
        let day = asked
            .and_then(|conversion| conversion.rate_date.day())
            .unwrap_or(meeting.last_day());
        whole.conversion = asked.map(|conversion| Conversion {
            rate_date: RateDate::Day(day),
            ..conversion.clone()
        });
        let mut group = Group::default();
        for pledge in self.register.live() {
            if pledge.terms.meeting.as_deref() == Some(slug) {
                let standing = &self.standings[pledge.id.as_str()];
                group.counted.extend(self.judge(&whole, pledge, standing).0);
            }
        }
        group.sum(&whole);
        for line in &group.counted {
            rates.extend(line.split.iter().flat_map(|split| split.rates.iter().cloned()));
        }
        let counted = group
            .rows
            .get(&headline.currency)
            .and_then(|row| row.figures[POINT]);
        let converted = whole.conversion.as_ref().map(|conversion| {
            let mut convert = |minor: Option<i128>| {
                let (factor, used) = self.factor(conversion, &headline.currency, Some(day))?;
                let figure = rounded(&factor.times(&Fraction::whole(minor?)));
                rates.extend(used);
                figure
            };
            let of_pledges = group.converted.take().unwrap_or_default();
            ConvertedHeadline {
                day,
                amount: convert(headline.amount),
                need: convert(headline.need),
                counted: of_pledges.row.figures[POINT],
                unconverted: of_pledges.unconverted,
            }
        });
        Some(Headline {
            currency: headline.currency.clone(),
            amount: headline.amount,
            need: headline.need,
            counted,
            converted,
        })
    }
}

/// By key, null last.
type Groups = BTreeMap<Vec<(bool, Option<String>)>, Group>;

fn at(groups: &mut Groups, key: Vec<Option<String>>) -> &mut Group {
    let place = key.iter().map(|part| (part.is_none(), part.clone())).collect();
    let group = groups.entry(place).or_default();
    group.key = key;
    group
}

impl Reckoner<'_> {
    /// What of a line falls into the years of its tranches, which is taken from it.
    ///
    /// A tranche after the other takes what it states of what is left. Converted, all that the first so many take together is
    /// rounded once, and the last of them has the difference.
    fn shares(&self, question: &Question, pledge: &Pledge, line: &mut Line) -> Vec<(String, Line)> {
        let mut tranches = pledge.terms.tranches.clone();
        tranches.sort_by_key(|(from, ..)| from.first);
        let split = match (line.figures[1], line.figures[2]) {
            (Some(_), _) => &PLEDGED[..],
            (None, Some(_)) => &PLEDGED[2..],
            (None, None) => return Vec::new(),
        };
        let factor = question.conversion.as_ref().and_then(|conversion| {
            let announced_on = pledge.terms.announced_on.as_ref();
            let day = conversion.rate_date.day().or(announced_on.map(|date| date.last));
            let factor = self.factor(conversion, line.currency.as_deref()?, day);
            factor.map(|(factor, _)| factor)
        });
        let is_left = line
            .split
            .as_ref()
            .is_some_and(|it| PLEDGED.iter().any(|at| it.unconverted[*at].is_some()));
        let mut shares: BTreeMap<String, Line> = BTreeMap::new();
        let mut so_far = [0; 3];
        for (from, _, amount) in tranches {
            let share = shares.entry(from.year()).or_insert_with(|| Line {
                id: line.id.clone(),
                currency: line.currency.clone(),
                figures: [None, None, None, Some(0), Some(0), Some(0), None],
                reason: line.reason,
                is_unbounded: false,
                split: line.split.as_ref().map(|it| Split {
                    rates: it.rates.clone(),
                    unconverted: if is_left {
                        [None, None, None, Some(0), Some(0), Some(0), None]
                    } else {
                        Figures::default()
                    },
                    ..Split::default()
                }),
            });
            for &figure in split {
                let Some(left) = line.figures[figure] else {
                    continue;
                };
                let takes = amount.min(left);
                line.figures[figure] = Some(left - takes);
                add(&mut share.figures[figure], Some(takes));
                let before = so_far[figure];
                so_far[figure] += takes;
                let (Some(of_line), Some(of_share)) = (&mut line.split, &mut share.split) else {
                    continue;
                };
                let (of_line, of_share, takes) = if is_left {
                    (&mut of_line.unconverted, &mut of_share.unconverted, takes)
                } else {
                    let reached = |minor: i128| {
                        let factor = factor.as_ref().unwrap();
                        rounded(&factor.times(&Fraction::whole(minor))).unwrap()
                    };
                    let takes = reached(so_far[figure]) - reached(before);
                    (&mut of_line.converted, &mut of_share.converted, takes)
                };
                add(&mut of_line[figure], Some(-takes));
                add(&mut of_share[figure], Some(takes));
            }
        }
        shares.into_iter().collect()
    }
}

impl Split {
    fn put(&mut self, at: usize, original: i128, converted: Option<i128>) {
        if converted.is_some() {
            self.converted[at] = converted;
        } else {
            self.unconverted[at] = Some(original);
        }
    }
}

fn rounded(figure: &Fraction) -> Option<i128> {
    let rounded = figure.rounded();
    let is_one = -largest() <= rounded && rounded <= largest();
    is_one.then(|| i128::try_from(rounded).unwrap())
}

impl Group {
    fn sum(&mut self, question: &Question) {
        let mut converted = Converted::default();
        for line in &self.counted {
            self.pledges += 1;
            let Some(currency) = &line.currency else {
                self.unquantified += 1;
                continue;
            };
            let unbounded = i64::from(line.is_unbounded);
            self.unbounded += unbounded;
            let row = self.rows.entry(currency.clone()).or_default();
            row.pledges += 1;
            row.unbounded += unbounded;
            row.add(&line.figures);
            let Some(split) = &line.split else { continue };
            if split.has_converted() {
                converted.row.pledges += 1;
                converted.row.unbounded += unbounded;
                converted.row.add(&split.converted);
            }
            if split.has_unconverted() {
                let row = converted.unconverted.entry(currency.clone()).or_default();
                row.pledges += 1;
                row.add(&split.unconverted);
            }
        }
        converted.row.figures = said(&converted.row.figures, converted.unconverted.is_empty());
        self.converted = question.conversion.is_some().then_some(converted);
    }

    /// The figure that a question sorts or bounds by.
    fn figure(&self, question: &Question, name: &str) -> Option<i128> {
        match name {
            "pledges" => Some(self.pledges.into()),
            "unquantified" => Some(self.unquantified.into()),
            "unbounded" => Some(self.unbounded.into()),
            _ => {
                let at = FIGURES.iter().position(|figure| *figure == name).unwrap();
                let row = match &self.converted {
                    Some(converted) => Some(&converted.row),
                    None => self.rows.get(question.only_currency().unwrap()),
                };
                row?.figures[at]
            }
        }
    }
}

/// The groups that are bounded, sorted; null last, and by key where there is nothing to choose.
fn order(question: &Question, groups: &[Group]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..groups.len())
        .filter(|&at| {
            question.point_min.is_none_or(|least| {
                groups[at]
                    .figure(question, "point")
                    .is_some_and(|point| point >= least)
            })
        })
        .collect();
    if let Some((column, is_reversed)) = question.sort {
        order.sort_by_key(|&at| {
            let figure = groups[at].figure(question, column);
            let sign = if is_reversed { -1 } else { 1 };
            (figure.is_none(), figure.map(|figure| figure * sign))
        });
    }
    order
}

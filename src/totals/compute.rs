//! Answers: from a question to what was promised, counted and left out.
//!
//! Kept sums answer where they know enough ([`Level::for_question`]); else the
//! pledges are read, one by one where each is converted or explained.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Adding, Dimension, Excluded, Figure, Folded, Group, Keys, Sums, Totals,
    basis::{Basis, Conversion, RateDay},
    convert::{Converter, UsedRate},
    explain::{Explanation, explain},
    fold, headline, how_rates_are_loaded, parts,
    question::Question,
    rollups::Level,
    sql::{self, Grain, Window},
    tranches::{self, InTranches},
};
use crate::{
    db::Reader,
    error::{Detail, Error, Faults, Result},
    meetings::Meeting,
    pledges::sql::PledgeFilter,
    records,
    resources::Named,
    values::{Currency, Language},
    web::{Filter, GroupPage},
};

/// How many pledges an explanation names at most.
const MOST_EXPLAINED: i64 = 10_000;

/// A question, and the records that it names.
struct Resolved<'a> {
    question: &'a Question,
    filter: PledgeFilter,
    meeting: Option<Meeting>,
}

/// What was promised; with the headline of the meeting that alone is asked about.
///
/// All of it is of one moment where the reader is a snapshot.
pub async fn answer(conn: &mut Reader, question: &Question) -> Result<Totals> {
    let resolved = Resolved::of(conn, question).await?;
    let conversion = question.basis.conversion.as_ref();
    let kept = if question.basis.is_kept() {
        Level::for_question(&resolved.filter, &question.dimensions)
    } else {
        None
    };
    let (folded, excluded, mut rates) = match kept {
        Some(level) => {
            let (folded, excluded) = kept_answer(conn, &resolved, level).await?;
            (folded, excluded, BTreeSet::new())
        }
        None => counted_answer(conn, &resolved).await?,
    };
    let (mut groups, next) = shown(question, &folded);
    if question.names {
        let keys = groups.iter_mut().map(|it| (&it.key, &mut it.names)).collect();
        name(conn, &question.dimensions, keys, question.language).await?;
    }
    let headline = match &resolved.meeting {
        Some(meeting) => headline::of_meeting(conn, meeting, conversion).await?,
        None => None,
    };
    let headline = headline.map(|(headline, used)| {
        rates.extend(used);
        headline
    });
    let lacks_a_rate =
        folded.lacks_a_rate() || headline.as_ref().is_some_and(headline::Headline::lacks_a_rate);
    Ok(Totals {
        basis: question.basis.shown(question.language),
        headline,
        groups,
        excluded,
        rates,
        note: lacks_a_rate.then(|| how_rates_are_loaded(question.language)),
        next,
    })
}

/// What each of these meetings' own totals say, where nothing else is asked: read by one statement for all of them.
pub async fn of_meetings(conn: &mut Reader, meetings: &[Meeting], language: Language) -> Result<Vec<Totals>> {
    let all = meetings.iter().map(|it| (it.id, it.slug.to_string()));
    let filter = PledgeFilter {
        meeting: Named::these(all),
        ..PledgeFilter::default()
    };
    let by_meeting = [Dimension::Meeting];
    let mut sums: HashMap<String, Vec<Sums>> = HashMap::new();
    for mut row in sql::from_rollups(conn, Level::Meeting, &filter, &by_meeting, None).await? {
        // Within its meeting's totals there is one group.
        let meeting = std::mem::take(&mut row.key);
        sums.entry(meeting).or_default().push(row);
    }
    let question = Question::about(PledgeFilter::default(), Vec::new());
    let totals = meetings.iter().map(|meeting| {
        let rows = sums.remove(meeting.slug.as_str()).unwrap_or_default();
        let folded = fold(&question.basis, &rows, None);
        let (groups, next) = shown(&question, &folded);
        Totals {
            basis: question.basis.shown(language),
            headline: headline::plain(meeting, &folded),
            groups,
            excluded: folded.excluded(),
            rates: BTreeSet::new(),
            note: None,
            next,
        }
    });
    Ok(totals.collect())
}

/// The page's groups, without names, and the cursor of the next.
fn shown(question: &Question, folded: &Folded) -> (Vec<Group>, Option<String>) {
    let into = question.basis.conversion.as_ref().map(|it| it.into);
    let is_phased = question.basis.phased.is_some();
    let (page, next) = paged(question, folded);
    let groups = page
        .into_iter()
        .map(|(key, adding)| adding.shown(keyed(&question.dimensions, key), into, is_phased));
    (groups.collect(), next)
}

/// What each pledge added, and why.
pub async fn explanation(conn: &mut Reader, question: &Question) -> Result<Explanation> {
    let Resolved { filter, .. } = &Resolved::of(conn, question).await?;
    let Question {
        dimensions,
        basis,
        language,
        ..
    } = question;
    let most = Some(MOST_EXPLAINED + 1);
    let rows = sql::from_pledges(conn, filter, dimensions, basis, Grain::OneByOne, most).await?;
    if rows.len() > usize::try_from(MOST_EXPLAINED).unwrap_or(usize::MAX) {
        let detail = format!(
            "more than {MOST_EXPLAINED} pledges match; narrow the question (a meeting, a participant, a year) to have each explained"
        );
        return Err(Error::Malformed(Faults::one(
            "?",
            "too_many",
            Detail::of(detail).limited(MOST_EXPLAINED.unsigned_abs()),
        )));
    }
    let mut converter = match &basis.conversion {
        Some(conversion) => Some(converter(conn, conversion, filter, &rows, None).await?),
        None => None,
    };
    let in_tranches = in_tranches(conn, question, filter).await?;
    let asked = question
        .of_tranches()
        .map(|asked| (asked, in_tranches.as_slice()));
    let mut explained = explain(basis, &rows, asked, converter.as_mut());
    // The same groups in the same order as the totals have them.
    let mut folded = fold(basis, &rows, converter.as_mut());
    if let Some((asked, in_tranches)) = asked {
        tranches::fold_in(&mut folded, asked, basis, in_tranches, converter.as_mut());
    }
    let (page, next) = paged(question, &folded);
    let groups: Vec<_> = page
        .into_iter()
        // A total of nothing is a group of its own, but there is nothing in it to be explained.
        .filter_map(|(key, _)| {
            let mut group = explained.remove(key)?;
            group.key = keyed(dimensions, key);
            Some(group)
        })
        .collect();
    let lacks_a_rate = folded.lacks_a_rate();
    Ok(Explanation {
        basis: basis.shown(*language),
        groups,
        rates: converter.map(Converter::used).unwrap_or_default(),
        note: lacks_a_rate.then(|| how_rates_are_loaded(*language)),
        next,
    })
}

impl<'a> Resolved<'a> {
    /// Finds what the question names.
    async fn of(conn: &mut Reader, question: &'a Question) -> Result<Self> {
        let mut filter = question.filter.clone();
        let meeting = resolve(conn, &mut filter, question.meeting.as_deref(), &question.basis).await?;
        Ok(Self {
            question,
            filter,
            meeting,
        })
    }
}

/// Finds what a filter names, and the one meeting that its path names, where it does.
pub(super) async fn resolve(
    conn: &mut Reader,
    filter: &mut PledgeFilter,
    of_path: Option<&str>,
    basis: &Basis,
) -> Result<Option<Meeting>> {
    let meeting = match of_path {
        None => None,
        Some(key) => {
            let meeting: Meeting = records::live(conn, key).await?;
            filter.meeting = Named::these([(meeting.id, meeting.slug.to_string())]);
            Some(meeting)
        }
    };
    filter.resolve(conn).await?;
    if basis.membership_at.is_some()
        && !filter.meeting.is_empty()
        && !sql::any_of_a_coalition(conn, &filter.meeting).await?
    {
        let detail = "membership_at asks who belonged to the meeting's coalition, and no meeting that is named has one, so nothing would count; leave membership_at out, or give a meeting its coalition";
        let faults = Faults::one("?membership_at", "no_coalition", detail);
        return Err(Error::Malformed(faults));
    }
    Ok(meeting)
}

/// Converts single pledges: with the rates that they, their events and amounts in `beside` may need.
pub(super) async fn converter(
    conn: &mut Reader,
    conversion: &Conversion,
    filter: &PledgeFilter,
    rows: &[Sums],
    beside: Option<Currency>,
) -> Result<Converter> {
    let moved = match conversion.day {
        RateDay::Event => sql::moved(conn, filter).await?,
        RateDay::Announced | RateDay::Fixed(_) => BTreeMap::new(),
    };
    let mut currencies: Vec<Currency> = vec![conversion.into];
    for currency in rows.iter().filter_map(|row| row.currency).chain(beside) {
        if !currencies.contains(&currency) {
            currencies.push(currency);
        }
    }
    let rates = match conversion.days_needed(rows, &moved) {
        Some(days) => sql::rates(conn, currencies, days, &conversion.sources).await?,
        None => Vec::new(),
    };
    Ok(Converter::new(conversion.clone(), rates, moved))
}

/// The pledges with tranches, where anything is asked of them.
async fn in_tranches(
    conn: &mut Reader,
    question: &Question,
    filter: &PledgeFilter,
) -> Result<Vec<InTranches>> {
    match question.of_tranches() {
        Some(_) => sql::in_tranches(conn, filter, &question.dimensions, &question.basis).await,
        None => Ok(Vec::new()),
    }
}

/// An answer from the pledges themselves, with the rates that were used.
async fn counted_answer(
    conn: &mut Reader,
    Resolved { question, filter, .. }: &Resolved<'_>,
) -> Result<(Folded, Vec<Excluded>, BTreeSet<UsedRate>)> {
    let Question {
        dimensions, basis, ..
    } = question;
    let grain = if basis.conversion.is_some() {
        Grain::OneByOne
    } else {
        Grain::Together
    };
    let rows = sql::from_pledges(conn, filter, dimensions, basis, grain, None).await?;
    let mut converter = match &basis.conversion {
        Some(conversion) => Some(converter(conn, conversion, filter, &rows, None).await?),
        None => None,
    };
    let mut folded = fold(basis, &rows, converter.as_mut());
    if let Some(asked) = question.of_tranches() {
        let in_tranches = in_tranches(conn, question, filter).await?;
        tranches::fold_in(&mut folded, asked, basis, &in_tranches, converter.as_mut());
    }
    let excluded = folded.excluded();
    Ok((
        folded,
        excluded,
        converter.map(Converter::used).unwrap_or_default(),
    ))
}

/// An answer from kept sums. In the order of one key only the page's groups are read; what is left
/// out of all of them is asked of the coarser level.
async fn kept_answer(
    conn: &mut Reader,
    Resolved { question, filter, .. }: &Resolved<'_>,
    level: Level,
) -> Result<(Folded, Vec<Excluded>)> {
    let Question {
        dimensions, basis, ..
    } = question;
    let in_order = dimensions.as_slice() == level.keys()
        && dimensions.len() == 1
        && question.sort.is_none()
        && question.point_min.is_none()
        && filter.is_empty();
    let (mut folded, excluded) = if in_order {
        let window = Window {
            after: question.page.after_key(),
            groups: question.page.limit() + 1,
        };
        let rows = sql::from_rollups(conn, level, filter, dimensions, Some(window)).await?;
        let all = sql::from_rollups(conn, Level::Register, filter, &[], None).await?;
        (fold(basis, &rows, None), fold(basis, &all, None).excluded())
    } else {
        let folded = fold(
            basis,
            &sql::from_rollups(conn, level, filter, dimensions, None).await?,
            None,
        );
        let excluded = folded.excluded();
        (folded, excluded)
    };
    if let Some(asked) = question.of_tranches() {
        let in_tranches = in_tranches(conn, question, filter).await?;
        tranches::fold_in(&mut folded, asked, basis, &in_tranches, None);
    }
    Ok((folded, excluded))
}

/// The page's groups in the order that is asked for, and the cursor of the next.
fn paged<'a>(question: &Question, folded: &'a Folded) -> (Vec<(&'a str, Adding)>, Option<String>) {
    let figure = |adding: &Adding| {
        question
            .sort
            .and_then(|(figure, _)| adding.figure(figure, question.compared_in))
    };
    let mut groups: Vec<(&str, Adding)> = folded
        .groups
        .iter()
        .filter(|(_, adding)| {
            question.point_min.is_none_or(|least| {
                adding
                    .figure(Figure::Point, question.compared_in)
                    .is_some_and(|point| point >= least)
            })
        })
        .map(|(key, adding)| (key.as_str(), adding.clone()))
        .collect();
    if groups.is_empty() && question.dimensions.is_empty() && question.point_min.is_none() {
        groups.push(("", Adding::default()));
    }
    in_order(&question.page, groups, question.sort.map(|it| it.1), figure)
}

/// The page's part of groups that come in the order of their keys: by a figure where `descending` says so, null last in either
/// direction; the key breaks ties.
pub(super) fn in_order<'a, T>(
    page: &GroupPage,
    mut groups: Vec<(&'a str, T)>,
    descending: Option<bool>,
    figure: impl Fn(&T) -> Option<i128>,
) -> (Vec<(&'a str, T)>, Option<String>) {
    if let Some(descending) = descending {
        groups.sort_by(|(_, one), (_, other)| match (figure(one), figure(other)) {
            (Some(one), Some(other)) if descending => other.cmp(&one),
            (Some(one), Some(other)) => one.cmp(&other),
            (one, other) => one.is_none().cmp(&other.is_none()),
        });
    }
    page.slice(
        groups,
        |(key, group)| (figure(group), (*key).to_owned()),
        descending,
    )
}

pub(super) fn keyed(dimensions: &[Dimension], key: &str) -> Keys {
    dimensions
        .iter()
        .copied()
        .zip(parts(key, dimensions.len()))
        .collect()
}

/// Puts names beside the keys of groups, one statement per dimension; of words none, as what they are called is known.
pub(super) async fn name(
    conn: &mut Reader,
    dimensions: &[Dimension],
    mut groups: Vec<(&Keys, &mut Keys)>,
    language: Language,
) -> Result<()> {
    for dimension in dimensions {
        let Some(labels) = dimension.labels() else {
            continue;
        };
        for (key, beside) in &mut groups {
            let word = key.get(dimension).and_then(Option::as_deref);
            beside.insert(*dimension, word.map(|word| labels.of(word, language).to_owned()));
        }
    }
    let with_names = [
        Dimension::Meeting,
        Dimension::Coalition,
        Dimension::Participant,
        Dimension::Beneficiary,
    ];
    for dimension in dimensions.iter().filter(|it| with_names.contains(it)) {
        let mut keys: Vec<String> = groups
            .iter()
            .filter_map(|(key, _)| key.get(dimension)?.clone())
            .collect();
        keys.sort();
        keys.dedup();
        let names = sql::names(conn, *dimension, keys).await?;
        for (key, beside) in &mut groups {
            let name = key
                .get(dimension)
                .and_then(Option::as_ref)
                .and_then(|key| names.get(key));
            beside.insert(*dimension, name.map(|name| name.resolve(language).to_owned()));
        }
    }
    Ok(())
}

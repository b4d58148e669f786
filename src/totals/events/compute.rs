//! Answers: from a question about events to what they come to.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Adding, EventGroup, EventSums, EventTotals, basis, fold, how_rates_are_loaded, question::Question, sql,
};
use crate::{
    db::Reader,
    error::Result,
    totals::{
        basis::Conversion,
        compute::{in_order, keyed, name, resolve},
        convert::Converter,
        sql::{Grain, rates},
    },
    values::{Currency, PartialDate},
};

/// What became of the pledges that match. All of it is of one moment where the reader is a snapshot.
pub async fn answer(conn: &mut Reader, question: &Question) -> Result<EventTotals> {
    let Question {
        dimensions,
        basis,
        language,
        ..
    } = question;
    let mut filter = question.filter.clone();
    resolve(conn, &mut filter.pledges, question.meeting.as_deref(), basis).await?;
    let conversion = basis.conversion.as_ref();
    let grain = if conversion.is_some() {
        Grain::OneByOne
    } else {
        Grain::Together
    };
    let rows = sql::from_events(conn, &filter, dimensions, basis, grain).await?;
    let mut converter = match conversion {
        Some(conversion) => Some(converter(conn, conversion, &rows).await?),
        None => None,
    };
    let folded = fold(basis, &rows, converter.as_mut());
    let figure = |adding: &&Adding| {
        let (figure, _) = question.sort?;
        adding.figure(figure, question.compared_in)
    };
    let none = Adding::default();
    let mut groups: Vec<(&str, &Adding)> = folded.groups.iter().map(|(key, it)| (key.as_str(), it)).collect();
    if groups.is_empty() && dimensions.is_empty() {
        groups.push(("", &none));
    }
    let (page, next) = in_order(&question.page, groups, question.sort.map(|it| it.1), figure);
    let into = conversion.map(|it| it.into);
    let mut groups: Vec<EventGroup> = page
        .into_iter()
        .map(|(key, adding)| adding.shown(keyed(dimensions, key), into))
        .collect();
    let keys = groups.iter_mut().map(|it| (&it.key, &mut it.names)).collect();
    name(conn, dimensions, keys, *language).await?;
    Ok(EventTotals {
        basis: basis::shown(basis, *language),
        groups,
        excluded: folded.excluded(),
        rates: converter.map(Converter::used).unwrap_or_default(),
        note: folded.lacks_a_rate().then(|| how_rates_are_loaded(*language)),
        next,
    })
}

/// Converts single events, with the rates of their days.
async fn converter(conn: &mut Reader, conversion: &Conversion, rows: &[EventSums]) -> Result<Converter> {
    let currencies: BTreeSet<&str> = rows
        .iter()
        .filter_map(|row| row.currency)
        .map(Currency::code)
        .collect();
    let mut currencies: Vec<Currency> = currencies
        .into_iter()
        .filter_map(|code| code.parse().ok())
        .collect();
    if !currencies.contains(&conversion.into) {
        currencies.push(conversion.into);
    }
    let days = rows
        .iter()
        .filter(|row| row.currency.is_some())
        .filter_map(|row| row.occurred_on)
        .map(PartialDate::last);
    let kept = match conversion.days_around(days) {
        Some(days) => rates(conn, currencies, days, &conversion.sources).await?,
        None => Vec::new(),
    };
    Ok(Converter::new(conversion.clone(), kept, BTreeMap::new()))
}

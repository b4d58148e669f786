//! What a meeting announced as a whole, beside what the register counts.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Folded, Unconverted,
    basis::{Basis, Conversion, RateDay},
    compute::converter,
    convert::UsedRate,
    fold,
    rollups::Level,
    sql::{self, Grain},
};
use crate::{
    db::Reader,
    error::Result,
    meetings::Meeting,
    pledges::sql::PledgeFilter,
    resources::Named,
    values::{Amount, Currency, PartialDate, decimal},
};

/// What a meeting announced as a whole, beside what the register counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct Headline {
    #[serde(flatten)]
    pub plain: HeadlineFigures,
    /// The same in the currency that is asked for, at one day: the one that `rate_date` says, else the
    /// meeting's last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub converted: Option<ConvertedHeadline>,
}

/// A headline in the currency that is asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConvertedHeadline {
    #[serde(flatten)]
    pub figures: HeadlineFigures,
    /// The day whose rates converted all of it.
    #[schema(value_type = PartialDate)]
    pub rate_date: NaiveDate,
    /// What of the meeting's pledges has no rate: not in `counted`, so the gap that is shown is too large by it.
    pub unconverted: Vec<Unconverted>,
}

/// What was announced, what was needed, and what the register counts, in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeadlineFigures {
    pub currency: Currency,
    /// As announced; null where nothing was.
    #[schema(value_type = Option<Amount>)]
    pub amount: Option<String>,
    /// What was said to be needed.
    #[schema(value_type = Option<Amount>)]
    pub need: Option<String>,
    /// The register's own figure for the whole meeting; null where it has none in this currency.
    #[schema(value_type = Option<Amount>)]
    pub counted: Option<String>,
    /// `amount` − `counted`: what was announced and is not in the register.
    #[schema(value_type = Option<Amount>)]
    pub gap: Option<String>,
    /// `need` − `counted`.
    #[schema(value_type = Option<Amount>)]
    pub need_gap: Option<String>,
}

impl HeadlineFigures {
    #[must_use]
    pub fn of(currency: Currency, amount: Option<i128>, need: Option<i128>, counted: Option<i128>) -> Self {
        let money = |minor: Option<i128>| minor.map(|minor| decimal(minor, currency));
        let gap = |announced: Option<i128>| Some(announced? - counted?);
        Self {
            currency,
            amount: money(amount),
            need: money(need),
            counted: money(counted),
            gap: money(gap(amount)),
            need_gap: money(gap(need)),
        }
    }
}

impl Headline {
    /// Whether something of it has no rate.
    #[must_use]
    pub fn lacks_a_rate(&self) -> bool {
        self.converted.as_ref().is_some_and(|it| {
            let lost =
                |plain: &Option<String>, converted: &Option<String>| plain.is_some() && converted.is_none();
            !it.unconverted.is_empty()
                || lost(&self.plain.amount, &it.figures.amount)
                || lost(&self.plain.need, &it.figures.need)
        })
    }
}

/// A meeting's headline beside all that the register counts of it, on the default basis; none where it announced nothing.
pub fn plain(meeting: &Meeting, whole: &Folded) -> Option<Headline> {
    let currency = meeting.headline_currency?;
    let counted = whole.groups.get("").and_then(|group| group.point_in(currency));
    let [amount, need] = [meeting.headline_amount, meeting.need_amount];
    Some(Headline {
        plain: HeadlineFigures::of(currency, amount.map(Into::into), need.map(Into::into), counted),
        converted: None,
    })
}

/// A meeting's headline beside what the register counts of all of the meeting, on the default basis: however a
/// question narrows the total, the gap stays the meeting's. With the rates that were used.
pub async fn of_meeting(
    conn: &mut Reader,
    meeting: &Meeting,
    conversion: Option<&Conversion>,
) -> Result<Option<(Headline, BTreeSet<UsedRate>)>> {
    let Some(currency) = meeting.headline_currency else {
        return Ok(None);
    };
    let filter = PledgeFilter {
        meeting: Named::these([(meeting.id, meeting.slug.to_string())]),
        ..PledgeFilter::default()
    };
    let rows = sql::from_rollups(conn, Level::Meeting, &filter, &[], None).await?;
    let whole = fold(&Basis::default(), &rows, None);
    let Some(headline) = plain(meeting, &whole) else {
        return Ok(None);
    };
    let Some(conversion) = conversion else {
        return Ok(Some((headline, BTreeSet::new())));
    };
    let day = match conversion.day {
        RateDay::Fixed(day) => day,
        RateDay::Announced | RateDay::Event => meeting.ends_on.unwrap_or(meeting.starts_on).last(),
    };
    let conversion = Conversion {
        day: RateDay::Fixed(day),
        ..conversion.clone()
    };
    let basis = Basis::default();
    let rows = sql::from_pledges(conn, &filter, &[], &basis, Grain::OneByOne, None).await?;
    let mut rates = converter(conn, &conversion, &filter, &rows, Some(currency)).await?;
    let whole = fold(&basis, &rows, Some(&mut rates));
    let group = whole.groups.get("");
    let [amount, need] = [meeting.headline_amount, meeting.need_amount]
        .map(|minor| minor.and_then(|minor| rates.convert(minor, currency, day)));
    let counted = group.and_then(|group| group.converted().range.point);
    let converted = ConvertedHeadline {
        figures: HeadlineFigures::of(conversion.into, amount, need, counted),
        rate_date: day,
        unconverted: group.map(|it| it.unconverted(false)).unwrap_or_default(),
    };
    let headline = Headline {
        converted: Some(converted),
        ..headline
    };
    Ok(Some((headline, rates.used())))
}

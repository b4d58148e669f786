//! Tranches: the phases in which a pledge is to be kept, as they were announced. docs/decisions/0042.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    error::{Detail, Faults},
    values::{Amount, Currency, Fields, FromValue, PartialDate, decimal},
};

/// What of a pledge is to be paid between two days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tranche {
    pub period_from: PartialDate,
    pub period_to: PartialDate,
    /// In minor units of the pledge's currency.
    pub amount: i64,
}

/// At least one tranche, in the order in which they were given; no two have a day in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tranches(Vec<Tranche>);

/// How many tranches one pledge may have: those of every quarter for 25 years.
const MOST_TRANCHES: usize = 100;

/// A tranche as it is written down.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tranche)]
pub(super) struct Document {
    period_from: PartialDate,
    /// No day of it is in another tranche.
    period_to: PartialDate,
    /// Above zero, in the pledge's currency.
    #[schema(value_type = Amount)]
    amount: String,
}

impl Tranche {
    /// The year in which it begins.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.period_from.first().year()
    }

    /// Whether its last day is behind.
    #[must_use]
    pub fn is_past(&self, today: NaiveDate) -> bool {
        self.period_to.last() < today
    }
}

/// A tranche before its currency is known.
struct Said {
    period_from: PartialDate,
    period_to: PartialDate,
    amount: Amount,
}

impl Said {
    fn is_in_order(&self) -> bool {
        self.period_from.first() <= self.period_to.last()
    }
}

impl FromValue for Said {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(value, at, faults)?;
        let period_from = fields.required("period_from");
        let period_to = fields.required("period_to");
        let amount = fields.required("amount");
        fields.done();
        Some(Self {
            period_from: period_from?,
            period_to: period_to?,
            amount: amount?,
        })
    }
}

/// What is said of the amount that tranches are parts of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole {
    pub currency: Option<Currency>,
    /// Whether any amount is stated.
    pub is_stated: bool,
    /// What they may come to: the point as stated, else the maximum; any sum where there is neither.
    pub most: Option<i64>,
}

impl Tranches {
    pub(super) fn read(fields: &mut Fields, whole: Whole) -> Option<Self> {
        let given = fields.raw("tranches").and_then(Value::as_array);
        if !whole.is_stated && given.is_some_and(|it| !it.is_empty()) {
            fields.fault(
                "tranches",
                "value",
                "are parts of an amount, and this pledge states none; state it (amount, or amount_max with up_to, …), or leave the tranches out",
            );
        }
        let said: Vec<Said> = fields.list("tranches", MOST_TRANCHES)?;
        let at = fields.pointer("tranches");
        order(&said, &at, fields.faults);
        let currency = whole.currency?;
        let read = said.iter().enumerate().map(|(index, said)| {
            let mut fault = |detail: String| {
                let pointer = format!("{at}/{index}/amount");
                fields.faults.add(pointer, "amount", detail);
            };
            let amount = said.amount.in_currency(currency).map_err(&mut fault).ok()?;
            if amount == 0 {
                fault("must be above zero; leave the tranche out where nothing is to be paid".to_owned());
            }
            Some(Tranche {
                period_from: said.period_from,
                period_to: said.period_to,
                amount,
            })
        });
        let read: Vec<Option<Tranche>> = read.collect();
        let tranches = read.into_iter().collect::<Option<Vec<_>>>()?;
        fit(&tranches, whole.most, currency, &at, fields.faults);
        (!tranches.is_empty()).then_some(Self(tranches))
    }

    pub(super) fn documents(&self, currency: Currency) -> Vec<Document> {
        let each = |it: &Tranche| Document {
            period_from: it.period_from,
            period_to: it.period_to,
            amount: decimal(it.amount, currency),
        };
        self.0.iter().map(each).collect()
    }

    /// When the last of them ends.
    #[must_use]
    pub fn until(&self) -> Option<PartialDate> {
        let ends = self.0.iter().map(|it| it.period_to);
        ends.max_by_key(|it| it.last())
    }

    /// What was to be paid before a day, in minor units.
    #[must_use]
    pub fn expected(&self, today: NaiveDate) -> i128 {
        let past = self.0.iter().filter(|it| it.is_past(today));
        past.map(|it| i128::from(it.amount)).sum()
    }

    /// The earliest first.
    #[must_use]
    pub fn in_time(&self) -> Vec<Tranche> {
        let mut tranches = self.0.clone();
        tranches.sort_by_key(|it| it.period_from.first());
        tranches
    }
}

/// Finds those that end before they begin, and those that have a day in common with another.
fn order(said: &[Said], at: &str, faults: &mut Faults) {
    let mut in_order = Vec::with_capacity(said.len());
    for (index, tranche) in said.iter().enumerate() {
        if tranche.is_in_order() {
            in_order.push(index);
        } else {
            faults.add(
                format!("{at}/{index}/period_to"),
                "order",
                Detail::of("must not be before period_from").limited(tranche.period_from.to_string()),
            );
        }
    }
    in_order.sort_by_key(|index| said[*index].period_from.first());
    let mut reaching: Option<usize> = None;
    for index in in_order {
        let Some(before) = reaching else {
            reaching = Some(index);
            continue;
        };
        let end = |index: usize| said[index].period_to.last();
        if said[index].period_from.first() <= end(before) {
            let (earlier, later) = (before.min(index), before.max(index));
            let Said {
                period_from,
                period_to,
                ..
            } = &said[earlier];
            let detail = format!(
                "has days in common with the one from {period_from} to {period_to}, and each day is in one of them at most; a year covers its months"
            );
            faults.add(format!("{at}/{later}/period_from"), "order", detail);
        }
        if end(index) > end(before) {
            reaching = Some(index);
        }
    }
}

/// Finds the tranche with which they come to more than they may.
fn fit(tranches: &[Tranche], most: Option<i64>, currency: Currency, at: &str, faults: &mut Faults) {
    let Some(most) = most.map(i128::from) else { return };
    let mut sum = 0;
    for (index, tranche) in tranches.iter().enumerate() {
        sum += i128::from(tranche.amount);
        if sum > most {
            let detail = format!(
                "with it the tranches come to {currency} {}, {} more than the {} that the pledge states; mend the tranches, or the amount with them",
                decimal(sum, currency),
                decimal(sum - most, currency),
                decimal(most, currency),
            );
            faults.add(
                format!("{at}/{index}/amount"),
                "exceeds_pledge",
                Detail::of(detail).limited(decimal(most, currency)),
            );
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::values::parse;

    fn read(tranches: &Value, most: Option<i64>) -> Result<Option<Tranches>, Vec<(String, String)>> {
        let whole = Whole {
            currency: "USD".parse().ok(),
            is_stated: true,
            most,
        };
        let read = parse(&json!({ "tranches": tranches }), |fields| {
            Some(Tranches::read(fields, whole))
        });
        read.map_err(|error| {
            let crate::error::Error::Invalid(faults) = error else {
                panic!("{error}")
            };
            let reported = faults.reported();
            let each = reported.iter();
            each.map(|it| (it.pointer.clone(), it.detail.sentence.clone()))
                .collect()
        })
    }

    fn pointers(tranches: &Value, most: Option<i64>) -> Vec<String> {
        let faults = read(tranches, most).unwrap_err();
        faults.into_iter().map(|(pointer, _)| pointer).collect()
    }

    fn tranche(from: &str, to: &str, amount: &str) -> Value {
        json!({ "period_from": from, "period_to": to, "amount": amount })
    }

    #[test]
    fn they_are_kept_in_their_order_and_counted_in_that_of_time() {
        let given = json!([
            tranche("2020", "2020-12", "3.00"),
            tranche("2018-07", "2019-06-30", "1.50")
        ]);
        let tranches = read(&given, Some(450)).unwrap().unwrap();
        assert_eq!(json!(tranches.documents("USD".parse().unwrap())), given);
        assert_eq!(tranches.until(), "2020-12".parse().ok());
        let in_time = tranches.in_time();
        let years = in_time.iter().map(|it| (it.year(), it.amount));
        assert_eq!(years.collect::<Vec<_>>(), [(2018, 150), (2020, 300)]);
        let expected = |day: &str| tranches.expected(day.parse().unwrap());
        assert_eq!(expected("2019-06-30"), 0);
        assert_eq!(expected("2019-07-01"), 150);
        assert_eq!(expected("2020-12-31"), 150);
        assert_eq!(expected("2021-01-01"), 450);
        assert_eq!(read(&json!([]), None), Ok(None));
        assert_eq!(read(&Value::Null, None), Ok(None));
    }

    #[test]
    fn a_day_in_common_is_named_where_it_was_given_later() {
        let meet = |one: Value, other: Value| read(&json!([one, other]), None).map_err(|it| it[0].0.clone());
        let day = "2018-06-30";
        let clash = Err("/tranches/1/period_from".to_owned());
        assert_eq!(meet(tranche("2018", day, "1"), tranche(day, "2019", "1")), clash);
        assert_eq!(meet(tranche(day, "2019", "1"), tranche("2018", day, "1")), clash);
        assert_eq!(
            meet(tranche("2018", "2018", "1"), tranche("2018-05", "2018-05", "1")),
            clash
        );
        assert!(meet(tranche(day, day, "1"), tranche("2018-07-01", "2018-07-01", "1")).is_ok());
        let within = json!([
            tranche("2018", "2022", "1"),
            tranche("2019", "2019", "1"),
            tranche("2021", "2021", "1"),
            tranche("2023", "2022", "1"),
        ]);
        assert_eq!(
            pointers(&within, None),
            [
                "/tranches/3/period_to",
                "/tranches/1/period_from",
                "/tranches/2/period_from"
            ]
        );
    }

    #[test]
    fn they_come_to_no_more_than_they_may() {
        let three = json!([
            tranche("2018", "2018", "1"),
            tranche("2019", "2019", "2"),
            tranche("2020", "2020", "3")
        ]);
        assert!(read(&three, Some(600)).is_ok());
        assert!(read(&three, None).is_ok());
        assert_eq!(pointers(&three, Some(599)), ["/tranches/2/amount"]);
        assert_eq!(pointers(&three, Some(299)), ["/tranches/1/amount"]);
        let none = json!([tranche("2018", "2018", "0.00"), tranche("2019", "2019", "0.001")]);
        assert_eq!(
            pointers(&none, None),
            ["/tranches/0/amount", "/tranches/1/amount"]
        );
    }
}

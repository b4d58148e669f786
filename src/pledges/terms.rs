//! What is promised: the instrument, the amounts and how they are meant, and who says so when.

use serde_json::Value;

use super::{
    figures::{Equivalent, Promise, Range},
    tranches::{Tranches, Whole},
};
use crate::{
    error::{Detail, Faults},
    values::{Amount, Currency, Fields, FromValue, PartialDate, vocabulary},
};

vocabulary! {
    /// What kind of promise: it decides what an amount means.
    Instrument {
        Grant = "grant",
        Loan = "loan",
        CreditLine = "credit_line",
        Guarantee = "guarantee",
        ExportCredit = "export_credit",
        Investment = "investment",
        InKind = "in_kind",
        Technical = "technical",
        Military = "military",
        DebtRelief = "debt_relief",
        Political = "political",
        Unspecified = "unspecified",
    }
}

vocabulary! {
    /// How an amount is meant.
    Qualifier { Exact = "exact", About = "about", UpTo = "up_to", AtLeast = "at_least", Between = "between" }
}

/// Longest purpose and conditions, and longest name or office, in code points.
const LONGEST_TEXT: usize = 10_000;
const LONGEST_NAME: usize = 300;

/// What was promised, references apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    pub instrument: Instrument,
    pub qualifier: Option<Qualifier>,
    pub currency: Option<Currency>,
    pub amount_min: Option<i64>,
    pub amount: Option<i64>,
    pub amount_max: Option<i64>,
    pub purpose: Option<String>,
    pub announced_on: Option<PartialDate>,
    pub announced_by_name: Option<String>,
    pub announced_by_office: Option<String>,
    pub period_from: Option<PartialDate>,
    pub period_to: Option<PartialDate>,
    pub due_on: Option<PartialDate>,
    pub tranches: Option<Tranches>,
    pub conditions: Option<String>,
}

impl Terms {
    pub(super) fn amounts(&self) -> Range {
        Range {
            min: self.amount_min,
            point: self.amount,
            max: self.amount_max,
        }
    }

    /// Whether it states any amount, of which there is none without a currency.
    pub(super) fn has_amounts(&self) -> bool {
        self.currency.is_some()
    }

    /// As far as the arithmetic goes.
    pub(super) fn promise(&self, is_restatement: bool) -> Promise {
        Promise {
            qualifier: self.qualifier,
            amount: self.amounts(),
            is_restatement,
            equivalent: None,
        }
    }

    /// When it was first due.
    #[must_use]
    pub fn first_due_on(&self) -> Option<PartialDate> {
        let phased = self.tranches.as_ref().and_then(Tranches::until);
        self.due_on.or(phased).or(self.period_to)
    }

    pub(super) fn read(fields: &mut Fields) -> Option<Self> {
        let instrument: Option<Instrument> = fields.required("instrument");
        let given_qualifier = fields.raw("qualifier").is_some();
        let qualifier: Option<Qualifier> = fields.optional("qualifier");
        let given_currency = fields.raw("currency").is_some();
        let currency: Option<Currency> = fields.optional("currency");
        let [mut min, point, max] = AMOUNTS.map(|name| fields.money(name, currency));
        let purpose = fields.text("purpose", LONGEST_TEXT);
        let announced_on = fields.optional("announced_on");
        let announced_by_name = fields.text("announced_by_name", LONGEST_NAME);
        let announced_by_office = fields.text("announced_by_office", LONGEST_NAME);
        let period_from: Option<PartialDate> = fields.optional("period_from");
        let period_to: Option<PartialDate> = fields.optional("period_to");
        let due_on = fields.optional("due_on");
        let conditions = fields.text("conditions", LONGEST_TEXT);

        if let (Some(from), Some(to)) = (period_from, period_to)
            && to.last() < from.first()
        {
            let detail = Detail::of("must not be before period_from");
            fields.fault("period_to", "order", detail.limited(from.to_string()));
        }
        let any = [&min, &point, &max].iter().any(|money| money.given);
        if any && !given_currency {
            fields.fault("currency", "required", "is required with any amount");
        }
        if !any && given_currency {
            fields.fault(
                "currency",
                "value",
                "says nothing without an amount; leave it out, or state the amount (at_least, up_to, …)",
            );
        }
        if instrument == Some(Instrument::Political) && (any || given_qualifier) {
            fields.fault("instrument", "political", "a political pledge has no amount and no qualifier; leave them out, or name the instrument that the money comes by");
        } else if any && !given_qualifier {
            fields.fault(
                "qualifier",
                "required",
                Detail::of(format!(
                    "is required with an amount; it is one of: {}",
                    Qualifier::WORDS.join(", ")
                ))
                .allowing(Qualifier::WORDS.iter().copied()),
            );
        }
        meant(qualifier, [&min, &point, &max], |name, code, detail| {
            fields.fault(name, code, detail);
        });
        let whole = Whole {
            currency,
            is_stated: any,
            most: point.minor.or(max.minor),
        };
        let tranches = Tranches::read(fields, whole);
        if qualifier == Some(Qualifier::UpTo) && !min.given {
            min.minor = Some(0);
        }
        Some(Self {
            instrument: instrument?,
            qualifier,
            currency,
            amount_min: min.minor,
            amount: point.minor,
            amount_max: max.minor,
            purpose,
            announced_on,
            announced_by_name,
            announced_by_office,
            period_from,
            period_to,
            due_on,
            tranches,
            conditions,
        })
    }
}

impl Qualifier {
    /// The amounts that it needs, and those that it also takes.
    fn amounts(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Exact => (&["amount"], &[]),
            Self::About => (&["amount"], &["amount_min", "amount_max"]),
            Self::UpTo => (&["amount_max"], &["amount_min"]),
            Self::AtLeast => (&["amount_min"], &[]),
            Self::Between => (&["amount_min", "amount_max"], &["amount"]),
        }
    }
}

/// Finds what keeps a least, a single and a greatest amount from being meant so.
fn meant(
    qualifier: Option<Qualifier>,
    [min, point, max]: [&Money; 3],
    mut fault: impl FnMut(&'static str, &'static str, String),
) {
    let amounts = AMOUNTS.into_iter().zip([min, point, max]);
    for (name, money) in amounts {
        // Only "up to" may begin at nothing, which is what it means.
        if money.minor == Some(0) && !(name == "amount_min" && qualifier == Some(Qualifier::UpTo)) {
            let detail = "must be above zero; send null where no amount was stated";
            fault(name, "amount", detail.to_owned());
        }
        let Some(qualifier) = qualifier else { continue };
        let (needs, takes) = qualifier.amounts();
        if needs.contains(&name) && !money.given {
            let detail = format!("is required with the qualifier {qualifier}");
            fault(name, "required", detail);
        }
        if money.given && !needs.contains(&name) && !takes.contains(&name) {
            let detail =
                format!("does not go with the qualifier {qualifier}; send null, or choose another qualifier");
            fault(name, "qualifier", detail);
        }
    }
    let ordered = |low: &Money, high: &Money| low.minor.zip(high.minor).is_none_or(|(low, high)| low <= high);
    if !ordered(min, max) {
        fault("amount_max", "order", "must not be below amount_min".to_owned());
    }
    if !ordered(min, point) {
        fault("amount", "order", "must not be below amount_min".to_owned());
    }
    if !ordered(point, max) {
        fault("amount", "order", "must not be above amount_max".to_owned());
    }
}

/// The least, the single and the greatest amount, as they are called.
const AMOUNTS: [&str; 3] = ["amount_min", "amount", "amount_max"];

/// What a part is in its parent's currency, before that is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SaidEquivalent([Option<Amount>; 3]);

impl FromValue for SaidEquivalent {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(value, at, faults)?;
        let given = AMOUNTS.map(|name| fields.raw(name).is_some());
        let amounts = AMOUNTS.map(|name| fields.optional::<Amount>(name));
        fields.done();
        let all_are_read = given
            .iter()
            .zip(&amounts)
            .all(|(given, it)| *given == it.is_some());
        all_are_read.then_some(Self(amounts))
    }
}

/// Whether a patch says what an event is in the currency of its pledge's parent, be it in the digits of before. Who names the
/// currency that it was in patches back what was read.
pub(super) fn says_equivalent(patch: &Value) -> bool {
    patch.get("equivalent").is_some() && !is_put_back(patch)
}

fn is_put_back(patch: &Value) -> bool {
    patch.get("equivalent_currency").is_some()
}

/// What a patch says anew of what a part is in its parent's currency.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Anew {
    /// The amounts that it names, be it in the digits of before.
    named: [bool; 3],
    /// Whether it patches back what was read.
    is_put_back: bool,
}

impl Anew {
    pub fn of(patch: &Value) -> Self {
        Self {
            named: AMOUNTS.map(|name| patch["equivalent"].get(name).is_some()),
            is_put_back: is_put_back(patch),
        }
    }

    pub fn is_any(self) -> bool {
        !self.is_put_back && self.named.contains(&true)
    }
}

/// Which amounts of a part a write changes: all of them where it changes their currency.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moved([bool; 3]);

impl Moved {
    pub fn of(before: &Terms, after: &Terms) -> Self {
        let each = |terms: &Terms| [terms.amount_min, terms.amount, terms.amount_max];
        if before.currency != after.currency {
            return Self([true; 3]);
        }
        let (before, after) = (each(before), each(after));
        Self([0, 1, 2].map(|at| before[at] != after[at]))
    }

    pub fn is_any(self) -> bool {
        self.0.contains(&true)
    }
}

/// What of an equivalent is of another amount or currency.
pub(super) struct LeftOver {
    names: Vec<&'static str>,
    /// Whether nothing else is said.
    is_all: bool,
}

impl LeftOver {
    /// Where it stands.
    pub fn pointers(&self) -> Vec<String> {
        let at = "/equivalent";
        if self.is_all && !self.names.is_empty() {
            return vec![at.to_owned()];
        }
        self.names.iter().map(|name| format!("{at}/{name}")).collect()
    }
}

impl SaidEquivalent {
    /// Whether it says what this one says.
    pub fn is(&self, other: &Equivalent) -> bool {
        let Range { min, point, max } = other.amount;
        let same = |said: &Option<Amount>, kept: Option<i64>| {
            let said = said.as_ref().map(|it| it.in_currency(other.currency));
            said.transpose() == Ok(kept)
        };
        let mut pairs = self.0.iter().zip([min, point, max]);
        pairs.all(|(said, kept)| same(said, kept))
    }

    /// The amounts that were said of other ones, or in another currency than the parent's is by now, and that are not said anew.
    /// An amount that the part itself does not state is of all that it states.
    pub fn left_over(
        &self,
        before: &Equivalent,
        now: Currency,
        terms: &Terms,
        (moved, anew): (Moved, Anew),
    ) -> LeftOver {
        let is_of_another = before.currency != now;
        let kept = [before.amount.min, before.amount.point, before.amount.max];
        let own = [terms.amount_min, terms.amount, terms.amount_max];
        let stated = |at: usize| {
            let said = self.0[at].as_ref()?;
            let minor = said.in_currency(before.currency).ok();
            // "Up to" begins at nothing, whatever of.
            (minor != Some(0)).then_some(minor)
        };
        let mut left = LeftOver {
            names: Vec::new(),
            is_all: true,
        };
        for at in 0..3 {
            let Some(minor) = stated(at) else { continue };
            let is_anew = anew.named[at] && !anew.is_put_back;
            let is_left = if is_of_another {
                !is_anew
            } else {
                let is_moved = moved.0[at] || (own[at].is_none() && moved.is_any());
                is_moved && !is_anew && minor == kept[at]
            };
            if is_left {
                left.names.push(AMOUNTS[at]);
            } else {
                left.is_all = false;
            }
        }
        left
    }

    /// Its minor units in the parent's currency, as a part with these terms needs them.
    pub fn in_currency(&self, currency: Currency, part: &Terms, faults: &mut Faults) -> Equivalent {
        let qualifier = part.qualifier;
        let mut fault = |name: &str, code, detail: String| {
            faults.add(format!("/equivalent/{name}"), code, detail);
        };
        let mut read = |(name, said): (&str, &Option<Amount>)| Money {
            given: said.is_some(),
            minor: said.as_ref().and_then(|it| {
                let minor = it.in_currency(currency);
                minor.map_err(|detail| fault(name, "amount", detail)).ok()
            }),
        };
        let [min, point, max] = &self.0;
        let mut min = read((AMOUNTS[0], min));
        let (point, max) = (read((AMOUNTS[1], point)), read((AMOUNTS[2], max)));
        meant(qualifier, [&min, &point, &max], &mut fault);
        // What a part may leave out is stated on both sides or on neither: else it would be more on one of them.
        let optional: &[usize] = match qualifier {
            Some(Qualifier::Between) => &[1],
            Some(Qualifier::About) => &[0, 2],
            Some(Qualifier::UpTo) => &[0],
            _ => &[],
        };
        let own = [part.amount_min, part.amount, part.amount_max];
        let said = [&min, &point, &max];
        for &at in optional {
            // "Up to" begins at nothing, whether that is said or not.
            let is_nothing = |minor| qualifier == Some(Qualifier::UpTo) && minor == Some(0);
            let is_own = own[at].is_some() && !is_nothing(own[at]);
            let is_said = said[at].given && !is_nothing(said[at].minor);
            let amount = ["a least amount", "one amount", "a greatest amount"][at];
            if is_said && !is_own {
                let detail = format!(
                    "is of a part that states {amount} itself; state it there too, or leave it out here"
                );
                fault(AMOUNTS[at], "value", detail);
            } else if is_own && !is_said {
                let detail = format!("is required, as the part states {amount} too; or leave it out there");
                fault(AMOUNTS[at], "required", detail);
            }
        }
        if qualifier == Some(Qualifier::UpTo) && !min.given {
            min.minor = Some(0);
        }
        let amount = [min.minor, point.minor, max.minor].into();
        Equivalent { currency, amount }
    }
}

/// An amount field as it came, and what it is in its currency where both can be read.
struct Money {
    given: bool,
    minor: Option<i64>,
}

impl Fields<'_> {
    fn money(&mut self, name: &'static str, currency: Option<Currency>) -> Money {
        let given = self.raw(name).is_some();
        let minor = self
            .optional::<Amount>(name)
            .zip(currency)
            .and_then(|(amount, currency)| {
                amount
                    .in_currency(currency)
                    .map_err(|detail| self.fault(name, "amount", detail))
                    .ok()
            });
        Money { given, minor }
    }
}

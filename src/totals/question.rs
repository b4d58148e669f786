//! What a total can be asked: which pledges, in which groups, on which basis, and which part of the answer.

use std::str::FromStr;

use super::{
    Dimension, Figure,
    basis::{Basis, Parents},
    rollups::Level,
    tranches::Asked,
};
use crate::{
    error::Detail,
    pledges::sql::PledgeFilter,
    resources::Slug,
    values::{Amount, Currency, Language, Timestamp},
    web::{Depends, GroupPage, Header, Provenance, ProvenanceHeaders, Query, Vocabulary},
};

/// Totals that are asked for.
pub struct Question {
    pub filter: PledgeFilter,
    /// The one meeting that it is about, by its key: what it announced as a whole is answered as well.
    pub meeting: Option<String>,
    pub dimensions: Vec<Dimension>,
    pub basis: Basis,
    /// By a figure, and whether the largest comes first; else by key.
    pub sort: Option<(Figure, bool)>,
    /// The currency that figures are compared in, where it is not the converted one.
    pub compared_in: Option<Currency>,
    pub point_min: Option<i128>,
    pub page: GroupPage,
    /// Of names and sentences.
    pub language: Language,
    /// Whether keys have their names beside them, which are read for each dimension.
    pub names: bool,
}

impl Question {
    /// What these pledges come to on the default basis: every group, by its key, without names.
    #[must_use]
    pub fn about(filter: PledgeFilter, dimensions: Vec<Dimension>) -> Self {
        Self {
            filter,
            meeting: None,
            dimensions,
            basis: Basis::default(),
            sort: None,
            compared_in: None,
            point_min: None,
            page: GroupPage::whole(),
            language: Language::En,
            names: false,
        }
    }

    /// What a query asks of these pledges: with names, and not yet which part.
    pub fn of(filter: PledgeFilter, query: &mut Query) -> Self {
        let dimensions = read_dimensions(query);
        if dimensions.contains(&Dimension::Stage) {
            query.fault(
                "group_by",
                "value",
                "group_by=stage groups events, and a pledge has no stage; ask /v1/totals with by=events",
            );
        }
        let basis = Basis::read(query);
        let compared_in = compared_in(&basis, &filter);
        let comparable = compared_in.or(basis.conversion.as_ref().map(|it| it.into));
        let sort = read_sort(query, comparable.is_some(), Figure::WORDS, Figure::is_money);
        let point_min = query.one::<String>("point_min").and_then(|text| {
            let outcome = match comparable {
                Some(currency) => Amount::parse_sum(&text).and_then(|amount| amount.in_currency(currency)),
                None => Err(NEEDS_CURRENCY.to_owned()),
            };
            outcome
                .map_err(|detail| query.fault("point_min", "amount", format!("point_min {detail}")))
                .ok()
        });
        Self {
            basis,
            sort,
            compared_in,
            point_min: point_min.map(Into::into),
            names: true,
            ..Self::about(filter, dimensions)
        }
    }

    /// What must change for the answer to be another one.
    #[must_use]
    pub fn depends(&self) -> Depends {
        // A part that pledges nothing leaves its parent as it was, but for being one; and it may be of any meeting.
        if self.basis.parents != Parents::Remainder || self.of_tranches().is_some() {
            return Depends::OnEverything;
        }
        let of_path: Option<Slug> = self.meeting.as_deref().and_then(|key| key.parse().ok());
        let part = of_path.or_else(|| self.filter.part());
        Depends::on_part(part.as_ref().map(Slug::as_str))
    }

    /// What is asked of tranches, where anything is.
    #[must_use]
    pub fn of_tranches(&self) -> Option<Asked> {
        Asked::of(&self.basis, &self.dimensions)
    }

    /// Whether the pledges themselves must be read, however many they are.
    #[must_use]
    pub fn is_dear(&self) -> bool {
        !self.basis.is_kept()
            || self.of_tranches().is_some()
            || Level::for_question(&self.filter, &self.dimensions).is_none()
    }

    /// How it is counted, as its answer says.
    pub(super) fn provenance(&self, as_of: Timestamp) -> Provenance {
        Provenance {
            headers: PROVENANCE,
            method: self.basis.words(),
            as_of,
        }
    }
}

/// The dimensions that are asked for, each once.
pub(super) fn read_dimensions(query: &mut Query) -> Vec<Dimension> {
    let mut dimensions: Vec<Dimension> = Vec::new();
    for dimension in query.many("group_by") {
        if !dimensions.contains(&dimension) {
            dimensions.push(dimension);
        }
    }
    dimensions
}

/// The one currency that is asked about, where nothing is converted.
pub(super) fn compared_in(basis: &Basis, filter: &PledgeFilter) -> Option<Currency> {
    match (&basis.conversion, filter.currency.as_slice()) {
        (None, [currency]) => Some(*currency),
        _ => None,
    }
}

const NEEDS_CURRENCY: &str =
    "needs one currency= or in=, as amounts of different currencies are not compared";

/// A figure of these words to sort by, and whether the largest comes first. Money needs one currency.
pub(super) fn read_sort<F: FromStr + Copy>(
    query: &mut Query,
    comparable: bool,
    words: &[&'static str],
    is_money: impl Fn(F) -> bool,
) -> Option<(F, bool)> {
    let text: String = query.one("sort")?;
    let (name, descending) = text
        .strip_prefix('-')
        .map_or((text.as_str(), false), |name| (name, true));
    if name.eq_ignore_ascii_case("key") && !descending {
        return None;
    }
    match name.parse::<F>() {
        Ok(figure) if is_money(figure) && !comparable => {
            query.fault("sort", "currency", format!("sort={text} {NEEDS_CURRENCY}"));
            None
        }
        Ok(figure) => Some((figure, descending)),
        Err(_) => {
            let figures = words.join(", ");
            query.fault(
                "sort",
                "value",
                Detail::of(format!(
                    "sort must be key or one of {figures}, with - before it for the reverse"
                ))
                .allowing(["key"].iter().chain(words).copied()),
            );
            None
        }
    }
}

/// By which headers an answer says how it was counted.
pub const PROVENANCE: ProvenanceHeaders = ProvenanceHeaders {
    method: "Pledgebook-Basis",
    as_of: "Pledgebook-As-Of",
    note: "Pledgebook-Note",
};

/// What the answer's head says.
pub(super) const SAID: &[&str] = &[
    "ETag",
    PROVENANCE.method,
    PROVENANCE.as_of,
    PROVENANCE.note,
    "Link",
    "Content-Disposition",
];

/// What its words mean, on whichever route.
pub(super) const VOCABULARY: Vocabulary = Vocabulary {
    parameters: &[
        (
            "by",
            "Of totals, what is added up: `pledges`, with what became of them, or `events` by their own dates. Of adherents, how they adhere: by a `statement`, or by `attendance`.",
        ),
        (
            "group_by",
            "A group for each value of these; without it there is one group. `stage` is of events, by whose dates they are of a `year` and a `month`. `tranche_year` splits what pledges add by the years of their tranches: a pledge counts in each row that has something of it, so `pledges` does not add up.",
        ),
        (
            "restatements",
            "Whether pledges that only say an earlier one again are counted.",
        ),
        (
            "parents",
            "What of pledges with parts is counted: the remainder, the whole only, or the parts.",
        ),
        (
            "instruments",
            "Only these instruments are counted; others are `excluded`.",
        ),
        (
            "membership_at",
            "Only donors that belonged to the meeting's coalition on this day are counted.",
        ),
        (
            "phased",
            "Also what was to be paid by today of the pledges with tranches, and what was (true).",
        ),
        ("in", "Also converts everything to this currency."),
        (
            "rate_date",
            "The day whose rate converts: `announced`, `event`, or a day.",
        ),
        ("rate_max_age", "How many days old a rate may be."),
        (
            "rate_source",
            "Only rates of these sources serve; one with a comma in its name is quoted. Else, of several of one day, the first by name.",
        ),
        (
            "point_min",
            "Groups whose point is at least this; needs one `currency` or `in`.",
        ),
    ],
    headers: &[
        Header::answered(
            PROVENANCE.method,
            "restatements=exclude; parents=remainder",
            "How the total was counted.",
        ),
        Header::answered(
            PROVENANCE.note,
            "What is null here or stands in unconverted has no rate that serves.",
            "What a reader of the total should know: how rates are loaded, where something has none.",
        ),
        Header::answered(
            PROVENANCE.as_of,
            "2026-11-24T19:00:00Z",
            "The moment that the total holds for.",
        ),
    ],
    sometimes: &[
        "Totals.headline",
        "Totals.note",
        "Explanation.note",
        "Basis.instruments",
        "Basis.membership_at",
        "Basis.in",
        "Basis.rate_date",
        "Basis.rate_max_age",
        "Basis.rate_source",
        "CountedPledge.converted",
        "CountedPledge.unconverted",
        "CountedPledge.phased",
        "ConvertedPledge.phased",
        "ByCurrency.phased",
        "Converted.phased",
        "Unconverted.phased",
        "Basis.as_of",
        "Group.converted",
        "Headline.converted",
        "EventTotals.note",
        "EventBasis.instruments",
        "EventBasis.membership_at",
        "EventBasis.in",
        "EventBasis.rate_max_age",
        "EventBasis.rate_source",
        "EventGroup.converted",
    ],
    ..Vocabulary::NONE
};

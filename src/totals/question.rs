//! What a total can be asked: which pledges, in which groups, on which basis, and which page of the answer.

use axum::http::request::Parts;

use super::{Dimension, Figure, basis::Basis, rollups::Level};
use crate::{
    error::Result,
    pledges::sql::PledgeFilter,
    values::{Amount, Currency},
    web::{Asked, Extent, Filter, Format, GroupPage, Query},
};

/// Totals that are asked for.
pub struct Question {
    pub filter: PledgeFilter,
    pub dimensions: Vec<Dimension>,
    pub basis: Basis,
    /// By a figure, and whether the largest comes first; else by key.
    pub sort: Option<(Figure, bool)>,
    /// The currency that figures are compared in, where it is not the converted one.
    pub compared_in: Option<Currency>,
    pub point_min: Option<i128>,
    pub page: GroupPage,
    pub asked: Asked,
}

impl Question {
    /// Whether the pledges themselves must be read, however many they are.
    #[must_use]
    pub fn is_dear(&self) -> bool {
        !self.basis.is_kept() || Level::for_question(&self.filter, &self.dimensions).is_none()
    }

    pub fn read(parts: &Parts, query: &mut Query, offered: &'static [Format]) -> Result<Self> {
        Self::of(parts, query, offered, false)
    }

    /// To be explained: its pledges stand in groups, each with its reason, which no line holds. All groups at once,
    /// where no limit is said.
    pub fn to_explain(parts: &Parts, query: &mut Query) -> Result<Self> {
        Self::of(parts, query, Format::JSON, true)
    }

    fn of(parts: &Parts, query: &mut Query, offered: &'static [Format], whole: bool) -> Result<Self> {
        let filter = PledgeFilter::read(query);
        let mut dimensions: Vec<Dimension> = Vec::new();
        for dimension in query.many("group_by") {
            if !dimensions.contains(&dimension) {
                dimensions.push(dimension);
            }
        }
        let basis = Basis::read(query);
        let compared_in = match (&basis.conversion, filter.currency.as_slice()) {
            (None, [currency]) => Some(*currency),
            _ => None,
        };
        let comparable = compared_in.or(basis.conversion.as_ref().map(|it| it.into));
        let sort = read_sort(query, comparable.is_some());
        let point_min = query.one::<String>("point_min").and_then(|text| {
            let outcome = match comparable {
                Some(currency) => Amount::parse_sum(&text).and_then(|amount| amount.in_currency(currency)),
                None => Err(NEEDS_CURRENCY.to_owned()),
            };
            outcome
                .map_err(|detail| query.fault("point_min", "amount", format!("point_min {detail}")))
                .ok()
        });
        let asked = Asked::read(parts, query, offered)?;
        let whole = whole || asked.format.extent() == Extent::Whole;
        // Totals and their explanation page alike.
        let path = parts.uri.path().trim_end_matches("/explain");
        let page = GroupPage::read(query, path, whole);
        Ok(Self {
            filter,
            dimensions,
            basis,
            sort,
            compared_in,
            point_min: point_min.map(Into::into),
            page,
            asked,
        })
    }
}

const NEEDS_CURRENCY: &str =
    "needs one currency= or in=, as amounts of different currencies are not compared";

fn read_sort(query: &mut Query, comparable: bool) -> Option<(Figure, bool)> {
    let text: String = query.one("sort")?;
    let (name, descending) = text
        .strip_prefix('-')
        .map_or((text.as_str(), false), |name| (name, true));
    if name == "key" && !descending {
        return None;
    }
    match name.parse::<Figure>() {
        Ok(figure) if figure.is_money() && !comparable => {
            query.fault("sort", "currency", format!("sort={text} {NEEDS_CURRENCY}"));
            None
        }
        Ok(figure) => Some((figure, descending)),
        Err(_) => {
            let figures = Figure::WORDS.join(", ");
            query.fault(
                "sort",
                "value",
                format!("sort must be key or one of {figures}, with - before it for the reverse"),
            );
            None
        }
    }
}

//! What a total of events can be asked.

use super::{Figure, basis::words};
use crate::{
    pledges::events::sql::EventsOfPledges,
    resources::Slug,
    totals::{
        Dimension, PROVENANCE,
        basis::{Basis, RateDay},
        question::{compared_in, read_dimensions, read_sort},
    },
    values::{Currency, Language, Timestamp},
    web::{Depends, GroupPage, Provenance, Query},
};

/// Totals by events that are asked for.
pub struct Question {
    pub filter: EventsOfPledges,
    /// The one meeting that it is about, by its key.
    pub meeting: Option<String>,
    pub dimensions: Vec<Dimension>,
    /// Which pledges' events count, and how they are converted. Nothing else of it is asked of events.
    pub basis: Basis,
    /// By a figure, and whether the largest comes first; else by key.
    pub sort: Option<(Figure, bool)>,
    /// The currency that figures are compared in, where it is not the converted one.
    pub compared_in: Option<Currency>,
    pub page: GroupPage,
    /// Of names and sentences.
    pub language: Language,
}

/// What is asked of pledges alone, and why not of events.
const OF_PLEDGES: [(&str, &str); 5] = [
    (
        "restatements",
        "a restatement takes no events, so there is nothing to choose",
    ),
    (
        "parents",
        "a pledge with parts and each of its parts have events of their own, and each counts once",
    ),
    ("rate_date", "each event converts at its own day"),
    (
        "phased",
        "tranches are of pledges, and no event says which of them it is for",
    ),
    (
        "point_min",
        "events have no point; occurred_from, stage and sort find what is large and when",
    ),
];

impl Question {
    /// What a query asks of these events, and not yet which part.
    pub fn of(filter: EventsOfPledges, query: &mut Query) -> Self {
        let dimensions = read_dimensions(query);
        if dimensions.contains(&Dimension::TrancheYear) {
            query.fault(
                "group_by",
                "value",
                "group_by=tranche_year splits what pledges add, and does not go with by=events: an event is of a year by its own date, group_by=year",
            );
        }
        let mut basis = Basis::read(query);
        if let Some(conversion) = &mut basis.conversion {
            conversion.day = RateDay::Event;
        }
        let compared_in = compared_in(&basis, &filter.pledges);
        let comparable = compared_in.is_some() || basis.conversion.is_some();
        let sort = read_sort(query, comparable, Figure::WORDS, Figure::is_money);
        query.one::<String>("point_min");
        for (name, why) in OF_PLEDGES {
            if query.is_given(name) {
                let detail = format!("{name} does not go with by=events: {why}; leave it out");
                query.fault(name, "value", detail);
            }
        }
        Self {
            filter,
            meeting: None,
            dimensions,
            basis,
            sort,
            compared_in,
            page: GroupPage::whole(),
            language: Language::En,
        }
    }

    /// What must change for the answer to be another one.
    #[must_use]
    pub fn depends(&self) -> Depends {
        let of_path: Option<Slug> = self.meeting.as_deref().and_then(|key| key.parse().ok());
        let part = of_path.or_else(|| self.filter.pledges.part());
        Depends::on_part(part.as_ref().map(Slug::as_str))
    }

    /// How it is counted, as its answer says.
    pub fn provenance(&self, as_of: Timestamp) -> Provenance {
        Provenance {
            headers: PROVENANCE,
            method: words(&self.basis),
            as_of,
        }
    }
}

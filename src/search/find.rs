//! What is asked of the index for a query, and the order of what it finds.

use std::collections::HashMap;

use serde_json::Value;
use uuid::Uuid;

use super::{
    Counted, Facet, FacetCount, Facets, Hit, MOST_VALUES, Tier,
    analysis::{Clause, Query, Term},
    terms::{Form, Mark, Wanted},
};
use crate::{db::row, resources::Resource};

/// What is asked for a query: all that it finds, and what stands before the last level, each with its number.
pub(super) struct Levels {
    pub all: Wanted,
    pub last: usize,
    pub before: Vec<(usize, Wanted)>,
}

/// How a query is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum How {
    /// Words, phrases and what is left out.
    #[default]
    Asked,
    /// What was typed so far of a participant's name.
    Typed,
    /// The name of a record, written where its key belongs: names alone are looked at.
    Named,
}

impl Levels {
    pub(super) fn of(query: &Query, how: How, only: &[Resource]) -> Self {
        let whole = Wanted::Term(Mark::WHOLE.term(&query.whole));
        let of_resources = |wanted: Wanted| match only {
            [] => wanted,
            only => {
                let names = only
                    .iter()
                    .map(|it| Wanted::Term(Mark::RESOURCE.term(it.as_str())));
                Wanted::All(vec![Wanted::Any(names.collect()), wanted])
            }
        };
        if how == How::Typed {
            let typed = |is_whole| {
                Wanted::All(
                    query
                        .clauses
                        .iter()
                        .flat_map(|it| &it.terms)
                        .map(|it| typed(it, is_whole))
                        .collect(),
                )
            };
            return Self {
                all: typed(false),
                last: 2,
                before: vec![(0, of_resources(whole)), (1, typed(true))],
            };
        }
        if query.is_code {
            let whole = of_resources(whole);
            return Self {
                all: whole.clone(),
                last: 0,
                before: vec![(0, whole)],
            };
        }
        let excluded: Vec<Wanted> = query
            .clauses
            .iter()
            .filter(|it| it.excluded)
            .map(|it| asked(it, &Tier::ALL, Form::Stem))
            .collect();
        let of_level = |tiers: &[Tier], form: Form| {
            let wanted = query.clauses.iter().filter(|it| !it.excluded);
            let wanted = Wanted::All(wanted.map(|it| asked(it, tiers, form)).collect());
            let wanted = of_resources(wanted);
            if excluded.is_empty() {
                wanted
            } else {
                Wanted::Without(Box::new(wanted), Box::new(Wanted::Any(excluded.clone())))
            }
        };
        let mut before = vec![(0, of_resources(whole))];
        let tiers = if how == How::Named { 1 } else { Tier::ALL.len() };
        for end in 1..=tiers {
            let tiers = &Tier::ALL[..end];
            before.push((2 * end - 1, of_level(tiers, Form::Folded)));
            before.push((2 * end, of_level(tiers, Form::Stem)));
        }
        let (last, all) = before.pop().unwrap_or((0, Wanted::Any(Vec::new())));
        Self { all, last, before }
    }
}

/// What has a name, as a whole, that begins with this one and goes on with other words.
pub(super) fn beginning_with(whole: &str, resource: Resource) -> Wanted {
    Wanted::All(vec![
        Wanted::Term(Mark::RESOURCE.term(resource.as_str())),
        Wanted::Beginning(Mark::WHOLE.term(&format!("{whole} "))),
    ])
}

/// One clause, in these tiers: folded words alone, or stems as well.
fn asked(clause: &Clause, tiers: &[Tier], form: Form) -> Wanted {
    let mut ways = Vec::new();
    for tier in tiers {
        let folded = Mark::of(*tier, Form::Folded);
        let words: Vec<String> = clause
            .terms
            .iter()
            .flat_map(|it| &it.folded)
            .map(|word| folded.term(word))
            .collect();
        let is_open = clause.terms.last().is_some_and(|it| it.prefix);
        ways.push(in_a_row(words, is_open));
        if form == Form::Folded {
            continue;
        }
        let stem = Mark::of(*tier, Form::Stem);
        if let [term] = clause.terms.as_slice() {
            for word in std::iter::once(&term.stem).chain(&term.alternates) {
                ways.push(in_a_row(vec![stem.term(word)], term.prefix));
            }
        } else {
            let stems = clause.terms.iter().map(|it| stem.term(&it.stem));
            ways.push(in_a_row(stems.collect(), is_open));
            ways.extend(clause.named.iter().map(|key| Wanted::Term(stem.term(key))));
        }
    }
    ways.dedup();
    Wanted::Any(ways)
}

fn in_a_row(mut words: Vec<String>, is_open: bool) -> Wanted {
    if words.len() > 1 {
        return Wanted::Phrase(words, is_open);
    }
    match words.pop() {
        Some(word) if is_open => Wanted::Beginning(word),
        Some(word) => Wanted::Term(word),
        None => Wanted::Any(Vec::new()),
    }
}

/// What was typed of a word of a name: the whole word, or the beginning of one.
fn typed(term: &Term, is_whole: bool) -> Wanted {
    let spelled = |word: &String| {
        let term = Mark::PICKED.term(word);
        if is_whole {
            Wanted::Term(term)
        } else {
            Wanted::Beginning(term)
        }
    };
    let folded = Wanted::All(term.folded.iter().map(spelled).collect());
    let stems = std::iter::once(&term.stem).chain(&term.alternates);
    Wanted::Any(std::iter::once(folded).chain(stems.map(spelled)).collect())
}

/// A row of all that a query finds.
pub(super) struct Candidate {
    pub number: i64,
    pub record_id: Uuid,
    pub day: Option<i64>,
    pub facets_id: i64,
}

row! { Candidate { number, record_id, day, facets_id } }

/// What was found, in its order: each with the first of its levels.
pub(super) fn ordered(
    all: Vec<Candidate>,
    last: usize,
    before: &[(i64, i64)],
    is_kept: impl Fn(i64) -> bool,
) -> Vec<Hit> {
    let mut first: HashMap<i64, usize> = HashMap::with_capacity(before.len());
    for (level, number) in before {
        let level = usize::try_from(*level).unwrap_or(last);
        first
            .entry(*number)
            .and_modify(|it| *it = level.min(*it))
            .or_insert(level);
    }
    let mut hits: Vec<Hit> = all
        .into_iter()
        .filter(|it| is_kept(it.facets_id))
        .map(|it| Hit {
            id: it.record_id,
            level: first.get(&it.number).copied().unwrap_or(last),
            day: it.day,
            number: it.number,
            facets: it.facets_id,
        })
        .collect();
    hits.sort_unstable();
    hits
}

/// Counts what was found; the values with the most hits first.
pub(super) fn counted(hits: &[Hit], known: &HashMap<i64, Facets>, wanted: &[Facet]) -> Counted {
    let mut of_facets: HashMap<i64, i64> = HashMap::new();
    for hit in hits {
        *of_facets.entry(hit.facets).or_default() += 1;
    }
    let mut counted = Counted::new();
    for facet in wanted {
        let mut of_values: HashMap<String, (Value, i64)> = HashMap::new();
        for (facets, count) in &of_facets {
            let Some(value) = known.get(facets).and_then(|it| it.value(*facet)) else {
                continue;
            };
            of_values.entry(value.to_string()).or_insert((value, 0)).1 += count;
        }
        let mut values: Vec<(String, (Value, i64))> = of_values.into_iter().collect();
        values.sort_by(|(one, (_, one_count)), (other, (_, other_count))| {
            other_count.cmp(one_count).then_with(|| one.cmp(other))
        });
        values.truncate(MOST_VALUES);
        let values = values
            .into_iter()
            .map(|(_, (value, count))| FacetCount { value, count });
        counted.insert(facet.as_str(), values.collect());
    }
    counted
}

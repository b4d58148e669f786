//! Whether a text is what a query asks for, without any index: by this the indexes are tested, and snippets marked.

use super::{Clause, Position, Query, Term, tokens};

/// By what a query found a text; the better comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// All that it asks for stands there as written, but for what folding passes over.
    Folded,
    /// Some of it stands there by its stem alone.
    Stem,
}

/// Whether a text has all that a query asks for, and nothing that it leaves out.
#[must_use]
pub fn matches(query: &Query, text: &str) -> Option<Level> {
    matches_any(query, &[text])
}

/// The same of a record of several fields: its words may stand in any of them, a phrase in one.
#[must_use]
pub fn matches_any(query: &Query, fields: &[&str]) -> Option<Level> {
    let fields: Vec<Vec<Position>> = fields.iter().map(|field| tokens(field)).collect();
    let fields: Vec<Streams<'_>> = fields.iter().map(|positions| Streams::of(positions)).collect();
    let mut level = Level::Folded;
    for clause in &query.clauses {
        let found = fields.iter().filter_map(|field| field.level(clause)).min();
        match (clause.excluded, found) {
            (true, Some(_)) | (false, None) => return None,
            (true, None) => {}
            (false, Some(found)) => level = level.max(found),
        }
    }
    Some(level)
}

/// The two streams of a text.
pub(super) struct Streams<'a> {
    positions: &'a [Position],
    /// The folded words, each with the place of its position.
    folded: Vec<(&'a str, usize)>,
}

impl<'a> Streams<'a> {
    pub fn of(positions: &'a [Position]) -> Self {
        let folded = positions
            .iter()
            .enumerate()
            .flat_map(|(place, position)| {
                position
                    .word
                    .folded
                    .iter()
                    .map(move |word| (word.as_str(), place))
            })
            .collect();
        Self { positions, folded }
    }

    fn level(&self, clause: &Clause) -> Option<Level> {
        if self.by_folded(clause).next().is_some() {
            return Some(Level::Folded);
        }
        let mut otherwise = self.by_stems(clause).chain(self.by_name(clause));
        otherwise.next().map(|_| Level::Stem)
    }

    /// Where a clause stands, by the places of the first position and of the last one.
    pub fn found(&self, clause: &Clause) -> Vec<(usize, usize)> {
        let words = self.by_folded(clause).chain(self.by_stems(clause));
        let mut found: Vec<_> = words.chain(self.by_name(clause)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn by_folded(&self, clause: &Clause) -> impl Iterator<Item = (usize, usize)> {
        let asked: Vec<&str> = clause
            .terms
            .iter()
            .flat_map(|term| term.folded.iter().map(String::as_str))
            .collect();
        let prefix = clause.terms.last().is_some_and(|term| term.prefix);
        let length = asked.len().max(1);
        self.folded
            .windows(length)
            .filter(move |words| {
                !asked.is_empty()
                    && words
                        .iter()
                        .zip(&asked)
                        .enumerate()
                        .all(|(at, ((word, _), asked))| {
                            word == asked || (prefix && at + 1 == length && word.starts_with(*asked))
                        })
            })
            .map(|words| (words[0].1, words[words.len() - 1].1))
    }

    fn by_stems(&self, clause: &Clause) -> impl Iterator<Item = (usize, usize)> {
        let length = clause.terms.len().max(1);
        self.positions
            .windows(length)
            .enumerate()
            .filter(move |(_, positions)| match clause.terms.as_slice() {
                [] => false,
                [term] => has_stem(&positions[0], term),
                terms => positions.iter().zip(terms).all(|(position, term)| {
                    if term.prefix {
                        position.word.stem.starts_with(&term.stem)
                    } else {
                        position.word.stem == term.stem
                    }
                }),
            })
            .map(move |(at, _)| (at, at + length - 1))
    }

    /// Where whoever the clause names stands by another name.
    fn by_name(&self, clause: &Clause) -> impl Iterator<Item = (usize, usize)> {
        let named = clause.named.as_ref();
        self.positions
            .iter()
            .enumerate()
            .filter(move |(_, it)| named.is_some_and(|key| it.word.alternates.contains(key)))
            .map(|(at, _)| (at, at))
    }
}

fn has_stem(position: &Position, term: &Term) -> bool {
    position.word.stems().any(|stem| {
        if term.prefix {
            stem.starts_with(&term.stem)
        } else {
            stem == term.stem || term.alternates.iter().any(|alternate| alternate == stem)
        }
    })
}

//! Names of the reference participants where they stand in a text: whatever the language of the one and of the other, a name finds
//! the others of who is called so.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::{Arc, LazyLock},
};

use super::{NAME_MARK, Position, lexicon, words::Words};

/// A shorter name may be another word, or letters that stand for themselves: `us`, `É.-U.`.
const SHORTEST: usize = 5;

static NAMES: LazyLock<Names> = LazyLock::new(Names::read);

/// A name by the stems of its words.
#[derive(Debug)]
struct Name {
    /// Behind the first.
    rest: Vec<String>,
    /// What all names of the participant are found by.
    key: String,
}

/// By their first stems, the longer ones first.
#[derive(Debug, Default)]
struct Names(HashMap<String, Vec<Name>>);

impl Names {
    fn read() -> Self {
        let mut keys: HashMap<Vec<String>, Option<String>> = HashMap::new();
        for (code, names) in lexicon::called() {
            let key = format!("{NAME_MARK}{}", code.to_lowercase());
            let names: Vec<Vec<Position>> = names.iter().map(|name| words_of(name)).collect();
            // Who is called by single words alone is joined by rows of the equivalents.
            if names.iter().all(|words| words.len() < 2) {
                continue;
            }
            for words in names {
                let folded = words.iter().flat_map(|it| &it.word.folded);
                if folded.map(|it| it.chars().count()).sum::<usize>() < SHORTEST {
                    continue;
                }
                let stems = words.into_iter().map(|it| it.word.stem.clone()).collect();
                match keys.entry(stems) {
                    Entry::Vacant(entry) => {
                        entry.insert(Some(key.clone()));
                    }
                    // What two are called says nothing.
                    Entry::Occupied(mut entry) if entry.get().as_ref() != Some(&key) => {
                        entry.insert(None);
                    }
                    Entry::Occupied(_) => {}
                }
            }
        }
        let mut names = Self::default();
        for (mut stems, key) in keys {
            if let Some(key) = key {
                let first = stems.remove(0);
                names.0.entry(first).or_default().push(Name { rest: stems, key });
            }
        }
        for names in names.0.values_mut() {
            names.sort_by(|one, other| {
                let by_length = other.rest.len().cmp(&one.rest.len());
                by_length.then_with(|| one.rest.cmp(&other.rest))
            });
        }
        names
    }
}

/// Without what stands before a name: `the United States`.
fn words_of(name: &str) -> Vec<Position> {
    Words::new(name).skip_while(|it| it.word.stop).collect()
}

/// The words of a text; those of a name are found by all names of who is called so.
pub(super) struct Named<'a> {
    words: Words<'a>,
    ahead: VecDeque<Position>,
    /// How many of those ahead are of a name that was found: a name within another is none.
    of_name: usize,
}

impl<'a> Named<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            words: Words::new(text),
            ahead: VecDeque::new(),
            of_name: 0,
        }
    }

    fn at(&mut self, place: usize) -> Option<&Position> {
        while self.ahead.len() <= place {
            let position = self.words.next()?;
            self.ahead.push_back(position);
        }
        self.ahead.get(place)
    }

    /// The longest name that begins here: of how many words, and whose.
    fn name(&mut self) -> Option<(usize, &'static str)> {
        let first = Arc::clone(&self.at(0)?.word);
        let mut longest = None;
        for stem in first.stems() {
            for name in NAMES.0.get(stem).into_iter().flatten() {
                let length = 1 + name.rest.len();
                let is_longer = longest.is_none_or(|(longest, _)| length > longest);
                let stands = |this: &mut Self| {
                    name.rest.iter().enumerate().all(|(at, stem)| {
                        this.at(at + 1)
                            .is_some_and(|it| it.word.stems().any(|it| it == stem))
                    })
                };
                if is_longer && stands(self) {
                    longest = Some((length, name.key.as_str()));
                    break;
                }
            }
        }
        longest
    }
}

impl Iterator for Named<'_> {
    type Item = Position;

    fn next(&mut self) -> Option<Position> {
        if self.of_name == 0
            && let Some((length, key)) = self.name()
        {
            self.of_name = length;
            for position in self.ahead.iter_mut().take(length) {
                Arc::make_mut(&mut position.word).alternates.push(key.to_owned());
            }
        }
        self.of_name = self.of_name.saturating_sub(1);
        self.at(0)?;
        self.ahead.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        let mut keys: Vec<String> = Named::new(text)
            .flat_map(|it| it.word.alternates.clone())
            .filter(|it| it.starts_with(NAME_MARK) && it.chars().any(char::is_alphabetic))
            .collect();
        keys.dedup();
        keys
    }

    #[test]
    fn a_name_is_whoever_is_called_so_in_any_language() {
        for (text, code) in [
            ("the United Kingdom pledged", "#gbr"),
            ("وتعهدت المملكة المتحدة", "#gbr"),
            ("والمملكة المتحدة", "#gbr"),
            ("للمملكة المتحدة", "#gbr"),
            ("المملكةالمتحدة", "#gbr"),
            ("le Royaume-Uni", "#gbr"),
            ("Great Britain", "#gbr"),
            ("United States of America", "#usa"),
            ("Démocratique, la République démocratique du Congo", "#cod"),
            ("Democratic Republic of the Congo", "#cod"),
            ("the Republic of the Congo", "#cog"),
            ("نيوزيلندا", "#nzl"),
            ("New Zealand", "#nzl"),
            ("السعودية", "#sau"),
            ("UNICEF", "#unicef"),
        ] {
            assert_eq!(keys(text), [code], "{text}");
        }
        for text in [
            "let us know who can",
            "É.-U.",
            "a united front of kingdoms",
            "Mali",
            "an English word",
        ] {
            assert_eq!(keys(text), [""; 0], "{text}");
        }
    }
}

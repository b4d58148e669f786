//! What the words of a text are found by: its raw words, taken apart where they were glued, and taken together where they are one
//! number.

use std::{
    collections::VecDeque,
    sync::{Arc, LazyLock},
};

use quick_cache::sync::Cache;

use super::{
    LONGEST_WORD, Position, STEM_MARK, Word, arabic,
    fold::{Class, Folding, class},
    latin,
    lexicon::{LEXICON, Lexicon, Scale, Way},
    number::{Decimal, NumberWord, with_next},
    scan::{Gap, Kind, Raw, Scanner},
};

/// How many different words are remembered, whatever text they were met in: some hundred bytes each.
const MOST_REMEMBERED: usize = 1 << 14;

/// Words that were met before. Most of a text are such, and what is known of a word follows from the word alone.
static REMEMBERED: LazyLock<Cache<String, Arc<Known>>> = LazyLock::new(|| Cache::new(MOST_REMEMBERED));

/// A number has so many words at most.
const LONGEST_NUMBER: usize = 12;

/// What a word is by itself.
#[derive(Debug)]
struct Known {
    word: Arc<Word>,
    number: Option<NumberWord>,
    scale: Option<Scale>,
    /// It holds the words of a name, each so many letters long.
    glued: Option<Vec<usize>>,
}

/// The words of a text, one by one, so that who needs the first ones alone pays for those alone.
pub(super) struct Words<'a> {
    text: &'a str,
    scanner: Scanner<'a>,
    lexicon: &'static Lexicon,
    ahead: VecDeque<(Raw, Arc<Known>)>,
}

impl<'a> Words<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            scanner: Scanner::new(text),
            lexicon: &LEXICON,
            ahead: VecDeque::new(),
        }
    }

    /// The raw word that stands so many places ahead.
    fn at(&mut self, place: usize) -> Option<&(Raw, Arc<Known>)> {
        while self.ahead.len() <= place {
            let raw = self.scanner.next()?;
            let known = self.known(&raw);
            match &known.glued {
                Some(lengths) => self.split(&raw, lengths),
                None => self.ahead.push_back((raw, known)),
            }
        }
        self.ahead.get(place)
    }

    /// As `at`, but only behind a space or a hyphen, as the words of one number stand.
    fn next_to(&mut self, place: usize) -> Option<&(Raw, Arc<Known>)> {
        self.at(place).filter(|(raw, _)| raw.gap != Gap::Other)
    }

    fn known(&self, raw: &Raw) -> Arc<Known> {
        let elided;
        let key = match (&raw.kind, &raw.accented) {
            (Kind::Letters, Some(accented)) => accented,
            // Not what the letter is by itself.
            (Kind::Elided, _) => {
                elided = format!("{}'", raw.folded);
                &elided
            }
            // As many as there are ways to write one are remembered nowhere.
            (Kind::Number { suffix, parts, .. }, _) if suffix.is_some() || !parts.is_empty() => {
                return Arc::new(known(raw, self.lexicon));
            }
            // على and علي fold to the same word, and only one of them is a stop word.
            _ if raw.ends_in_maqsura => return Arc::new(known(raw, self.lexicon)),
            _ => &raw.folded,
        };
        if let Some(known) = REMEMBERED.get(key) {
            return known;
        }
        let known = Arc::new(known(raw, self.lexicon));
        REMEMBERED.insert(key.clone(), Arc::clone(&known));
        known
    }

    /// A glued word as the words that it is made of, each with its own place.
    fn split(&mut self, raw: &Raw, lengths: &[usize]) {
        let mut letters = raw.folded.chars();
        let mut places = Places::new(self.text, raw);
        let mut start = (raw.start, raw.bytes.0);
        for (at, length) in lengths.iter().enumerate() {
            let is_last = at + 1 == lengths.len();
            let end = if is_last {
                (raw.end, raw.bytes.1)
            } else {
                places.after(*length)
            };
            let part = Raw {
                start: start.0,
                end: end.0,
                bytes: (start.1, end.1),
                gap: if at == 0 { raw.gap } else { Gap::None },
                kind: raw.kind.clone(),
                folded: letters.by_ref().take(*length).collect(),
                accented: None,
                ends_in_maqsura: raw.ends_in_maqsura && is_last,
            };
            let mut known = known(&part, self.lexicon);
            known.glued = None;
            if at == 0 {
                // Who is still typing it finds it by how it is written, too.
                let mut word = (*known.word).clone();
                word.alternates.push(format!("{STEM_MARK}{}", raw.folded));
                known.word = Arc::new(word);
            }
            self.ahead.push_back((part, Arc::new(known)));
            start = end;
        }
    }

    fn position(&mut self) -> Option<Position> {
        let (raw, known) = self.at(0)?;
        let plain = Arc::clone(&known.word);
        let (start, end) = (raw.start, raw.end);
        let is_number = matches!(raw.kind, Kind::Number { .. });
        if !is_number && known.number.is_none() {
            self.ahead.pop_front();
            return Some(Position {
                start,
                end,
                word: plain,
            });
        }
        let found = self.number();
        let Some((places, value)) = found else {
            self.ahead.pop_front();
            return Some(Position {
                start,
                end,
                word: plain,
            });
        };
        let mut alternates = Vec::new();
        if places == 1 {
            alternates.extend(self.of_range());
        }
        let stem = value.stem();
        let is_plain =
            |kind: &Kind| matches!(kind, Kind::Number { suffix: None, parts, .. } if parts.is_empty());
        if let Some((raw, _)) = self.ahead.front()
            && places == 1
            && alternates.is_empty()
            && is_plain(&raw.kind)
        {
            self.ahead.pop_front();
            return Some(Position {
                start,
                end,
                word: plain,
            });
        }
        let mut folded = Vec::with_capacity(places);
        let mut end = end;
        for (raw, known) in self.ahead.drain(..places) {
            end = raw.end;
            folded.extend(known.word.folded.iter().cloned());
            alternates.push(known.word.stem.clone());
            if let Kind::Number { value, parts, suffix } = &raw.kind {
                alternates.extend(parts.iter().map(|part| part.stem()));
                if suffix.is_some() {
                    alternates.push(value.stem());
                }
            }
        }
        let mut seen: Vec<String> = Vec::with_capacity(alternates.len());
        for alternate in alternates {
            if alternate != stem && !seen.contains(&alternate) {
                seen.push(alternate);
            }
        }
        Some(Position {
            start,
            end,
            word: Arc::new(Word {
                folded,
                stem,
                alternates: seen,
                stop: false,
            }),
        })
    }

    /// How many of the words from here on are one number, and which; none where they are words to us.
    fn number(&mut self) -> Option<(usize, Decimal)> {
        let lexicon = self.lexicon;
        let (raw, known) = self.at(0)?;
        if let Kind::Number { value, suffix, .. } = &raw.kind {
            let value = *value;
            if let Some(suffix) = suffix {
                let scale = lexicon.scale(suffix)?;
                return Some((1, value.times(scale.value)?));
            }
            let scaled = self.scale(1).and_then(|scale| value.times(scale));
            return Some(scaled.map_or((1, value), |scaled| (2, scaled)));
        }
        let first = known.number?;
        let mut total = first.value;
        let mut places = 1;
        while places < LONGEST_NUMBER {
            let is_and = self.next_to(places).is_some_and(|(raw, _)| {
                raw.kind == Kind::Letters && matches!(raw.folded.as_str(), "and" | "et")
            });
            let skipped = usize::from(is_and);
            let Some(next) = self.next_to(places + skipped).and_then(|(_, known)| known.number) else {
                break;
            };
            let next = NumberWord {
                joined: next.joined || is_and,
                ..next
            };
            let Some(sum) = with_next(total, next) else { break };
            total = sum;
            places += 1 + skipped;
        }
        let value = Decimal::of(total);
        if let Some(scaled) = self.scale(places).and_then(|scale| value.times(scale)) {
            return Some((places + 1, scaled));
        }
        (places > 1).then_some((places, value))
    }

    /// What the word so many places ahead multiplies the number before it by.
    fn scale(&mut self, place: usize) -> Option<u64> {
        let (raw, known) = self.next_to(place)?;
        let scale = known.scale?;
        let touches = raw.gap == Gap::None;
        (scale.way != Way::End || touches).then_some(scale.value)
    }

    /// `between 200 and 230 million`, `200-230m`: the first number has the scale of the second.
    fn of_range(&mut self) -> Option<String> {
        const BETWEEN: &[&str] = &["and", "to", "or", "et", "a", "ou", "و", "الي", "او"];
        let lexicon = self.lexicon;
        let (raw, _) = self.at(0)?;
        let Kind::Number {
            value, suffix: None, ..
        } = raw.kind
        else {
            return None;
        };
        let (raw, _) = self.next_to(1)?;
        let second = match &raw.kind {
            Kind::Number { .. } if raw.gap == Gap::Hyphen => 1,
            _ if BETWEEN.contains(&raw.folded.as_str()) => 2,
            _ => return None,
        };
        let (raw, _) = self.next_to(second)?;
        let Kind::Number { suffix, .. } = &raw.kind else {
            return None;
        };
        let scale = match suffix {
            Some(suffix) => lexicon.scale(suffix)?.value,
            None => self.scale(second + 1)?,
        };
        value.times(scale).map(Decimal::stem)
    }
}

impl Iterator for Words<'_> {
    type Item = Position;

    fn next(&mut self) -> Option<Position> {
        self.position()
    }
}

/// What is known of a word by itself.
fn known(raw: &Raw, lexicon: &Lexicon) -> Known {
    let folded = raw.folded.as_str();
    let plain = || format!("{STEM_MARK}{folded}");
    let mut number = None;
    let mut scale = None;
    let mut glued = None;
    let stop = lexicon.is_stop(raw);
    let (stem, alternates) = match raw.kind {
        Kind::Number {
            value, suffix: None, ..
        } => (value.stem(), Vec::new()),
        Kind::Number { .. } | Kind::Elided | Kind::Ideograph => (plain(), Vec::new()),
        Kind::Arabic => {
            let stripped = arabic::strip(folded, lexicon);
            glued = glued_arabic(folded, lexicon);
            let base = stripped.bases.first().map_or(folded, String::as_str);
            number = lexicon.number(base).map(|number| NumberWord {
                joined: stripped.waw,
                ..number
            });
            scale = lexicon.scale(base);
            if stop {
                (plain(), Vec::new())
            } else {
                let mut stems = stripped.bases.iter().map(|base| arabic::stem(base, lexicon));
                let first = stems.next().unwrap_or_else(plain);
                // By a set's name nobody finds it who types its beginning.
                let typed = lexicon.equivalent(base).map(|_| format!("{STEM_MARK}{base}"));
                by_number(base, first, stems.chain(typed).collect(), number, scale, lexicon)
            }
        }
        Kind::Letters => {
            glued = lexicon
                .glued(folded, folded.chars().count())
                .map(<[usize]>::to_vec);
            number = lexicon.number(folded);
            scale = lexicon.scale(folded);
            if stop {
                (plain(), Vec::new())
            } else {
                let (stem, alternates) = latin::stems(folded, raw.accented.as_deref(), lexicon);
                by_number(folded, stem, alternates, number, scale, lexicon)
            }
        }
    };
    let mut distinct: Vec<String> = Vec::with_capacity(alternates.len());
    for alternate in alternates {
        if alternate != stem && !distinct.contains(&alternate) {
            distinct.push(alternate);
        }
    }
    Known {
        word: Arc::new(Word {
            folded: vec![raw.folded.clone()],
            stem: cut(stem),
            alternates: distinct.into_iter().map(cut).collect(),
            stop,
        }),
        number,
        scale,
        glued,
    }
}

/// A number word's stem is its number's. A sum in one word, and a scale that stands for once itself, are found by theirs too.
fn by_number(
    base: &str,
    stem: String,
    mut alternates: Vec<String>,
    number: Option<NumberWord>,
    scale: Option<Scale>,
    lexicon: &Lexicon,
) -> (String, Vec<String>) {
    if let Some(sum) = lexicon.sum(base) {
        alternates.push(stem);
        return (sum.stem(), alternates);
    }
    match (number, scale) {
        (Some(number), _) if number.alone => (Decimal::of(number.value).stem(), alternates),
        (_, Some(scale)) if scale.is_one => {
            alternates.push(Decimal::of(scale.value).stem());
            (stem, alternates)
        }
        _ => (stem, alternates),
    }
}

/// Names are glued with what is written together with their first word: الولاياتالمتحدة, وبالولاياتالمتحدة, للولاياتالمتحدة.
fn glued_arabic(folded: &str, lexicon: &Lexicon) -> Option<Vec<usize>> {
    let letters = folded.chars().count();
    let mut rest = folded;
    for taken in 0..=2 {
        if let Some(lengths) = lexicon.glued(rest, letters - taken) {
            return Some(longer(lengths, taken));
        }
        // The article loses its alef behind ل.
        if let Some(behind) = rest.strip_prefix("لل") {
            let whole = format!("ال{behind}");
            if let Some(lengths) = lexicon.glued(&whole, letters - taken) {
                return Some(longer(lengths, taken));
            }
        }
        rest = rest.strip_prefix(['و', 'ف', 'ب', 'ل', 'ك'])?;
    }
    None
}

/// What is written before a name belongs to its first word.
fn longer(lengths: &[usize], taken: usize) -> Vec<usize> {
    let mut lengths = lengths.to_vec();
    if let Some(first) = lengths.first_mut() {
        *first += taken;
    }
    lengths
}

/// A stem no longer than a word may be; its mark comes on top.
fn cut(mut stem: String) -> String {
    if let Some((end, _)) = stem.char_indices().nth(LONGEST_WORD + 1) {
        stem.truncate(end);
    }
    stem
}

/// Where the letters of a word stand in its text, beside what was folded away between them.
struct Places<'a> {
    text: &'a str,
    point: usize,
    byte: usize,
    end: usize,
}

impl<'a> Places<'a> {
    fn new(text: &'a str, raw: &Raw) -> Self {
        Self {
            text,
            point: raw.start,
            byte: raw.bytes.0,
            end: raw.bytes.1,
        }
    }

    /// Code point and byte behind so many letters more, with the marks on the last of them.
    fn after(&mut self, letters: usize) -> (usize, usize) {
        let mut passed = 0;
        for character in self.text.get(self.byte..self.end).unwrap_or_default().chars() {
            if !matches!(class(character), Class::Mark | Class::Hidden | Class::Apostrophe) {
                if passed >= letters {
                    break;
                }
                // A ligature is several.
                let mut folding = Folding::default();
                folding.push(character);
                passed += folding.folded.chars().count();
            }
            self.point += 1;
            self.byte += character.len_utf8();
        }
        (self.point, self.byte)
    }
}

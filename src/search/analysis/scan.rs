//! Where words begin and end, before anything is known of them but how they are written.

use std::collections::VecDeque;

use super::{
    LONGEST_WORD,
    fold::{Class, Folding, OVER, class, digit, fraction, is_raised, latin},
    lexicon::is_currency,
    number::Decimal,
};

/// A word as it was found.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    /// Code points, and bytes beside them.
    pub start: usize,
    pub end: usize,
    pub bytes: (usize, usize),
    pub gap: Gap,
    pub kind: Kind,
    pub folded: String,
    /// Only where it has accents.
    pub accented: Option<String>,
    pub ends_in_maqsura: bool,
}

/// What stands between a word and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing: another script, or digits.
    None,
    Space,
    /// One hyphen or dash.
    Hyphen,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Arabic,
    /// Of letters of any other script, and perhaps of digits too: `G20`.
    Letters,
    /// `l'`, `d'`, `qu'`, and what else French writes together with the word behind it.
    Elided,
    Ideograph,
    Number {
        value: Decimal,
        /// The letters that are written together with it: `m` of `200m`.
        suffix: Option<String>,
        /// What else it may be: `13,14` is either a fraction or two numbers.
        parts: Vec<Decimal>,
    },
}

/// What is elided before a vowel, without its apostrophe.
const ELISIONS: &[&str] = &[
    "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "quelqu", "presqu",
];

/// As many groups of three digits are joined to one number at most.
const MOST_GROUPS: usize = 7;

/// As many letters behind a number are held to be one word with it.
const LONGEST_SUFFIX: usize = 12;

/// Where one is in a text. Looking ahead is a copy.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    text: &'a str,
    byte: usize,
    point: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.byte..)?.chars().next()
    }

    fn class(&self) -> Option<Class> {
        self.peek().map(class)
    }

    fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.byte += character.len_utf8();
        self.point += 1;
        Some(character)
    }

    /// Passes over the mark of a footnote behind so many letters: digits above the line, where they are no power of a unit.
    fn skip_note(&mut self, letters: usize) -> bool {
        const LONGEST_UNIT: usize = 2;
        let is_note = |it: char| is_raised(it) && (letters > LONGEST_UNIT || !matches!(it, '²' | '³'));
        let has_note = self.peek().is_some_and(is_note);
        while has_note && self.peek().is_some_and(is_raised) {
            self.bump();
        }
        has_note
    }

    /// What stands behind the next character.
    fn beyond(mut self) -> Option<char> {
        self.bump();
        self.peek()
    }
}

impl<'a> Cursor<'a> {
    /// The digits from here on: those on the line, or those above it.
    fn group(&mut self) -> Group<'a> {
        let begin = *self;
        let above = self.peek().is_some_and(is_raised);
        let mut digits = String::new();
        while self.class() == Some(Class::Digit) && self.peek().is_some_and(is_raised) == above {
            let character = self.bump().unwrap_or('0');
            if digits.len() < LONGEST_WORD {
                digits.push(digit(character));
            }
        }
        let end = *self;
        while self.peek().is_some_and(is_raised) {
            self.bump();
        }
        Group { begin, end, digits }
    }
}

pub(super) struct Scanner<'a> {
    cursor: Cursor<'a>,
    /// Found together with one that was handed out already.
    pending: VecDeque<Raw>,
    has_begun: bool,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            cursor: Cursor {
                text,
                byte: 0,
                point: 0,
            },
            pending: VecDeque::new(),
            has_begun: false,
        }
    }

    /// Passes over all that is no word.
    fn skip(&mut self) -> Option<(Gap, Class)> {
        let mut gap = if self.has_begun { Gap::None } else { Gap::Other };
        let mut lines = 0;
        loop {
            let found = self.cursor.class()?;
            match found {
                Class::Letter | Class::Arabic | Class::Digit | Class::Ideograph | Class::Fraction => {
                    return Some((gap, found));
                }
                Class::Mark | Class::Hidden => {}
                Class::Apostrophe => gap = Gap::Other,
                Class::Break => {
                    let character = self.cursor.peek().unwrap_or(' ');
                    lines += usize::from(character == '\n');
                    gap = match (gap, character) {
                        // A paragraph ends.
                        _ if lines > 1 => Gap::Other,
                        (Gap::None | Gap::Space, it) if it.is_whitespace() => Gap::Space,
                        (Gap::None, '-' | '‐' | '‑' | '–' | '−') => Gap::Hyphen,
                        _ => Gap::Other,
                    };
                }
            }
            self.cursor.bump();
        }
    }

    fn arabic(&mut self, gap: Gap) -> Raw {
        let begin = self.cursor;
        let mut end = self.cursor;
        let mut folding = Folding::default();
        while let Some(found) = self.cursor.class() {
            match found {
                Class::Arabic => {
                    let letter = self.cursor.bump().unwrap_or_default();
                    folding.push(letter);
                    end = self.cursor;
                }
                Class::Mark => {
                    self.cursor.bump();
                    end = self.cursor;
                }
                Class::Hidden => {
                    self.cursor.bump();
                }
                _ => {
                    self.cursor.skip_note(folding.folded.chars().count());
                    break;
                }
            }
        }
        raw(begin, end, gap, Kind::Arabic, folding)
    }

    fn ideograph(&mut self, gap: Gap) -> Raw {
        let begin = self.cursor;
        let mut folding = Folding::default();
        if let Some(sign) = self.cursor.bump() {
            folding.push(sign);
        }
        while self.cursor.class() == Some(Class::Mark) {
            let mark = self.cursor.bump().unwrap_or_default();
            folding.mark(mark);
        }
        raw(begin, self.cursor, gap, Kind::Ideograph, folding)
    }

    /// Letters and digits, from a letter on or, where `folding` has some, from digits on.
    fn letters(&mut self, begin: Cursor<'a>, gap: Gap, mut folding: Folding) -> Raw {
        let mut end = self.cursor;
        let mut is_first = folding.folded.is_empty();
        while let Some(found) = self.cursor.class() {
            match found {
                Class::Letter => {
                    self.letter(&mut folding);
                    end = self.cursor;
                    if is_first {
                        self.initials(&mut folding, &mut end);
                    }
                    is_first = false;
                }
                // A sum's currency is a word of its own: `USD300m`.
                Class::Digit if is_currency(&folding.folded) => break,
                Class::Digit if self.cursor.skip_note(folding.folded.chars().count()) => break,
                Class::Digit => {
                    let character = self.cursor.bump().unwrap_or_default();
                    folding.push(digit(character));
                    end = self.cursor;
                }
                Class::Mark => {
                    let mark = self.cursor.bump().unwrap_or_default();
                    folding.mark(mark);
                    end = self.cursor;
                }
                Class::Hidden => {
                    self.cursor.bump();
                }
                Class::Apostrophe => {
                    let Some(after) = self.cursor.beyond() else { break };
                    if !matches!(class(after), Class::Letter) {
                        break;
                    }
                    if ELISIONS.contains(&folding.folded.as_str()) {
                        let elided = raw(begin, end, gap, Kind::Elided, folding);
                        self.cursor.bump();
                        return elided;
                    }
                    let mut ahead = self.cursor;
                    ahead.bump();
                    ahead.bump();
                    let is_last = !matches!(ahead.class(), Some(Class::Letter | Class::Digit | Class::Mark));
                    if is_last && matches!(after, 's' | 'S') {
                        // The possessive is a part of the word in the text, and none of what it is found by.
                        self.cursor = ahead;
                        end = ahead;
                        break;
                    }
                    self.cursor.bump();
                }
                _ => break,
            }
        }
        raw(begin, end, gap, Kind::Letters, folding)
    }

    /// A letter with the marks on it.
    fn letter(&mut self, folding: &mut Folding) {
        let letter = self.cursor.bump().unwrap_or_default();
        folding.push(letter);
        while self.cursor.class() == Some(Class::Mark) {
            let mark = self.cursor.bump().unwrap_or_default();
            folding.mark(mark);
        }
    }

    /// `U.S.` and `U.S.A.` are `us` and `usa`: single letters, each with its point.
    fn initials(&mut self, folding: &mut Folding, end: &mut Cursor<'a>) {
        loop {
            let mut next = self.cursor;
            if next.bump() != Some('.') || next.class() != Some(Class::Letter) {
                return;
            }
            let mut behind = next;
            behind.bump();
            while behind.class() == Some(Class::Mark) {
                behind.bump();
            }
            if matches!(behind.class(), Some(Class::Letter | Class::Digit)) {
                return;
            }
            self.cursor = next;
            self.letter(folding);
            *end = self.cursor;
        }
    }

    /// A number with its fraction and its groups of three, or where it is none of ours (a date, an address) its parts, each a
    /// number.
    fn number(&mut self, gap: Gap) -> Raw {
        let begin = self.cursor;
        let mut groups = vec![self.cursor.group()];
        if let Some(fraction) = self.fraction(&groups[0]) {
            return self.over(begin, gap, fraction);
        }
        let mut marks = Vec::new();
        while let Some(mark @ ('.' | ',' | '٫' | '٬')) = self.cursor.peek() {
            // The mark of a footnote behind a full stop is no decimal.
            let goes_on = |it| class(it) == Class::Digit && !is_raised(it);
            if !self.cursor.beyond().is_some_and(goes_on) {
                break;
            }
            if groups.len() > MOST_GROUPS {
                return self.apart(groups, gap);
            }
            self.cursor.bump();
            marks.push(mark);
            groups.push(self.cursor.group());
        }
        if marks.is_empty() {
            self.spaced(&mut groups);
        }
        match Written::of(&groups, &marks) {
            Some(written) => self.suffixed(begin, gap, written),
            None => self.apart(groups, gap),
        }
    }

    /// The two numbers of a fraction, of which these are the first digits: `1⁄2`, `2½`.
    fn fraction(&mut self, first: &Group<'_>) -> Option<(u64, u64)> {
        const MOST_DIGITS: usize = 9;
        let number = |group: &Group<'_>| {
            let is_short = group.digits.len() <= MOST_DIGITS;
            group.digits.parse::<u64>().ok().filter(|_| is_short)
        };
        let whole = number(first)?;
        let sign = self.cursor.peek()?;
        if let Some((above, below)) = fraction(sign) {
            let above = whole * below + above;
            // Two thirds more than 2 are words of their own.
            Decimal::ratio(above, below)?;
            self.cursor.bump();
            return Some((above, below));
        }
        let is_over = sign == OVER && self.cursor.beyond().is_some_and(|it| class(it) == Class::Digit);
        if !is_over {
            return None;
        }
        let mut ahead = self.cursor;
        ahead.bump();
        let below = number(&ahead.group())?;
        self.cursor = ahead;
        Some((whole, below))
    }

    /// A fraction that was read. One that comes out even is the number that it is.
    fn over(&mut self, begin: Cursor<'a>, gap: Gap, (above, below): (u64, u64)) -> Raw {
        if let Some(value) = Decimal::ratio(above, below) {
            let written = Written {
                digits: value.to_string(),
                parts: Vec::new(),
                is_plain: false,
            };
            return self.suffixed(begin, gap, written);
        }
        let mut folding = Folding::default();
        folding.folded = format!("{above}{OVER}{below}");
        raw(begin, self.cursor, gap, Kind::Letters, folding)
    }

    /// `200 000`: a space joins three digits to those before it, a plain one only where a number is round, as else a day and a
    /// year, or two numbers of a list, would be joined.
    fn spaced(&mut self, groups: &mut Vec<Group<'a>>) {
        let begins_one = |first: &Group<'_>| first.digits.len() <= 3 && !first.digits.starts_with('0');
        if !groups.first().is_some_and(begins_one) {
            return;
        }
        let mut ahead = self.cursor;
        let mut found = Vec::new();
        let mut is_certain = false;
        while found.len() < MOST_GROUPS {
            let mut next = ahead;
            let Some(space @ (' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')) = next.bump() else {
                break;
            };
            if next.class() != Some(Class::Digit) {
                break;
            }
            let group = next.group();
            if group.digits.len() != 3 {
                break;
            }
            is_certain |= space != ' ' || group.digits == "000";
            found.push(group);
            ahead = next;
        }
        if is_certain {
            self.cursor = ahead;
            groups.append(&mut found);
        }
    }

    /// A number, and the letters that stand right behind it.
    fn suffixed(&mut self, begin: Cursor<'a>, gap: Gap, written: Written) -> Raw {
        let mut folding = Folding::default();
        for character in written.digits.chars() {
            folding.push(character);
        }
        let Some(value) = Decimal::parse(&written.digits) else {
            return self.letters(begin, gap, folding);
        };
        let mut ahead = self.cursor;
        let mut suffix = String::new();
        while let Some(letters) = ahead.peek().and_then(latin) {
            if suffix.len() + letters.len() > LONGEST_SUFFIX {
                break;
            }
            suffix.push_str(&letters);
            ahead.bump();
        }
        let has_note = !suffix.is_empty() && ahead.skip_note(suffix.len());
        if !has_note && matches!(ahead.class(), Some(Class::Letter | Class::Digit | Class::Mark)) {
            // More than letters that could be a scale: one word, as far as it goes; but a fraction is no part of one.
            if written.is_plain {
                return self.letters(begin, gap, folding);
            }
            suffix.clear();
        }
        if suffix.is_empty() {
            ahead = self.cursor;
        }
        for letter in suffix.chars() {
            folding.push(letter);
        }
        self.cursor = ahead;
        let kind = Kind::Number {
            value,
            suffix: (!suffix.is_empty()).then_some(suffix),
            parts: written.parts,
        };
        raw(begin, ahead, gap, kind, folding)
    }

    /// Each group as a number of its own.
    fn apart(&mut self, groups: Vec<Group<'a>>, gap: Gap) -> Raw {
        let mut gap = gap;
        for group in groups {
            let kind = Decimal::parse(&group.digits).map_or(Kind::Letters, |value| Kind::Number {
                value,
                suffix: None,
                parts: Vec::new(),
            });
            let mut folding = Folding::default();
            folding.folded = group.digits;
            self.pending
                .push_back(raw(group.begin, group.end, gap, kind, folding));
            gap = Gap::Other;
        }
        self.pending
            .pop_front()
            .unwrap_or_else(|| raw(self.cursor, self.cursor, gap, Kind::Letters, Folding::default()))
    }
}

impl Iterator for Scanner<'_> {
    type Item = Raw;

    fn next(&mut self) -> Option<Raw> {
        if let Some(raw) = self.pending.pop_front() {
            return Some(raw);
        }
        loop {
            let (gap, found) = self.skip()?;
            self.has_begun = true;
            let begin = self.cursor;
            let mut raw = match found {
                Class::Arabic => self.arabic(gap),
                Class::Ideograph => self.ideograph(gap),
                Class::Digit => self.number(gap),
                Class::Fraction => {
                    let sign = self.cursor.bump().unwrap_or_default();
                    self.over(begin, gap, fraction(sign).unwrap_or_default())
                }
                _ => self.letters(begin, gap, Folding::default()),
            };
            // What is drawn around digits leaves a number: ⑴, ⑳.
            if matches!(raw.kind, Kind::Letters | Kind::Ideograph)
                && raw.folded.bytes().all(|it| it.is_ascii_digit())
                && let Some(value) = Decimal::parse(&raw.folded)
            {
                raw.kind = Kind::Number {
                    value,
                    suffix: None,
                    parts: Vec::new(),
                };
            }
            // A letter of which folding leaves nothing.
            if !raw.folded.is_empty() {
                return Some(raw);
            }
        }
    }
}

/// Digits that stand together.
struct Group<'a> {
    begin: Cursor<'a>,
    end: Cursor<'a>,
    /// As ASCII.
    digits: String,
}

/// What groups of digits and the marks between them come to.
struct Written {
    /// Without what groups them, with a point before the fraction.
    digits: String,
    parts: Vec<Decimal>,
    is_plain: bool,
}

impl Written {
    fn of(groups: &[Group<'_>], marks: &[char]) -> Option<Self> {
        let all = |groups: &[Group<'_>]| groups.iter().map(|it| it.digits.as_str()).collect::<String>();
        let (first, rest) = groups.split_first()?;
        let Some((&last_mark, marks_before)) = marks.split_last() else {
            return Some(Self {
                digits: all(groups),
                parts: Vec::new(),
                is_plain: rest.is_empty(),
            });
        };
        let (last, middle) = rest.split_last()?;
        let are_thousands =
            |groups: &[Group<'_>]| first.digits.len() <= 3 && groups.iter().all(|it| it.digits.len() == 3);
        let grouping = marks_before.first().copied().unwrap_or(last_mark);
        let is_uniform = marks_before.iter().all(|it| *it == grouping) && grouping != '٫';
        let whole = |digits| Self {
            digits,
            parts: Vec::new(),
            is_plain: false,
        };
        // 1,500,000 and 200,000, but 1.500 is a fraction, as most who write points for thousands write commas here.
        if is_uniform && last_mark == grouping && are_thousands(rest) && (last_mark != '.' || marks.len() > 1)
        {
            return Some(whole(all(groups)));
        }
        let fraction = |before: &[Group<'_>]| format!("{}.{}", all(before), last.digits);
        let before = groups.get(..groups.len() - 1)?;
        // 1,500,000.25
        if !marks_before.is_empty() {
            let is_fraction =
                is_uniform && last_mark != grouping && last_mark != '٬' && are_thousands(middle);
            return is_fraction.then(|| whole(fraction(before)));
        }
        match last_mark {
            '.' | '٫' => Some(whole(fraction(before))),
            // Also how days are listed: 13,14 May.
            ',' if last.digits.len() <= 2 => Some(Self {
                digits: fraction(before),
                parts: groups
                    .iter()
                    .filter_map(|it| Decimal::parse(&it.digits))
                    .collect(),
                is_plain: false,
            }),
            _ => None,
        }
    }
}

fn raw(begin: Cursor<'_>, end: Cursor<'_>, gap: Gap, kind: Kind, folding: Folding) -> Raw {
    let ends_in_maqsura = folding.ends_in_maqsura;
    let (folded, accented) = folding.finish();
    Raw {
        start: begin.point,
        end: end.point,
        bytes: (begin.byte, end.byte),
        gap,
        kind,
        folded,
        accented,
        ends_in_maqsura,
    }
}

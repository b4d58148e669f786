//! What writers and keyboards differ in, folded away: character by character.

use unicode_normalization::{
    UnicodeNormalization,
    char::{canonical_combining_class, decompose_compatible, is_combining_mark},
};

use super::LONGEST_WORD;
use crate::values::is_hidden;

/// What a character is to the words that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A letter of any script that has words, but for Arabic's.
    Letter,
    /// A letter of the Arabic script: never in one word with another script's, nor with a digit.
    Arabic,
    Digit,
    /// A word by itself: scripts that put no space between their words; a digit with what is drawn around it.
    Ideograph,
    /// One sign for a number over another: `½`.
    Fraction,
    /// Belongs to the letter before it.
    Mark,
    /// Passed over, inside a word too: what is not seen, and what only stretches a line.
    Hidden,
    Apostrophe,
    /// Ends a word.
    Break,
}

pub(super) fn class(character: char) -> Class {
    if character.is_ascii() {
        return match character {
            'a'..='z' | 'A'..='Z' => Class::Letter,
            '0'..='9' => Class::Digit,
            '\'' | '`' => Class::Apostrophe,
            _ => Class::Break,
        };
    }
    match character {
        // Tatweel; the letters that stand for ayn and hamza where Arabic is written in Latin letters; how a sign is drawn, and what
        // is drawn around it.
        '\u{640}'
        | 'ʻ'
        | 'ʾ'
        | 'ʿ'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0100}'..='\u{e01ef}'
        | '\u{20d0}'..='\u{20ff}' => Class::Hidden,
        // Vowels of Arabic as signs of their own, and what makes ｶ a ｶﾞ.
        '\u{fc5e}'..='\u{fc63}'
        | '\u{fcf2}'..='\u{fcf4}'
        | '\u{fe70}'..='\u{fe7f}'
        | '\u{ff9e}'
        | '\u{ff9f}' => Class::Mark,
        '\u{621}'..='\u{64a}' => Class::Arabic,
        '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' => Class::Digit,
        // Of these, ʼ is written for an ayn or a hamza too: within a word, an apostrophe is passed over as well.
        '’' | '‘' | '´' | '＇' | '՚' | 'ʼ' => Class::Apostrophe,
        // Where a line may be broken, and what ends one: between words.
        '\u{200b}' | '\u{2028}' | '\u{2029}' => Class::Break,
        _ if character.is_control() => Class::Break,
        _ if is_hidden(character) => Class::Hidden,
        _ if is_combining_mark(character) => Class::Mark,
        '\u{3041}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9d}'
        | '\u{20000}'..='\u{3ffff}'
            if character.is_alphanumeric() =>
        {
            Class::Ideograph
        }
        UNITS_FIRST..=UNITS_LAST if is_written_in_letters(character) => Class::Letter,
        _ if !character.is_alphanumeric() => Class::Break,
        '\u{600}'..='\u{6ff}'
        | '\u{750}'..='\u{77f}'
        | '\u{870}'..='\u{8ff}'
        | '\u{fb50}'..='\u{fdff}'
        | '\u{fe70}'..='\u{feff}' => Class::Arabic,
        _ => compatible(character),
    }
}

/// Units that are drawn as one sign: ㎏, ㎞.
const UNITS_FIRST: char = '\u{3380}';
const UNITS_LAST: char = '\u{33df}';

fn is_written_in_letters(unit: char) -> bool {
    let mut is_all = true;
    decompose_compatible(unit, |part| is_all &= part.is_alphanumeric());
    is_all
}

/// The ASCII letters of a letter or of a unit, in lower case; none where it has others.
pub(super) fn latin(character: char) -> Option<String> {
    match character {
        _ if character.is_ascii_alphabetic() => Some(character.to_ascii_lowercase().to_string()),
        UNITS_FIRST..=UNITS_LAST => {
            let mut letters = String::new();
            decompose_compatible(character, |part| letters.push(part.to_ascii_lowercase()));
            Some(letters).filter(|it| it.bytes().all(|byte| byte.is_ascii_lowercase()))
        }
        _ => None,
    }
}

/// A letter or a digit by what it is another form of: `５` and `²` are digits, `½` is a fraction and `⑴` a word.
fn compatible(character: char) -> Class {
    if !character.is_numeric() {
        return Class::Letter;
    }
    if fraction(character).is_some() {
        return Class::Fraction;
    }
    let mut digits = 0;
    let mut others = 0;
    let mut breaks = 0;
    decompose_compatible(character, |part| {
        if part.is_ascii_digit() {
            digits += 1;
        } else if part.is_alphanumeric() {
            others += 1;
        } else {
            breaks += 1;
        }
    });
    match (digits, others, breaks) {
        (1, 0, 0) => Class::Digit,
        (_, _, 0) => Class::Letter,
        (1.., 0, _) => Class::Ideograph,
        _ => Class::Break,
    }
}

/// What stands between the two numbers of a fraction. A plain `/` is between others as well: in dates.
pub(super) const OVER: char = '\u{2044}';

/// The two numbers of a fraction that is one sign.
pub(super) fn fraction(character: char) -> Option<(u64, u64)> {
    let mut text = String::new();
    decompose_compatible(character, |part| text.push(part));
    let (above, below) = text.split_once(OVER)?;
    Some((above.parse().ok()?, below.parse().ok()?))
}

/// A digit set above the line: of a power (`m²`), or of a footnote.
pub(super) fn is_raised(character: char) -> bool {
    matches!(character, '¹' | '²' | '³' | '\u{2070}' | '\u{2074}'..='\u{2079}')
}

/// The ASCII digit of a character of that class.
pub(super) fn digit(character: char) -> char {
    let from = |zero: u32| char::from_digit(u32::from(character) - zero, 10).unwrap_or('0');
    match character {
        '0'..='9' => character,
        '\u{660}'..='\u{669}' => from(0x660),
        '\u{6f0}'..='\u{6f9}' => from(0x6f0),
        _ => {
            let mut found = '0';
            decompose_compatible(character, |part| found = part);
            found
        }
    }
}

/// A word as it grows, folded, and as it was written but for case.
#[derive(Debug, Default)]
pub(super) struct Folding {
    pub folded: String,
    /// With its accents, in composed form. Only where it has any, as the French stemmer looks at them.
    accented: String,
    has_accents: bool,
    /// Letters that composing may join again: conjoining Korean ones and the like.
    composes: bool,
    letters: usize,
    /// Whether its last letter is an alef maqsura, by which على is told from the name علي.
    pub ends_in_maqsura: bool,
}

impl Folding {
    pub fn push(&mut self, character: char) {
        // What is cut off is not looked at, however long it is.
        if self.letters >= LONGEST_WORD {
            return;
        }
        if character.is_ascii() {
            let lower = character.to_ascii_lowercase();
            self.keep(lower);
            if self.has_accents {
                self.accented.push(lower);
            }
            return;
        }
        if let Some(folded) = arabic(character) {
            self.keep(folded);
            self.ends_in_maqsura = character == '\u{649}';
            return;
        }
        decompose_compatible(character, |part| {
            if is_combining_mark(part) {
                self.mark_part(part);
            } else if let Some(folded) = arabic(part) {
                self.keep(folded);
                self.ends_in_maqsura = part == '\u{649}';
            } else {
                match class(part) {
                    Class::Digit => self.keep(digit(part)),
                    Class::Letter | Class::Arabic | Class::Ideograph => {
                        for lower in part.to_lowercase() {
                            self.letter(lower);
                        }
                    }
                    _ => {}
                }
            }
        });
    }

    /// A mark that stands on the letter before it.
    pub fn mark(&mut self, mark: char) {
        if self.letters < LONGEST_WORD {
            decompose_compatible(mark, |part| self.mark_part(part));
        }
    }

    fn mark_part(&mut self, mark: char) {
        // Vowel signs that are letters in all but name, and what makes another letter of one (ガ of カ); all others are
        // accents, vowels and hamzas.
        if matches!(canonical_combining_class(mark), 0 | 7 | 8 | 9) {
            self.composes = true;
            self.keep(mark);
        } else {
            self.with_accents();
            // However many stand on one letter: nobody means more than a few.
            if self.accented.len() < self.folded.len() * 4 {
                self.accented.push(mark);
            }
        }
    }

    fn letter(&mut self, lower: char) {
        if is_combining_mark(lower) {
            return;
        }
        let plain: &str = match lower {
            'ı' => "i",
            'ß' => "ss",
            'æ' => "ae",
            'œ' => "oe",
            'ø' => "o",
            'ł' => "l",
            'đ' | 'ð' => "d",
            'þ' => "th",
            'ħ' => "h",
            'ς' => "σ",
            _ => {
                self.composes |= !lower.is_ascii();
                self.keep(lower);
                if self.has_accents {
                    self.accented.push(lower);
                }
                return;
            }
        };
        self.with_accents();
        self.accented.push(lower);
        for letter in plain.chars() {
            self.keep(letter);
        }
    }

    fn keep(&mut self, letter: char) {
        if self.letters < LONGEST_WORD {
            self.folded.push(letter);
            self.letters += 1;
        }
    }

    fn with_accents(&mut self) {
        if !self.has_accents {
            self.has_accents = true;
            self.accented.push_str(&self.folded);
        }
    }

    /// The word, and itself with its accents where it has any.
    pub fn finish(self) -> (String, Option<String>) {
        let folded = if self.composes {
            self.folded.nfc().collect()
        } else {
            self.folded
        };
        let accented = self.has_accents.then(|| self.accented.nfc().collect());
        (folded, accented)
    }
}

/// A letter of the Arabic script as it is folded: one alef, one hamza seat less, one ya, one ha.
fn arabic(character: char) -> Option<char> {
    match character {
        'أ' | 'إ' | 'آ' | 'ٱ' | 'ٲ' | 'ٳ' => Some('ا'),
        'ؤ' => Some('و'),
        'ئ' | 'ى' | 'ی' => Some('ي'),
        'ة' | 'ۃ' | 'ہ' | 'ە' | 'ھ' => Some('ه'),
        'ک' => Some('ك'),
        '\u{621}'..='\u{63a}' | '\u{641}'..='\u{64a}' => Some(character),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(word: &str) -> String {
        let mut folding = Folding::default();
        for character in word.chars() {
            match class(character) {
                Class::Mark => folding.mark(character),
                Class::Digit => folding.push(digit(character)),
                Class::Hidden => {}
                _ => folding.push(character),
            }
        }
        folding.finish().0
    }

    #[test]
    fn what_writers_differ_in_is_folded_away() {
        for (written, expected) in [
            ("Koweït", "koweit"),
            ("ÉLÉVATION", "elevation"),
            ("Straße", "strasse"),
            ("œuvre", "oeuvre"),
            ("TÜRKİYE", "turkiye"),
            ("أحمد", "احمد"),
            ("آسيا", "اسيا"),
            ("مُؤْتَمَرٌ", "موتمر"),
            ("شؤون", "شوون"),
            ("هيئة", "هييه"),
            ("مصطفى", "مصطفي"),
            ("سوريـــا", "سوريا"),
            ("ﷲ", "الله"),
            ("ﻻجئ", "لاجي"),
            ("یک", "يك"),
            ("ｆｕｌｌ", "full"),
            ("㎏", "kg"),
            ("㎡", "m2"),
            ("ガ", "ガ"),
            ("한국", "한국"),
        ] {
            assert_eq!(folded(written), expected, "{written}");
            let decomposed: String = written.nfd().collect();
            assert_eq!(folded(&decomposed), expected, "{written} decomposed");
            assert_eq!(folded(expected), expected, "{expected} again");
        }
    }

    #[test]
    fn digits_of_any_keyboard_are_digits() {
        for (written, expected) in [("٢٠٠", "200"), ("۲۰۰", "200"), ("２００", "200"), ("m²", "m2")]
        {
            assert_eq!(folded(written), expected);
        }
        for (sign, expected) in [
            ('½', Class::Fraction),
            ('⅓', Class::Fraction),
            ('↉', Class::Fraction),
            ('⅟', Class::Ideograph),
            ('⒈', Class::Ideograph),
            ('⑽', Class::Ideograph),
            ('①', Class::Digit),
            ('₂', Class::Digit),
        ] {
            assert_eq!(class(sign), expected, "{sign}");
        }
        assert_eq!(fraction('¾'), Some((3, 4)));
        assert_eq!(folded("⑽"), "10");
        assert_eq!(class('㎧'), Class::Break);
        assert_eq!(class('\0'), Class::Break);
        assert_eq!(class('\u{640}'), Class::Hidden);
    }
}

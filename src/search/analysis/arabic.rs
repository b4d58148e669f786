//! A light stemmer for Arabic: what is written together with a word is taken off it, and its roots are left alone.

use super::{STEM_MARK, lexicon::Lexicon};

/// The article, and what is written together with it.
const ARTICLES: &[&str] = &["وال", "بال", "كال", "فال", "ال"];

/// The longer first, as it ends in the shorter.
const SUFFIXES: &[&str] = &["ات", "ون", "ين", "يه", "ه"];

/// So many letters remain without an article.
const BEHIND_ARTICLE: usize = 2;

/// So many letters remain without a suffix.
const BEFORE_SUFFIX: usize = 3;

/// So many letters stand behind an و that may be a word of its own.
const BEHIND_WAW: usize = 4;

/// What is left of a word.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Stripped {
    /// Without what is written before it. The likeliest first, another where a word may be read in two ways.
    pub bases: Vec<String>,
    /// Whether an و stood before it.
    pub waw: bool,
}

/// Of a folded word.
pub(super) fn strip(word: &str, lexicon: &Lexicon) -> Stripped {
    let mut bases = Vec::new();
    let mut waw = false;
    prefixes(word, lexicon, &mut bases, &mut waw);
    Stripped { bases, waw }
}

fn prefixes(word: &str, lexicon: &Lexicon, bases: &mut Vec<String>, waw: &mut bool) {
    if lexicon.is_listed(word) {
        bases.push(of_listed(word, lexicon).to_owned());
        return;
    }
    for letter in ['و', 'ف', 'ب', 'ل', 'ك'] {
        if let Some(rest) = word.strip_prefix(letter)
            && lexicon.is_listed(rest)
        {
            *waw |= letter == 'و';
            bases.push(of_listed(rest, lexicon).to_owned());
            return;
        }
    }
    for article in ARTICLES {
        if let Some(rest) = word.strip_prefix(article)
            && has(rest, BEHIND_ARTICLE)
        {
            *waw |= *article == "وال";
            bases.push(rest.to_owned());
            return;
        }
    }
    // ل before the article is written لل, and so it is before a word that begins with one: للكويت, للبنان.
    if let Some(rest) = word.strip_prefix("لل")
        && has(rest, BEHIND_ARTICLE)
    {
        let with_one = format!("ل{rest}");
        let mut both = [rest.to_owned(), with_one];
        if lexicon.is_listed(&both[1]) && !lexicon.is_listed(&both[0]) {
            both.swap(0, 1);
        }
        bases.extend(both);
        return;
    }
    if let Some(rest) = word.strip_prefix('و')
        && !*waw
        && has(rest, BEHIND_WAW)
    {
        *waw = true;
        prefixes(rest, lexicon, bases, waw);
        // Where nothing else says so, it may be a part of the word: then it is found as it stands.
        if bases.first().is_some_and(|base| base == rest) {
            bases.push(word.to_owned());
        }
        return;
    }
    bases.push(word.to_owned());
}

/// A word of the shipped lists without its article, unless it is one of the equivalents as it stands: ألمانيا and ألفين have none.
fn of_listed<'a>(word: &'a str, lexicon: &Lexicon) -> &'a str {
    if lexicon.has_entry(word) {
        word
    } else {
        without_article(word)
    }
}

/// Without the bare article.
pub(super) fn without_article(word: &str) -> &str {
    word.strip_prefix("ال")
        .filter(|rest| has(rest, BEHIND_ARTICLE))
        .unwrap_or(word)
}

/// A word behind others in a name, without what is written before it; none where nothing is. In names of states an ل is a letter of the
/// word: سري لانكا.
pub(super) fn bare_in_name(word: &str, is_of_state: bool) -> Option<&str> {
    let with_article = ARTICLES.iter().filter(|it| **it != "ال").chain(&["لل"]);
    let mut bare =
        with_article.filter_map(|it| word.strip_prefix(it).filter(|rest| has(rest, BEHIND_ARTICLE)));
    bare.next().or_else(|| {
        let letters = if is_of_state { &['و'][..] } else { &['و', 'ل'] };
        word.strip_prefix(letters).filter(|rest| has(rest, BEHIND_WAW))
    })
}

/// What a word that is still being typed begins with, once its article is taken off: as little as a letter.
pub(super) fn typed(word: &str) -> &str {
    ARTICLES
        .iter()
        .find_map(|article| word.strip_prefix(article).filter(|rest| !rest.is_empty()))
        .unwrap_or(word)
}

/// The stem of a word without what is written before it.
pub(super) fn stem(base: &str, lexicon: &Lexicon) -> String {
    if let Some(key) = lexicon.equivalent(base) {
        return key.to_owned();
    }
    let stem = SUFFIXES
        .iter()
        .find_map(|suffix| base.strip_suffix(suffix).filter(|rest| has(rest, BEFORE_SUFFIX)))
        .unwrap_or(base);
    lexicon
        .equivalent(stem)
        .map_or_else(|| format!("{STEM_MARK}{stem}"), str::to_owned)
}

fn has(word: &str, letters: usize) -> bool {
    word.chars().nth(letters - 1).is_some()
}

#[cfg(test)]
mod tests {
    use super::{super::lexicon::LEXICON, *};

    fn bases(word: &str) -> Vec<String> {
        strip(word, &LEXICON).bases
    }

    fn stems(word: &str) -> Vec<String> {
        bases(word).iter().map(|base| stem(base, &LEXICON)).collect()
    }

    #[test]
    fn what_is_written_before_a_word_is_taken_off_it() {
        for (word, base) in [
            ("الكويت", "كويت"),
            ("والكويت", "كويت"),
            ("بالكويت", "كويت"),
            ("كالكويت", "كويت"),
            ("فالكويت", "كويت"),
            ("وبالكويت", "كويت"),
            ("وللكويت", "كويت"),
            ("للكويت", "كويت"),
            ("للبنان", "لبنان"),
            ("لسوريا", "سوريا"),
            ("وسوريا", "سوريا"),
            ("بسوريا", "سوريا"),
            ("وبسوريا", "سوريا"),
            ("فسوريا", "سوريا"),
            ("كسوريا", "سوريا"),
            ("وتيلرسون", "تيلرسون"),
            ("بثلاثين", "ثلاثين"),
            ("وتقرير", "تقرير"),
        ] {
            assert_eq!(bases(word)[0], base, "{word}");
        }
    }

    #[test]
    fn what_belongs_to_a_word_stays() {
        for word in [
            "وزراء",
            "لسان",
            "لبنان",
            "بولندا",
            "كندا",
            "ليبيا",
            "والد",
            "وكاله",
            "فلسطين",
            "بلجيكا",
            "كوبا",
            "وعد",
        ] {
            assert_eq!(bases(word)[0], word, "{word}");
        }
        assert_eq!(bases("الوزراء"), bases("وزراء"));
    }

    #[test]
    fn two_readings_are_two_stems() {
        assert_eq!(bases("للجنه"), ["لجنه"]);
        assert_eq!(bases("وتقرير"), ["تقرير", "وتقرير"]);
        assert_eq!(bases("للمناطق"), ["مناطق", "لمناطق"]);
    }

    #[test]
    fn suffixes_go_where_three_letters_remain() {
        for (word, stem) in [
            ("قروضات", "~قروض"),
            ("مهندسون", "~مهندس"),
            ("مهندسين", "~مهندس"),
            ("دوليه", "~دول"),
            ("قوه", "~قوه"),
            ("بنات", "~بنات"),
            ("منظمه", "~منظم"),
        ] {
            assert_eq!(stems(word)[0], stem, "{word}");
        }
    }

    #[test]
    fn what_no_rule_joins_is_joined_by_the_equivalents() {
        for (one, other) in [
            ("الامريكي", "الاميركي"),
            ("الامريكيه", "الاميركيين"),
            ("مسوول", "المسيولون"),
            ("شوون", "لشيون"),
            ("سوريه", "سوريا"),
            ("السوريه", "وسوريا"),
        ] {
            assert_eq!(stems(one)[0], stems(other)[0], "{one} {other}");
        }
        assert_ne!(stems("سوره")[0], stems("سوريا")[0]);
    }
}

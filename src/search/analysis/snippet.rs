//! The part of a text that shows why it was found, in its own spelling.

use super::{Position, Query, matching::Streams, names::Named};

/// How much of a text is looked through for a snippet, in code points: what a page of records costs does not grow with
/// their texts.
pub const MOST_READ: usize = 1 << 15;

/// A part of a text, as it is written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    pub text: String,
    /// Where it begins in the text, in code points.
    pub start: usize,
    /// What was found in it, in its order; none overlap.
    pub matches: Vec<Match>,
    /// Whether the text has more before it, and after it.
    pub cut_before: bool,
    pub cut_after: bool,
}

/// Offsets are code points into the snippet's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    pub start: usize,
    pub end: usize,
}

/// A clause of the query where it stands in the text, in code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    start: usize,
    end: usize,
    clause: usize,
}

/// The window of at most `width` code points that has the most of what a query asks for, the first of such. None where nothing of it
/// stands within the text's first [`MOST_READ`] code points.
#[must_use]
pub fn snippet(query: &Query, text: &str, width: usize) -> Option<Snippet> {
    let mut words = Named::new(beginning(text, MOST_READ)).peekable();
    let mut read = Vec::new();
    let asked = query.clauses.iter().filter(|clause| !clause.excluded).count();
    // Most texts show all that was asked for near their beginning, and the rest of them need not be read.
    for end in [MOST_READ / 16, MOST_READ] {
        while let Some(word) = words.next_if(|it| it.end <= end) {
            read.push(word);
        }
        let is_last = words.peek().is_none();
        let found = found(query, &read);
        if let Some((different, first, last)) = best(&found, width)
            && (different == asked || is_last)
        {
            return Some(cut(text, width, &found[first..=last]));
        }
        if is_last {
            break;
        }
    }
    None
}

/// All that a query asks for, where it stands among the words of a text.
fn found(query: &Query, positions: &[Position]) -> Vec<Found> {
    let streams = Streams::of(positions);
    let mut found: Vec<Found> = Vec::new();
    for (clause, asked) in query.clauses.iter().filter(|clause| !clause.excluded).enumerate() {
        found.extend(streams.found(asked).into_iter().map(|(first, last)| Found {
            start: positions[first].start,
            end: positions[last].end,
            clause,
        }));
    }
    found.sort_unstable();
    found
}

/// The beginning of a text, where it was found by something else.
#[must_use]
pub fn opening(text: &str, width: usize) -> Snippet {
    cut(text, width, &[])
}

/// As much as a text begins with, up to the end of a word where there is one.
fn beginning(text: &str, characters: usize) -> &str {
    let Some((end, _)) = text.char_indices().nth(characters) else {
        return text;
    };
    let part = &text[..end];
    part.rfind(char::is_whitespace)
        .map_or(part, |space| &part[..space])
}

/// The most different clauses that stand in one window, and from which found place to which they do.
fn best(found: &[Found], width: usize) -> Option<(usize, usize, usize)> {
    let clauses = found.iter().map(|it| it.clause + 1).max()?;
    let mut inside = vec![0_usize; clauses];
    let mut different = 0;
    let mut last = 0;
    let mut best = (0, 0, 0);
    for (first, begin) in found.iter().enumerate() {
        while let Some(next) = found.get(last)
            && (last <= first || next.end <= begin.start + width)
        {
            different += usize::from(inside[next.clause] == 0);
            inside[next.clause] += 1;
            last += 1;
        }
        if different > best.0 {
            best = (different, first, last - 1);
        }
        inside[begin.clause] -= 1;
        different -= usize::from(inside[begin.clause] == 0);
    }
    (best.0 > 0).then_some(best)
}

/// The window around what was found, from the end of a word to the beginning of one.
fn cut(text: &str, width: usize, found: &[Found]) -> Snippet {
    let from = found.first().map_or(0, |it| it.start);
    let to = found.iter().map(|it| it.end).max().unwrap_or(0).min(from + width);
    // A little of what leads up to it, and the more of what follows.
    let lead = (width - (to - from)) / 3;
    let earliest = from - lead.min(from);
    let mut window = text.char_indices().skip(earliest);
    let Some((byte, _)) = window.next() else {
        return Snippet {
            text: String::new(),
            start: 0,
            matches: Vec::new(),
            cut_before: false,
            cut_after: false,
        };
    };
    let rest = &text[byte..];
    let characters: Vec<char> = rest.chars().take(width + 1).collect();
    let more = characters.len() > width;
    let is_divided = characters.get(width).is_some_and(|it| it.is_whitespace());
    let characters = &characters[..characters.len().min(width)];
    let (from, to) = (from - earliest, to - earliest);
    let space = |character: &char| character.is_whitespace();
    let mut begin = 0;
    if earliest > 0 {
        begin = characters[..from].iter().position(space).map_or(0, |at| at + 1);
    }
    let mut end = characters.len();
    if more && !is_divided {
        end = characters[to..].iter().rposition(space).map_or(end, |at| to + at);
    }
    begin += characters[begin..from].iter().take_while(|it| space(it)).count();
    end -= characters[to.max(begin)..end]
        .iter()
        .rev()
        .take_while(|it| space(it))
        .count();
    let start = earliest + begin;
    let mut matches: Vec<Match> = Vec::new();
    for it in found {
        let start_here = it.start - start;
        let end_here = (it.end - start).min(end - begin);
        match matches.last_mut() {
            _ if start_here >= end_here => {}
            // A word of a phrase that is asked for by itself too.
            Some(last) if start_here < last.end => last.end = last.end.max(end_here),
            _ => matches.push(Match {
                start: start_here,
                end: end_here,
            }),
        }
    }
    Snippet {
        text: characters[begin..end].iter().collect(),
        start,
        matches,
        cut_before: start > 0,
        cut_after: more || end < characters.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str, text: &str, width: usize) -> (String, Vec<String>) {
        let snippet = snippet(&Query::parse(line).unwrap(), text, width).unwrap();
        let characters: Vec<char> = snippet.text.chars().collect();
        let whole: Vec<char> = text.chars().collect();
        assert_eq!(whole[snippet.start..snippet.start + characters.len()], characters);
        let matches = snippet
            .matches
            .iter()
            .map(|it| characters[it.start..it.end].iter().collect())
            .collect();
        (snippet.text, matches)
    }

    #[test]
    fn a_snippet_keeps_the_spelling_of_its_text() {
        let text =
            "وتعهدت الولايات المتحدة، على لسان وزير خارجيتها ريكس تِيلِرسون، بمبلغ ٢٠٠ مليون دولار لسُورية.";
        let (shown, matches) = shown("سوريا \"200 million\" Tillerson", text, 200);
        assert_eq!(shown, text);
        assert_eq!(matches, ["تِيلِرسون", "٢٠٠ مليون", "لسُورية"]);
    }

    #[test]
    fn the_window_with_the_most_of_a_query_is_shown() {
        let filler = "some other words that nobody asks for. ".repeat(20);
        let text = format!("Iraq first. {filler} Here Kuwait helps Iraq to build. {filler}");
        let (shown, matches) = shown("kuwait iraq", &text, 80);
        assert!(shown.chars().count() <= 80);
        assert_eq!(matches, ["Kuwait", "Iraq"]);
        assert!(!shown.starts_with(' ') && !shown.ends_with(' '));
        assert!(shown.contains("Here Kuwait helps Iraq to build."), "{shown}");
    }

    #[test]
    fn a_phrase_is_one_match_with_the_word_in_it() {
        let (_, matches) = shown("\"credit line\" line", "a credit line, and a line", 100);
        assert_eq!(matches, ["credit line", "line"]);
    }

    #[test]
    fn a_word_without_an_end_is_cut() {
        let text = "a".repeat(1_000);
        let query = Query::parse("aa*").unwrap();
        let snippet = snippet(&query, &text, 100).unwrap();
        assert_eq!(snippet.text.len(), 100);
        assert_eq!(snippet.matches, [Match { start: 0, end: 100 }]);
        assert!(snippet.cut_after && !snippet.cut_before);
    }

    #[test]
    fn where_nothing_is_found_there_is_none() {
        let query = Query::parse("kuwait").unwrap();
        assert_eq!(snippet(&query, "Iraq", 100), None);
        assert_eq!(snippet(&query, "", 100), None);
        assert_eq!(opening("", 10).text, "");
        assert_eq!(opening("Iraq and its friends", 12).text, "Iraq and its");
        let late = format!("{} kuwait", "x ".repeat(MOST_READ));
        assert_eq!(snippet(&query, &late, 100), None);
    }
}

//! Plain text: kept as given, in Unicode's composed form.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// NFC, without a copy where the text already is.
#[must_use]
pub fn nfc(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfc().collect()),
    }
}

/// A text without what stands at its ends and is not seen there: white space, marks of direction and of joining, and the mark
/// that files begin with. By them alone no two names differ.
#[must_use]
pub fn without_ends(text: &str) -> &str {
    let is_unseen = |it: char| {
        it.is_whitespace()
            || matches!(it, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let text = text.trim_start_matches(is_unseen);
    let seen = text.trim_end_matches(is_unseen);
    // What was begun inside is ended there too: else whatever is written behind the text would be turned with it.
    let (mut embedded, mut isolated) = (0_u32, 0_u32);
    for letter in seen.chars() {
        match letter {
            '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => embedded += 1,
            '\u{202c}' => embedded = embedded.saturating_sub(1),
            '\u{2066}'..='\u{2068}' => isolated += 1,
            '\u{2069}' => isolated = isolated.saturating_sub(1),
            _ => {}
        }
    }
    let mut end = seen.len();
    for (at, letter) in text[end..].char_indices() {
        match letter {
            // It gives the letter before it another form, as in the sign of the Hijri year.
            '\u{200d}' if at == 0 && !seen.is_empty() => {}
            '\u{202c}' if embedded > 0 => embedded -= 1,
            '\u{2069}' if isolated > 0 => isolated -= 1,
            _ => break,
        }
        end += letter.len_utf8();
    }
    &text[..end]
}

/// U+0000 is refused everywhere: Postgres cannot keep it, and nobody means it.
pub fn no_nul(text: &str) -> Result<(), String> {
    if text.contains('\0') {
        Err("must not contain U+0000; leave the character out".into())
    } else {
        Ok(())
    }
}

/// With what the secret of a key begins, so that one is known where it does not belong.
pub const SECRET_PREFIX: &str = "pbk_";

/// How often a text may have been percent-encoded, and a secret in it is still known for one.
const ENCODED: usize = 3;

/// A text with the secrets of keys in it taken out, as for a log: their beginning stays, and tells what stood there. Of a part
/// between slashes that has one, nothing else is shown: where it was pasted with a blank or the end of a line in it, it goes on
/// behind that.
#[must_use]
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    let plain = decoded(text);
    if !plain.split('/').any(begins_in) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(plain.len());
    for (at, part) in plain.split('/').enumerate() {
        if at > 0 {
            shown.push('/');
        }
        if begins_in(part) {
            shown.push_str(SECRET_PREFIX);
            shown.push('…');
        } else {
            shown.push_str(part);
        }
    }
    Cow::Owned(shown)
}

/// Whether the secret of a key stands in a text.
#[must_use]
pub fn has_secret(text: &str) -> bool {
    begins_in(&decoded(text))
}

/// Percent-encoded, any character of a secret may stand as its number.
fn decoded(text: &str) -> Cow<'_, str> {
    let mut plain = Cow::Borrowed(text);
    for _ in 0..ENCODED {
        if !plain.contains('%') {
            break;
        }
        plain = Cow::Owned(percent_decode_str(&plain).decode_utf8_lossy().into_owned());
    }
    plain
}

/// Whether a secret begins here, whatever stands between its characters that is none of its own.
fn begins_in(part: &str) -> bool {
    let is_of_one = |it: &char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
    part.contains('_')
        && part
            .chars()
            .filter(is_of_one)
            .collect::<String>()
            .contains(SECRET_PREFIX)
}

/// Whether nothing is to be seen of a character, or it changes how others are seen: control and format characters
/// (Unicode's Cc and Cf, the marks of direction and what has no width among them), separators of lines, and fillers.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
            | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_taken_out_of_a_text_wherever_it_stands() {
        for (text, shown) in [
            ("/v1/keys", "/v1/keys"),
            ("/v1/100%25", "/v1/100%25"),
            ("/v1/keys/pbk_aB-3_x/rotate", "/v1/keys/pbk_…/rotate"),
            ("/v1/keys/pbk_aB-3%20x", "/v1/keys/pbk_…"),
            ("/v1/keys/pbk_aB%0D%0A3x+y", "/v1/keys/pbk_…"),
            ("/v1/keys/p%20bk%E2%80%8B_aB/history", "/v1/keys/pbk_…/history"),
            ("pbk_a pbk_b", "pbk_…"),
            ("/pbk%5FaB3%2Fx", "/pbk_…/x"),
            ("/pbk%25255FaB3", "/pbk_…"),
            ("/v1/no_key/100%25", "/v1/no_key/100%25"),
        ] {
            assert_eq!(without_secrets(text), shown);
            assert_eq!(has_secret(text), text != shown, "{text}");
        }
    }

    #[test]
    fn a_text_loses_what_is_not_seen_at_its_ends_and_nothing_else() {
        for (text, bare) in [
            ("", ""),
            ("\u{feff} \u{200f}Kuwait\u{a0}\u{200b}\n", "Kuwait"),
            ("\u{2067}الكويت\u{2069}", "الكويت"),
            ("for \u{2067}الكويت\u{2069} ", "for \u{2067}الكويت\u{2069}"),
            ("for \u{202b}الكويت\u{202c}", "for \u{202b}الكويت\u{202c}"),
            ("Kuwait\u{2069}\u{202c}", "Kuwait"),
            ("1439 ه\u{200d}", "1439 ه\u{200d}"),
            ("1439 \u{200d}", "1439"),
            ("\u{200e}\u{200d}\u{2068}", ""),
        ] {
            assert_eq!(without_ends(text), bare, "{text:?}");
            assert_eq!(without_ends(bare), bare, "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_hidden() {
        for hidden in [
            '\n',
            '\u{7f}',
            '\u{85}',
            '\u{200b}',
            '\u{200d}',
            '\u{202e}',
            '\u{2066}',
            '\u{feff}',
            '\u{e0041}',
        ] {
            assert!(is_hidden(hidden), "{hidden:?}");
        }
        for seen in [' ', 'a', 'ك', '\u{64e}', 'é', '\u{fe0f}', '台'] {
            assert!(!is_hidden(seen), "{seen:?}");
        }
    }

    #[test]
    fn what_is_not_seen_at_its_ends_is_no_part_of_a_text() {
        for end in [
            " ",
            "\t\r\n",
            "\u{a0}",
            "\u{3000}",
            "\u{200b}",
            "\u{200f}",
            "\u{202b}",
            "\u{202c}",
            "\u{2067}\u{2069}",
            "\u{feff}",
            " \u{200e} ",
        ] {
            assert_eq!(without_ends(&format!("{end}رويترز{end}")), "رويترز", "{end:?}");
            assert_eq!(without_ends(end), "", "{end:?}");
        }
        for text in ["a \u{200f}b", "می\u{200c}رود", "-", "\u{64e}", "👩\u{200d}👩"] {
            assert_eq!(without_ends(text), text);
        }
    }

    #[test]
    fn decomposed_text_is_composed_and_composed_text_is_left_alone() {
        assert_eq!(nfc("e\u{301}"), "é");
        assert!(matches!(nfc("الولايات المتحدة"), Cow::Borrowed(_)));
        assert!(no_nul("a\0b").is_err());
    }
}

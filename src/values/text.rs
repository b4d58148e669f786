//! Plain text: kept as given, in Unicode's composed form.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// NFC, without a copy where the text already is.
#[must_use]
pub fn nfc(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfc().collect()),
    }
}

/// U+0000 is refused everywhere: Postgres cannot keep it, and nobody means it.
pub fn no_nul(text: &str) -> Result<(), String> {
    if text.contains('\0') {
        Err("must not contain U+0000; leave the character out".into())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decomposed_text_is_composed_and_composed_text_is_left_alone() {
        assert_eq!(nfc("e\u{301}"), "é");
        assert!(matches!(nfc("الولايات المتحدة"), Cow::Borrowed(_)));
        assert!(no_nul("a\0b").is_err());
    }
}

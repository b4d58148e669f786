//! Routes of articles: those of every record.

use super::Article;
use crate::{
    history::Register,
    records,
    web::{Routes, Vocabulary},
};

#[must_use]
pub fn routes() -> Routes<Register> {
    records::collection::<Article>("Articles: the sources, with the beginning of their text.")
        .describes(&VOCABULARY)
}

/// What its words mean, on whichever route.
const VOCABULARY: Vocabulary = Vocabulary {
    parameters: &[
        (
            "publisher",
            "By these publishers; a comma in a name is part of it.",
        ),
        ("language", "In these languages."),
        ("published_from", "Published on this date or later."),
        ("published_to", "Published on this date or earlier."),
    ],
    sometimes: &["Article.body", "ArticleEntry.excerpt"],
    ..Vocabulary::NONE
};

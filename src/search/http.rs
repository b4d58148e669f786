//! The route of search.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use super::{FacetCounts, sql::SearchFilter, suggest::Suggestions};
use crate::{
    error::Result,
    history::Register,
    web::{ListRequest, Operation, Routes, Vocabulary, problem::Amendable},
};

/// For how many names of a request keys are looked for.
const MOST_SUGGESTIONS: usize = 5;

pub fn routes() -> Routes<Register> {
    Routes::about("search")
        .get(
            "/v1/search",
            search,
            Operation::list::<SearchFilter>(
                "search",
                "Records by their words, in Arabic, English and French.",
            )
            .ranked::<FacetCounts>()
            .needs("q", "Kuwait"),
        )
        .describes(&VOCABULARY)
}

/// What its words mean, on whichever route.
const VOCABULARY: Vocabulary = Vocabulary {
    parameters: &[
        (
            "q",
            "Words, all of which must stand in it. Quotes hold a phrase, `*` behind a word asks for all that begin so, `-` before one leaves out what has it. What only says what to leave out is refused. Of participants each word is the beginning of one, and no sign means anything.",
        ),
        ("year", "Of these years, by their dates."),
        ("facets", "Count all that is found by these, beside the items."),
    ],
    sometimes: &[
        "SearchFacets.resource",
        "SearchFacets.language",
        "SearchFacets.publisher",
        "SearchFacets.year",
        "SearchFacets.meeting",
    ],
    ..Vocabulary::NONE
};

async fn search(State(register): State<Register>, listing: ListRequest<SearchFilter>) -> Result<Response> {
    listing.answer(&register).await
}

/// Where a name stands in the place of a key, says which key was meant.
pub async fn suggest(State(register): State<Register>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let Some(problem) = Amendable::of(&response) else {
        return response;
    };
    let mut suggestions = Suggestions::of_the_first(MOST_SUGGESTIONS);
    if !suggestions.has_any(problem.said()) {
        return response;
    }
    let (db, asked) = (register.db().clone(), problem.clone());
    let keys = async move {
        let mut conn = register.spare_snapshot().await?;
        suggestions.of(&mut conn, asked.said()).await
    };
    match db.beside(keys).await.flatten() {
        Ok(keys) if keys.is_empty() => response,
        Ok(keys) => problem.suggesting(response, keys),
        // The problem is told without it.
        Err(error) => {
            tracing::debug!(%error, "no key was looked for");
            response
        }
    }
}

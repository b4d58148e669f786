//! The route of vocabularies.

use super::Vocabularies;
use crate::{
    history::Register,
    web::{self, Depends, Format, Operation, Query, RequestOptions, Routes},
};

pub fn routes() -> Routes<Register> {
    Routes::about("the register itself").get(
        "/v1/vocabularies",
        |asked: RequestOptions| async move {
            let answer = web::item(&asked, None, &Vocabularies(asked.language))?;
            Ok::<_, crate::error::Error>(Depends::OnNothing.said_with(answer))
        },
        Operation::answers::<Vocabularies>(
            "read_vocabularies",
            "The closed lists of words, and what each word is called.",
            Format::JSON,
            &["ETag"],
            described,
        ),
    )
}

/// What can be asked, for the contract to know it.
fn described(query: &mut Query) {
    let parts = axum::http::Request::new(()).into_parts().0;
    drop(RequestOptions::read(&parts, query, Format::JSON));
}

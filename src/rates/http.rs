//! Routes of rates: their list, and the bulk in which they come.

use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::Response,
};

use serde_json::json;

use super::{Plausibility, Rate, Stored, sql::RateFilter};
use crate::{
    auth::{self, Editor},
    error::{Error, Result},
    history::Register,
    records,
    resources::Resource,
    values::Language,
    web::{self, Body, Dated, Format, InputSchema, Operation, Query, RequestOptions, Routes, Vocabulary},
};

pub fn routes() -> Routes<Register> {
    Routes::about("rates")
        .get(
            "/v1/rates",
            records::list::<RateFilter>,
            Operation::list::<RateFilter>("list_rates", "Rates: units of a currency per US dollar on a day."),
        )
        .put(
            "/v1/rates",
            put,
            Operation::takes_and_answers::<Stored>(
                "put_rates",
                "Sets rates by currency, date and source, all or nothing.",
                &bodies(),
                &["200"],
                |query| {
                    let _: Option<Plausibility> = query.one("plausibility");
                    let _: Option<Language> = query.one("lang");
                    let _: Option<Format> = query.one("format");
                    query.flag("pretty");
                },
            )
            .with_new::<Rate>(new()),
        )
        .describes(&VOCABULARY)
}

/// What its words mean, on whichever route.
const VOCABULARY: Vocabulary = Vocabulary {
    parameters: &[
        ("date_from", "Rates of this day or later."),
        ("date_to", "Rates of this day or earlier."),
        (
            "source",
            "Rates of these sources; one with a comma in its name may be quoted.",
        ),
        (
            "plausibility",
            "`waived`: rates that differ wildly from their neighbours are taken as they are; a person has looked.",
        ),
    ],
    ..Vocabulary::NONE
};

/// An array of rates, or a list as it is read.
fn bodies() -> serde_json::Value {
    let rates = json!({ "type": "array", "maxItems": super::MOST, "items": { "$ref": "#/components/schemas/NewRate" } });
    let list = json!({
        "type": "object",
        "required": ["items"],
        "additionalProperties": false,
        "properties": {
            "items": rates,
            "next": { "type": ["string", "null"], "readOnly": true },
            "count": { "type": "integer", "readOnly": true },
        },
    });
    json!({ "application/json": { "schema": { "oneOf": [rates, list] }, "example": [new().example] } })
}

/// What a rate says.
fn new() -> InputSchema {
    InputSchema {
        name: "NewRate",
        fields: Resource::Rates.fields(),
        required: Resource::Rates.fields(),
        input_only: Vec::new(),
        example: json!({ "currency": "EUR", "date": "2018-02-14", "per_usd": "0.8098", "source": "European Central Bank, reference rates" }),
    }
}

/// How rates are to be taken.
struct Taking {
    plausibility: Plausibility,
    asked: RequestOptions,
}

impl<S: Dated> FromRequestParts<S> for Taking {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let mut query = Query::of(parts, state.today());
        let plausibility = query.one("plausibility").unwrap_or(Plausibility::Checked);
        let asked = RequestOptions::read(parts, &mut query, Format::JSON)?;
        query.done()?;
        Ok(Self { plausibility, asked })
    }
}

async fn put(
    State(register): State<Register>,
    Editor { author, .. }: Editor<Rate>,
    Taking { plausibility, asked }: Taking,
    Body(body): Body,
) -> Result<Response> {
    let drafts = super::parse(&body)?;
    let mut write = register.write(&author).await?;
    write.permit(&author, Resource::Rates)?;
    let stored = super::put(&mut write, drafts, plausibility).await?;
    let answer = web::item(&asked, None, &stored)?;
    auth::commit_with(write, answer).await
}

//! Routes of citations: those of every record, and of what is cited about one or from an article.

use axum::{
    extract::{Path, State},
    response::Response,
};

use serde_json::json;
use uuid::Uuid;

use super::{About, Address, Citation, Draft, Subject, record, sql::CitationFilter};
use crate::{
    auth::{self, Editor},
    db::Reader,
    error::{Error, Faults, Result},
    history::{Register, Write},
    records::{self, Collected},
    resources::{self, Located, Named, Resource},
    web::{self, Body, InputSchema, ListRequest, Operation, RequestOptions, Routes, Shown, Vocabulary},
};

pub fn routes() -> Routes<Register> {
    let routes = records::collection::<Citation>("Citations: the sentences that say so.")
        .get(
            "/v1/articles/{key}/citations",
            list_of_article,
            Operation::list::<CitationFilter>("list_article_citations", "What is cited from an article."),
        )
        .post(
            "/v1/articles/{key}/citations",
            create_of_article,
            Operation::create::<Citation>("create_article_citation", "Cites an article.", of_article()),
        );
    OF_RECORDS
        .into_iter()
        .fold(routes, |routes, about| {
            let singular = about.resource().singular();
            let (path, one) = match about {
                About::Events => (
                    "/v1/pledges/{pledge}/events/{key}/citations".to_owned(),
                    "an event",
                ),
                About::Adherents => (
                    "/v1/pledges/{pledge}/adherents/{participant}/citations".to_owned(),
                    "what a participant states of a pledge",
                ),
                _ => (format!("/v1/{about}/{{key}}/citations"), "a record"),
            };
            routes
                .get(
                    &path,
                    move |s, p, l| list_of(about, s, p, l),
                    Operation::list::<CitationFilter>(
                        format!("list_{singular}_citations"),
                        format!("What is cited about {one}."),
                    ),
                )
                .post(
                    &path,
                    move |s, e, p, a, b| create_of(about, s, e, p, a, b),
                    Operation::create::<Citation>(
                        format!("create_{singular}_citation"),
                        format!("Cites a source about {one}."),
                        super::of_subject(),
                    ),
                )
        })
        .describes(&VOCABULARY)
}

/// What its words mean, on whichever route.
const VOCABULARY: Vocabulary = Vocabulary {
    parameters: &[
        (
            "subject",
            "Citations of these: `pledges/{id}`, `meetings/{key}`, …; assessments of these pledges.",
        ),
        ("article", "Citing these articles."),
        ("preferred", "Whether they are their subject's preferred one."),
    ],
    sometimes: &[
        "HeldEntry.names",
        "HeldEntry.until",
        "HeldEntry.period_from",
        "HeldEntry.period_to",
        "HeldEntry.amount",
    ],
    ..Vocabulary::NONE
};

/// What can be cited about below its own path, in the order of the contract.
const OF_RECORDS: [About; 7] = [
    About::Events,
    About::Adherents,
    About::Participants,
    About::Coalitions,
    About::Meetings,
    About::Pledges,
    About::Assessments,
];

/// What a new citation of the article says that the path names.
fn of_article() -> InputSchema {
    InputSchema {
        name: "NewCitationOfArticle",
        fields: &["subject", "quote", "start", "end", "states", "preferred"],
        required: &["subject"],
        input_only: Vec::new(),
        example: json!({ "subject": "meetings/global-coalition-kuwait-2018", "states": { "city": "Kuwait City" } }),
    }
}

/// What is cited about one record.
async fn list_of(
    about: About,
    State(register): State<Register>,
    Path(keys): Path<Vec<String>>,
    mut listing: ListRequest<CitationFilter>,
) -> Result<Response> {
    let mut conn = listing.snapshot(&register).await?;
    let (_, whole) = whole(&mut conn, about, &keys).await?;
    let id = match subject(&mut conn, about, whole, &keys).await {
        // Nothing is cited for what nobody wrote down: about this id there is nothing.
        Err(Error::NotFound { .. }) if adheres_by_attendance(&mut conn, about, &keys).await? => Uuid::nil(),
        found => found?.id,
    };
    listing.filter.subjects = vec![Subject { about, id }];
    listing.answer_on(conn, &register).await
}

async fn adheres_by_attendance(conn: &mut Reader, about: About, keys: &[String]) -> Result<bool> {
    match keys {
        [pledge, participant] if about == About::Adherents => {
            resources::adheres_by_attendance(conn, pledge, participant).await
        }
        _ => Ok(false),
    }
}

/// The record that a path names first: a pledge, of its events and adherents.
async fn whole(conn: &mut Reader, about: About, keys: &[String]) -> Result<(Resource, Located)> {
    let (resource, key) = match keys {
        [key] => (about.resource(), key),
        [pledge, _] => (Resource::Pledges, pledge),
        _ => return Err(Error::internal("a path that names no record")),
    };
    Ok((resource, resources::live(conn, resource, key).await?))
}

/// The record that a path is about: that one, or a part of it.
async fn subject(conn: &mut Reader, about: About, whole: Located, keys: &[String]) -> Result<Located> {
    match keys {
        [_, participant] if about == About::Adherents => {
            let pledge = whole.public_key();
            let found = resources::adherent_of(conn, &pledge, participant).await?;
            found.ok_or_else(|| resources::not_found(about.resource(), &format!("{pledge}/{participant}")))
        }
        [_, event] => resources::live_event_of(conn, whole.id, event).await,
        _ => Ok(whole),
    }
}

/// `/v1/articles/{key}/citations`: what is cited from one article.
async fn list_of_article(
    State(register): State<Register>,
    Path(key): Path<String>,
    mut listing: ListRequest<CitationFilter>,
) -> Result<Response> {
    let mut conn = listing.snapshot(&register).await?;
    let article = resources::live(&mut conn, Resource::Articles, &key).await?;
    listing.filter.article = Named::one(article.id);
    listing.answer_on(conn, &register).await
}

async fn create_of(
    about: About,
    State(register): State<Register>,
    Editor { author, .. }: Editor<Citation>,
    Path(keys): Path<Vec<String>>,
    asked: RequestOptions,
    Body(body): Body,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    write.permit(&author, Resource::Citations)?;
    let (resource, whole) = whole(&mut write.conn, about, &keys).await?;
    // Before what the path names below it, and before the body's faults.
    write
        .permit_about(Resource::Citations, resource, whole.id)
        .await?;
    let subject = subject(&mut write.conn, about, whole, &keys).await?;
    let address = Address {
        about,
        key: subject.public_key(),
    };
    let (_, draft) = Draft::parse(&body, Some(address))?;
    let citation = super::create(&mut write, about, &subject, &draft, "").await?;
    let citation = record::titled(&mut write, citation).await?;
    created(write, &asked, &citation).await
}

async fn create_of_article(
    State(register): State<Register>,
    Editor { author, .. }: Editor<Citation>,
    Path(key): Path<String>,
    asked: RequestOptions,
    Body(mut body): Body,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    write.permit(&author, Resource::Citations)?;
    let article = resources::live(&mut write.conn, Resource::Articles, &key).await?;
    if let Some(map) = body.as_object_mut()
        && map
            .insert("article".into(), article.id.to_string().into())
            .is_some()
    {
        let fault = Faults::one(
            "/article",
            "unknown_field",
            "is named by the path already; leave it out",
        );
        return Err(Error::Invalid(fault));
    }
    let citation = Citation::create(&mut write, &Draft::parse(&body, None)?).await?;
    created(write, &asked, &citation).await
}

async fn created(write: Write, asked: &RequestOptions, citation: &Citation) -> Result<Response> {
    let location = format!("/v1/citations/{}", citation.id);
    let answer = web::created(
        asked,
        &location,
        citation.version,
        &citation.summary(asked.viewpoint()),
    )?;
    auth::commit_with(write, answer).await
}

//! Routes of keys, which are an admin's; and of one's own.

use axum::{
    extract::{Path, State},
    http::header,
    response::Response,
};
use chrono::TimeDelta;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Admin, Caller, Role, commit_with, commit_with_kept,
    keys::{self, Draft, Key, Made},
    sql::{self, KeyFilter},
};
use crate::{
    db::Reader,
    error::{Error, Result},
    history::{Register, Write},
    resources::{self, Area, Code, Resource},
    values::{FromText, Language, Timestamp, parse},
    web::{
        self, Body, BodyIfAny, Extent, Format, KeyShape, ListRequest, Operation, PathKey, RecordRequest,
        RequestOptions, Routes, Shown, Vocabulary,
    },
};

const THIS: Resource = Resource::Keys;

/// Who may.
const OF_ADMINS: &str = "Takes an admin's key; the answer is never kept.";
const ACT_OF_ADMINS: &str = "Takes an admin's key; the log has an entry of it that names the key and the act, and shows nothing of it.";

pub fn routes() -> Routes<Register> {
    let one = "/v1/keys/{key}";
    Routes::about(THIS.as_str())
        .get(
            "/v1/keys",
            list,
            Operation::list::<KeyFilter>(
                "list_keys",
                "Keys, the revoked ones too; of none its secret.",
            )
            .with_key(OF_ADMINS)
            .forbidden(),
        )
        .post(
            "/v1/keys",
            create,
            Operation::create::<Made>("create_key", "Makes a key; its secret is in this answer alone.", Draft::input())
                .with_key(ACT_OF_ADMINS),
        )
        .get(
            one,
            read,
            Operation::read::<Key>("read_key", "One key, without its secret.")
                .with_key(OF_ADMINS)
                .forbidden(),
        )
        .patch(
            one,
            change,
            Operation::change::<Key>(
                "change_key",
                "Changes what is said of a key; not its role.",
                THIS.fields(),
                &json!({ "note": "of the desk for water" }),
            )
                .with_key(ACT_OF_ADMINS),
        )
        .delete(
            one,
            revoke,
            Operation::ends(
                "revoke_key",
                "Revokes a key, within a second and for good.",
                "It is revoked, now or before; its record stays. So it is of the last admin's key: the command line makes another.",
            )
            .with_key(ACT_OF_ADMINS),
        )
        .post(
            "/v1/keys/{key}/rotate",
            rotate,
            Operation::takes_and_answers::<<Made as Shown>::Schema>(
                "rotate_key",
                "Gives a key another secret, which is in this answer alone.",
                &overlapping(),
                &["200"],
                |query| {
                    let _: Option<Language> = query.one("lang");
                    let _: Option<Format> = query.one("format");
                    query.flag("pretty");
                },
            )
            .with_optional_body()
            .repeatable()
            .with_key(ACT_OF_ADMINS),
        )
        .get(
            "/v1/me",
            me,
            Operation::answers::<Me>(
                "read_me",
                "Whose key this is, and what it may.",
                Format::JSON,
                &["ETag"],
                |query| {
                    let _: Option<Language> = query.one("lang");
                    let _: Option<Format> = query.one("format");
                    query.flag("pretty");
                },
            )
            .with_key("Takes a key of any role; the answer is never kept."),
        )
        .describes(&VOCABULARY)
}

/// What its words mean, on whichever route.
const VOCABULARY: Vocabulary = Vocabulary {
    parameters: &[(
        "live",
        "Whether they open anything: neither revoked nor expired, or one of the two.",
    )],
    keys: &[PathKey {
        place: "keys",
        text: "An id.",
        shape: KeyShape::Id,
        moved: None,
    }],
    ..Vocabulary::NONE
};

/// The body of a rotation.
fn overlapping() -> Value {
    json!({ "application/json": {
        "schema": {
            "type": "object",
            "additionalProperties": false,
            "properties": { "overlap_seconds": {
                "type": ["integer", "null"], "minimum": 0, "maximum": 604_800, "default": 0,
                "description": "For how long the secret that the key has is good beside the new one.",
            } },
        },
        "example": { "overlap_seconds": 3600 },
    } })
}

/// The key that a path names, revoked or not.
async fn find(conn: &mut Reader, key: &str) -> Result<Key> {
    let found = match Uuid::from_text(key) {
        Ok(id) => sql::find(conn, id).await?,
        Err(_) => None,
    };
    found.ok_or_else(|| resources::not_found(THIS, key))
}

async fn list(
    State(register): State<Register>,
    Admin(_): Admin,
    mut listing: ListRequest<KeyFilter>,
) -> Result<Response> {
    listing.filter.at = Some(register.clock().now());
    // Of a whole list its tag is the log's last number, which no use of a key and no end moves.
    if listing.asked.format.extent() == Extent::Whole {
        listing.asked.pass_over_tags();
    }
    let mut answer = listing.answer(&register).await?;
    let is_weak = |tag: &axum::http::HeaderValue| tag.as_bytes().starts_with(b"W/");
    if answer.headers().get(header::ETAG).is_some_and(is_weak) {
        answer.headers_mut().remove(header::ETAG);
    }
    Ok(web::private(answer))
}

async fn read(
    State(register): State<Register>,
    Admin(_): Admin,
    Path(key): Path<String>,
    single: RecordRequest<Key>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let key = find(&mut conn, &key).await?;
    single
        .answer(&mut conn, &key, key.version, &key)
        .await
        .map(web::private)
}

async fn create(
    State(register): State<Register>,
    Admin(author): Admin,
    asked: RequestOptions,
    Body(body): Body,
) -> Result<Response> {
    let draft = Draft::parse(&body)?;
    let mut write = register.write(&author).await?;
    let made = keys::make(&mut write, &draft).await?;
    let asked = asked.whole();
    let location = format!("/v1/keys/{}", made.key.id);
    let answer = |made: &Made| {
        web::created(
            &asked,
            &location,
            made.key.version,
            &made.summary(asked.viewpoint()),
        )
    };
    shown_once(write, &made, answer).await
}

/// Commits, and answers with the secret; what is kept for whoever asks again is without it.
async fn shown_once(
    write: Write,
    made: &Made,
    answer: impl Fn(&Made) -> Result<Response>,
) -> Result<Response> {
    let (first, again) = (answer(made)?, answer(&made.without_secret())?);
    commit_with_kept(write, web::private(first), web::private(again)).await
}

async fn change(
    State(register): State<Register>,
    Admin(author): Admin,
    Path(key): Path<String>,
    asked: RequestOptions,
    Body(patch): Body,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let before = find(&mut write.conn, &key).await?;
    asked.must_match(before.version)?;
    let key = keys::patch(&mut write, before, &patch).await?;
    let answer = web::item(&asked, key.version, &key)?;
    commit_with(write, web::private(answer)).await
}

async fn revoke(
    State(register): State<Register>,
    Admin(author): Admin,
    Path(key): Path<String>,
    asked: RequestOptions,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let key = find(&mut write.conn, &key).await?;
    asked.must_match(key.version)?;
    keys::revoke(&mut write, key).await?;
    commit_with(write, web::no_content()).await
}

async fn rotate(
    State(register): State<Register>,
    Admin(author): Admin,
    Path(key): Path<String>,
    asked: RequestOptions,
    BodyIfAny(body): BodyIfAny,
) -> Result<Response> {
    let overlap = read_overlap(&body)?;
    let mut write = register.write(&author).await?;
    let before = find(&mut write.conn, &key).await?;
    asked.must_match(before.version)?;
    let made = keys::rotate(&mut write, before, overlap).await?;
    let asked = asked.whole();
    let answer = |made: &Made| web::item(&asked, made.key.version, &made.summary(asked.viewpoint()));
    shown_once(write, &made, answer).await
}

fn read_overlap(body: &Value) -> Result<TimeDelta> {
    parse(body, |fields| {
        let seconds: i64 = fields.optional("overlap_seconds").unwrap_or(0);
        keys::overlap(seconds)
            .map_err(|detail| fields.fault("overlap_seconds", "value", detail))
            .ok()
    })
}

/// A key as its own holder sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Me)]
struct Me {
    name: String,
    role: Role,
    /// From when on the key is good no more.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    expires_at: Option<Timestamp>,
    /// The resources that it writes, no others; null where it writes all that its role may.
    resources: Option<Vec<Area>>,
    /// The participant whose own pledges it writes with their events and citations, and nothing else.
    participant: Option<Code>,
}

async fn me(State(register): State<Register>, Caller(id): Caller, asked: RequestOptions) -> Result<Response> {
    let key = sql::find(&mut register.read().await?, id).await?;
    let key = key.ok_or_else(|| Error::internal("a key was let in that is not there"))?;
    let me = Me {
        name: key.name,
        role: key.role,
        expires_at: key.expires_at,
        resources: key.resources,
        participant: key.participant,
    };
    web::item(&asked, None, &me).map(web::private)
}

//! Keys as they are managed: made, changed, given another secret and revoked, by admins and on the command line.
//!
//! Each of these is an entry of the log that names the key and the act alone: the log is for every reader, and what a key
//! may do, and for whom, is not.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Role, hash, sql};
use crate::{
    db::{Db, Reader},
    error::{Detail, Error, Faults, Result},
    history::{Author, Op, Parts, Register, Write},
    resources::{self, Area, Code, Resource},
    values::{Fields, SECRET_PREFIX, Timestamp, Viewpoint, has_secret, is_hidden, parse, secret},
    web::{self, Depends, InputSchema, Shown},
};

const THIS: Resource = Resource::Keys;

/// What the log calls whoever runs the program.
const PROGRAM: &str = "pledgebook";

/// The longest name and note, in code points.
const LONGEST_NAME: usize = 200;
const LONGEST_NOTE: usize = 2_000;

/// For how long at most a secret stays good once another one has followed it.
const LONGEST_OVERLAP: TimeDelta = TimeDelta::days(7);

/// What is said of a secret where it is shown, and where it is not any more.
const SHOWN: &str = "Keep it now: it is shown this once.";
const WAS_SHOWN: &str = "It was shown once, with the first answer, and is not kept. To have another one: POST /v1/keys/{id}/rotate.";

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Key {
    pub id: Uuid,
    /// Its holder's: the log, which is for every reader, calls by it whoever writes with the key. No two keys that were not
    /// revoked have the same. It has no control or format characters, and is not `pledgebook`.
    #[schema(min_length = 1, max_length = 200, example = "Data desk")]
    pub name: String,
    pub role: Role,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub updated_at: Timestamp,
    /// From when on it is good no more; null where it is until it is revoked.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub expires_at: Option<Timestamp>,
    /// When a request came with it last, to some ten seconds.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub last_used_at: Option<Timestamp>,
    /// The resources that it writes, no others: of an editor's key. Attendance is written with `meetings`, members with
    /// `coalitions`. Null where it writes all.
    pub resources: Option<Vec<Area>>,
    /// The participant whose own pledges it writes with their events and citations, and nothing else: of an editor's key.
    pub participant: Option<Code>,
    #[schema(max_length = 2000)]
    pub note: Option<String>,
    /// Until when the secret before the last rotation is good too, or was.
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub old_secret_until: Option<Timestamp>,
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub revoked_at: Option<Timestamp>,
    /// Goes up by one with every change; not with a use.
    pub version: i64,
}

/// Whose own records a key is to write: where nothing is said of that, it is not touched, as the participant may have
/// been retracted since.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner {
    AsBefore,
    Is(Option<Uuid>),
}

impl Shown for Key {
    type View<'a> = &'a Self;
    type Schema = Self;
    type Alone = ();

    fn id(&self) -> Uuid {
        self.id
    }

    fn view(&self, _: Viewpoint, _: Option<()>) -> &Self {
        self
    }

    fn depends(&self) -> Depends {
        Depends::OnWhoAsks
    }
}

/// A key with a secret that was made just now, or, where that answer is given again, without it.
pub struct Made {
    pub key: Key,
    pub secret: Option<String>,
}

/// The same as it is answered.
#[derive(Serialize, ToSchema)]
#[schema(as = KeyWithSecret)]
pub struct MadeView<'a> {
    #[serde(flatten)]
    key: &'a Key,
    /// To be sent as `Authorization: Bearer <secret>`. Null where the answer is given again for an `Idempotency-Key`.
    #[schema(example = "pbk_q0p8mHPqjVJx0aB3cD4eF5gH6iJ7kL8mN9oP0qR1sT2")]
    secret: Option<&'a str>,
    /// What became of the secret.
    secret_note: &'static str,
}

impl Made {
    /// As it is kept for whoever asks again: without the secret.
    #[must_use]
    pub fn without_secret(&self) -> Self {
        Self {
            key: self.key.clone(),
            secret: None,
        }
    }
}

impl Shown for Made {
    type View<'a> = MadeView<'a>;
    type Schema = MadeView<'static>;
    type Alone = ();

    fn id(&self) -> Uuid {
        self.key.id
    }

    fn view(&self, _: Viewpoint, _: Option<()>) -> MadeView<'_> {
        MadeView {
            key: &self.key,
            secret: self.secret.as_deref(),
            secret_note: if self.secret.is_some() { SHOWN } else { WAS_SHOWN },
        }
    }
}

/// What is said of a key that may change.
#[derive(Debug, Clone)]
pub struct Terms {
    pub name: String,
    pub expires_at: Option<Timestamp>,
    pub resources: Option<Vec<Area>>,
    /// A participant's code or id.
    pub participant: Option<String>,
    pub note: Option<String>,
}

/// A key that is asked for.
#[derive(Debug, Clone)]
pub struct Draft {
    pub role: Role,
    pub terms: Terms,
}

impl Draft {
    /// One that is good for all that its role may, until it is revoked.
    #[must_use]
    pub fn plain(name: &str, role: Role) -> Self {
        Self {
            role,
            terms: Terms {
                name: name.to_owned(),
                expires_at: None,
                resources: None,
                participant: None,
                note: None,
            },
        }
    }

    pub(super) fn input() -> InputSchema {
        InputSchema {
            name: "NewKey",
            fields: &["name", "role", "expires_at", "resources", "participant", "note"],
            required: &["name", "role"],
            input_only: Vec::new(),
            example: json!({ "name": "Data desk", "role": "editor", "expires_at": "2099-01-01T00:00:00Z", "resources": ["pledges", "events", "citations"] }),
        }
    }

    /// Reads a key as it is sent.
    pub fn parse(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            let role = fields.required("role");
            let terms = Terms::read(fields);
            Some(Self {
                role: role?,
                terms: terms?,
            })
        })
    }
}

impl Terms {
    fn parse(body: &Value) -> Result<Self> {
        parse(body, Self::read)
    }

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required_text("name", LONGEST_NAME);
        let expires_at = fields.optional("expires_at");
        let resources = fields.list("resources", Area::WORDS.len());
        let participant = fields.optional("participant");
        let note = fields.text("note", LONGEST_NOTE);
        Some(Self {
            name: name?,
            expires_at,
            resources,
            participant,
            note,
        })
    }

    /// Holds what is said against the key's role and the time. An end that it had before may have come since, and a name
    /// that it had before may be none that would be given now.
    fn check(&self, role: Role, at: Timestamp, before: Option<&Key>) -> Result<()> {
        let mut faults = Faults::default();
        if before.is_none_or(|before| before.name != self.name)
            && let Err((code, detail)) = may_be_named(&self.name)
        {
            faults.add("/name", code, detail);
        }
        let end_before = before.and_then(|before| before.expires_at);
        if self.expires_at.is_some_and(|end| end <= at) && self.expires_at != end_before {
            let detail = if before.is_some() {
                "is not in the future; to end a key now, revoke it"
            } else {
                "is not in the future; name a later moment, or leave it out"
            };
            faults.add("/expires_at", "value", detail);
        }
        let is_confined = [
            ("/resources", self.resources.is_some()),
            ("/participant", self.participant.is_some()),
        ];
        for (pointer, _) in is_confined
            .into_iter()
            .filter(|(_, is_said)| *is_said && role != Role::Editor)
        {
            let detail = match role {
                Role::Reader => {
                    "says what a key writes, and a reader's writes nothing; leave it out, or make it an editor's"
                }
                _ => {
                    "confines an editor's key alone: an admin could make itself another; leave it out, or make it an editor's"
                }
            };
            faults.add(pointer, "value", detail);
        }
        if let Some(areas) = &self.resources {
            if areas.is_empty() {
                let detail = "names nothing, so that the key could write nothing; leave it out for all, or make it a reader's";
                faults.add("/resources", "value", detail);
            }
            if areas.iter().collect::<BTreeSet<_>>().len() < areas.len() {
                faults.add("/resources", "value", "names one of them twice");
            }
            for (index, area) in areas.iter().enumerate().filter(|_| self.participant.is_some()) {
                if !area.has_owners() {
                    let detail = format!(
                        "{area} are no participant's own: a key with a participant writes pledges, events and citations at most"
                    );
                    faults.add(format!("/resources/{index}"), "value", detail);
                }
            }
        }
        faults.or_invalid()
    }
}

/// Whether a key may be called so: a name is read by people, in logs and on terminals, who tell by it who wrote.
fn may_be_named(name: &str) -> Result<(), (&'static str, String)> {
    if has_secret(name) {
        let detail = "holds the secret of a key, and a name is for everybody to read; choose another name";
        return Err(("value", detail.to_owned()));
    }
    if name.eq_ignore_ascii_case(PROGRAM) {
        let detail = "is what the log calls the program itself; choose another name";
        return Err(("reserved", detail.to_owned()));
    }
    if let Some(hidden) = name.chars().find(|character| is_hidden(*character)) {
        let code = u32::from(hidden);
        let detail = format!(
            "must not contain U+{code:04X}, which is not to be seen in a name; leave the character out"
        );
        return Err(("text", detail));
    }
    Ok(())
}

/// The participant that a key is confined to.
async fn participant(conn: &mut Reader, terms: &Terms) -> Result<(Option<Code>, Owner)> {
    let mut faults = Faults::default();
    let (key, pointer) = (terms.participant.as_deref(), "/participant");
    let found = resources::referred(conn, Resource::Participants, key, pointer, &mut faults).await?;
    faults.or_invalid()?;
    let code = found.as_ref().map(resources::Located::parsed).transpose()?;
    Ok((code, Owner::Is(found.map(|it| it.id))))
}

async fn refuse_taken(conn: &mut Reader, name: &str) -> Result<()> {
    match sql::by_name(conn, name).await? {
        None => Ok(()),
        Some(key) => Err(Error::conflict(
            "duplicate",
            "/name",
            Detail::of(format!(
                "There is a key named {name:?} already; revoke it first or choose another name."
            ))
            .naming(format!("keys/{}", key.id)),
        )
        .with_the_record_at(format!("/v1/keys/{}", key.id))),
    }
}

/// 256 bits that nobody can guess.
pub(super) fn new_secret() -> Result<String> {
    Ok(format!(
        "{SECRET_PREFIX}{}",
        URL_SAFE_NO_PAD.encode(secret::<32>()?)
    ))
}

/// Makes a key. Its secret is here, and nowhere else.
pub async fn make(write: &mut Write, draft: &Draft) -> Result<Made> {
    make_with(write, draft, new_secret()?).await
}

/// The same with this secret, which opens no other key.
pub(super) async fn make_with(write: &mut Write, draft: &Draft, secret: String) -> Result<Made> {
    let Draft { role, terms } = draft;
    terms.check(*role, write.at, None)?;
    refuse_taken(&mut write.conn, &terms.name).await?;
    let (participant, owner) = participant(&mut write.conn, terms).await?;
    let key = Key {
        id: write.new_id(),
        name: terms.name.clone(),
        role: *role,
        created_at: write.at,
        updated_at: write.at,
        expires_at: terms.expires_at,
        last_used_at: None,
        resources: terms.resources.clone(),
        participant,
        note: terms.note.clone(),
        old_secret_until: None,
        revoked_at: None,
        version: 1,
    };
    sql::insert(&mut write.conn, &key, owner, hash(&secret).to_vec()).await?;
    noted(write, Op::Create, &key).await?;
    Ok(Made {
        key,
        secret: Some(secret),
    })
}

pub(super) async fn noted(write: &mut Write, op: Op, key: &Key) -> Result<()> {
    write.note(op, THIS, key.id, key.name.clone(), key.version).await
}

/// The next version of a key, which is not revoked.
fn next(write: &Write, before: Key) -> Result<Key> {
    if before.revoked_at.is_some() {
        return Err(Error::conflict(
            "key_revoked",
            "",
            format!(
                "The key {:?} was revoked, which is for good; make another one (POST /v1/keys).",
                before.name
            ),
        ));
    }
    Ok(Key {
        version: before.version + 1,
        updated_at: write.at,
        ..before
    })
}

/// Changes what a merge patch names of a key; its role and its secret stay.
pub async fn patch(write: &mut Write, before: Key, patch: &Value) -> Result<Key> {
    if patch.get("role").is_some_and(|role| role != before.role.as_str()) {
        let detail = format!(
            "is {:?} for good, as another role is another key: make one (POST /v1/keys) and revoke this one",
            before.role.as_str()
        );
        return Err(Error::Invalid(Faults::one("/role", "fixed", detail)));
    }
    let merged = web::merged(&mut write.conn, patch, THIS.fields(), &before).await?;
    change(write, before, Terms::parse(&merged)?).await
}

async fn change(write: &mut Write, before: Key, terms: Terms) -> Result<Key> {
    terms.check(before.role, write.at, Some(&before))?;
    if terms.name != before.name {
        refuse_taken(&mut write.conn, &terms.name).await?;
    }
    let (participant, owner) =
        if terms.participant.as_deref() == before.participant.as_ref().map(Code::as_str) {
            (before.participant.clone(), Owner::AsBefore)
        } else {
            participant(&mut write.conn, &terms).await?
        };
    let said = |key: Key| Key {
        name: terms.name.clone(),
        expires_at: terms.expires_at,
        resources: terms.resources.clone(),
        participant: participant.clone(),
        note: terms.note.clone(),
        ..key
    };
    let after = said(next(write, before.clone())?);
    if said(before.clone()) == before {
        return Ok(before);
    }
    sql::update(&mut write.conn, &after, owner).await?;
    noted(write, Op::Update, &after).await?;
    Ok(after)
}

/// Gives a key another secret. The one that it has is good for so long still; the one before that no more.
pub async fn rotate(write: &mut Write, before: Key, overlap: TimeDelta) -> Result<Made> {
    let after = next(write, before)?;
    let old_until = (overlap > TimeDelta::zero()).then(|| write.at + overlap);
    let secret = new_secret()?;
    sql::rotate(&mut write.conn, after.id, hash(&secret).to_vec(), old_until).await?;
    let key = Key {
        old_secret_until: old_until,
        ..after
    };
    sql::update(&mut write.conn, &key, Owner::AsBefore).await?;
    noted(write, Op::Update, &key).await?;
    Ok(Made {
        key,
        secret: Some(secret),
    })
}

/// Revokes a key; one that was revoked stays so.
pub async fn revoke(write: &mut Write, before: Key) -> Result<()> {
    if before.revoked_at.is_some() {
        return Ok(());
    }
    let revoked = Key {
        revoked_at: Some(write.at),
        ..next(write, before)?
    };
    sql::update(&mut write.conn, &revoked, Owner::AsBefore).await?;
    noted(write, Op::Retract, &revoked).await
}

/// How long the overlap of a rotation is, if it may be so long.
pub fn overlap(seconds: i64) -> Result<TimeDelta, String> {
    TimeDelta::try_seconds(seconds)
        .filter(|overlap| (TimeDelta::zero()..=LONGEST_OVERLAP).contains(overlap))
        .ok_or_else(|| format!("must be from 0 to {} seconds", LONGEST_OVERLAP.num_seconds()))
}

/// The key of this name that was not revoked.
pub async fn named(conn: &mut Reader, name: &str) -> Result<Option<Key>> {
    sql::by_name(conn, name).await
}

/// Whether there was a key of this name, and all of them were revoked.
pub async fn was_revoked(conn: &mut Reader, name: &str) -> Result<bool> {
    Ok(named(conn, name).await?.is_none() && sql::was_named(conn, name).await?)
}

/// Every key, in the order in which they were made.
pub async fn all(conn: &mut Reader) -> Result<Vec<Key>> {
    sql::list(conn).await
}

/// Makes a key of a role beside the database; the secret is returned here and nowhere else.
pub async fn create(db: &Db, name: &str, role: Role) -> Result<String> {
    let mut write = beside(db).await?;
    let made = make(&mut write, &Draft::plain(name, role)).await?;
    write.commit().await?;
    made.secret
        .ok_or_else(|| Error::internal("a key was made without a secret"))
}

/// Revokes the key of this name; false when there is none that was not.
pub async fn revoke_named(db: &Db, name: &str) -> Result<bool> {
    let mut write = beside(db).await?;
    let Some(key) = named(&mut write.conn, name).await? else {
        return Ok(false);
    };
    revoke(&mut write, key).await?;
    write.commit().await?;
    Ok(true)
}

/// A write beside the database, by whoever runs the program. Nothing follows what becomes of keys.
pub async fn beside(db: &Db) -> Result<Write> {
    let parts = Parts {
        of: THIS,
        named_by: "name",
        within: &[],
    };
    let register = Register::new(db.clone(), Vec::new(), parts).await?;
    let author = Author {
        actor: PROGRAM.to_owned(),
        holder: None,
        reason: None,
        claim: None,
    };
    register.write(&author).await
}

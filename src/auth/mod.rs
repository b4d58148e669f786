//! Keys and roles: authority is an argument of the handler.
//!
//! A key is 256 random bits, shown once and kept as its SHA-256: at that
//! length a slow hash would protect nothing more. Reading is public unless the
//! register is private; writing takes an [`Editor`] of what is written.

mod door;
pub mod given;
mod guesses;
pub mod http;
mod idempotency;
pub mod keys;
mod sql;
mod uses;

use std::marker::PhantomData;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::Response,
};
use percent_encoding::percent_decode;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    error::{Detail, Error, Faults, Result},
    history::{self, Author, Bearer, Record},
    resources::{Reach, Resource},
    values::{Timestamp, has_secret, nfc, vocabulary, without_ends},
    web::{arrival::Arrival, host::is_of_health, layers::IDEMPOTENCY_REPLAYED},
};

vocabulary! {
    /// What a key may do. An editor may all that a reader may, an admin all that an editor may.
    Role as "KeyRole" { Reader = "reader", Editor = "editor", Admin = "admin" }
}

/// Of a secret: nothing else is kept of it.
type Hash = [u8; 32];

fn hash(secret: &str) -> Hash {
    Sha256::digest(secret).into()
}

/// Whose key came with the request.
#[derive(Debug, Clone)]
struct Holder {
    id: Uuid,
    /// What came with the request, hashed: the key may have another secret since.
    secret: Hash,
    name: String,
    role: Role,
    /// From when on what came with the request is good no more.
    until: Option<Timestamp>,
    reach: Reach,
}

impl Holder {
    /// For the log.
    fn is_told(&self, arrival: Option<&Arrival>) {
        if let Some(arrival) = arrival {
            arrival.came_with(&self.name);
        }
    }
}

pub use door::Door;
use door::Look;
use guesses::Guesses;
use idempotency::commit_with_kept;
pub use idempotency::{commit_with, idempotent, receipt_for};
pub use keys::{Key, create};
use uses::Uses;

/// Whether reading takes a key too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    Public,
    Private,
}

/// Looks at the key of every request: a wrong one is refused on any path but those of health, where no key is looked at.
pub async fn identify(State(door): State<Door>, mut request: Request, next: Next) -> Result<Response> {
    if is_of_health(request.uri().path()) {
        return Ok(next.run(request).await);
    }
    let reads = request.method().is_safe();
    let secret = bearer(request.headers())?;
    let (holder, look) = match secret {
        Some(secret) => {
            let arrival = Arrival::get(&request);
            let (holder, look) = door.holder(secret, arrival, reads).await?;
            if let Some(counted) = arrival.and_then(Arrival::counted) {
                counted.admit_key(holder.id)?;
            }
            (Some(holder), Some(look))
        }
        None => (None, None),
    };
    let may_read = MayRead(door.is_public() || holder.is_some());
    if !may_read.0 && request.uri().path().starts_with("/v1") {
        return Err(without_key(
            request.headers(),
            "This register is private. Send the header Authorization: Bearer <key>.",
        ));
    }
    request.extensions_mut().insert(may_read);
    if let Some(holder) = &holder {
        request.extensions_mut().insert(holder.clone());
    }
    let answer = next.run(request).await;
    // A write looks at its key again. What came to none, as it was refused or done before, is told to live ones alone:
    // a body may have been on its way for long. One that failed tells nothing, and has taken its time.
    let status = answer.status();
    let is_written = status.is_success() && !answer.headers().contains_key(IDEMPOTENCY_REPLAYED);
    let is_told = !reads && !is_written && !status.is_server_error();
    if let Some(holder) = holder
        && is_told
        && look.is_some_and(Look::is_old)
    {
        door.must_be_live(&holder).await?;
    }
    Ok(answer)
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = given.next() else {
        return Ok(None);
    };
    // Which of the two is meant, whoever stands in front may judge otherwise.
    if given.next().is_some() {
        return Err(Error::Malformed(Faults::one(
            "Authorization",
            "repeated",
            "The request has more than one Authorization header; send one.",
        )));
    }
    value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, secret)| scheme.eq_ignore_ascii_case("bearer") && !secret.trim().is_empty())
        .map(|(_, secret)| Some(secret.trim()))
        .ok_or_else(|| {
            let scheme = value.as_bytes().split(|byte| *byte == b' ').next();
            Error::NoKey(if scheme.is_some_and(|it| it.eq_ignore_ascii_case(b"basic")) {
                "Keys are not sent by Basic authentication, with a name and a password. Send the header Authorization: Bearer <key>."
            } else {
                "The Authorization header cannot be read as it is: it is the word Bearer, a space and the key. Send the header Authorization: Bearer <key>."
            })
        })
}

/// Where other services read a key.
const ELSEWHERE: [&str; 2] = ["x-api-key", "api-key"];

/// No key came; where one came in a header of another service, that is said, and else why one is needed.
fn without_key(headers: &HeaderMap, why: &'static str) -> Error {
    Error::NoKey(if ELSEWHERE.iter().any(|name| headers.contains_key(*name)) {
        "A key in X-API-Key or Api-Key is not read here. Send the header Authorization: Bearer <key>."
    } else {
        why
    })
}

/// Whether who asks may read what the register holds. Below `/v1` nobody else comes as far as a
/// handler; a page outside of it asks.
#[derive(Debug, Clone, Copy)]
pub struct MayRead(pub bool);

impl<S: Send + Sync> FromRequestParts<S> for MayRead {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        // Where nobody has looked at the key, nothing is shown.
        Ok(parts.extensions.get().copied().unwrap_or(Self(false)))
    }
}

/// Someone who may write some data.
pub struct Writer {
    pub author: Author,
    key: Holder,
}

impl Writer {
    /// Refuses where the key writes no record of this resource, before the body is read. The write looks again.
    pub fn must_write(&self, resource: Resource) -> Result<()> {
        let Holder { name, reach, .. } = &self.key;
        reach
            .covers(resource)
            .map_err(|why| history::forbidden(name, &why))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Writer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let holder = holder(
            parts,
            "Writing takes a key. Send the header Authorization: Bearer <key>; `pledgebook key create` makes one.",
        )?;
        if holder.role < Role::Editor {
            return Err(Error::Forbidden(format!(
                "The key {:?} may read, not write. Use an editor's or an admin's.",
                holder.name
            )));
        }
        Ok(Self {
            author: author(holder, parts)?,
            key: holder.clone(),
        })
    }
}

/// Someone who may write records of this kind, if not all of them.
pub struct Editor<R> {
    pub author: Author,
    of: PhantomData<fn() -> R>,
}

impl<R: Record, S: Send + Sync> FromRequestParts<S> for Editor<R> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let writer = Writer::from_request_parts(parts, state).await?;
        writer.must_write(R::RESOURCE)?;
        Ok(Self {
            author: writer.author,
            of: PhantomData,
        })
    }
}

/// Someone who may manage keys, and begin a demo anew.
pub struct Admin(pub Author);

impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let holder = holder(
            parts,
            "This takes an admin's key. Send the header Authorization: Bearer <key>; `pledgebook key create --role admin` makes one.",
        )?;
        if holder.role < Role::Admin {
            return Err(Error::Forbidden(format!(
                "The key {:?} is no admin's, and this is for admins alone.",
                holder.name
            )));
        }
        author(holder, parts).map(Self)
    }
}

/// The id of the key that came with the request.
pub struct Caller(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let holder = holder(
            parts,
            "This tells of the key that comes with the request, and none did. Send the header Authorization: Bearer <key>.",
        )?;
        Ok(Self(holder.id))
    }
}

/// Whose key came with the request; where none did, this is said.
fn holder<'p>(parts: &'p Parts, without: &'static str) -> Result<&'p Holder> {
    let holder = parts.extensions.get();
    holder.ok_or_else(|| without_key(&parts.headers, without))
}

/// Whoever writes with this key, and why.
fn author(holder: &Holder, parts: &Parts) -> Result<Author> {
    Ok(Author {
        actor: holder.name.clone(),
        holder: Some(Bearer {
            key: holder.id,
            secret: holder.secret,
        }),
        reason: reason(&parts.headers)?,
        claim: parts.extensions.get().cloned(),
    })
}

/// Longest reason, in code points. Every entry that a write makes keeps it, and one write may make thousands.
const LONGEST_REASON: usize = 2_000;

/// Why a write is made: percent-encoded UTF-8; a malformed % is literal.
fn reason(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get("change-reason") else {
        return Ok(None);
    };
    let text = percent_decode(value.as_bytes())
        .decode_utf8_lossy()
        .replace('\0', "\u{fffd}");
    let text = nfc(&text).into_owned();
    if has_secret(&text) {
        return Err(Error::Malformed(Faults::one(
            "Change-Reason",
            "value",
            "The header Change-Reason holds the secret of a key, and reasons are for everybody to read. Send the key as Authorization: Bearer <key>.",
        )));
    }
    let length = text.chars().count();
    if length > LONGEST_REASON {
        return Err(Error::Malformed(Faults::one(
            "Change-Reason",
            "length",
            Detail::of(format!(
                "The header Change-Reason has {length} characters; at most {LONGEST_REASON} are kept. Say it shorter."
            ))
            .limited(LONGEST_REASON),
        )));
    }
    let text = without_ends(&text);
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_percent_encoded_utf_8() {
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("change-reason", text.parse().unwrap());
            reason(&headers).unwrap()
        };
        assert_eq!(of("%D8%AA%D8%B5%D8%AD%D9%8A%D8%AD").as_deref(), Some("تصحيح"));
        assert_eq!(of("100% sure").as_deref(), Some("100% sure"));
        assert_eq!(of(" "), None);
    }
}

//! `Idempotency-Key` on POST: looked at once it is known who asks, as the keys of one are nothing to another.

use std::sync::Arc;

use axum::{
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};
use sha2::{Digest, Sha256};

use super::{Holder, Role};
use crate::{
    error::{Error, Faults, Result},
    history::{Author, Claim, Fingerprint, Keyed, Receipt, Register, Write},
    values::has_secret,
    web::{
        PREFER,
        layers::{self, IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED},
    },
};

/// The longest key, in characters.
const LONGEST: usize = 255;

/// Answers what was answered before, and claims the key of what was not: the write stores it with its answer.
///
/// Other methods pass: what they ask for may be done twice, or is guarded by `If-Match`. So does who may not
/// write; the handler says so.
pub async fn idempotent(State(register): State<Register>, request: Request, next: Next) -> Result<Response> {
    let holder = request
        .extensions()
        .get::<Holder>()
        .filter(|holder| holder.role >= Role::Editor)
        .map(|holder| holder.id);
    let (Some(holder), Some(key)) = (holder, key(&request)?) else {
        return Ok(next.run(request).await);
    };
    let (mut parts, body) = layers::whole(request).await?;
    let fingerprint = fingerprint(&parts, &body);
    let keyed = Keyed {
        holder,
        key,
        fingerprint,
    };
    // Claimed first, so that nobody stores an answer after it was looked for.
    let claim = register.claim(&keyed);
    if let Some(receipt) = register.answered(&keyed).await? {
        return replay(receipt);
    }
    let claim = Arc::new(claim.ok_or(Error::StillRunning)?);
    parts.extensions.insert(claim.clone());
    let answer = next.run(Request::from_parts(parts, body.into())).await;
    // Until here, whatever the handler does with the one that it was given.
    drop(claim);
    Ok(answer)
}

/// Makes a write last, and answers. With it lasts the answer, where the request came with a key.
pub async fn commit_with(write: Write, answer: Response) -> Result<Response> {
    if !write.wants_receipt() || !answer.status().is_success() {
        write.commit().await?;
        return Ok(answer);
    }
    let (receipt, answer) = receipt(answer).await?;
    write.commit_with(receipt).await?;
    Ok(answer)
}

/// The same of an answer that is shown once: in its place this one is kept.
pub(super) async fn commit_with_kept(write: Write, answer: Response, kept: Response) -> Result<Response> {
    if !write.wants_receipt() {
        write.commit().await?;
        return Ok(answer);
    }
    let (receipt, _) = receipt(kept).await?;
    write.commit_with(receipt).await?;
    Ok(answer)
}

/// What is to be kept of an answer to this author, where their request came with a key; and the answer as it was.
pub async fn receipt_for(
    author: &Author,
    answer: Response,
) -> Result<(Option<(Arc<Claim>, Receipt)>, Response)> {
    let Some(claim) = &author.claim else {
        return Ok((None, answer));
    };
    let (receipt, answer) = receipt(answer).await?;
    Ok((Some((claim.clone(), receipt)), answer))
}

/// An answer as it is kept, and as it was.
async fn receipt(answer: Response) -> Result<(Receipt, Response)> {
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(Error::internal)?;
    let text = |value: &HeaderValue| value.to_str().map(str::to_owned).map_err(Error::internal);
    let headers = parts.headers.iter();
    let receipt = Receipt {
        status: parts.status.as_u16(),
        headers: headers
            .map(|(name, value)| Ok((name.to_string(), text(value)?)))
            .collect::<Result<_>>()?,
        body: body.to_vec(),
    };
    Ok((receipt, Response::from_parts(parts, body.into())))
}

fn replay(receipt: Receipt) -> Result<Response> {
    let mut answer = Response::new(receipt.body.into());
    *answer.status_mut() = StatusCode::from_u16(receipt.status).map_err(Error::internal)?;
    for (name, value) in receipt.headers {
        answer.headers_mut().append(
            HeaderName::try_from(name).map_err(Error::internal)?,
            HeaderValue::try_from(value).map_err(Error::internal)?,
        );
    }
    answer
        .headers_mut()
        .insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    Ok(answer)
}

/// The key of a POST, where it has one.
fn key(request: &Request) -> Result<Option<String>> {
    if request.method() != Method::POST {
        return Ok(None);
    }
    let mut given = request.headers().get_all(IDEMPOTENCY_KEY).iter();
    let Some(first) = given.next() else {
        return Ok(None);
    };
    if given.next().is_some() {
        return Err(malformed(
            "The request has more than one Idempotency-Key; send one.",
        ));
    }
    if first.to_str().is_ok_and(has_secret) {
        return Err(malformed(
            "The Idempotency-Key holds the secret of a key. Send a new UUID for each new request, and the key as Authorization: Bearer <key>.",
        ));
    }
    first
        .to_str()
        .ok()
        .filter(|key| (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()))
        .map(|key| Some(key.to_owned()))
        .ok_or_else(|| {
            malformed(
                "An Idempotency-Key is 1 to 255 visible ASCII characters without spaces; send a new UUID for each new request.",
            )
        })
}

fn malformed(detail: &str) -> Error {
    Error::Malformed(Faults::one("", "idempotency_key", detail))
}

/// What makes a request the same again: where it goes, what it says, and how it would be taken. Not the language
/// and form that the client accepts: what was lost is the first answer.
fn fingerprint(parts: &Parts, body: &Bytes) -> Fingerprint {
    let mut hash = Sha256::new();
    // Each with its length in front, so that no two requests run together into one text.
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    add(parts.method.as_str().as_bytes());
    add(parts.uri.path().as_bytes());
    add(parts.uri.query().unwrap_or_default().as_bytes());
    add(&joined(&parts.headers, header::CONTENT_TYPE));
    add(&joined(&parts.headers, PREFER));
    add(body);
    hash.finalize().into()
}

/// All values of a header as the one list that they are.
fn joined(headers: &HeaderMap, name: header::HeaderName) -> Vec<u8> {
    let values: Vec<&[u8]> = headers
        .get_all(name)
        .iter()
        .map(header::HeaderValue::as_bytes)
        .collect();
    values.join(&b", "[..])
}

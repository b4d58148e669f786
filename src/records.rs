//! What routes of every record have in common, beside what it says.

use axum::{
    extract::{Path, State},
    response::Response,
};

use uuid::Uuid;

use crate::{
    auth::Editor,
    db::Conn,
    error::{Error, Result},
    history::{Register, Write},
    resources::{self, Located, Resource},
    web::{self, Asked, Filter, Listing},
};

/// `GET` of a list.
pub async fn list<F: Filter>(State(register): State<Register>, listing: Listing<F>) -> Result<Response> {
    listing.answer(register.db()).await
}

/// `DELETE`: retracts a record whose retraction changes no other's figures.
pub async fn retract(
    resource: Resource,
    State(register): State<Register>,
    Editor(author): Editor,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let current = resources::live(&mut write.conn, resource, &key).await?;
    asked.must_match(current.version)?;
    write.retract(resource, current.id).await?;
    write.finish(web::no_content()).await
}

/// `POST …/restore`, as far as it is the same for all: brings the record back, and its id.
pub async fn restore(write: &mut Write, resource: Resource, key: &str, asked: &Asked) -> Result<Uuid> {
    let found = resources::locate(&mut write.conn, resource, key)
        .await?
        .ok_or_else(|| resources::not_found(resource, key))?;
    if let Some(successor) = &found.merged_into {
        return Err(resources::moved(resource, successor));
    }
    asked.must_match(found.version)?;
    write.restore(resource, found.id, &found.public_key()).await?;
    Ok(found.id)
}

/// A member or an attendance that is not there: it never was, or it was retracted.
#[must_use]
pub fn absent(resource: Resource, key: &str, path: &str, retracted: Option<Uuid>) -> Error {
    match retracted {
        None => resources::not_found(resource, key),
        Some(_) => Error::Gone {
            resource: resource.as_str(),
            key: key.to_owned(),
            path: path.to_owned(),
        },
    }
}

/// The retracted member or attendance that a restore brings back: none while another stands in its place.
pub fn restorable(resource: Resource, key: &str, stands: bool, retracted: Option<Uuid>) -> Result<Uuid> {
    match retracted {
        _ if stands => Err(Error::conflict(
            "not_retracted",
            format!("{resource}/{key} is not retracted; there is nothing to restore."),
        )),
        None => Err(resources::not_found(resource, key)),
        Some(id) => Ok(id),
    }
}

/// The whole and the participant of a member's or an attendance's path, retracted or not: for its history.
pub async fn ends(
    conn: &mut Conn,
    whole: Resource,
    (key, participant): &(String, String),
) -> Result<(Located, Located)> {
    let whole_found = resources::locate(conn, whole, key)
        .await?
        .ok_or_else(|| resources::not_found(whole, key))?;
    let mut found = resources::locate(conn, Resource::Participants, participant).await?;
    if let Some(successor) = found.as_ref().and_then(|it| it.merged_into.clone()) {
        found = resources::locate(conn, Resource::Participants, &successor).await?;
    }
    let found = found.ok_or_else(|| resources::not_found(Resource::Participants, participant))?;
    Ok((whole_found, found))
}

//! Routes of scales: a scale is set whole at the path that names it, and never retracted.

use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{Draft, Scale, THIS, sql};
use crate::{
    auth::{self, Editor},
    error::Result,
    history::{self, ChangeFilter, Record, Register},
    records, resources,
    web::{self, Body, Operation, RecordRequest, RequestOptions, Routes, Shown},
};

pub fn routes() -> Routes<Register> {
    let key = "/v1/scales/{key}";
    Routes::about("scales")
        .get(
            "/v1/scales",
            records::list::<sql::ScaleFilter>,
            Operation::list::<sql::ScaleFilter>(
                "list_scales",
                "Scales: the values that assessors give, and what each means.",
            ),
        )
        .get(key, read, Operation::read::<Scale>("read_scale", "One scale."))
        .put(
            key,
            put,
            Operation::put::<Scale>("put_scale", "Sets a scale with all its values.", Draft::input()),
        )
        .get(
            "/v1/scales/{key}/history",
            |state, path, listing| history::http::history(THIS, state, path, listing),
            Operation::list::<ChangeFilter>("list_scale_history", "Every change of a scale."),
        )
}

async fn read(
    State(register): State<Register>,
    Path(key): Path<String>,
    single: RecordRequest<Scale>,
) -> Result<Response> {
    let mut conn = register.snapshot().await?;
    let located = resources::live(&mut conn, THIS, &key).await?;
    let found = sql::find(&mut conn, located.id).await?;
    let scale = found.ok_or_else(|| resources::not_found(THIS, &key))?;
    let view = scale.summary(single.asked.viewpoint());
    single.answer(&mut conn, &scale, scale.version, &view).await
}

async fn put(
    State(register): State<Register>,
    Editor { author, .. }: Editor<Scale>,
    Path(key): Path<String>,
    asked: RequestOptions,
    Body(body): Body,
) -> Result<Response> {
    let writable = Draft::input().members();
    let (said, only_read) = web::put_back::<Scale>(body, &writable);
    let draft = Draft::parse(&said)?;
    let mut write = register.write(&author).await?;
    write.permit(&author, THIS)?;
    let found = resources::locate(&mut write.conn, THIS, &key).await?;
    asked.must_match(found.as_ref().map(|it| it.version))?;
    if let Some(found) = &found
        && let Some(before) = sql::find(&mut write.conn, found.id).await?
    {
        web::must_be_as_read(&mut write.conn, &only_read, &writable, &before, false).await?;
    }
    let scale = super::put(&mut write, &key, found.as_ref(), draft).await?;
    if found.is_none() {
        web::must_be_as_read(&mut write.conn, &only_read, &writable, &scale, true).await?;
    }
    let view = scale.summary(asked.viewpoint());
    let answer = match found {
        Some(_) => web::item(&asked, scale.version, &view)?,
        None => web::created(
            &asked,
            &format!("/v1/scales/{}", scale.key()),
            scale.version,
            &view,
        )?,
    };
    auth::commit_with(write, answer).await
}

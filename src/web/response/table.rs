//! Totals as a table: a row a group, in whichever format.

use axum::response::Response;
use serde::Serialize;
use serde_json::Value;

use super::{End, Layout, Provenance, attachment::attachment, begun};
use crate::{
    error::Result,
    web::{
        RequestOptions,
        response::answer::{etag, fresh, headers, link},
    },
};

/// An answer that is small enough to be made at once, and has rows.
pub struct Table<'a, T> {
    pub columns: Vec<String>,
    /// Where a row is a line.
    pub lines: Vec<Value>,
    /// Where a row is an object.
    pub rows: &'a [T],
    /// For the file's name.
    pub provenance: &'a Provenance,
    pub next: Option<&'a str>,
}

impl<T: Serialize> Table<'_, T> {
    pub fn answer(&self, asked: &RequestOptions) -> Result<Response> {
        let mut writer = begun(asked, self.columns.clone())?;
        match asked.format.layout() {
            Layout::Line => self.lines.iter().try_for_each(|line| writer.row(line))?,
            Layout::Object => self.rows.iter().try_for_each(|row| writer.row(row))?,
        }
        let Provenance { method, as_of, .. } = self.provenance;
        let bytes = writer.finish(End::default())?;
        // Counted otherwise it is another answer, also where its lines happen to be the same.
        let etag = etag(None, &[method.as_bytes(), &bytes].concat());
        let mut headers = headers(asked, &etag)?;
        headers.extend(attachment(asked, Some(method), *as_of));
        headers.extend(link(asked, self.next)?);
        Ok(fresh(asked, headers, bytes, &etag))
    }
}

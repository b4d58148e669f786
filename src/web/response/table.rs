//! An answer of rows as a table, in whichever format.

use axum::response::Response;
use serde::Serialize;
use serde_json::Value;

use super::{End, Layout, attachment::attachment, begun};
use crate::{
    error::Result,
    values::Timestamp,
    web::{
        RequestOptions,
        response::answer::{etag, fresh, headers, link},
    },
};

/// An answer that is small enough to be made at once, and has rows.
pub struct Table<'a, T> {
    pub columns: Vec<String>,
    /// Where a row is a line: each is made when it is written, as all of them may be many times the answer.
    pub lines: Box<dyn Iterator<Item = Value> + 'a>,
    /// Where a row is an object.
    pub rows: &'a [T],
    /// How it was counted, where it is of figures, and as of when: for the file's name.
    pub method: Option<&'a str>,
    pub as_of: Timestamp,
    pub next: Option<&'a str>,
}

impl<T: Serialize> Table<'_, T> {
    pub fn answer(mut self, asked: &RequestOptions) -> Result<Response> {
        let mut writer = begun(asked, self.columns)?;
        match asked.format.layout() {
            Layout::Line => self.lines.try_for_each(|line| writer.row(&line))?,
            Layout::Object => self.rows.iter().try_for_each(|row| writer.row(row))?,
        }
        let bytes = writer.finish(End::default())?;
        // Counted otherwise it is another answer, also where its lines happen to be the same.
        let method = self.method.unwrap_or_default();
        let etag = etag(None, &[method.as_bytes(), &bytes].concat());
        let mut headers = headers(asked, &etag)?;
        headers.extend(attachment(asked, self.method, self.as_of));
        headers.extend(link(asked, self.next)?);
        Ok(fresh(asked, headers, bytes, &etag))
    }
}

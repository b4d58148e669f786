//! Items on their way out, as JSON, CSV or NDJSON: written one by one, so that whoever writes them sees
//! when there is enough.

use serde::Serialize;

use super::{
    Asked, Format,
    csv::{BYTE_ORDER_MARK, Lines},
};
use crate::error::{Error, Result};

pub(super) enum Items<'a> {
    /// The beginning of a page.
    Json(Vec<u8>),
    Ndjson(Vec<u8>),
    Csv(Box<Lines>, &'a [String]),
}

const JSON: &[u8] = b"{\"items\":[";

impl<'a> Items<'a> {
    /// In the form that is asked for; `first`, where an answer begins with them.
    pub fn new(asked: &Asked, columns: &'a [String], first: bool) -> Result<Self> {
        Ok(match asked.format {
            Format::Json => Self::Json(JSON.to_vec()),
            Format::Ndjson => Self::Ndjson(Vec::new()),
            Format::Csv => {
                let mut lines = Lines::default();
                if first && asked.bom {
                    lines = Lines::after(BYTE_ORDER_MARK);
                }
                if first {
                    lines.header(columns)?;
                }
                Self::Csv(Box::new(lines), columns)
            }
        })
    }

    pub fn add<T: Serialize>(&mut self, item: &T) -> Result<()> {
        match self {
            Self::Json(bytes) => {
                if bytes.len() > JSON.len() {
                    bytes.push(b',');
                }
                serde_json::to_writer(bytes, item).map_err(Error::internal)
            }
            Self::Ndjson(bytes) => {
                serde_json::to_writer(&mut *bytes, item).map_err(Error::internal)?;
                bytes.push(b'\n');
                Ok(())
            }
            Self::Csv(lines, columns) => {
                let item = serde_json::to_value(item).map_err(Error::internal)?;
                lines.object(columns, &item)
            }
        }
    }

    /// How many bytes there are, but for the last few thousand of a CSV.
    pub fn len(&self) -> usize {
        match self {
            Self::Json(bytes) | Self::Ndjson(bytes) => bytes.len(),
            Self::Csv(lines, _) => lines.len(),
        }
    }

    /// The lines; of JSON, the page with what follows its items.
    pub fn finish(self, next: Option<&str>, count: Option<i64>) -> Result<Vec<u8>> {
        let mut bytes = match self {
            Self::Json(mut bytes) => {
                bytes.extend_from_slice(b"],\"next\":");
                serde_json::to_writer(&mut bytes, &next).map_err(Error::internal)?;
                if let Some(count) = count {
                    bytes.extend_from_slice(format!(",\"count\":{count}").as_bytes());
                }
                bytes.push(b'}');
                bytes
            }
            Self::Ndjson(bytes) => bytes,
            Self::Csv(lines, _) => lines.into_bytes()?,
        };
        // They are held as long as a client takes to read them: not the room beside them as well.
        bytes.shrink_to_fit();
        Ok(bytes)
    }
}

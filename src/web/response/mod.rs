//! What answers are written in. A format is a value, its [`Spec`], and has a writer: one file for each.
//!
//! Pages, whole lists and tables of totals are written by the same [`RowWriter`]s, row by row, so that whoever
//! writes sees when there is enough. What sets a format apart is asked of [`Format`] (its [`Extent`], its [`Layout`]),
//! and not which one it is: a new one is a word there and a file here, and the compiler names what is missing.

pub(super) mod answer;
mod attachment;
mod csv;
mod depends;
pub(super) mod export;
mod format;
mod json;
mod ndjson;
pub(super) mod pretty;
pub mod problem;
mod provenance;
mod shape;
mod table;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;

pub use answer::{created, file, hash, item, no_content, page, paged, prepared, private};
pub use csv::undefused;
pub use depends::Depends;
pub use format::Format;
pub use provenance::{Provenance, ProvenanceHeaders};
pub use shape::{Alone, AlsoListed, EXPANDED, Expand, Expanding, HandedIn, Shape, Shown, Shows};
pub use table::Table;

use crate::{
    error::{Error, Result},
    web::{RequestOptions, contract},
};

/// Everything that sets a format apart.
struct Spec {
    media_type: &'static str,
    extent: Extent,
    layout: Layout,
    /// Whether it may begin with a byte order mark.
    takes_bom: bool,
    /// What the contract says of such an answer, where its type does not say it.
    described: Option<&'static str>,
    writer: fn() -> Box<dyn RowWriter>,
}

/// How much of a list is in one answer, where nobody says how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A page, which can say what follows it and how many match in all.
    Page,
    /// Everything that matches, and nothing else.
    Whole,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// An object, with whatever stands in it.
    Object,
    /// A line of cells, each under the name of its column.
    Line,
}

/// Writes rows in a format.
pub(in crate::web) trait RowWriter: Send {
    /// What stands before the rows.
    fn header(&mut self, header: Header) -> Result<()>;

    fn row(&mut self, row: &dyn AsRow) -> Result<()>;

    /// How many bytes there are, but for the last few thousand that it may still hold.
    fn len(&self) -> usize;

    /// The bytes so far, to be sent before others are written.
    fn part(&mut self) -> Result<Vec<u8>>;

    /// The bytes that are left, with what stands after the rows.
    fn finish(self: Box<Self>, end: End<'_>) -> Result<Vec<u8>>;
}

/// What a format may say before its rows.
#[derive(Default)]
pub(in crate::web) struct Header {
    /// Of lines; objects name their members.
    pub(in crate::web) columns: Vec<String>,
    pub(in crate::web) bom: bool,
}

/// What a format may say after its rows.
#[derive(Default)]
pub(in crate::web) struct End<'a> {
    /// The cursor of the next page.
    pub(in crate::web) next: Option<&'a str>,
    /// How many match in all.
    pub(in crate::web) count: Option<i64>,
    /// The day that its items depend on.
    pub(in crate::web) as_of: Option<NaiveDate>,
    /// What is said of all that match.
    pub(in crate::web) facets: Option<Value>,
}

/// A row as a format takes it.
pub(in crate::web) trait AsRow {
    /// As JSON, behind what is there.
    fn write_json(&self, into: &mut Vec<u8>) -> Result<()>;

    /// Its members, to look cells up in.
    fn to_value(&self) -> Result<Value>;
}

impl<T: Serialize> AsRow for T {
    fn write_json(&self, into: &mut Vec<u8>) -> Result<()> {
        serde_json::to_writer(into, self).map_err(Error::internal)
    }

    fn to_value(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(Error::internal)
    }
}

/// A writer for the answer that is asked for, what stands before the rows being written.
pub(in crate::web) fn begun(asked: &RequestOptions, columns: Vec<String>) -> Result<Box<dyn RowWriter>> {
    let mut writer = asked.format.writer();
    let bom = asked.bom;
    writer.header(Header { columns, bom })?;
    Ok(writer)
}

/// The columns of a list of these views, or those of `fields` in the order in which they were asked for.
pub(in crate::web) fn columns<R: Shown>(fields: &[String]) -> Vec<String> {
    if !fields.is_empty() {
        return fields.to_vec();
    }
    let mut columns: Vec<String> = Vec::new();
    for name in contract::listed::<R>() {
        let key = name
            .strip_suffix("_name")
            .or_else(|| name.strip_suffix("_title"))
            .and_then(|key| columns.iter().position(|column| column == key));
        match key {
            Some(at) => columns.insert(at + 1, name),
            None => columns.push(name),
        }
    }
    columns
}

/// Bytes to be sent. They are held as long as a client takes to read them: not the room beside them as well.
fn shrunk(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.shrink_to_fit();
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn begun(format: Format) -> Box<dyn RowWriter> {
        let mut writer = format.writer();
        let columns = vec!["a".into(), "b".into()];
        writer.header(Header { columns, bom: true }).unwrap();
        writer
    }

    fn end() -> End<'static> {
        End {
            next: Some("x"),
            count: Some(2),
            as_of: None,
            facets: None,
        }
    }

    #[test]
    fn every_format_writes_rows_between_its_header_and_its_end() {
        let written = |format| {
            let mut writer = begun(format);
            for row in [json!({"a": 1, "b": "é"}), json!({"b": null, "a": [2]})] {
                writer.row(&row).unwrap();
            }
            String::from_utf8(writer.finish(end()).unwrap()).unwrap()
        };
        assert_eq!(
            written(Format::Json),
            "{\"items\":[{\"a\":1,\"b\":\"é\"},{\"b\":null,\"a\":[2]}],\"next\":\"x\",\"count\":2}\n"
        );
        assert_eq!(
            written(Format::Ndjson),
            "{\"a\":1,\"b\":\"é\"}\n{\"b\":null,\"a\":[2]}\n"
        );
        assert_eq!(written(Format::Csv), "\u{feff}a,b\r\n1,é\r\n[2],\r\n");
    }

    #[test]
    fn what_is_sent_by_parts_is_what_is_sent_at_once() {
        for format in Format::ALL {
            let (mut whole, mut parts) = (begun(*format), begun(*format));
            let mut sent = parts.part().unwrap();
            for number in 0..3 {
                let row = json!({"a": number, "b": "two\nlines"});
                whole.row(&row).unwrap();
                parts.row(&row).unwrap();
                sent.extend(parts.part().unwrap());
                assert_eq!(parts.len(), 0, "{format}");
            }
            sent.extend(parts.finish(end()).unwrap());
            assert_eq!(sent, whole.finish(end()).unwrap(), "{format}");
        }
    }
}

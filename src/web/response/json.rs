//! JSON: an object with a page of items, and what follows them.

use super::{AsRow, End, Extent, Header, Layout, RowWriter, Spec, shrunk};
use crate::error::{Error, Result};

pub(super) const SPEC: Spec = Spec {
    media_type: "application/json",
    extent: Extent::Page,
    layout: Layout::Object,
    takes_bom: false,
    described: None,
    writer: || Box::new(Page::default()),
};

#[derive(Default)]
struct Page {
    bytes: Vec<u8>,
    has_items: bool,
}

impl RowWriter for Page {
    fn header(&mut self, _: Header) -> Result<()> {
        self.bytes.extend_from_slice(b"{\"items\":[");
        Ok(())
    }

    fn row(&mut self, row: &dyn AsRow) -> Result<()> {
        if self.has_items {
            self.bytes.push(b',');
        }
        self.has_items = true;
        row.write_json(&mut self.bytes)
    }

    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn part(&mut self) -> Result<Vec<u8>> {
        Ok(shrunk(std::mem::take(&mut self.bytes)))
    }

    fn finish(
        mut self: Box<Self>,
        End {
            next,
            count,
            as_of,
            facets,
        }: End<'_>,
    ) -> Result<Vec<u8>> {
        self.bytes.extend_from_slice(b"],\"next\":");
        serde_json::to_writer(&mut self.bytes, &next).map_err(Error::internal)?;
        if let Some(count) = count {
            self.bytes
                .extend_from_slice(format!(",\"count\":{count}").as_bytes());
        }
        if let Some(day) = as_of {
            self.bytes
                .extend_from_slice(format!(",\"as_of\":\"{day}\"").as_bytes());
        }
        if let Some(facets) = facets {
            self.bytes.extend_from_slice(b",\"facets\":");
            serde_json::to_writer(&mut self.bytes, &facets).map_err(Error::internal)?;
        }
        self.bytes.extend_from_slice(b"}\n");
        Ok(shrunk(self.bytes))
    }
}

//! NDJSON: an object a line.

use super::{AsRow, End, Extent, Header, Layout, RowWriter, Spec, shrunk};
use crate::error::Result;

pub(super) const SPEC: Spec = Spec {
    media_type: "application/x-ndjson",
    extent: Extent::Whole,
    layout: Layout::Object,
    takes_bom: false,
    described: Some("An object a line."),
    writer: || Box::new(Objects::default()),
};

#[derive(Default)]
struct Objects(Vec<u8>);

impl RowWriter for Objects {
    fn header(&mut self, _: Header) -> Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &dyn AsRow) -> Result<()> {
        row.write_json(&mut self.0)?;
        self.0.push(b'\n');
        Ok(())
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn part(&mut self) -> Result<Vec<u8>> {
        Ok(shrunk(std::mem::take(&mut self.0)))
    }

    fn finish(self: Box<Self>, _: End<'_>) -> Result<Vec<u8>> {
        Ok(shrunk(self.0))
    }
}

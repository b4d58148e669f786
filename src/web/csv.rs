//! CSV (RFC 4180): a header line, CRLF, cells quoted where they must be.
//!
//! The columns are the members of the view, each name beside its key. Texts,
//! lists and maps of languages stand as JSON where they are more than one
//! value. A cell that a spreadsheet would take for a formula gets an apostrophe
//! before it: what somebody wrote into a register must not run on a reader's desk.

use serde_json::Value;
use utoipa::ToSchema;

use super::schema;
use crate::error::{Error, Result};

/// Tells a spreadsheet that the file is UTF-8; without it Excel garbles Arabic.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The columns of a list of these views, or those of `fields` in the order in which they were asked for.
pub fn columns<T: ToSchema>(fields: &[String]) -> Vec<String> {
    if !fields.is_empty() {
        return fields.to_vec();
    }
    let mut columns: Vec<String> = Vec::new();
    for name in schema::listed::<T>() {
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

/// Lines of CSV.
pub struct Lines(csv::Writer<Vec<u8>>);

impl Default for Lines {
    fn default() -> Self {
        Self::after("")
    }
}

impl Lines {
    /// Lines that stand behind a text.
    pub fn after(text: &str) -> Self {
        Self(
            csv::WriterBuilder::new()
                .terminator(csv::Terminator::CRLF)
                .from_writer(text.as_bytes().to_vec()),
        )
    }

    /// How many bytes there are, but for those that the writer still holds.
    pub fn len(&self) -> usize {
        self.0.get_ref().len()
    }

    pub fn header(&mut self, columns: &[String]) -> Result<()> {
        self.0.write_record(columns).map_err(Error::internal)
    }

    /// The cells of an object, by its members' names.
    pub fn object(&mut self, columns: &[String], object: &Value) -> Result<()> {
        for column in columns {
            let cell = object.get(column).map(cell).unwrap_or_default();
            self.0.write_field(cell).map_err(Error::internal)?;
        }
        self.0.write_record(None::<&[u8]>).map_err(Error::internal)
    }

    pub fn into_bytes(self) -> Result<Vec<u8>> {
        self.0
            .into_inner()
            .map_err(|error| Error::internal(error.to_string()))
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => defused(text),
        Value::Array(items) if items.is_empty() => String::new(),
        Value::Object(members) if members.is_empty() => String::new(),
        // Numbers and booleans, and JSON, which begins with a bracket.
        other => other.to_string(),
    }
}

/// The text of a cell as it was before it was made safe for spreadsheets.
#[must_use]
pub fn undefused(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if defused(text) == cell => text,
        _ => cell,
    }
}

/// A text that no spreadsheet takes for a formula. Amounts stay numbers, also below zero.
fn defused(text: &str) -> String {
    let is_number = text
        .strip_prefix('-')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    // One that begins like a text that was defused gets an apostrophe too, so that each can be read back.
    let first = text.trim_start_matches([' ', '\u{a0}', '\'']).chars().next();
    let risky = matches!(
        first,
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    );
    if risky && !is_number {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_defused_where_they_would_run() {
        let columns: Vec<String> = ["a", "b", "c", "d", "e"].map(Into::into).into();
        let mut lines = Lines::default();
        lines.header(&columns).unwrap();
        lines
            .object(
                &columns,
                &json!({"a": "say \"so\", twice", "b": "two\nlines", "c": "=1+1", "d": "-12.50", "e": ["x", "ب"]}),
            )
            .unwrap();
        let text = String::from_utf8(lines.into_bytes().unwrap()).unwrap();
        assert_eq!(
            text,
            "a,b,c,d,e\r\n\"say \"\"so\"\", twice\",\"two\nlines\",'=1+1,-12.50,\"[\"\"x\"\",\"\"ب\"\"]\"\r\n"
        );
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for text in ["=1", "+1", "-a", "@SUM(A1)", "\t=1", " =1", "＝1"] {
            assert!(defused(text).starts_with('\''), "{text}");
        }
        for text in ["-3.00", "-3", "الكويت", "a=b", "", "'s-Gravenhage", "'"] {
            assert_eq!(defused(text), text);
        }
    }

    #[test]
    fn what_was_made_safe_can_be_read_back() {
        let texts = [
            "=1", "'=1", "''=1", " =1", "' @x", "-3.00", "'-3.00", "'", "''", "'a", "a", "",
        ];
        for text in texts {
            assert_eq!(undefused(&defused(text)), text, "{text:?}");
        }
    }
}

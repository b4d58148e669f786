//! CSV (RFC 4180): a header line, CRLF, cells quoted where they must be.
//!
//! The columns are the members of the view, each name beside its key. Texts,
//! lists and maps of languages stand as JSON where they are more than one
//! value. A cell that a spreadsheet would take for a formula gets an apostrophe
//! before it: what somebody wrote into a register must not run on a reader's desk.

use serde_json::Value;

use super::{AsRow, End, Extent, Header, Layout, RowWriter, Spec, shrunk};
use crate::error::{Error, Result};

pub(super) const SPEC: Spec = Spec {
    media_type: "text/csv; charset=utf-8",
    extent: Extent::Whole,
    layout: Layout::Line,
    takes_bom: true,
    described: Some("A header line, then a line each; RFC 4180, UTF-8."),
    writer: || Box::new(Lines::default()),
};

/// Tells a spreadsheet that the file is UTF-8; without it Excel garbles Arabic.
const BYTE_ORDER_MARK: &str = "\u{feff}";

struct Lines {
    lines: csv::Writer<Vec<u8>>,
    columns: Vec<String>,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            lines: lines_after(""),
            columns: Vec::new(),
        }
    }
}

/// Lines that stand behind a text.
fn lines_after(text: &str) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        // `quoted` does it.
        .quote_style(csv::QuoteStyle::Never)
        .from_writer(text.as_bytes().to_vec())
}

fn bytes(lines: csv::Writer<Vec<u8>>) -> Result<Vec<u8>> {
    lines
        .into_inner()
        .map(shrunk)
        .map_err(|error| Error::internal(error.to_string()))
}

impl RowWriter for Lines {
    fn header(&mut self, Header { columns, bom }: Header) -> Result<()> {
        if bom {
            self.lines = lines_after(BYTE_ORDER_MARK);
        }
        self.columns = columns;
        let names = self.columns.iter().map(|name| quoted(name.clone()));
        self.lines.write_record(names).map_err(Error::internal)
    }

    /// The cells of an object, by its members' names.
    fn row(&mut self, row: &dyn AsRow) -> Result<()> {
        let row = row.to_value()?;
        for column in &self.columns {
            let cell = row.get(column).map(cell).map(quoted).unwrap_or_default();
            self.lines.write_field(cell).map_err(Error::internal)?;
        }
        self.lines.write_record(None::<&[u8]>).map_err(Error::internal)
    }

    fn len(&self) -> usize {
        self.lines.get_ref().len()
    }

    fn part(&mut self) -> Result<Vec<u8>> {
        bytes(std::mem::replace(&mut self.lines, lines_after("")))
    }

    fn finish(self: Box<Self>, _: End<'_>) -> Result<Vec<u8>> {
        bytes(self.lines)
    }
}

/// Quoted also where a comma would not ask for it: a spreadsheet of half of Europe parts cells by semicolons, and some by tabs.
fn quoted(cell: String) -> String {
    if cell.contains([',', ';', '\t', '"', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
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

/// A text that no spreadsheet takes for a formula. Amounts stay numbers, also below zero; no amount begins with a plus, which a
/// spreadsheet would leave out, so that the text would be another.
fn defused(text: &str) -> String {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let is_number = text.strip_prefix('-').is_some_and(|rest| {
        let (whole, fraction) = rest.split_once('.').unwrap_or((rest, "0"));
        is_digits(whole) && is_digits(fraction)
    });
    let first = text.trim_start_matches(is_passed_over).chars().next();
    let begins_a_cell = text
        .trim_start_matches([' ', '\u{a0}', '\''])
        .starts_with(['\t', '\r', '\n']);
    let risky = begins_a_cell || matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'));
    if risky && !is_number {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// What may stand before a formula, as it shows nothing: spaces and marks of every kind. A text that begins like one that was
/// defused gets an apostrophe too, so that each can be read back.
fn is_passed_over(it: char) -> bool {
    it.is_whitespace()
        || it.is_control()
        || matches!(
            it,
            '\''
                | '\u{ad}'
                | '\u{61c}'
                | '\u{300}'..='\u{36f}'
                | '\u{600}'..='\u{605}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{115f}'..='\u{1160}'
                | '\u{13430}'..='\u{1345f}'
                | '\u{16fe4}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_defused_where_they_would_run() {
        let mut lines = Box::new(Lines::default());
        let columns = ["a", "b", "c", "d", "e"].map(Into::into).into();
        lines.header(Header { columns, bom: false }).unwrap();
        lines
            .row(&json!({"a": "say \"so\", twice", "b": "two\nlines", "c": "=1+1", "d": "-12.50", "e": ["x", "ب"]}))
            .unwrap();
        lines
            .row(&json!({"a": "one; two", "b": "one\ttwo", "c": "=1;2", "d": 1}))
            .unwrap();
        let text = String::from_utf8(lines.finish(End::default()).unwrap()).unwrap();
        assert_eq!(
            text,
            "a,b,c,d,e\r\n\"say \"\"so\"\", twice\",\"two\nlines\",'=1+1,-12.50,\"[\"\"x\"\",\"\"ب\"\"]\"\r\n\
             \"one; two\",\"one\ttwo\",\"'=1;2\",1,\r\n"
        );
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for text in [
            "=1",
            "+1",
            "+1+cmd|' /C calc'!A0",
            "-1+cmd|' /C calc'!A0",
            "-1-1",
            "-1.2.3",
            "-.",
            "-1.",
            "--1",
            "-1 ",
            "-a",
            "@SUM(A1)",
            "\t=1",
            " =1",
            "＝1",
            "\u{2003}=1",
            "\u{3000}@a",
            "\u{301}=1",
            "\u{605}=1",
            "\u{13430}=1",
            "\u{fff0}+1",
            "\u{200f}-a",
            "\u{feff}=1",
            "\u{200b}\u{a0}+1",
            "\u{0}=1",
            "\ta",
            "\u{2028}=1",
            "\u{ad}=1",
            "\u{e0020}=1",
        ] {
            assert!(defused(text).starts_with('\''), "{text}");
        }
        for text in [
            "-3.00",
            "-3",
            "الكويت",
            "\u{200f}الكويت",
            "a=b",
            "",
            "'s-Gravenhage",
            "'",
            " a",
        ] {
            assert_eq!(defused(text), text);
        }
    }

    #[test]
    fn what_was_made_safe_can_be_read_back() {
        let texts = [
            "=1",
            "'=1",
            "''=1",
            " =1",
            "' @x",
            "-3.00",
            "'-3.00",
            "'",
            "''",
            "'a",
            "a",
            "",
            "\u{200f}=1",
            "'\u{feff}@",
            "\ta",
            "'\ta",
        ];
        for text in texts {
            assert_eq!(undefused(&defused(text)), text, "{text:?}");
        }
    }
}

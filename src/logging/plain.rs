//! A line of the log as text, where no terminal colours it.
//!
//! It is the library's own line, but that what a terminal would act upon is escaped in every field, not in the message alone. The
//! library asks of every field how it is to be coloured, also where nothing is: a request's line was two fifths of the instructions
//! of a request whose answer is at hand.

use std::{
    cell::RefCell,
    fmt::{self, Write as _},
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, format::Writer},
    registry::{LookupSpan, Scope},
};

use crate::values::{Clock, Timestamp};

pub(super) struct Plain;

/// Writes a moment in UTC, to the microsecond. The second that a thread wrote last is written once.
fn write_moment(line: &mut String, at: Timestamp) {
    thread_local! {
        static SECOND: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
    }
    SECOND.with_borrow_mut(|(second, text)| {
        if *second != at.timestamp() {
            *second = at.timestamp();
            *text = at.format("%Y-%m-%dT%H:%M:%S").to_string();
        }
        line.push_str(text);
    });
    line.push('.');
    push_padded(line, 6, at.timestamp_subsec_micros());
    line.push('Z');
}

/// Writes a number with so many digits, the first ones zeros.
fn push_padded(line: &mut String, digits: usize, number: u32) {
    let mut text = itoa::Buffer::new();
    let text = text.format(number);
    for _ in text.len()..digits {
        line.push('0');
    }
    line.push_str(text);
}

/// Writes a number as its `Debug` does. One of thousandths, as times are, needs no search for its shortest text.
fn push_float(line: &mut String, number: f64) -> fmt::Result {
    let thousandths = (number * 1e3).round();
    let is_of_thousandths = number.is_sign_positive() && (thousandths / 1e3).to_bits() == number.to_bits();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a whole number below that"
    )]
    let thousandths = (is_of_thousandths && thousandths < f64::from(u32::MAX)).then_some(thousandths as u32);
    let Some(thousandths) = thousandths else {
        return write!(line, "{number:?}");
    };
    line.push_str(itoa::Buffer::new().format(thousandths / 1000));
    line.push('.');
    let begun = line.len();
    push_padded(line, 3, thousandths % 1000);
    let length = line[begun..].trim_end_matches('0').len().max(1);
    line.truncate(begun + length);
    Ok(())
}

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut into: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let about = event.metadata();
        let mut line = String::with_capacity(512);
        write_moment(&mut line, Clock::SYSTEM.now());
        line.push_str(match *about.level() {
            Level::ERROR => " ERROR ",
            Level::WARN => "  WARN ",
            Level::INFO => "  INFO ",
            Level::DEBUG => " DEBUG ",
            Level::TRACE => " TRACE ",
        });
        let spans = context.event_scope().into_iter().flat_map(Scope::from_root);
        let before = line.len();
        for span in spans {
            line.push_str(span.name());
            let extensions = span.extensions();
            if let Some(fields) = extensions.get::<FormattedFields<N>>().filter(|it| !it.is_empty()) {
                write!(line, "{{{fields}}}")?;
            }
            line.push(':');
        }
        if line.len() > before {
            line.push(' ');
        }
        line.push_str(about.target());
        line.push_str(": ");
        let mut fields = Fields {
            line,
            is_first: true,
            outcome: Ok(()),
        };
        event.record(&mut fields);
        fields.outcome?;
        fields.line.push('\n');
        into.write_str(&fields.line)
    }
}

/// Fields behind one another: the message as it is, of any other its name too.
struct Fields {
    line: String,
    is_first: bool,
    outcome: fmt::Result,
}

impl Fields {
    fn begin(&mut self, field: &Field) {
        if !std::mem::take(&mut self.is_first) {
            self.line.push(' ');
        }
        if field.name() != "message" {
            self.line.push_str(field.name());
            self.line.push('=');
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        // What a quote would be escaped in, is for whoever knows how.
        // Counted to the end, so that many bytes are looked at in one step.
        let is_plain = |it: &u8| matches!(it, b' '..=b'!' | b'#'..=b'[' | b']'..=b'~');
        let is_plain = value.bytes().filter(|it| !is_plain(it)).count() == 0;
        let is_message = field.name() == "message";
        if !is_plain && is_message {
            return self.record_debug(field, &format_args!("{value}"));
        } else if !is_plain {
            return self.record_debug(field, &value);
        }
        self.begin(field);
        if is_message {
            return self.line.push_str(value);
        }
        self.line.push('"');
        self.line.push_str(value);
        self.line.push('"');
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.begin(field);
        self.line.push_str(itoa::Buffer::new().format(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.begin(field);
        let written = push_float(&mut self.line, value);
        self.outcome = self.outcome.and(written);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.begin(field);
        let written = write!(Escaping(&mut self.line), "{value:?}");
        self.outcome = self.outcome.and(written);
    }
}

/// Writes what a terminal would act upon as text: a line may repeat what a stranger sent.
struct Escaping<'a>(&'a mut String);

impl fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let acts = |it: char| {
            matches!(
                it,
                '\x07' | '\x08' | '\x0c' | '\x1b' | '\x7f' | '\u{80}'..='\u{9f}'
            )
        };
        if text.bytes().all(|it| matches!(it, b' '..=b'~' | b'\n')) {
            self.0.push_str(text);
            return Ok(());
        }
        for it in text.chars() {
            match it {
                _ if !acts(it) => self.0.push(it),
                '\0'..='\x7f' => write!(self.0, "\\x{:02x}", u32::from(it))?,
                _ => write!(self.0, "\\u{{{:x}}}", u32::from(it))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Page {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    fn log() {
        let outer = tracing::info_span!("request", id = "a-1", empty = tracing::field::Empty);
        let _outer = outer.enter();
        let _inner = tracing::info_span!("within").entered();
        let name = "Data \"desk\"".to_owned();
        let none: Option<&str> = None;
        tracing::info!(id = "x", method = %"GET", path = "/v1/\u{1b}[31mred", route = none, status = Some(200_u16), ms = 0.5, name, "answered");
        tracing::warn!("what a stranger sent: \u{1b}[2J \u{9b} \n سورية");
        tracing::error!(error = ?io::Error::other("no"), count = 3_u64, less = -1_i64, is = true);
        tracing::error!(error = %"a stranger's", empty = "", "two {}", "words");
    }

    #[test]
    fn a_moment_has_its_microseconds() {
        let mut line = String::new();
        for text in [
            "2026-11-27T15:00:00.000007Z",
            "2026-11-27T15:00:00.5Z",
            "2026-11-27T15:00:01Z",
        ] {
            write_moment(&mut line, text.parse().unwrap());
        }
        let expected = "2026-11-27T15:00:00.000007Z2026-11-27T15:00:00.500000Z2026-11-27T15:00:01.000000Z";
        assert_eq!(line, expected);
    }

    #[test]
    fn a_number_is_written_as_its_debug_does() {
        let numbers = [
            0.0,
            0.001,
            0.1,
            0.25,
            1.0,
            12.5,
            100.0,
            999.999,
            4_294_967.294,
            4_294_967.295,
            1e9,
        ];
        let odd = [
            0.0005,
            1.000_000_1,
            0.1 + 0.2,
            -1.5,
            -0.0,
            f64::NAN,
            f64::INFINITY,
            1e300,
        ];
        for number in numbers
            .into_iter()
            .chain(odd)
            .chain((0..20_000).map(|it| f64::from(it) / 1e3))
        {
            let mut text = String::new();
            push_float(&mut text, number).unwrap();
            assert_eq!(text, format!("{number:?}"));
        }
    }

    #[test]
    fn what_a_terminal_would_act_upon_is_escaped() {
        let mut line = String::new();
        writeln!(Escaping(&mut line), "a\u{8}b\u{7f} \u{9b}1m سورية").unwrap();
        assert_eq!(line, "a\\x08b\\x7f \\u{9b}1m سورية\n");
    }

    #[test]
    fn a_line_is_the_library_s_own() {
        let (own, theirs) = (Page::default(), Page::default());
        let lines = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::TRACE);
        let plain = lines.with_writer(own.clone()).event_format(Plain).finish();
        tracing::subscriber::with_default(plain, log);
        let lines = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(tracing::Level::TRACE);
        tracing::subscriber::with_default(lines.with_writer(theirs.clone()).finish(), log);
        let text = |page: &Page| String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        let without_time = |text: String| -> Vec<String> {
            let timed = |line: &str| match line.split_once("Z ") {
                Some((time, rest)) if time.len() == "2026-11-27T15:00:00.000000".len() => rest.to_owned(),
                _ => line.to_owned(),
            };
            text.lines().map(timed).collect()
        };
        assert_eq!(without_time(text(&own)), without_time(text(&theirs)));
        assert!(text(&own).starts_with("20"), "{}", text(&own));
    }
}

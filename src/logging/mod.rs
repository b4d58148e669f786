//! The log, on standard error: nothing about it fails a request or delays one.
//!
//! Whoever logs leaves a line in a queue and goes on; a thread of its own writes. Where standard error takes no
//! more (a full pipe, a stopped terminal), the queue fills, and what finds no room in it is dropped; so is what
//! cannot be written (a closed pipe, a full disk). What was dropped is counted, and the count is a line of the log
//! once there is room again.

mod plain;

use std::{
    borrow::Cow,
    io::{self, IsTerminal, Write},
    panic::{self, PanicHookInfo},
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::Duration,
};

use serde_json::json;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use plain::Plain;

/// How many lines wait at most: what a busy moment logs, and little of an hour in which nobody reads.
const MOST_LINES: usize = 4_096;

/// How much they take, and how much memory is kept for the next ones.
const MOST_BYTES: usize = 4 << 20;
const BYTES_KEPT: usize = 1 << 20;

/// How long a line may be, in bytes: a line may repeat what a stranger sent.
const LONGEST_LINE: usize = 16 * 1024;

/// How long the end of the program waits until what was logged is written.
const WRITTEN_WITHIN: Duration = Duration::from_secs(1);

/// How many lines are written at once at most: what one that fails takes with it.
const LINES_AT_ONCE: usize = 512;

/// For how long lines gather before they are written: to be woken for each costs whoever logs more than its line does.
const GATHERED_FOR: Duration = Duration::from_millis(5);

/// When a standard error that does not itself let its writer wait is asked again.
const PAUSE: Duration = Duration::from_millis(20);

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// A JSON object, for programs.
    Json,
}

/// The log of this process, once it has begun.
static LOG: OnceLock<Arc<Queue>> = OnceLock::new();

/// Begins to log what passes the filter, panics among it.
pub fn start(filter: EnvFilter, form: Form) -> io::Result<()> {
    let queue = Arc::new(Queue::new(form));
    let written = Arc::clone(&queue);
    thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || written.write_to(io::stderr()))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Writer(Arc::clone(&queue)))
        // It would report them by a print to standard error, which panics where that is closed.
        .log_internal_errors(false);
    match form {
        Form::Text if io::stderr().is_terminal() => log.try_init(),
        Form::Text => log.with_ansi(false).event_format(Plain).try_init(),
        Form::Json => log.json().try_init(),
    }
    .map_err(io::Error::other)?;
    // Nobody else has begun one, or the line above had failed.
    LOG.set(queue).ok();
    // The hook that comes with the language writes to standard error itself, and waits where that is full.
    panic::set_hook(Box::new(panicked));
    Ok(())
}

fn panicked(panic: &PanicHookInfo) {
    let message = panic.payload_as_str().unwrap_or("no message");
    let at = panic.location().map(ToString::to_string).unwrap_or_default();
    // Empty unless RUST_BACKTRACE asks for it.
    let backtrace = std::backtrace::Backtrace::capture();
    tracing::error!(at, %backtrace, "panic: {message}");
}

/// A line for whoever started the program, behind what was logged; where there is no log, at once.
pub fn say(line: &str) {
    let line = format!("{line}\n");
    match LOG.get() {
        Some(queue) => queue.push(line.as_bytes()),
        // Nobody is left to be told that it failed.
        None => io::stderr().write_all(line.as_bytes()).unwrap_or_default(),
    }
}

/// How many lines were dropped so far.
#[must_use]
pub fn dropped() -> u64 {
    LOG.get().map_or(0, |queue| queue.state().dropped_in_all)
}

/// Waits until what was logged is written, and not long where that cannot be.
pub fn finish() {
    if let Some(queue) = LOG.get() {
        queue.is_written(WRITTEN_WITHIN);
    }
}

/// Lines on their way to standard error.
struct Queue {
    form: Form,
    state: Mutex<State>,
    changed: Condvar,
}

/// Lines, one behind the other in one piece of memory: whoever logs asks for none.
#[derive(Default)]
struct Lines {
    text: Vec<u8>,
    /// Of each line, in bytes.
    lengths: Vec<usize>,
}

impl Lines {
    fn len(&self) -> usize {
        self.lengths.len()
    }

    fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    fn push(&mut self, line: &[u8]) {
        self.text.extend_from_slice(line);
        self.lengths.push(line.len());
    }

    /// Takes the first ones, at most so many of them; `into` is what was taken before, whose memory is used again.
    fn take(&mut self, most: usize, mut into: Self) -> Self {
        into.text.clear();
        into.text.shrink_to(BYTES_KEPT);
        into.lengths.clear();
        let taken = self.len().min(most);
        if taken == self.len() {
            std::mem::swap(self, &mut into);
        } else {
            into.lengths.extend(self.lengths.drain(..taken));
            let length: usize = into.lengths.iter().sum();
            into.text.extend(self.text.drain(..length));
        }
        into
    }
}

#[derive(Default)]
struct State {
    lines: Lines,
    /// Whether a line has left the queue and is not written yet.
    writing: bool,
    /// Whether who writes waits to be woken.
    asleep: bool,
    /// How many lines were dropped since that was last said.
    dropped: u64,
    dropped_in_all: u64,
}

impl State {
    fn drop_lines(&mut self, lines: u64) {
        self.dropped += lines;
        self.dropped_in_all += lines;
    }
}

impl Queue {
    fn new(form: Form) -> Self {
        Self {
            form,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Held for no longer than it takes to move a line: nobody writes, formats or waits with it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a line, or drops it where there is no room.
    fn push(&self, line: &[u8]) {
        let line = self.form.bounded(line);
        let mut state = self.state();
        if state.lines.len() < MOST_LINES && state.lines.text.len() < MOST_BYTES {
            state.lines.push(&line);
        } else {
            state.drop_lines(1);
        }
        let wakes = std::mem::take(&mut state.asleep);
        drop(state);
        if wakes {
            self.changed.notify_all();
        }
    }

    /// Writes what is logged, for as long as the process lives.
    fn write_to(&self, out: impl Write) {
        let mut pen = Pen { out, torn: false };
        // Lines that were written since the first that was dropped and not said.
        let mut unsaid_for = 0;
        let mut lines = Lines::default();
        loop {
            lines = self.next(lines);
            let written = pen.lines(&lines);
            let is_written = written == lines.len();
            let mut state = self.state();
            state.drop_lines((lines.len() - written) as u64);
            unsaid_for = if state.dropped > 0 {
                unsaid_for + lines.len()
            } else {
                0
            };
            // Behind what was logged before they were dropped; but not never, where there is always more to write.
            let is_time = state.lines.is_empty() || unsaid_for > 2 * MOST_LINES;
            let dropped = if is_written && is_time {
                unsaid_for = 0;
                std::mem::take(&mut state.dropped)
            } else {
                0
            };
            drop(state);
            let is_unsaid = dropped > 0 && {
                let mut line = Lines::default();
                line.push(&self.form.dropped(dropped));
                pen.lines(&line) == 0
            };
            let mut state = self.state();
            if is_unsaid {
                state.dropped += dropped;
            }
            state.writing = false;
            drop(state);
            self.changed.notify_all();
        }
    }

    /// The next lines, once there are any: as many as are written at once. Those that were written give their memory.
    fn next(&self, written: Lines) -> Lines {
        let mut state = self.state();
        loop {
            if !state.lines.is_empty() {
                state.writing = true;
                return state.lines.take(LINES_AT_ONCE, written);
            }
            state.asleep = true;
            let still = |state: &mut State| state.asleep;
            let woken = self.changed.wait_while(state, still);
            drop(woken.unwrap_or_else(PoisonError::into_inner));
            thread::sleep(GATHERED_FOR);
            state = self.state();
        }
    }

    /// Whether all that was taken is written, within so long.
    fn is_written(&self, within: Duration) -> bool {
        let unwritten = |state: &mut State| state.writing || !state.lines.is_empty();
        let waited = self
            .changed
            .wait_timeout_while(self.state(), within, unwritten)
            .unwrap_or_else(PoisonError::into_inner);
        !waited.1.timed_out()
    }
}

impl Form {
    /// A line, or of one that is too long its beginning.
    fn bounded(self, line: &[u8]) -> Cow<'_, [u8]> {
        if line.len() <= LONGEST_LINE {
            return line.into();
        }
        let text = String::from_utf8_lossy(line);
        let beginning = &text[..text.floor_char_boundary(LONGEST_LINE)];
        match self {
            Self::Text => format!("{beginning}… ({} bytes in all)\n", line.len())
                .into_bytes()
                .into(),
            Self::Json => entry(&json!({
                "message": "a line is too long for the log; this is its beginning",
                "bytes": line.len(),
                "beginning": beginning,
            }))
            .into(),
        }
    }

    /// The line that says how many were dropped.
    fn dropped(self, lines: u64) -> Vec<u8> {
        const MESSAGE: &str = "lines of the log were dropped: standard error did not take them";
        match self {
            Self::Text => {
                format!("{}  WARN {}: {MESSAGE} lines={lines}\n", moment(), module_path!()).into_bytes()
            }
            Self::Json => entry(&json!({ "message": MESSAGE, "lines": lines })),
        }
    }
}

/// A line of our own, as the log's other ones are made.
fn entry(fields: &serde_json::Value) -> Vec<u8> {
    let entry = json!({ "timestamp": moment(), "level": "WARN", "fields": fields, "target": module_path!() });
    format!("{entry}\n").into_bytes()
}

fn moment() -> String {
    crate::values::Clock::SYSTEM
        .now()
        .to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

/// Writes whole lines, or says that it could not.
struct Pen<W> {
    out: W,
    /// Whether a line was written in part only.
    torn: bool,
}

impl<W: Write> Pen<W> {
    /// How many of these were written whole: the others are lost.
    fn lines(&mut self, lines: &Lines) -> usize {
        // What is left of a torn line must not take the next one with it.
        if self.torn && self.written(b"\n") == 1 {
            self.torn = false;
        }
        if self.torn {
            return 0;
        }
        let mut written = self.written(&lines.text);
        let mut whole = 0;
        for line in &lines.lengths {
            if written < *line {
                break;
            }
            written -= line;
            whole += 1;
        }
        // What is left over is the beginning of a line.
        self.torn = written > 0;
        whole
    }

    /// How many of these bytes were written.
    fn written(&mut self, bytes: &[u8]) -> usize {
        let mut left = bytes;
        while !left.is_empty() {
            match self.out.write(left) {
                Ok(0) => break,
                Ok(written) => left = left.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(PAUSE),
                Err(_) => break,
            }
        }
        bytes.len() - left.len()
    }
}

/// Where events leave their lines. It never fails, and it never waits.
#[derive(Clone)]
struct Writer(Arc<Queue>);

impl Write for Writer {
    /// An event comes as one piece, its line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Writer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Far longer than anything here takes.
    const LONG: Duration = Duration::from_secs(30);

    /// What happens to one write after the other; what was written, as far as it was.
    struct Out {
        outcomes: mpsc::Receiver<io::Result<usize>>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Out {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // Waits until it is said what happens; when nobody says any more, all is well.
            let most = self.outcomes.recv().unwrap_or(Ok(usize::MAX))?;
            let taken = bytes.len().min(most);
            self.written.lock().unwrap().extend_from_slice(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Writing {
        queue: Arc<Queue>,
        outcomes: Option<mpsc::SyncSender<io::Result<usize>>>,
        written: Arc<Mutex<Vec<u8>>>,
    }

    impl Writing {
        fn start(form: Form) -> Self {
            let queue = Arc::new(Queue::new(form));
            // Without room for any: an outcome is handed over when there is a write.
            let (outcomes, told) = mpsc::sync_channel(0);
            let written = Arc::default();
            let out = Out {
                outcomes: told,
                written: Arc::clone(&written),
            };
            let writing = Arc::clone(&queue);
            thread::spawn(move || writing.write_to(out));
            Self {
                queue,
                outcomes: Some(outcomes),
                written,
            }
        }

        fn push(&self, lines: impl IntoIterator<Item = String>) {
            for line in lines {
                self.queue.push(format!("{line}\n").as_bytes());
            }
        }

        /// What happens to the next write; waits until there is one.
        fn next(&self, outcome: io::Result<usize>) {
            self.outcomes.as_ref().unwrap().send(outcome).unwrap();
        }

        /// From now on all is well; what was written in the end.
        fn all(mut self) -> Vec<String> {
            self.outcomes = None;
            assert!(self.queue.is_written(LONG));
            let written = self.written.lock().unwrap().clone();
            let text = String::from_utf8(written).unwrap();
            assert!(text.ends_with('\n'), "{text}");
            text.lines().map(str::to_owned).collect()
        }
    }

    fn numbered(count: usize) -> impl Iterator<Item = String> {
        (0..count).map(|number| number.to_string())
    }

    fn failure(kind: io::ErrorKind) -> io::Result<usize> {
        Err(kind.into())
    }

    #[test]
    fn what_finds_no_room_is_dropped_and_counted() {
        let writing = Writing::start(Form::Text);
        // The first line is on its way, and stays there, before the queue is full; these return although nobody reads.
        writing.push(numbered(1));
        while !writing.queue.state().writing {
            std::thread::yield_now();
        }
        writing.push(numbered(3 * MOST_LINES).skip(1));
        assert!(!writing.queue.is_written(Duration::ZERO));
        let lines = writing.all();
        let (last, kept) = lines.split_last().unwrap();
        let expected: Vec<_> = numbered(MOST_LINES + 1).collect();
        assert_eq!(kept, expected);
        let dropped = 3 * MOST_LINES - kept.len();
        assert!(
            last.ends_with(&format!("did not take them lines={dropped}")),
            "{last}"
        );
    }

    #[test]
    fn where_there_is_always_more_to_write_the_count_is_said_now_and_then() {
        let writing = Writing::start(Form::Text);
        writing.push(numbered(2 * MOST_LINES));
        for _ in 0..6 * MOST_LINES / LINES_AT_ONCE {
            // Of two, one finds the room of what was written.
            writing.push(numbered(2 * LINES_AT_ONCE));
            writing.next(Ok(usize::MAX));
        }
        let written = writing.written.lock().unwrap().clone();
        let said = String::from_utf8(written)
            .unwrap()
            .matches("did not take them")
            .count();
        assert!((1..=3).contains(&said), "{said} times");
    }

    #[test]
    fn what_cannot_be_written_is_counted_and_said_when_it_can() {
        let writing = Writing::start(Form::Json);
        for outcome in [
            failure(io::ErrorKind::BrokenPipe),
            failure(io::ErrorKind::StorageFull),
            failure(io::ErrorKind::Other),
            Ok(0),
        ] {
            writing.push(["lost".to_owned()]);
            writing.next(outcome);
        }
        writing.push(["4".to_owned()]);
        let lines = writing.all();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert_eq!(lines[0], "4");
        let said: serde_json::Value = serde_json::from_str(&lines[1]).unwrap();
        assert_eq!(
            (&said["level"], &said["fields"]["lines"]),
            (&"WARN".into(), &4.into()),
            "{said}"
        );
    }

    #[test]
    fn a_count_that_cannot_be_said_is_said_later() {
        let writing = Writing::start(Form::Text);
        writing.push(["lost".to_owned()]);
        writing.next(failure(io::ErrorKind::BrokenPipe));
        writing.push(["kept".to_owned()]);
        writing.next(Ok(usize::MAX));
        writing.next(failure(io::ErrorKind::BrokenPipe));
        writing.push(["kept as well".to_owned()]);
        let lines = writing.all();
        assert_eq!(lines[..2], ["kept", "kept as well"]);
        assert!(lines[2].ends_with(" lines=1"), "{lines:?}");
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn what_comes_in_parts_and_later_is_whole() {
        let writing = Writing::start(Form::Text);
        writing.push(["a whole line".to_owned()]);
        for outcome in [
            Ok(3),
            failure(io::ErrorKind::WouldBlock),
            failure(io::ErrorKind::Interrupted),
            Ok(2),
        ] {
            writing.next(outcome);
        }
        assert_eq!(writing.all(), ["a whole line"]);
    }

    #[test]
    fn a_torn_line_does_not_take_the_next_with_it() {
        let writing = Writing::start(Form::Text);
        writing.push(["torn apart".to_owned()]);
        writing.next(Ok(4));
        writing.next(failure(io::ErrorKind::StorageFull));
        writing.push(["whole".to_owned()]);
        let lines = writing.all();
        assert_eq!(lines[..2], ["torn", "whole"]);
        assert!(lines[2].ends_with(" lines=1"), "{lines:?}");
    }

    #[test]
    fn of_lines_that_are_written_at_once_the_whole_ones_are_kept() {
        let writing = Writing::start(Form::Text);
        writing.push(["first".to_owned()]);
        // While this one is on its way, the others gather.
        while !writing.queue.state().writing {
            std::thread::yield_now();
        }
        writing.push(numbered(10));
        writing.next(Ok(usize::MAX));
        writing.next(Ok("0\n1\n2".len()));
        writing.next(failure(io::ErrorKind::StorageFull));
        writing.push(["last".to_owned()]);
        let lines = writing.all();
        assert_eq!(lines[..5], ["first", "0", "1", "2", "last"]);
        assert!(lines[5].ends_with(" lines=8"), "{lines:?}");
    }

    #[test]
    fn of_a_line_that_is_too_long_the_beginning_is_kept() {
        let long = "ن".repeat(LONGEST_LINE);
        let text = String::from_utf8(Form::Text.bounded(long.as_bytes()).into_owned()).unwrap();
        assert!(text.len() < LONGEST_LINE + 50 && text.ends_with("… (32768 bytes in all)\n"));
        let line = json!({ "message": "\"".repeat(LONGEST_LINE) }).to_string();
        let json = Form::Json.bounded(line.as_bytes());
        assert!(json.len() < 3 * LONGEST_LINE && json.ends_with(b"}\n"));
        let said: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert!(
            said["fields"]["beginning"]
                .as_str()
                .unwrap()
                .starts_with("{\"message\":"),
            "{said}"
        );
        let short = "x".repeat(LONGEST_LINE);
        assert_eq!(&*Form::Json.bounded(short.as_bytes()), short.as_bytes());
    }
}

//! Imports go strictly down, no circles, and each room of a feature knows only what it may; every code of an
//! error has its page.
//!
//! Read from the sources themselves: comments and `#[cfg(test)]` items apart, every path that begins
//! with `crate`, `super`, `self` or, in the program, with the library's name.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// From the top down. A module may use those of later rows, none of its own row or an earlier one.
const ORDER: &[&[&str]] = &[
    &["main"],
    // Above all that could read a setting: main reads them, and hands them down.
    &["config"],
    &["metrics"],
    &["logging"],
    &["serve"],
    &["demo"],
    &["seed"],
    &["app"],
    &["pages"],
    &["gate"],
    &["cache"],
    &["health"],
    &["vocabularies"],
    &["totals"],
    &["matrix"],
    &["assessments"],
    &["pledges"],
    &["meetings"],
    &["coalitions"],
    &["participants"],
    &["citations"],
    &["articles"],
    &["scales"],
    &["rates"],
    &["records"],
    &["search"],
    &["auth"],
    &["history"],
    &["resources"],
    &["web"],
    &["problems"],
    &["upgrades"],
    &["db"],
    &["labels"],
    &["values"],
    &["error"],
];

/// Who may name an engine, or the driver of one.
const ENGINE_ROOM: &str = "db";

/// Beside the rooms named sql: what every list has in common.
const SQL_OF_ALL: &[&str] = &["web/listing.rs"];

/// One piece of code. Comments are none.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Word(String),
    Text(String),
    Mark(char),
}

#[derive(Debug, Clone)]
struct Token {
    piece: Piece,
    line: usize,
}

impl Token {
    fn is_word(&self, word: &str) -> bool {
        matches!(&self.piece, Piece::Word(it) if it == word)
    }

    fn is_mark(&self, mark: char) -> bool {
        self.piece == Piece::Mark(mark)
    }
}

/// A path in code, from the crate's root on.
#[derive(Debug, Clone, PartialEq)]
struct Reference {
    path: Vec<String>,
    line: usize,
}

/// A source file, without what only tests see.
struct Source {
    file: String,
    /// `["pledges", "sql"]` of `src/pledges/sql.rs`.
    module: Vec<String>,
    tokens: Vec<Token>,
}

impl Source {
    fn new(file: &str, text: &str) -> Self {
        let mut module: Vec<String> = file
            .trim_end_matches(".rs")
            .split('/')
            .map(str::to_owned)
            .collect();
        if module.last().is_some_and(|name| name == "mod" || name == "lib") {
            module.pop();
        }
        Self {
            file: file.to_owned(),
            module,
            tokens: without_tests(&tokens(text)),
        }
    }

    fn top(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }

    fn at(&self, line: usize) -> String {
        format!("src/{}:{line}", self.file)
    }

    /// Everything of this crate that it names.
    fn references(&self) -> Vec<Reference> {
        let in_program = self.top() == "main";
        let children = self.children();
        let mut found = Vec::new();
        for (at, token) in self.tokens.iter().enumerate() {
            let Piece::Word(word) = &token.piece else { continue };
            // The middle of a path is no beginning.
            if at > 1 && self.tokens[at - 1].is_mark(':') && self.tokens[at - 2].is_mark(':') {
                continue;
            }
            let base = match word.as_str() {
                "crate" => Vec::new(),
                "pledgebook" if in_program => Vec::new(),
                "self" => self.module.clone(),
                "super" => self.module[..self.module.len().saturating_sub(1)].to_vec(),
                // A module of its own may be named without `self`; `pub use` of what it has is a door, not a use.
                child if children.contains(&child) => {
                    let before = at.checked_sub(2).map(|at| &self.tokens[at..at + 2]);
                    if before.is_some_and(|it| {
                        it[1].is_word("use") && (it[0].is_word("pub") || it[0].is_mark(')'))
                    }) {
                        continue;
                    }
                    [self.module.clone(), vec![child.to_owned()]].concat()
                }
                _ => continue,
            };
            for path in paths_after(&self.tokens, at + 1) {
                let mut full = base.clone();
                for name in path {
                    match name.as_str() {
                        "super" => drop(full.pop()),
                        "self" | "*" => {}
                        _ => full.push(name),
                    }
                }
                found.push(Reference {
                    path: full,
                    line: token.line,
                });
            }
        }
        found
    }

    /// The modules that it declares.
    fn children(&self) -> Vec<&str> {
        let declared = self
            .tokens
            .windows(3)
            .filter_map(|three| match (&three[0].piece, &three[1].piece) {
                (Piece::Word(word), Piece::Word(name)) if word == "mod" && three[2].is_mark(';') => {
                    Some(name.as_str())
                }
                _ => None,
            });
        declared.collect()
    }

    fn words(&self) -> impl Iterator<Item = (&str, usize)> {
        self.tokens.iter().filter_map(|token| match &token.piece {
            Piece::Word(word) => Some((word.as_str(), token.line)),
            _ => None,
        })
    }

    fn texts(&self) -> impl Iterator<Item = (&str, usize)> {
        self.tokens.iter().filter_map(|token| match &token.piece {
            Piece::Text(text) => Some((text.as_str(), token.line)),
            _ => None,
        })
    }
}

/// The paths that go on with `::` at this token: one, or a tree's many. None where it does not.
fn paths_after(tokens: &[Token], at: usize) -> Vec<Vec<String>> {
    let goes_on =
        |at: usize| matches!(tokens.get(at..at + 2), Some([a, b]) if a.is_mark(':') && b.is_mark(':'));
    let mut found = Vec::new();
    if goes_on(at) {
        tree(tokens, at + 2, &mut Vec::new(), &mut found);
    }
    found
}

/// Reads one tree of a `use` (or a plain path); the token after it.
fn tree(tokens: &[Token], mut at: usize, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let depth = path.len();
    loop {
        match tokens.get(at).map(|token| &token.piece) {
            Some(Piece::Word(word)) => {
                path.push(word.clone());
                at += 1;
            }
            Some(Piece::Mark('*')) => {
                path.push("*".to_owned());
                at += 1;
            }
            Some(Piece::Mark('{')) => {
                at += 1;
                while tokens.get(at).is_some_and(|token| !token.is_mark('}')) {
                    at = tree(tokens, at, path, found);
                    // An alias, and the comma.
                    while tokens
                        .get(at)
                        .is_some_and(|token| !token.is_mark(',') && !token.is_mark('}'))
                    {
                        at += 1;
                    }
                    if tokens.get(at).is_some_and(|token| token.is_mark(',')) {
                        at += 1;
                    }
                }
                path.truncate(depth);
                return at + 1;
            }
            _ => {}
        }
        match tokens.get(at..at + 2) {
            Some([a, b]) if a.is_mark(':') && b.is_mark(':') => at += 2,
            _ => break,
        }
    }
    found.push(path.clone());
    path.truncate(depth);
    at
}

/// Rust's lexical grammar, as far as it tells code from comments and texts.
fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let is_word = |c: char| c == '_' || c.is_alphanumeric();
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < chars.len() {
        let start = at;
        let rest = &chars[at..];
        let piece = match rest {
            ['/', '/', ..] => {
                at += rest.iter().take_while(|c| **c != '\n').count();
                None
            }
            ['/', '*', ..] => {
                let mut depth = 0;
                loop {
                    match &chars[at..] {
                        [] => break,
                        ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
                        ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
                        _ => at += 1,
                    }
                    if depth == 0 {
                        break;
                    }
                }
                None
            }
            ['"', ..] => {
                at += 1;
                while at < chars.len() && chars[at] != '"' {
                    at += if chars[at] == '\\' { 2 } else { 1 };
                }
                at += 1;
                Some(Piece::Text(
                    chars[start + 1..(at - 1).min(chars.len())].iter().collect(),
                ))
            }
            // A lifetime, and no character: 'a without a closing quote.
            ['\'', first, next, ..] if is_word(*first) && *next != '\'' => {
                at += 1;
                None
            }
            ['\'', ..] => {
                at += 1;
                while at < chars.len() && chars[at] != '\'' {
                    at += if chars[at] == '\\' { 2 } else { 1 };
                }
                at += 1;
                None
            }
            [first, ..] if is_word(*first) => {
                at += rest.iter().take_while(|c| is_word(**c)).count();
                let word: String = chars[start..at].iter().collect();
                let hashes = chars[at..].iter().take_while(|c| **c == '#').count();
                if matches!(word.as_str(), "r" | "br" | "cr") && chars.get(at + hashes) == Some(&'"') {
                    // A raw text ends with as many hashes as it began with.
                    let body = at + hashes + 1;
                    let end = (body..chars.len())
                        .find(|end| {
                            chars[*end] == '"'
                                && chars[end + 1..].iter().take_while(|c| **c == '#').count() >= hashes
                        })
                        .unwrap_or(chars.len());
                    at = (end + 1 + hashes).min(chars.len());
                    Some(Piece::Text(chars[body..end].iter().collect()))
                } else {
                    Some(Piece::Word(word))
                }
            }
            [c, ..] => {
                at += 1;
                (!c.is_whitespace()).then_some(Piece::Mark(*c))
            }
            [] => None,
        };
        found.extend(piece.map(|piece| Token { piece, line }));
        line += chars[start..at.min(chars.len())]
            .iter()
            .filter(|c| **c == '\n')
            .count();
    }
    found
}

/// Without the items that `#[cfg(test)]` stands before.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let attribute: String =
            tokens[at..]
                .iter()
                .take(7)
                .fold(String::new(), |text, token| match &token.piece {
                    Piece::Word(word) => text + word,
                    Piece::Mark(mark) => format!("{text}{mark}"),
                    Piece::Text(_) => text + "\"",
                });
        if attribute != "#[cfg(test)]" {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        at += 7;
        let mut depth = 0;
        while at < tokens.len() {
            let token = &tokens[at];
            at += 1;
            match token.piece {
                Piece::Mark('{' | '[' | '(') => depth += 1,
                Piece::Mark(mark @ ('}' | ']' | ')')) => {
                    depth -= 1;
                    if depth == 0 && mark == '}' {
                        break;
                    }
                }
                Piece::Mark(';') if depth == 0 => break,
                _ => {}
            }
        }
    }
    kept
}

fn sources() -> Vec<Source> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    below(&root, &mut files);
    files.sort();
    files
        .iter()
        .map(|path| {
            let name = path
                .strip_prefix(&root)
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/");
            Source::new(&name, &fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// How far down a module stands.
fn depth(module: &str) -> Option<usize> {
    ORDER.iter().position(|row| row.contains(&module))
}

fn upward(source: &Source) -> Vec<String> {
    let from = source.top();
    let mut wrong = Vec::new();
    for it in source.references() {
        // What is not a module is an item of the root, such as a macro.
        let Some(to) = it.path.first().filter(|to| depth(to).is_some() && *to != from) else {
            continue;
        };
        if depth(from) >= depth(to) {
            wrong.push(format!(
                "{}: {from} uses {}, which does not stand below it",
                source.at(it.line),
                it.path.join("::")
            ));
        }
        if it.path.iter().skip(1).any(|room| room == "http") && from != "app" && to != "history" {
            wrong.push(format!("{}: {from} uses the routes of {to}", source.at(it.line)));
        }
    }
    wrong
}

fn engines(source: &Source) -> Vec<String> {
    if source.top() == ENGINE_ROOM {
        return Vec::new();
    }
    let named = source.words().filter(|(word, _)| {
        let lower = word.to_lowercase();
        ["sqlx", "sqlite", "postgres"].iter().any(|it| lower.contains(it)) || word.starts_with("Pg")
    });
    named
        .map(|(word, line)| format!("{}: {word} belongs to src/db", source.at(line)))
        .collect()
}

fn is_sql(text: &str) -> bool {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // SQL's words are written in one case; a sentence begins with a capital.
    [str::to_lowercase, str::to_uppercase].iter().any(|case| {
        let begins = |word: &str| text.starts_with(&case(word));
        let has = |word: &str| text.contains(&case(word));
        begins("select ")
            || (has("select ") && has(" from "))
            || has("insert into ")
            || has("delete from ")
            || (begins("update ") && has(" set "))
    })
}

/// The log's table is the log's own.
fn log_elsewhere(source: &Source) -> Vec<String> {
    if ["history", "upgrades"].contains(&source.top()) {
        return Vec::new();
    }
    let names_it = |text: &str| {
        ["from", "into", "join", "update"]
            .iter()
            .any(|word| text.contains(&format!("{word} changes")))
    };
    source
        .texts()
        .filter(|(text, _)| names_it(&text.split_whitespace().collect::<Vec<_>>().join(" ")))
        .map(|(text, line)| {
            format!(
                "{}: history alone knows the log's table: {text:?}",
                source.at(line)
            )
        })
        .collect()
}

fn sql_elsewhere(source: &Source) -> Vec<String> {
    // What a migration does in Rust is as frozen as its SQL, and names its tables itself.
    let is_room =
        ["db", "upgrades"].contains(&source.top()) || source.module.last().is_some_and(|room| room == "sql");
    if is_room || SQL_OF_ALL.contains(&source.file.as_str()) {
        return Vec::new();
    }
    source
        .texts()
        .filter(|(text, _)| is_sql(text))
        .map(|(text, line)| format!("{}: SQL stands in sql.rs: {text:?}", source.at(line)))
        .collect()
}

/// Who may hold a row's cells beside the rooms named sql: the log's door takes them as they are.
const CELLS: &[&str] = &["history/mod.rs"];

/// A column beside its value is SQL as well.
fn cells_elsewhere(source: &Source) -> Vec<String> {
    let is_room = source.top() == "db" || source.module.last().is_some_and(|room| room == "sql");
    if is_room || CELLS.contains(&source.file.as_str()) {
        return Vec::new();
    }
    let sets = source.tokens.windows(4).filter(|it| {
        it[0].is_mark('.')
            && it[1].is_word("set")
            && it[2].is_mark('(')
            && matches!(it[3].piece, Piece::Text(_))
    });
    let named = source
        .words()
        .filter(|(word, _)| *word == "Cells")
        .map(|(_, line)| line);
    sets.map(|it| it[0].line)
        .chain(named)
        .map(|line| format!("{}: columns are named in sql.rs", source.at(line)))
        .collect()
}

/// Who may speak HTTP, beside each feature's room for it.
const HTTP: &[&str] = &[
    "main", "metrics", "serve", "gate", "app", "pages", "cache", "health", "records", "auth", "web",
];

fn http_elsewhere(source: &Source) -> Vec<String> {
    if HTTP.contains(&source.top()) && source.module.last().is_none_or(|room| room != "sql")
        || source.module.last().is_some_and(|room| room == "http")
    {
        return Vec::new();
    }
    source
        .words()
        .filter(|(word, _)| ["axum", "hyper", "tower_http"].contains(word))
        .map(|(_, line)| format!("{}: HTTP stands in http.rs", source.at(line)))
        .collect()
}

/// The things themselves: what holds of each, without a connection.
const THINGS: &[&str] = &[
    "totals",
    "pledges",
    "meetings",
    "coalitions",
    "participants",
    "citations",
    "articles",
    "rates",
];

/// Rooms of things that are rules as well.
const RULES: &[&str] = &["figures", "relations", "plausible", "basis", "convert", "explain"];

fn connected_rules(source: &Source) -> Vec<String> {
    let is_mod = source.file.ends_with("mod.rs");
    let is_rules = source
        .module
        .last()
        .is_some_and(|room| RULES.contains(&room.as_str()));
    if !THINGS.contains(&source.top()) || !(is_mod || is_rules) {
        return Vec::new();
    }
    let connected = ["Conn", "Reader", "Db", "Sql", "Write"];
    source
        .words()
        .filter(|(word, _)| connected.contains(word))
        .map(|(word, line)| {
            format!(
                "{}: rules know no {word}; verbs stand in record.rs",
                source.at(line)
            )
        })
        .collect()
}

/// The rooms of a feature from the bottom up; whatever else it has stands between the first and the last.
const ROOMS: &[&str] = &["sql", "record", "http"];

/// A room uses none above it: what a thing is knows none of them. The log and the pages have verbs in their `mod.rs`.
fn out_of_order(source: &Source) -> Vec<String> {
    if !THINGS.contains(&source.top()) {
        return Vec::new();
    }
    let height = |path: &[String]| match path {
        [] => 0,
        rooms => rooms
            .iter()
            .take(2)
            .find_map(|room| ROOMS.iter().position(|it| it == room))
            .map_or(1, |at| at + 1),
    };
    let from = height(&source.module[1..]);
    let own = |it: &Reference| it.path.first().is_some_and(|top| top == source.top());
    let is_above = |it: &Reference| {
        let names_a_room = it
            .path
            .iter()
            .skip(1)
            .take(2)
            .any(|it| ROOMS.contains(&it.as_str()));
        names_a_room && height(&it.path[1..]) > from
    };
    source
        .references()
        .into_iter()
        .filter(|it| own(it) && is_above(it))
        .map(|it| format!("{}: {} stands above it", source.at(it.line), it.path.join("::")))
        .collect()
}

/// The rooms of all features, which know none of them. Those between them and the features (`resources`, `records`, `auth`)
/// know the records by name.
const OF_ALL: &[&str] = &["history", "web", "db", "values"];

/// What features are about, and what they alone say of it. Words that others use as well are none of these: JSON has
/// members, SQL has conflicts, patches are merged, spans instrument a future, and anybody adds up a total.
const FEATURE_WORDS: &[&str] = &[
    "participant",
    "meeting",
    "coalition",
    "membership",
    "pledge",
    "event",
    "article",
    "citation",
    "rate",
    "attendance",
    "announced",
    "attended",
    "adherent",
    "assessment",
    "assessor",
    "stance",
    "basis",
    "beneficiary",
    "cited",
    "converted",
    "country",
    "delegate",
    "excerpt",
    "headline",
    "outstanding",
    "paid",
    "pledged",
    "publisher",
    "qualifier",
    "restatement",
    "restates",
    "stage",
    "subject",
    "withdrawn",
];

/// What HTTP calls so, and what its limits are called: nothing of currencies.
const OF_HTTP: &[&str] = &["RateLimit", "rate_limited", "ratelimit"];

fn feature_words(source: &Source) -> Vec<String> {
    if !OF_ALL.contains(&source.top()) {
        return Vec::new();
    }
    let all = source.words().chain(source.texts());
    all.filter(|(text, _)| {
        let text = OF_HTTP
            .iter()
            .fold((*text).to_owned(), |text, word| text.replace(word, ""));
        words_of(&text).any(|word| {
            let word = word.to_lowercase();
            FEATURE_WORDS.contains(&word.as_str()) || FEATURE_WORDS.contains(&word.trim_end_matches('s'))
        })
    })
    .map(|(text, line)| format!("{}: {text:?} is a feature's word", source.at(line)))
    .collect()
}

/// `PledgeFilter` is two words, and so is `pledge_filter`.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| !it.is_ascii_alphabetic()).flat_map(|run| {
        let begins = |at: usize| {
            let bytes = run.as_bytes();
            at == 0 || (bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase())
        };
        let mut starts: Vec<usize> = (0..run.len()).filter(|&at| begins(at)).collect();
        starts.push(run.len());
        let words: Vec<&str> = starts.windows(2).map(|pair| &run[pair[0]..pair[1]]).collect();
        words
    })
}

/// The codes of errors: of faults (`add`, `one` and `fault` take them second, `add_with` first), of conflicts, in literals
/// (`code: "…"`), and in the table of statuses (a status, a code).
fn codes(source: &Source) -> (Vec<&str>, Vec<String>) {
    let (mut named, mut unnamed) = (Vec::new(), Vec::new());
    let tokens = &source.tokens;
    for (at, token) in tokens.iter().enumerate() {
        let Piece::Word(word) = &token.piece else { continue };
        if matches!(tokens.get(at + 1..at + 3), Some([colon, value]) if word == "code" && colon.is_mark(':') && matches!(value.piece, Piece::Text(_)))
        {
            named.extend(texts(&tokens[at + 2..at + 3]));
            continue;
        }
        let (least, place) = match word.as_str() {
            "add" | "one" | "fault" => (3, 1),
            "conflict" | "add_with" => (2, 0),
            _ => continue,
        };
        let called = tokens.get(at + 1).is_some_and(|next| next.is_mark('('));
        if !called || (at > 0 && tokens[at - 1].is_word("fn")) {
            continue;
        }
        let arguments = arguments(tokens, at + 1);
        if arguments.len() < least {
            continue;
        }
        let found = texts(arguments[place]);
        // What is handed on was named by whoever handed it in.
        let handed_on = arguments[place].last().is_some_and(|token| token.is_word("code"));
        if found.is_empty() && !handed_on {
            unnamed.push(format!("{}: name the code here", source.at(token.line)));
        }
        named.extend(found);
    }
    for row in tokens.windows(7) {
        if let [
            status,
            a,
            b,
            _,
            c,
            Token {
                piece: Piece::Text(code),
                ..
            },
            d,
        ] = row
            && status.is_word("S")
            && a.is_mark(':')
            && b.is_mark(':')
            && c.is_mark(',')
            && (d.is_mark(')') || d.is_mark(','))
        {
            named.push(code);
        }
    }
    (named, unnamed)
}

fn texts(tokens: &[Token]) -> Vec<&str> {
    let pieces = tokens.iter().map(|token| &token.piece);
    pieces
        .filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// The arguments of a call whose parenthesis opens at this token.
fn arguments(tokens: &[Token], at: usize) -> Vec<&[Token]> {
    let mut found = Vec::new();
    let (mut depth, mut begin) = (0, at + 1);
    for (here, token) in tokens.iter().enumerate().skip(at) {
        match token.piece {
            Piece::Mark('(' | '[' | '{') => depth += 1,
            Piece::Mark(')' | ']' | '}') => depth -= 1,
            Piece::Mark(',') if depth == 1 => {
                found.push(&tokens[begin..here]);
                begin = here + 1;
            }
            _ => {}
        }
        if depth == 0 {
            if begin < here {
                found.push(&tokens[begin..here]);
            }
            break;
        }
    }
    found
}

#[track_caller]
fn none(of: fn(&Source) -> Vec<String>) {
    let wrong: Vec<String> = sources().iter().flat_map(of).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn imports_go_strictly_down() {
    none(upward);
}

#[test]
fn engines_are_named_by_the_database_alone() {
    none(engines);
}

#[test]
fn sql_stands_in_the_rooms_for_it() {
    none(sql_elsewhere);
    none(cells_elsewhere);
    none(log_elsewhere);
}

#[test]
fn http_stands_in_the_rooms_for_it() {
    none(http_elsewhere);
}

/// The map in ARCHITECTURE.md has every module, from the top down.
#[test]
fn the_map_is_true() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let map = text.split("| module | is |").nth(1).unwrap();
    let mapped: Vec<&str> = map
        .lines()
        .skip(2)
        .map_while(|line| line.strip_prefix("| `")?.split('`').next())
        .map(|name| name.trim_end_matches(".rs").trim_end_matches('/'))
        .collect();
    let mut known: Vec<&str> = ORDER.iter().copied().flatten().copied().collect();
    for name in &mapped {
        assert!(known.contains(name), "{name} is no module");
        let below = mapped.iter().skip_while(|it| *it != name).skip(1);
        for lower in below {
            assert!(
                depth(name) <= depth(lower),
                "{lower} stands below {name} in the map, not in the program"
            );
        }
    }
    known.retain(|name| !mapped.contains(name));
    assert!(known.is_empty(), "the map lacks {known:?}");
}

#[test]
fn rules_know_no_connection() {
    none(connected_rules);
}

#[test]
fn the_rooms_of_a_feature_are_in_order() {
    none(out_of_order);
}

#[test]
fn the_rooms_of_all_features_name_none() {
    none(feature_words);
}

#[test]
fn every_code_has_its_page_and_every_page_its_code() {
    none(|source| codes(source).1);
    let sources = sources();
    let used: BTreeSet<&str> = sources.iter().flat_map(|source| codes(source).0).collect();
    let catalogue =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/problems/problems.json"));
    let catalogue: Vec<serde_json::Value> = serde_json::from_str(&catalogue.unwrap()).unwrap();
    let explained: BTreeSet<&str> = catalogue.iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert!(used.len() > 50, "{used:?}");
    let missing: Vec<_> = used.difference(&explained).collect();
    assert!(
        missing.is_empty(),
        "explain these in src/problems/problems.json: {missing:?}"
    );
    let unused: Vec<_> = explained.difference(&used).collect();
    assert!(unused.is_empty(), "no source uses these: {unused:?}");
}

#[test]
fn every_module_has_its_place() {
    let homeless: Vec<_> = sources()
        .into_iter()
        .filter(|source| source.top() != "lib" && depth(source.top()).is_none())
        .map(|source| source.file)
        .collect();
    assert!(
        homeless.is_empty(),
        "give these a place in the ORDER of tests/layers.rs: {homeless:?}"
    );
}

/// The library's table of contents goes from the bottom up.
#[test]
fn the_table_of_contents_is_in_order() {
    let sources = sources();
    let contents = sources.iter().find(|source| source.file == "lib.rs").unwrap();
    let listed: Vec<_> = contents
        .tokens
        .windows(3)
        .filter(|it| it[0].is_word("mod") && it[2].is_mark(';'))
        .filter_map(|it| match &it[1].piece {
            Piece::Word(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    assert!(!listed.is_empty());
    for pair in listed.windows(2) {
        assert!(
            depth(pair[0]) >= depth(pair[1]),
            "in src/lib.rs, {} stands above {}",
            pair[0],
            pair[1]
        );
    }
}

mod this_test {
    use super::*;

    /// The lines on which something is wrong.
    fn lines(of: fn(&Source) -> Vec<String>, file: &str, text: &str) -> Vec<usize> {
        of(&Source::new(file, text))
            .iter()
            .map(|wrong| wrong.split(':').nth(1).unwrap().parse().unwrap())
            .collect()
    }

    #[test]
    fn sees_through_braces_aliases_and_relative_paths() {
        let text = "use crate::{
                db::{self, Sql},
                pledges::{Pledge as P, sql},
            };
            use super::super::totals;
            fn f() { crate::meetings::g::<u8>(); $crate::seed::h(); self::x(); super::y() }
            pub(crate) struct S;";
        // The members of one tree share the line on which it begins.
        assert_eq!(lines(upward, "rates/sql.rs", text), [1, 1, 5, 6, 6]);
        assert_eq!(lines(upward, "app.rs", text), [6]);
        assert_eq!(
            lines(upward, "main.rs", "use pledgebook::{app, config, seed};"),
            [0; 0]
        );
        assert_eq!(lines(upward, "app.rs", "use crate::config::Settings;"), [1]);
    }

    #[test]
    fn sees_whose_routes_are_used() {
        let text = "use crate::articles::http::routes;\nuse crate::history::http;\nuse super::http;";
        assert_eq!(lines(upward, "pledges/http.rs", text), [1]);
        assert_eq!(lines(upward, "app.rs", text), [0; 0]);
    }

    #[test]
    fn overlooks_comments_texts_and_tests() {
        let text = "// use crate::app;
            /* crate::app /* Postgres */ crate::app */
            const A: &str = \"crate::app \\\" Sqlite\";
            const B: &str = r#\"crate::app \" Postgres\"#;
            const C: (char, char) = ('\"', '\\'');
            fn f<'a>(x: &'a str) {}
            #[cfg(test)]
            #[allow(unused)]
            mod tests { use crate::app; fn g() { crate::app::h(); } }
            #[cfg(test)]
            use crate::app;
            use crate::app;";
        assert_eq!(lines(upward, "rates/mod.rs", text), [12]);
        assert_eq!(lines(engines, "rates/mod.rs", text), [0; 0]);
    }

    #[test]
    fn sees_engines() {
        let text = "#[derive(sqlx::FromRow)]\nstruct Rate {\n#[sqlx(json)]\nid: Uuid }
            use sqlx::PgPool;\nfn f(engine: Postgres) {}\nconst LOG: &str = \"sqlx=warn\"; // sqlx";
        assert_eq!(lines(engines, "rates/sql.rs", text), [1, 3, 5, 5, 6]);
        assert_eq!(lines(engines, "values/mod.rs", text), [1, 3, 5, 5, 6]);
        assert_eq!(lines(engines, "db/mod.rs", text), [0; 0]);
    }

    #[test]
    fn sees_words_of_features_and_rooms_above() {
        let text = "struct PledgeFilter;\nlet a = \"/v1/meetings\";\nlet rated = separate(pledgebook); // events\nfn of_event() {}";
        assert_eq!(lines(feature_words, "web/layers.rs", text), [1, 4, 2]);
        assert_eq!(lines(feature_words, "resources/mod.rs", text), [0; 0]);
        let text = "use super::{http, record, sql};";
        assert_eq!(lines(out_of_order, "rates/sql.rs", text), [1, 1]);
        assert_eq!(lines(out_of_order, "rates/http.rs", text), [0; 0]);
        assert_eq!(lines(out_of_order, "rates/load.rs", text), [1, 1]);
        assert_eq!(lines(out_of_order, "rates/mod.rs", "use self::sql::F;"), [1]);
        let text =
            "mod sql;\npub use sql::find;\npub(super) use sql::all;\nuse sql::one;\nfn f() { sql::two() }";
        assert_eq!(lines(out_of_order, "rates/mod.rs", text), [4, 5]);
        assert_eq!(
            lines(connected_rules, "pledges/relations.rs", "use crate::db::Reader;"),
            [1]
        );
    }

    #[test]
    fn sees_codes() {
        let text = "fn f() {
            faults.add(format!(\"{at}, /x\"), \"one\", format!(\"{a}\", b));
            Faults::one(\"\", if x { \"two\" } else { \"three\" }, detail);
            query.fault(name, code, detail);
            Error::conflict(\"four\", \"There is a key, five.\");
            Error::Conflict { code: \"six\", detail, faults };
            match e { E::A(_) => (S::GONE, \"seven\", \"Title\"), E::B { code } => (S::CONFLICT, code, \"Title\") }
            sum.add(figure); query.one(\"lang\"); conn.one(sql)
        }
        fn add(a: A, code: &'static str, b: B) {}
        fn g() { match one { A => (b, c, d) } faults.add(at, OTHER, detail) }";
        let source = Source::new("rates/mod.rs", text);
        let (mut named, unnamed) = codes(&source);
        named.sort_unstable();
        assert_eq!(named, ["four", "one", "seven", "six", "three", "two"]);
        assert_eq!(unnamed, ["src/rates/mod.rs:11: name the code here"]);
    }

    #[test]
    fn sees_sql_and_http() {
        assert_eq!(
            lines(log_elsewhere, "web/listing.rs", "f(\"select 1 from\n changes\")"),
            [1]
        );
        assert_eq!(
            lines(log_elsewhere, "history/sql.rs", "f(\"select 1 from\n changes\")"),
            [0; 0]
        );
        for sql in [
            "select 1",
            "\n  insert into keys\n (id)",
            "UPDATE keys SET name = $1",
            "a union select b from c",
        ] {
            assert!(is_sql(sql), "{sql}");
        }
        for prose in [
            "Select one from the list.",
            "updated",
            "nothing to select",
            "update the app",
        ] {
            assert!(!is_sql(prose), "{prose}");
        }
        let text = "use crate::db::Cells;\nfn f() { once.set(bytes); cells.set(\"id\", 1) }";
        assert_eq!(lines(cells_elsewhere, "rates/record.rs", text), [2, 1]);
        assert_eq!(lines(cells_elsewhere, "history/mod.rs", text), [0; 0]);
        assert_eq!(lines(cells_elsewhere, "rates/sql.rs", text), [0; 0]);
        let text = "use axum::Router;\nconst Q: &str = \"select 1\";";
        assert_eq!(lines(http_elsewhere, "rates/mod.rs", text), [1]);
        assert_eq!(lines(http_elsewhere, "rates/sql.rs", text), [1]);
        assert_eq!(lines(http_elsewhere, "rates/http.rs", text), [0; 0]);
        let text_of_rules = "use crate::{\n    db::Conn,\n    values::Slug,\n};";
        assert_eq!(lines(connected_rules, "rates/mod.rs", text_of_rules), [2]);
        assert_eq!(lines(connected_rules, "rates/write.rs", text_of_rules), [0; 0]);
        assert_eq!(lines(sql_elsewhere, "rates/http.rs", text), [2]);
        assert_eq!(lines(sql_elsewhere, "rates/sql.rs", text), [0; 0]);
    }
}

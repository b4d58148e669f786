//! What the contract says of parameters, headers and failures: one sentence each, for all routes alike.

use serde_json::Value;

use super::vocabulary::{Header, KeyShape, PathKey, Vocabulary};

const HEADERS: &[Header] = &[
    Header::asked(
        "If-Match",
        None,
        "\"3.q0p8mHPqjVJx\"",
        "An entity tag of the version that the write is meant for; 412 where the record is at another. `*`: whichever it is.",
    ),
    Header::asked(
        "If-None-Match",
        None,
        "\"3.q0p8mHPqjVJx\"",
        "On a read: 304 where the answer is still this one. On a write: 412 where the record is at this version; `*`: where there is one at all.",
    ),
    Header::asked(
        "Accept-Language",
        None,
        "ar-KW,en;q=0.8",
        "Which language names come in: ar, en or fr. `lang` wins over it.",
    ),
    Header::asked(
        "Change-Reason",
        None,
        "corrected%20from%20the%20communiqu%C3%A9",
        "Why, kept with the change in the log: UTF-8, percent-encoded.",
    ),
    Header::asked(
        "Prefer",
        None,
        "return=minimal",
        "RFC 7240: `return=minimal` leaves the record out of the answer to a write; of a batch, `handling=lenient` takes each item on its own.",
    ),
    Header::asked(
        "Idempotency-Key",
        Some("^[\\x21-\\x7e]{1,255}$"),
        "0d9b8f1e-3c55-4d7c-9d0a-6a5d0b7c1f42",
        "Makes a POST safe to repeat for 24 hours: the same key with the same body is answered as the first time, without a second write.",
    ),
    Header {
        name: "X-Request-Id",
        asked: true,
        answered: true,
        pattern: None,
        example: "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b",
        text: "Names the request in the answer, in problems and in the server's log.",
    },
    Header::answered(
        "ETag",
        "\"3.q0p8mHPqjVJx\"",
        "The version, where a record has one, and the representation; of an answer that is packed, with `-gzip` or `-br` before the last quote. For `If-None-Match` and `If-Match`, which take any of the three. Of a 409 or 412, the tag of the record that is there.",
    ),
    Header::answered("Location", "/", "Where the record lives."),
    Header::answered("Link", "</>; rel=\"next\"", "The next page (RFC 8288)."),
    Header::answered(
        "Content-Language",
        "ar",
        "The language that names come in. Of an error, that of its title and mend; `en` behind it says that its detail is in English.",
    ),
    Header::answered(
        "Content-Disposition",
        "attachment",
        "A name for the file, on CSV and NDJSON.",
    ),
    Header::answered(
        "Vary",
        "Accept, Accept-Encoding, Accept-Language, Authorization",
        "What of a request the answer depends on.",
    ),
    Header::answered(
        "Cache-Control",
        "no-cache",
        "Keep it, and ask again with `If-None-Match`.",
    ),
    Header::answered("Retry-After", "2", "Seconds to wait before trying again."),
    Header::answered(
        "RateLimit-Policy",
        "\"client\";q=100;w=1, \"key\";q=100;w=1",
        "How many requests (`q`) in how many seconds (`w`) one address may send, and one key, where there is a limit and who asks is counted, as the register's own machine may not be (draft-ietf-httpapi-ratelimit-headers-10).",
    ),
    Header::answered(
        "RateLimit",
        "\"client\";r=0;t=1, \"key\";r=42;t=1",
        "How many more of each may come at once (`r`), and in how many seconds there is room for more (`t`).",
    ),
    Header::answered(
        "WWW-Authenticate",
        "Bearer realm=\"pledgebook\"",
        "How to show a key.",
    ),
    Header::answered(
        "Preference-Applied",
        "return=minimal",
        "The preferences that were heeded.",
    ),
    Header::answered(
        "Idempotency-Replayed",
        "true",
        "The write was done before; this is its answer of then.",
    ),
];

/// What can fail, and when it can: on every route, those that look at keys, those that read, those with a key in the path,
/// those that write, those that take a body.
pub(super) const FAILURES: &[(&str, &str, &str)] = &[
    (
        "400",
        "The request cannot be understood; `errors` names each fault and its mend.",
        "always",
    ),
    (
        "401",
        "No key, or one that is unknown, revoked or expired.",
        "looks_at_keys",
    ),
    ("403", "The key may not do that.", "write"),
    ("404", "There is no such record.", "key"),
    ("406", "None of the forms that `Accept` asks for.", "read"),
    ("408", "The body came too slowly; nothing was changed.", "body"),
    (
        "409",
        "The register's present state does not allow it: a duplicate key, a record that is still referred to, the same `Idempotency-Key` still at work.",
        "write",
    ),
    (
        "410",
        "The record was retracted; its history still answers.",
        "key",
    ),
    (
        "412",
        "The record is not at the version that `If-Match` names.",
        "write",
    ),
    ("413", "The body is too large.", "body"),
    ("414", "Path and query are longer than 24 KiB.", "always"),
    (
        "415",
        "The body is of another type than is read here, or has another `Content-Encoding` than `gzip`.",
        "body",
    ),
    (
        "422",
        "Understood, and against a rule of the register; `errors` names each fault and its mend.",
        "write",
    ),
    (
        "429",
        "Too many requests of one client at once, or more a second than one client or one key may send, or too many wrong keys; nothing was changed.",
        "always",
    ),
    (
        "431",
        "The first line and the headers are larger than 32 KiB together.",
        "always",
    ),
    (
        "500",
        "Something went wrong on the server's side; nothing was changed.",
        "always",
    ),
    (
        "503",
        "More is asked than can be served within a second, another program holds the database, it is away or took too long, or it can only be read; nothing was changed, unless the code is `outcome_unknown`.",
        "always",
    ),
    (
        "507",
        "The register's disk is full; nothing was changed.",
        "write",
    ),
];

/// A key in a path that no feature explains, which a test finds.
pub(super) const UNEXPLAINED: PathKey = PathKey {
    place: "",
    text: "",
    shape: KeyShape::Text(""),
    moved: None,
};

/// What every list, record or answer is asked alike.
const PARAMETERS: &[(&str, &str)] = &[
    (
        "lang",
        "The language of names and titles: ar, en or fr; wins over `Accept-Language`.",
    ),
    (
        "format",
        "json; wins over `Accept`. What also comes as CSV or NDJSON has paths of its own for them; it is answered so here too, to `format=csv` or an `Accept`.",
    ),
    (
        "bom",
        "Begins a CSV with a byte order mark, so that Excel reads Arabic as it is.",
    ),
    (
        "pretty",
        "JSON with each member on a line of its own, as a browser that asks for `text/html` is shown it.",
    ),
    (
        "limit",
        "How many at most, from 1 to 200. A list's page ends sooner where it has 4 MiB: `next` alone says whether more follows.",
    ),
    (
        "after",
        "The cursor of the page before, `next` there. It serves with the same filters and sort alone.",
    ),
    (
        "sort",
        "By which column; with - before it for the reverse. Ids break ties, null comes last.",
    ),
    ("count", "Also says how many match in all."),
    ("fields", "These members of each record alone."),
    ("expand", "Puts these beside each record, in `expanded`."),
    (
        "updated_from",
        "Changed at or after this moment, or on or after this day.",
    ),
    (
        "updated_to",
        "Changed at or before this moment, or on or before this day.",
    ),
];

/// What is the same on all routes.
pub(super) const COMMON: Vocabulary = Vocabulary {
    parameters: PARAMETERS,
    headers: HEADERS,
    sometimes: &[
        "Problem.request_id",
        "Problem.current_version",
        "Problem.etag",
        "Problem.errors",
        "Fault.index",
        "Fault.allowed",
        "Fault.known",
        "Fault.limit",
        "Fault.record",
        "Fault.suggestion",
        "Fault.suggestions",
    ],
    // The last page has no other behind it.
    members: || vec![("next", Value::Null)],
    ..Vocabulary::NONE
};

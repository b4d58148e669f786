//! What the contract says of parameters, headers and failures: one sentence each, for all routes alike.

/// A header that requests or answers have.
pub(super) struct Header {
    pub name: &'static str,
    pub asked: bool,
    pub answered: bool,
    pub pattern: Option<&'static str>,
    pub example: &'static str,
    pub text: &'static str,
}

const fn asked(
    name: &'static str,
    pattern: Option<&'static str>,
    example: &'static str,
    text: &'static str,
) -> Header {
    Header {
        name,
        asked: true,
        answered: false,
        pattern,
        example,
        text,
    }
}

const fn answered(name: &'static str, example: &'static str, text: &'static str) -> Header {
    Header {
        name,
        asked: false,
        answered: true,
        pattern: None,
        example,
        text,
    }
}

pub(super) const HEADERS: &[Header] = &[
    asked(
        "If-Match",
        None,
        "\"3.q0p8mHPqjVJx\"",
        "An entity tag of the version that the write is meant for; 412 where the record is at another. `*`: whichever it is.",
    ),
    asked(
        "If-None-Match",
        None,
        "\"3.q0p8mHPqjVJx\"",
        "On a read: 304 where the answer is still this one. On a write: 412 where the record is at this version; `*`: where there is one at all.",
    ),
    asked(
        "Accept-Language",
        None,
        "ar-KW,en;q=0.8",
        "Which language names come in: ar, en or fr. `lang` wins over it.",
    ),
    asked(
        "Change-Reason",
        None,
        "corrected%20from%20the%20communiqu%C3%A9",
        "Why, kept with the change in the log: UTF-8, percent-encoded.",
    ),
    asked(
        "Prefer",
        None,
        "return=minimal",
        "RFC 7240: `return=minimal` leaves the record out of the answer to a write; of a batch, `handling=lenient` takes each item on its own.",
    ),
    asked(
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
    answered(
        "ETag",
        "\"3.q0p8mHPqjVJx\"",
        "The version, where a record has one, and the representation. For `If-None-Match` and `If-Match`.",
    ),
    answered(
        "Location",
        "/v1/meetings/global-coalition-kuwait-2018",
        "Where the record lives.",
    ),
    answered(
        "Link",
        "</v1/pledges?limit=50&after=eyJ>; rel=\"next\"",
        "The next page (RFC 8288).",
    ),
    answered("Content-Language", "ar", "The language that names come in."),
    answered(
        "Content-Disposition",
        "attachment; filename=\"pledges_2026-11-24T190000Z.csv\"",
        "A name for the file, on CSV and NDJSON.",
    ),
    answered(
        "Vary",
        "Accept, Accept-Language, Authorization",
        "What of a request the answer depends on.",
    ),
    answered(
        "Cache-Control",
        "no-cache",
        "Keep it, and ask again with `If-None-Match`.",
    ),
    answered("Retry-After", "2", "Seconds to wait before trying again."),
    answered(
        "WWW-Authenticate",
        "Bearer realm=\"pledgebook\"",
        "How to show a key.",
    ),
    answered(
        "Preference-Applied",
        "return=minimal",
        "The preferences that were heeded.",
    ),
    answered(
        "Idempotency-Replayed",
        "true",
        "The write was done before; this is its answer of then.",
    ),
    answered(
        "Pledgebook-Basis",
        "restatements=exclude; parents=remainder",
        "How the total was counted.",
    ),
    answered(
        "Pledgebook-Note",
        "What is null here or stands in unconverted has no rate that serves.",
        "What a reader of the total should know: how rates are loaded, where something has none.",
    ),
    answered(
        "Pledgebook-As-Of",
        "2026-11-24T19:00:00Z",
        "The moment that the total holds for.",
    ),
];

/// What can fail, and when it can: on every route, those that read, those with a key in the path,
/// with a participant in it, those that write, those that take a body.
pub(super) const FAILURES: &[(&str, &str, &str)] = &[
    (
        "308",
        "The participant was merged into another; `Location` is where it lives now.",
        "participant",
    ),
    (
        "400",
        "The request cannot be understood; `errors` names each fault and its mend.",
        "always",
    ),
    ("401", "No key, or one that is unknown or revoked.", "always"),
    ("403", "The key may not do that.", "write"),
    ("404", "There is no such record.", "key"),
    ("406", "None of the forms that `Accept` asks for.", "read"),
    (
        "408",
        "The body paused for too long, or came too slowly; nothing was changed.",
        "body",
    ),
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
    ("415", "The body is of another type than is read here.", "body"),
    (
        "422",
        "Understood, and against a rule of the register; `errors` names each fault and its mend.",
        "write",
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
        "The register is busy, its database is away or took too long, or it can only be read; nothing was changed, unless the code is `outcome_unknown`.",
        "always",
    ),
    (
        "507",
        "The register's disk is full; nothing was changed.",
        "write",
    ),
];

/// What a parameter asks, wherever it is taken.
const PARAMETERS: &[(&str, &str)] = &[
    (
        "lang",
        "The language of names and titles: ar, en or fr; wins over `Accept-Language`.",
    ),
    (
        "format",
        "json, csv or ndjson; wins over `Accept`. CSV and NDJSON without `limit` are everything that matches.",
    ),
    (
        "bom",
        "Begins a CSV with a byte order mark, so that Excel reads Arabic as it is.",
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
    ("kind", "Of one of these kinds."),
    ("code", "These participants, by code or id."),
    (
        "coalition",
        "Of these coalitions: participants who ever belonged, meetings that are theirs, pledges made there.",
    ),
    (
        "meeting",
        "Of these meetings: participants who attended, pledges made there.",
    ),
    ("names_at", "Names as they were on a day."),
    ("member", "Coalitions that these participants ever belonged to."),
    ("on", "Members on a day."),
    ("country", "Meetings in these countries: participants' codes."),
    ("starts_from", "Meetings that begin on this date or later."),
    ("starts_to", "Meetings that begin on this date or earlier."),
    (
        "participant",
        "Of these participants: what they pledged, where they attended.",
    ),
    ("role", "Attending in one of these roles."),
    ("adopted", "Whether they adopted what the meeting agreed."),
    (
        "publisher",
        "By these publishers; a comma in a name is part of it.",
    ),
    ("language", "In these languages."),
    ("published_from", "Published on this date or later."),
    ("published_to", "Published on this date or earlier."),
    ("participant_kind", "By participants of these kinds."),
    ("instrument", "Of these instruments."),
    ("qualifier", "Whose amount is meant so."),
    ("currency", "In these currencies."),
    ("state", "In one of these states."),
    ("beneficiary", "For these participants."),
    (
        "amount_min",
        "Whose own range, as adjusted, reaches so much or more: `at_least` has no upper end. Needs one `currency`.",
    ),
    (
        "amount_max",
        "Whose own range, as adjusted, begins at so much or less: `up_to` begins at its minimum. Needs one `currency`.",
    ),
    ("announced_from", "Announced on this date or later."),
    ("announced_to", "Announced on this date or earlier."),
    ("parent", "Parts of these pledges."),
    ("restates", "Saying these pledges again."),
    (
        "collective",
        "Made by a meeting as a whole (true), or by a participant (false).",
    ),
    ("cited", "Whether anything is cited for them."),
    ("stage", "Events of these stages."),
    (
        "subject",
        "Citations of these: `pledges/{id}`, `meetings/{key}`, …",
    ),
    ("article", "Citing these articles."),
    ("preferred", "Whether they are their subject's preferred one."),
    ("date_from", "Rates of this day or later."),
    ("date_to", "Rates of this day or earlier."),
    (
        "source",
        "Rates of these sources; one with a comma in its name may be quoted.",
    ),
    (
        "plausibility",
        "`waived`: rates that differ wildly from their neighbours are taken as they are; a person has looked.",
    ),
    (
        "after_seq",
        "Entries behind this number, oldest first: for whoever follows the log.",
    ),
    ("resource", "Of these resources."),
    ("key", "Of the records with these keys."),
    ("actor", "Made with these keys, by their names."),
    ("op", "Of these kinds of change."),
    (
        "group_by",
        "A group for each value of these; without it there is one group.",
    ),
    (
        "restatements",
        "Whether pledges that only say an earlier one again are counted.",
    ),
    (
        "parents",
        "What of pledges with parts is counted: the remainder, the whole only, or the parts.",
    ),
    (
        "instruments",
        "Only these instruments are counted; others are `excluded`.",
    ),
    (
        "membership_at",
        "Only donors that belonged to the meeting's coalition on this day are counted.",
    ),
    ("in", "Also converts everything to this currency."),
    (
        "rate_date",
        "The day whose rate converts: `announced`, `event`, or a day.",
    ),
    ("rate_max_age", "How many days old a rate may be."),
    (
        "rate_source",
        "Only rates of these sources serve; one with a comma in its name is quoted. Else, of several of one day, the first by name.",
    ),
    (
        "point_min",
        "Groups whose point is at least this; needs one `currency` or `in`.",
    ),
];

/// What a parameter asks; nothing where the table lacks it, which a test finds.
pub(super) fn described(name: &str) -> &'static str {
    PARAMETERS
        .iter()
        .find(|(known, _)| *known == name)
        .map_or("", |(_, text)| text)
}

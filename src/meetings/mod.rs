//! Meetings: conferences, ministerials, summits; what they announced as a whole, and who attended.

pub mod attendance;
pub mod http;
mod record;
pub mod sql;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    citations::Conflict,
    error::{Detail, Result},
    records::{self, counts::Pledging},
    resources::{Code, Located, Resource, Slug},
    values::{Amount, Currency, LangMap, PartialDate, Timestamp, decimal, parse, vocabulary},
    web::InputSchema,
};

pub use record::{TOTALS, expand};

vocabulary! {
    Kind as "MeetingKind" {
        Ministerial = "ministerial",
        Summit = "summit",
        PledgingConference = "pledging_conference",
        WorkingGroup = "working_group",
        Other = "other",
    }
}

/// A record that names a meeting, which `expand` puts beside it.
pub trait NamesMeeting: Send + Sync {
    fn meeting(&self) -> Option<&Slug>;
}

/// Longest city, in code points.
const LONGEST_CITY: usize = 200;
/// How many may have come.
const MOST_PARTICIPANTS: i64 = 100_000;

/// A meeting as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Meeting {
    pub id: Uuid,
    pub slug: Slug,
    pub titles: LangMap,
    pub kind: Kind,
    pub starts_on: PartialDate,
    pub ends_on: Option<PartialDate>,
    pub coalition: Option<Slug>,
    coalition_names: Option<LangMap>,
    pub city: Option<String>,
    pub country: Option<Code>,
    country_names: Option<LangMap>,
    /// Minor units of `headline_currency`, as is `need_amount`.
    pub headline_amount: Option<i64>,
    pub need_amount: Option<i64>,
    pub headline_currency: Option<Currency>,
    pub participant_count: Option<i64>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    counts: Pledging,
}

/// What a meeting refers to, as its row keeps it.
struct Refs {
    coalition: Option<Located>,
    country: Option<Located>,
}

/// A meeting as it is written down: amounts in decimals. The log keeps this.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MeetingRecord)]
struct Document<'a> {
    id: Uuid,
    slug: &'a Slug,
    titles: &'a LangMap,
    kind: Kind,
    starts_on: PartialDate,
    ends_on: Option<PartialDate>,
    /// The coalition whose meeting it is.
    coalition: Option<&'a Slug>,
    #[schema(min_length = 1, max_length = 200)]
    city: Option<&'a str>,
    /// Where it took place: a participant's code.
    country: Option<&'a Code>,
    /// What was announced for the meeting as a whole.
    #[schema(value_type = Option<Amount>)]
    headline_amount: Option<String>,
    /// What was said to be needed.
    #[schema(value_type = Option<Amount>)]
    need_amount: Option<String>,
    /// The currency of both.
    headline_currency: Option<Currency>,
    /// How many took part, as a source has it.
    #[schema(minimum = 0, maximum = 100_000)]
    participant_count: Option<i64>,
    /// Goes up by one with every change.
    version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    updated_at: Timestamp,
}

impl Meeting {
    fn document(&self) -> Document<'_> {
        let money = |minor: Option<i64>| Some(decimal(minor?, self.headline_currency?));
        Document {
            id: self.id,
            slug: &self.slug,
            titles: &self.titles,
            kind: self.kind,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            coalition: self.coalition.as_ref(),
            city: self.city.as_deref(),
            country: self.country.as_ref(),
            headline_amount: money(self.headline_amount),
            need_amount: money(self.need_amount),
            headline_currency: self.headline_currency,
            participant_count: self.participant_count,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl Serialize for Meeting {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.document().serialize(serializer)
    }
}

/// A meeting as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Meeting)]
pub struct View<'a> {
    #[serde(flatten)]
    meeting: Document<'a>,
    /// Its title in the reader's language.
    title: &'a str,
    /// The coalition's name in the reader's language.
    coalition_name: Option<&'a str>,
    /// The country's name in the reader's language.
    country_name: Option<&'a str>,
    /// How much there is of what belongs to it.
    counts: Pledging,
    /// On the meeting itself, not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts: Option<Vec<Conflict>>,
}

/// What a caller says of a meeting.
#[derive(Clone)]
pub struct Draft {
    slug: Slug,
    titles: LangMap,
    kind: Kind,
    starts_on: PartialDate,
    ends_on: Option<PartialDate>,
    coalition: Option<String>,
    city: Option<String>,
    country: Option<String>,
    headline_amount: Option<i64>,
    need_amount: Option<i64>,
    headline_currency: Option<Currency>,
    participant_count: Option<i64>,
}

impl records::Draft for Draft {
    fn input() -> InputSchema {
        InputSchema {
            name: "NewMeeting",
            fields: Resource::Meetings.fields(),
            required: &["slug", "titles", "kind", "starts_on"],
            input_only: Vec::new(),
            example: json!({
                "slug": "basra-water-2026", "kind": "pledging_conference",
                "titles": { "en": "Basra Water Conference", "ar": "مؤتمر البصرة للمياه" },
                "starts_on": "2026-03-01", "ends_on": "2026-03-02", "city": "Basra", "country": "IRQ",
                "headline_amount": "500000000.00", "headline_currency": "USD",
            }),
        }
    }

    fn another() -> Value {
        json!({
            "slug": "basra-water-2027", "kind": "working_group", "starts_on": "2027-03",
            "titles": { "en": "Basra Water Conference: a year later" },
        })
    }

    fn patch() -> Value {
        json!({ "city": "Bayan" })
    }

    fn parse(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            let slug = fields.required("slug");
            let titles = fields.required("titles");
            let kind = fields.required("kind");
            let starts_on: Option<PartialDate> = fields.required("starts_on");
            let ends_on: Option<PartialDate> = fields.optional("ends_on");
            let coalition = fields.optional("coalition");
            let city = fields.text("city", LONGEST_CITY);
            let country = fields.optional("country");
            let headline: Option<Amount> = fields.optional("headline_amount");
            let need: Option<Amount> = fields.optional("need_amount");
            let given_currency = fields.raw("headline_currency").is_some();
            let headline_currency: Option<Currency> = fields.optional("headline_currency");
            let participant_count: Option<i64> = fields.optional("participant_count");
            if let (Some(starts), Some(ends)) = (starts_on, ends_on)
                && ends.last() < starts.first()
            {
                let detail = Detail::of("must not be before starts_on");
                fields.fault("ends_on", "order", detail.limited(starts.to_string()));
            }
            if let Some(count) = participant_count
                && !(0..=MOST_PARTICIPANTS).contains(&count)
            {
                let passed = if count < 0 { 0 } else { MOST_PARTICIPANTS };
                let detail = Detail::of(format!("must be from 0 to {MOST_PARTICIPANTS}"));
                fields.fault(
                    "participant_count",
                    "value",
                    detail.limited(passed.unsigned_abs()),
                );
            }
            if !given_currency && (headline.is_some() || need.is_some()) {
                fields.fault(
                    "headline_currency",
                    "required",
                    "is required with headline_amount or need_amount",
                );
            }
            if given_currency && headline.is_none() && need.is_none() {
                fields.fault(
                    "headline_currency",
                    "value",
                    "says nothing without headline_amount or need_amount; leave it out",
                );
            }
            let mut minor = |amount: Option<Amount>, name: &'static str| {
                match amount?.in_currency(headline_currency?) {
                    Ok(0) => fields.fault(
                        name,
                        "amount",
                        "must be above zero; send null where nothing was announced",
                    ),
                    Ok(minor) => return Some(minor),
                    Err(detail) => fields.fault(name, "amount", detail),
                }
                None
            };
            let headline_amount = minor(headline, "headline_amount");
            let need_amount = minor(need, "need_amount");
            Some(Self {
                slug: slug?,
                titles: titles?,
                kind: kind?,
                starts_on: starts_on?,
                ends_on,
                coalition,
                city,
                country,
                headline_amount,
                need_amount,
                headline_currency,
                participant_count,
            })
        })
    }
}

//! A question to the totals: what it asks, how it is spelled, which pledges it means, and one by chance.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use chrono::NaiveDate;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    dice::Dice,
    exact::money,
    register::{Date, Pledge, Register, Standing},
};

/// All that pledges are grouped by.
pub const DIMENSIONS: &[&str] = &[
    "meeting",
    "coalition",
    "participant",
    "participant_kind",
    "instrument",
    "state",
    "beneficiary",
    "currency",
    "year",
    "month",
    "tranche_year",
];

pub const STATES: &[&str] = &[
    "open",
    "in_progress",
    "partly_paid",
    "frozen",
    "fulfilled",
    "withdrawn",
    "restated",
];

pub const FIGURES: [&str; 7] = [
    "min",
    "point",
    "max",
    "committed",
    "paid",
    "withdrawn",
    "outstanding",
];

#[derive(Debug, Clone)]
pub enum Filter {
    /// A name of a list of words, and the words that may stand there.
    Words(&'static str, Vec<String>),
    AmountMin(i128),
    AmountMax(i128),
    AnnouncedFrom(Date),
    AnnouncedTo(Date),
    Collective(bool),
    Cited(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parents {
    Remainder,
    Only,
    Children,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RateDate {
    Announced,
    Event,
    Day(NaiveDate),
}

#[derive(Debug, Clone)]
pub struct Conversion {
    pub into: String,
    pub rate_date: RateDate,
    pub max_age: Option<u64>,
    /// None: whichever is the first by name.
    pub sources: Vec<String>,
}

impl RateDate {
    /// The one day of all, where there is one.
    pub fn day(&self) -> Option<NaiveDate> {
        match self {
            Self::Day(day) => Some(*day),
            Self::Announced | Self::Event => None,
        }
    }

    pub fn said(&self) -> String {
        match self {
            Self::Announced => "announced".to_owned(),
            Self::Event => "event".to_owned(),
            Self::Day(day) => day.to_string(),
        }
    }
}

impl Conversion {
    /// By whichever rate is the first by name, at most a week old.
    pub fn into(currency: &str, rate_date: &str) -> Self {
        Self {
            into: currency.to_owned(),
            rate_date: match rate_date {
                "announced" => RateDate::Announced,
                "event" => RateDate::Event,
                day => RateDate::Day(Date::of(day).first),
            },
            max_age: None,
            sources: Vec::new(),
        }
    }

    /// Whose rates serve, as a basis says it: the same however it was asked for.
    pub fn source_said(&self) -> String {
        if self.sources.is_empty() {
            return "first by name".to_owned();
        }
        let names: BTreeSet<&String> = self.sources.iter().collect();
        let quoted: Vec<String> = names.into_iter().map(|name| quoted(name)).collect();
        quoted.join(",")
    }
}

#[derive(Debug, Clone)]
pub struct Question {
    /// Asked of one meeting's own totals.
    pub at_meeting: Option<String>,
    pub filters: Vec<Filter>,
    pub group_by: Vec<&'static str>,
    pub includes_restatements: bool,
    pub parents: Parents,
    pub instruments: Vec<String>,
    pub membership_at: Option<Date>,
    pub conversion: Option<Conversion>,
    /// A column, and whether it is reversed.
    pub sort: Option<(&'static str, bool)>,
    /// In minor units of the currency that is compared.
    pub point_min: Option<i128>,
    pub limit: Option<usize>,
}

impl Filter {
    fn spelled(&self, currency: Option<&str>) -> (&'static str, String) {
        let amount = |minor: i128| money(minor, currency.unwrap());
        match self {
            Self::Words(name, words) => (name, words.join(",")),
            Self::AmountMin(minor) => ("amount_min", amount(*minor)),
            Self::AmountMax(minor) => ("amount_max", amount(*minor)),
            Self::AnnouncedFrom(date) => ("announced_from", date.text.clone()),
            Self::AnnouncedTo(date) => ("announced_to", date.text.clone()),
            Self::Collective(is) => ("collective", is.to_string()),
            Self::Cited(is) => ("cited", is.to_string()),
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Words(name, _) => name,
            Self::AmountMin(_) => "amount_min",
            Self::AmountMax(_) => "amount_max",
            Self::AnnouncedFrom(_) => "announced_from",
            Self::AnnouncedTo(_) => "announced_to",
            Self::Collective(_) => "collective",
            Self::Cited(_) => "cited",
        }
    }

    /// Whether the two are the ends of a range, the wrong way round, which is refused.
    fn is_exchanged_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::AmountMin(least), Self::AmountMax(most))
            | (Self::AmountMax(most), Self::AmountMin(least)) => most < least,
            (Self::AnnouncedFrom(from), Self::AnnouncedTo(to))
            | (Self::AnnouncedTo(to), Self::AnnouncedFrom(from)) => to.last < from.first,
            _ => false,
        }
    }

    fn matches(&self, register: &Register, pledge: &Pledge, standing: &Standing) -> bool {
        let terms = &pledge.terms;
        let [min, _, max] = standing.pledged;
        match self {
            Self::Words(name, words) => value(register, pledge, standing, name)
                .is_some_and(|value| words.iter().any(|word| word == value)),
            // The ranges overlap. A pledge of at least something has no upper end.
            Self::AmountMin(bound) => min.is_some() && max.is_none_or(|max| max >= *bound),
            Self::AmountMax(bound) => min.is_some_and(|min| min <= *bound),
            Self::AnnouncedFrom(date) => terms
                .announced_on
                .as_ref()
                .is_some_and(|on| on.last >= date.first),
            Self::AnnouncedTo(date) => terms
                .announced_on
                .as_ref()
                .is_some_and(|on| on.first <= date.last),
            Self::Collective(is) => terms.participant.is_none() == *is,
            Self::Cited(is) => pledge.cited == *is,
        }
    }
}

/// What a filter of words, or a dimension, looks at.
fn value<'a>(
    register: &'a Register,
    pledge: &'a Pledge,
    standing: &'a Standing,
    name: &str,
) -> Option<&'a str> {
    let terms = &pledge.terms;
    match name {
        "participant" => terms.participant.as_deref(),
        "participant_kind" => register.kind_of(pledge),
        "meeting" => terms.meeting.as_deref(),
        "coalition" => register.coalition_of(pledge),
        "instrument" => Some(&terms.instrument),
        "qualifier" => terms.qualifier.as_deref(),
        "currency" => terms.currency.as_deref(),
        "state" => Some(standing.state),
        "beneficiary" => terms.beneficiary.as_deref(),
        "parent" => terms.parent.as_deref(),
        "restates" => terms.restates.as_deref(),
        _ => panic!("{name} is no word of a pledge"),
    }
}

/// A pledge's key in a dimension.
pub fn key(register: &Register, pledge: &Pledge, standing: &Standing, dimension: &str) -> Option<String> {
    let announced_on = pledge.terms.announced_on.as_ref();
    match dimension {
        "year" => announced_on.map(Date::year),
        "month" => announced_on.and_then(Date::month),
        // What a pledge adds is split behind that.
        "tranche_year" => None,
        _ => value(register, pledge, standing, dimension).map(str::to_owned),
    }
}

impl Question {
    pub fn plain() -> Self {
        Self {
            at_meeting: None,
            filters: Vec::new(),
            group_by: Vec::new(),
            includes_restatements: false,
            parents: Parents::Remainder,
            instruments: Vec::new(),
            membership_at: None,
            conversion: None,
            sort: None,
            point_min: None,
            limit: None,
        }
    }

    pub fn matches(&self, register: &Register, pledge: &Pledge, standing: &Standing) -> bool {
        self.at_meeting
            .as_ref()
            .is_none_or(|meeting| pledge.terms.meeting.as_ref() == Some(meeting))
            && self
                .filters
                .iter()
                .all(|filter| filter.matches(register, pledge, standing))
    }

    /// The words of a filter, where it is there.
    pub fn words(&self, of: &str) -> Option<&[String]> {
        self.filters.iter().find_map(|filter| match filter {
            Filter::Words(name, words) if *name == of => Some(words.as_slice()),
            _ => None,
        })
    }

    /// The one currency that all amounts are in.
    pub fn only_currency(&self) -> Option<&str> {
        match self.words("currency") {
            Some([one]) => Some(one),
            _ => None,
        }
    }

    /// The currency of what is sorted by and bounded: the one that is asked for, else the only one.
    pub fn compared_currency(&self) -> Option<&str> {
        self.conversion
            .as_ref()
            .map(|conversion| conversion.into.as_str())
            .or_else(|| self.only_currency())
    }

    pub fn path(&self) -> String {
        match &self.at_meeting {
            Some(meeting) => format!("/v1/meetings/{meeting}/totals"),
            None => "/v1/totals".to_owned(),
        }
    }

    /// What the list of pledges is asked for the same pledges.
    pub fn list_query(&self) -> String {
        let mut pairs: Vec<_> = self
            .filters
            .iter()
            .map(|filter| filter.spelled(self.only_currency()))
            .collect();
        pairs.extend(self.at_meeting.iter().map(|meeting| ("meeting", meeting.clone())));
        query(&pairs)
    }

    /// Everything but sorting and paging.
    pub fn unsorted_query(&self) -> String {
        query(&self.pairs())
    }

    /// Everything but paging.
    pub fn query(&self) -> String {
        let mut pairs = self.pairs();
        if let Some((column, is_reversed)) = self.sort {
            pairs.push(("sort", format!("{}{column}", if is_reversed { "-" } else { "" })));
        }
        if let Some(minor) = self.point_min {
            pairs.push(("point_min", money(minor, self.compared_currency().unwrap())));
        }
        query(&pairs)
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs: Vec<_> = self
            .filters
            .iter()
            .map(|filter| filter.spelled(self.only_currency()))
            .collect();
        let mut say = |name, value: String| pairs.push((name, value));
        if !self.group_by.is_empty() {
            say("group_by", self.group_by.join(","));
        }
        if self.includes_restatements {
            say("restatements", "include".into());
        }
        match self.parents {
            Parents::Remainder => {}
            Parents::Only => say("parents", "only".into()),
            Parents::Children => say("parents", "children".into()),
        }
        if !self.instruments.is_empty() {
            say("instruments", self.instruments.join(","));
        }
        if let Some(date) = &self.membership_at {
            say("membership_at", date.text.clone());
        }
        if let Some(conversion) = &self.conversion {
            say("in", conversion.into.clone());
            if conversion.rate_date != RateDate::Announced {
                say("rate_date", conversion.rate_date.said());
            }
            if let Some(days) = conversion.max_age {
                say("rate_max_age", days.to_string());
            }
            if !conversion.sources.is_empty() {
                let quoted: Vec<_> = conversion.sources.iter().map(|name| quoted(name)).collect();
                say("rate_source", quoted.join(","));
            }
        }
        pairs
    }
}

/// A name of a list, as CSV has it.
fn quoted(name: &str) -> String {
    if name.contains([',', '"']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

fn query(pairs: &[(&'static str, String)]) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
        let separator = if query.is_empty() { "" } else { "&" };
        write!(query, "{separator}{name}={value}").unwrap();
    }
    query
}

/// What random questions may name, of the pledges that there are.
pub struct Asker<'a> {
    pub register: &'a Register,
    pub standings: &'a BTreeMap<&'a str, Standing>,
    /// Currencies to convert to.
    pub into: &'a [&'static str],
    /// Days that a rate may be asked for.
    pub days: Vec<NaiveDate>,
    pub sources: Vec<String>,
    /// A page of a few groups has about this many at least.
    pub least_page: usize,
}

impl Asker<'_> {
    /// A question by chance. Its number in the row sees to it that every grouping, filter, basis and
    /// conversion has its turn.
    pub fn question(&self, dice: &mut Dice, number: usize) -> Question {
        let mut question = Question::plain();
        self.filter(dice, &mut question, number);
        question.group_by = grouping(dice, number);
        if dice.one_in(4) {
            question.includes_restatements = true;
        }
        question.parents = dice.of(&[
            Parents::Remainder,
            Parents::Remainder,
            Parents::Only,
            Parents::Children,
        ]);
        if dice.one_in(8) {
            question.instruments = self.words_of(dice, "instrument");
        }
        if dice.one_in(6) {
            question.membership_at = Some(Date::of(dice.of(&[
                "2015-06-30",
                "2016-03-01",
                "2017",
                "2018-02",
                "2018-02-13",
                "2019-01-01",
                "2025-01-01",
            ])));
        }
        if dice.one_in(5) {
            let meetings: Vec<_> = self.register.meetings.keys().cloned().collect();
            question.filters.retain(|filter| filter.name() != "meeting");
            question.at_meeting = Some(dice.of(&meetings));
        }
        if !dice.one_in(3) {
            question.conversion = Some(self.conversion(dice));
        }
        if question.membership_at.is_some() && dice.one_in(3) {
            self.ask_in_vain(dice, &mut question);
        }
        self.order(dice, &mut question);
        question
    }

    /// Of one meeting that is no coalition's: there is nothing to have been a member of.
    fn ask_in_vain(&self, dice: &mut Dice, question: &mut Question) {
        let meetings = self.register.meetings.iter();
        let alone: Vec<String> = meetings
            .filter(|(_, meeting)| meeting.coalition.is_none())
            .map(|(slug, _)| slug.clone())
            .collect();
        let one = dice.of(&alone);
        question.filters.retain(|filter| filter.name() != "meeting");
        question.at_meeting = None;
        if dice.one_in(2) {
            question.at_meeting = Some(one);
        } else {
            question.filters.push(Filter::Words("meeting", vec![one]));
        }
    }

    fn conversion(&self, dice: &mut Dice) -> Conversion {
        let sources = if dice.one_in(3) {
            let mut sources = vec![dice.of(&self.sources)];
            let other = dice.of(&self.sources);
            if dice.one_in(2) && !sources.contains(&other) {
                sources.push(other);
            }
            sources
        } else {
            Vec::new()
        };
        Conversion {
            into: dice.of(self.into).to_owned(),
            rate_date: match dice.roll(5) {
                0 | 1 => RateDate::Announced,
                2 | 3 => RateDate::Event,
                _ => RateDate::Day(dice.of(&self.days)),
            },
            max_age: if dice.one_in(2) {
                Some(dice.of(&[0, 1, 3, 7, 10, 30, 100, 366]))
            } else {
                None
            },
            sources,
        }
    }

    fn order(&self, dice: &mut Dice, question: &mut Question) {
        let may_compare = question.compared_currency().is_some();
        let counts = ["pledges", "unquantified", "unbounded"];
        if dice.one_in(2) {
            let column = if may_compare && !dice.one_in(5) {
                dice.of(&FIGURES)
            } else {
                dice.of(&counts)
            };
            question.sort = Some((column, dice.one_in(2)));
        }
        if may_compare && dice.one_in(5) {
            let currency = question.compared_currency().unwrap();
            let whole = dice.of(&[1, 50, 1_000, 100_000, 5_000_000]);
            question.point_min = Some(super::register::units(whole, currency));
        }
        if dice.one_in(3) {
            question.limit = Some(self.least_page + dice.roll(self.least_page + 6));
        }
    }

    fn filter(&self, dice: &mut Dice, question: &mut Question, number: usize) {
        const NAMES: &[&str] = &[
            "participant",
            "participant_kind",
            "meeting",
            "coalition",
            "instrument",
            "qualifier",
            "currency",
            "state",
            "beneficiary",
            "amount_min",
            "amount_max",
            "announced_from",
            "announced_to",
            "parent",
            "restates",
            "collective",
            "cited",
        ];
        // Every third has none, as most readers ask.
        let mut names = Vec::new();
        if !number.is_multiple_of(3) {
            names.push(NAMES[number % NAMES.len()]);
            for _ in 0..dice.roll(3) {
                names.push(dice.of(NAMES));
            }
        }
        if names.iter().any(|name| name.starts_with("amount_")) {
            let currencies = self.all("currency");
            question
                .filters
                .push(Filter::Words("currency", vec![dice.of(&currencies)]));
        }
        for name in names {
            if question.filters.iter().any(|filter| filter.name() == name) {
                continue;
            }
            let filter = match name {
                "amount_min" | "amount_max" => {
                    let currency = question.only_currency().unwrap();
                    let minor = self.amount(dice, currency);
                    if name == "amount_min" {
                        Filter::AmountMin(minor)
                    } else {
                        Filter::AmountMax(minor)
                    }
                }
                "announced_from" => Filter::AnnouncedFrom(self.date(dice)),
                "announced_to" => Filter::AnnouncedTo(self.date(dice)),
                "collective" => Filter::Collective(dice.one_in(2)),
                "cited" => Filter::Cited(dice.one_in(2)),
                _ => {
                    let words = self.words_of(dice, name);
                    if words.is_empty() {
                        continue;
                    }
                    Filter::Words(name, words)
                }
            };
            if !question
                .filters
                .iter()
                .any(|other| filter.is_exchanged_with(other))
            {
                question.filters.push(filter);
            }
        }
    }

    /// An end of a pledge's range, or near it: bounds are wrong at their edges.
    fn amount(&self, dice: &mut Dice, currency: &str) -> i128 {
        let ends: Vec<i128> = self
            .register
            .live()
            .filter(|pledge| pledge.terms.currency.as_deref() == Some(currency))
            .flat_map(Pledge::pledged)
            .flatten()
            .collect();
        (dice.of(&ends) + dice.of(&[-1, 0, 0, 1])).max(1)
    }

    fn date(&self, dice: &mut Dice) -> Date {
        let dates: Vec<&Date> = self
            .register
            .live()
            .filter_map(|pledge| pledge.terms.announced_on.as_ref())
            .collect();
        let date = dice.of(&dates);
        let text = date.first.to_string();
        match dice.roll(4) {
            0 => Date::of(&text[..4]),
            1 => Date::of(&text[..7]),
            2 => Date::of(&text),
            _ => (*date).clone(),
        }
    }

    fn all(&self, name: &str) -> Vec<String> {
        if name == "state" {
            return STATES.iter().map(|&state| state.to_owned()).collect();
        }
        let mut all: Vec<String> = self
            .register
            .live()
            .filter_map(|pledge| value(self.register, pledge, &self.standings[pledge.id.as_str()], name))
            .map(str::to_owned)
            .collect();
        all.sort();
        all.dedup();
        all
    }

    /// One to three words of a filter, by chance.
    fn words_of(&self, dice: &mut Dice, name: &str) -> Vec<String> {
        let all = self.all(name);
        let mut words = Vec::new();
        for _ in 0..=dice.roll(3) {
            let Some(word) = (!all.is_empty()).then(|| dice.of(&all)) else {
                break;
            };
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }
}

/// Each dimension alone and together with others, in any order.
fn grouping(dice: &mut Dice, number: usize) -> Vec<&'static str> {
    let turn = number % (DIMENSIONS.len() + 2);
    let mut dimensions: Vec<&'static str> = DIMENSIONS.get(turn).copied().into_iter().collect();
    if !dimensions.is_empty() {
        for _ in 0..dice.of(&[0, 0, 1, 1, 2, 3]) {
            let other = dice.of(DIMENSIONS);
            if !dimensions.contains(&other) {
                dimensions.push(other);
            }
        }
        if dice.one_in(2) {
            dimensions.reverse();
        }
    }
    dimensions
}

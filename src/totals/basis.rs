//! The counting basis: what a total counts, in full, in part or not at all.
//!
//! A basis is a choice, echoed in every answer in words and as a sentence. The
//! default counts nothing twice: a restatement adds nothing, a parent adds what
//! its children do not.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::Detail,
    pledges::Instrument,
    values::{Currency, Language, PartialDate, described, vocabulary},
    web::Query,
};

vocabulary! {
    /// Whether a restatement counts.
    Restatements { Exclude = "exclude", Include = "include" }
}

vocabulary! {
    /// What of parents and children counts.
    Parents { Remainder = "remainder", Only = "only", Children = "children" }
}

vocabulary! {
    /// Why something that matched is not counted, or not in full.
    Reason as "ExcludedBecause" {
        Restated = "restated",
        CoveredByChildren = "covered_by_children",
        PartOfParent = "part_of_parent",
        HasChildren = "has_children",
        OtherInstrument = "other_instrument",
        NotAMember = "not_a_member",
        NoCoalition = "no_coalition",
    }
}

/// The day whose rate converts a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateDay {
    /// Every figure of a pledge at its announcement.
    Announced,
    /// What was pledged at the announcement, each event at its own day.
    Event,
    Fixed(NaiveDate),
}

described!(
    RateDay,
    "RateDate",
    "`announced`, `event`, or a day.",
    "^(announced|event|[0-9]{4}-[0-9]{2}-[0-9]{2})$",
    "announced"
);

/// A conversion that is asked for.
#[derive(Debug, Clone)]
pub struct Conversion {
    pub into: Currency,
    pub day: RateDay,
    /// How many days old a rate may be.
    pub max_age: i64,
    /// Whose rates serve; all, where none is named. In the order of their names.
    pub sources: BTreeSet<String>,
}

const DEFAULT_MAX_AGE: i64 = 7;
const LONGEST_MAX_AGE: i64 = 366;
/// What is said of the source where none is chosen.
const FIRST_BY_NAME: &str = "first by name";
/// What a header cannot hold, or would take for its own.
const UNSAFE_IN_HEADER: &AsciiSet = &CONTROLS.add(b'%').add(b';');

/// What a total counts.
#[derive(Debug, Clone)]
pub struct Basis {
    pub restatements: Restatements,
    pub parents: Parents,
    /// These alone, where any are named.
    pub instruments: Vec<Instrument>,
    /// Only donors who were members of the meeting's coalition on that day.
    pub membership_at: Option<PartialDate>,
    pub conversion: Option<Conversion>,
    /// What of tranches was to be paid before this day is asked too.
    pub phased: Option<NaiveDate>,
}

impl Default for Basis {
    fn default() -> Self {
        Self {
            restatements: Restatements::Exclude,
            parents: Parents::Remainder,
            instruments: Vec::new(),
            membership_at: None,
            conversion: None,
            phased: None,
        }
    }
}

impl Basis {
    pub fn read(query: &mut Query) -> Self {
        Self {
            restatements: query.one("restatements").unwrap_or(Restatements::Exclude),
            parents: query.one("parents").unwrap_or(Parents::Remainder),
            instruments: query.many("instruments"),
            membership_at: query.one("membership_at"),
            conversion: Conversion::read(query),
            phased: (query.flag("phased") == Some(true)).then(|| query.today()),
        }
    }

    /// Whether the kept sums know enough to answer on this basis.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.parents == Parents::Remainder
            && self.instruments.is_empty()
            && self.membership_at.is_none()
            && self.conversion.is_none()
    }

    /// Whether pledges that share these marks count, and if not, why.
    pub fn verdict(&self, marks: Marks) -> Result<Counted, Reason> {
        if !marks.chosen {
            Err(Reason::OtherInstrument)
        } else if !marks.coalition {
            Err(Reason::NoCoalition)
        } else if !marks.member {
            Err(Reason::NotAMember)
        } else if marks.restated && self.restatements == Restatements::Exclude {
            Err(Reason::Restated)
        } else if marks.part && self.parents == Parents::Only {
            Err(Reason::PartOfParent)
        } else if marks.parent && self.parents == Parents::Children {
            Err(Reason::HasChildren)
        } else if marks.restated || self.parents != Parents::Remainder {
            Ok(Counted::InFull)
        } else {
            Ok(Counted::Remainder)
        }
    }

    #[must_use]
    pub fn shown(&self, language: Language) -> ShownBasis {
        ShownBasis {
            restatements: self.restatements,
            parents: self.parents,
            instruments: self.instruments.clone(),
            membership_at: self.membership_at,
            amounts: self.amounts(),
            r#in: self.conversion.as_ref().map(|it| it.into),
            rate_date: self.conversion.as_ref().map(|it| it.day.to_string()),
            rate_max_age: self.conversion.as_ref().map(|it| it.max_age),
            rate_source: self.conversion.as_ref().map(Conversion::source),
            as_of: self.phased,
            text: self.sentence(language),
        }
    }

    /// In which currencies the figures are.
    pub(super) fn amounts(&self) -> String {
        self.conversion.as_ref().map_or_else(
            || "original currency".to_owned(),
            |conversion| format!("original currency, and converted to {}", conversion.into),
        )
    }

    /// The choices in a line, for a header and the name of a file.
    #[must_use]
    pub fn words(&self) -> String {
        let mut counted = format!("restatements={}; parents={}", self.restatements, self.parents);
        if let Some(today) = self.phased {
            // Tomorrow it may be another answer.
            counted.push_str("; phased=true; as_of=");
            counted.push_str(&today.to_string());
        }
        self.words_behind(counted, true)
    }

    /// The choices that all totals have, behind those that they have not; and by which day's rates it converts, where that
    /// is one.
    pub(super) fn words_behind(&self, mut words: String, is_of_a_day: bool) -> String {
        let mut say = |name: &str, value: String| {
            words.push_str("; ");
            words.push_str(name);
            words.push('=');
            words.push_str(&value);
        };
        if !self.instruments.is_empty() {
            let chosen: Vec<_> = self.instruments.iter().map(|it| it.as_str()).collect();
            say("instruments", chosen.join(","));
        }
        if let Some(day) = self.membership_at {
            say("membership_at", day.to_string());
        }
        if let Some(conversion) = &self.conversion {
            say("in", conversion.into.to_string());
            if is_of_a_day {
                say("rate_date", conversion.day.to_string());
            }
            say("rate_max_age", conversion.max_age.to_string());
            let source = conversion.source();
            say(
                "rate_source",
                utf8_percent_encode(&source, UNSAFE_IN_HEADER).to_string(),
            );
        }
        words
    }

    /// One sentence that says what is counted.
    fn sentence(&self, language: Language) -> String {
        let mut clauses = vec![
            match language {
                Language::En => "What was pledged, as announced and with later increases and reductions",
                Language::Ar => "ما تم التعهد به كما أُعلن، مع ما طرأ عليه لاحقا من زيادة أو تخفيض",
                Language::Fr => "Les montants promis, tels qu'annoncés et compte tenu des augmentations et réductions ultérieures",
            }
            .to_owned(),
            match (self.restatements, language) {
                (Restatements::Exclude, Language::En) => "a restatement adds nothing",
                (Restatements::Exclude, Language::Ar) => "لا يضيف تكرار الإعلان شيئا",
                (Restatements::Exclude, Language::Fr) => "une promesse réitérée n'ajoute rien",
                (Restatements::Include, Language::En) => "restatements are counted again",
                (Restatements::Include, Language::Ar) => "تُحسب الإعلانات المكررة مرة أخرى",
                (Restatements::Include, Language::Fr) => "les promesses réitérées sont comptées à nouveau",
            }
            .to_owned(),
            match (self.parents, language) {
                (Parents::Remainder, Language::En) => "a pledge with parts adds what its parts do not",
                (Parents::Remainder, Language::Ar) => "يضيف التعهد ذو الأجزاء ما لا تغطيه أجزاؤه",
                (Parents::Remainder, Language::Fr) => "une promesse divisée ajoute ce que ses parties ne couvrent pas",
                (Parents::Only, Language::En) => "a pledge with parts is counted whole and its parts are not",
                (Parents::Only, Language::Ar) => "يُحسب التعهد ذو الأجزاء كاملا ولا تُحسب أجزاؤه",
                (Parents::Only, Language::Fr) => "une promesse divisée est comptée en entier et ses parties ne le sont pas",
                (Parents::Children, Language::En) => "parts are counted and the pledge they belong to is not",
                (Parents::Children, Language::Ar) => "تُحسب الأجزاء ولا يُحسب التعهد الذي تنتمي إليه",
                (Parents::Children, Language::Fr) => "les parties sont comptées et la promesse dont elles relèvent ne l'est pas",
            }
            .to_owned(),
        ];
        clauses.extend(self.choices(language));
        if let Some(today) = self.phased {
            clauses.push(match language {
                Language::En => {
                    format!("of pledges in tranches, those are expected that ended before {today}")
                }
                Language::Ar => {
                    format!("ومن التعهدات المقسّمة على دفعات يُعدّ مستحقا ما انتهت مدته قبل {today}")
                }
                Language::Fr => {
                    format!("des promesses échelonnées, sont attendues les tranches échues avant le {today}")
                }
            });
        }
        clauses.push(match (&self.conversion, language) {
            (None, Language::En) => "each currency stands for itself".to_owned(),
            (None, Language::Ar) => "وتُحسب كل عملة على حدة".to_owned(),
            (None, Language::Fr) => "et chaque devise est comptée à part".to_owned(),
            (Some(conversion), language) => conversion.clause(language),
        });
        if let Some(conversion) = &self.conversion {
            clauses.push(conversion.served_by(language));
        }
        in_one(&clauses, language)
    }

    /// The clauses that say which pledges count.
    pub(super) fn choices(&self, language: Language) -> Vec<String> {
        let mut clauses = Vec::new();
        if !self.instruments.is_empty() {
            let words: Vec<_> = self.instruments.iter().map(|it| it.as_str()).collect();
            let words = words.join(", ");
            clauses.push(match language {
                Language::En => format!("only these instruments count: {words}"),
                Language::Ar => format!("لا تُحسب إلا هذه الأدوات: {words}"),
                Language::Fr => format!("seuls ces instruments comptent : {words}"),
            });
        }
        if let Some(day) = self.membership_at {
            clauses.push(match language {
                Language::En => {
                    format!("only donors count that were members of the meeting's coalition on {day}")
                }
                Language::Ar => format!("لا يُحسب إلا المانحون الأعضاء في تحالف الاجتماع بتاريخ {day}"),
                Language::Fr => {
                    format!("seuls comptent les donateurs membres de la coalition de la réunion au {day}")
                }
            });
        }
        clauses
    }
}

/// A sentence of clauses.
pub(super) fn in_one(clauses: &[String], language: Language) -> String {
    let join = if language == Language::Ar { "؛ " } else { "; " };
    format!("{}.", clauses.join(join))
}

impl Conversion {
    /// Whose rates serve, as `rate_source` is asked.
    #[must_use]
    pub fn source(&self) -> String {
        if self.sources.is_empty() {
            return FIRST_BY_NAME.to_owned();
        }
        let sources = self.sources.iter().map(|source| {
            if source.contains([',', '"']) {
                format!("\"{}\"", source.replace('"', "\"\""))
            } else {
                source.clone()
            }
        });
        sources.collect::<Vec<_>>().join(",")
    }

    /// The clause of the basis that says how it converts.
    fn clause(&self, language: Language) -> String {
        let (into, day) = (self.into, self.day);
        let when = match (day, language) {
            (RateDay::Announced, Language::En) => "the day of its announcement".to_owned(),
            (RateDay::Announced, Language::Ar) => "يوم إعلانه".to_owned(),
            (RateDay::Announced, Language::Fr) => "du jour de son annonce".to_owned(),
            (RateDay::Event, Language::En) => {
                "the day of its announcement, what was paid or lost at its own day".to_owned()
            }
            (RateDay::Event, Language::Ar) => "يوم إعلانه، وما دُفع أو سُحب بسعر يومه".to_owned(),
            (RateDay::Event, Language::Fr) => {
                "du jour de son annonce, les versements et pertes au taux de leur propre jour".to_owned()
            }
            (RateDay::Fixed(day), Language::En) => format!("{day}"),
            (RateDay::Fixed(day), Language::Ar) => format!("يوم {day}"),
            (RateDay::Fixed(day), Language::Fr) => format!("du {day}"),
        };
        match language {
            Language::En => format!(
                "each currency stands for itself, and is also converted to {into} at the last rate known on {when}, rounded half to even once per pledge and figure"
            ),
            Language::Ar => format!(
                "وتُحسب كل عملة على حدة، وتُحوَّل أيضا إلى {into} بآخر سعر معروف {when}، مع تقريب كل رقم لكل تعهد مرة واحدة إلى أقرب رقم زوجي عند التساوي"
            ),
            Language::Fr => format!(
                "chaque devise est comptée à part, et aussi convertie en {into} au dernier taux connu {when}, arrondie une seule fois par promesse et par montant, au pair le plus proche"
            ),
        }
    }

    /// The clause that says whose rates serve.
    pub(super) fn served_by(&self, language: Language) -> String {
        let chosen = self.source();
        match (self.sources.is_empty(), language) {
            (true, Language::En) => "of several sources of a day the first by name serves".to_owned(),
            (true, Language::Ar) => "وعند تعدد المصادر في يوم واحد يُعتمد أولها اسما".to_owned(),
            (true, Language::Fr) => {
                "de plusieurs sources d'un même jour, la première par son nom fait foi".to_owned()
            }
            (false, Language::En) => {
                format!("only rates of these sources serve, of one day the first by name: {chosen}")
            }
            (false, Language::Ar) => {
                format!("ولا تُعتمد إلا أسعار هذه المصادر، وأولها اسما عند تعددها في يوم واحد: {chosen}")
            }
            (false, Language::Fr) => {
                format!(
                    "seuls servent les taux de ces sources, et d'un même jour la première par son nom : {chosen}"
                )
            }
        }
    }

    fn read(query: &mut Query) -> Option<Self> {
        let into = query.one("in");
        let day: Option<RateDay> = query.one("rate_date");
        let max_age = query.number("rate_max_age");
        let sources = query.quoted("rate_source");
        if into.is_none() {
            for (name, given) in [
                ("rate_date", day.is_some()),
                ("rate_max_age", max_age.is_some()),
                ("rate_source", !sources.is_empty()),
            ] {
                if given {
                    query.fault(
                        name,
                        "value",
                        format!("{name} says how to convert; say into what with in=USD"),
                    );
                }
            }
        }
        let max_age = max_age.unwrap_or(DEFAULT_MAX_AGE);
        if !(0..=LONGEST_MAX_AGE).contains(&max_age) {
            let detail = format!("rate_max_age must be from 0 to {LONGEST_MAX_AGE} days");
            let passed = if max_age < 0 { 0 } else { LONGEST_MAX_AGE };
            query.fault(
                "rate_max_age",
                "value",
                Detail::of(detail).limited(passed.unsigned_abs()),
            );
        }
        Some(Self {
            into: into?,
            day: day.unwrap_or(RateDay::Announced),
            max_age,
            sources: sources.into_iter().collect(),
        })
    }
}

impl std::fmt::Display for RateDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Announced => f.write_str("announced"),
            Self::Event => f.write_str("event"),
            Self::Fixed(day) => day.fmt(f),
        }
    }
}

impl crate::values::FromText for RateDay {
    fn described() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        <Self as utoipa::PartialSchema>::schema()
    }

    fn from_text(text: &str) -> Result<Self, Detail> {
        match text.to_ascii_lowercase().as_str() {
            "announced" => Ok(Self::Announced),
            "event" => Ok(Self::Event),
            _ => text
                .parse::<PartialDate>()
                .ok()
                .filter(|date| date.first() == date.last())
                .map(|date| Self::Fixed(date.first()))
                .ok_or_else(|| "must be announced, event or a day such as 2018-02-14".into()),
        }
    }
}

/// What decides whether pledges count; those summed together share it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "six independent marks, each a column"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    pub restated: bool,
    /// It is a part of another.
    pub part: bool,
    /// It has parts.
    pub parent: bool,
    /// Its instrument is one of the basis's.
    pub chosen: bool,
    /// Its meeting is a coalition's.
    pub coalition: bool,
    /// Its donor was a member on the basis's day.
    pub member: bool,
}

/// How much of a pledge counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// What its children do not cover.
    Remainder,
    InFull,
}

/// How a total was counted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Basis)]
pub struct ShownBasis {
    restatements: Restatements,
    parents: Parents,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instruments: Vec<Instrument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    membership_at: Option<PartialDate>,
    /// In which currencies the figures are.
    amounts: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#in: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<RateDay>)]
    rate_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_max_age: Option<i64>,
    /// Whose rates served, as `rate_source` is asked; `first by name` where nobody chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "first by name")]
    rate_source: Option<String>,
    /// The day, in UTC, that `phased` depends on.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<NaiveDate>,
    /// The same as a sentence, in the reader's language.
    text: String,
}

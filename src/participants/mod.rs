//! Participants: states, international organisations, funds and others that promise.

pub mod http;
pub mod sql;

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    citations::{self, About, Conflict, Subject},
    db::Conn,
    error::{Error, Faults, Result},
    history::{
        Recorded, Write,
        batch::{Batched, Refusal},
    },
    resources::{self, Resource},
    values::{Code, Fields, FromValue, LangMap, Language, PartialDate, Timestamp, parse, vocabulary},
    web::{Expand, Shown},
};

vocabulary! {
    Kind as "ParticipantKind" { State = "state", Igo = "igo", Ifi = "ifi", Ngo = "ngo", Fund = "fund", Private = "private" }
}

/// Longest alias, in code points, and how many of what else a participant is and was called are kept.
const LONGEST_ALIAS: usize = 500;
const MOST_ALIASES: usize = 500;
const MOST_FORMER_NAMES: usize = 100;

/// A participant as the register holds it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, sqlx::FromRow)]
#[schema(as = ParticipantRecord)]
pub struct Participant {
    pub id: Uuid,
    pub code: Code,
    pub kind: Kind,
    #[sqlx(json)]
    pub names: LangMap,
    /// What it was called before, each until a day.
    #[sqlx(json)]
    pub former_names: Vec<FormerName>,
    /// Other spellings, in any script.
    #[sqlx(json)]
    pub aliases: Vec<String>,
    /// The participant that it was merged into: its key redirects there for good.
    pub merged_into: Option<Code>,
    /// Goes up by one with every change.
    pub version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub updated_at: Timestamp,
}

/// What a participant was called until a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FormerName {
    pub names: LangMap,
    /// The first day of the name that followed.
    pub until: PartialDate,
}

/// A participant as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Participant)]
pub struct View<'a> {
    #[serde(flatten)]
    participant: &'a Participant,
    /// Its name in the reader's language.
    name: &'a str,
    /// On the participant itself, not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts: Option<Vec<Conflict>>,
}

impl Participant {
    /// Its name in a language, as of a day or today.
    #[must_use]
    pub fn name(&self, language: Language, at: Option<NaiveDate>) -> &str {
        at.and_then(|day| {
            self.former_names
                .iter()
                .filter(|former| former.until.first() > day)
                .min_by_key(|former| former.until.first())
        })
        .map_or(&self.names, |former| &former.names)
        .resolve(language)
    }

    #[must_use]
    pub fn view(&self, language: Language, names_at: Option<NaiveDate>) -> View<'_> {
        View {
            participant: self,
            name: self.name(language, names_at),
            conflicts: None,
        }
    }

    /// With where its sources disagree.
    #[must_use]
    pub fn whole(
        &self,
        language: Language,
        names_at: Option<NaiveDate>,
        conflicts: Vec<Conflict>,
    ) -> View<'_> {
        View {
            conflicts: Some(conflicts),
            ..self.view(language, names_at)
        }
    }
}

impl Shown for Participant {
    type View<'a> = View<'a>;
    type Schema = View<'static>;

    const EXPANDS: &'static [Expand] = &[Expand::Citations];

    fn id(&self) -> Uuid {
        self.id
    }

    fn shown(&self, language: Language) -> View<'_> {
        self.view(language, None)
    }

    async fn expand(conn: &mut Conn, records: &[Self], _: Expand, _: Language) -> Result<Vec<Value>> {
        let records = records.iter().map(|it| (it.id, it.code.to_string())).collect();
        citations::beside(conn, About::Participants, records).await
    }
}

impl Recorded for Participant {
    const RESOURCE: Resource = Resource::Participants;
    fn key(&self) -> String {
        self.code.to_string()
    }
    fn version(&self) -> i64 {
        self.version
    }
}

/// What a caller says of a participant.
#[derive(Clone)]
pub struct Draft {
    code: Code,
    kind: Kind,
    names: LangMap,
    former_names: Vec<FormerName>,
    aliases: Vec<String>,
    merged_into: Option<String>,
}

impl Draft {
    pub fn parse(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            let code = fields.required("code");
            let kind = fields.required("kind");
            let names = fields.required("names");
            let former_names = fields.list("former_names", MOST_FORMER_NAMES);
            let aliases: Option<Vec<String>> = fields.list("aliases", MOST_ALIASES);
            for (index, alias) in aliases.iter().flatten().enumerate() {
                if alias.chars().count() > LONGEST_ALIAS {
                    let pointer = format!("{}/{index}", fields.pointer("aliases"));
                    let detail = format!("must be at most {LONGEST_ALIAS} characters");
                    fields.faults.add(pointer, "text", detail);
                }
            }
            let merged_into = fields.optional("merged_into");
            Some(Self {
                code: code?,
                kind: kind?,
                names: names?,
                former_names: former_names.unwrap_or_default(),
                aliases: aliases.unwrap_or_default(),
                merged_into,
            })
        })
    }
}

impl FromValue for FormerName {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(value, at, faults)?;
        let names = fields.required("names");
        let until = fields.required("until");
        fields.done();
        Some(Self {
            names: names?,
            until: until?,
        })
    }
}

pub async fn create(write: &mut Write, draft: Draft) -> Result<Participant> {
    if let Some(found) =
        resources::locate(&mut write.conn, Resource::Participants, draft.code.as_str()).await?
    {
        return Err(resources::taken(
            Resource::Participants,
            draft.code.as_str(),
            &found,
        ));
    }
    if draft.merged_into.is_some() {
        let fault = Faults::one(
            "/merged_into",
            "value",
            "a new participant cannot be merged already; create it, then patch it",
        );
        return Err(Error::Invalid(fault));
    }
    let participant = Participant {
        id: write.new_id(),
        code: draft.code,
        kind: draft.kind,
        names: draft.names,
        former_names: draft.former_names,
        aliases: draft.aliases,
        merged_into: None,
        version: 1,
        created_at: write.at,
        updated_at: write.at,
    };
    sql::insert(&mut write.conn, &participant).await?;
    write.created(&participant).await?;
    Ok(participant)
}

pub async fn change(write: &mut Write, before: Participant, draft: Draft) -> Result<Participant> {
    if draft.code != before.code {
        return Err(resources::fixed("code", before.code.as_str()));
    }
    let successor = match &draft.merged_into {
        Some(key) => Some(successor(write, &before, key).await?),
        None => None,
    };
    let mut after = Participant {
        kind: draft.kind,
        names: draft.names,
        former_names: draft.former_names,
        aliases: draft.aliases,
        merged_into: successor.as_ref().map(|it| it.code.clone()),
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    after.version += 1;
    after.updated_at = write.at;
    if let Some(successor) = &successor {
        merge(write, &before, successor).await?;
    }
    sql::update(&mut write.conn, &after, successor.map(|it| it.id)).await?;
    write.updated(&before, &after).await?;
    Ok(after)
}

async fn successor(write: &mut Write, merged: &Participant, key: &str) -> Result<Participant> {
    let fault = |detail: String| Error::Invalid(Faults::one("/merged_into", "unknown_reference", detail));
    let id = resources::resolve(&mut write.conn, Resource::Participants, key)
        .await?
        .ok_or_else(|| fault(format!("names participants/{key}, which is not in the register")))?;
    if id == merged.id {
        return Err(fault(
            "names the participant itself; name the one that stays".into(),
        ));
    }
    sql::find(&mut write.conn, id)
        .await?
        .ok_or_else(|| Error::internal("a resolved participant is gone"))
}

/// Points everything that refers to one participant to another, unless both stand in one place.
async fn merge(write: &mut Write, from: &Participant, to: &Participant) -> Result<()> {
    let mut both: Vec<String> = sql::standing_in_both(&mut write.conn, from.id, to.id)
        .await?
        .into_iter()
        .map(|place| {
            format!(
                "{} and {} both stand in {place}; retract one of the two",
                from.code, to.code
            )
        })
        .collect();
    let about = |id| Subject {
        about: About::Participants,
        id,
    };
    if let (Some(one), Some(other)) = (
        citations::sql::preferred(&mut write.conn, about(from.id), None).await?,
        citations::sql::preferred(&mut write.conn, about(to.id), None).await?,
    ) {
        both.push(format!(
            "citations/{one} and citations/{other} are both preferred; patch one of the two to \"preferred\": false"
        ));
    }
    if !both.is_empty() {
        let mut faults = Faults::default();
        for detail in both {
            faults.add("/merged_into", "both", detail);
        }
        return Err(Error::Conflict {
            code: "merge_conflict",
            detail: format!(
                "{} and {} stand in the same place; errors names where.",
                from.code, to.code
            ),
            faults,
        });
    }
    write
        .repoint((from.id, from.code.as_str()), (to.id, to.code.as_str()))
        .await
}

/// The participants of these codes, each as its record shows it; null where there is none.
pub async fn beside<'a>(
    conn: &mut Conn,
    codes: impl Iterator<Item = Option<&'a Code>> + Clone + Send,
    language: Language,
) -> Result<Vec<Value>> {
    let named = codes.clone().flatten().cloned().collect::<BTreeSet<_>>();
    let mut views: HashMap<Code, Value> = HashMap::new();
    for participant in sql::by_codes(conn, named).await? {
        let view = serde_json::to_value(participant.view(language, None)).map_err(Error::internal)?;
        views.insert(participant.code.clone(), view);
    }
    Ok(codes
        .map(|code| code.and_then(|code| views.get(code).cloned()).unwrap_or_default())
        .collect())
}

/// Where the sources of a participant disagree with what the register holds.
pub async fn conflicts(conn: &mut Conn, participant: &Participant) -> Result<Vec<Conflict>> {
    citations::conflicts(conn, Resource::Participants, participant.id, participant).await
}

impl Batched for Participant {
    type Draft = Draft;

    fn read(body: &Value) -> Result<Draft> {
        Draft::parse(body)
    }

    async fn create_all(write: &mut Write, drafts: &[&Draft]) -> Result<Vec<Self>, Refusal> {
        let mut created = Vec::with_capacity(drafts.len());
        for draft in drafts {
            created.push(create(write, (*draft).clone()).await?);
        }
        Ok(created)
    }

    async fn whole(&self, _: &Draft, _: &mut Conn, language: Language) -> Result<String> {
        serde_json::to_string(&self.whole(language, None, Vec::new())).map_err(Error::internal)
    }
}

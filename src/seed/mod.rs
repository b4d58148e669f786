//! What every register has, the shipped scales; and what one may begin with: the reference participants, or, as the demo does, all
//! of it with the Kuwait dossier.
//!
//! All is data (`data/`), loaded through the same functions as any
//! write, so that whatever the rules refuse is refused here too.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    articles::Article,
    assessments::Assessment,
    citations::{self, About, Address, Citation},
    coalitions::{Coalition, members::Member},
    db::Reader,
    error::{Error, Result},
    history::{Author, Register, Write},
    meetings::{Meeting, attendance::Attendance},
    participants::{self, Participant},
    pledges::{Pledge, adherents::Adherent, events},
    rates,
    records::{self, Collected, Draft, Related},
    resources::{self, Resource, examples::Chapter},
    scales,
};

const SCALES: &str = include_str!("../../data/scales.json");
const PARTICIPANTS: &str = include_str!("../../data/participants.json");
const KUWAIT: &str = include_str!("../../data/kuwait.json");
const ECB: &[u8] = include_bytes!("../../data/ecb-2018.csv");

/// What the log calls who loads it: no key has this name.
pub const ACTOR: &str = "pledgebook";

/// Why there is what the demo begins with, as the log has it.
pub const DEMO: &str = "the Kuwait dossier";

fn author(reason: &str) -> Author {
    Author {
        actor: ACTOR.into(),
        reason: Some(reason.into()),
        holder: None,
        claim: None,
    }
}

/// Sets those of the shipped scales that the register does not have; how many. One that is there is its editors', whatever it
/// says by now.
pub async fn scales(register: &Register) -> Result<usize> {
    let shipped: Vec<Value> = serde_json::from_str(SCALES).map_err(Error::internal)?;
    // Looked at before, so that a register that can only be read is served too.
    if missing_scales(&mut register.read().await?, &shipped)
        .await?
        .is_empty()
    {
        return Ok(0);
    }
    match set_scales(register, &shipped).await {
        // Who can only be read for now is served all the same.
        Err(error) if error.leaves_reading() => {
            tracing::warn!(%error, "the shipped scales could not be set: the next start sets them");
            Ok(0)
        }
        set => set,
    }
}

async fn set_scales(register: &Register, shipped: &[Value]) -> Result<usize> {
    let mut write = register.write(&author("shipped scales")).await?;
    let set = set_missing_scales(&mut write, shipped).await?;
    write.commit().await?;
    Ok(set)
}

async fn set_missing_scales(write: &mut Write, shipped: &[Value]) -> Result<usize> {
    let missing = missing_scales(&mut write.conn, shipped).await?;
    for (key, scale) in &missing {
        let draft = scales::Draft::parse(&without(scale, &["key"]))?;
        scales::put(write, key, None, draft).await?;
    }
    Ok(missing.len())
}

/// Those of these scales that the register does not have, by their keys.
async fn missing_scales<'a>(conn: &mut Reader, shipped: &'a [Value]) -> Result<Vec<(String, &'a Value)>> {
    let mut missing = Vec::new();
    for scale in shipped {
        let key = text(scale, "key")?;
        if resources::locate(conn, Resource::Scales, &key).await?.is_none() {
            missing.push((key, scale));
        }
    }
    Ok(missing)
}

/// Loads the reference participants into a register that has none; how many there were to load.
pub async fn participants(register: &Register) -> Result<usize> {
    // Looked at before, so that a register that can only be read is served too.
    if participants::sql::any(&mut register.read().await?).await? {
        return Ok(0);
    }
    let mut write = match register.write(&author("reference participants")).await {
        Ok(write) => write,
        // It is empty, and to be read all the same.
        Err(Error::ReadOnly) => return Ok(0),
        Err(error) => return Err(error),
    };
    if participants::sql::any(&mut write.conn).await? {
        return Ok(0);
    }
    let loaded = create_participants(&mut write).await?;
    write.commit().await?;
    Ok(loaded)
}

async fn create_participants(write: &mut Write) -> Result<usize> {
    let list: Vec<Value> = serde_json::from_str(PARTICIPANTS).map_err(Error::internal)?;
    for participant in &list {
        Participant::create(write, &participants::Draft::parse(participant)?).await?;
    }
    Ok(list.len())
}

/// Loads what the demo begins with into a register that is empty: the scales, in which the dossier's assessments speak, the reference
/// participants, the Kuwait dossier, and the rates of its days. In one write, so that it is there as a whole or not at all; what
/// comes behind it there is the program's as well, unless another acts. Its ids are the same each time.
pub async fn demo(write: &mut Write) -> Result<()> {
    write.act_for(&Arc::new(author(DEMO)));
    write.take_ids_of(Some(Chapter::Scales.entry(0)));
    let shipped: Vec<Value> = serde_json::from_str(SCALES).map_err(Error::internal)?;
    set_missing_scales(write, &shipped).await?;
    write.take_ids_of(Some(Chapter::ReferenceParticipants.entry(0)));
    create_participants(write).await?;
    Loader {
        write: &mut *write,
        articles: HashMap::new(),
        pledges: HashMap::new(),
        assessments: HashMap::new(),
    }
    .load(&serde_json::from_str(KUWAIT).map_err(Error::internal)?)
    .await?;
    let rates = rates::file::read(ECB, Some("ECB")).map_err(|why| Error::internal(why.to_string()))?;
    write.take_ids_of(Some(Chapter::Rates.entry(0)));
    rates::put(write, rates.drafts.into(), rates::Plausibility::Checked).await?;
    write.take_ids_of(None);
    Ok(())
}

/// Loads a dossier: bodies as the API takes them, articles, pledges and assessments named by
/// a `ref` of the dossier's own, quotes found in their article instead of counted out.
struct Loader<'a> {
    write: &'a mut Write,
    /// By ref: id and body.
    articles: HashMap<String, (Uuid, String)>,
    pledges: HashMap<String, Uuid>,
    assessments: HashMap<String, Uuid>,
}

impl Loader<'_> {
    async fn load(mut self, dossier: &Value) -> Result<()> {
        for (place, participant) in (0..).zip(each(dossier, "participants")) {
            self.write.take_ids_of(Some(Chapter::Participants.entry(place)));
            self.created::<Participant>(participant).await?;
        }
        for (place, article) in (0..).zip(each(dossier, "articles")) {
            self.write.take_ids_of(Some(Chapter::Articles.entry(place)));
            self.article(article).await?;
        }
        for (place, coalition) in (0..).zip(each(dossier, "coalitions")) {
            self.write.take_ids_of(Some(Chapter::Coalitions.entry(place)));
            self.coalition(coalition).await?;
        }
        for (place, meeting) in (0..).zip(each(dossier, "meetings")) {
            self.write.take_ids_of(Some(Chapter::Meetings.entry(place)));
            self.meeting(meeting).await?;
        }
        for (place, pledge) in (0..).zip(each(dossier, "pledges")) {
            self.write.take_ids_of(Some(Chapter::Pledges.entry(place)));
            // Too large to stand on the stack within all that calls it.
            Box::pin(self.pledge(pledge)).await?;
        }
        Ok(())
    }

    async fn article(&mut self, given: &Value) -> Result<()> {
        let article = self.created::<Article>(&without(given, &["ref"])).await?;
        self.articles.insert(
            text(given, "ref")?,
            (article.id, article.body.unwrap_or_default()),
        );
        Ok(())
    }

    async fn coalition(&mut self, given: &Value) -> Result<()> {
        let coalition = self.created::<Coalition>(&without(given, &["members"])).await?;
        for member in each(given, "members") {
            self.related::<Member>(coalition.id, member).await?;
        }
        Ok(())
    }

    async fn meeting(&mut self, given: &Value) -> Result<()> {
        let meeting = self
            .created::<Meeting>(&without(given, &["attendance", "citations"]))
            .await?;
        for attendance in each(given, "attendance") {
            self.related::<Attendance>(meeting.id, attendance).await?;
        }
        self.cite(About::Meetings, meeting.slug.as_str(), given).await
    }

    /// Makes the citations of what takes none along when it is created.
    async fn cite(&mut self, about: About, key: &str, given: &Value) -> Result<()> {
        for citation in each(given, "citations") {
            let key = key.to_owned();
            let draft = citations::Draft::parse(&self.located(citation)?, Some(Address { about, key }))?;
            Citation::create(self.write, &draft).await?;
        }
        Ok(())
    }

    async fn created<R: Collected>(&mut self, body: &Value) -> Result<R> {
        R::create(self.write, &R::Draft::parse(body)?).await
    }

    async fn related<R: Related>(&mut self, whole: Uuid, given: &Value) -> Result<()> {
        let conn = &mut self.write.conn;
        let [whole, participant] = [
            (R::WHOLE, whole.to_string()),
            (Resource::Participants, text(given, "participant")?),
        ];
        let whole = resources::live(conn, whole.0, &whole.1).await?;
        let participant = resources::live(conn, participant.0, &participant.1).await?;
        let draft = R::Draft::parse(&without(given, &["participant", "citations"]))?;
        records::relate::<R>(self.write, &whole, &participant, draft)
            .await
            .map(drop)
    }

    async fn pledge(&mut self, given: &Value) -> Result<()> {
        let mut body = self.cited(given, &["ref", "events", "adherents", "assessments"])?;
        for relation in ["parent", "restates"] {
            refer(&mut body, relation, &self.pledges)?;
        }
        let mut pledge = Box::pin(self.created::<Pledge>(&body)).await?;
        self.pledges.insert(text(given, "ref")?, pledge.id);
        for event in each(given, "events") {
            let draft = events::Draft::parse(&self.cited(event, &[])?)?;
            events::create(self.write, &mut pledge, &draft).await?;
        }
        for adherent in each(given, "adherents") {
            self.related::<Adherent>(pledge.id, adherent).await?;
            let key = format!("{}/{}", pledge.id, text(adherent, "participant")?);
            self.cite(About::Adherents, &key, adherent).await?;
        }
        for assessment in each(given, "assessments") {
            self.assessment(pledge.id, assessment).await?;
        }
        Ok(())
    }

    async fn assessment(&mut self, pledge: Uuid, given: &Value) -> Result<()> {
        let mut body = self.cited(given, &["ref"])?;
        body["subject"] = format!("{}/{pledge}", Resource::Pledges).into();
        refer(&mut body, "replaces", &self.assessments)?;
        let assessment = self.created::<Assessment>(&body).await?;
        if let Some(named) = given.get("ref").and_then(Value::as_str) {
            self.assessments.insert(named.to_owned(), assessment.id);
        }
        Ok(())
    }

    /// A body without some members, its citations with ids and offsets.
    fn cited(&self, given: &Value, without_members: &[&str]) -> Result<Value> {
        let mut body = without(given, without_members);
        let citations = each(given, "citations")
            .map(|citation| self.located(citation))
            .collect::<Result<Vec<_>>>()?;
        if !citations.is_empty() {
            body["citations"] = citations.into();
        }
        Ok(body)
    }

    /// A citation with its article's id, and its quote's place in the body.
    fn located(&self, citation: &Value) -> Result<Value> {
        let named = text(citation, "article")?;
        let (id, body) = self
            .articles
            .get(&named)
            .ok_or_else(|| Error::internal(format!("no article {named:?} in the dossier")))?;
        let mut located = citation.clone();
        located["article"] = id.to_string().into();
        if let Some(quote) = citation.get("quote").and_then(Value::as_str) {
            let offset = body
                .find(quote)
                .ok_or_else(|| Error::internal(format!("{named} does not say {quote:?}")))?;
            let start = body[..offset].chars().count();
            located["start"] = start.into();
            located["end"] = (start + quote.chars().count()).into();
        }
        Ok(located)
    }
}

/// Puts the id of the record in the place of the `ref` that names it.
fn refer(body: &mut Value, relation: &str, known: &HashMap<String, Uuid>) -> Result<()> {
    if let Some(named) = body.get(relation).and_then(Value::as_str) {
        let id = known
            .get(named)
            .ok_or_else(|| Error::internal(format!("nothing called {named:?} comes before")))?;
        body[relation] = id.to_string().into();
    }
    Ok(())
}

fn each<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    of.get(name)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
}

fn text(of: &Value, name: &str) -> Result<String> {
    of.get(name)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| Error::internal(format!("the dossier lacks {name} in {of}")))
}

fn without(of: &Value, members: &[&str]) -> Value {
    let kept: Map<String, Value> = of
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !members.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    kept.into()
}

//! Citations as records: how one is shown, created, changed and checked; and what their subjects ask of them.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    About, Address, Called, Citation, Conflict, Draft, States, Subject, View, differing, sql, verified,
};
use crate::{
    articles::{self, Article},
    db::Reader,
    error::{Detail, Error, Faults, Result},
    history::{Record, Write},
    records::{self, Collected},
    resources::{self, Located, Resource, examples},
    values::{Timestamp, Viewpoint},
    web::{Alone, Expand, InputSchema, Shown, Shows},
};

const THIS: Resource = Resource::Citations;

impl Shown for Citation {
    type View<'a> = View<'a>;
    type Schema = View<'static>;
    type Alone = ();

    const EXPANDS: &'static [Expand<Self>] = &[Expand {
        name: "article",
        shows: Shows::One("ArticleEntry"),
        is_of_any_part: false,
        read: |conn, citations, viewpoint| Box::pin(cited_from(conn, citations, viewpoint)),
    }];

    fn id(&self) -> Uuid {
        self.id
    }

    fn view(&self, viewpoint: Viewpoint, _: Option<()>) -> View<'_> {
        View {
            citation: self.document(),
            subject_title: self.called.title(viewpoint.language),
            article_title: &self.article_title,
        }
    }
}

impl Record for Citation {
    const RESOURCE: Resource = THIS;
    fn version(&self) -> i64 {
        self.version
    }
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp) {
        (&mut self.version, &mut self.updated_at)
    }
}

impl records::Draft for (Address, Draft) {
    fn input() -> InputSchema {
        InputSchema {
            name: "NewCitation",
            fields: THIS.fields(),
            required: &["subject", "article"],
            input_only: Vec::new(),
            example: json!({
                "subject": "meetings/global-coalition-kuwait-2018",
                "article": examples::ARTICLE,
                "states": { "city": "Kuwait City" },
            }),
        }
    }

    fn patch() -> Value {
        json!({ "preferred": false })
    }

    fn parse(body: &Value) -> Result<Self> {
        Draft::parse(body, None)
    }
}

impl Collected for Citation {
    type Filter = sql::CitationFilter;
    type Draft = (Address, Draft);

    async fn create(write: &mut Write, (address, draft): &Self::Draft) -> Result<Self> {
        let subject = subject(&mut write.conn, address).await?;
        let citation = create(write, address.about, &subject, draft, "").await?;
        titled(write, citation).await
    }

    async fn change(write: &mut Write, before: Self, (address, draft): Self::Draft) -> Result<Self> {
        let subject_now = sql::subject_of(&mut write.conn, before.id).await?;
        if subject(&mut write.conn, &address).await?.id != subject_now.id {
            return Err(resources::fixed("subject", &before.subject()));
        }
        let article = checked(write, &draft, "").await?;
        refuse_second_preferred(write, subject_now, &draft, Some(before.id), "").await?;
        let after = draft.said_by(article, before.clone());
        write.change(before, after, sql::cells).await
    }

    /// Checks it against what its article says now.
    async fn recheck(self, write: &mut Write) -> Result<Self> {
        recheck(write, &self).await?;
        Ok(self)
    }

    async fn find(conn: &mut Reader, id: Uuid) -> Result<Option<Self>> {
        records::find::<Self::Filter>(conn, id).await
    }
}

/// The live record that an address names; a fault at `/subject` when there is none.
async fn subject(conn: &mut Reader, address: &Address) -> Result<Located> {
    address.resolve(conn).await?.ok_or_else(|| {
        let detail =
            format!("names {address}, which is not in the register; create it first or mend the key");
        let mut faults = Faults::default();
        faults.add_said("/subject", "unknown_reference", detail, &address.to_string());
        Error::Invalid(faults)
    })
}

/// What was cited, with what its subject is called, where that is not its own name.
pub async fn titled(write: &mut Write, citation: Citation) -> Result<Citation> {
    if citation.called.names.is_some() {
        return Ok(citation);
    }
    let called = sql::called(&mut write.conn, citation.id).await?;
    Ok(Citation { called, ..citation })
}

/// Cites. `at` is where the citation stands in the body, for the pointers of its faults.
pub async fn create(
    write: &mut Write,
    about: About,
    subject: &Located,
    draft: &Draft,
    at: &str,
) -> Result<Citation> {
    write.permit_about(THIS, about.resource(), subject.id).await?;
    let article = checked(write, draft, at).await?;
    let of = Subject {
        about,
        id: subject.id,
    };
    refuse_second_preferred(write, of, draft, None, at).await?;
    let new = Citation::new(write.new_id(), write.at, about, subject)?;
    let citation = draft.clone().said_by(article, new);
    let cells = sql::new_cells(&citation, of);
    write.create(citation, cells).await
}

impl Citation {
    /// One that says nothing yet.
    fn new(id: Uuid, at: Timestamp, about: About, subject: &Located) -> Result<Self> {
        let named = |it: About| (it == about).then_some(subject);
        let key = named(About::Adherents).map(Located::public_key);
        let (pledge, participant) = key.as_deref().and_then(|it| it.split_once('/')).unzip();
        let parsed = |pledge: &str| pledge.parse().map_err(Error::internal);
        Ok(Self {
            id,
            participant: named(About::Participants).map(Located::parsed).transpose()?,
            coalition: named(About::Coalitions).map(Located::parsed).transpose()?,
            meeting: named(About::Meetings).map(Located::parsed).transpose()?,
            pledge: named(About::Pledges).map(|it| it.id),
            event: named(About::Events).map(|it| it.id),
            adherent: participant
                .map(|it| it.parse().map_err(Error::internal))
                .transpose()?,
            adherent_pledge: pledge.map(parsed).transpose()?,
            assessment: named(About::Assessments).map(|it| it.id),
            called: Called {
                names: subject.names.clone(),
                ..Called::default()
            },
            article: Uuid::nil(),
            article_title: String::new(),
            quote: None,
            quote_start: None,
            quote_end: None,
            states: States::new(),
            preferred: false,
            version: 1,
            created_at: at,
            updated_at: at,
        })
    }
}

impl Draft {
    /// The citation with what this says of it.
    fn said_by(self, article: Article, citation: Citation) -> Citation {
        let (quote, quote_start, quote_end) = match self.quote {
            Some((quote, start, end)) => (Some(quote), Some(start), Some(end)),
            None => (None, None, None),
        };
        Citation {
            article: article.id,
            article_title: article.title,
            quote,
            quote_start,
            quote_end,
            states: self.states,
            preferred: self.preferred,
            ..citation
        }
    }
}

/// Checks a restored citation against what its article says now.
async fn recheck(write: &mut Write, citation: &Citation) -> Result<()> {
    let draft = Draft {
        article: citation.article.to_string(),
        quote: citation
            .quote
            .clone()
            .zip(citation.quote_start.zip(citation.quote_end))
            .map(|(quote, (start, end))| (quote, start, end)),
        states: citation.states.clone(),
        preferred: citation.preferred,
    };
    checked(write, &draft, "").await?;
    let subject = sql::subject_of(&mut write.conn, citation.id).await?;
    refuse_second_preferred(write, subject, &draft, Some(citation.id), "").await
}

/// Checks the citations that came back with a restored record.
pub async fn recheck_about(write: &mut Write, subject: Subject) -> Result<()> {
    for citation in sql::about(&mut write.conn, subject).await? {
        recheck(write, &citation).await?;
    }
    Ok(())
}

/// The article, when it is there and the quote stands in it.
async fn checked(write: &mut Write, draft: &Draft, at: &str) -> Result<Article> {
    let mut faults = Faults::default();
    let conn = &mut write.conn;
    let pointer = format!("{at}/article");
    let found = resources::referred(
        conn,
        Resource::Articles,
        Some(&draft.article),
        &pointer,
        &mut faults,
    )
    .await?;
    let article = match found {
        Some(found) => articles::sql::find(conn, found.id).await?,
        None => None,
    };
    if let (Some(article), Some((quote, start, end))) = (&article, &draft.quote)
        && let Err(detail) = verified(article.body.as_deref(), quote, *start, *end)
    {
        faults.add(format!("{at}/quote"), "quote", detail);
    }
    faults.or_invalid()?;
    article.ok_or_else(|| Error::internal("an article without a fault was not found"))
}

/// A record holds one preferred value, so one citation of it is preferred.
async fn refuse_second_preferred(
    write: &mut Write,
    subject: Subject,
    draft: &Draft,
    but: Option<Uuid>,
    at: &str,
) -> Result<()> {
    if !draft.preferred {
        return Ok(());
    }
    match sql::preferred(&mut write.conn, subject, but).await? {
        None => Ok(()),
        Some(first) => Err(Error::Conflict {
            code: "second_preferred",
            detail: format!(
                "citations/{first} is this record's preferred one. Patch that one to \"preferred\": false first."
            ),
            faults: Faults::one(
                format!("{at}/preferred"),
                "second",
                Detail::of(format!("citations/{first} is preferred already"))
                    .naming(format!("citations/{first}")),
            ),
            with: Some(format!("/v1/citations/{first}")),
        }),
    }
}

/// Puts beside a record that can be cited about what is said about it.
#[must_use]
pub const fn expand<R: Record>() -> Expand<R> {
    Expand {
        name: "citations",
        shows: Shows::Many("Citation"),
        is_of_any_part: false,
        read: |conn, records, viewpoint| Box::pin(cited(conn, records, viewpoint)),
    }
}

/// The article of each of these citations.
async fn cited_from(conn: &mut Reader, citations: &[Citation], viewpoint: Viewpoint) -> Result<Vec<Value>> {
    let ids: BTreeSet<Uuid> = citations.iter().map(|it| it.article).collect();
    let mut views = HashMap::new();
    for article in articles::sql::entries(conn, ids).await? {
        let view = serde_json::to_value(article.summary(viewpoint)).map_err(Error::internal)?;
        views.insert(article.id, view);
    }
    let of = |citation: &Citation| views.get(&citation.article).cloned();
    Ok(citations.iter().map(|it| of(it).unwrap_or_default()).collect())
}

/// The live citations of each of these records, oldest first.
async fn cited<R: Record>(conn: &mut Reader, records: &[R], viewpoint: Viewpoint) -> Result<Vec<Value>> {
    let ids = records.iter().map(R::id).collect();
    let mut by_subject: HashMap<String, Vec<Value>> = HashMap::new();
    for citation in sql::about_any(conn, About::of::<R>()?, ids).await? {
        let view = serde_json::to_value(citation.summary(viewpoint)).map_err(Error::internal)?;
        by_subject.entry(citation.subject()).or_default().push(view);
    }
    let about = About::of::<R>()?;
    let subject = |record: &R| {
        Address {
            about,
            key: record.key(),
        }
        .to_string()
    };
    Ok(records
        .iter()
        .map(|it| by_subject.remove(&subject(it)).unwrap_or_default().into())
        .collect())
}

/// What the sources of a record state otherwise than it: where it is shown alone, as a list would read all their sources.
impl<R: Record> Alone<R> for Vec<Conflict> {
    const MEMBERS: &'static [&'static str] = &["conflicts"];

    async fn read(sources: Option<&mut Reader>, record: &R) -> Result<Self> {
        let Some(conn) = sources else {
            return Ok(Self::new());
        };
        let (about, id) = (About::of::<R>()?, record.id());
        let stating = sql::stating(conn, Subject { about, id }).await?;
        if stating.is_empty() {
            return Ok(Self::new());
        }
        Ok(differing(&record.stated()?, &stating))
    }
}

impl About {
    /// What a citation of such a record is about.
    fn of<R: Record>() -> Result<Self> {
        let resource = R::RESOURCE.as_str();
        resource
            .parse()
            .map_err(|_| Error::internal(format!("nothing is cited about {resource}")))
    }
}

//! Statements about citations: what is kept of one, whose it is, and which match.

use uuid::Uuid;

use super::{About, Address, Called, Citation, States, Subject};
use crate::{
    db::{Cells, Reader, Sql, row, stored_as_json},
    error::{Error, Faults, Result},
    resources::{self, Located, Named, Resource},
    web::{ColumnType, Filter, Query, Sort, Updated},
};

/// The column that points at a subject.
pub(super) fn column(about: About) -> &'static str {
    match about {
        About::Participants => "participant_id",
        About::Coalitions => "coalition_id",
        About::Meetings => "meeting_id",
        About::Pledges => "pledge_id",
        About::Events => "event_id",
        About::Adherents => "adherent_id",
        About::Assessments => "assessment_id",
    }
}

stored_as_json!(States);

row! {
    Citation {
        id, participant, coalition, meeting, pledge, event, adherent, adherent_pledge, assessment, called: row, article, article_title,
        quote, quote_start, quote_end, states, preferred, version, created_at, updated_at,
    }
}

row! { Called { names, stage, occurred_on, assessor, participant_names, meeting_titles, purpose } }

/// What the subject of a citation is called; how the tables are named is [`CitationFilter::FROM`].
macro_rules! called {
    () => {
        "coalesce(p.names, c.names, m.titles, ap.names) as names, ev.stage, ev.occurred_on, s.assessor, pp.names as participant_names,
        pm.titles as meeting_titles, substr(pl.purpose, 1, 200) as purpose"
    };
}

pub(super) async fn called(conn: &mut Reader, id: Uuid) -> Result<Called> {
    let mut sql = Sql::new(concat!("select ", called!()));
    sql.push(CitationFilter::FROM).push(" and r.id = ").push_arg(id);
    conn.one(sql).await
}

/// The whole row.
pub(super) fn new_cells(citation: &Citation, subject: Subject) -> Cells {
    cells(citation).set(column(subject.about), subject.id)
}

/// What may change of a citation's row: its subject is for good.
pub(super) fn cells(citation: &Citation) -> Cells {
    let Citation {
        id: _,
        participant: _,
        coalition: _,
        meeting: _,
        pledge: _,
        event: _,
        adherent: _,
        adherent_pledge: _,
        assessment: _,
        called: _,
        article,
        article_title: _,
        quote,
        quote_start,
        quote_end,
        states,
        preferred,
        version,
        created_at,
        updated_at,
    } = citation;
    Cells::new()
        .set("article_id", *article)
        .set("quote", quote.clone())
        .set("quote_start", *quote_start)
        .set("quote_end", *quote_end)
        .set("states", states.clone())
        .set("preferred", *preferred)
        .set("version", *version)
        .set("created_at", *created_at)
        .set("updated_at", *updated_at)
}

/// The live citations of a subject.
pub(super) async fn about(conn: &mut Reader, subject: Subject) -> Result<Vec<Citation>> {
    let mut sql = CitationFilter::rows();
    sql.push(" and r.").push(column(subject.about));
    sql.push(" = ").push_arg(subject.id).push(" order by r.id");
    conn.all(sql).await
}

pub(super) async fn subject_of(conn: &mut Reader, id: Uuid) -> Result<Subject> {
    type Maybe = Option<Uuid>;
    // In the order of About::ALL.
    let ids: (Maybe, Maybe, Maybe, Maybe, Maybe, Maybe, Maybe) = conn
        .one(
            Sql::new(
                "select participant_id, coalition_id, meeting_id, pledge_id, event_id, adherent_id, assessment_id
                 from citations where id = $1",
            )
            .bind(id),
        )
        .await?;
    About::ALL
        .into_iter()
        .zip([ids.0, ids.1, ids.2, ids.3, ids.4, ids.5, ids.6])
        .find_map(|(about, id)| Some(Subject { about, id: id? }))
        .ok_or_else(|| Error::internal("a citation without a subject"))
}

/// The preferred live citation of a subject, another one than `but`.
pub async fn preferred(conn: &mut Reader, subject: Subject, but: Option<Uuid>) -> Result<Option<Uuid>> {
    let mut sql = Sql::new("select id from citations where retracted_at is null and preferred = ");
    sql.push_arg(true)
        .push(" and ")
        .push(column(subject.about))
        .push(" = ")
        .push_arg(subject.id);
    if let Some(but) = but {
        sql.push(" and id <> ").push_arg(but);
    }
    let found: Option<(Uuid,)> = conn.find(sql).await?;
    Ok(found.map(|(id,)| id))
}

/// The live citations of any of these records, oldest first.
pub(super) async fn about_any(conn: &mut Reader, about: About, ids: Vec<Uuid>) -> Result<Vec<Citation>> {
    let mut sql = CitationFilter::rows();
    sql.push(" and r.")
        .push(column(about))
        .push(" in ")
        .push_list(ids)
        .push(" order by r.id");
    conn.all(sql).await
}

/// Live citations of a subject that state something, the oldest first.
pub(super) async fn stating(conn: &mut Reader, subject: Subject) -> Result<Vec<(Uuid, States)>> {
    let mut sql = Sql::new("select id, states from citations where retracted_at is null and ");
    sql.push(column(subject.about))
        .push(" = ")
        .push_arg(subject.id)
        .push(" order by id");
    let rows: Vec<(Uuid, States)> = conn.all(sql).await?;
    Ok(rows
        .into_iter()
        .filter(|(_, states)| !states.is_empty())
        .collect())
}

impl Address {
    /// The live record that it names.
    pub(super) async fn resolve(&self, conn: &mut Reader) -> Result<Option<Located>> {
        match self.key.split_once('/') {
            Some((pledge, participant)) => resources::adherent_of(conn, pledge, participant).await,
            None => resources::resolve(conn, self.about.resource(), &self.key).await,
        }
    }
}

#[derive(Debug, Default)]
pub struct CitationFilter {
    addresses: Vec<Address>,
    pub(super) subjects: Vec<Subject>,
    pub(super) article: Named,
    preferred: Option<bool>,
    updated: Updated,
}

impl Filter for CitationFilter {
    type Item = Citation;

    const COLUMNS: &'static str = concat!(
        "select r.id, p.code as participant, c.slug as coalition, m.slug as meeting, r.pledge_id as pledge,
        r.event_id as event, ap.code as adherent, ad.pledge_id as adherent_pledge, r.assessment_id as assessment, r.article_id as article, a.title as article_title, r.quote, r.quote_start, r.quote_end, r.states,
        r.preferred, r.version, r.created_at, r.updated_at, ",
        called!()
    );
    const FROM: &'static str = " from citations r join articles a on a.id = r.article_id
        left join participants p on p.id = r.participant_id left join coalitions c on c.id = r.coalition_id
        left join meetings m on m.id = r.meeting_id left join adherents ad on ad.id = r.adherent_id
        left join participants ap on ap.id = ad.participant_id left join events ev on ev.id = r.event_id
        left join assessments s on s.id = r.assessment_id
        left join pledges pl on pl.id = coalesce(r.pledge_id, ev.pledge_id, ad.pledge_id, s.pledge_id)
        left join participants pp on pp.id = pl.participant_id left join meetings pm on pm.id = pl.meeting_id
        where r.retracted_at is null";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        Sort::by("updated_at", "r.updated_at", ColumnType::Time, |it| {
            Some(it.updated_at.to_rfc3339())
        }),
    ];

    fn read(query: &mut Query) -> Self {
        Self {
            addresses: query.many("subject"),
            subjects: Vec::new(),
            article: Named::read(query, "article"),
            preferred: query.flag("preferred"),
            updated: Updated::read(query),
        }
    }

    fn names_records(&self) -> bool {
        !self.addresses.is_empty() || !self.article.is_empty()
    }

    async fn resolve(&mut self, conn: &mut Reader) -> Result<()> {
        let mut faults = Faults::default();
        for address in std::mem::take(&mut self.addresses) {
            match address.resolve(conn).await? {
                Some(found) => self.subjects.push(Subject {
                    about: address.about,
                    id: found.id,
                }),
                None => faults.add_said(
                    "?subject",
                    "unknown_reference",
                    format!("subject names {address}, which is not in the register"),
                    &address.to_string(),
                ),
            }
        }
        self.article
            .resolve(conn, Resource::Articles, "article", &mut faults)
            .await?;
        faults.or_malformed()
    }

    fn matching(&self, sql: &mut Sql) {
        let mut or = " and (";
        for subject in &self.subjects {
            sql.push(or)
                .push("r.")
                .push(column(subject.about))
                .push(" = ")
                .push_arg(subject.id);
            or = " or ";
        }
        if !self.subjects.is_empty() {
            sql.push(")");
        }
        self.article.matching(sql, " and r.article_id in ", "");
        if let Some(preferred) = self.preferred {
            sql.push(" and r.preferred = ").push_arg(preferred);
        }
        self.updated.matching(sql, "r.updated_at");
    }
}

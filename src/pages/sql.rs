//! Statements for the first page.

use uuid::Uuid;

use crate::{
    db::{Reader, Sql, row},
    error::Result,
    values::{Currency, LangMap, PartialDate},
};

/// How many live records there are; a merged participant lives on in its successor.
#[derive(Debug)]
pub(super) struct Counts {
    pub(super) participants: i64,
    pub(super) meetings: i64,
    pub(super) articles: i64,
}

row! { Counts { participants, meetings, articles } }

pub(super) async fn counts(conn: &mut Reader) -> Result<Counts> {
    conn.one(Sql::new(
        "select (select count(*) from participants where retracted_at is null and merged_into is null) as participants,
         (select count(*) from meetings where retracted_at is null) as meetings,
         (select count(*) from articles where retracted_at is null) as articles",
    ))
    .await
}

/// A meeting, as far as it is shown.
#[derive(Debug)]
pub(super) struct Latest {
    pub(super) id: Uuid,
    pub(super) slug: String,
    pub(super) titles: LangMap,
    pub(super) starts_on: PartialDate,
    pub(super) ends_on: Option<PartialDate>,
    pub(super) city: Option<String>,
    /// The country's names.
    pub(super) country: Option<LangMap>,
    /// Minor units of `headline_currency`, as is `need_amount`.
    pub(super) headline_amount: Option<i64>,
    pub(super) need_amount: Option<i64>,
    pub(super) headline_currency: Option<Currency>,
}

row! {
    Latest {
        id, slug, titles, starts_on, ends_on, city, country, headline_amount, need_amount, headline_currency,
    }
}

/// The meetings that begin last, the last first.
pub(super) async fn latest(conn: &mut Reader, most: i64) -> Result<Vec<Latest>> {
    conn.all(
        Sql::new(
            "select r.id, r.slug, r.titles, r.starts_on, r.ends_on, r.city, p.names as country,
             r.headline_amount, r.need_amount, r.headline_currency
             from meetings r left join participants p on p.id = r.country_id
             where r.retracted_at is null order by r.starts_first desc, r.id desc limit $1",
        )
        .bind(most),
    )
    .await
}

use axum::{
    Router,
    extract::{FromRequestParts, Path, State},
    http::request::Parts,
    response::Response,
    routing::get,
};

use super::{Basis, Dimension, Totals, fold, sql};
use crate::{
    db::Conn,
    error::{Error, Result},
    history::Register,
    pledges::sql::PledgeFilter,
    resources::{self, Named, Resource},
    values::Language,
    web::{self, Asked, Filter, Query},
};

pub fn routes() -> Router<Register> {
    Router::new()
        .route("/v1/totals", get(of_register))
        .route("/v1/meetings/{key}/totals", get(of_meeting))
}

/// Totals that are asked for.
struct Question {
    filter: PledgeFilter,
    dimensions: Vec<Dimension>,
    asked: Asked,
}

impl<S: Send + Sync> FromRequestParts<S> for Question {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let mut query = Query::of(parts);
        let filter = PledgeFilter::read(&mut query);
        let mut dimensions: Vec<Dimension> = query.many("group_by");
        let mut seen = Vec::new();
        dimensions.retain(|dimension| {
            !seen.contains(dimension) && {
                seen.push(*dimension);
                true
            }
        });
        let asked = Asked::read(parts, &mut query);
        query.done()?;
        Ok(Self {
            filter,
            dimensions,
            asked,
        })
    }
}

async fn of_register(State(register): State<Register>, question: Question) -> Result<Response> {
    answer(&mut register.snapshot().await?, question).await
}

async fn of_meeting(
    State(register): State<Register>,
    Path(key): Path<String>,
    mut question: Question,
) -> Result<Response> {
    let mut conn = register.snapshot().await?;
    question.filter.meeting = Named::one(resources::live(&mut conn, Resource::Meetings, &key).await?.id);
    answer(&mut conn, question).await
}

async fn answer(
    conn: &mut Conn,
    Question {
        mut filter,
        dimensions,
        asked,
    }: Question,
) -> Result<Response> {
    filter.resolve(conn).await?;
    let sums = sql::sums(conn, &filter, &dimensions).await?;
    let (mut groups, excluded) = fold(&dimensions, &sums);
    name(conn, &dimensions, &mut groups, asked.language).await?;
    let totals = Totals {
        basis: Basis::default_in(asked.language),
        groups,
        excluded,
        rates: [],
        next: None,
    };
    web::item(&asked, None, &totals)
}

/// Puts names beside keys, one statement per dimension.
async fn name(
    conn: &mut Conn,
    dimensions: &[Dimension],
    groups: &mut [super::Group],
    language: Language,
) -> Result<()> {
    for &dimension in dimensions
        .iter()
        .filter(|it| matches!(it, Dimension::Meeting | Dimension::Participant))
    {
        let keys: Vec<String> = groups
            .iter()
            .filter_map(|group| group.key.get(&dimension)?.clone())
            .collect();
        let names = sql::names(conn, dimension, keys).await?;
        for group in groups.iter_mut() {
            let name = group
                .key
                .get(&dimension)
                .and_then(Option::as_ref)
                .and_then(|key| names.get(key));
            group
                .names
                .insert(dimension, name.map(|name| name.resolve(language).to_owned()));
        }
    }
    Ok(())
}

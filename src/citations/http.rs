use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};

use super::{
    About, Address, Citation, Draft, Subject,
    sql::{self, CitationFilter},
};
use crate::{
    auth::Editor,
    db::Conn,
    error::{Error, Faults, Result},
    history::{self, Author, Register},
    records,
    resources::{self, Located, Named, Resource},
    web::{self, Asked, Body, Listing},
};

const THIS: Resource = Resource::Citations;

pub fn routes() -> Router<Register> {
    let router = Router::new()
        .route("/v1/citations", get(list).post(create))
        .route("/v1/citations/batch", records::batch::<Citation>())
        .route(
            "/v1/citations/{key}",
            get(read)
                .patch(change)
                .delete(|s, e, p, a| records::retract(THIS, s, e, p, a)),
        )
        .route("/v1/citations/{key}/restore", post(restore))
        .route(
            "/v1/citations/{key}/history",
            get(|s, p, l| history::http::history(THIS, s, p, l)),
        )
        .route(
            "/v1/articles/{key}/citations",
            get(list_of_article).post(create_of_article),
        )
        .route(
            "/v1/pledges/{pledge}/events/{key}/citations",
            get(list_of_event).post(create_of_event),
        );
    About::ALL
        .into_iter()
        .filter(|about| *about != About::Events)
        .fold(router, |router, about| {
            router.route(
                &format!("/v1/{about}/{{key}}/citations"),
                get(move |s, p, l| list_of(about, s, p, l))
                    .post(move |s, e, p, a, b| create_of(about, s, e, p, a, b)),
            )
        })
}

async fn list(State(register): State<Register>, listing: Listing<CitationFilter>) -> Result<Response> {
    answer(&mut register.read().await?, listing).await
}

async fn answer(conn: &mut Conn, mut listing: Listing<CitationFilter>) -> Result<Response> {
    let paged = listing.fetch(conn).await?;
    let views: Vec<_> = paged.items.iter().map(Citation::view).collect();
    web::list(&listing.asked, &paged, &views)
}

/// `/v1/{resource}/{key}/citations`: what is cited about one record.
async fn list_of(
    about: About,
    State(register): State<Register>,
    Path(key): Path<String>,
    mut listing: Listing<CitationFilter>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let located = resources::live(&mut conn, about.resource(), &key).await?;
    listing.filter.subjects = vec![Subject {
        about,
        id: located.id,
    }];
    answer(&mut conn, listing).await
}

/// The event of a path, which names its pledge too.
async fn live_event(conn: &mut Conn, (pledge, key): &(String, String)) -> Result<Located> {
    let pledge = resources::live(conn, Resource::Pledges, pledge).await?;
    let event = match resources::locate(conn, Resource::Events, key).await? {
        Some(event) if sql::is_of(conn, event.id, pledge.id).await? => event,
        _ => return Err(resources::not_found(Resource::Events, key)),
    };
    if event.retracted_at.is_some() {
        return Err(Error::Gone {
            resource: Resource::Events.as_str(),
            key: event.public_key(),
            path: format!("/v1/pledges/{}/events/{}", pledge.id, event.id),
        });
    }
    Ok(event)
}

async fn list_of_event(
    State(register): State<Register>,
    Path(path): Path<(String, String)>,
    mut listing: Listing<CitationFilter>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let event = live_event(&mut conn, &path).await?;
    listing.filter.subjects = vec![Subject {
        about: About::Events,
        id: event.id,
    }];
    answer(&mut conn, listing).await
}

async fn create_of_event(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(path): Path<(String, String)>,
    asked: Asked,
    Body(body): Body,
) -> Result<Response> {
    let event = live_event(&mut register.read().await?, &path).await?;
    let address = Address {
        about: About::Events,
        key: event.public_key(),
    };
    store(&register, &author, &asked, Draft::parse(&body, Some(address))?).await
}

/// `/v1/articles/{key}/citations`: what is cited from one article.
async fn list_of_article(
    State(register): State<Register>,
    Path(key): Path<String>,
    mut listing: Listing<CitationFilter>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let article = resources::live(&mut conn, Resource::Articles, &key).await?;
    listing.filter.article = Named::one(article.id);
    answer(&mut conn, listing).await
}

async fn create(
    State(register): State<Register>,
    Editor(author): Editor,
    asked: Asked,
    Body(body): Body,
) -> Result<Response> {
    store(&register, &author, &asked, Draft::parse(&body, None)?).await
}

async fn create_of(
    about: About,
    State(register): State<Register>,
    Editor(author): Editor,
    Path(key): Path<String>,
    asked: Asked,
    Body(body): Body,
) -> Result<Response> {
    resources::live(&mut register.read().await?, about.resource(), &key).await?;
    store(
        &register,
        &author,
        &asked,
        Draft::parse(&body, Some(Address { about, key }))?,
    )
    .await
}

async fn create_of_article(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(key): Path<String>,
    asked: Asked,
    Body(mut body): Body,
) -> Result<Response> {
    let article = resources::live(&mut register.read().await?, Resource::Articles, &key).await?;
    if let Some(map) = body.as_object_mut()
        && map
            .insert("article".into(), article.id.to_string().into())
            .is_some()
    {
        let fault = Faults::one(
            "/article",
            "unknown_field",
            "is named by the path already; leave it out",
        );
        return Err(Error::Invalid(fault));
    }
    store(&register, &author, &asked, Draft::parse(&body, None)?).await
}

async fn store(
    register: &Register,
    author: &Author,
    asked: &Asked,
    (address, draft): (Address, Draft),
) -> Result<Response> {
    let mut write = register.write(author).await?;
    let subject = super::subject(&mut write.conn, &address).await?;
    let it = super::create(&mut write, subject, draft, "").await?;
    write.commit().await?;
    web::created(asked, &format!("/v1/citations/{}", it.id), it.version, &it.view())
}

async fn live(conn: &mut Conn, key: &str) -> Result<Citation> {
    let located = resources::live(conn, THIS, key).await?;
    sql::find(conn, located.id)
        .await?
        .ok_or_else(|| resources::not_found(THIS, key))
}

async fn read(State(register): State<Register>, Path(key): Path<String>, asked: Asked) -> Result<Response> {
    let it = live(&mut register.read().await?, &key).await?;
    web::item(&asked, it.version, &it.view())
}

async fn change(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(key): Path<String>,
    asked: Asked,
    Body(patch): Body,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let before = live(&mut write.conn, &key).await?;
    asked.must_match(before.version)?;
    let merged = web::merged(&patch, THIS.fields(), |_| before.view())?;
    let (address, draft) = Draft::parse(&merged, None)?;
    let it = super::change(&mut write, before, address, draft).await?;
    write.commit().await?;
    web::item(&asked, it.version, &it.view())
}

async fn restore(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let id = records::restore(&mut write, THIS, &key, &asked).await?;
    let it = sql::must_find(&mut write.conn, id).await?;
    super::recheck(&mut write, &it).await?;
    write.commit().await?;
    web::item(&asked, it.version, &it.view())
}

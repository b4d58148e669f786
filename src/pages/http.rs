//! Routes of the pages for people.

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{HeaderValue, header, request::Parts},
    response::Response,
};
use serde_json::{Value, json};

use super::{
    Overview,
    files::{self, File},
    html::{self, Sought, Told},
    translations::Translations,
};
use crate::{
    auth::MayRead,
    error::{Error, Result},
    history::Register,
    problems::{self, Problem},
    search::{SearchedResource, analysis, sql},
    values::Language,
    web::{self, Dated, Format, KeyShape, Operation, PathKey, Query, RequestOptions, Routes, Vocabulary},
};

/// A page without a script, which asks nobody but this server for anything.
const PAGE: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A page with the box of search: it asks this server, and our own script puts the cursor there.
const SEARCHES: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// How many hits a page of results shows.
const HITS: usize = 20;

/// The explorer runs our own scripts, and asks this server what its reader tries.
const EXPLORER: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub fn routes() -> Routes<Register> {
    const BOTH: &[&str] = &["application/json", "text/html"];
    let text = || json!({ "type": "string" });
    let texts = |names: &[&str]| -> serde_json::Map<String, Value> {
        names.iter().map(|name| ((*name).to_owned(), text())).collect()
    };
    let mut index_of = texts(&["name", "version", "description", "documentation"]);
    index_of.insert(
        "links".into(),
        json!({ "type": "object", "additionalProperties": { "type": "string" } }),
    );
    let statuses = json!({ "type": "array", "items": { "type": "integer" } });
    let mut in_index = texts(&["code", "title", "page"]);
    in_index.insert("statuses".into(), statuses.clone());
    let mut explained = texts(&["code", "title", "meaning", "mend", "language"]);
    explained.insert("statuses".into(), statuses);
    explained.insert("example".into(), json!({ "type": "object" }));
    let routes = files::ALL
        .into_iter()
        .fold(Routes::about("the register itself"), |routes, file| {
            routes.file(file.path, async move |of_file: OfFile| serve(file, &of_file.0))
        });
    routes
        .get(
            "/",
            home,
            Operation::tells(
                "read_index",
                "Where everything is; for people, what this register holds.",
                BOTH,
                &json!({ "type": "object", "properties": index_of }),
            )
            .asked(in_language),
        )
        .get(
            "/v1",
            resources,
            Operation::tells(
                "read_resources",
                "What there is below this path, and where it is described.",
                &["application/json"],
                &json!({ "type": "object", "properties": index_of }),
            )
            .asked(in_language)
            .tagged(),
        )
        .get(
            "/search",
            search,
            Operation::tells(
                "read_search_page",
                "What is found by words, as a page for people.",
                &["text/html"],
                &text(),
            )
            .asked(|query| {
                in_language(query);
                Seeking::read(query);
            }),
        )
        .get(
            "/docs",
            explorer,
            Operation::tells(
                "read_docs",
                "This contract, to be tried out.",
                &["text/html"],
                &text(),
            )
            .asked(in_language),
        )
        .get(
            "/problems",
            errors,
            Operation::tells(
                "list_problems",
                "Every code that an error can have.",
                BOTH,
                &json!({ "type": "object", "properties": {
                    "language": text(),
                    "items": { "type": "array", "items": { "type": "object", "properties": in_index } },
                } }),
            )
            .asked(in_language),
        )
        .get(
            "/problems/{code}",
            problem,
            Operation::tells(
                "read_problem",
                "What an error means, and how it is mended.",
                BOTH,
                &json!({ "type": "object", "properties": explained }),
            )
            .asked(in_language)
            .not_found(),
        )
        .describes(&VOCABULARY)
}

/// What stands in the path of an error's page.
const VOCABULARY: Vocabulary = Vocabulary {
    keys: &[PathKey {
        place: "{code}",
        text: "The `code` of an error.",
        shape: KeyShape::Text("malformed"),
        moved: None,
    }],
    parameters: &[("page", "Which page of results, from 1.")],
    ..Vocabulary::NONE
};

fn in_language(query: &mut Query) {
    let _: Option<Language> = query.one("lang");
    query.flag("pretty");
}

/// What is asked of a page: a language, and whether people or programs read it.
struct Wanted {
    asked: RequestOptions,
    html: bool,
}

impl<S: Dated> FromRequestParts<S> for Wanted {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let mut query = Query::of(parts, state.today());
        let asked = RequestOptions::read(parts, &mut query, Format::FIXED)?;
        query.done()?;
        Ok(Self {
            asked,
            html: web::prefers_html(&parts.headers),
        })
    }
}

async fn home(
    State(register): State<Register>,
    MayRead(may_read): MayRead,
    Wanted { asked, html }: Wanted,
) -> Result<Response> {
    if !html {
        return web::item(&asked, None, &links(&asked));
    }
    let held = if may_read {
        Some(Overview::read(&mut register.snapshot().await?).await?)
    } else {
        None
    };
    page(&asked, SEARCHES, html::home(asked.language, held.as_ref()))
}

/// What is asked of the page of results.
struct Seeking {
    line: String,
    resource: Option<SearchedResource>,
    page: usize,
}

impl Seeking {
    fn read(query: &mut Query) -> Self {
        let page = query.number("page").unwrap_or(1);
        let page = usize::try_from(page)
            .ok()
            .filter(|it| (1..=MOST_PAGES).contains(it));
        if page.is_none() {
            query.fault("page", "value", format!("page must be from 1 to {MOST_PAGES}"));
        }
        Self {
            line: query.text_or_nothing("q"),
            resource: query.one("resource"),
            page: page.unwrap_or(1),
        }
    }
}

/// Beyond these nobody reads on.
const MOST_PAGES: usize = 10_000;

/// The same, with how it is answered.
struct SeekingPage(Seeking, RequestOptions);

impl<S: Dated> FromRequestParts<S> for SeekingPage {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let mut query = Query::of(parts, state.today());
        let seeking = Seeking::read(&mut query);
        let asked = RequestOptions::read(parts, &mut query, Format::FIXED)?;
        query.done()?;
        Ok(Self(seeking, asked))
    }
}

async fn search(
    State(register): State<Register>,
    MayRead(may_read): MayRead,
    SeekingPage(seeking, asked): SeekingPage,
) -> Result<Response> {
    let told = if !may_read {
        Told::Private
    } else if seeking.line.trim().is_empty() {
        Told::Nothing
    } else {
        match analysis::Query::parse(&seeking.line) {
            Err(fault) => Told::Fault(fault),
            Ok(query) => {
                let mut conn = register.dear_snapshot().await?;
                let before = HITS * (seeking.page - 1);
                match sql::results(&mut conn, query, seeking.resource, before, HITS).await? {
                    Ok(results) => Told::Results(results),
                    Err(fault) => Told::Fault(fault),
                }
            }
        }
    };
    let sought = Sought {
        line: &seeking.line,
        resource: seeking.resource,
        page: seeking.page,
    };
    page(&asked, SEARCHES, html::search(asked.viewpoint(), &sought, &told))
}

async fn resources(Wanted { asked, .. }: Wanted) -> Result<Response> {
    let below = BELOW.map(|name| (name, format!("/v1/{name}")));
    let described = [("openapi", "/openapi.json"), ("docs", "/docs")];
    let described = described.map(|(name, path)| (name, path.to_owned()));
    web::item(&asked, None, &index(&asked, below.into_iter().chain(described)))
}

/// All that is read below `/v1` without naming a record.
const BELOW: [&str; 18] = [
    "participants",
    "coalitions",
    "meetings",
    "articles",
    "pledges",
    "due",
    "events",
    "assessments",
    "scales",
    "citations",
    "rates",
    "totals",
    "totals/explain",
    "vocabularies",
    "search",
    "changes",
    "keys",
    "me",
];

fn links(asked: &RequestOptions) -> Value {
    const RESOURCES: [&str; 9] = [
        "participants",
        "coalitions",
        "meetings",
        "articles",
        "pledges",
        "citations",
        "rates",
        "totals",
        "changes",
    ];
    const OTHERS: [(&str, &str); 8] = [
        ("api", "/v1"),
        ("search", "/search"),
        ("openapi", "/openapi.json"),
        ("docs", "/docs"),
        ("problems", "/problems"),
        ("health", "/healthz"),
        ("ready", "/readyz"),
        ("version", "/version"),
    ];
    let resources = RESOURCES.map(|name| (name, format!("/v1/{name}")));
    let others = OTHERS.map(|(name, path)| (name, path.to_owned()));
    index(asked, resources.into_iter().chain(others))
}

/// What this is, and where everything is.
fn index(asked: &RequestOptions, links: impl Iterator<Item = (&'static str, String)>) -> Value {
    let words = Translations::of(asked.language);
    let base = asked.base.path();
    let links: serde_json::Map<String, Value> = links
        .map(|(name, path)| (name.to_owned(), format!("{base}{path}").into()))
        .collect();
    json!({
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "description": words.description,
        "documentation": words.documentation,
        "links": links,
    })
}

async fn explorer(Wanted { asked, .. }: Wanted) -> Result<Response> {
    page(&asked, EXPLORER, html::explorer(asked.language))
}

async fn errors(Wanted { asked, html }: Wanted) -> Result<Response> {
    if html {
        return page(&asked, PAGE, html::index(asked.language));
    }
    let items: Vec<Value> = problems::all()
        .iter()
        .map(|problem| {
            json!({
                "code": problem.code,
                "title": problem.wording(asked.language).brief.title,
                "statuses": problem.statuses,
                "page": format!("{}/problems/{}", asked.base.path(), problem.code),
            })
        })
        .collect();
    web::item(
        &asked,
        None,
        &json!({ "language": asked.language.as_str(), "items": items }),
    )
}

async fn problem(Path(code): Path<String>, Wanted { asked, html }: Wanted) -> Result<Response> {
    let problem = problems::find(&code).ok_or_else(|| Error::NoSuchProblem { code, known: known() })?;
    if html {
        page(&asked, PAGE, html::problem(asked.language, problem))
    } else {
        web::item(&asked, None, &translated(problem, asked.language))
    }
}

fn known() -> String {
    let codes: Vec<&str> = problems::all().iter().map(|it| it.code.as_str()).collect();
    codes.join(", ")
}

fn translated(problem: &'static Problem, language: Language) -> Value {
    let wording = problem.wording(language);
    json!({
        "code": problem.code,
        "title": wording.brief.title,
        "meaning": wording.meaning,
        "mend": wording.brief.mend,
        "statuses": problem.statuses,
        "language": language.as_str(),
        "example": web::problem::example(problem),
    })
}

/// A page, and what a browser may do with it.
fn page(asked: &RequestOptions, policy: &'static str, html: String) -> Result<Response> {
    let mut response = web::page(asked, asked.base.page(html))?;
    let policy = HeaderValue::from_static(policy);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// A request for a file: `v` makes an address of its content, and is not looked at.
struct OfFile(RequestOptions);

impl<S: Dated> FromRequestParts<S> for OfFile {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let mut query = Query::of(parts, state.today());
        let _: Option<String> = query.one("v");
        let asked = RequestOptions::read(parts, &mut query, Format::FIXED)?;
        query.done()?;
        Ok(Self(asked))
    }
}

fn serve(file: &'static File, asked: &RequestOptions) -> Result<Response> {
    web::file(asked, file.content_type, file.bytes)
}

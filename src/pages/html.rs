//! Pages as HTML: no style of their own, every text escaped, and nothing that needs a script.

use std::fmt::Write;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{MeetingSummary, Overview, files, translations::Translations};
use crate::{
    labels,
    problems::{self, Problem, Wording},
    search::{FoundView, SearchedResource, analysis::QueryFault, sql::Results},
    totals::{ByCurrency, Group, headline::HeadlineFigures},
    values::{Language, Viewpoint},
    web::{self, Shown},
};

const NAME: &str = "Pledgebook";

/// An open book, drawn in place so that no second file is asked for.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='7' fill='%23155e63'/%3E%3Cpath d='M16 10c-2-2-5-2.6-9-2.6v15c4 0 7 .6 9 2.6 2-2 5-2.6 9-2.6v-15c-4 0-7 .6-9 2.6zm0 0v15' fill='none' stroke='%23fff' stroke-width='2' stroke-linejoin='round'/%3E%3C/svg%3E";

/// Appends to a page.
macro_rules! put {
    ($html:ident, $($text:tt)*) => {{
        // Writing to a String does not fail.
        let _ = write!($html, $($text)*);
    }};
}

/// Text as it may stand between tags and in a quoted attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A sentence in which code stands between backticks. Code reads from left to right in any language.
fn sentence(text: &str) -> String {
    text.split('`')
        .enumerate()
        .map(|(index, part)| {
            let part = escape(part);
            if index % 2 == 1 {
                format!("<code dir=\"ltr\">{part}</code>")
            } else {
                part
            }
        })
        .collect()
}

/// A decimal with its thousands apart, from left to right in any language, without decimals that say nothing: `200 000 000`, `1.50`.
fn figure(decimal: &str) -> String {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let (sign, digits) = whole
        .strip_prefix('-')
        .map_or(("", whole), |digits| ("−", digits));
    let mut text = sign.to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            // Narrow, and within a number to either side of it in any direction. A line may break here
            // where the figure alone is wider than its place.
            text.push_str("\u{202f}<wbr>");
        }
        text.push(digit);
    }
    if fraction.bytes().any(|digit| digit != b'0') {
        text.push('.');
        text.push_str(fraction);
    }
    format!("<bdi class=\"figure\" dir=\"ltr\">{text}</bdi>")
}

/// What stands around every page.
struct Frame<'a> {
    language: Language,
    title: &'a str,
    /// Where the page is, for its other languages; and what its address asks beside the language.
    path: &'a str,
    query: &'a str,
    head: &'a str,
    class: &'a str,
}

impl Frame<'_> {
    fn around(&self, body: &str) -> String {
        let Self {
            language,
            title,
            path,
            query,
            head,
            class,
        } = self;
        let words = Translations::of(*language);
        let title = escape(title);
        let name = if *path == "/" {
            format!("{NAME}: {title}")
        } else {
            format!("{title} · {NAME}")
        };
        let path = escape(path);
        let (others, switch) = switch(*language, &path, &escape(query));
        format!(
            "<!DOCTYPE html>\n<html lang=\"{language}\" dir=\"{direction}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{name}</title>\n\
             <link rel=\"icon\" href=\"{ICON}\">\n{head}<link rel=\"stylesheet\" href=\"{style}\">\n{others}</head>\n\
             <body class=\"{class}\">\n<header>\n<a class=\"name\" href=\"/?lang={language}\"><bdi>{NAME}</bdi></a>\n\
             <nav class=\"languages\" aria-label=\"{languages}\">{switch}</nav>\n</header>\n<main>\n{body}</main>\n\
             <footer>\n<nav><a href=\"/docs?lang={language}\">{explorer}</a> <a href=\"/openapi.json\">{openapi}</a> \
             <a href=\"/problems?lang={language}\">{errors}</a></nav>\n\
             <p><bdi>{NAME} {version}</bdi></p>\n</footer>\n</body>\n</html>\n",
            direction = words.direction,
            style = files::STYLE.address(),
            languages = words.languages,
            explorer = words.explorer,
            openapi = words.openapi,
            errors = words.errors,
            version = env!("CARGO_PKG_VERSION"),
        )
    }
}

/// The page's other languages, for machines and for people.
fn switch(language: Language, path: &str, query: &str) -> (String, String) {
    let mut others = String::new();
    let mut switch = String::new();
    for other in [Language::En, Language::Ar, Language::Fr] {
        let endonym = Translations::of(other).endonym;
        if other == language {
            put!(switch, "<span aria-current=\"true\">{endonym}</span>");
        } else {
            let address = format!("{path}?{query}lang={other}");
            put!(
                others,
                "<link rel=\"alternate\" hreflang=\"{other}\" href=\"{address}\">\n"
            );
            put!(
                switch,
                "<a href=\"{address}\" hreflang=\"{other}\" lang=\"{other}\">{endonym}</a>"
            );
        }
    }
    (others, switch)
}

/// The first page. Without `held`, who asks may not see what the register holds.
pub(super) fn home(language: Language, held: Option<&Overview>) -> String {
    let words = Translations::of(language);
    let mut body = format!(
        "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n",
        escape(words.tagline),
        escape(words.description)
    );
    match held {
        Some(held) => {
            body.push_str(&search_box(language, ""));
            body.push_str(&holdings(language, held));
        }
        None => put!(
            body,
            "<section class=\"card\">\n<h2>{}</h2>\n<p>{}</p>\n<p>{}</p>\n</section>\n",
            escape(words.private),
            escape(words.private_lead),
            sentence(words.private_how)
        ),
    }
    let ways = [
        ("/docs", words.explorer, words.explorer_lead),
        ("/problems", words.errors, words.errors_lead),
    ];
    body.push_str("<ul class=\"ways\">\n");
    for (path, title, lead) in ways {
        put!(
            body,
            "<li class=\"card\"><a href=\"{path}?lang={language}\">{}</a><p>{}</p></li>\n",
            escape(title),
            escape(lead)
        );
    }
    body.push_str("</ul>\n");
    Frame {
        language,
        title: words.tagline,
        path: "/",
        query: "",
        head: &search_script(),
        class: "home",
    }
    .around(&body)
}

/// The box of search, which needs no script.
fn search_box(language: Language, line: &str) -> String {
    let words = Translations::of(language);
    format!(
        "<form class=\"search\" role=\"search\" action=\"/search\" method=\"get\">\n\
         <label class=\"unseen\" for=\"q\">{label}</label>\n\
         <input type=\"search\" id=\"q\" name=\"q\" dir=\"auto\" maxlength=\"1000\" autocomplete=\"off\" value=\"{line}\" \
         placeholder=\"{hint}\" aria-keyshortcuts=\"/\">\n\
         <input type=\"hidden\" name=\"lang\" value=\"{language}\">\n<button>{search}</button>\n</form>\n",
        label = escape(words.search_label),
        line = escape(line),
        hint = escape(words.search_hint),
        search = escape(words.search),
    )
}

/// What puts the cursor into the box when a slash is typed.
fn search_script() -> String {
    format!("<script src=\"{}\" defer></script>\n", files::SEARCH.address())
}

/// What was asked on the page of results.
pub(super) struct Sought<'a> {
    pub(super) line: &'a str,
    pub(super) resource: Option<SearchedResource>,
    pub(super) page: usize,
}

/// What is told of it.
pub(super) enum Told {
    /// Nothing was asked yet.
    Nothing,
    Results(Results),
    Fault(QueryFault),
    /// Who asks may not see what the register holds.
    Private,
}

/// The page of results.
pub(super) fn search(viewpoint: Viewpoint, sought: &Sought<'_>, told: &Told) -> String {
    let language = viewpoint.language;
    let words = Translations::of(language);
    let mut body = format!("<h1>{}</h1>\n", escape(words.search));
    match told {
        Told::Private => put!(
            body,
            "<section class=\"card\">\n<h2>{}</h2>\n<p>{}</p>\n<p>{}</p>\n</section>\n",
            escape(words.private),
            escape(words.private_lead),
            sentence(words.private_how)
        ),
        _ => body.push_str(&search_box(language, sought.line)),
    }
    match told {
        Told::Nothing | Told::Private => {}
        Told::Fault(fault) => {
            let text = match fault {
                QueryFault::TooLong { .. } => words.search_too_long,
                _ => words.search_no_words,
            };
            put!(body, "<p role=\"alert\">{}</p>\n", escape(text));
        }
        Told::Results(results) => body.push_str(&listed(viewpoint, sought, results)),
    }
    let query = address(sought, sought.resource, sought.page);
    Frame {
        language,
        title: words.search,
        path: "/search",
        query: &query,
        head: &search_script(),
        class: "results",
    }
    .around(&body)
}

/// What a link to such a page asks, but for its language.
fn address(sought: &Sought<'_>, resource: Option<SearchedResource>, page: usize) -> String {
    let line = utf8_percent_encode(sought.line, NON_ALPHANUMERIC);
    let mut query = format!("q={line}&");
    if let Some(resource) = resource {
        put!(query, "resource={resource}&");
    }
    if page > 1 {
        put!(query, "page={page}&");
    }
    query
}

fn listed(viewpoint: Viewpoint, sought: &Sought<'_>, results: &Results) -> String {
    let language = viewpoint.language;
    let words = Translations::of(language);
    let named = |resource: SearchedResource| labels::RESOURCE.of(resource.as_str(), language);
    let link = |html: &mut String, resource: Option<SearchedResource>, word: &str, count: usize| {
        let count = figure(&count.to_string());
        let query = escape(&address(sought, resource, 1));
        let current = if resource == sought.resource {
            " aria-current=\"true\""
        } else {
            ""
        };
        put!(
            html,
            "<li><a href=\"/search?{query}lang={language}\"{current}>{} {count}</a></li>\n",
            escape(word)
        );
    };
    let mut html = format!(
        "<nav aria-label=\"{}\">\n<ul class=\"facets\">\n",
        escape(words.search_within)
    );
    link(&mut html, None, words.everything, results.everything);
    for (resource, count) in &results.of_resources {
        link(&mut html, Some(*resource), named(*resource), *count);
    }
    html.push_str("</ul>\n</nav>\n");
    if results.found.is_empty() {
        put!(html, "<p role=\"status\">{}</p>\n", escape(words.search_nothing));
        return html;
    }
    let start = results.before + 1;
    put!(html, "<ol class=\"hits\" start=\"{start}\">\n");
    for found in &results.found {
        html.push_str(&hit(viewpoint, &found.summary(viewpoint), named));
    }
    html.push_str("</ol>\n<nav class=\"pages\">\n");
    let turns = [
        (
            sought.page > 1,
            sought.page.saturating_sub(1),
            words.previous,
            "prev",
        ),
        (results.more, sought.page + 1, words.next, "next"),
    ];
    for (_, page, word, rel) in turns.into_iter().filter(|(is_there, ..)| *is_there) {
        let query = escape(&address(sought, sought.resource, page));
        put!(
            html,
            "<a rel=\"{rel}\" href=\"/search?{query}lang={language}\">{}</a>\n",
            escape(word)
        );
    }
    html.push_str("</nav>\n");
    html
}

fn hit(
    viewpoint: Viewpoint,
    found: &FoundView<'_>,
    named: impl Fn(SearchedResource) -> &'static str,
) -> String {
    let resource = found.resource.parse().map_or("", named);
    let mut html = format!(
        "<li class=\"card\">\n<h2><a dir=\"auto\" href=\"/v1/{}/{}?lang={}\">{}</a></h2>\n<p class=\"when\">{}</p>\n",
        escape(found.resource),
        escape(found.key),
        viewpoint.language,
        escape(found.title),
        escape(resource)
    );
    for snippet in found.snippets {
        put!(html, "<p class=\"snippet\" dir=\"auto\">");
        for (part, is_match) in snippet.parts() {
            if is_match {
                put!(html, "<mark>{}</mark>", escape(&part));
            } else {
                html.push_str(&escape(&part));
            }
        }
        html.push_str("</p>\n");
    }
    html.push_str("</li>\n");
    html
}

fn holdings(language: Language, held: &Overview) -> String {
    let words = Translations::of(language);
    let counts = [
        ("participants", held.counts.participants),
        ("meetings", held.counts.meetings),
        ("pledges", held.pledges),
        ("articles", held.counts.articles),
    ];
    let mut html = format!(
        "<section aria-label=\"{}\">\n<ul class=\"counts\">\n",
        escape(words.held)
    );
    for (resource, count) in counts {
        let count = figure(&count.to_string());
        let word = escape(labels::RESOURCE.of(resource, language));
        put!(
            html,
            "<li><a href=\"/v1/{resource}?lang={language}\"><b>{count}</b> {word}</a></li>\n"
        );
    }
    put!(
        html,
        "</ul>\n</section>\n<section>\n<h2>{}</h2>\n",
        escape(words.latest)
    );
    if held.meetings.is_empty() {
        put!(html, "<p>{}</p>\n", escape(words.no_meetings));
    }
    html.push_str("<div class=\"meetings\">\n");
    for shown in &held.meetings {
        html.push_str(&card(language, shown));
    }
    html.push_str("</div>\n</section>\n");
    html
}

fn card(language: Language, shown: &MeetingSummary) -> String {
    let words = Translations::of(language);
    let MeetingSummary {
        meeting,
        group,
        headline,
    } = shown;
    let country = meeting.country.as_ref().map(|names| names.resolve(language));
    // Each in its own direction: a city's name has one spelling only.
    let place: Vec<String> = meeting
        .city
        .as_deref()
        .into_iter()
        .chain(country)
        .map(|name| format!("<bdi>{}</bdi>", escape(name)))
        .collect();
    let mut html = format!(
        "<article class=\"card\">\n<h3 dir=\"auto\">{}</h3>\n<p class=\"when\"><time datetime=\"{}\">{}</time>",
        escape(meeting.titles.resolve(language)),
        meeting.starts_on,
        escape(&words.days(meeting.starts_on, meeting.ends_on))
    );
    if !place.is_empty() {
        html.push_str(" · ");
        html.push_str(&place.join(words.comma));
    }
    html.push_str("</p>\n");
    match group {
        None => put!(html, "<p>{}</p>\n", escape(words.no_pledges)),
        Some(group) => html.push_str(&sums(language, group)),
    }
    if let Some(headline) = headline {
        html.push_str(&beside_headline(words, headline, group.as_ref()));
    }
    put!(
        html,
        "<p class=\"more\"><a href=\"/v1/meetings/{}/totals?lang={language}\">{}</a></p>\n</article>\n",
        escape(&meeting.slug),
        escape(words.as_json)
    );
    html
}

/// A row of a table: what it is about, and a figure below each heading.
struct Row<const N: usize> {
    header: String,
    figures: [String; N],
}

/// A table that a narrow screen shows as pairs of label and figure. It says what its parts are, as some
/// browsers forget that a table is one once its style lays it out otherwise; the labels repeat the
/// headings for the eye alone.
fn table<const N: usize>(caption: &str, corner: &str, columns: [&str; N], rows: &[Row<N>]) -> String {
    let mut html =
        format!("<table role=\"table\">\n{caption}<thead role=\"rowgroup\"><tr role=\"row\">{corner}");
    for column in columns {
        put!(
            html,
            "<th scope=\"col\" role=\"columnheader\">{}</th>",
            escape(column)
        );
    }
    html.push_str("</tr></thead>\n<tbody role=\"rowgroup\">\n");
    for Row { header, figures } in rows {
        put!(
            html,
            "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\">{header}</th>"
        );
        for (column, figure) in columns.iter().zip(figures) {
            put!(
                html,
                "<td role=\"cell\"><span class=\"label\" aria-hidden=\"true\">{}</span><span class=\"value\">{figure}</span></td>",
                escape(column)
            );
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table>\n");
    html
}

/// A dash where there is no figure, which is not zero, and what it means for who cannot see it.
fn dash(words: &Translations) -> String {
    format!(
        "<span aria-hidden=\"true\">–</span><span class=\"unseen\">{}</span>",
        escape(words.no_figure)
    )
}

fn figure_or_dash(words: &Translations, decimal: Option<&str>) -> String {
    decimal.map_or_else(|| dash(words), figure)
}

/// What was pledged and what became of it, in each currency.
fn sums(language: Language, group: &Group) -> String {
    let words = Translations::of(language);
    let mut html = String::new();
    // A group of nothing is one of restatements, which add to the meeting that they repeat.
    if group.pledges == 0 {
        put!(html, "<p>{}</p>\n", escape(words.restated_only));
    }
    if !group.by_currency.is_empty() {
        let rows: Vec<Row<4>> = group
            .by_currency
            .iter()
            .map(|row| Row {
                header: format!("<bdi>{}</bdi>", row.currency.code()),
                figures: [
                    pledged(words, row),
                    figure(&row.figures.paid),
                    figure(&row.figures.withdrawn),
                    outstanding(words, row),
                ],
            })
            .collect();
        let caption = format!("<caption class=\"unseen\">{}</caption>\n", escape(words.sums));
        let columns = ["point", "paid", "withdrawn", "outstanding"].map(|it| labels::FIGURE.of(it, language));
        let corner = format!(
            "<th scope=\"col\" role=\"columnheader\">{}</th>",
            escape(labels::DIMENSION.of("currency", language))
        );
        html.push_str(&table(&caption, &corner, columns, &rows));
    }
    if group.unquantified > 0 {
        put!(
            html,
            "<p class=\"aside\">{} {}</p>\n",
            escape(words.without_amount),
            figure(&group.unquantified.to_string())
        );
    }
    html
}

/// A sum as it may be said: its point, what it reaches at least where that is more or all that is known,
/// and what it may reach where that is known: where pledges state no upper bound, no sum of others is one, and
/// how many they are is said instead.
fn pledged(words: &Translations, row: &ByCurrency) -> String {
    let figures = &row.figures;
    let point = figures.point.as_deref();
    let most = figures
        .max
        .as_deref()
        .filter(|max| row.unbounded == 0 && point != Some(max));
    // Pledges that have a minimum alone add to it, so that it may pass the point of the others. Beside what
    // it may reach, a minimum of zero says nothing.
    let least = figures
        .min
        .as_deref()
        .filter(|min| point.is_none_or(|point| (point.len(), point) < (min.len(), min)))
        .filter(|min| most.is_none() || min.bytes().any(|byte| matches!(byte, b'1'..=b'9')));
    let mut html = point.map(figure).unwrap_or_default();
    for (word, bound) in [(words.at_least, least), (words.up_to, most)] {
        if let Some(bound) = bound {
            put!(
                html,
                "<span class=\"bound\">{} {}</span>",
                escape(word),
                figure(bound)
            );
        }
    }
    if html.is_empty() {
        html = dash(words);
    }
    if row.unbounded > 0 {
        put!(
            html,
            "<span class=\"bound\">{} {}</span>",
            escape(words.without_bound),
            figure(&row.unbounded.to_string())
        );
    }
    html
}

/// What is still to come; below zero where more became of pledges than they were.
fn outstanding(words: &Translations, row: &ByCurrency) -> String {
    let outstanding = row.figures.outstanding.as_deref();
    let mut html = figure_or_dash(words, outstanding);
    if outstanding.is_some_and(|it| it.starts_with('-')) {
        put!(
            html,
            "<span class=\"bound\">{}</span>",
            escape(words.beyond_pledged)
        );
    }
    html
}

/// What a meeting announced as a whole, the register's own sum beside it, and what is between them.
fn beside_headline(words: &Translations, headline: &HeadlineFigures, group: Option<&Group>) -> String {
    let counted = figure_or_dash(words, headline.counted.as_deref());
    let rows: Vec<Row<3>> = [
        (words.announced, &headline.amount, &headline.gap),
        (words.need, &headline.need, &headline.need_gap),
    ]
    .into_iter()
    .filter_map(|(word, amount, gap)| {
        Some(Row {
            header: escape(word),
            figures: [
                figure(amount.as_deref()?),
                counted.clone(),
                figure_or_dash(words, gap.as_deref()),
            ],
        })
    })
    .collect();
    let currency = headline.currency.code();
    let caption = format!(
        "<caption>{} <bdi>{currency}</bdi></caption>\n",
        escape(words.as_a_whole)
    );
    let columns = [words.amount, words.counted, words.gap];
    let mut html = table(&caption, "<td role=\"cell\"></td>", columns, &rows);
    // Where there is no pledge at all, the card has said so.
    if let (None, Some(group)) = (&headline.counted, group) {
        let mut currencies = group.by_currency.iter().map(|row| row.currency);
        let why = if currencies.any(|it| it == headline.currency) {
            words.bounds_only
        } else {
            words.none_in_currency
        };
        put!(html, "<p class=\"aside\">{}</p>\n", escape(why));
    }
    html
}

/// Every code with its title.
pub(super) fn index(language: Language) -> String {
    let words = Translations::of(language);
    let mut body = format!(
        "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n",
        escape(words.errors),
        escape(words.errors_lead)
    );
    for (heading, faults) in [(words.whole_errors, false), (words.single_faults, true)] {
        put!(body, "<h2>{}</h2>\n<ul class=\"codes\">\n", escape(heading));
        for problem in problems::all().iter().filter(|it| it.is_fault() == faults) {
            put!(
                body,
                "<li><a href=\"/problems/{code}?lang={language}\"><code dir=\"ltr\">{code}</code><span>{title}</span></a> {statuses}</li>\n",
                code = escape(&problem.code),
                title = escape(&problem.wording(language).brief.title),
                statuses = statuses(problem)
            );
        }
        body.push_str("</ul>\n");
    }
    Frame {
        language,
        title: words.errors,
        path: "/problems",
        query: "",
        head: "",
        class: "problems",
    }
    .around(&body)
}

fn statuses(problem: &Problem) -> String {
    problem.statuses.iter().fold(String::new(), |mut html, status| {
        put!(html, "<bdi class=\"status\">{status}</bdi>");
        html
    })
}

/// What one code means.
pub(super) fn problem(language: Language, problem: &'static Problem) -> String {
    let words = Translations::of(language);
    let Wording { brief, meaning } = problem.wording(language);
    let example = web::problem::example(problem);
    let mut body = format!(
        "<p class=\"code\"><code dir=\"ltr\">{}</code></p>\n<h1>{}</h1>\n<p class=\"statuses\">{} {}</p>\n",
        escape(&problem.code),
        escape(&brief.title),
        escape(words.statuses),
        statuses(problem)
    );
    if problem.is_fault()
        && let Some(whole) = example["code"].as_str()
    {
        put!(
            body,
            "<p>{} <a href=\"/problems/{whole}?lang={language}\"><code dir=\"ltr\">{whole}</code></a>.</p>\n",
            sentence(words.stands_within),
            whole = escape(whole)
        );
    }
    for (heading, text) in [(words.meaning, meaning), (words.mend, &brief.mend)] {
        put!(body, "<h2>{}</h2>\n<p>{}</p>\n", escape(heading), sentence(text));
    }
    put!(
        body,
        "<h2>{}</h2>\n<pre dir=\"ltr\" lang=\"en\">{}</pre>\n<p class=\"more\"><a href=\"/problems?lang={language}\">{}</a></p>\n",
        escape(words.example),
        escape(&indented(&example)),
        escape(words.errors)
    );
    Frame {
        language,
        title: &brief.title,
        path: &format!("/problems/{}", problem.code),
        query: "",
        head: "",
        class: "problem",
    }
    .around(&body)
}

fn indented(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The explorer of the API, which is the one page with a script.
pub(super) fn explorer(language: Language) -> String {
    let words = Translations::of(language);
    let body = format!(
        "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n<noscript><p>{}</p></noscript>\n<div id=\"explorer\" lang=\"en\"></div>\n",
        escape(words.explorer),
        escape(words.explorer_lead),
        escape(words.explorer_needs_script)
    );
    let head = format!(
        "<link rel=\"stylesheet\" href=\"{}\">\n<script src=\"{}\" defer></script>\n<script src=\"{}\" defer></script>\n",
        files::EXPLORER_STYLE.address(),
        files::EXPLORER.address(),
        files::EXPLORER_START.address()
    );
    Frame {
        language,
        title: words.explorer,
        path: "/docs",
        query: "",
        head: &head,
        class: "explorer",
    }
    .around(&body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_code_is_marked() {
        assert_eq!(
            escape("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;"
        );
        assert_eq!(
            sentence("Send `Bearer <key>`."),
            "Send <code dir=\"ltr\">Bearer &lt;key&gt;</code>."
        );
    }

    #[test]
    fn figures_are_read_in_thousands() {
        let text = |decimal: &str| {
            figure(decimal)
                .replace("<bdi class=\"figure\" dir=\"ltr\">", "")
                .replace("</bdi>", "")
                .replace("\u{202f}<wbr>", " ")
        };
        assert_eq!(text("200000000.00"), "200 000 000");
        assert_eq!(text("1234.50"), "1 234.50");
        assert_eq!(text("999"), "999");
        assert_eq!(text("-1000"), "−1 000");
        assert_eq!(text("0.00"), "0");
    }
}

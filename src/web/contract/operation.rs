//! What a route does, as its feature says it, and as OpenAPI has it.

use std::borrow::Cow;

use axum::http::{Method, Request};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{
    descriptions::FAILURES,
    schema::{self, nullable, reference},
    vocabulary::Vocabularies,
};
use crate::web::{
    Extent, Filter, Format, ListRequest, Query, RecordRequest, RequestOptions, Shown, host,
    request::Parameter,
    response::{EXPANDED, Shows},
};

type Text = Cow<'static, str>;

/// What a route does: an operation on its way into the contract.
#[derive(Clone)]
pub struct Operation {
    id: Text,
    summary: Text,
    /// How routes of its sort behave.
    manner: &'static str,
    /// How the same is in another form than JSON, where that differs.
    manner_apart: Option<&'static str>,
    /// Where it is in other forms, in words.
    apart: Vec<String>,
    kind: Kind,
    parameters: Vec<Value>,
    body: Option<Value>,
    /// The successes; what can fail follows from the kind and the path.
    answers: Map<String, Value>,
    schemas: Map<String, Value>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Asks nothing of the register: never negotiated, open to all.
    Open,
    Read,
    Write,
    /// Read by whoever has a key, about that key; or by admins.
    ReadWithKey,
}

/// What can be written of a record, on its way in.
pub struct InputSchema {
    /// The name of its schema.
    pub name: &'static str,
    pub fields: &'static [&'static str],
    pub required: &'static [&'static str],
    /// Members that an answer does not have, by their schemas.
    pub input_only: Vec<(&'static str, Value)>,
    pub example: Value,
}

impl InputSchema {
    /// The names of all that can be written.
    #[must_use]
    pub fn members(&self) -> Vec<&'static str> {
        let input_only = self.input_only.iter().map(|(name, _)| *name);
        self.fields.iter().copied().chain(input_only).collect()
    }
}

impl Operation {
    fn of(kind: Kind, id: impl Into<Text>, summary: impl Into<Text>) -> Self {
        Self {
            id: id.into(),
            summary: summary.into(),
            manner: match kind {
                Kind::Open => "Open to all, also in a private register.",
                Kind::Read => "Reading is public unless the register is private.",
                Kind::ReadWithKey => "Takes a key of any role, and is never kept.",
                Kind::Write => {
                    "Takes an editor's key; the change is kept in the log, with who made it, when and why."
                }
            },
            manner_apart: None,
            apart: Vec::new(),
            kind,
            parameters: Vec::new(),
            body: None,
            answers: Map::new(),
            schemas: Map::new(),
        }
    }

    /// `GET` of a list: pages of JSON, or the whole as CSV or NDJSON.
    #[must_use]
    pub fn list<F: Filter>(id: impl Into<Text>, summary: impl Into<Text>) -> Self {
        let mut does = Self::of(Kind::Read, id, summary);
        does.manner = "By pages, the newest first unless `sort` says otherwise.";
        does.manner_apart = Some(
            "All that matches, the newest first unless `sort` says otherwise; with `limit`, a page of it.",
        );
        let mut query = Query::default();
        // Of an empty query nothing can be wrong.
        drop(ListRequest::<F>::read(&no_request(), &mut query));
        let sorts = F::SORTS.iter().map(|sort| sort.name);
        does.ask(
            query,
            &Choices {
                fields: schema::listed::<F::Item>(),
                ..choices::<F::Item>()
            },
            &sorts
                .flat_map(|name| [name.to_owned(), format!("-{name}")])
                .collect::<Vec<_>>(),
        );
        let item = does.learn_selected::<F::Item>();
        let page = json!({
            "type": "object",
            "required": ["items", "next"],
            "properties": {
                "items": { "type": "array", "items": item },
                "next": { "type": ["string", "null"], "description": "The cursor of the next page, for `after`; null on the last one." },
                "count": { "type": "integer", "minimum": 0, "description": "How many match in all, where `count=true` asked for it." },
            },
        });
        does.answer(
            "200",
            "What matches.",
            &page,
            Format::ALL,
            &["ETag", "Link", "Content-Disposition"],
        );
        does.revalidates();
        does
    }

    /// `GET` of one record.
    #[must_use]
    pub fn read<R: Shown>(id: impl Into<Text>, summary: impl Into<Text>) -> Self {
        let mut does = Self::of(Kind::Read, id, summary);
        let mut query = Query::default();
        drop(RecordRequest::<R>::read(&no_request(), &mut query));
        does.ask(query, &choices::<R>(), &[]);
        let record = does.learn_selected::<R>();
        does.answer("200", "The record.", &record, Format::JSON, &["ETag"]);
        does.revalidates();
        does
    }

    /// `GET` of anything else in these forms, asked by the parameters that `read` reads.
    #[must_use]
    pub fn answers<T: ToSchema>(
        id: impl Into<Text>,
        summary: impl Into<Text>,
        formats: &'static [Format],
        headers: &[&str],
        read: impl FnOnce(&mut Query),
    ) -> Self {
        let mut does = Self::of(Kind::Read, id, summary);
        let mut query = Query::default();
        read(&mut query);
        does.ask(query, &Choices::default(), &[]);
        let answer = does.learn::<T>();
        does.answer("200", "The answer.", &answer, formats, headers);
        does.revalidates();
        does
    }

    /// An answer of another sort, given to whoever asks for it by this word of the query alone. Its schema says so, as whoever
    /// does not know the word has nothing to do with it.
    #[must_use]
    pub fn or<T: ToSchema>(mut self, asked_by: &'static str) -> Self {
        let other = self.learn::<T>();
        self.schemas[T::name().as_ref()][schema::ASKED_BY] = asked_by.into();
        let content = &mut self.answers["200"]["content"];
        for schema in content.as_object_mut().into_iter().flat_map(|it| it.values_mut()) {
            let usual = &mut schema["schema"];
            if usual["type"] != "string" {
                *usual = json!({ "anyOf": [*usual, other] });
            }
        }
        self
    }

    /// `GET` of something that is the same for everybody and says nothing of what the register holds.
    #[must_use]
    pub fn tells(
        id: impl Into<Text>,
        summary: impl Into<Text>,
        media_types: &[&str],
        schema: &Value,
    ) -> Self {
        let mut does = Self::of(Kind::Open, id, summary);
        let content: Map<String, Value> = media_types
            .iter()
            .map(|it| {
                let text = json!({ "type": "string" });
                let is_json = it.ends_with("json");
                (
                    (*it).to_owned(),
                    json!({ "schema": if is_json { schema } else { &text } }),
                )
            })
            .collect();
        does.answers.insert(
            "200".into(),
            json!({ "description": "The answer.", "headers": headers(&["ETag", "Cache-Control", "X-Request-Id"]), "content": content }),
        );
        does.revalidates();
        does
    }

    /// `POST` of a new record.
    #[must_use]
    pub fn create<R: Shown>(id: impl Into<Text>, summary: impl Into<Text>, new: InputSchema) -> Self {
        let mut does = Self::write(id, summary);
        let record = does.learn_record::<R>();
        does.takes::<R>(new, &["application/json"]);
        does.answer(
            "201",
            "It is written down.",
            &record,
            Format::JSON,
            &["ETag", "Location", "Preference-Applied", "Idempotency-Replayed"],
        );
        does.minimal();
        does.answers.remove("204");
        does
    }

    /// `POST …/batch`: many new records.
    #[must_use]
    pub fn batch<R: Shown>(id: impl Into<Text>, summary: impl Into<Text>, new: InputSchema) -> Self {
        let mut does = Self::write(id, summary);
        does.manner = "All of it or nothing; with `Prefer: handling=lenient` each item on its own, kept in parts that let others write between them. At most 100,000 items and 64 MiB.";
        let record = does.learn_record::<R>();
        let name = new.name;
        let example = new.example.clone();
        does.takes::<R>(new, &[]);
        let many = json!({ "type": "array", "minItems": 1, "maxItems": 100_000, "items": reference(name) });
        let lines = json!({ "type": "string", "description": "An object a line, as in the array." });
        does.body = Some(json!({ "required": true, "content": {
            "application/json": { "schema": many, "example": [example] },
            "application/x-ndjson": { "schema": lines, "example": format!("{example}\n") },
        } }));
        let report = format!("{}Batch", R::Schema::name());
        let whole = |text: &str| json!({ "type": "integer", "minimum": 0, "description": text });
        does.schemas.insert(
            report.clone(),
            json!({
                "type": "object",
                "description": "What became of a batch.",
                "required": ["created"],
                "properties": {
                    "created": whole("How many were written down."),
                    "failed": whole("How many were not; where each item was taken on its own."),
                    "items": {
                        "type": "array",
                        "description": "In the batch's order; those that failed alone, with `return=minimal`.",
                        "items": {
                            "type": "object",
                            "required": ["index", "status"],
                            "properties": {
                                "index": whole("Its place in the batch, from 0."),
                                "status": { "type": "integer", "minimum": 201, "maximum": 599, "examples": [201] },
                                "key": { "type": "string" },
                                "location": { "type": "string" },
                                "version": { "type": "integer" },
                                "item": record,
                                "problem": reference("Problem"),
                            },
                        },
                    },
                },
            }),
        );
        let report = reference(&report);
        does.answer(
            "200",
            "Each item was taken on its own.",
            &report,
            Format::JSON,
            &["Preference-Applied", "Idempotency-Replayed"],
        );
        does.answer(
            "201",
            "All of it is written down.",
            &report,
            Format::JSON,
            &["Preference-Applied", "Idempotency-Replayed"],
        );
        does
    }

    /// `PUT` of a record at a path that names it.
    #[must_use]
    pub fn put<R: Shown>(id: impl Into<Text>, summary: impl Into<Text>, new: InputSchema) -> Self {
        let mut does = Self::write(id, summary);
        let record = does.learn_record::<R>();
        let name = new.name;
        does.takes::<R>(new, &["application/json"]);
        does.takes_back::<R>(name);
        does.answer(
            "200",
            "It is changed.",
            &record,
            Format::JSON,
            &["ETag", "Preference-Applied"],
        );
        does.answer(
            "201",
            "It is written down.",
            &record,
            Format::JSON,
            &["ETag", "Location", "Preference-Applied"],
        );
        does.minimal();
        does
    }

    /// `PATCH`: a merge patch of the record, any member of which may be named.
    #[must_use]
    pub fn change<R: Shown>(
        id: impl Into<Text>,
        summary: impl Into<Text>,
        writable: &'static [&'static str],
        example: &Value,
    ) -> Self {
        let mut does = Self::write(id, summary);
        does.manner =
            "A merge patch: what it does not name stays. With `If-Match` it applies to that version alone.";
        let record = does.learn_record::<R>();
        let (view, types) = schema::flat_with_types::<R::Schema>();
        let properties: Map<String, Value> = members(&view)
            .map(|(name, member)| {
                let member = if writable.contains(&name.as_str()) {
                    nullable(&schema::patched(&schema::written(name, member, &types)))
                } else {
                    member.clone()
                };
                (name.clone(), member)
            })
            .chain(R::ALSO_LISTED.iter().map(|(name, _)| {
                let text = "As its list has it, if it is named at all.";
                (
                    (*name).to_owned(),
                    json!({ "type": ["string", "null"], "readOnly": true, "description": text }),
                )
            }))
            .chain([(
                EXPANDED.to_owned(),
                json!({ "type": "object", "description": "Passed over." }),
            )])
            .collect();
        let name = format!("{}Patch", R::Schema::name());
        does.schemas.insert(
            name.clone(),
            json!({
                "type": "object",
                "description": "A JSON merge patch (RFC 7396): members that are named are set, null takes a value away, all else stays. What is derived may be named with its present value.",
                "additionalProperties": false,
                "properties": properties,
            }),
        );
        does.schemas
            .insert(schema::PATCHED_MAP.into(), schema::patched_map());
        let content: Map<String, Value> = ["application/merge-patch+json", "application/json"]
            .into_iter()
            .map(|it| {
                (
                    it.to_owned(),
                    json!({ "schema": reference(&name), "example": example }),
                )
            })
            .collect();
        does.body = Some(json!({ "required": true, "content": content }));
        does.answer(
            "200",
            "As it is now.",
            &record,
            Format::JSON,
            &["ETag", "Preference-Applied"],
        );
        does.minimal();
        does
    }

    /// A change of a record that another list shows with more beside it: that may be named too, as it is read there.
    #[must_use]
    pub fn or_as_listed<R: Shown, L: Shown>(mut self) -> Self {
        let (view, _) = schema::flat_with_types::<L::Schema>();
        let patch = self.schemas.get_mut(&format!("{}Patch", R::Schema::name()));
        if let Some(properties) = patch.and_then(|it| it["properties"].as_object_mut()) {
            for (name, member) in members(&view) {
                properties.entry(name).or_insert_with(|| member.clone());
            }
        }
        self
    }

    /// `DELETE`.
    #[must_use]
    pub fn retract(id: impl Into<Text>, summary: impl Into<Text>) -> Self {
        let mut does = Self::write(id, summary);
        does.manner = "Nothing is lost: its history still answers, and `POST …/restore` brings it back.";
        does.answers.insert(
            "204".into(),
            json!({ "description": "It is retracted; its history still answers.", "headers": headers(&["X-Request-Id"]) }),
        );
        does
    }

    /// `DELETE` of what stays to be seen, and is done with.
    #[must_use]
    pub fn ends(id: impl Into<Text>, summary: impl Into<Text>, done: &str) -> Self {
        let mut does = Self::write(id, summary);
        does.answers.insert(
            "204".into(),
            json!({ "description": done, "headers": headers(&["X-Request-Id"]) }),
        );
        does
    }

    /// `POST …/restore`.
    #[must_use]
    pub fn restore<R: Shown>(id: impl Into<Text>, summary: impl Into<Text>) -> Self {
        let mut does = Self::write(id, summary);
        let record = does.learn_record::<R>();
        does.answer(
            "200",
            "It is back.",
            &record,
            Format::JSON,
            &["ETag", "Preference-Applied", "Idempotency-Replayed"],
        );
        does.minimal();
        does
    }

    /// A write that takes and answers something of its own.
    #[must_use]
    pub fn takes_and_answers<T: ToSchema>(
        id: impl Into<Text>,
        summary: impl Into<Text>,
        content: &Value,
        statuses: &[&'static str],
        read: impl FnOnce(&mut Query),
    ) -> Self {
        let mut does = Self::write(id, summary);
        does.parameters.clear();
        let mut query = Query::default();
        read(&mut query);
        does.ask(query, &Choices::default(), &[]);
        does.body = Some(json!({ "required": true, "content": content }));
        let answer = does.learn::<T>();
        for status in statuses {
            does.answer(
                status,
                "What became of it.",
                &answer,
                Format::JSON,
                &["ETag", "Preference-Applied"],
            );
        }
        does
    }

    /// Says that a body may be left out.
    #[must_use]
    pub fn with_optional_body(mut self) -> Self {
        if let Some(body) = &mut self.body {
            body["required"] = false.into();
        }
        self
    }

    /// Adds schemas that a body of its own refers to.
    #[must_use]
    pub fn with<T: ToSchema>(mut self) -> Self {
        self.learn::<T>();
        self
    }

    /// Adds what can be written of a record, for a body that holds many.
    #[must_use]
    pub fn with_new<R: Shown>(mut self, new: InputSchema) -> Self {
        let body = self.body.take();
        let name = new.name;
        self.takes::<R>(new, &[]);
        self.takes_back::<R>(name);
        self.body = body;
        self
    }

    /// Says that the answer has a tag, and need not be sent to whoever has it already.
    #[must_use]
    pub fn tagged(mut self) -> Self {
        self.answers["200"]["headers"]["ETag"] = headers(&["ETag"])["ETag"].clone();
        self.revalidates();
        self
    }

    /// Says that the answer is given again to whoever repeats the request.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        let name = "Idempotency-Replayed";
        self.answers["200"]["headers"][name] = headers(&[name])[name].clone();
        self
    }

    /// A list whose order is that of ranks, and that may say this of all that matches.
    #[must_use]
    pub fn ranked<T: ToSchema>(mut self) -> Self {
        self.manner = "By pages, the best first.";
        self.manner_apart = Some("All that matches, the best first; with `limit`, a page of it.");
        let facets = self.learn::<T>();
        self.answers["200"]["content"][Format::Json.essence()]["schema"]["properties"]["facets"] = facets;
        self
    }

    /// Says that a parameter cannot be left out, and shows one.
    #[must_use]
    pub fn needs(mut self, name: &str, example: &str) -> Self {
        for parameter in self.parameters.iter_mut().filter(|it| it["name"] == name) {
            parameter["required"] = true.into();
            parameter["example"] = example.into();
        }
        self
    }

    /// Adds parameters that `read` reads.
    #[must_use]
    pub fn asked(mut self, read: impl FnOnce(&mut Query)) -> Self {
        let mut query = Query::default();
        read(&mut query);
        self.ask(query, &Choices::default(), &[]);
        self
    }

    /// It takes a key also to read, and says so in these words.
    #[must_use]
    pub fn with_key(mut self, manner: &'static str) -> Self {
        if self.kind == Kind::Read {
            self.kind = Kind::ReadWithKey;
        }
        self.manner = manner;
        self.manner_apart = None;
        self
    }

    /// Not every key may.
    #[must_use]
    pub fn forbidden(mut self) -> Self {
        self.fails("403");
        self
    }

    /// The path names something that may not be there.
    #[must_use]
    pub fn not_found(mut self) -> Self {
        self.fails("404");
        self
    }

    fn fails(&mut self, status: &str) {
        self.answers.insert(
            status.to_owned(),
            json!({ "$ref": format!("#/components/responses/{status}") }),
        );
    }

    fn write(id: impl Into<Text>, summary: impl Into<Text>) -> Self {
        let mut does = Self::of(Kind::Write, id, summary);
        let mut query = Query::default();
        drop(RequestOptions::read(&no_request(), &mut query, Format::JSON));
        does.ask(query, &Choices::default(), &[]);
        does
    }

    fn minimal(&mut self) {
        let headers = headers(&[
            "ETag",
            "Content-Language",
            "Vary",
            "Cache-Control",
            "Preference-Applied",
            "X-Request-Id",
        ]);
        self.answers.insert(
            "204".into(),
            json!({ "description": "It is done, and `Prefer: return=minimal` wanted to hear no more.", "headers": headers }),
        );
        if let Some(created) = self.answers.get_mut("201") {
            created["description"] = "It is written down. Where `Prefer: return=minimal` wanted to hear no more, this has no body.".into();
        }
    }

    fn ask(&mut self, query: Query, choices: &Choices, sorts: &[String]) {
        for Parameter { name, many, schema } in query.known() {
            if self.parameters.iter().any(|it| it["name"] == name) {
                continue;
            }
            let mut schema = serde_json::to_value(schema()).unwrap_or_default();
            match name {
                "sort" if !sorts.is_empty() => schema = json!({ "type": "string", "enum": sorts }),
                "expand" => schema = json!({ "type": "string", "enum": choices.expands }),
                "fields" => schema = json!({ "type": "string", "enum": choices.fields }),
                "limit" => schema = json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }),
                _ => {}
            }
            if let Some(object) = schema.as_object_mut() {
                object.remove("description");
            }
            let mut parameter = json!({
                "name": name,
                "in": "query",
                // What it asks is not known before all features have said what their words mean.
                "description": "",
                "schema": schema,
            });
            if many {
                parameter["schema"] = json!({ "type": "array", "items": schema, "minItems": 1 });
                parameter["style"] = "form".into();
                parameter["explode"] = false.into();
            }
            self.parameters.push(parameter);
        }
    }

    fn takes<R: Shown>(&mut self, new: InputSchema, media_types: &[&str]) {
        let (view, types) = schema::flat_with_types::<R::Schema>();
        let mut properties = Map::new();
        for (name, member) in members(&view).filter(|(name, _)| new.fields.contains(&name.as_str())) {
            let member = schema::written(name, member, &types);
            let is_required = new.required.contains(&name.as_str());
            properties.insert(name.clone(), if is_required { member } else { nullable(&member) });
        }
        for (name, member) in new.input_only {
            properties.insert(name.to_owned(), member);
        }
        let mut input = json!({
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
            "examples": [new.example],
        });
        if !new.required.is_empty() {
            input["required"] = json!(new.required);
        }
        let content: Map<String, Value> = media_types
            .iter()
            .map(|it| {
                let content = json!({ "schema": reference(new.name), "example": input["examples"][0] });
                ((*it).to_owned(), content)
            })
            .collect();
        self.schemas.insert(new.name.to_owned(), input);
        self.body = Some(json!({ "required": true, "content": content }));
    }

    /// Says that what is only read may come along in this body, as it was read.
    fn takes_back<R: Shown>(&mut self, name: &str) {
        let (view, _) = schema::flat_with_types::<R::Schema>();
        let Some(properties) = self
            .schemas
            .get_mut(name)
            .and_then(|it| it["properties"].as_object_mut())
        else {
            return;
        };
        for (name, member) in members(&view) {
            let mut member = member.clone();
            member["readOnly"] = true.into();
            properties.entry(name).or_insert(member);
        }
        if !R::EXPANDS.is_empty() {
            let expanded = json!({ "type": "object", "readOnly": true, "description": "Passed over." });
            properties.insert(EXPANDED.to_owned(), expanded);
        }
    }

    /// A record as it is answered: its view, and beside it what can be expanded.
    fn learn_record<R: Shown>(&mut self) -> Value {
        let record = self.learn::<R::Schema>();
        let expanded: Map<String, Value> = R::EXPANDS
            .iter()
            .map(|it| {
                let schema = match it.shows {
                    Shows::One(name) => nullable(&reference(name)),
                    Shows::Many(name) => json!({ "type": "array", "items": reference(name) }),
                };
                (it.name.to_owned(), schema)
            })
            .collect();
        if !expanded.is_empty() {
            let name = R::Schema::name();
            self.schemas[name.as_ref()]["properties"][EXPANDED] = json!({
                "type": "object",
                "description": "What `expand` asked for.",
                "properties": expanded,
            });
        }
        record
    }

    /// The same, or the members of it that `fields` asks for.
    fn learn_selected<R: Shown>(&mut self) -> Value {
        let record = self.learn_record::<R>();
        let name = R::Schema::name();
        let selection = format!("{name}Selection");
        let properties = self.schemas[name.as_ref()]["properties"].clone();
        self.schemas.insert(
            selection.clone(),
            json!({
                "type": "object",
                "description": "The members that `fields` asks for, and what `expand` does.",
                "additionalProperties": false,
                "properties": properties,
            }),
        );
        json!({ "anyOf": [record, reference(&selection)] })
    }

    fn learn<T: ToSchema>(&mut self) -> Value {
        self.schemas.extend(schema::named::<T>());
        reference(&T::name())
    }

    fn answer(&mut self, status: &str, text: &str, schema: &Value, formats: &[Format], named: &[&str]) {
        let content: Map<String, Value> = formats
            .iter()
            .map(|format| {
                let content = json!({ "schema": format.described(schema) });
                (format.essence().to_owned(), content)
            })
            .collect();
        let mut all = vec!["Content-Language", "Vary", "Cache-Control", "X-Request-Id"];
        all.extend(named);
        self.answers.insert(
            status.to_owned(),
            json!({ "description": text, "headers": headers(&all), "content": content }),
        );
    }

    fn revalidates(&mut self) {
        let headers = self.answers["200"]["headers"].clone();
        self.answers.insert(
            "304".into(),
            json!({ "description": "What `If-None-Match` names is still what this is.", "headers": headers }),
        );
    }

    /// The operation with its path, of JSON alone; and behind it each other form that it has, as an operation of its own:
    /// generated clients know one type of an answer, and of a body.
    pub(super) fn by_form(self, path: &str) -> Vec<(String, Self)> {
        let has = |content: &Value, form: Format| content.get(form.essence()).is_some();
        let answered = |form| {
            self.answers
                .get("200")
                .is_some_and(|it| has(&it["content"], form))
        };
        let taken = |form| self.body.as_ref().is_some_and(|it| has(&it["content"], form));
        let forms = Format::APART.iter().copied();
        let forms: Vec<_> = forms.filter(|form| answered(*form) || taken(*form)).collect();
        let mut plain = (path.to_owned(), self.in_form(Format::Json));
        let mut apart = Vec::new();
        for form in forms {
            let (path, name) = (format!("{path}.{form}"), form.as_str().to_uppercase());
            plain.1.apart.push(format!("As {name}: `{path}`."));
            let mut does = self.in_form(form);
            does.id = format!("{}_{form}", self.id).into();
            does.summary = format!("{} As {name}.", self.summary).into();
            does.manner = self.manner_apart.unwrap_or(self.manner);
            apart.push((path, does));
        }
        std::iter::once(plain).chain(apart).collect()
    }

    /// The same in this form alone, as far as it has several.
    fn in_form(&self, form: Format) -> Self {
        let mut does = self.clone();
        let only = |content: &mut Value| {
            let is_other = |it: &str| {
                Format::ALL
                    .iter()
                    .any(|other| *other != form && other.essence() == it)
            };
            if let Some(content) = content
                .as_object_mut()
                .filter(|it| it.contains_key(form.essence()))
            {
                content.retain(|it, _| !is_other(it));
            }
        };
        if let Some(body) = &mut does.body {
            only(&mut body["content"]);
        }
        let is_read = does.body.is_none();
        if let Some(answer) = does.answers.get_mut("200").filter(|_| is_read) {
            only(&mut answer["content"]);
            does.parameters.retain(|it| {
                let name = it["name"].as_str().unwrap_or_default();
                form.goes_with(name) && (form == Format::Json || name != "format")
            });
            // Without one it is all that matches, which a client that sends defaults would not get.
            for parameter in &mut does.parameters {
                let schema = parameter["schema"].as_object_mut();
                if let Some(schema) = schema.filter(|_| form.extent() == Extent::Whole) {
                    schema.remove("default");
                }
            }
        }
        does
    }

    /// The operation on its path, as OpenAPI has it, and the schemas that it refers to.
    pub(super) fn on(
        mut self,
        path: &str,
        method: &Method,
        tag: &str,
        words: &Vocabularies,
    ) -> (Value, Map<String, Value>) {
        let keys = words.keys_of(path);
        let may_have_moved = keys.iter().any(|(key, _)| key.moved.is_some());
        let mut parameters: Vec<Value> = keys.into_iter().map(|(_, parameter)| parameter).collect();
        let answers_with = |format: &&Format| {
            let answer = self.answers.get("200");
            **format == Format::Json || answer.is_some_and(|it| it["content"].get(format.essence()).is_some())
        };
        let offered: Vec<&str> = Format::ALL
            .iter()
            .filter(answers_with)
            .map(|format| format.as_str())
            .collect();
        for parameter in &mut self.parameters {
            parameter["description"] = words
                .parameter(parameter["name"].as_str().unwrap_or_default())
                .into();
            if parameter["name"] == "format" {
                parameter["schema"]["enum"] = json!(offered);
            }
        }
        parameters.append(&mut self.parameters);
        let names: &[&str] = match (self.kind, method) {
            (Kind::Open, _) => &["X-Request-Id"],
            (Kind::Read | Kind::ReadWithKey, _) => &["If-None-Match", "Accept-Language", "X-Request-Id"],
            (Kind::Write, &Method::POST) => &[
                "If-Match",
                "Change-Reason",
                "Prefer",
                "Idempotency-Key",
                "Accept-Language",
                "X-Request-Id",
            ],
            (Kind::Write, _) => &[
                "If-Match",
                "If-None-Match",
                "Change-Reason",
                "Prefer",
                "Accept-Language",
                "X-Request-Id",
            ],
        };
        parameters.extend(
            names
                .iter()
                .map(|name| json!({ "$ref": format!("#/components/parameters/{name}") })),
        );
        let has_key = path.contains('{') && path.starts_with("/v1");
        let has_body = self.body.is_some();
        let is_write = self.kind == Kind::Write;
        if may_have_moved {
            self.fails("308");
        }
        for (status, _, applies) in FAILURES {
            let comes = match *applies {
                "always" => true,
                "looks_at_keys" => !host::is_of_health(path),
                "read" => self.kind != Kind::Open,
                "key" => has_key,
                "write" => is_write,
                "body" => has_body,
                _ => false,
            };
            if comes {
                self.fails(status);
            }
        }
        let mut answers: Vec<_> = self.answers.into_iter().collect();
        answers.sort_by(|(one, _), (other, _)| one.cmp(other));
        let said = [self.summary.as_ref(), self.manner].into_iter();
        let description: Vec<&str> = said.chain(self.apart.iter().map(String::as_str)).collect();
        let description = description.join(" ");
        let mut object = json!({
            "operationId": self.id,
            "summary": self.summary,
            "description": description,
            "tags": [tag],
            "parameters": parameters,
            "responses": answers.into_iter().collect::<Map<_, _>>(),
            "security": match self.kind {
                Kind::Open => json!([{}]),
                Kind::Read => json!([{}, { "key": [] }]),
                Kind::Write | Kind::ReadWithKey => json!([{ "key": [] }]),
            },
        });
        if let Some(body) = self.body {
            object["requestBody"] = body;
        }
        (object, self.schemas)
    }
}

/// What `expand` and `fields` can name of a record.
#[derive(Default)]
struct Choices {
    expands: Vec<String>,
    fields: Vec<String>,
}

fn choices<R: Shown>() -> Choices {
    Choices {
        expands: R::EXPANDS.iter().map(|it| it.name.to_owned()).collect(),
        fields: schema::members::<R::Schema>().to_vec(),
    }
}

fn no_request() -> axum::http::request::Parts {
    Request::new(()).into_parts().0
}

fn members(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object["properties"].as_object().into_iter().flatten()
}

pub(super) fn headers(names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| {
            let of = json!({ "$ref": format!("#/components/headers/{name}") });
            ((*name).to_owned(), of)
        })
        .collect::<Map<_, _>>()
        .into()
}

//! Which of a record is shown: `expand=` puts what it refers to beside it, `fields=` keeps some members alone.

use std::future::Future;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    db::Reader,
    error::{Error, Result},
    values::Language,
    web::{Depends, Query, contract},
};

/// What can be put beside a record, one level deep: declared where the record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expand {
    /// As `expand=` asks for it, and as it stands in the answer.
    pub name: &'static str,
    pub shows: Shows,
}

/// Views of this schema's name: one or none, or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    One(&'static str),
    Many(&'static str),
}

/// Where expanded things stand in a record: apart, so that what refers to them stays a key, to be written as it is read.
pub const EXPANDED: &str = "expanded";

/// A record as readers see it.
pub trait Shown: Sized + Send + Sync + 'static {
    /// What is written, with the names in the reader's language.
    type View<'a>: Serialize + Send + Sync
    where
        Self: 'a;
    /// The view, as the contract describes it.
    type Schema: ToSchema;

    /// What can be put beside it.
    const EXPANDS: &'static [Expand] = &[];
    /// Whether it shows nothing that is of a part of the register.
    const IS_OF_NO_PART: bool = false;
    /// Members of its view that stand on single records, never in lists.
    const ALONE: &'static [&'static str] = &[];

    fn id(&self) -> Uuid;

    /// As lists show it.
    fn summary(&self, language: Language) -> Self::View<'_>;

    /// What must change for its view to be another one, with what can be put beside it.
    fn depends(&self) -> Depends {
        Depends::of_part(Self::IS_OF_NO_PART)
    }

    /// As it is shown alone: with where its sources disagree, of one that can have any. They are read from
    /// `sources`, which is not given for a new record that brought none.
    fn detail(
        &self,
        _sources: Option<&mut Reader>,
        language: Language,
    ) -> impl Future<Output = Result<Self::View<'_>>> + Send {
        async move { Ok(self.summary(language)) }
    }

    /// What is to be put beside each of `records`, in their order: one or two statements for all.
    fn expand(
        _: &mut Reader,
        _records: &[Self],
        _: &'static str,
        _: Language,
    ) -> impl Future<Output = Result<Vec<Value>>> + Send {
        async { Ok(Vec::new()) }
    }
}

/// What is asked of a record's form.
#[derive(Default)]
pub struct Shape {
    expand: Vec<Expand>,
    fields: Vec<String>,
}

impl Shape {
    /// Of one record.
    pub fn read<R: Shown>(query: &mut Query) -> Self {
        Self::of::<R>(query, || contract::members::<R::Schema>().to_vec())
    }

    /// Of a list's records, which lack what stands on single ones alone.
    pub fn read_of_list<R: Shown>(query: &mut Query) -> Self {
        Self::of::<R>(query, contract::listed::<R>)
    }

    fn of<R: Shown>(query: &mut Query, known: impl Fn() -> Vec<String>) -> Self {
        let mut expand: Vec<Expand> = Vec::new();
        if !R::EXPANDS.is_empty() {
            for word in query.many::<String>("expand") {
                match R::EXPANDS.iter().find(|it| it.name == word) {
                    Some(what) if !expand.contains(what) => expand.push(*what),
                    Some(_) => {}
                    None => {
                        let known: Vec<_> = R::EXPANDS.iter().map(|it| it.name).collect();
                        let detail = format!("expand={word} is not here; these are: {}", known.join(", "));
                        query.fault("expand", "expand", detail);
                    }
                }
            }
        }
        let mut fields: Vec<String> = Vec::new();
        let asked: Vec<String> = query.many("fields");
        let known = if asked.is_empty() { Vec::new() } else { known() };
        for field in asked {
            if !known.contains(&field) {
                let detail = format!("fields={field} is no field here; these are: {}", known.join(", "));
                query.fault("fields", "fields", detail);
            } else if !fields.contains(&field) {
                fields.push(field);
            }
        }
        Self { expand, fields }
    }

    /// Whether records are shown as they are.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.expand.is_empty() && self.fields.is_empty()
    }

    #[must_use]
    pub fn expands(&self) -> bool {
        !self.expand.is_empty()
    }

    /// The fields that are asked for; none means all.
    #[must_use]
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Records in the form that is asked for.
    pub async fn shape<R: Shown, V: Serialize>(
        &self,
        conn: &mut Reader,
        records: &[R],
        views: &[V],
        language: Language,
    ) -> Result<Vec<Value>> {
        let mut shaped = Vec::with_capacity(views.len());
        for view in views {
            let mut view = serde_json::to_value(view).map_err(Error::internal)?;
            if let Some(members) = view.as_object_mut().filter(|_| !self.fields.is_empty()) {
                members.retain(|name, _| self.fields.contains(name));
            }
            shaped.push(view);
        }
        for what in &self.expand {
            let beside = R::expand(conn, records, what.name, language).await?;
            if beside.len() != records.len() {
                let missing = format!("expand={} is declared, and nothing is read for it", what.name);
                return Err(Error::internal(missing));
            }
            for (view, value) in shaped.iter_mut().zip(beside) {
                if let Some(members) = view.as_object_mut() {
                    let expanded = members
                        .entry(EXPANDED)
                        .or_insert_with(|| Value::Object(Map::new()));
                    expanded[what.name] = value;
                }
            }
        }
        Ok(shaped)
    }
}

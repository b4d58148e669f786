//! Which of a record is shown: `expand=` puts what it refers to beside it, `fields=` keeps some members alone.

use std::{future::Future, pin::Pin, sync::OnceLock};

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    db::Reader,
    error::{Detail, Error, Result},
    values::Viewpoint,
    web::{Depends, Query, contract},
};

/// What can be put beside a record, one level deep: declared where the record is.
pub struct Expand<R> {
    /// As `expand=` asks for it, and as it stands in the answer.
    pub name: &'static str,
    pub shows: Shows,
    /// Whether that may show something of any part of the register, and not of the record's own alone.
    pub is_of_any_part: bool,
    /// Reads it for each of the records, in their order: one or two statements for all.
    pub read: Reading<R>,
}

/// How it is read.
pub type Reading<R> = for<'a> fn(&'a mut Reader, &'a [R], Viewpoint) -> Expanding<'a>;

/// How something is read that only a feature above the record's own can tell: handed in where the app is put together.
pub struct HandedIn<R: 'static>(OnceLock<Reading<R>>);

impl<R: 'static> HandedIn<R> {
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it is of constants alone")]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Whoever hands in the same once more changes nothing.
    pub fn hand_in(&self, reading: Reading<R>) {
        self.0.get_or_init(|| reading);
    }

    pub fn read<'a>(&self, conn: &'a mut Reader, records: &'a [R], viewpoint: Viewpoint) -> Expanding<'a> {
        match self.0.get() {
            Some(read) => read(conn, records, viewpoint),
            None => Box::pin(async { Err(Error::internal("an expansion was not handed in")) }),
        }
    }
}

/// What is read for each of some records.
pub type Expanding<'a> = Pin<Box<dyn Future<Output = Result<Vec<Value>>> + Send + 'a>>;

/// Views of this schema's name: one or none, or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    One(&'static str),
    Many(&'static str),
}

/// Where expanded things stand in a record: apart, so that what refers to them stays a key, to be written as it is read.
pub const EXPANDED: &str = "expanded";

/// What a record shows where it stands alone, never in lists.
pub trait Alone<R>: Sized + Send {
    /// The members of the view that show it.
    const MEMBERS: &'static [&'static str];

    /// Reads it from the record's `sources`, which are not given for a new record that brought none.
    fn read(sources: Option<&mut Reader>, record: &R) -> impl Future<Output = Result<Self>> + Send;
}

/// A record that shows the same in lists.
impl<R: Sync> Alone<R> for () {
    const MEMBERS: &'static [&'static str] = &[];

    async fn read(_: Option<&mut Reader>, _: &R) -> Result<Self> {
        Ok(())
    }
}

/// The name of a member, and what a record has there in its list.
pub type AlsoListed<R> = (&'static str, fn(&R) -> Value);

/// A record as readers see it.
pub trait Shown: Sized + Send + Sync + 'static {
    /// What is written, with the names in the reader's language.
    type View<'a>: Serialize + Send + Sync
    where
        Self: 'a;
    /// The view, as the contract describes it.
    type Schema: ToSchema;
    type Alone: Alone<Self>;

    /// What can be put beside it.
    const EXPANDS: &'static [Expand<Self>] = &[];
    /// The members of its view that depend on the day alone: nothing of them is written or kept.
    const OF_THE_DAY: &'static [&'static str] = &[];
    /// The texts that its list has and it does not, as they are there.
    const ALSO_LISTED: &'static [AlsoListed<Self>] = &[];
    /// Whether it shows nothing that is of a part of the register.
    const IS_OF_NO_PART: bool = false;

    fn id(&self) -> Uuid;

    /// As a reader sees it, with what it shows alone, or as lists show it.
    fn view(&self, viewpoint: Viewpoint, alone: Option<Self::Alone>) -> Self::View<'_>;

    /// What must change for its view to be another one, with what can be put beside it.
    fn depends(&self) -> Depends {
        Depends::of_part(Self::IS_OF_NO_PART)
    }

    /// As lists show it.
    fn summary(&self, viewpoint: Viewpoint) -> Self::View<'_> {
        self.view(viewpoint, None)
    }

    /// As it is shown alone: see [`Alone::read`].
    fn detail(
        &self,
        sources: Option<&mut Reader>,
        viewpoint: Viewpoint,
    ) -> impl Future<Output = Result<Self::View<'_>>> + Send {
        async move {
            let alone = Self::Alone::read(sources, self).await?;
            Ok(self.view(viewpoint, Some(alone)))
        }
    }
}

/// What is asked of a record's form.
#[derive(Default)]
pub struct Shape {
    /// The names of what is to be put beside it.
    expand: Vec<&'static str>,
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
        let mut expand: Vec<&str> = Vec::new();
        if !R::EXPANDS.is_empty() {
            for word in query.many::<String>("expand") {
                match R::EXPANDS.iter().find(|it| it.name.eq_ignore_ascii_case(&word)) {
                    Some(what) if !expand.contains(&what.name) => expand.push(what.name),
                    Some(_) => {}
                    None => {
                        let known: Vec<_> = R::EXPANDS.iter().map(|it| it.name).collect();
                        let detail = format!("expand={word} is not here; these are: {}", known.join(", "));
                        query.fault("expand", "expand", Detail::of(detail).knowing(known));
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
                query.fault(
                    "fields",
                    "fields",
                    Detail::of(detail).knowing(known.iter().cloned()),
                );
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

    /// What must change for records to be others that depend on this alone, with what is put beside them.
    #[must_use]
    pub fn depends<R: Shown>(&self, alone: Depends) -> Depends {
        let is_asked = |it: &&Expand<R>| self.expand.contains(&it.name);
        let is_of_any = R::EXPANDS.iter().filter(is_asked).any(|it| it.is_of_any_part);
        match alone {
            Depends::OnPart(_) if is_of_any => Depends::OnEverything,
            // Which one is the record's own is not said.
            Depends::OnNoPart if self.expands() => Depends::OnEverything,
            alone => alone,
        }
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
        viewpoint: Viewpoint,
    ) -> Result<Vec<Value>> {
        let mut shaped = Vec::with_capacity(views.len());
        for view in views {
            let mut view = serde_json::to_value(view).map_err(Error::internal)?;
            if let Some(members) = view.as_object_mut().filter(|_| !self.fields.is_empty()) {
                members.retain(|name, _| self.fields.contains(name));
            }
            shaped.push(view);
        }
        let find = |name: &&str| R::EXPANDS.iter().find(|it| it.name == *name);
        for what in self.expand.iter().filter_map(find) {
            let beside = (what.read)(conn, records, viewpoint).await?;
            if beside.len() != records.len() {
                let missing = format!("expand={} is not read for each record", what.name);
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

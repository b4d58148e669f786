//! Scales as records: how one is shown, set and looked up.

use uuid::Uuid;

use super::{Draft, Scale, THIS, View, sql};
use crate::{
    error::{Error, Faults, Result},
    history::{Record, Write},
    resources::{Located, Resource, Slug},
    values::{FromText, Timestamp, Viewpoint},
    web::Shown,
};

impl Shown for Scale {
    type View<'a> = View<'a>;
    type Schema = View<'static>;
    type Alone = ();

    const IS_OF_NO_PART: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn view(&self, viewpoint: Viewpoint, _: Option<()>) -> View<'_> {
        View {
            scale: self,
            name: self.names.resolve(viewpoint.language),
        }
    }
}

impl Record for Scale {
    const RESOURCE: Resource = THIS;
    fn key(&self) -> String {
        self.key.to_string()
    }
    fn version(&self) -> i64 {
        self.version
    }
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp) {
        (&mut self.version, &mut self.updated_at)
    }
}

/// Sets the scale of this key, of which this was found: a new one, or the one that is there without losing a value that
/// an assessment uses.
pub async fn put(write: &mut Write, key: &str, found: Option<&Located>, draft: Draft) -> Result<Scale> {
    let Some(found) = found else {
        return create(write, key, draft).await;
    };
    let before = sql::find(&mut write.conn, found.id)
        .await?
        .ok_or_else(|| Error::internal("a located scale is gone"))?;
    let after = Scale {
        names: draft.names,
        values: draft.values,
        ..before.clone()
    };
    if after.values != before.values {
        refuse_to_lose_values(write, &after).await?;
        sql::remove_values(&mut write.conn, after.id).await?;
        sql::store_values(&mut write.conn, &after).await?;
    }
    write.change(before, after, sql::cells).await
}

async fn create(write: &mut Write, key: &str, draft: Draft) -> Result<Scale> {
    let key = Slug::from_text(key).map_err(|detail| {
        let detail = detail.of_the("the path's key of the scale");
        Error::Invalid(Faults::one("", "value", detail))
    })?;
    let scale = Scale {
        id: write.new_id(),
        key,
        names: draft.names,
        values: draft.values,
        version: 1,
        created_at: write.at,
        updated_at: write.at,
    };
    let cells = sql::cells(&scale);
    let scale = write.create(scale, cells).await?;
    sql::store_values(&mut write.conn, &scale).await?;
    Ok(scale)
}

/// A retracted assessment uses its value too, as it can be restored.
async fn refuse_to_lose_values(write: &mut Write, after: &Scale) -> Result<()> {
    let used = sql::used(&mut write.conn, after.id).await?;
    let mut faults = Faults::default();
    for (value, count) in used.iter().filter(|(value, _)| after.step(value).is_none()) {
        let detail = format!("{value:?} is the value of {count} assessment(s), and is missing here");
        faults.add("/values", "referrer", detail);
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(Error::Conflict {
        code: "still_referenced",
        detail: format!(
            "Assessments use values of scales/{} that would go, retracted ones included. Keep these values, or patch the assessments first; errors names them.",
            after.key
        ),
        faults,
        with: None,
    })
}

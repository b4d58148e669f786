//! JSON Merge Patch (RFC 7396) on what a record says.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    db::Reader,
    error::{Detail, Error, Faults, Result},
    values::{Language, Viewpoint, escape},
    web::{Shown, contract, response::EXPANDED},
};

/// The writable fields of a record after a patch.
///
/// A read object may be patched back: a read-only field that says what it says
/// now, in any of the languages, is passed over; one that says something else
/// is refused, also where it follows from other records. What depends on the day is passed over, whatever it says. What
/// lists do not show is read where the patch names it.
pub async fn merged<R: Shown>(
    conn: &mut Reader,
    patch: &Value,
    writable: &[&'static str],
    record: &R,
) -> Result<Value> {
    let views = views(conn, patch, record).await?;
    merged_with(patch, writable, R::OF_THE_DAY, &views)
}

/// What is said of a record that is set whole, and beside it what was sent along as it was read: the members of its view that
/// nobody writes. They are to be held against the record, by [`must_be_as_read`].
#[must_use]
pub fn put_back<R: Shown>(mut body: Value, writable: &[&str]) -> (Value, Value) {
    let mut only_read = Map::new();
    if let Some(body) = body.as_object_mut() {
        let view = contract::members::<R::Schema>();
        let names = view.iter().map(String::as_str).chain([EXPANDED]);
        for name in names.filter(|name| !writable.contains(name)) {
            only_read.extend(body.shift_remove_entry(name));
        }
    }
    (body, only_read.into())
}

/// Refuses what is only read and does not say what it says now. Of a record that `is_new`, the number and the times are passed
/// over that another one had before it.
pub async fn must_be_as_read<R: Shown>(
    conn: &mut Reader,
    only_read: &Value,
    writable: &[&'static str],
    record: &R,
    is_new: bool,
) -> Result<()> {
    let views = views(conn, only_read, record).await?;
    let others = if is_new { STAMPS } else { &[] };
    let passed_over = [R::OF_THE_DAY, others].concat();
    merged_with(only_read, writable, &passed_over, &views).map(drop)
}

/// What each record is given when it is made, and what others say of it by then.
const STAMPS: &[&str] = &["id", "version", "created_at", "updated_at", "conflicts", "counts"];

/// The record as it is read: in each of the languages, and with what these members name beside that.
async fn views<R: Shown>(conn: &mut Reader, named: &Value, record: &R) -> Result<Vec<Value>> {
    let mut views = Language::ALL
        .into_iter()
        .map(|language| json(&record.summary(seen_in(language))))
        .collect::<Result<Vec<_>>>()?;
    let also_listed = R::ALSO_LISTED.iter();
    views.push(
        also_listed
            .map(|(name, of)| ((*name).to_owned(), of(record)))
            .collect::<Map<_, _>>()
            .into(),
    );
    let is_listed = |name: &String| views.iter().any(|view| view.get(name).is_some());
    if !members(named).all(|name| name == EXPANDED || is_listed(name)) {
        views.push(json(&record.detail(Some(conn), seen_in(Language::En)).await?)?);
    }
    Ok(views)
}

/// On any day: what depends on it is passed over.
fn seen_in(language: Language) -> Viewpoint {
    Viewpoint {
        language,
        today: NaiveDate::default(),
    }
}

fn members(object: &Value) -> impl Iterator<Item = &String> {
    object.as_object().into_iter().flat_map(Map::keys)
}

fn json(view: &impl Serialize) -> Result<Value> {
    serde_json::to_value(view).map_err(Error::internal)
}

/// The same of a record that is read as any of these.
fn merged_with(
    patch: &Value,
    writable: &[&'static str],
    passed_over: &[&str],
    views: &[Value],
) -> Result<Value> {
    let mut faults = Faults::default();
    let Some(patch) = patch.as_object() else {
        faults.add(
            "",
            "type",
            Detail::of("A merge patch must be an object of the fields to change.").allowing(["object"]),
        );
        return Err(Error::Invalid(faults));
    };
    let mut merged: Map<String, Value> = views
        .iter()
        .find_map(Value::as_object)
        .map(|record| {
            record
                .iter()
                .filter(|(name, _)| writable.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        })
        .unwrap_or_default();
    for (name, value) in patch {
        // It says nothing of the record itself, or of another day.
        if name == EXPANDED || passed_over.contains(&name.as_str()) {
            continue;
        }
        if writable.contains(&name.as_str()) {
            merge(merged.entry(name.clone()).or_insert(Value::Null), value);
        } else if views.iter().any(|view| view.get(name).is_some()) {
            if !views.iter().any(|view| view.get(name) == Some(value)) {
                faults.add(
                    format!("/{name}"),
                    "read_only_field",
                    Detail::of(format!(
                        "is derived by the register and says something else now; leave it out. These can be set: {}",
                        writable.join(", ")
                    ))
                    .knowing(writable.iter().copied()),
                );
            }
        } else {
            faults.add_with("unknown_field", || {
                (
                    format!("/{}", escape(name)),
                    Detail::of(format!(
                        "is no field here; these can be written: {}",
                        writable.join(", ")
                    ))
                    .knowing(writable.iter().copied()),
                )
            });
        }
    }
    faults.or_invalid()?;
    Ok(merged.into())
}

fn merge(target: &mut Value, patch: &Value) {
    let Some(patch) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    if let Some(target) = target.as_object_mut() {
        for (name, value) in patch {
            if value.is_null() {
                target.shift_remove(name);
            } else {
                merge(target.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patched(patch: &Value) -> Result<Value> {
        let view =
            |name| json!({"id": 1, "names": {"en": "Kuwait", "ar": "الكويت"}, "kind": "state", "name": name});
        merged_with(
            patch,
            &["names", "kind"],
            &["silent_days"],
            &["Kuwait", "الكويت"].map(view),
        )
    }

    #[test]
    fn a_merge_patch_touches_only_what_it_names() {
        let record = patched(&json!({"names": {"fr": "Koweït", "en": null}})).unwrap();
        assert_eq!(
            record,
            json!({"names": {"ar": "الكويت", "fr": "Koweït"}, "kind": "state"})
        );
    }

    #[test]
    fn a_read_object_may_be_patched_back_in_any_language() {
        assert!(patched(&json!({"id": 1, "name": "الكويت"})).is_ok());
        assert!(patched(&json!({"id": 2})).is_err());
        assert!(patched(&json!({"nmae": "x"})).is_err());
        assert!(patched(&json!([])).is_err());
    }
}

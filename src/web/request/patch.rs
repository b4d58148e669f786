//! JSON Merge Patch (RFC 7396) on what a record says.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    error::{Error, Faults, Result},
    values::{Language, escape},
    web::response::EXPANDED,
};

/// The writable fields of a record after a patch.
///
/// `view` gives the record as it is read in a language. A read object may be
/// patched back: a read-only field that says what it says now, in any of the
/// languages, is passed over; one that says something else is refused.
pub fn merged<T: Serialize>(patch: &Value, writable: &[&str], view: impl Fn(Language) -> T) -> Result<Value> {
    let mut faults = Faults::default();
    let Some(patch) = patch.as_object() else {
        faults.add(
            "",
            "type",
            "A merge patch must be an object of the fields to change.",
        );
        return Err(Error::Invalid(faults));
    };
    let views = Language::ALL
        .into_iter()
        .map(|language| serde_json::to_value(view(language)).map_err(Error::internal))
        .collect::<Result<Vec<_>>>()?;
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
        // It says nothing of the record itself.
        if name == EXPANDED {
            continue;
        }
        if writable.contains(&name.as_str()) {
            merge(merged.entry(name.clone()).or_insert(Value::Null), value);
        } else if views.iter().any(|view| view.get(name).is_some()) {
            if !views.iter().any(|view| view.get(name) == Some(value)) {
                faults.add(
                    format!("/{name}"),
                    "read_only_field",
                    format!(
                        "is derived by the register and cannot be set; these can: {}",
                        writable.join(", ")
                    ),
                );
            }
        } else {
            faults.add_with("unknown_field", || {
                (
                    format!("/{}", escape(name)),
                    format!("is no field here; these can be written: {}", writable.join(", ")),
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
        merged(patch, &["names", "kind"], |language| {
            json!({"id": 1, "names": {"en": "Kuwait", "ar": "الكويت"}, "kind": "state",
                   "name": if language == Language::Ar { "الكويت" } else { "Kuwait" }})
        })
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

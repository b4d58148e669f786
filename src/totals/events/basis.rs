//! How totals by events are counted: in words, as a sentence, and for machines.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    pledges::Instrument,
    totals::{
        By,
        basis::{Basis, Conversion, in_one},
    },
    values::{Currency, Language, PartialDate},
};

/// How a total of events was counted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventBasis)]
pub struct ShownBasis {
    by: By,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instruments: Vec<Instrument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    membership_at: Option<PartialDate>,
    /// In which currencies the figures are.
    amounts: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#in: Option<Currency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_max_age: Option<i64>,
    /// Whose rates served, as `rate_source` is asked; `first by name` where nobody chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "first by name")]
    rate_source: Option<String>,
    /// The same as a sentence, in the reader's language.
    text: String,
}

pub fn shown(basis: &Basis, language: Language) -> ShownBasis {
    let conversion = basis.conversion.as_ref();
    ShownBasis {
        by: By::Events,
        instruments: basis.instruments.clone(),
        membership_at: basis.membership_at,
        amounts: basis.amounts(),
        r#in: conversion.map(|it| it.into),
        rate_max_age: conversion.map(|it| it.max_age),
        rate_source: conversion.map(Conversion::source),
        text: sentence(basis, language),
    }
}

/// The choices in a line.
pub fn words(basis: &Basis) -> String {
    basis.words_behind(format!("by={}", By::Events), false)
}

fn sentence(basis: &Basis, language: Language) -> String {
    let counted = match language {
        Language::En => {
            "What became of pledges, each event by its own date; an event without an amount counts and is in no sum"
        }
        Language::Ar => "ما آلت إليه التعهدات، كل حدث بتاريخه؛ والحدث الذي لا مبلغ له يُعدّ ولا يدخل في أي مجموع",
        Language::Fr => {
            "Ce qu'il est advenu des promesses, chaque événement à sa propre date ; un événement sans montant compte et n'entre dans aucune somme"
        }
    };
    let mut clauses = vec![counted.to_owned()];
    clauses.extend(basis.choices(language));
    match &basis.conversion {
        None => clauses.push(
            match language {
                Language::En => "each currency stands for itself",
                Language::Ar => "وتُحسب كل عملة على حدة",
                Language::Fr => "et chaque devise est comptée à part",
            }
            .to_owned(),
        ),
        Some(conversion) => {
            let into = conversion.into;
            clauses.push(match language {
                Language::En => format!(
                    "each currency stands for itself, and each event is also converted to {into} at the last rate known on its day, of a month or a year the last, rounded half to even once per event"
                ),
                Language::Ar => format!(
                    "وتُحسب كل عملة على حدة، ويُحوَّل كل حدث أيضا إلى {into} بآخر سعر معروف يوم وقوعه، أو في آخر يوم من شهره أو سنته، مع التقريب مرة واحدة لكل حدث إلى أقرب رقم زوجي عند التساوي"
                ),
                Language::Fr => format!(
                    "chaque devise est comptée à part, et chaque événement aussi converti en {into} au dernier taux connu à son jour, ou au dernier jour de son mois ou de son année, arrondi une seule fois par événement, au pair le plus proche"
                ),
            });
            clauses.push(conversion.served_by(language));
        }
    }
    in_one(&clauses, language)
}

/// What a reader is told where an amount is unconverted.
pub const fn how_rates_are_loaded(language: Language) -> &'static str {
    match language {
        Language::En => {
            "What stands in unconverted has no rate that serves on its event's day. Load rates with PUT /v1/rates or `pledgebook rates load`, or allow older ones with rate_max_age; docs/rates.md says how."
        }
        Language::Ar => {
            "ما ورد في unconverted لا سعر صرف صالحا له يوم وقوع الحدث. حمّل الأسعار بالطلب PUT /v1/rates أو بالأمر `pledgebook rates load`، أو اقبل أسعارا أقدم بالمُعامِل rate_max_age؛ والتفصيل في docs/rates.md."
        }
        Language::Fr => {
            "Ce qui figure dans unconverted n'a pas de taux utilisable au jour de son événement. Chargez des taux par PUT /v1/rates ou `pledgebook rates load`, ou acceptez-en de plus anciens avec rate_max_age ; voir docs/rates.md."
        }
    }
}

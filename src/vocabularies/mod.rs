//! The vocabularies of the register: every closed list of words that it takes or answers, and what each word is called.

pub mod http;

use serde::{Serialize, Serializer, ser::SerializeMap};
use utoipa::ToSchema;

use crate::{
    articles, assessments, auth,
    citations::About,
    history,
    labels::{self, Labels},
    matrix,
    meetings::{self, attendance},
    participants,
    pledges::{
        Instrument, Qualifier, State,
        adherents::{self, Stance},
        events::Stage,
    },
    rates::Plausibility,
    resources::{Area, Resource},
    scales::Meaning,
    search::{Facet, SearchedResource, Why},
    totals::{
        self, Dimension, EventFigure, Figure,
        basis::{Parents, Reason, Restatements},
        explain::How,
    },
    values::Language,
};

/// A closed list of words.
struct Vocabulary {
    name: &'static str,
    words: &'static [&'static str],
    labels: &'static Labels,
}

const fn named(name: &'static str, words: &'static [&'static str], labels: &'static Labels) -> Vocabulary {
    Vocabulary { name, words, labels }
}

/// Every one that stands in an answer, or is taken as a value.
static ALL: [Vocabulary; 32] = [
    named("instrument", Instrument::WORDS, &labels::INSTRUMENT),
    named("qualifier", Qualifier::WORDS, &labels::QUALIFIER),
    named("state", State::WORDS, &labels::STATE),
    named("stage", Stage::WORDS, &labels::STAGE),
    named("role", attendance::Role::WORDS, &labels::ROLE),
    named(
        "participant_kind",
        participants::Kind::WORDS,
        &labels::PARTICIPANT_KIND,
    ),
    named("meeting_kind", meetings::Kind::WORDS, &labels::MEETING_KIND),
    named("article_kind", articles::Kind::WORDS, &labels::ARTICLE_KIND),
    named(
        "assessment_kind",
        assessments::Kind::WORDS,
        &labels::ASSESSMENT_KIND,
    ),
    named("meaning", Meaning::WORDS, &labels::MEANING),
    named("stance", Stance::WORDS, &labels::STANCE),
    named("adherence_by", adherents::By::WORDS, &labels::ADHERENCE),
    named("matrix_kind", matrix::Kind::WORDS, &labels::MATRIX_KIND),
    named("cell_by", matrix::By::WORDS, &labels::ADHERENCE),
    named("totals_by", totals::By::WORDS, &labels::RESOURCE),
    named("group_by", Dimension::WORDS, &labels::DIMENSION),
    named("figure", Figure::WORDS, &labels::FIGURE),
    named("event_figure", EventFigure::WORDS, &labels::EVENT_FIGURE),
    named("restatements", Restatements::WORDS, &labels::RESTATEMENTS),
    named("parents", Parents::WORDS, &labels::PARENTS),
    named("excluded_because", Reason::WORDS, &labels::EXCLUDED_BECAUSE),
    named("counted_as", How::WORDS, &labels::COUNTED_AS),
    named("plausibility", Plausibility::WORDS, &labels::PLAUSIBILITY),
    named("resource", Resource::WORDS, &labels::RESOURCE),
    named("subject_resource", About::WORDS, &labels::RESOURCE),
    named("search_resource", SearchedResource::WORDS, &labels::RESOURCE),
    named("search_why", Why::WORDS, &labels::WHY),
    named("search_facet", Facet::WORDS, &labels::FACET),
    named("change_op", history::Op::WORDS, &labels::CHANGE_OP),
    named("key_role", auth::Role::WORDS, &labels::KEY_ROLE),
    named("key_resource", Area::WORDS, &labels::RESOURCE),
    named("language", Language::WORDS, &labels::LANGUAGE),
];

/// A word of a vocabulary.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VocabularyWord)]
struct Word {
    /// As it is written and read.
    value: &'static str,
    /// What it is called, in the reader's language.
    label: &'static str,
}

/// All of them, in a reader's language: each by its name, its words in their order.
struct Vocabularies(Language);

impl Vocabulary {
    fn seen_in(&self, language: Language) -> Vec<Word> {
        let word = |value: &&'static str| Word {
            value,
            label: self.labels.of(value, language),
        };
        self.words.iter().map(word).collect()
    }
}

impl Serialize for Vocabularies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_map(Some(ALL.len()))?;
        for vocabulary in &ALL {
            all.serialize_entry(vocabulary.name, &vocabulary.seen_in(self.0))?;
        }
        all.end()
    }
}

impl utoipa::PartialSchema for Vocabularies {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::{ArrayBuilder, ObjectBuilder, Ref};
        let words = || ArrayBuilder::new().items(Ref::from_schema_name(Word::name()));
        let all =
            ObjectBuilder::new().description(Some("Every vocabulary by its name, its words in their order."));
        ALL.iter()
            .fold(all, |all, it| all.property(it.name, words()).required(it.name))
            .into()
    }
}

impl ToSchema for Vocabularies {
    fn name() -> std::borrow::Cow<'static, str> {
        "Vocabularies".into()
    }

    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::Schema>)>) {
        schemas.push((
            Word::name().into_owned(),
            <Word as utoipa::PartialSchema>::schema(),
        ));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_word_has_a_label_in_each_language() {
        for vocabulary in &ALL {
            let known: Vec<&str> = vocabulary.labels.words().collect();
            for word in vocabulary.words {
                let times = known.iter().filter(|it| *it == word).count();
                assert_eq!(times, 1, "{word} of {}", vocabulary.name);
            }
            for language in Language::ALL {
                let labels: BTreeSet<&str> = vocabulary.seen_in(language).iter().map(|it| it.label).collect();
                // Two words that are called the same cannot be told apart.
                assert_eq!(
                    labels.len(),
                    vocabulary.words.len(),
                    "{} in {language}",
                    vocabulary.name
                );
                let is_arabic = |text: &&str| text.chars().any(|it| ('\u{600}'..='\u{6ff}').contains(&it));
                assert!(
                    labels
                        .iter()
                        .all(|it| is_arabic(it) == (language == Language::Ar)),
                    "{labels:?}"
                );
            }
        }
    }

    #[test]
    fn nothing_is_labelled_that_is_no_word() {
        for of in &ALL {
            let sharing = ALL.iter().filter(|it| std::ptr::eq(it.labels, of.labels));
            let words: BTreeSet<&str> = sharing.flat_map(|it| it.words.iter().copied()).collect();
            for word in of.labels.words() {
                assert!(words.contains(word), "{word} beside {}", of.name);
            }
        }
    }
}

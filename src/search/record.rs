//! What was found, as lists show it.

use uuid::Uuid;

use super::{Found, FoundView, Title, Why};
use crate::{values::Viewpoint, web::Shown};

impl Shown for Found {
    type View<'a> = FoundView<'a>;
    type Schema = FoundView<'static>;
    type Alone = ();

    fn id(&self) -> Uuid {
        self.id
    }

    fn view(&self, viewpoint: Viewpoint, _: Option<()>) -> FoundView<'_> {
        match &self.shown {
            Some(it) => FoundView {
                resource: it.resource.as_str(),
                key: &it.key,
                title: it.title.seen(viewpoint),
                snippets: &it.snippets,
                why: it.why,
            },
            // Never shown: it is completed before, or left out.
            None => FoundView {
                resource: "",
                key: "",
                title: "",
                snippets: &[],
                why: Why::BodyByStem,
            },
        }
    }
}

impl Title {
    fn seen(&self, viewpoint: Viewpoint) -> &str {
        match self {
            Self::In(names) => names.resolve(viewpoint.language),
            Self::Plain(text) => text,
        }
    }
}

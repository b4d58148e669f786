//! What an answer depends on: for how long it may be given again.

use axum::response::Response;

/// What must not have changed since an answer was made, said by who made it. Of an answer of which nothing is said,
/// nothing of the register must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Depends {
    /// On who asks: it is given to nobody else, and made anew each time.
    OnWhoAsks,
    /// The program alone makes it.
    OnNothing,
    /// On what is of no part of the register.
    OnNoPart,
    /// On that, and on the part of this name.
    OnPart(String),
    OnEverything,
}

impl Depends {
    /// On a part where there is one.
    #[must_use]
    pub fn on_part(part: Option<&str>) -> Self {
        part.map_or(Self::OnEverything, |part| Self::OnPart(part.to_owned()))
    }

    /// On no part, or on all that there are.
    #[must_use]
    pub fn of_part(is_of_none: bool) -> Self {
        if is_of_none {
            Self::OnNoPart
        } else {
            Self::OnEverything
        }
    }

    /// Says it with the answer.
    #[must_use]
    pub fn said_with(self, mut answer: Response) -> Response {
        answer.extensions_mut().insert(self);
        answer
    }
}

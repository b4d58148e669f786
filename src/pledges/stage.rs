//! What an event is of: the word that says what happened, which the arithmetic knows as well.

use crate::values::vocabulary;

vocabulary! {
    Stage {
        Committed = "committed",
        Paid = "paid",
        Frozen = "frozen",
        Released = "released",
        Redirected = "redirected",
        Withdrawn = "withdrawn",
        Expired = "expired",
        Increased = "increased",
        Reduced = "reduced",
    }
}

impl Stage {
    /// What is counted as withdrawn.
    #[must_use]
    pub const fn is_loss(self) -> bool {
        matches!(self, Self::Redirected | Self::Withdrawn | Self::Expired)
    }

    /// Whether it has an amount, on a pledge that has one.
    #[must_use]
    pub const fn moves_money(self) -> bool {
        !matches!(self, Self::Frozen | Self::Released)
    }
}

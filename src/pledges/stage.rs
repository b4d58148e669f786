//! What an event is of: the word that says what happened, which the arithmetic knows as well.

use crate::values::vocabulary;

vocabulary! {
    Stage {
        Started = "started",
        Completed = "completed",
        Rescheduled = "rescheduled",
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
        matches!(
            self,
            Self::Committed
                | Self::Paid
                | Self::Redirected
                | Self::Withdrawn
                | Self::Expired
                | Self::Increased
                | Self::Reduced
        )
    }

    /// What is done about a pledge without any amount, where one that has an amount is committed and paid.
    #[must_use]
    pub const fn is_of_deeds(self) -> bool {
        matches!(self, Self::Started | Self::Completed)
    }

    /// Whether it happens to a pledge without any amount, itself without one.
    #[must_use]
    pub const fn goes_without_amounts(self) -> bool {
        self.is_of_deeds()
            || self.is_loss()
            || matches!(self, Self::Rescheduled | Self::Frozen | Self::Released)
    }

    /// What a pledge without any amount ends by, until another such event.
    #[must_use]
    pub const fn is_end(self) -> bool {
        self.is_loss() || matches!(self, Self::Completed)
    }
}

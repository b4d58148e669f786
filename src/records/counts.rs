//! How much there is of what belongs to a record, beside it: what is live.

use serde::Serialize;
use utoipa::ToSchema;

/// Of what can be cited, or cited about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CitationCounts)]
pub struct Cited {
    #[schema(minimum = 0)]
    pub citations: i64,
}

/// Of who pledges, and where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PledgingCounts)]
pub struct Pledging {
    #[schema(minimum = 0)]
    pub citations: i64,
    /// Restatements and parts too.
    #[schema(minimum = 0)]
    pub pledges: i64,
}

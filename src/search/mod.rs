//! Search: records found by their words, in Arabic, English and French, on both databases alike.
//!
//! [`analysis`] makes words of text. It knows neither records nor a database, so that what is indexed, what is
//! asked for and what is shown of it are cut by one and the same rule.

pub mod analysis;

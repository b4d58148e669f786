//! Pledgebook: the register of record for what states and international organisations promise.
//!
//! The table of contents, from the bottom up; each line may use those above it.

pub mod app;
pub mod articles;
pub mod auth;
pub mod citations;
pub mod coalitions;
pub mod db;
pub mod error;
pub mod history;
pub mod meetings;
pub mod participants;
pub mod pledges;
pub mod rates;
pub mod records;
pub mod resources;
pub mod seed;
pub mod totals;
pub mod values;
pub mod web;

//! Pledgebook: the register of record for what states and international organisations promise.
//!
//! The table of contents, from the bottom up: each may use those above it.

// What can go wrong; values that are valid when they exist, and what words are called; the database and how it comes up to date;
// what errors say to people; HTTP manners.
pub mod error;
pub mod values;
pub mod labels;
pub mod db;
pub mod upgrades;
pub mod problems;
pub mod web;

// What a record is, the log behind every write, who may write, how records are found by words.
pub mod resources;
pub mod history;
pub mod auth;
pub mod search;
pub mod records;

// The things themselves.
pub mod rates;
pub mod scales;
pub mod articles;
pub mod citations;
pub mod participants;
pub mod coalitions;
pub mod meetings;
pub mod pledges;
pub mod assessments;
pub mod matrix;
pub mod totals;
pub mod vocabularies;

// Put together, filled and served.
pub mod health;
pub mod cache;
pub mod gate;
pub mod pages;
pub mod app;
pub mod seed;
pub mod demo;
pub mod serve;
pub mod logging;
pub mod metrics;

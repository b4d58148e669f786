//! The demo: a register that begins with the Kuwait dossier, for who looks around and for tests of other projects. It goes on with a
//! database that a demo filled, and is brought back to its beginning while it serves: docs/decisions/0048.

pub mod http;
mod register;
mod sql;

pub use register::{Opened, open, reset};

/// What its key is called.
const NAME: &str = "demo";

/// What the key is called that the contract's examples are of.
const EXAMPLE: &str = "Example desk";

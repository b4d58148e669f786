//! Keys: managed by admins, confined, used and let go.

mod access;
mod confined;
mod managing;
mod times;

//! Keys: managed by admins, confined, used and let go.

mod access;
mod confined;
mod late;
mod managing;
mod times;

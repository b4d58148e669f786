//! How many connections the system lets the program have.

/// Where the system says that there is no end of them.
#[cfg(unix)]
const ENDLESS: u64 = 1 << 20;

/// How many handles (files and sockets) the program may have, once it has asked for as many as it can get.
#[cfg(unix)]
#[must_use]
pub fn raised() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let current = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => raised.current,
        Err(error) => {
            tracing::debug!(%error, "the limit of handles could not be raised");
            limit.current
        }
    };
    current.unwrap_or(ENDLESS)
}

/// Elsewhere nobody says; as many as served well so far.
#[cfg(not(unix))]
#[must_use]
pub fn raised() -> u64 {
    2048
}

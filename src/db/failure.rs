//! What a failure of the database means: to whoever asked, and to the connection that it came over.

use super::ANOTHER_WRITE;
use crate::error::{Error, Faults};

/// `SQLITE_IOERR_SHMOPEN`, `SQLITE_IOERR_SHMSIZE`: what those who have the file open share could not be made, or made longer.
const NO_ROOM_TO_SHARE: [u32; 2] = [4618, 4874];

/// `SQLITE_IOERR_WRITE`.
const NOT_WRITTEN: u32 = 778;

/// What a failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Somebody else holds what is needed.
    Taken,
    /// A sum that neither engine could keep.
    DoesNotFit,
    /// It took too long, or more than a question may have, and was interrupted.
    Late,
    /// There is no room to store anything.
    Full,
    /// The database can be read alone.
    ReadOnly,
    /// The connection is dead, or was never made.
    Gone,
    /// The storage or the server cannot do it now.
    Unable,
    /// The statement was refused: a constraint, or a fault of ours.
    Refused,
}

impl Meaning {
    pub(super) fn of(error: &sqlx::Error) -> Self {
        let Some(refused) = error.as_database_error() else {
            return match error {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                // Such as an end of the stream in the middle of a message, also of the first one.
                | sqlx::Error::Protocol(_)
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed => Self::Gone,
                _ => Self::Refused,
            };
        };
        let code = refused.code().unwrap_or_default();
        match code.parse() {
            // SQLITE_ERROR, which is all that it says of many a thing. The schema was looked at when the register was
            // opened: without a table of it, another database has taken its place.
            Ok(1_u32) if refused.message().starts_with("no such table") => Self::Unable,
            // Postgres' have five characters, SQLite's at most four.
            Ok(number) if code.len() < 5 => Self::of_sqlite(number),
            _ => Self::of_postgres(&code),
        }
    }

    fn of_sqlite(extended: u32) -> Self {
        // SQLITE_CONSTRAINT_DATATYPE: an overflowing sum turns into a float, which a STRICT table refuses.
        if extended == 3091 {
            return Self::DoesNotFit;
        }
        if NO_ROOM_TO_SHARE.contains(&extended) {
            return Self::Full;
        }
        match extended & 0xff {
            // SQLITE_BUSY, SQLITE_LOCKED
            5 | 6 => Self::Taken,
            // SQLITE_NOMEM, SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_CANTOPEN, SQLITE_PROTOCOL (a WAL that is raced for),
            // SQLITE_NOTADB: another file was copied over this one, or the disk fails
            7 | 10 | 11 | 14 | 15 | 26 => Self::Unable,
            // SQLITE_READONLY
            8 => Self::ReadOnly,
            // SQLITE_INTERRUPT
            9 => Self::Late,
            // SQLITE_FULL
            13 => Self::Full,
            _ => Self::Refused,
        }
    }

    fn of_postgres(code: &str) -> Self {
        match code {
            // lock_not_available, deadlock_detected, serialization_failure
            "55P03" | "40P01" | "40001" => Self::Taken,
            // numeric_value_out_of_range
            "22003" => Self::DoesNotFit,
            // query_canceled, which is what running out of statement_timeout is called; configuration_limit_exceeded, which
            // is what running out of temp_file_limit is called; out_of_memory: another question needs less
            "57014" | "53400" | "53200" => Self::Late,
            // disk_full
            "53100" => Self::Full,
            // read_only_sql_transaction
            "25006" => Self::ReadOnly,
            // invalid_catalog_name, database_dropped: no session is begun there now; admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout,
            // idle_in_transaction_session_timeout; transaction_timeout
            "3D000" | "57P04" | "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04" => Self::Gone,
            // connection exceptions; invalid authorization (a password that was changed, a role that may not log in)
            _ if code.starts_with("08") || code.starts_with("28") => Self::Gone,
            // insufficient_privilege, undefined_table (as where SQLite has no such table): an operator took something away
            "42501" | "42P01" => Self::Unable,
            // insufficient resources (too many connections among them), system errors, data_corrupted
            _ if ["53", "58", "XX001", "XX002"]
                .iter()
                .any(|it| code.starts_with(it)) =>
            {
                Self::Unable
            }
            _ => Self::Refused,
        }
    }

    /// Whether the connection may serve on. Only a statement that was refused for what it is leaves it where it should be.
    pub(super) fn spares_the_connection(self) -> bool {
        matches!(self, Self::Taken | Self::DoesNotFit | Self::Refused)
    }

    /// Whether storing failed for a reason that other writes will meet too.
    pub(super) fn is_of_the_storage(self) -> bool {
        matches!(self, Self::Full | Self::ReadOnly | Self::Gone | Self::Unable)
    }
}

/// A sum that neither engine could keep.
#[must_use]
pub fn sum_does_not_fit() -> Error {
    Error::Invalid(Faults::one(
        "/amount",
        "sum_does_not_fit",
        "with it a total of the register would be too large to be kept exactly; nothing was changed. Mend the amount",
    ))
}

/// What a caller is told.
pub(super) fn reported(error: sqlx::Error) -> Error {
    // The program's own, which it closes as it stops: nothing is wrong with the database.
    if matches!(error, sqlx::Error::PoolClosed) {
        return Error::Draining;
    }
    match Meaning::of(&error) {
        Meaning::Taken => Error::Busy(ANOTHER_WRITE),
        Meaning::DoesNotFit => sum_does_not_fit(),
        Meaning::Late => {
            tracing::warn!(%error, "a statement was cut short");
            Error::TimedOut
        }
        Meaning::Full => {
            tracing::error!(%error, "the disk is full");
            Error::DiskFull
        }
        Meaning::ReadOnly => {
            tracing::error!(%error, "the database is read-only");
            Error::ReadOnly
        }
        Meaning::Gone => {
            tracing::error!(%error, "the database cannot be reached");
            Error::Unavailable("The database cannot be reached. Nothing was changed; try again in a moment.")
        }
        Meaning::Unable => {
            tracing::error!(%error, "the database cannot do its work");
            unable()
        }
        Meaning::Refused => Error::internal(error),
    }
}

pub(super) fn unable() -> Error {
    Error::Unavailable(
        "The database cannot read or store at present. Nothing was changed; try again in a moment.",
    )
}

/// What a caller is told of a connection that could not be made: whatever the reason, it is none of the request's.
pub(super) fn reported_of_connecting(error: sqlx::Error) -> Error {
    if Meaning::of(&error) == Meaning::Refused {
        tracing::error!(%error, "no connection to the database can be made");
        return unable();
    }
    reported(error)
}

/// What a caller is told of a COMMIT that failed.
pub(super) fn reported_of_commit(error: sqlx::Error) -> Error {
    match (sqlite_code(&error), Meaning::of(&error)) {
        // What ends a transaction is the last that is written to the log. It is not whole, and SQLite has rolled back.
        (Some(NOT_WRITTEN), _) => reported(error),
        // By then it is in the log, and what was to tell others of it is not.
        (Some(code), _) if NO_ROOM_TO_SHARE.contains(&code) => outcome_unknown(&error),
        // Whether it went through nobody can say: the connection ended, or the disk failed while it was told to keep it.
        (_, Meaning::Gone | Meaning::Unable | Meaning::Late) => outcome_unknown(&error),
        _ => reported(error),
    }
}

fn outcome_unknown(error: &sqlx::Error) -> Error {
    tracing::error!(%error, "whether a write was kept is not known");
    Error::OutcomeUnknown
}

/// SQLite's extended code; Postgres' are longer than any.
fn sqlite_code(error: &sqlx::Error) -> Option<u32> {
    let code = error.as_database_error()?.code()?;
    code.parse().ok().filter(|_| code.len() < 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_engines_have_their_meaning() {
        for (code, meaning) in [
            (5, Meaning::Taken),
            (517, Meaning::Taken),
            (8, Meaning::ReadOnly),
            (1032, Meaning::ReadOnly),
            (9, Meaning::Late),
            (10, Meaning::Unable),
            (11, Meaning::Unable),
            (267, Meaning::Unable),
            (26, Meaning::Unable),
            (778, Meaning::Unable),
            (6410, Meaning::Unable),
            (4618, Meaning::Full),
            (4874, Meaning::Full),
            (13, Meaning::Full),
            (14, Meaning::Unable),
            (2067, Meaning::Refused),
            (3091, Meaning::DoesNotFit),
        ] {
            assert_eq!(Meaning::of_sqlite(code), meaning, "{code}");
        }
        for (code, meaning) in [
            ("55P03", Meaning::Taken),
            ("23505", Meaning::Refused),
            ("22003", Meaning::DoesNotFit),
            ("57014", Meaning::Late),
            ("57P05", Meaning::Gone),
            ("08006", Meaning::Gone),
            ("25006", Meaning::ReadOnly),
            ("53100", Meaning::Full),
            ("53400", Meaning::Late),
            ("53200", Meaning::Late),
            ("53300", Meaning::Unable),
            ("58030", Meaning::Unable),
            ("28P01", Meaning::Gone),
            ("3D000", Meaning::Gone),
            ("42P01", Meaning::Unable),
            ("42703", Meaning::Refused),
            ("XX001", Meaning::Unable),
            ("XX000", Meaning::Refused),
        ] {
            assert_eq!(Meaning::of_postgres(code), meaning, "{code}");
        }
    }
}

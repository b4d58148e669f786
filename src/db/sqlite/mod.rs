//! SQLite: where the file is, how it is opened, and what an operator is told of it.

mod connection;

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    str::FromStr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use rusqlite::Connection;
use sqlx::{
    ConnectOptions, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteSynchronous},
};

use connection::{FileOptions, closed, where_it_may_wait};
pub(super) use connection::{Handle, WRITERS_CACHE};

use super::{OpenError, PATIENCE, failure::Meaning, pool::Connect};
use crate::error::Error;

/// Older ones can corrupt a WAL that is reset while it is read.
const OLDEST: (u32, u32, u32) = (3, 51, 3);

const SORTS_IN_MEMORY: &str = "pragma temp_store = memory;";

/// After how many pages of the write-ahead log they are folded into the file. Creates write the same pages again and again:
/// the more of them are folded at once, the fewer. They stay below [`LARGEST_REST`].
const FOLDED_AT: u32 = 15_000;

/// What the write-ahead log is cut down to once it has been folded into the file.
pub(super) const LARGEST_REST: u64 = 64 * 1024 * 1024;

#[derive(Clone)]
pub(super) struct Connector {
    options: FileOptions,
    file: Arc<Known>,
}

/// How long a file is, when it was changed last, and how long the log beside it is.
type FileState = Option<(u64, SystemTime, u64)>;

impl Connector {
    /// Of a file that is read as if nobody could change it: somebody may after all, and then it is opened anew.
    fn state_of_the_file(&self) -> FileState {
        if !self.file.is_read_as_it_is() {
            return None;
        }
        let found = fs::metadata(&self.file.place.file).ok()?;
        let log = fs::metadata(companion(&self.file.place.file, "-wal")).map_or(0, |log| log.len());
        Some((found.len(), found.modified().ok()?, log))
    }

    fn connected(&self) -> Result<Handle, sqlx::Error> {
        let state = self.state_of_the_file();
        // Of a file that took its place, nothing is shown; and the log beside it is not that file's.
        // Neither is an emptied one waited for, whose log others hold.
        if !self.file.is_where_it_was() || self.file.is_emptied() {
            return Err(sqlx::Error::Io(std::io::ErrorKind::NotFound.into()));
        }
        // Whether nobody writes is seen anew each time.
        let connection = if self.file.is_read_as_it_is() {
            as_it_is(&self.file.place.file).connect()?
        } else {
            self.options.connect()?
        };
        Handle::new(connection, state)
    }
}

impl Connect for Connector {
    type Connection = Handle;

    async fn connect(&self) -> Result<Handle, sqlx::Error> {
        let connector = self.clone();
        where_it_may_wait(move || connector.connected()).await
    }

    async fn is_alive(&self, _: &mut Handle) -> bool {
        true
    }

    fn is_current(&self, handle: &Handle) -> bool {
        handle.state == self.state_of_the_file()
    }

    async fn end(&self, handle: Handle) {
        // Waited for: the last one to end folds the log into the file.
        if let Err(error) = where_it_may_wait(move || handle.close()).await {
            tracing::warn!(%error, "a connection to the file was not closed");
        }
    }
}

/// Where a register is kept, as its URL says.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// As the URL says.
    options: SqliteConnectOptions,
    pub(super) file: PathBuf,
    /// As the URL says.
    only_reads: bool,
}

/// A file that is open: how to read and to write it, and how to know it again.
pub(super) struct Opened {
    pub(super) writer: Connector,
    pub(super) readers: Connector,
    pub(super) file: Arc<Known>,
}

/// The file as it was when it was opened.
#[derive(Debug)]
pub(super) struct Known {
    place: Place,
    /// How it is opened to be written.
    options: FileOptions,
    identity: Option<(u64, u64)>,
    /// Of the log beside it and of what its readers share: they stay as long as the keeper is there.
    companions: OnceLock<Companions>,
    pub(super) keeper: tokio::sync::Mutex<Option<Connection>>,
    /// It could be opened to be read alone.
    pub(super) read_only: bool,
    /// There is no room on its disk for what must be beside it while it is written. Until there is, it is read as it is.
    cramped: AtomicBool,
}

const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// What tells them from others of their names.
type Companions = [Option<(u64, u64)>; 2];

impl Place {
    pub(super) fn of(url: &str) -> Result<Self, OpenError> {
        let rest = url.strip_prefix("sqlite:").unwrap_or(url);
        let (name, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let parameters = percent_encoding::percent_decode_str(parameters).decode_utf8_lossy();
        let name = name.strip_prefix("//").unwrap_or(name);
        if name.is_empty() {
            return Err(OpenError::NoFile);
        }
        let in_memory = name.eq_ignore_ascii_case(":memory:")
            || parameters
                .split('&')
                .any(|it| it.eq_ignore_ascii_case("mode=memory"));
        if in_memory {
            return Err(OpenError::InMemory);
        }
        if name.starts_with("file:") {
            return Err(OpenError::Parameter(
                "write sqlite:<file>, without file: before its name".into(),
            ));
        }
        let options = SqliteConnectOptions::from_str(url).map_err(OpenError::Url)?;
        let file = options.get_filename().to_owned();
        if file.as_os_str().eq_ignore_ascii_case(":memory:") {
            return Err(OpenError::InMemory);
        }
        if file.as_os_str().is_empty() || file.is_dir() {
            return Err(OpenError::NoFile);
        }
        let only_reads = parameters.split('&').any(|it| it.eq_ignore_ascii_case("mode=ro"));
        Ok(Self {
            options,
            file,
            only_reads,
        })
    }

    pub(super) fn directory(&self) -> PathBuf {
        let file = resolved(&self.file);
        let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
        parent.unwrap_or_else(|| Path::new(".")).to_owned()
    }

    /// Makes way for the file: whoever else opens it for the first time meanwhile waits until this is dropped.
    pub(super) async fn lock(&self) -> Option<File> {
        // The directory, not the file: to close a file gives up every lock that SQLite has on it.
        let directory = self.directory();
        let locked = tokio::task::spawn_blocking(move || {
            let directory = File::open(directory).ok()?;
            let begun = Instant::now();
            loop {
                match directory.try_lock() {
                    Ok(()) => return Some(directory),
                    // A register beside this one may have a long way up to date.
                    Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                        std::thread::sleep(Duration::from_millis(20));
                    }
                    Err(_) => return None,
                }
            }
        });
        // Where it cannot be locked, as on some file systems of a network, the database's own locks must do.
        locked.await.ok().flatten()
    }

    pub(super) async fn open(self, create: bool) -> Result<Opened, OpenError> {
        let Self { file, only_reads, .. } = self.clone();
        let directory = self.directory();
        match fs::metadata(&directory) {
            Ok(found) if found.is_dir() => {}
            // One that cannot be looked into may well be there.
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(OpenError::File {
                    file,
                    source: sqlx::Error::Io(source),
                });
            }
            _ => return Err(OpenError::NoDirectory(directory)),
        }
        let is_new = create && !only_reads && !file.exists();
        if is_new {
            create_private(&file).map_err(|source| OpenError::File {
                file: file.clone(),
                source: sqlx::Error::Io(source),
            })?;
        }
        let options = self.file_options();
        let unopened = |source| OpenError::File {
            file: file.clone(),
            source,
        };
        // Asked of the system, not of SQLite: to find out, that makes its log, with the mode of a file that is read-only.
        let mut read_only = only_reads || !may_be_written(&file);
        let mut cramped = false;
        if !read_only {
            mend_companions(&file)?;
            match tried(&options).await {
                Ok(()) => {}
                Err(error) if is_new => {
                    drop(fs::remove_file(&file));
                    return Err(unopened(error));
                }
                Err(error) if may_be_read(&error) => read_only = true,
                Err(error) if Meaning::of(&error) == Meaning::Full => cramped = true,
                Err(error) => return Err(unopened(error)),
            }
        }
        let as_it_is = (read_only || cramped).then(|| as_it_is(&file));
        if let Some(as_it_is) = &as_it_is {
            tried(as_it_is).await.map_err(unopened)?;
        }
        supported()?;
        let known = Known {
            identity: identity(&file),
            options: options.clone(),
            companions: OnceLock::new(),
            keeper: tokio::sync::Mutex::default(),
            place: self,
            read_only,
            cramped: AtomicBool::new(cramped),
        };
        if cramped {
            tracing::warn!(
                "the disk of the register's file is full: it is read until there is room to write"
            );
        } else if !read_only {
            let mut keeper = known.keeper.lock().await;
            known.keep(&mut keeper).await.map_err(unopened)?;
            drop(keeper);
        }
        let file = Arc::new(known);
        let connector = |options| Connector {
            options,
            file: file.clone(),
        };
        Ok(Opened {
            readers: connector(options.to_read()),
            writer: connector(options.to_write()),
            file,
        })
    }

    /// How its file is opened to be written.
    fn file_options(&self) -> FileOptions {
        let parameters = self.options.to_url_lossy();
        let parameter = |name: &str| {
            let found = parameters.query_pairs().find(|(key, _)| key == name);
            found.map(|(_, value)| value.into_owned())
        };
        FileOptions {
            file: self.file.clone(),
            vfs: parameter("vfs"),
            shares_cache: parameter("cache").is_some_and(|cache| cache == "shared"),
            reads_alone: false,
            is_immutable: parameter("immutable").is_some_and(|it| it == "true"),
            // FULL: what was acknowledged is on the disk, also when the power goes. And a sort that is larger than memory's
            // share needs no folder that somebody may write to.
            settings: format!(
                "pragma journal_mode = wal; pragma foreign_keys = on; pragma synchronous = full;
                 pragma wal_autocheckpoint = {FOLDED_AT}; pragma journal_size_limit = {LARGEST_REST}; {SORTS_IN_MEMORY}"
            ),
        }
    }
}

/// An empty file that its owner alone may read: it will hold the log, and the hashes of keys.
fn create_private(file: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Whether a file can be opened, and its log be read.
async fn tried(options: &FileOptions) -> Result<(), sqlx::Error> {
    let options = options.clone();
    where_it_may_wait(move || closed(options.tried()?)).await
}

/// `SQLITE_READONLY`, `SQLITE_CANTOPEN`: what is refused to a writer may be granted to a reader.
fn may_be_read(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 8 | 14))
}

/// What SQLite makes beside a file has the file's mode, and stays where whoever made it cannot take it away: made beside a
/// file that was read-only for a time, it would keep the file from being written for ever.
fn mend_companions(file: &Path) -> Result<(), OpenError> {
    let companions = COMPANIONS.map(|ending| companion(file, ending));
    for companion in companions.into_iter().filter(|it| it.exists()) {
        if may_be_written(&companion) {
            continue;
        }
        let mended = fs::metadata(file).and_then(|of_file| {
            // A link would have another file given the mode of this one.
            let is_made_by_sqlite = is_a_file_of(&fs::symlink_metadata(&companion)?, &of_file);
            if is_made_by_sqlite {
                fs::set_permissions(&companion, of_file.permissions())?;
            }
            Ok(is_made_by_sqlite)
        });
        if !mended.unwrap_or(false) || !may_be_written(&companion) {
            return Err(OpenError::Companion(companion));
        }
    }
    Ok(())
}

/// Whether it is a file, no link to one, and its owner's or ours.
#[cfg(unix)]
fn is_a_file_of(found: &fs::Metadata, owned: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    found.is_file()
        && found.nlink() == 1
        && [owned.uid(), rustix::process::geteuid().as_raw()].contains(&found.uid())
}

#[cfg(not(unix))]
fn is_a_file_of(found: &fs::Metadata, _: &fs::Metadata) -> bool {
    found.is_file()
}

/// How a file is read that cannot be written. Where there is no log beside it, nobody can be writing one, and SQLite need
/// not make the files that it cannot make.
fn as_it_is(file: &Path) -> FileOptions {
    let log = companion(file, "-wal");
    FileOptions {
        file: file.to_owned(),
        vfs: None,
        shares_cache: false,
        reads_alone: true,
        is_immutable: fs::metadata(log).map_or(true, |log| log.len() == 0),
        settings: SORTS_IN_MEMORY.to_owned(),
    }
}

/// Where a file really is: what SQLite makes beside it stands there, and not beside a link that leads to it.
fn resolved(file: &Path) -> PathBuf {
    fs::canonicalize(file).unwrap_or_else(|_| file.to_owned())
}

pub(super) fn companion(file: &Path, ending: &str) -> PathBuf {
    let mut name = resolved(file).into_os_string();
    name.push(ending);
    name.into()
}

fn supported() -> Result<(), OpenError> {
    let found = rusqlite::version();
    let mut parts = found.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST {
        return Err(OpenError::SqliteTooOld {
            found: found.to_owned(),
            needed: OLDEST,
        });
    }
    Ok(())
}

/// Whether this user may write to it. It is not opened for that: to close it again gives up every lock that SQLite has
/// on it.
fn may_be_written(file: &Path) -> bool {
    #[cfg(unix)]
    let is_allowed = rustix::fs::access(file, rustix::fs::Access::WRITE_OK).is_ok();
    #[cfg(not(unix))]
    let is_allowed = true;
    is_allowed && !is_locked_away(file)
}

/// Nobody may write to it, whatever the user's privileges.
fn is_locked_away(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|it| it.permissions().readonly())
}

#[cfg(unix)]
fn identity(file: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(file).ok().map(|it| (it.dev(), it.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<(u64, u64)> {
    None
}

impl Known {
    pub(super) fn path(&self) -> &Path {
        &self.place.file
    }

    /// A connection of the driver that runs the migrations.
    pub(super) async fn migrating(&self) -> Result<SqliteConnection, sqlx::Error> {
        self.place
            .options
            .clone()
            .create_if_missing(false)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE)
            .pragma("temp_store", "memory")
            .connect()
            .await
    }

    /// As [`Place::lock`].
    pub(super) async fn lock(&self) -> Option<File> {
        self.place.lock().await
    }

    /// Whether what is at its place is the file that was opened.
    fn is_where_it_was(&self) -> bool {
        self.place.file.exists() && identity(&self.place.file) == self.identity
    }

    /// Whether nothing is left in it. One that is open to be written has its first page.
    fn is_emptied(&self) -> bool {
        !self.read_only && fs::metadata(&self.place.file).is_ok_and(|it| it.len() == 0)
    }

    /// Why nothing more may be written to the file, though whoever has it open could.
    pub(super) fn trouble(&self) -> Option<Error> {
        if !self.place.file.exists() {
            Some(Error::Unavailable(
                "The register's file is no longer where it was. Nothing is written until it is back.",
            ))
        } else if !self.is_where_it_was() {
            Some(Error::Unavailable(
                "The register's file was replaced while the server runs. Nothing is written until it is back, or the server is started again.",
            ))
        } else if self.is_emptied() {
            Some(Error::Unavailable(
                "The register's file was emptied while the server runs. Nothing is written until it is as it was, or the server is started again.",
            ))
        } else if self.read_only || is_locked_away(&self.place.file) {
            Some(Error::ReadOnly)
        } else if !self.has_its_companions() {
            Some(Error::Unavailable(
                "The log beside the register's file was taken away while the server runs. Nothing is written until the server is started again; stop it with SIGTERM, so that it folds what it has into the file.",
            ))
        } else {
            None
        }
    }

    /// Whether the log and what its readers share are those that this program has open. What is written to others that
    /// were taken away is gone with it, and whoever opens the file anew does not see it.
    fn has_its_companions(&self) -> bool {
        let is_there = |known: &Companions| self.companions_now() == *known;
        self.companions.get().is_none_or(is_there)
    }

    fn companions_now(&self) -> Companions {
        COMPANIONS.map(|ending| identity(&companion(&self.place.file, ending)))
    }

    /// Whether it is read as if nobody could change it.
    pub(super) fn is_read_as_it_is(&self) -> bool {
        self.read_only || self.is_cramped()
    }

    /// Whether there was no room yet for what must be beside it while it is written.
    pub(super) fn is_cramped(&self) -> bool {
        self.cramped.load(Ordering::Acquire)
    }

    /// Whether it could be written now; of one that is read as it is.
    pub(super) async fn has_room(&self) -> Result<(), sqlx::Error> {
        tried(&self.options).await
    }

    /// Holds what is beside it: the last connection that ends takes the log away, and while one stays, a log that is
    /// gone was taken by somebody. From here on it is written, and read with its log.
    pub(super) async fn keep(&self, kept: &mut Option<Connection>) -> Result<(), sqlx::Error> {
        let options = self.options.to_read();
        let keeper = where_it_may_wait(move || options.tried()).await?;
        let _ = self.companions.set(self.companions_now());
        *kept = Some(keeper);
        self.cramped.store(false, Ordering::Release);
        Ok(())
    }

    /// Leaves the log as it is: as long as the keeper is there, nobody ends last, and it stays to the program's end.
    pub(super) async fn leave_the_log(&self, is_another: bool) {
        let Some(keeper) = self.keeper.lock().await.take() else {
            return;
        };
        std::mem::forget(keeper);
        let log = companion(&self.place.file, "-wal");
        let log = log.display();
        if is_another {
            tracing::error!(
                %log,
                "what is in the register's file is not the register that was served: what was written last is not folded into it and stays in the log beside it. Put the right file back and start again, or take the log away before anything else opens the file",
            );
        } else {
            tracing::error!(
                %log,
                "the register's file could not be read at the stop: what was written last stays in the log beside it. If the file is the one that was served, leave the log, which the next start reads; if it is any other, a backup too, take the log away before anything opens it",
            );
        }
    }

    /// Closes the keeper: whoever ends last folds the log.
    pub(super) async fn let_go(&self) {
        if let Some(keeper) = self.keeper.lock().await.take()
            && let Err(error) = where_it_may_wait(move || closed(keeper)).await
        {
            tracing::warn!(%error, "a connection to the file was not closed");
        }
    }

    /// How long the log beside the file is, where that can be told.
    pub(super) fn log_bytes(&self) -> Option<u64> {
        match fs::metadata(companion(&self.place.file, "-wal")) {
            Ok(log) => Some(log.len()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(0),
            Err(_) => None,
        }
    }

    /// Whether the log beside the file has grown beyond what is to be kept of it.
    pub(super) fn log_is_large(&self) -> bool {
        self.log_bytes().is_some_and(|log| log > LARGEST_REST)
    }
}

/// Folds the log into the file and cuts it, if nobody reads in it.
pub(super) fn fold_log() -> String {
    format!(
        "pragma busy_timeout = 0; pragma wal_checkpoint(truncate); pragma busy_timeout = {}",
        PATIENCE.as_millis()
    )
}

/// How long a statement that is past its deadline is waited for: it is interrupted, unless it waits for the disk.
pub(super) const TO_BE_INTERRUPTED: Duration = Duration::from_millis(500);

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn what_is_beside_a_file_is_beside_it_whatever_leads_there() {
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (
            directory.path().join("data/register.db"),
            directory.path().join("link.db"),
        );
        fs::create_dir(directory.path().join("data")).unwrap();
        fs::write(&file, "").unwrap();
        symlink(&file, &link).unwrap();
        assert_eq!(companion(&link, "-wal"), companion(&file, "-wal"));
        assert!(companion(&link, "-wal").ends_with("data/register.db-wal"));
    }

    #[test]
    fn no_file_is_given_another_mode_by_a_link_beside_the_register() {
        let directory = tempfile::tempdir().unwrap();
        let (file, other) = (
            directory.path().join("register.db"),
            directory.path().join("other"),
        );
        fs::write(&file, "").unwrap();
        fs::write(&other, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        for (mode, link) in [(0o400, true), (0o400, false)] {
            let log = companion(&file, "-wal");
            if link {
                symlink(&other, &log).unwrap();
            } else {
                fs::hard_link(&other, &log).unwrap();
            }
            fs::set_permissions(&other, fs::Permissions::from_mode(mode)).unwrap();
            drop(mend_companions(&file));
            assert_eq!(fs::metadata(&other).unwrap().permissions().mode() & 0o777, mode);
            fs::remove_file(&log).unwrap();
        }
    }
}

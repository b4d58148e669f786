//! The real program while it serves.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    process::{Child, ChildStderr, Command, Stdio},
};

/// The program, serving. Killed when it is dropped: by SIGKILL, which nothing can prepare for.
pub struct Program {
    child: Child,
    /// Where it listens, as `http://127.0.0.1:…`.
    pub url: String,
}

impl Program {
    /// Serving a database, at a free port.
    pub fn serve(database_url: &str) -> Self {
        Self::start(Self::command(database_url, "127.0.0.1:0", [""; 0]))
    }

    /// The command that serves a database, for those who add to it; nothing of our environment's settings in it.
    pub fn command<S: AsRef<OsStr>>(
        database_url: &str,
        listen: &str,
        args: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = bare();
        command
            .args(["serve", "--empty", "--log", "info", "--listen", listen])
            .args(["--database-url", database_url])
            .args(args);
        command
    }

    /// Runs what [`Self::command`] made, or a shell that ends in it, until it says where it listens.
    pub fn start(command: Command) -> Self {
        let (program, log) = Self::start_unread(command);
        // Read on, so that the program never waits for us.
        std::thread::spawn(move || log.lines().map_while(Result::ok).for_each(drop));
        program
    }

    /// The same; its log is read no further than that, unless somebody goes on.
    pub fn start_unread(mut command: Command) -> (Self, BufReader<ChildStderr>) {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let line = log
            .by_ref()
            .lines()
            .map(Result::unwrap)
            .find(|line| line.contains("http://"))
            .expect("it stopped before it was ready");
        let (_, rest) = line.split_once("http://").unwrap();
        let authority: String = rest
            .chars()
            .take_while(|c| c.is_ascii_digit() || ".:".contains(*c))
            .collect();
        let program = Self {
            child,
            url: format!("http://{authority}"),
        };
        (program, log)
    }

    /// The number that Linux gives for it under this name, such as `Threads`, or `VmRSS` in kB.
    pub fn number(&self, of: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with(of))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The program, with nothing of our environment's settings.
pub fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pledgebook"));
    for name in [
        "DATABASE_URL",
        "DATABASE_URL_FILE",
        "LISTEN",
        "METRICS_LISTEN",
        "EMPTY",
        "PLEDGEBOOK_DEMO_KEY",
        "PRIVATE",
        "CACHE_BYTES",
        "REQUEST_TIMEOUT",
        "EXPORT_TIMEOUT",
        "RUST_LOG",
        "RUST_BACKTRACE",
        "LOG_FORMAT",
        "MAX_CONNECTIONS",
        "MAX_CONNECTIONS_PER_CLIENT",
        "MAX_REQUEST_BYTES_HELD",
        "PUBLIC_URL",
        "TRUSTED_PROXIES",
        "ALLOWED_HOSTS",
        "RATE_LIMIT",
        "RATE_LIMIT_LOOPBACK",
        "SHUTDOWN_TIMEOUT",
    ] {
        command.env_remove(name);
    }
    // Nobody is told first that it goes away, but where a test says so.
    command.env("DRAIN_DELAY", "0");
    command
}

/// An address at which nobody listens, for a program that comes back to where it was.
pub fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

//! A wire between the program and its database that can be cut, led elsewhere, or swallow what goes over it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Pass,
    /// Nothing comes through, and nobody is told.
    Hole,
    /// Whoever comes is sent away, and who is there too.
    Refuse,
}

/// A word of the program's at which the wire turns into a hole.
#[derive(Debug, Clone, Copy)]
struct Trap {
    word: &'static [u8],
    /// Whether the word itself still comes through.
    passes: bool,
}

pub struct Wire {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    target: Mutex<SocketAddr>,
    mode: watch::Sender<Mode>,
    /// The last cut.
    cut: watch::Sender<Cut>,
    trap: Mutex<Option<Trap>>,
    /// Connections whose ends are not told that they are cut.
    forgotten: Mutex<Vec<TcpStream>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    ToldTheProgram,
    ToldNobody,
}

impl Wire {
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            mode: watch::Sender::new(Mode::Pass),
            cut: watch::Sender::new(Cut::ToldNobody),
            trap: Mutex::default(),
            forgotten: Mutex::default(),
        });
        Self {
            address: listener.local_addr().unwrap(),
            task: tokio::spawn(listen(listener, Arc::clone(&shared))),
            shared,
        }
    }

    pub fn set(&self, mode: Mode) {
        self.shared.mode.send_replace(mode);
    }

    /// Where new connections lead.
    pub fn lead_to(&self, target: SocketAddr) {
        *self.shared.target.lock().unwrap() = target;
    }

    /// Turns into a hole when the program says this; whether that still comes through.
    pub async fn hole_at(&self, word: &'static [u8], passes: bool) {
        *self.shared.trap.lock().unwrap() = Some(Trap { word, passes });
        let mut mode = self.shared.mode.subscribe();
        mode.wait_for(|mode| *mode == Mode::Hole).await.unwrap();
    }

    /// Ends every connection, of which the program is told, and the database is not.
    pub fn forget(&self) {
        self.shared.cut.send_replace(Cut::ToldTheProgram);
    }

    /// Ends every connection, of which neither is told. New ones are carried.
    pub fn forget_silently(&self) {
        self.shared.cut.send_replace(Cut::ToldNobody);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
        self.shared.mode.send_replace(Mode::Refuse);
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(carry(client, Arc::clone(&shared)));
    }
}

async fn carry(mut client: TcpStream, shared: Arc<Shared>) {
    let (mut mode, mut cut) = (shared.mode.subscribe(), shared.cut.subscribe());
    cut.mark_unchanged();
    let reached = async {
        mode.wait_for(|mode| *mode == Mode::Pass).await.ok()?;
        let target = *shared.target.lock().unwrap();
        TcpStream::connect(target).await.ok()
    };
    let mut refused = shared.mode.subscribe();
    let mut refused = std::pin::pin!(refused.wait_for(|mode| *mode == Mode::Refuse));
    let mut server = tokio::select! {
        biased;
        _ = &mut refused => return,
        _ = cut.changed() => return,
        reached = reached => match reached {
            Some(server) => server,
            None => return,
        },
    };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let forgets = {
        let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
        tokio::select! {
            biased;
            _ = cut.changed() => true,
            _ = &mut refused => false,
            () = pump(from_client, to_server, &shared, true) => false,
            () = pump(from_server, to_client, &shared, false) => false,
        }
    };
    if forgets {
        let told = *cut.borrow();
        let mut forgotten = shared.forgotten.lock().unwrap();
        forgotten.push(server);
        if told == Cut::ToldNobody {
            forgotten.push(client);
        }
    }
}

/// Carries one way, until there is no more.
async fn pump(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, shared: &Shared, is_asking: bool) {
    let mut mode = shared.mode.subscribe();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        if mode.wait_for(|mode| *mode == Mode::Pass).await.is_err() {
            return;
        }
        let read = tokio::select! {
            biased;
            _ = mode.changed() => continue,
            read = from.read(&mut buffer) => read,
        };
        let Some(read) = read.ok().filter(|read| *read > 0) else {
            return;
        };
        let said = &buffer[..read];
        if is_asking && let Some(trap) = shared.sprung(said) {
            if trap.passes && to.write_all(said).await.is_err() {
                return;
            }
            if trap.passes {
                continue;
            }
        }
        // What was read when the hole opened waits at its edge, as what is sent again would.
        if mode.wait_for(|mode| *mode == Mode::Pass).await.is_err() || to.write_all(said).await.is_err() {
            return;
        }
    }
}

impl Shared {
    /// The trap, if this springs it.
    fn sprung(&self, said: &[u8]) -> Option<Trap> {
        let mut trap = self.trap.lock().unwrap();
        let found = trap.filter(|trap| said.windows(trap.word.len()).any(|part| part == trap.word))?;
        *trap = None;
        self.mode.send_replace(Mode::Hole);
        Some(found)
    }
}

//! What asks the server to stop.

use std::io;

use tokio::sync::mpsc;

/// What asks the server to stop, once and again.
pub struct Stop(pub(super) mpsc::Receiver<Asked>);

/// How it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// By whoever sends requests here and has to be told first, so that none is refused: it drains.
    ToDrain,
    /// By somebody who waits for it.
    ToStop,
}

impl Stop {
    /// Signals do: SIGTERM asks to drain first, SIGINT and SIGQUIT do not. From the call on, also before it is awaited, none of
    /// them ends the process by itself: as the first process of a container it would be deaf to them anyway.
    ///
    /// SIGHUP, SIGUSR1 and SIGUSR2 ask for nothing that there is here; unheard, each would end the process.
    #[cfg(unix)]
    pub fn on_signals() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        // Whoever has listened once keeps the default away for good.
        for ignored in [
            SignalKind::hangup(),
            SignalKind::user_defined1(),
            SignalKind::user_defined2(),
        ] {
            drop(signal(ignored)?);
        }
        let (ask, asked) = mpsc::channel(1);
        for (kind, how) in [
            (SignalKind::terminate(), Asked::ToDrain),
            (SignalKind::interrupt(), Asked::ToStop),
            (SignalKind::quit(), Asked::ToStop),
        ] {
            let (mut heard, ask) = (signal(kind)?, ask.clone());
            tokio::spawn(async move { while heard.recv().await.is_some() && ask.send(how).await.is_ok() {} });
        }
        Ok(Self(asked))
    }

    /// A file that may not grow any more (SIGXFSZ) is a write that fails, and no reason to end.
    pub fn outlive_file_size_limits() -> io::Result<()> {
        #[cfg(target_os = "linux")]
        drop(tokio::signal::unix::signal(
            tokio::signal::unix::SignalKind::from_raw(25),
        )?);
        Ok(())
    }

    /// Ctrl-C and Ctrl-Break do.
    #[cfg(windows)]
    pub fn on_signals() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c};
        let (mut interrupt, mut quit) = (ctrl_c()?, ctrl_break()?);
        let (ask, asked) = mpsc::channel(1);
        tokio::spawn(async move {
            loop {
                let heard = tokio::select! {
                    heard = interrupt.recv() => heard,
                    heard = quit.recv() => heard,
                };
                if heard.is_none() || ask.send(Asked::ToStop).await.is_err() {
                    return;
                }
            }
        });
        Ok(Self(asked))
    }

    /// Nothing does.
    #[must_use]
    pub fn never() -> Self {
        Self(mpsc::channel(1).1)
    }

    /// Waits until it is asked, each time anew.
    pub async fn asked(&mut self) -> Asked {
        match self.0.recv().await {
            Some(asked) => asked,
            // Nobody is left who could.
            None => std::future::pending().await,
        }
    }
}

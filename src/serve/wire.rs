//! A connection that gives up on who takes too little of what is sent.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep_until},
};

use super::entry::Flushed;
use crate::web::{LEAST_IN_WINDOW, WINDOW};

/// How much the kernel holds that was not sent yet. It would take megabytes, and not say that any of it was taken before a third of
/// that was: who takes little and who takes nothing would look alike for minutes. What is sent and not acknowledged is beyond this.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 16 * 1024;

/// What the client has taken counts while it is waited for: nobody is held to account for the time in which there was nothing to
/// take.
pub(super) struct Wire {
    stream: TcpStream,
    /// To be told whenever all that was to be sent is on its way.
    flushed: Flushed,
    /// How long it was waited for since it had last taken as much as it must, and how much it took.
    waited: Duration,
    taken: usize,
    /// Since when it is being waited for.
    since: Option<Instant>,
    patience: Pin<Box<Sleep>>,
    /// Something was written that is nobody's answer, and is not on its way.
    has_kept_back: bool,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, flushed: Flushed) -> Self {
        // Answers are written whole: waiting for more to send only delays them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        #[cfg(target_os = "linux")]
        if let Err(error) = socket2::SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT) {
            tracing::debug!(%error, "TCP_NOTSENT_LOWAT was refused");
        }
        Self {
            stream,
            flushed,
            waited: Duration::ZERO,
            taken: 0,
            since: None,
            patience: Box::pin(sleep_until(Instant::now())),
            has_kept_back: false,
        }
    }

    /// Whether hyper had something to say of a head, which nobody heard.
    pub(super) fn has_kept_back(&self) -> bool {
        self.has_kept_back
    }

    /// Says that nothing more comes.
    pub(super) async fn close(&mut self) -> io::Result<()> {
        poll_fn(|context| Pin::new(&mut self.stream).poll_shutdown(context)).await
    }

    fn written(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match polled {
            Poll::Ready(Ok(length)) => {
                if let Some(since) = self.since.take() {
                    self.waited += since.elapsed();
                }
                self.taken = self.taken.saturating_add(length);
                if self.taken >= LEAST_IN_WINDOW {
                    (self.waited, self.taken) = (Duration::ZERO, 0);
                }
                Poll::Ready(Ok(length))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                if self.since.is_none() {
                    let now = Instant::now();
                    self.since = Some(now);
                    let left = WINDOW.saturating_sub(self.waited);
                    self.patience.as_mut().reset(now + left);
                }
                ready!(self.patience.as_mut().poll(context));
                self.flushed.give_up();
                Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the client takes too little of its answer",
                )))
            }
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.flushed.gone();
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

/// What is written while no answer is owed is hyper's own, a bare status for a head that it cannot read: it is kept back, as
/// whoever sent that is answered in our words (`unread`).
impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !self.flushed.is_owed() {
            self.has_kept_back = true;
            return Poll::Ready(Ok(bytes.len()));
        }
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if !self.flushed.is_owed() {
            self.has_kept_back = true;
            return Poll::Ready(Ok(bytes.iter().map(|part| part.len()).sum()));
        }
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.written(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Asked for once nothing is left to be written.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(context);
        if matches!(polled, Poll::Ready(Ok(()))) {
            self.flushed.all();
        }
        polled
    }

    /// Asked for once the last answer is made. The client may not have sent all yet, so it is heard out first, by whoever then
    /// calls [`Wire::close`].
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}

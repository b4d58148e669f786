//! Bodies on their way out: packed at once where they are there whole, and part by part where they are not.

use std::{
    future::poll_fn,
    io::{self, Write},
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, HeaderValue, header},
};
use brotli::CompressorWriter;
use flate2::{Compression, write::GzEncoder};
use futures_util::stream;
use hyper::body::Frame;

use super::{Coding, LONGEST_PLAIN};
use crate::error::{Error, Result};

/// How much is packed before others have their turn on the thread: some milliseconds at the very most.
const TURN: usize = 64 * 1024;

/// Levels that cost a page of 50 pledges a quarter of a millisecond at most, and windows that leave what one packer holds at 2 MB:
/// docs/decisions/0026 has the measurements.
const GZIP_LEVEL: u32 = 3;
const BROTLI_QUALITY: u32 = 4;
const BROTLI_WINDOW: u32 = 18;
const BROTLI_BUFFER: usize = 4096;

/// A body that is long enough to be packed.
pub(super) enum Long {
    Whole(Bytes),
    /// One that comes by parts: those that came, and what is to come.
    Goes(Bytes, Body),
}

impl Long {
    /// Reads a body that is there whole to its end, any other until it is known to be long. One that is short is
    /// given back.
    pub(super) async fn read(mut body: Body) -> Result<Self, Body> {
        let whole = body.size_hint().exact();
        if whole.is_some_and(|length| length <= LONGEST_PLAIN as u64) {
            return Err(body);
        }
        let mut start = Bytes::new();
        loop {
            match poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
                Some(Ok(frame)) => {
                    let data = frame.into_data().unwrap_or_default();
                    start = if start.is_empty() {
                        data
                    } else {
                        [start, data].concat().into()
                    };
                }
                None if start.len() > LONGEST_PLAIN => return Ok(Self::Whole(start)),
                None => return Err(start.into()),
                Some(Err(error)) => return Err(Body::from_stream(stream::iter([Ok(start), Err(error)]))),
            }
            if whole.is_none() && start.len() > LONGEST_PLAIN {
                return Ok(Self::Goes(start, body));
            }
        }
    }

    pub(super) async fn packed(self, coding: Coding) -> Result<Body> {
        match self {
            Self::Whole(bytes) if bytes.len() <= TURN => packed(&bytes, coding),
            // Not on a thread that others are waiting for.
            Self::Whole(bytes) => tokio::task::spawn_blocking(move || packed(&bytes, coding))
                .await
                .map_err(Error::internal)?,
            Self::Goes(start, body) => Ok(Body::new(Packed {
                body,
                left: start,
                packer: Some(Packer::of(coding)),
                has_had_its_turn: false,
            })),
        }
    }
}

/// The whole of a body, packed.
fn packed(bytes: &[u8], coding: Coding) -> Result<Body> {
    let mut packer = Packer::of(coding);
    packer.write_all(bytes).map_err(Error::internal)?;
    packer.finish().map(Body::from).map_err(Error::internal)
}

/// What is left of a body where its head alone was asked for: its length, where that is known.
pub(super) fn left_out(headers: &mut HeaderMap, body: &Body) -> Body {
    if let Some(length) = body.size_hint().exact()
        && length > 0
        && !headers.contains_key(header::CONTENT_LENGTH)
    {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    Body::empty()
}

/// Packs what is written to it, and holds it until it is taken.
enum Packer {
    Gzip(GzEncoder<Vec<u8>>),
    Brotli(Box<CompressorWriter<Vec<u8>>>),
}

impl Packer {
    fn of(coding: Coding) -> Self {
        if coding == Coding::Brotli {
            Self::Brotli(Box::new(CompressorWriter::new(
                Vec::new(),
                BROTLI_BUFFER,
                BROTLI_QUALITY,
                BROTLI_WINDOW,
            )))
        } else {
            Self::Gzip(GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL)))
        }
    }

    /// What has come of it so far.
    fn take(&mut self) -> Vec<u8> {
        mem::take(match self {
            Self::Gzip(packer) => packer.get_mut(),
            Self::Brotli(packer) => packer.get_mut(),
        })
    }

    /// The last of it.
    fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(packer) => packer.finish(),
            Self::Brotli(packer) => Ok(packer.into_inner()),
        }
    }
}

impl Write for Packer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(packer) => packer.write(bytes),
            Self::Brotli(packer) => packer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Gzip(packer) => packer.flush(),
            Self::Brotli(packer) => packer.flush(),
        }
    }
}

/// A body that is packed while it goes. Each part of it goes out whole before the next is asked for, so that whoever reads has
/// all that there is, and no more than a part is held.
struct Packed {
    body: Body,
    /// What is still to be packed of a part.
    left: Bytes,
    /// None once the last of it went out, or it broke off.
    packer: Option<Packer>,
    has_had_its_turn: bool,
}

/// Packs as much of a part as one turn allows, and gives what came of it.
fn step(packer: &mut Packer, left: &mut Bytes) -> io::Result<Vec<u8>> {
    let turn = left.split_to(left.len().min(TURN));
    packer.write_all(&turn)?;
    if left.is_empty() {
        packer.flush()?;
    }
    Ok(packer.take())
}

impl HttpBody for Packed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        while let Some(packer) = &mut this.packer {
            if mem::take(&mut this.has_had_its_turn) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let made = if this.left.is_empty() {
                match ready!(Pin::new(&mut this.body).poll_frame(context)) {
                    Some(Ok(frame)) => {
                        this.left = frame.into_data().unwrap_or_default();
                        continue;
                    }
                    Some(Err(error)) => {
                        // Without an end, so that nobody takes it for the whole.
                        this.packer = None;
                        return Poll::Ready(Some(Err(error)));
                    }
                    None => this.packer.take().map_or(Ok(Vec::new()), Packer::finish),
                }
            } else {
                this.has_had_its_turn = true;
                step(packer, &mut this.left)
            };
            let made = made.map_err(axum::Error::new)?;
            if !made.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(made.into()))));
            }
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.packer.is_none()
    }
}

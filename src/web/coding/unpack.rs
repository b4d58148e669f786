//! Bodies on their way in, which may be gzipped: unpacked while they come, and never beyond their limit.

use std::io::{self, Write};

use axum::{
    extract::Request,
    http::{HeaderMap, header},
};
use flate2::write::MultiGzDecoder;

use crate::{
    error::{Error, Faults, Result},
    web::request::room::Room,
};

/// How much is unpacked at a time, which becomes a megabyte at most, and after how much of that others have their turn
/// on the thread.
const PIECE: usize = 1024;
const TURN: usize = 64 * 1024;

/// What has come of a request's body, as it was before it was packed, if it was.
pub(in crate::web) struct Gathered {
    largest: usize,
    /// How many bytes came, as they came.
    length: usize,
    bytes: Bytes,
    room: Holding,
}

enum Bytes {
    Plain(Bounded),
    Gzip(Box<MultiGzDecoder<Bounded>>),
}

impl Gathered {
    /// For the body of a request, of which so many bytes are taken; an error where it is packed as nobody here unpacks.
    pub(in crate::web) fn of(request: &Request, largest: usize) -> Result<Self> {
        let room = request.extensions().get::<Room>().cloned();
        let largest = room.as_ref().map_or(largest, |room| room.longest(largest));
        let bounded = Bounded {
            bytes: Vec::new(),
            largest,
            is_over: false,
        };
        let bytes = if is_gzipped(request.headers())? {
            Bytes::Gzip(Box::new(MultiGzDecoder::new(bounded)))
        } else {
            Bytes::Plain(bounded)
        };
        Ok(Self {
            largest,
            length: 0,
            bytes,
            room: Holding {
                room,
                bytes: 0,
                largest,
            },
        })
    }

    /// How long the body may be as it comes. Gzip may add to what cannot be packed, if little.
    pub(in crate::web) fn longest(&self) -> usize {
        match self.bytes {
            Bytes::Plain(_) => self.largest,
            Bytes::Gzip(_) => self.largest + self.largest / 64 + PIECE,
        }
    }

    /// Makes room for one that is to come with so many bytes; of what is packed, nobody knows how many it becomes.
    pub(in crate::web) async fn expect(&mut self, length: usize) -> Result<()> {
        if length > self.longest() {
            return Err(Error::TooLarge(self.largest));
        }
        self.room.hold_exactly(length).await?;
        if let Bytes::Plain(bytes) = &mut self.bytes {
            bytes.bytes.reserve_exact(length);
        }
        Ok(())
    }

    /// Takes the next of it. An error is for good.
    pub(in crate::web) async fn add(&mut self, data: &[u8]) -> Result<()> {
        self.length += data.len();
        if self.length > self.longest() {
            return Err(Error::TooLarge(self.largest));
        }
        match &mut self.bytes {
            Bytes::Plain(bytes) => {
                self.room.hold(bytes.bytes.len() + data.len()).await?;
                bytes.write_all(data).map_err(|_| Error::TooLarge(self.largest))
            }
            Bytes::Gzip(unpacker) => {
                let mut turn = unpacker.get_ref().bytes.len();
                for piece in data.chunks(PIECE) {
                    if let Err(error) = unpacker.write_all(piece) {
                        return Err(failed(unpacker.get_ref(), &error));
                    }
                    let length = unpacker.get_ref().bytes.len();
                    self.room.hold(length).await?;
                    if length - turn >= TURN {
                        turn = length;
                        tokio::task::yield_now().await;
                    }
                }
                Ok(())
            }
        }
    }

    /// The whole of it.
    pub(in crate::web) fn finish(self) -> Result<Vec<u8>> {
        match self.bytes {
            Bytes::Plain(bytes) => Ok(bytes.bytes),
            // Nothing at all is no gzip, and nothing when unpacked.
            Bytes::Gzip(_) if self.length == 0 => Ok(Vec::new()),
            Bytes::Gzip(mut unpacker) => match unpacker.try_finish() {
                Ok(()) => Ok(std::mem::take(&mut unpacker.get_mut().bytes)),
                Err(error) => Err(failed(unpacker.get_ref(), &error)),
            },
        }
    }
}

/// What is held of the room for bodies, where that is bounded.
struct Holding {
    room: Option<Room>,
    bytes: usize,
    largest: usize,
}

impl Holding {
    /// For so many bytes that have come. It is held for as many again, as the memory for them grows like that.
    async fn hold(&mut self, bytes: usize) -> Result<()> {
        if bytes > self.bytes {
            self.hold_exactly((2 * bytes).min(self.largest)).await?;
        }
        Ok(())
    }

    async fn hold_exactly(&mut self, bytes: usize) -> Result<()> {
        if let Some(room) = &self.room {
            room.hold(bytes).await?;
        }
        self.bytes = bytes;
        Ok(())
    }
}

fn failed(unpacked: &Bounded, error: &io::Error) -> Error {
    if unpacked.is_over {
        return Error::TooLarge(unpacked.largest);
    }
    Error::Malformed(Faults::one(
        "",
        "json",
        format!(
            "The body is not gzip that can be read ({error}), though its Content-Encoding says so. Pack it again, or send it as it is and without that header."
        ),
    ))
}

/// Bytes up to a limit.
struct Bounded {
    bytes: Vec<u8>,
    largest: usize,
    is_over: bool,
}

impl Write for Bounded {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if self.is_over || self.bytes.len() + more.len() > self.largest {
            // What is too much is kept no longer.
            self.bytes = Vec::new();
            self.is_over = true;
            return Err(io::Error::other("too much"));
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a body is gzipped, by its headers; an error where it is packed otherwise, or twice.
fn is_gzipped(headers: &HeaderMap) -> Result<bool> {
    let mut is_gzipped = false;
    for value in headers.get_all(header::CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes());
        for coding in value.split(',').map(str::trim) {
            let is = |wanted: &str| coding.eq_ignore_ascii_case(wanted);
            if coding.is_empty() || is("identity") {
                continue;
            }
            if is_gzipped || !(is("gzip") || is("x-gzip")) {
                return Err(Error::UnsupportedCoding);
            }
            is_gzipped = true;
        }
    }
    Ok(is_gzipped)
}

/// The headers of a request whose body was read, and unpacked: no more of how it came.
pub(in crate::web) fn unpacked(headers: &mut HeaderMap) {
    if headers.remove(header::CONTENT_ENCODING).is_some() {
        headers.remove(header::CONTENT_LENGTH);
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    #[tokio::test]
    async fn a_bomb_takes_no_more_memory_than_the_limit() {
        const LARGEST: usize = 100_000;
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(&vec![0; 50 * LARGEST]).unwrap();
        let bomb = packer.finish().unwrap();
        let request = Request::post("/").header(header::CONTENT_ENCODING, "gzip");
        let mut gathered = Gathered::of(&request.body(Body::empty()).unwrap(), LARGEST).unwrap();
        let mut most = 0;
        let mut outcome = Ok(());
        for byte in &bomb {
            outcome = gathered.add(&[*byte]).await;
            let Bytes::Gzip(unpacker) = &gathered.bytes else {
                unreachable!()
            };
            most = most.max(unpacker.get_ref().bytes.capacity());
            if outcome.is_err() {
                // What came of it is gone with the first that is too much.
                assert_eq!(unpacker.get_ref().bytes.capacity(), 0);
                break;
            }
        }
        assert!(matches!(outcome, Err(Error::TooLarge(LARGEST))), "{outcome:?}");
        assert!((LARGEST / 2..=2 * LARGEST).contains(&most), "{most}");
    }
}

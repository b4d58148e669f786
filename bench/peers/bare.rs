//! The ceiling: a bare axum handler that answers as many bytes as it is asked for, `GET /{bytes}`.
//!
//! `cargo run --release --example bare -- 127.0.0.1:4100`

use axum::{Router, body::Bytes, extract::Path, http::header, routing::get};
use tokio::net::TcpListener;

/// What answers are cut from.
static LETTERS: [u8; 1 << 20] = [b'a'; 1 << 20];

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "127.0.0.1:4100".to_owned());
    let router = Router::new().route(
        "/{bytes}",
        get(|Path(bytes): Path<usize>| async move {
            let body = Bytes::from_static(&LETTERS[..bytes.min(LETTERS.len())]);
            ([(header::CONTENT_TYPE, "application/json")], body)
        }),
    );
    axum::serve(TcpListener::bind(address).await?, router).await
}

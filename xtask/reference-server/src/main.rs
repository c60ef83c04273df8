//! A bare server that benchmarks compare with: the same framework and runtime as Counterfoil, a body of the size that the
//! first argument says, and nothing else. It prints `listening on URL` on standard error, as Counterfoil does.

use std::io::Error;

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let size = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let size = size.ok_or_else(|| Error::other("give the size of the body in bytes"))?;
    let body = Bytes::from(vec![b'x'; size]);
    let answer = move || {
        std::future::ready((
            [("content-type", "application/json; charset=utf-8")],
            body.clone(),
        ))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    announce(&listener.local_addr()?.to_string());
    axum::serve(listener, Router::new().route("/", get(answer))).await
}

#[expect(
    clippy::print_stderr,
    reason = "the benchmark reads the address from here"
)]
fn announce(address: &str) {
    eprintln!("listening on http://{address}");
}

//! A bare server that benchmarks compare with: the framework, the allocator and the arrangement of
//! threads that Counterfoil uses, its recorded answers byte for byte, and no work at all.
//!
//! `reference-server ANSWERS WORKERS` takes a JSON file with a list of `method`, `path`, `status`,
//! `headers` (pairs) and `body`, and serves it with this many threads, each with a runtime and a
//! listening socket of its own. A POST is answered once its body was read. It prints `listening on
//! URL` on standard error, as Counterfoil does.

mod answers;

use std::io::Error;
use std::net::{SocketAddr, TcpListener};
use std::thread;

use axum::Router;
use socket2::{Domain, Socket, Type};

/// The system's allocator is slower; what is measured against should have what Counterfoil has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1024;

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or_else(usage)?;
    let workers: usize = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .ok_or_else(usage)?;
    let router = answers::router(&file)?;
    let first = listen(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let address = first.local_addr()?;
    let mut listeners = vec![first];
    for _ in 1..workers {
        listeners.push(listen(address)?);
    }
    let threads: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            let router = router.clone();
            thread::spawn(move || serve(listener, router))
        })
        .collect();
    announce(address);
    for thread in threads {
        thread
            .join()
            .map_err(|_| Error::other("a worker panicked"))??;
    }
    Ok(())
}

fn usage() -> Error {
    Error::other("usage: reference-server ANSWERS WORKERS")
}

/// A socket that shares its port with those of the other workers.
fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn serve(listener: TcpListener, router: Router) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, router).await
    })
}

#[expect(
    clippy::print_stderr,
    reason = "the benchmark reads the address from here"
)]
fn announce(address: SocketAddr) {
    eprintln!("listening on http://{address}");
}

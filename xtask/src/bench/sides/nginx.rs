//! nginx with a fixed text: what a fast server costs that has nothing to do.

use std::fs;
use std::net::{SocketAddr, TcpListener};

use anyhow::{Context, Result};

use crate::bench::Bench;
use crate::bench::process::{Cores, Server};
use crate::bench::tools;

/// Where the text is.
pub(crate) const PATH: &str = "/text";

/// The most bytes of one word in its configuration; a longer text is put together.
const LONGEST_WORD: usize = 4_000;

/// Starts it with a text of this many bytes.
pub(crate) fn start(bench: &Bench, bytes: usize, cores: Cores) -> Result<Server> {
    let folder = bench.file("nginx");
    fs::create_dir_all(&folder)?;
    let address = free_address()?;
    let (pieces, text) = pieces(bytes);
    let configuration = format!(
        "worker_processes {workers};\n\
         daemon off;\n\
         pid nginx.pid;\n\
         error_log stderr error;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n\
         \x20 access_log off;\n\
         \x20 keepalive_requests 1000000000;\n\
         \x20 client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n\
         \x20 server {{\n\
         \x20   listen {address} reuseport;\n\
         \x20   default_type application/json;\n\
         \x20   location = {PATH} {{ {pieces}return 200 '{text}'; }}\n\
         \x20 }}\n\
         }}\n",
        workers = cores.of_server(),
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, configuration)?;
    let program = tools::find("nginx").context("nginx is not there")?;
    let mut command = cores.server(program);
    command.arg("-p").arg(&folder).arg("-c").arg(&file);
    Server::start_at(command, address, bench.file("nginx.log"))
}

/// What its configuration says to hold a text of this many bytes, and to name it.
fn pieces(bytes: usize) -> (String, String) {
    let text = "x".repeat(bytes);
    let pieces = (0..).zip(text.as_bytes().chunks(LONGEST_WORD));
    pieces.fold(Default::default(), |(set, named), (number, piece)| {
        let piece = String::from_utf8_lossy(piece);
        (
            format!("{set}set $piece{number} '{piece}'; "),
            format!("{named}${{piece{number}}}"),
        )
    })
}

/// An address of this machine at which nobody listens just now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

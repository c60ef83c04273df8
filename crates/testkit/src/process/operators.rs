//! What a server tells its operators, on a port of its own.

use std::thread;
use std::time::{Duration, Instant};

use super::{Connection, Running, message_of};

/// The arguments of a server that serves operators too.
pub const WITH_OPS: [&str; 2] = ["--ops-listen", "127.0.0.1:0"];

/// How long a server may take to say where, or to count something.
const LIMIT: Duration = Duration::from_secs(30);

/// The address that a server told its operators, in the line after the one that its start waits
/// for.
pub fn ops_url(server: &Running) -> String {
    let begun = Instant::now();
    while begun.elapsed() < LIMIT {
        let said = server.stderr();
        let url = said.lines().find_map(|line| {
            let message = message_of(line);
            let url = message.strip_prefix("health checks and metrics on ")?;
            Some(url.trim_end_matches('/').to_owned())
        });
        if let Some(url) = url {
            return url;
        }
        thread::yield_now();
    }
    panic!("the server was not started with --ops-listen");
}

/// A number that a server counts, by its name with its labels; zero before it counted.
pub fn metric(ops_url: &str, name: &str) -> f64 {
    let mut connection = Connection::open(ops_url).expect("the server accepts");
    let reply = connection.ask("GET", "/metrics", &[], None);
    let text = reply.expect("the server answers").text();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name} ")));
    line.map_or(0.0, |number| number.parse().expect("a number"))
}

/// Waits until a server has counted this much, as something of its own comes about that no request
/// waits for.
#[track_caller]
pub fn until_metric(ops_url: &str, name: &str, least: f64) {
    let begun = Instant::now();
    loop {
        let counted = metric(ops_url, name);
        if counted >= least {
            return;
        }
        assert!(
            begun.elapsed() < LIMIT,
            "{name} is {counted} and never {least}"
        );
        thread::yield_now();
    }
}

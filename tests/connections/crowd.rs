//! Ten thousand clients that connect and say nothing: others are served meanwhile, and what the
//! crowd costs is bounded.

use std::net::TcpStream;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use super::{Server, Stage};

/// How large the crowd is.
const CROWD: usize = 10_000;

/// Files that this process needs beside the crowd.
const OTHER_FILES: u64 = 500;

/// What a connection that says nothing may cost the server, in bytes. It takes 1,500 to 3,000, the
/// system's socket apart; with HTTP's buffers it would take more than 20,000.
const BYTES_EACH: u64 = 6_144;

/// The memory of the server that is in the machine's memory, in bytes (`proc(5)`).
pub(super) fn resident(server: &Server) -> u64 {
    let status = format!("/proc/{}/status", server.running.id());
    let status = std::fs::read_to_string(status).expect("the server runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|rest| rest.trim().strip_suffix(" kB"));
    let kibibytes: u64 = kibibytes
        .expect("the kernel says it")
        .parse()
        .expect("a number");
    kibibytes * 1024
}

/// A connection is a file at this end too. Where the machine does not allow so many, this proof
/// cannot be given.
fn make_room() {
    let wanted = CROWD as u64 + OTHER_FILES;
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("the kernel says it");
    assert!(
        hard >= wanted,
        "this test needs {wanted} open files, and the machine allows {hard}: raise the hard limit (ulimit -Hn)"
    );
    if soft < wanted {
        setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).expect("the hard limit allows it");
    }
}

#[test]
fn a_crowd_that_says_nothing_keeps_nobody_waiting_and_costs_little() {
    make_room();
    // The crowd is one address, which may have nine tenths.
    let connections = (CROWD * 10 / 9 + 100).to_string();
    let stage = Stage::with(&[
        ("LIMITS__CONNECTIONS", &connections),
        // The crowd is not closed before everything is measured.
        ("LIMITS__HEADER_TIME", "600s"),
    ]);
    let server = stage.start(&[]);
    let ask = |number: usize| {
        let created = server.answer_to(&stage.creation(&format!("{number} wait"), &[]));
        created.assert_status(201);
    };
    ask(0);
    let before = resident(&server);
    let mut crowd: Vec<TcpStream> = Vec::with_capacity(CROWD);
    while crowd.len() < CROWD {
        crowd.push(server.socket());
        if crowd.len().is_multiple_of(2_500) {
            ask(crowd.len());
        }
    }
    // Connections are accepted in the order in which they came, so the whole crowd is in once this
    // is answered by each worker.
    for number in 1..=20 {
        ask(CROWD + number);
    }
    let each = resident(&server).saturating_sub(before) / CROWD as u64;
    assert!(each <= BYTES_EACH, "a silent connection takes {each} bytes");
    // Nobody of the crowd was sent away for it.
    for socket in crowd.iter().step_by(500) {
        socket
            .set_nonblocking(true)
            .expect("a socket takes its options");
        let peeked = socket.peek(&mut [0]);
        assert!(peeked.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
    }
    drop(crowd);
    server.is_well();
}

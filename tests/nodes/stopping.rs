//! A node that is stopped while clients are at work is missed by none of them: whatever they see is
//! at most a connection that has to be made again.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use counterfoil_testkit::process::{ApiClient, Person};

use super::balancer::Balancer;
use super::stage::{Stage, Token, issue};

/// Clients that check, and that make and end tokens.
const READERS: usize = 6;
const WRITERS: usize = 2;
/// Answers between one stop or start and the next.
const ANSWERS: u64 = 300;

#[derive(Default)]
struct Seen {
    is_over: AtomicBool,
    answers: AtomicU64,
    /// Connections that were made again.
    retried: AtomicU64,
}

#[test]
fn any_node_can_be_stopped_under_load_and_no_client_sees_more_than_a_retried_connection() {
    let stage = Stage::set();
    let programs = ["one", "two", "three"].map(|name| stage.node(name));
    let nodes = programs.each_ref().map(|program| program.start_serve(&[]));
    let balancer = Balancer::before(&stage, nodes.each_ref());
    let token = stage.token(&nodes[0], "checked");
    let mut nodes = nodes.map(Some);
    let seen = Seen::default();
    thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| read(&balancer.url, &token, &seen));
        }
        for number in 0..WRITERS {
            let (user, seen, url) = (&stage.user, &seen, &balancer.url);
            scope.spawn(move || write(url, user, number, seen));
        }
        let _end = EndOnDrop(&seen);
        wait_for_answers(&seen);
        for (node, program) in nodes.iter_mut().zip(&programs) {
            let url = node
                .as_ref()
                .map(|node| node.base_url.replace("http://", ""));
            let address = url.expect("each is stopped once");
            let stopped = node.take().expect("each is stopped once");
            assert!(stopped.terminate().success());
            // Two nodes carry the load.
            wait_for_answers(&seen);
            *node = Some(program.start_serve(&["--listen", &address]));
            wait_for_answers(&seen);
        }
    });
    println_figures(&seen);
}

/// Returns when so many more requests were answered.
fn wait_for_answers(seen: &Seen) {
    let enough = seen.answers.load(Ordering::Relaxed) + ANSWERS;
    while seen.answers.load(Ordering::Relaxed) < enough && !seen.is_over.load(Ordering::Relaxed) {
        thread::yield_now();
    }
}

fn read(url: &str, token: &Token, seen: &Seen) {
    let _end = EndOnPanic(seen);
    let mut client = ApiClient::with_token(url, &token.text).expect("HAProxy accepts");
    while !seen.is_over.load(Ordering::Relaxed) {
        let reply = client.ask("GET", "/user", None).unwrap_or_else(|_| {
            seen.retried.fetch_add(1, Ordering::Relaxed);
            client = ApiClient::with_token(url, &token.text).expect("HAProxy accepts");
            client.must("GET", "/user", None)
        });
        reply.assert_status(200);
        seen.answers.fetch_add(1, Ordering::Relaxed);
    }
}

fn write(url: &str, user: &Person, number: usize, seen: &Seen) {
    let _end = EndOnPanic(seen);
    let mut count = 0;
    while !seen.is_over.load(Ordering::Relaxed) {
        count += 1;
        // A write is not sent twice by the balancer, nor by a client that does not know what became
        // of it.
        let mut client = user.connect(url).expect("HAProxy accepts");
        let token = issue(&mut client, &format!("token {count} of writer {number}"));
        let mut client = user.connect(url).expect("HAProxy accepts");
        let path = format!("/authorizations/{}", token.id);
        client.must("DELETE", &path, None).assert_status(204);
        seen.answers.fetch_add(2, Ordering::Relaxed);
    }
}

/// Ends the load when a client panics, so that nobody waits for it.
struct EndOnPanic<'s>(&'s Seen);

impl Drop for EndOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.is_over.store(true, Ordering::Relaxed);
        }
    }
}

/// Ends the load in any case.
struct EndOnDrop<'s>(&'s Seen);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Relaxed);
    }
}

#[expect(clippy::print_stdout, reason = "the figures of a proof")]
fn println_figures(seen: &Seen) {
    println!(
        "stopping: {} answers while each of three nodes was stopped and started; {} connections made again",
        seen.answers.load(Ordering::Relaxed),
        seen.retried.load(Ordering::Relaxed)
    );
}

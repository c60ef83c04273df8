//! Recovery codes and one-time passwords, each used by many at the same moment at both nodes: it
//! lets one in.
//!
//! A one-time password works again for who used it, from the same address, since clients send it
//! with every request. So here everybody has an address of their own, which the nodes are told by a
//! proxy that they trust.

use std::thread;

use counterfoil_domain::code::TotpSeed;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_testkit::code_at;
use counterfoil_testkit::process::{Connection, Person, Running, basic};
use data_encoding::BASE32_NOPAD;
use serde_json::Value;

use super::{ROUNDS, Stage, report};
use crate::races::{CALLERS, at_once};

/// How many people are set up at a time.
const AT_A_TIME: usize = 5;

/// Somebody with two factors.
struct Guarded {
    person: Person,
    seed: TotpSeed,
    recovery_codes: Vec<String>,
}

/// Where those who use a code are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    OneAddress,
    ManyAddresses,
}

#[test]
fn on_two_nodes_a_recovery_code_lets_one_in() {
    let (stage, nodes) = set();
    let guarded = guard_one_for_each_round(&stage);
    for (number, from) in [From::OneAddress, From::ManyAddresses]
        .into_iter()
        .enumerate()
    {
        let use_one = |guarded: &Guarded| {
            one_is_let_in(
                &nodes,
                &guarded.person,
                &guarded.recovery_codes[number],
                from,
            )
        };
        let winners: Vec<usize> = guarded.iter().map(use_one).collect();
        report(&format!("a recovery code from {from:?}"), &winners);
    }
}

#[test]
fn on_two_nodes_a_one_time_password_lets_one_address_in() {
    let (stage, nodes) = set();
    let use_one = |guarded: &Guarded| {
        let code = code_at(&guarded.seed, now(&stage));
        one_is_let_in(&nodes, &guarded.person, &code, From::ManyAddresses)
    };
    let guarded = guard_one_for_each_round(&stage);
    let winners: Vec<usize> = guarded.iter().map(use_one).collect();
    report("a one-time password from many addresses", &winners);
}

/// Two nodes that believe a proxy on this machine.
fn set() -> (Stage, [Running; 2]) {
    let stage = Stage::set();
    let nodes = ["one", "two"].map(|name| {
        let node = stage.node(name);
        let node = node.with_environment("COUNTERFOIL_TRUSTED_PROXIES", "127.0.0.1");
        node.with_patience().start_serve(&[])
    });
    (stage, nodes)
}

/// A command waits a second until every node has heard of it, so some are run at a time.
fn guard_one_for_each_round(stage: &Stage) -> Vec<Guarded> {
    let numbers: Vec<usize> = (0..ROUNDS).collect();
    let some_at_a_time = numbers.chunks(AT_A_TIME).flat_map(|numbers| {
        thread::scope(|scope| {
            let guarding = |number: &usize| {
                let number = *number;
                scope.spawn(move || guard(stage, number))
            };
            let guarding: Vec<_> = numbers.iter().map(guarding).collect();
            let guarded = guarding.into_iter().map(thread::ScopedJoinHandle::join);
            guarded
                .map(|guarded| guarded.expect("the commands succeed"))
                .collect::<Vec<_>>()
        })
    });
    some_at_a_time.collect()
}

fn guard(stage: &Stage, number: usize) -> Guarded {
    let person = stage.first().add_user(&format!("guarded-{number}"));
    let enable = ["user", "otp", "enable", &person.login];
    let enabled = stage.first().json(&enable, "");
    let secret = enabled["secret"].as_str().expect("a secret");
    let seed = BASE32_NOPAD.decode(secret.as_bytes());
    let seed = seed.expect("a shown seed is base 32");
    let codes = enabled["recovery_codes"].as_array().expect("a list").iter();
    Guarded {
        person,
        seed: TotpSeed::from_bytes(&seed).expect("a seed has 20 bytes"),
        recovery_codes: codes.filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

/// What the database's clock says, by which the nodes go.
fn now(stage: &Stage) -> Timestamp {
    let seconds = "SELECT floor(extract(epoch FROM clock_timestamp()))::bigint::text";
    let seconds = stage.database.look_up(seconds);
    let seconds = seconds.and_then(|seconds| seconds.parse().ok());
    Timestamp::from_seconds(seconds.expect("a number"))
}

/// Has all use a code at once, every other one at the other node. Tells which of them was let in.
fn one_is_let_in(nodes: &[Running; 2], person: &Person, code: &str, from: From) -> usize {
    let open =
        |number: usize| Connection::open(&nodes[number % 2].base_url).expect("the node accepts");
    let mut callers: Vec<Connection> = (0..CALLERS).map(open).collect();
    let authorization = basic(&person.login, &person.password);
    let statuses = at_once(&mut callers, |number, caller| {
        let address = match from {
            From::OneAddress => "192.0.2.1".to_owned(),
            From::ManyAddresses => format!("192.0.2.{number}"),
        };
        let headers = [
            ("authorization", authorization.as_str()),
            ("x-github-otp", code),
            ("x-forwarded-for", &address),
        ];
        let reply = caller.ask("GET", "/api/v3/authorizations", &headers, None);
        reply.expect("the node answers").status
    });
    let with = |status| -> Vec<usize> {
        let numbers = 0..statuses.len();
        numbers
            .filter(|number| statuses[*number] == status)
            .collect()
    };
    let let_in = with(200);
    assert_eq!(
        (let_in.len(), with(401).len()),
        (1, CALLERS - 1),
        "{statuses:?}"
    );
    let_in[0]
}

//! The memory of checks where it is pressed: many who ask at once, floods of what nobody knows,
//! other processes that change the same database, too little room, and a database that cannot be
//! read.

mod elsewhere;
mod misses;
mod newer;
mod overtaken;
mod room;
mod unreadable;
mod uses;

use std::sync::Arc;

use counterfoil_authority::{Authority, IssueToken, Issued};
use counterfoil_domain::audit::WriterId;
use counterfoil_domain::authorization::Provenance;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::text::Note;
use counterfoil_domain::token::{PlainToken, TokenFormats};
use counterfoil_store::{Durability, OpenOptions, SchemaState, Store};
use counterfoil_testkit::{Answer, RepeatableEntropy, UserActor, World, WorldOptions};
use http::Method;

/// Where most requests come from.
const HERE: &str = "192.0.2.1";

fn here() -> ClientAddress {
    HERE.parse().expect("an address")
}

/// A world with these bounds on its memory.
async fn world_with(change: impl FnOnce(&mut WorldOptions)) -> World {
    let mut options = WorldOptions::default();
    change(&mut options);
    World::with(options).await
}

/// Another process on the same database, such as a command.
async fn another_process(world: &World) -> Authority {
    let store = Store::open(&OpenOptions {
        location: world.database().location(),
        writer: WriterId("another process".to_owned()),
        schema: SchemaState::Require,
        durability: Durability::Full,
    });
    Authority::start(
        store.expect("the database is there"),
        world.keys.clone(),
        world.clock.clone(),
        Arc::new(RepeatableEntropy::new(2)),
        WorldOptions::default().settings,
    )
    .await
    .expect("the key is there")
}

/// A personal token, made by this process. `number` tells notes apart.
async fn issue(by: &Authority, owner: &UserActor<'_>, number: usize) -> Issued {
    issue_given(by, owner, number, None).await
}

async fn issue_given(
    by: &Authority,
    owner: &UserActor<'_>,
    number: usize,
    token: Option<PlainToken>,
) -> Issued {
    let request = IssueToken {
        login: owner.account.login.clone(),
        client_id: None,
        scopes: ScopeSet::parse(["repo", "gist"]).expect("scopes"),
        note: Some(Note::parse(&format!("number {number}")).expect("a note")),
        fingerprint: None,
        expires_at: None,
        token,
        provenance: Provenance::CommandLine,
    };
    let issued = by.issue_token(request, &World::operator()).await;
    issued.expect("the user may have another token")
}

/// Tokens that are well-formed and that nobody was given.
fn unknown_tokens() -> impl Iterator<Item = PlainToken> {
    let entropy = RepeatableEntropy::new(3);
    std::iter::repeat_with(move || {
        PlainToken::generate(&TokenFormats::default().personal, &entropy)
    })
}

/// Asks the gateway check.
async fn verify(world: &World, token: &PlainToken, from: &str) -> Answer {
    world
        .anonymous()
        .request_anywhere(Method::GET, "/gateway/verify")
        .header("authorization", &format!("Bearer {}", token.expose()))
        .from_address(from)
        .send_unchecked()
        .await
}

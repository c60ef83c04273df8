//! What is left in a SQLite file of what was replaced.

use counterfoil_domain::account::Account;
use counterfoil_store::RevokeTokens;

use crate::world::{World, new_account, password};

/// Users whose rows share pages, which are split and filled again while hashes grow and shrink.
const USERS: usize = 60;
/// How long the hashes of each change of passwords are.
const LENGTHS: [usize; 4] = [40, 150, 60, 97];

/// A hash as the store meets it: its text, of this length, is nobody else's.
fn hash(user: usize, round: usize) -> String {
    let length = LENGTHS[round];
    format!(
        "a-hash-of-{user:03}-in-round-{round}-{}",
        "x".repeat(length)
    )
}

async fn give(world: &World, user: &Account, text: &str) {
    let set = world.store.set_password(
        user.id,
        password(text),
        RevokeTokens::Keep,
        world.operator(),
    );
    set.await.expect("the user is there");
}

#[tokio::test]
async fn no_hash_of_a_replaced_password_stays_in_the_file() {
    let world = World::new();
    let mut users = Vec::new();
    for number in 0..USERS {
        let new = new_account(&format!("user-{number}"));
        let made = world.store.create_account(new, world.operator()).await;
        users.push(made.expect("the login is free"));
    }
    for round in 0..LENGTHS.len() {
        for (number, user) in users.iter().enumerate() {
            give(&world, user, &hash(number, round)).await;
        }
    }
    let deleted = world.store.delete_account(users[0].id, world.operator());
    deleted.await.expect("the user is there");
    // The last to close moves what stands in the log into the file.
    world.store.close().await;
    let file = std::fs::read(world.folder.file("counterfoil.db")).expect("it can be read");
    let beginning = b"a-hash-of-";
    let found = file.windows(beginning.len()).enumerate();
    let found = found.filter(|(_, part)| part == beginning);
    let found = found
        .map(|(at, _)| String::from_utf8_lossy(&file[at..][..hash(0, 0).len() - LENGTHS[0] - 1]));
    let mut found: Vec<_> = found.collect();
    found.sort();
    let last = LENGTHS.len() - 1;
    let kept = |number| format!("a-hash-of-{number:03}-in-round-{last}");
    assert_eq!(found, (1..USERS).map(kept).collect::<Vec<_>>());
}

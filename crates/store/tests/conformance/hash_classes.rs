//! Which classes of hashes accounts have.

use counterfoil_domain::account::NewAccount;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::password::{HashClass, HashingCost, PasswordHash};
use counterfoil_store::HashClasses;

use crate::world::{World, new_account};

on_each_engine! {
    the_classes_of_hashes_are_read_in_portions_of_accounts,
}

async fn the_classes_of_hashes_are_read_in_portions_of_accounts(world: World) {
    let classes = async |after: AccountId| {
        let mut read = world.store.hash_classes(after).await.unwrap();
        read.classes.sort_by_key(|class| class.work());
        read
    };
    let nothing = HashClasses {
        classes: Vec::new(),
        looked_to: AccountId(0),
        has_more: false,
    };
    assert_eq!(classes(AccountId(0)).await, nothing);
    let newest = make_accounts(&world).await;
    let argon2id = |memory_kib, iterations, parallelism| {
        HashClass::Argon2id(HashingCost {
            memory_kib,
            iterations,
            parallelism,
        })
    };
    let all = HashClasses {
        classes: vec![
            argon2id(8, 1, 1),
            HashClass::Bcrypt(12),
            argon2id(65_536, 3, 4),
        ],
        looked_to: newest,
        has_more: false,
    };
    assert_eq!(classes(AccountId(0)).await, all);
    let behind = HashClasses {
        looked_to: newest,
        ..nothing
    };
    assert_eq!(classes(newest).await, behind);
    // A portion ends after so many ids, whether there are accounts or not.
    let moved = format!("UPDATE accounts SET id = 2500 WHERE id = {newest} RETURNING login");
    assert_eq!(world.look_up(&moved), ["without"]);
    let portion = classes(AccountId(0)).await;
    assert_eq!(
        (portion.looked_to, portion.has_more),
        (AccountId(1_000), true)
    );
    let last = classes(AccountId(2_000)).await;
    assert_eq!((last.looked_to, last.has_more), (AccountId(2_500), false));
}

/// Accounts with hashes of three classes, and one without a password; the id of the latter, which
/// comes last.
async fn make_accounts(world: &World) -> AccountId {
    let zeros = format!("{}${}", "A".repeat(22), "A".repeat(43));
    let cheap = format!("$argon2id$v=19$m=8,t=1,p=1${zeros}");
    let dear = format!("$argon2id$v=19$m=65536,t=3,p=4${zeros}");
    let bcrypt = format!("$2y$12${}", "./aZ09".repeat(8) + "/////");
    let mut newest = AccountId(0);
    for (name, hash) in [
        ("cheap", Some(cheap.clone())),
        ("again", Some(cheap)),
        ("dear", Some(dear)),
        ("moved", Some(bcrypt)),
        ("without", None),
    ] {
        let new = NewAccount {
            password: hash.map(PasswordHash::from_stored),
            ..new_account(name)
        };
        let made = world.store.create_account(new, world.operator()).await;
        newest = made.unwrap().id;
    }
    newest
}

//! E-mail addresses that nobody has verified.

use counterfoil_domain::account::{AccountChange, EmailTaken, NewAccount, NewEmail, Verification};
use counterfoil_domain::authorization::{
    CreationRefused, NewAuthorization, Provenance, TokenLimits,
};

use crate::world::{World, email, new_account, refusal, verified};

on_each_engine! {
    an_unverified_email_address_neither_signs_in_nor_counts_as_primary_but_is_taken,
    a_user_with_an_unverified_email_address_makes_no_tokens_but_operators_do,
}

async fn an_unverified_email_address_neither_signs_in_nor_counts_as_primary_but_is_taken(
    world: World,
) {
    let unverified = |name: &str| NewAccount {
        email: Some(NewEmail {
            address: email("mona@example.com"),
            verification: Verification::Unverified,
        }),
        ..new_account(name)
    };
    let made = world
        .store
        .create_account(unverified("mona"), world.operator())
        .await
        .unwrap();
    assert_eq!(made.email, None);
    assert!(
        world
            .store
            .find_credentials("mona@example.com")
            .await
            .unwrap()
            .is_none()
    );
    let second = world
        .store
        .create_account(unverified("lisa"), world.operator())
        .await;
    assert_eq!(refusal(second), EmailTaken.into());
}

async fn a_user_with_an_unverified_email_address_makes_no_tokens_but_operators_do(world: World) {
    let unverified = NewAccount {
        email: Some(NewEmail {
            address: email("mona@example.com"),
            verification: Verification::Unverified,
        }),
        ..new_account("mona")
    };
    let store = &world.store;
    let mona = store
        .create_account(unverified, world.operator())
        .await
        .unwrap();
    let limits = TokenLimits::default();
    let wished = world.personal(&mona, "laptop", "repo");
    assert!(wished.provenance.is_the_owners_wish());
    let refused = store
        .create_authorization(wished, limits, world.by(&mona))
        .await;
    assert_eq!(refusal(refused), CreationRefused::EmailUnverified);
    let given = NewAuthorization {
        provenance: Provenance::CommandLine,
        ..world.personal(&mona, "laptop", "repo")
    };
    world.make(given).await;

    let verified = AccountChange {
        email: Some(verified("mona@example.com")),
        ..AccountChange::default()
    };
    let mona = store
        .change_account(mona.id, verified, world.operator())
        .await
        .unwrap();
    store
        .create_authorization(world.personal(&mona, "desk", ""), limits, world.by(&mona))
        .await
        .unwrap();
}

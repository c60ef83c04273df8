//! Whom the names in a gateway's rules stand for.

use counterfoil_domain::gateway::{Holder, HolderKind, HolderLife};
use counterfoil_domain::organization::NewOrganization;

use crate::world::{World, login};

on_each_engine! {
    everybody_who_ever_held_a_login_is_found,
}

async fn everybody_who_ever_held_a_login_is_found(world: World) {
    let store = &world.store;
    assert_eq!(store.holders_of(&login("mona")).await.unwrap(), []);
    let first = world.user("mona").await.id;
    world.user("lisa").await;
    store.delete_account(first, world.operator()).await.unwrap();
    store
        .release_login(&login("mona"), world.operator())
        .await
        .unwrap();
    let new = NewOrganization {
        login: login("Mona"),
        name: None,
    };
    let second = store
        .create_organization(new, world.operator())
        .await
        .unwrap()
        .id;
    let holders = store.holders_of(&login("MONA")).await.unwrap();
    let expected = [
        Holder {
            id: first,
            kind: HolderKind::User,
            life: HolderLife::Ended,
        },
        Holder {
            id: second,
            kind: HolderKind::Organization,
            life: HolderLife::Live,
        },
    ];
    assert_eq!(holders, expected);
}

//! Several make what there may be one of, or so many of.

use std::collections::HashSet;

use counterfoil_domain::account::LoginTaken;
use counterfoil_domain::app::AppCreationRefused;
use counterfoil_domain::authorization::{NameTaken, TokenLimits};
use counterfoil_store::GotOrCreated;

use crate::races::{CALLERS, Nodes, one_wins};
use crate::world::{World, new_account};

on_each_engine! {
    of_those_that_get_or_create_one_creates,
    of_those_that_use_one_note_one_wins,
    of_those_that_use_one_fingerprint_one_wins,
    of_those_that_take_one_login_one_wins,
    of_those_that_take_one_client_id_one_wins,
    no_more_live_for_an_app_than_may,
    no_more_live_for_a_user_than_may,
    no_more_apps_are_made_than_may,
}

async fn of_those_that_get_or_create_one_creates(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let limits = TokenLimits::default();
    let mut existing = 0;
    for round in 0..nodes.rounds() {
        let fingerprint = format!("device {round}");
        let got = nodes
            .race(CALLERS, |store, _| {
                let new = world.surely_for_app(&user, &app, Some(&fingerprint), "repo");
                let by = world.operator();
                async move { store.get_or_create_authorization(new, limits, by).await }
            })
            .await;
        let (mut created, mut ids) = (0, HashSet::new());
        for one in got {
            match one.expect("nobody is refused") {
                GotOrCreated::Created(token) => {
                    created += 1;
                    ids.insert(token.id);
                }
                GotOrCreated::Existing(token) => {
                    existing += 1;
                    ids.insert(token.id);
                }
            }
        }
        assert_eq!((created, ids.len()), (1, 1), "round {round}");
        // A limit is not what this race is about.
        let whose = counterfoil_store::Whose::Account(user.id);
        let cleared = world.store.revoke_all(whose, world.operator()).await;
        assert_eq!(cleared.expect("they can be ended"), 1);
    }
    let counted = [("created", nodes.rounds()), ("found", existing)];
    nodes.tell("get or create", &counted).await;
}

async fn of_those_that_use_one_note_one_wins(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let user = world.user("mona").await;
    for round in 0..nodes.rounds() {
        let note = format!("note {round}");
        let made = nodes
            .race(CALLERS, |store, _| {
                let new = world.personal(&user, &note, "repo");
                let by = world.operator();
                async move {
                    let limits = TokenLimits::default();
                    store.create_authorization(new, limits, by).await
                }
            })
            .await;
        one_wins(made, &NameTaken::Note.into());
    }
    nodes.tell("one note", &[("created", nodes.rounds())]).await;
}

async fn of_those_that_use_one_fingerprint_one_wins(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let limits = TokenLimits {
        live_per_scope_set: 1_000,
        ..TokenLimits::default()
    };
    for round in 0..nodes.rounds() {
        let fingerprint = format!("device {round}");
        let made = nodes
            .race(CALLERS, |store, _| {
                let new = world.for_app(&user, &app, Some(&fingerprint), "repo");
                let by = world.operator();
                async move { store.create_authorization(new, limits, by).await }
            })
            .await;
        one_wins(made, &NameTaken::Fingerprint.into());
    }
    nodes
        .tell("one fingerprint", &[("created", nodes.rounds())])
        .await;
}

async fn of_those_that_take_one_login_one_wins(world: World) {
    let nodes = Nodes::on(world);
    for round in 0..nodes.rounds() {
        let by = nodes.world.operator();
        let made = nodes
            .race(CALLERS, |store, _| {
                let (new, by) = (new_account(&format!("user{round}")), by.clone());
                async move { store.create_account(new, by).await }
            })
            .await;
        one_wins(made, &LoginTaken.into());
    }
    nodes
        .tell("one login", &[("created", nodes.rounds())])
        .await;
}

async fn of_those_that_take_one_client_id_one_wins(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let users = [world.user("mona").await, world.user("lisa").await];
    for _ in 0..nodes.rounds() {
        let client_id = world.client_id();
        let made = nodes
            .race(CALLERS, |store, caller| {
                let mut new = world.new_app(&users[caller % 2], "app");
                new.client_id = client_id.clone();
                let by = world.operator();
                async move { store.create_app(new, 1_000, by).await }
            })
            .await;
        one_wins(made, &AppCreationRefused::ClientIdTaken);
    }
    nodes
        .tell("one client id", &[("created", nodes.rounds())])
        .await;
}

async fn no_more_live_for_an_app_than_may(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let limits = TokenLimits::default();
    for _ in 0..nodes.rounds() {
        let made = nodes
            .race(CALLERS, |store, _| {
                let new = world.for_app(&user, &app, None, "repo");
                let by = world.operator();
                async move { store.create_authorization(new, limits, by).await }
            })
            .await;
        assert!(made.iter().all(Result::is_ok), "{made:?}");
        let live = world.list(&user).await.len();
        assert!(live <= limits.live_per_scope_set as usize, "{live} live");
    }
    let live = world.list(&user).await.len();
    assert_eq!(live, limits.live_per_scope_set as usize);
    let counted = [("created", nodes.rounds() * CALLERS), ("live", live)];
    nodes.tell("ten tokens for an app", &counted).await;
}

async fn no_more_live_for_a_user_than_may(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let limits = TokenLimits {
        live_per_user: 3,
        ..TokenLimits::default()
    };
    let mut refused = 0;
    for round in 0..nodes.rounds() {
        let user = world.user(&format!("user{round}")).await;
        let made = nodes
            .race(CALLERS, |store, caller| {
                let new = world.personal(&user, &format!("note {caller}"), "repo");
                let by = world.operator();
                async move { store.create_authorization(new, limits, by).await }
            })
            .await;
        let created = made.iter().filter(|one| one.is_ok()).count();
        assert_eq!(created, 3);
        refused += made.len() - created;
    }
    let counted = [("created", nodes.rounds() * 3), ("refused", refused)];
    nodes.tell("three tokens for a user", &counted).await;
}

async fn no_more_apps_are_made_than_may(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    for round in 0..nodes.rounds() {
        let user = world.user(&format!("user{round}")).await;
        let made = nodes
            .race(CALLERS, |store, _| {
                let (new, by) = (world.new_app(&user, "app"), world.operator());
                async move { store.create_app(new, 2, by).await }
            })
            .await;
        assert_eq!(made.iter().filter(|one| one.is_ok()).count(), 2);
    }
    nodes
        .tell("two apps", &[("created", nodes.rounds() * 2)])
        .await;
}

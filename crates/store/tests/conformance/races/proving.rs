//! Several use what may be used once, and several change what proves who somebody is.

use std::collections::BTreeSet;

use counterfoil_domain::audit::Action;
use counterfoil_domain::code::CodeUse;
use counterfoil_domain::key::Sealed;
use counterfoil_domain::sign_in::{FailureKind, SignInSubject};
use counterfoil_store::{ChangeError, FailedSignIn, KeyState};

use crate::keys::{key, reseal, with_two_keys};
use crate::races::{CALLERS, Nodes};
use crate::sign_in::policy;
use crate::two_factor::{MOST_WRONG, matched, protected};
use crate::world::World;

on_each_engine! {
    a_recovery_code_is_used_once,
    each_of_two_codes_is_told_how_many_are_left,
    a_step_is_used_once_by_pages,
    failures_on_two_nodes_are_one_count,
    an_attack_on_a_user_under_two_names_is_told_once,
    an_app_has_one_secret_after_several_rotations,
    a_seed_that_is_replaced_during_a_rotation_is_not_lost,
}

async fn a_recovery_code_is_used_once(world: World) {
    let (world, user) = protected(world).await;
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    for round in 0..nodes.rounds() {
        let digests = vec![[u8::try_from(round).expect("few rounds"); 32]];
        let digest = digests[0];
        let seed = Sealed {
            key: key("00000001"),
            bytes: b"seed".to_vec(),
        };
        let enabled = world
            .store
            .enable_totp(user.id, seed, digests, world.operator());
        enabled.await.expect("the user is there");
        let used = nodes
            .race(CALLERS, |store, _| {
                let (id, by) = (user.id, world.operator());
                async move {
                    let used = store.use_recovery_code(id, digest, by).await;
                    used.map_err(ChangeError::<()>::Store)
                }
            })
            .await;
        let used = used.into_iter().filter_map(|one| one.expect("no rule"));
        assert_eq!(used.map(|it| it.remaining).collect::<Vec<_>>(), [0]);
    }
    nodes
        .tell("one recovery code", &[("used", nodes.rounds())])
        .await;
}

async fn each_of_two_codes_is_told_how_many_are_left(world: World) {
    let (world, user) = protected(world).await;
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    for _ in 0..nodes.rounds() {
        let seed = Sealed {
            key: key("00000001"),
            bytes: b"seed".to_vec(),
        };
        let digests = vec![[1; 32], [2; 32]];
        let enabled = world
            .store
            .enable_totp(user.id, seed, digests, world.operator());
        enabled.await.expect("the user is there");
        let used = nodes
            .race(2, |store, caller| {
                let (id, by) = (user.id, world.operator());
                let digest = [u8::try_from(caller + 1).expect("two"); 32];
                async move {
                    let used = store.use_recovery_code(id, digest, by).await;
                    used.map_err(ChangeError::<()>::Store)
                }
            })
            .await;
        let used = used.into_iter().filter_map(|one| one.expect("no rule"));
        let left: BTreeSet<_> = used.map(|it| it.remaining).collect();
        assert_eq!(left, BTreeSet::from([0, 1]));
    }
    let counted = [("used", nodes.rounds() * 2)];
    nodes.tell("two recovery codes", &counted).await;
}

async fn a_step_is_used_once_by_pages(world: World) {
    let (world, user) = protected(world).await;
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    for round in 0..nodes.rounds() {
        let step = i64::try_from(round).expect("few rounds");
        let matched = matched(&world.store, user.id, step).await;
        let used = nodes
            .race(CALLERS, |store, caller| {
                let (id, by) = (user.id, world.operator());
                let address = format!("192.0.2.{caller}");
                async move {
                    let used =
                        store.use_totp_step(id, matched, CodeUse::Page, address, MOST_WRONG, by);
                    used.await.map_err(ChangeError::<()>::Store)
                }
            })
            .await;
        let accepted = used.into_iter().filter(|one| *one == Ok(true)).count();
        assert_eq!(accepted, 1, "round {round}");
    }
    nodes
        .tell("one step", &[("accepted", nodes.rounds())])
        .await;
}

async fn failures_on_two_nodes_are_one_count(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let before = world.events().await.len();
    for round in 0..nodes.rounds() {
        let subject = SignInSubject([u8::try_from(round).expect("few rounds"); 32]);
        let told = nodes
            .race(3, |store, _| {
                let (address, by) = ("192.0.2.1".to_owned(), world.operator());
                async move {
                    let failed = FailedSignIn {
                        subject,
                        account: None,
                        address_key: address,
                        kind: FailureKind::Code,
                    };
                    let told = store.record_failure(failed, policy(), by);
                    told.await.map_err(ChangeError::<()>::Store)
                }
            })
            .await;
        let locked = told
            .into_iter()
            .filter_map(|one| one.expect("no rule").locked_until);
        assert_eq!(locked.count(), 1, "round {round}");
    }
    let actions = world.actions_since(before).await;
    let locks = actions
        .iter()
        .filter(|action| *action == Action::SignInLocked.as_str());
    assert_eq!(
        (locks.count(), actions.len()),
        (nodes.rounds(), nodes.rounds() * 3)
    );
    let counted = [("failures", nodes.rounds() * 3), ("locks", nodes.rounds())];
    nodes.tell("failed sign-ins", &counted).await;
}

async fn an_attack_on_a_user_under_two_names_is_told_once(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let mut users = Vec::new();
    for round in 0..nodes.rounds() {
        users.push(world.user(&format!("mona{round}")).await.id);
    }
    let before = world.events().await.len();
    for (round, user) in users.into_iter().enumerate() {
        let round = u8::try_from(round).expect("few rounds");
        let told = nodes
            .race(8, |store, caller| {
                let name = u8::try_from(caller % 2).expect("two names");
                let failed = FailedSignIn {
                    subject: SignInSubject([round, name].repeat(16).try_into().expect("32 bytes")),
                    account: Some(user),
                    address_key: format!("192.0.2.{caller}"),
                    kind: FailureKind::Password,
                };
                let by = world.operator();
                async move {
                    let told = store.record_failure(failed, policy(), by);
                    told.await.map_err(ChangeError::<()>::Store)
                }
            })
            .await;
        let begins = told
            .into_iter()
            .filter(|one| one.as_ref().expect("no rule").begins_attack);
        assert_eq!(begins.count(), 1, "round {round}");
    }
    let actions = world.actions_since(before).await;
    let attacks = actions
        .iter()
        .filter(|action| *action == Action::SignInAttacked.as_str());
    assert_eq!(attacks.count(), nodes.rounds());
    nodes
        .tell("attacks on a login", &[("told", nodes.rounds())])
        .await;
}

async fn an_app_has_one_secret_after_several_rotations(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    for _ in 0..nodes.rounds() {
        let secrets = [world.secret(), world.secret()];
        let rotated = nodes
            .race(2, |store, caller| {
                let (id, secret) = (app.summary.id, secrets[caller].clone());
                let by = world.operator();
                async move { store.rotate_app_secret(id, secret, by).await }
            })
            .await;
        assert!(rotated.iter().all(Result::is_ok), "{rotated:?}");
        let client_id = &app.summary.client_id;
        let held = world.store.find_client_secrets(client_id).await;
        let client = held.expect("it can be read").expect("the app is there");
        let live = client.secrets;
        assert_eq!(live.len(), 1);
        assert!(secrets.iter().any(|secret| secret.digest == live[0].digest));
    }
    nodes
        .tell("rotated secrets", &[("rotated", nodes.rounds() * 2)])
        .await;
}

async fn a_seed_that_is_replaced_during_a_rotation_is_not_lost(world: World) {
    let (world, user) = with_two_keys(world).await;
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let mut under_the_other = 0;
    for round in 0..nodes.rounds() {
        let (from, to) = if round % 2 == 0 {
            ("00000001", "00000002")
        } else {
            ("00000002", "00000001")
        };
        let (one, other) = (nodes.node(round), nodes.node(round + 1));
        let (by, also, id) = (world.operator(), world.operator(), user.id);
        let bytes = format!("seed {round}").into_bytes();
        let seed = Sealed {
            key: key(from),
            bytes: bytes.clone(),
        };
        let (rotated, replaced) = nodes
            .meet(
                async move { one.rotate_keys(key(to), reseal(to), by).await },
                async move { other.enable_totp(id, seed, Vec::new(), also).await },
            )
            .await;
        rotated.expect("the key is known");
        replaced.expect("the key lives");
        let held = world.store.find_totp(user.id).await;
        let sealed = held.expect("it can be read").expect("it is on").sealed;
        assert!(sealed.bytes.ends_with(&bytes), "round {round}");
        under_the_other += usize::from(sealed.key == key(from));
        let keys = world.store.key_records().await.expect("they can be read");
        let primary = keys.iter().filter(|key| key.state == KeyState::Primary);
        assert_eq!(primary.count(), 1);
    }
    let counted = [("replaced after", under_the_other)];
    nodes.tell("rotate against enable", &counted).await;
}

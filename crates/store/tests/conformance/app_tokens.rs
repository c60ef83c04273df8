//! What apps do with tokens of theirs, and what administrators do with those of others.

use std::time::Duration;

use counterfoil_domain::account::{Account, LoginTaken, NewAccount};
use counterfoil_domain::app::{App, KeptSecret};
use counterfoil_domain::authorization::{
    Authorization, AuthorizationChange, Kind, NoSuchToken, ResetRefused, ScopeChange,
};
use counterfoil_domain::change::Change;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::page::Page;
use counterfoil_domain::principal::{Attribution, ClientProof, Lapsed, Proof, TokenProof};
use counterfoil_domain::scope::{Scope, Standing};
use counterfoil_store::{
    AdministratorRefused, FeedPosition, FeedRead, GotOrCreated, NewImpersonation,
};

use crate::world::{World, account_proof, lapse, login, new_account, refusal, set};

/// A user, an app with its proof, and a token of the user for it.
struct Scene {
    world: World,
    mona: Account,
    app: App,
    proof: ClientProof,
    token: Authorization,
}

impl Scene {
    async fn on(world: World) -> Self {
        let mona = world.user("mona").await;
        let new = world.new_app(&mona, "Deployer");
        let secret = new.secret.digest;
        let made = world.store.create_app(new, 100, world.operator()).await;
        let app = made.expect("the app can be made");
        let proof = ClientProof {
            app: app.summary.id,
            secret,
        };
        let token = world.make(world.for_app(&mona, &app, None, "repo")).await;
        Self {
            world,
            mona,
            app,
            proof,
            token,
        }
    }

    /// The app, by its secret.
    fn by(&self) -> Attribution {
        self.world.by_app(self.proof)
    }

    /// What the feed tells since its beginning, and how many entries that were.
    async fn changes_since(&self, number: usize) -> Vec<Change> {
        let mut position = FeedPosition::default();
        loop {
            match self
                .world
                .store
                .changes_since(position)
                .await
                .map(|reading| reading.read)
            {
                Ok(FeedRead::Changes(changes)) => {
                    return changes.iter().skip(number).map(|it| it.change).collect();
                }
                // Now that the database is known by its generation.
                Ok(FeedRead::Lost(newest)) => {
                    position = FeedPosition {
                        number: 0,
                        ..newest
                    };
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
}

fn ended(token: &Authorization) -> Change {
    Change::Authorization {
        id: token.id,
        digest_head: token.token.digest.head(),
    }
}

on_each_engine! {
    a_reset_ends_the_old_digest_with_its_reason_and_is_announced,
    a_proof_that_holds_no_more_changes_nothing,
    a_revocation_by_the_app_is_announced_and_has_its_reason,
    an_impersonation_ends_with_its_makers_standing_and_that_is_announced,
    whoever_asks_by_a_token_that_ended_meanwhile_changes_nothing,
    whoever_asks_by_a_token_that_was_narrowed_or_replaced_meanwhile_changes_nothing,
    only_personal_tokens_are_listed_and_revoked_for_administrators,
    a_renamed_account_leaves_its_login_taken_until_it_is_released,
}

async fn a_reset_ends_the_old_digest_with_its_reason_and_is_announced(world: World) {
    let scene = Scene::on(world).await;
    let (world, store) = (&scene.world, &scene.world.store);
    let before = scene.changes_since(0).await.len();
    world.pass(Duration::from_secs(5));
    let new = world.secret();
    let reset = store
        .reset_token_of_app(
            scene.proof.app,
            scene.token.token.digest,
            new.clone(),
            scene.by(),
        )
        .await
        .unwrap();
    let expected = Authorization {
        token: new.clone(),
        updated_at: world.now(),
        ..scene.token.clone()
    };
    assert_eq!(reset.authorization, expected);
    assert_eq!(world.list(&scene.mona).await, [expected]);
    assert_eq!(scene.changes_since(before).await, [ended(&scene.token)]);
    let reasons = world.look_up("SELECT end_reason FROM token_digests ORDER BY id");
    assert_eq!(reasons, ["reset", "null"]);

    let again = store
        .reset_token_of_app(
            scene.proof.app,
            scene.token.token.digest,
            world.secret(),
            scene.by(),
        )
        .await;
    assert_eq!(refusal(again), NoSuchToken.into());
    let known = store
        .reset_token_of_app(
            scene.proof.app,
            new.digest,
            scene.token.token.clone(),
            scene.by(),
        )
        .await;
    assert_eq!(refusal(known), ResetRefused::TokenKnown);
}

async fn a_proof_that_holds_no_more_changes_nothing(world: World) {
    let scene = Scene::on(world).await;
    let (world, store) = (&scene.world, &scene.world.store);
    let rotated = store.rotate_app_secret(scene.app.summary.id, world.secret(), world.operator());
    rotated.await.unwrap();
    let digest = scene.token.token.digest;
    let (by, new) = (scene.by(), world.secret());
    let reset = store
        .reset_token_of_app(scene.proof.app, digest, new, by.clone())
        .await;
    assert_eq!(lapse(reset), Lapsed::Client);
    let revoked = store
        .revoke_token_of_app(scene.proof.app, digest, by.clone())
        .await;
    assert_eq!(lapse(revoked), Lapsed::Client);
    let grant = store.revoke_grant_of_app(scene.proof.app, digest, by).await;
    assert_eq!(lapse(grant), Lapsed::Client);
    assert_eq!(
        world.list(&scene.mona).await,
        std::slice::from_ref(&scene.token)
    );
}

async fn a_revocation_by_the_app_is_announced_and_has_its_reason(world: World) {
    let scene = Scene::on(world).await;
    let (world, store) = (&scene.world, &scene.world.store);
    let before = scene.changes_since(0).await.len();
    let digest = scene.token.token.digest;
    store
        .revoke_token_of_app(scene.proof.app, digest, scene.by())
        .await
        .unwrap();
    assert_eq!(scene.changes_since(before).await, [ended(&scene.token)]);
    let reasons = world.look_up("SELECT end_reason FROM authorizations");
    assert_eq!(reasons, ["revoked_by_app"]);
    let again = store
        .revoke_token_of_app(scene.proof.app, digest, scene.by())
        .await;
    assert_eq!(refusal(again), NoSuchToken);
}

/// An administrator, and what makes tokens of theirs for somebody.
async fn administrator(world: &World) -> (Account, Attribution) {
    let new = NewAccount {
        standing: Standing::SiteAdministrator,
        ..new_account("admin")
    };
    let made = world.store.create_account(new, world.operator()).await;
    let admin = made.expect("the login is free");
    let by = world.by(&admin);
    (admin, by)
}

/// What a token of the administrator proves that has the scope for all that administrators do.
fn by_token(admin: &Account, digest: SecretDigest) -> Proof {
    let scope = Scope::find("site_admin").expect("it is known");
    Proof::Token(account_proof(admin), TokenProof { digest, scope })
}

fn impersonation(
    world: &World,
    maker: &Account,
    owner: &Account,
    token: KeptSecret,
) -> NewImpersonation {
    NewImpersonation {
        owner: owner.id,
        maker: maker.id,
        scopes: Some(set("repo")),
        expires_at: world.now().plus(Duration::from_hours(8)),
        token,
    }
}

async fn an_impersonation_ends_with_its_makers_standing_and_that_is_announced(world: World) {
    let scene = Scene::on(world).await;
    let (world, store) = (&scene.world, &scene.world.store);
    let (admin, by) = administrator(world).await;
    let new = impersonation(world, &admin, &scene.mona, world.secret());
    let GotOrCreated::Created(made) = store.impersonate(new.clone(), by.clone()).await.unwrap()
    else {
        panic!("there was none");
    };
    assert_eq!(made.kind, Kind::Impersonation { maker: admin.id });
    let before = scene.changes_since(0).await.len();
    world.pass(Duration::from_secs(5));
    let renewed = NewImpersonation {
        scopes: None,
        ..impersonation(world, &admin, &scene.mona, world.secret())
    };
    let mut later = by.clone();
    later.at = world.now();
    let again = store.impersonate(renewed.clone(), later).await;
    let expected = Authorization {
        token: renewed.token.clone(),
        expires_at: Some(renewed.expires_at),
        updated_at: world.now(),
        ..made.clone()
    };
    assert_eq!(again.unwrap(), GotOrCreated::Existing(expected.clone()));
    assert_eq!(scene.changes_since(before).await, [ended(&made)]);
    let (old, new_one) = (made.token.digest, renewed.token.digest);
    let find = async |digest| store.find_token(digest, world.now()).await.unwrap();
    assert_eq!(find(old).await, None);
    assert_eq!(find(new_one).await, Some(expected.clone()));
    let made = expected;

    let before = scene.changes_since(0).await.len();
    assert!(
        store
            .set_standing(admin.id, Standing::Ordinary, world.operator())
            .await
            .unwrap()
    );
    assert_eq!(
        scene.changes_since(before).await,
        [ended(&made), Change::Account(admin.id)]
    );
    let reason =
        world.look_up("SELECT end_reason FROM authorizations WHERE kind = 'impersonation'");
    assert_eq!(reason, ["maker_lost_rights"]);
    // A request that was under way is too late.
    let late = store.impersonate(new, by).await;
    assert_eq!(lapse(late), Lapsed::Account);
}

async fn whoever_asks_by_a_token_that_ended_meanwhile_changes_nothing(world: World) {
    let scene = Scene::on(world).await;
    let (world, store) = (&scene.world, &scene.world.store);
    let (admin, _) = administrator(world).await;
    let own = world
        .make(world.personal(&admin, "own", "site_admin"))
        .await;
    let by = world.proven_by(by_token(&admin, own.token.digest));
    assert!(
        store
            .suspend_account(scene.mona.id, by.clone())
            .await
            .unwrap()
    );
    store
        .revoke_personal_token(own.id, world.operator())
        .await
        .unwrap();
    let refused = store.unsuspend_account(scene.mona.id, by.clone()).await;
    assert_eq!(lapse(refused), Lapsed::Token);
    let refused = store
        .rename_account(scene.mona.id, login("lisa"), by.clone())
        .await;
    assert_eq!(lapse(refused), Lapsed::Token);
    let refused = store.end_impersonation(scene.mona.id, by).await;
    assert_eq!(lapse(refused), Lapsed::Token);
}

async fn whoever_asks_by_a_token_that_was_narrowed_or_replaced_meanwhile_changes_nothing(
    world: World,
) {
    let scene = Scene::on(world).await;
    let (world, store) = (&scene.world, &scene.world.store);
    let (admin, _) = administrator(world).await;
    let own = world
        .make(world.personal(&admin, "own", "site_admin gist"))
        .await;
    let proven_by = |digest| world.proven_by(by_token(&admin, digest));
    let replaced = store
        .suspend_account(scene.mona.id, proven_by(world.secret().digest))
        .await;
    assert_eq!(lapse(replaced), Lapsed::Token);
    let narrow = AuthorizationChange {
        scopes: ScopeChange::Replace(set("gist")),
        ..AuthorizationChange::default()
    };
    store
        .change_authorization(admin.id, own.id, narrow, world.by(&admin))
        .await
        .unwrap();
    let narrowed = store
        .suspend_account(scene.mona.id, proven_by(own.token.digest))
        .await;
    assert_eq!(lapse(narrowed), Lapsed::Token);
}

async fn only_personal_tokens_are_listed_and_revoked_for_administrators(world: World) {
    let scene = Scene::on(world).await;
    let (world, store) = (&scene.world, &scene.world.store);
    let personal = world
        .make(world.personal(&scene.mona, "laptop", "gist"))
        .await;
    let listed = store
        .personal_tokens(Page::new(1, 10), world.now())
        .await
        .unwrap();
    assert_eq!((listed.items, listed.total), (vec![personal.clone()], 1));
    let refused = store
        .revoke_personal_token(scene.token.id, world.operator())
        .await;
    assert_eq!(refusal(refused), AdministratorRefused::NotFound);
    let before = scene.changes_since(0).await.len();
    store
        .revoke_personal_token(personal.id, world.operator())
        .await
        .unwrap();
    assert_eq!(scene.changes_since(before).await, [ended(&personal)]);
    let refused = store
        .revoke_personal_token(personal.id, world.operator())
        .await;
    assert_eq!(refusal(refused), AdministratorRefused::NotFound);
}

async fn a_renamed_account_leaves_its_login_taken_until_it_is_released(world: World) {
    let scene = Scene::on(world).await;
    let (world, store) = (&scene.world, &scene.world.store);
    let before = scene.changes_since(0).await.len();
    let renamed = store
        .rename_account(scene.mona.id, login("lisa"), world.operator())
        .await
        .unwrap();
    assert_eq!(renamed.login, login("lisa"));
    assert!(renamed.credential_version > scene.mona.credential_version);
    assert_eq!(
        scene.changes_since(before).await,
        [Change::Account(scene.mona.id)]
    );
    assert_eq!(store.find_account(&login("mona")).await.unwrap(), None);
    let taken = store
        .create_account(new_account("MONA"), world.operator())
        .await;
    assert_eq!(refusal(taken), LoginTaken.into());
    let back = store
        .rename_account(scene.mona.id, login("mona"), world.operator())
        .await;
    assert_eq!(refusal(back), LoginTaken.into());
    store
        .release_login(&login("mona"), world.operator())
        .await
        .unwrap();
    let other = store
        .create_account(new_account("mona"), world.operator())
        .await
        .unwrap();
    assert!(other.id > scene.mona.id);
}

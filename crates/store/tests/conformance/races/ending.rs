//! Some make while others end, and several end the same.

use counterfoil_domain::account::UserDeletionRefused;
use counterfoil_domain::app::KeptSecret;
use counterfoil_domain::authorization::{CreationRefused, NoSuchToken, ResetRefused, TokenLimits};
use counterfoil_domain::grant::GrantRefused;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::organization::Role;
use counterfoil_domain::page::Page;
use counterfoil_domain::principal::{ClientProof, Lapsed};
use counterfoil_store::{ChangeError, RevokeTokens, Whose};

use crate::organizations::{join, organization, team};
use crate::races::{CALLERS, Nodes, one_wins};
use crate::world::{EVERYTHING, World, password};

on_each_engine! {
    nothing_lives_of_a_deleted_account,
    nothing_lives_of_a_deleted_app,
    nothing_lives_under_a_deleted_grant,
    nothing_is_made_by_a_password_that_was_changed,
    nothing_lives_after_everything_was_revoked,
    a_token_is_revoked_once,
    a_grant_is_revoked_once,
    a_token_is_reset_once_and_a_revocation_ends_what_came_of_it,
    a_grant_shows_what_is_left_when_several_of_its_tokens_end,
    nobody_is_in_a_team_and_not_in_its_organization,
    one_of_two_owners_stays_who_are_deleted_at_once,
}

async fn nothing_lives_of_a_deleted_account(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let owner = world.user("owner").await;
    let app = world.app(&owner, "app").await;
    let (mut made, mut refused) = (0, 0);
    for round in 0..nodes.rounds() {
        let user = world.user(&format!("user{round}")).await;
        let new = if round % 2 == 0 {
            world.personal(&user, "note", "repo")
        } else {
            world.for_app(&user, &app, None, "repo")
        };
        let digest = new.token.digest;
        let (one, other) = (nodes.node(round), nodes.node(round + 1));
        let (by, id) = (world.operator(), user.id);
        let also = by.clone();
        let limits = TokenLimits::default();
        let (created, deleted) = nodes
            .meet(
                async move { one.create_authorization(new, limits, by).await },
                async move { other.delete_account(id, also).await },
            )
            .await;
        let ended = deleted.expect("the account is there").tokens;
        match created {
            Ok(_) => made += 1,
            Err(CreationRefused::OwnerGone) => refused += 1,
            Err(other) => panic!("{other}"),
        }
        assert_eq!(ended, u64::from(created.is_ok()), "round {round}");
        let found = world.store.find_token(digest, world.now()).await;
        assert!(found.expect("it can be read").is_none(), "round {round}");
    }
    let counted = [("made and ended", made), ("refused", refused)];
    nodes.tell("create against delete account", &counted).await;
}

async fn nothing_lives_of_a_deleted_app(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let user = world.user("mona").await;
    let (mut made, mut refused) = (0, 0);
    for round in 0..nodes.rounds() {
        let app = world.app(&user, "app").await;
        let new = world.surely_for_app(&user, &app, None, "repo");
        let digest = new.token.digest;
        let (one, other) = (nodes.node(round), nodes.node(round + 1));
        let (by, id) = (world.operator(), app.summary.id);
        let also = by.clone();
        let limits = TokenLimits::default();
        let (created, deleted) = nodes
            .meet(
                async move { one.get_or_create_authorization(new, limits, by).await },
                async move { other.delete_app(id, also).await },
            )
            .await;
        let ended = deleted.expect("the app is there");
        match created {
            Ok(_) => made += 1,
            Err(CreationRefused::AppGone) => refused += 1,
            Err(other) => panic!("{other}"),
        }
        let count = u64::from(created.is_ok());
        assert_eq!((ended.tokens, ended.grants), (count, count));
        let found = world.store.find_token(digest, world.now()).await;
        assert!(found.expect("it can be read").is_none(), "round {round}");
    }
    let counted = [("made and ended", made), ("refused", refused)];
    nodes.tell("create against delete app", &counted).await;
}

async fn nothing_lives_under_a_deleted_grant(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let (mut ended_with_it, mut under_a_new_one) = (0, 0);
    let page = Page::new(EVERYTHING.0, EVERYTHING.1);
    for round in 0..nodes.rounds() {
        let first = world.make(world.for_app(&user, &app, None, "repo")).await;
        let grants = world.store.list_grants(user.id, None, page, world.now());
        let grant = grants.await.expect("it can be read").items[0].id;
        let new = world.for_app(&user, &app, None, "gist");
        let (one, other) = (nodes.node(round), nodes.node(round + 1));
        let (by, also, id) = (world.operator(), world.operator(), user.id);
        let limits = TokenLimits::default();
        let (created, ended) = nodes
            .meet(
                async move { one.create_authorization(new, limits, by).await },
                async move { other.revoke_grant(Some(id), grant, also).await },
            )
            .await;
        let created = created.expect("nothing is in the way");
        let live = world.list(&user).await;
        let left = world.store.list_grants(user.id, None, page, world.now());
        let left = left.await.expect("it can be read").items;
        assert!(live.iter().all(|token| token.id != first.id));
        match ended.expect("the grant is there") {
            2 => {
                assert_eq!((live.len(), left.len()), (0, 0));
                ended_with_it += 1;
            }
            1 => {
                assert_eq!((live.len(), left.len()), (1, 1));
                assert_ne!(left[0].id, grant);
                assert_eq!(left[0].scopes, created.scopes);
                under_a_new_one += 1;
            }
            other => panic!("{other} tokens ended"),
        }
        let whose = Whose::Account(user.id);
        let cleared = world.store.revoke_all(whose, world.operator()).await;
        cleared.expect("they can be ended");
    }
    let counted = [
        ("ended with it", ended_with_it),
        ("under a new one", under_a_new_one),
    ];
    nodes.tell("create against delete grant", &counted).await;
}

async fn nothing_is_made_by_a_password_that_was_changed(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let (mut made, mut refused) = (0, 0);
    for round in 0..nodes.rounds() {
        let user = world.user(&format!("user{round}")).await;
        let new = world.personal(&user, "note", "repo");
        let by = world.by(&user);
        let (one, other) = (nodes.node(round), nodes.node(round + 1));
        let (also, id) = (world.operator(), user.id);
        let suspends = round % 2 == 0;
        let limits = TokenLimits::default();
        let (created, changed) = nodes
            .meet(
                async move {
                    let created = one.create_authorization(new, limits, by).await;
                    created.map_err(|error| match error {
                        // To whoever asks it is the same.
                        ChangeError::Lapsed(Lapsed::Account) => {
                            ChangeError::Refused(CreationRefused::OwnerGone)
                        }
                        other => other,
                    })
                },
                async move {
                    if suspends {
                        other.suspend_account(id, also).await.map(u64::from)
                    } else {
                        let tokens = RevokeTokens::Revoke;
                        let set = other.set_password(id, password("new"), tokens, also);
                        set.await.map(|set| set.tokens_revoked)
                    }
                },
            )
            .await;
        let changed = changed.expect("the account is there");
        let live = world.list(&user).await.len();
        match created {
            Ok(_) => made += 1,
            Err(CreationRefused::OwnerGone) => refused += 1,
            Err(other) => panic!("{other}"),
        }
        if suspends {
            assert_eq!(live, usize::from(created.is_ok()), "round {round}");
        } else {
            let count = u64::from(created.is_ok());
            assert_eq!((changed, live), (count, 0), "round {round}");
        }
    }
    let counted = [("made before", made), ("refused", refused)];
    nodes
        .tell("create against suspend and password", &counted)
        .await;
}

async fn nothing_lives_after_everything_was_revoked(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let mut ended = 0;
    for round in 0..nodes.rounds() {
        let user = world.user(&format!("user{round}")).await;
        for number in 0..5 {
            let new = world.personal(&user, &number.to_string(), "repo");
            world.make(new).await;
        }
        let counts = nodes
            .race(4, |store, _| {
                let (whose, by) = (Whose::Account(user.id), world.operator());
                async move { store.revoke_all(whose, by).await }
            })
            .await;
        let count: u64 = counts.into_iter().map(|one| one.expect("no rule")).sum();
        assert_eq!((count, world.list(&user).await.len()), (5, 0));
        ended += 5;
    }
    nodes.tell("revoke all", &[("ended", ended)]).await;
}

async fn a_token_is_revoked_once(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let user = world.user("mona").await;
    for _ in 0..nodes.rounds() {
        let token = world.make(world.personal(&user, "note", "repo")).await;
        let ended = nodes
            .race(CALLERS, |store, _| {
                let (id, by) = (token.id, world.operator());
                let reason = EndReason::DeletedByOwner;
                async move { store.revoke_authorization(None, id, reason, by).await }
            })
            .await;
        one_wins(ended, &NoSuchToken);
    }
    nodes
        .tell("revoke one token", &[("revoked", nodes.rounds())])
        .await;
}

async fn a_grant_is_revoked_once(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let page = Page::new(EVERYTHING.0, EVERYTHING.1);
    for _ in 0..nodes.rounds() {
        world.make(world.for_app(&user, &app, None, "repo")).await;
        world.make(world.for_app(&user, &app, None, "gist")).await;
        let grants = world.store.list_grants(user.id, None, page, world.now());
        let grant = grants.await.expect("it can be read").items[0].id;
        let ended = nodes
            .race(CALLERS, |store, _| {
                let by = world.operator();
                async move { store.revoke_grant(None, grant, by).await }
            })
            .await;
        assert_eq!(one_wins(ended, &GrantRefused::NotFound), 2);
    }
    nodes
        .tell("revoke one grant", &[("revoked", nodes.rounds())])
        .await;
}

async fn a_token_is_reset_once_and_a_revocation_ends_what_came_of_it(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let user = world.user("mona").await;
    let new = world.new_app(&user, "app");
    let client_secret = new.secret.digest;
    let made = world.store.create_app(new, 100, world.operator()).await;
    let app = made.expect("the app can be made");
    let app_id = app.summary.id;
    let proof = ClientProof {
        app: app_id,
        secret: client_secret,
    };
    let (mut before, mut after) = (0, 0);
    for round in 0..nodes.rounds() {
        let token = world.make(world.for_app(&user, &app, None, "repo")).await;
        let resets = nodes
            .race(4, |store, _| {
                let (old, replacement) = (token.token.digest, world.secret());
                let by = world.by_app(proof);
                async move { store.reset_token_of_app(app_id, old, replacement, by).await }
            })
            .await;
        let held = one_wins(resets, &NoSuchToken.into());
        let old = held.authorization.token.digest;
        let replacement: KeptSecret = world.secret();
        let newest = replacement.digest;
        let (one, other) = (nodes.node(round), nodes.node(round + 1));
        let (by, also, id) = (world.by_app(proof), world.operator(), token.id);
        let reason = EndReason::DeletedByOwner;
        let (reset, revoked) = nodes
            .meet(
                async move { one.reset_token_of_app(app_id, old, replacement, by).await },
                async move { other.revoke_authorization(None, id, reason, also).await },
            )
            .await;
        revoked.expect("the record is there, whatever its token");
        match reset {
            Ok(_) => before += 1,
            Err(ResetRefused::NotFound(_)) => after += 1,
            Err(other) => panic!("{other}"),
        }
        for digest in [old, newest] {
            let found = world.store.find_token(digest, world.now()).await;
            assert!(found.expect("it can be read").is_none(), "round {round}");
        }
    }
    let counted = [("reset and ended", before), ("ended before", after)];
    nodes.tell("reset against reset and revoke", &counted).await;
}

async fn a_grant_shows_what_is_left_when_several_of_its_tokens_end(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    for _ in 0..nodes.rounds() {
        let mut ids = Vec::new();
        for scopes in ["repo", "gist", "user"] {
            let new = world.for_app(&user, &app, None, scopes);
            ids.push(world.make(new).await.id);
        }
        let ended = nodes
            .race(2, |store, caller| {
                let (id, by) = (ids[caller], world.operator());
                let reason = EndReason::DeletedByOwner;
                async move { store.revoke_authorization(None, id, reason, by).await }
            })
            .await;
        assert!(ended.iter().all(Result::is_ok), "{ended:?}");
        // As it is written down, not as it is worked out when somebody looks.
        let written = world.look_up("SELECT scopes FROM grants WHERE ended_at IS NULL");
        assert_eq!(written, ["user"]);
        let whose = Whose::Account(user.id);
        let cleared = world.store.revoke_all(whose, world.operator()).await;
        cleared.expect("they can be ended");
    }
    nodes
        .tell("scopes of a grant", &[("right", nodes.rounds())])
        .await;
}

async fn nobody_is_in_a_team_and_not_in_its_organization(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let acme = organization(world, "acme").await;
    let crew = team(world, &acme, "Crew", &[]).await;
    let (mut added, mut refused) = (0, 0);
    for round in 0..nodes.rounds() {
        let user = world.user(&format!("user{round}")).await;
        join(world, &acme, &user, Role::Member).await;
        let (one, other) = (nodes.node(round), nodes.node(round + 1));
        let (by, also) = (world.operator(), world.operator());
        let (organization, team, id) = (acme.id, crew.id, user.id);
        let deletes = round % 2 == 0;
        let (joined, left) = nodes
            .meet(
                async move { one.add_team_member(team, id, by).await },
                async move {
                    if deletes {
                        let deleted = other.delete_account(id, also).await;
                        assert!(deleted.is_ok(), "{deleted:?}");
                        Ok(())
                    } else {
                        other.remove_member(organization, id, also).await
                    }
                },
            )
            .await;
        left.expect("they were a member");
        if joined.is_ok() {
            added += 1;
        } else {
            refused += 1;
        }
        let is_in = world.store.role_in_team(crew.id, user.id).await;
        assert_eq!(is_in.expect("it can be read"), None, "round {round}");
    }
    let counted = [("added and taken out", added), ("refused", refused)];
    nodes.tell("team against organization", &counted).await;
}

async fn one_of_two_owners_stays_who_are_deleted_at_once(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    for round in 0..nodes.rounds() {
        let first = world.user(&format!("first{round}")).await;
        let second = world.user(&format!("second{round}")).await;
        let acme = organization(world, &format!("acme{round}")).await;
        for owner in [&first, &second] {
            assert!(join(world, &acme, owner, Role::Admin).await);
        }
        let (one, other) = (nodes.node(round), nodes.node(round + 1));
        let (by, also) = (world.operator(), world.operator());
        let ended = nodes
            .meet(
                async move { one.delete_account_unless_last_owner(first.id, by).await },
                async move {
                    other
                        .delete_account_unless_last_owner(second.id, also)
                        .await
                },
            )
            .await;
        let refused = match ended {
            (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
            both => panic!("round {round}: {both:?}"),
        };
        let alone = UserDeletionRefused::LastOwner(vec![acme.login]);
        assert_eq!(refused, alone, "round {round}");
    }
    nodes
        .tell("owners of one organization", &[("kept", nodes.rounds())])
        .await;
}

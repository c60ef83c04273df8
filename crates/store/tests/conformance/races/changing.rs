//! Two change the same token, or one changes what the other ends.

use counterfoil_domain::authorization::{
    AuthorizationChange, AuthorizationChangeRefused, ScopeChange,
};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::text::Note;

use crate::races::Nodes;
use crate::world::{World, set};

on_each_engine! {
    a_removed_scope_does_not_come_back_with_a_change_of_something_else,
    a_token_that_ends_while_it_is_changed_is_not_found,
}

fn other_note(text: &str) -> AuthorizationChange {
    AuthorizationChange {
        note: Some(Some(Note::parse(text).expect("a short note"))),
        ..AuthorizationChange::default()
    }
}

async fn a_removed_scope_does_not_come_back_with_a_change_of_something_else(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    for round in 0..nodes.rounds() {
        let new = if round % 2 == 0 {
            world.personal(&user, &format!("note {round}"), "repo user")
        } else {
            world.for_app(&user, &app, Some(&format!("print {round}")), "repo user")
        };
        let token = world.make(new).await;
        let (one, other) = (nodes.node(round), nodes.node(round + 1));
        let (by, also) = (world.operator(), world.operator());
        let (owner, id) = (user.id, token.id);
        let narrower = AuthorizationChange {
            scopes: ScopeChange::Replace(set("user")),
            ..AuthorizationChange::default()
        };
        let noted = other_note(&format!("changed {round}"));
        let (narrowed, renamed) = nodes
            .meet(
                async move { one.change_authorization(owner, id, narrower, by).await },
                async move { other.change_authorization(owner, id, noted, also).await },
            )
            .await;
        narrowed.expect("it lives");
        renamed.expect("it lives");
        let found = world.store.find_authorization(owner, id, world.now()).await;
        let found = found.expect("it can be read").expect("it lives");
        assert_eq!(found.scopes, set("user"), "round {round}");
        let note = found.note.as_ref().map(Note::as_str);
        assert_eq!(note, Some(format!("changed {round}").as_str()));
    }
    let counted = [("both kept", nodes.rounds())];
    nodes.tell("narrow against rename", &counted).await;
}

async fn a_token_that_ends_while_it_is_changed_is_not_found(world: World) {
    let nodes = Nodes::on(world);
    let world = &nodes.world;
    let user = world.user("mona").await;
    let (mut changed, mut refused) = (0, 0);
    for round in 0..nodes.rounds() {
        let token = world.make(world.personal(&user, "note", "repo")).await;
        let (one, other) = (nodes.node(round), nodes.node(round + 1));
        let (by, also) = (world.operator(), world.operator());
        let (owner, id) = (user.id, token.id);
        let noted = other_note(&format!("changed {round}"));
        let reason = EndReason::RevokedByOperator;
        let (renamed, ended) = nodes
            .meet(
                async move { one.change_authorization(owner, id, noted, by).await },
                async move {
                    other
                        .revoke_authorization(Some(owner), id, reason, also)
                        .await
                },
            )
            .await;
        ended.expect("it lives");
        match renamed {
            Ok(_) => changed += 1,
            Err(AuthorizationChangeRefused::NotFound(_)) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    let counted = [("changed, then ended", changed), ("not found", refused)];
    nodes.tell("change against revoke", &counted).await;
}

//! What is ended and changed through the API.

use serde_json::json;

use super::changer::Changer;
use super::tokens::{OTHER_SCOPE, SCOPE, SCOPES, Token, TokenFacts};

/// One thing after another.
pub(super) const SCENARIOS: &[fn(&mut Changer<'_>)] = &[
    delete_an_authorization,
    delete_a_token_as_its_app,
    reset_a_token,
    narrow_and_widen_scopes,
    delete_a_grant,
    delete_a_grant_as_the_app,
    suspend_and_lift,
    crowd_out,
    demote_and_promote,
    end_an_impersonation,
];

fn delete_an_authorization(me: &mut Changer<'_>) {
    let token = me.personal_token(SCOPES);
    end_for_good(me, "DELETE /authorizations/{id}", &token, |me| {
        let path = format!("/authorizations/{}", token.id);
        me.ask("DELETE", &path, None).assert_status(204);
    });
}

fn delete_a_token_as_its_app(me: &mut Changer<'_>) {
    let token = me.app_token(SCOPES);
    let body = json!({ "access_token": token.text });
    end_for_good(me, "DELETE /applications/{client_id}/token", &token, |me| {
        me.ask_as_app("DELETE", "token", &body).assert_status(204);
    });
}

fn reset_a_token(me: &mut Changer<'_>) {
    let token = me.app_token(SCOPES);
    let body = json!({ "access_token": token.text });
    let probes = token.probes(me);
    me.watch(&probes);
    let reset = me.end(
        "PATCH /applications/{client_id}/token",
        &[&token.facts.text],
        |me| me.ask_as_app("PATCH", "token", &body),
    );
    let successor = reset.assert_status(200).token();
    me.ground.board.bury(&probes);
    // The answer that told of the end told of the successor, too: it was live from then on.
    let facts = TokenFacts {
        text: me.new_fact("successor"),
        authorization: token.facts.authorization.clone(),
        scope: token.facts.scope.clone(),
    };
    facts.text.hold_from(me.ground.board.now());
    let mut successor = Token::new(successor, token.id, facts);
    successor.is_of_app = true;
    end_for_good(
        me,
        "DELETE /applications/{client_id}/grant",
        &successor,
        |me| {
            let body = json!({ "access_token": successor.text });
            me.ask_as_app("DELETE", "grant", &body).assert_status(204);
        },
    );
}

fn narrow_and_widen_scopes(me: &mut Changer<'_>) {
    let token = me.app_token(SCOPES);
    let path = format!("/authorizations/{}", token.id);
    let probes = token.probes(me);
    for _ in 0..3 {
        me.watch(&probes);
        me.end(
            "PATCH /authorizations/{id}, narrower",
            &[&token.facts.scope],
            |me| {
                let narrower = json!({ "scopes": [OTHER_SCOPE] });
                me.ask("PATCH", &path, Some(&narrower)).assert_status(200);
            },
        );
        me.lift(
            "PATCH /authorizations/{id}, wider",
            &[&token.facts.scope],
            |me| {
                let wider = json!({ "add_scopes": [SCOPE] });
                me.ask("PATCH", &path, Some(&wider)).assert_status(200);
            },
        );
    }
    delete(me, &token);
}

fn delete_a_grant(me: &mut Changer<'_>) {
    let token = me.app_token(SCOPES);
    end_for_good(me, "DELETE /applications/grants/{id}", &token, |me| {
        let path = format!("/applications/grants/{}", grant(me));
        me.ask("DELETE", &path, None).assert_status(204);
    });
}

fn delete_a_grant_as_the_app(me: &mut Changer<'_>) {
    let token = me.app_token(SCOPES);
    let body = json!({ "access_token": token.text });
    end_for_good(me, "DELETE /applications/{client_id}/grant", &token, |me| {
        me.ask_as_app("DELETE", "grant", &body).assert_status(204);
    });
}

fn suspend_and_lift(me: &mut Changer<'_>) {
    let token = me.app_token(SCOPES);
    let path = format!("/users/{}/suspended", me.user.login);
    let active = me.active.clone();
    let probes = token.probes(me);
    for _ in 0..2 {
        me.watch(&probes);
        me.end("PUT /users/{login}/suspended", &[&active], |me| {
            me.by_administrator
                .must("PUT", &path, None)
                .assert_status(204);
        });
        me.lift("DELETE /users/{login}/suspended", &[&active], |me| {
            me.by_administrator
                .must("DELETE", &path, None)
                .assert_status(204);
        });
    }
    delete(me, &token);
}

/// One token more than an app may have ends the oldest.
fn crowd_out(me: &mut Changer<'_>) {
    let oldest = me.app_token(SCOPES);
    let mut newest = None;
    end_for_good(me, "POST /authorizations, one too many", &oldest, |me| {
        newest = Some(me.app_token(SCOPES));
    });
    delete(me, &newest.expect("it was made"));
}

fn demote_and_promote(me: &mut Changer<'_>) {
    let standing = me.new_fact("standing");
    let path = format!("/users/{}/site_admin", me.user.login);
    me.lift("PUT /users/{login}/site_admin", &[&standing], |me| {
        me.by_administrator
            .must("PUT", &path, None)
            .assert_status(204);
    });
    let token = me.personal_token(&["site_admin", SCOPE]);
    let probes = token.probes_of_administrator(me, &standing);
    me.watch(&probes);
    me.end("DELETE /users/{login}/site_admin", &[&standing], |me| {
        me.by_administrator
            .must("DELETE", &path, None)
            .assert_status(204);
    });
    me.ground.board.bury(&probes);
    delete(me, &token);
}

fn end_an_impersonation(me: &mut Changer<'_>) {
    let path = format!("/admin/users/{}/authorizations", me.user.login);
    let facts = TokenFacts::new(me);
    let body = json!({ "scopes": SCOPES });
    let made = me.lift(
        "POST /admin/users/{login}/authorizations",
        &facts.all(),
        |me| me.by_administrator.must("POST", &path, Some(&body)),
    );
    made.assert_status(201);
    let token = Token::new(made.token(), made.id(), facts);
    let probes = token.probes_without_password(me);
    let probes: Vec<_> = probes.into_iter().map(Into::into).collect();
    me.watch(&probes);
    let change = "DELETE /admin/users/{login}/authorizations";
    me.end(change, &token.facts.all(), |me| {
        me.by_administrator
            .must("DELETE", &path, None)
            .assert_status(204);
    });
    me.ground.board.bury(&probes);
}

/// Has a token checked, ends it, and has it checked on.
pub(super) fn end_for_good(
    me: &mut Changer<'_>,
    change: &'static str,
    token: &Token,
    act: impl FnOnce(&mut Changer<'_>),
) {
    let probes = token.probes(me);
    me.watch(&probes);
    me.end(change, &token.facts.all(), act);
    me.ground.board.bury(&probes);
}

/// Ends a token that is done with.
pub(super) fn delete(me: &mut Changer<'_>, token: &Token) {
    end_for_good(me, "DELETE /authorizations/{id}", token, |me| {
        let path = format!("/authorizations/{}", token.id);
        me.ask("DELETE", &path, None).assert_status(204);
    });
}

/// The id of what the user gave the app.
pub(super) fn grant(me: &mut Changer<'_>) -> i64 {
    let path = format!("/applications/grants?client_id={}", me.app.client_id);
    let grants = me.ask("GET", &path, None);
    grants.assert_status(200).json()[0]["id"]
        .as_i64()
        .expect("what was given is listed")
}

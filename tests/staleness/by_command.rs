//! What is ended and changed at the command line, whose exit is the acknowledgement.

use std::sync::Arc;
use std::time::Duration;

use counterfoil_testkit::process::ApiClient;
use serde_json::{Value, json};

use super::by_api::{delete, end_for_good, grant};
use super::changer::Changer;
use super::history::{Moment, Turn, Way};
use super::tokens::{SCOPES, Token, TokenFacts};

/// One thing after another.
pub(super) const SCENARIOS: &[fn(&mut Changer<'_>)] = &[
    let_a_token_expire,
    revoke_a_token_by_id,
    revoke_a_token_itself,
    suspend_and_lift,
    change_the_password,
    revoke_a_grant,
    rotate_the_client_secret,
    take_standing_and_give_it_back,
    turn_codes_on_and_off,
    leave_the_organization_and_come_back,
    revoke_all_of_the_app,
    end_impersonations_with_their_maker,
];

/// How long tokens live that expire in the run.
const LIFETIME: (&str, Duration) = ("1s", Duration::from_secs(1));

/// Makes a token that ends by itself while other things happen.
fn let_a_token_expire(me: &mut Changer<'_>) {
    let lifetime = Moment::try_from(LIFETIME.1.as_nanos()).expect("it is short");
    let facts = TokenFacts::new(me);
    let begun = me.ground.board.now();
    let token = me.lift(
        "counterfoil token create --expires-in",
        &facts.all(),
        |me| create(me, &["--expires-in", LIFETIME.0]),
    );
    // Its time began some time while the command ran.
    let turn = Turn {
        to: Way::Ended,
        begun: begun + lifetime,
        acknowledged: me.ground.board.now() + lifetime,
    };
    if turn.begun < me.ground.board.now() {
        // The command took longer than the token lives; nothing can be learnt from it.
        return;
    }
    for fact in facts.all() {
        fact.enter(turn);
    }
    me.note("expiry");
    let token = read_token(&token, facts);
    let probes = token.probes(me);
    me.linger(turn.acknowledged, probes);
}

fn revoke_a_token_by_id(me: &mut Changer<'_>) {
    let facts = TokenFacts::new(me);
    let token = me.lift("counterfoil token create", &facts.all(), |me| {
        create(me, &[])
    });
    let token = read_token(&token, facts);
    end_for_good(me, "counterfoil token revoke ID", &token, |me| {
        me.run(&["token", "revoke", &token.id.to_string()]);
    });
}

fn revoke_a_token_itself(me: &mut Changer<'_>) {
    let token = me.app_token(SCOPES);
    end_for_good(me, "counterfoil token revoke --token-stdin", &token, |me| {
        let command = ["token", "revoke", "--token-stdin"];
        me.ground.program.command(&command, &token.text).succeeded();
    });
}

fn suspend_and_lift(me: &mut Changer<'_>) {
    let token = me.app_token(SCOPES);
    let active = me.active.clone();
    me.watch(&token.probes(me));
    me.end("counterfoil user suspend", &[&active], |me| {
        me.run(&["user", "suspend", &me.user.login]);
    });
    me.lift("counterfoil user unsuspend", &[&active], |me| {
        me.run(&["user", "unsuspend", &me.user.login]);
    });
    delete(me, &token);
}

fn change_the_password(me: &mut Changer<'_>) {
    let token = me.personal_token(SCOPES);
    let (old, probes) = (me.password.clone(), token.probes(me));
    me.watch(&probes);
    let new = me.new_name("password");
    me.end("counterfoil user passwd", &[&old], |me| {
        let command = ["user", "passwd", &me.user.login, "--password-stdin"];
        me.ground.program.command(&command, &new).succeeded();
    });
    // The last one is the one with the password.
    me.ground.board.bury(&probes[probes.len() - 1..]);
    me.user.password = new;
    me.by_password = me.user.connect(me.ground.base_url).expect("it accepts");
    me.password = me.new_fact("password");
    me.password.hold_from(me.ground.board.now());
    delete(me, &token);
}

fn revoke_a_grant(me: &mut Changer<'_>) {
    let token = me.app_token(SCOPES);
    let grant = grant(me).to_string();
    end_for_good(me, "counterfoil grant revoke", &token, |me| {
        me.run(&["grant", "revoke", &grant, "--yes"]);
    });
}

fn rotate_the_client_secret(me: &mut Changer<'_>) {
    let token = me.app_token(SCOPES);
    let (old, probes) = (me.secret.clone(), token.probes(me));
    me.watch(&probes);
    let rotated = me.end("counterfoil app rotate-secret", &[&old], |me| {
        me.command(&["app", "rotate-secret", &me.app.client_id])
    });
    let by_app = probes.iter().filter(|probe| probe.facts.contains(&old));
    me.ground.board.bury(&by_app.cloned().collect::<Vec<_>>());
    let secret = rotated["client_secret"].as_str().expect("the new secret");
    secret.clone_into(&mut me.app.client_secret);
    me.secret = me.new_fact("client secret");
    me.secret.hold_from(me.ground.board.now());
    delete(me, &token);
}

fn take_standing_and_give_it_back(me: &mut Changer<'_>) {
    let standing = me.new_fact("standing");
    me.lift("counterfoil user edit --admin", &[&standing], |me| {
        me.run(&["user", "edit", &me.user.login, "--admin"]);
    });
    let token = me.personal_token(&["site_admin"]);
    let probes = token.probes_of_administrator(me, &standing);
    me.watch(&probes);
    me.end("counterfoil user edit --no-admin", &[&standing], |me| {
        me.run(&["user", "edit", &me.user.login, "--no-admin"]);
    });
    me.ground.board.bury(&probes);
    me.run(&["token", "revoke", &token.id.to_string()]);
}

fn turn_codes_on_and_off(me: &mut Changer<'_>) {
    let token = me.personal_token(SCOPES);
    let suffices = me.password_suffices.clone();
    me.watch(&token.probes(me));
    me.end("counterfoil user otp enable", &[&suffices], |me| {
        me.run(&["user", "otp", "enable", &me.user.login]);
    });
    me.lift("counterfoil user otp disable", &[&suffices], |me| {
        me.run(&["user", "otp", "disable", &me.user.login]);
    });
    delete(me, &token);
}

fn leave_the_organization_and_come_back(me: &mut Changer<'_>) {
    let token = me.app_token(SCOPES);
    let member = me.member.clone();
    me.watch(&token.probes(me));
    me.end("counterfoil org member remove", &[&member], |me| {
        me.run(&["org", "member", "remove", &me.organization, &me.user.login]);
    });
    me.lift("counterfoil org member add", &[&member], |me| {
        me.run(&["org", "member", "add", &me.organization, &me.user.login]);
    });
    delete(me, &token);
}

fn revoke_all_of_the_app(me: &mut Changer<'_>) {
    let token = me.app_token(SCOPES);
    end_for_good(me, "counterfoil token revoke --app", &token, |me| {
        me.run(&["token", "revoke", "--app", &me.app.client_id, "--yes"]);
    });
}

/// A token by which an administrator acts as the user ends with the administrator's rights, and
/// does not come back with them.
fn end_impersonations_with_their_maker(me: &mut Changer<'_>) {
    let maker = format!("maker-{}-{}", me.number, me.ground.board.now());
    me.ground.program.add_user(&maker);
    me.run(&["user", "edit", &maker, "--admin"]);
    let command = [
        "token",
        "create",
        &maker,
        "--note",
        "admin",
        "--scopes",
        "site_admin",
    ];
    let makers = me.command(&command);
    let makers = makers["token"].as_str().expect("a token").to_owned();
    let facts = TokenFacts::new(me);
    let path = format!("/admin/users/{}/authorizations", me.user.login);
    let body = json!({ "scopes": SCOPES });
    let made = me.lift(
        "POST /admin/users/{login}/authorizations",
        &facts.all(),
        |me| {
            let client = ApiClient::with_token(me.ground.base_url, &makers);
            client.expect("it accepts").must("POST", &path, Some(&body))
        },
    );
    made.assert_status(201);
    let token = Token::new(made.token(), made.id(), facts);
    let probes = token.probes_without_password(me);
    let probes: Vec<_> = probes.into_iter().map(Arc::new).collect();
    me.watch(&probes);
    let change = "counterfoil user edit --no-admin of a maker";
    me.end(change, &token.facts.all(), |me| {
        me.run(&["user", "edit", &maker, "--no-admin"]);
    });
    me.ground.board.bury(&probes);
    me.run(&["user", "edit", &maker, "--admin"]);
    me.run(&["user", "delete", &maker, "--yes"]);
}

fn create(me: &mut Changer<'_>, more: &[&str]) -> Value {
    let note = me.new_name("note");
    let scopes = SCOPES.join(",");
    let command = [
        "token",
        "create",
        &me.user.login,
        "--note",
        &note,
        "--scopes",
        &scopes,
    ];
    me.command(&[&command, more].concat())
}

fn read_token(made: &Value, facts: TokenFacts) -> Token {
    let text = made["token"].as_str().expect("a token").to_owned();
    Token::new(text, made["id"].as_i64().expect("an id"), facts)
}

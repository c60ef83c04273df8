//! What ends of apps that people let in by a page or for a device, and whose tokens expire: by the
//! app, by its user, and by codes and refresh tokens that come again.

use counterfoil_testkit::process::Browser;
use serde_json::Value;

use super::by_api::end_for_good;
use super::changer::Changer;
use super::tokens::{SCOPES, Token, TokenFacts};

/// One thing after another.
pub(super) const SCENARIOS: &[fn(&mut Changer<'_>)] = &[
    give_back_by_the_access_token,
    give_back_by_the_refresh_token,
    refresh_and_repeat,
    bring_a_code_elsewhere,
    end_on_the_page,
    end_what_a_device_got,
    end_a_secret,
];

const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const EXCHANGE: &str = "POST /login/oauth/access_token";
const REVOKE: &str = "/login/oauth/revoke";

/// An address may ask for thirty in ten minutes.
const DEVICES: u32 = 20;

/// What an app got, and from whom.
struct LetIn {
    browser: Browser,
    code: String,
    token: Token,
    refresh: String,
}

/// Turns on for an app what the scenarios need.
pub(super) fn prepare(me: &Changer<'_>) {
    let switches = ["--expiring-tokens", "--device-flow"];
    me.run(&[&["app", "edit", &me.app.client_id][..], &switches].concat());
}

fn browser(me: &Changer<'_>) -> Browser {
    let mut browser = Browser::at(me.ground.base_url);
    let done = browser.sign_in(&me.user).expect("the server answers");
    done.assert_status(303);
    browser
}

/// What the token endpoint answers the app, whether it gives tokens or not.
fn ask_for_token(me: &Changer<'_>, members: &[(&str, &str)]) -> Value {
    let reply = me.app.ask_for_token(me.ground.base_url, members);
    reply.expect("the server answers").assert_status(200).json()
}

fn text(answer: &Value, name: &str) -> String {
    let text = answer[name].as_str();
    text.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// The token in an answer of the token endpoint. The id of its authorization stands in the list.
fn read_token(me: &mut Changer<'_>, answer: &Value, facts: TokenFacts) -> Token {
    let token = text(answer, "access_token");
    let last_eight = &token[token.len() - 8..];
    let listed = me.ask("GET", "/authorizations?per_page=100", None);
    let listed = listed.assert_status(200).json();
    let listed = listed.as_array().expect("a list").iter();
    let mut of_token = listed.filter(|one| one["token_last_eight"] == *last_eight);
    let id = of_token.next().and_then(|one| one["id"].as_i64());
    let mut token = Token::new(token, id.expect("it is listed"), facts);
    token.is_of_app = true;
    token
}

fn let_in(me: &mut Changer<'_>) -> LetIn {
    let mut browser = browser(me);
    let allowed = browser.allow(&me.app, &SCOPES.join("%20"));
    let code = allowed.expect("the server answers").code();
    let facts = TokenFacts::new(me);
    let answer = me.lift(EXCHANGE, &facts.all(), |me| {
        ask_for_token(me, &[("code", &code)])
    });
    LetIn {
        browser,
        code,
        token: read_token(me, &answer, facts),
        refresh: text(&answer, "refresh_token"),
    }
}

fn revoke(me: &Changer<'_>, token: &str) {
    let reply = me.app.ask(me.ground.base_url, REVOKE, &[("token", token)]);
    reply.expect("the server answers").assert_status(200);
}

fn give_back_by_the_access_token(me: &mut Changer<'_>) {
    let LetIn { token, .. } = let_in(me);
    end_for_good(me, "POST /login/oauth/revoke", &token, |me| {
        revoke(me, &token.text);
    });
}

fn give_back_by_the_refresh_token(me: &mut Changer<'_>) {
    let LetIn { token, refresh, .. } = let_in(me);
    let change = "POST /login/oauth/revoke, the refresh token";
    end_for_good(me, change, &token, |me| revoke(me, &refresh));
}

/// The access token ends with each refresh, and all with a refresh token that comes again.
fn refresh_and_repeat(me: &mut Changer<'_>) {
    let LetIn {
        mut token,
        refresh: first,
        ..
    } = let_in(me);
    let mut refresh = first.clone();
    for _ in 0..2 {
        let probes = token.probes(me);
        me.watch(&probes);
        let change = "POST /login/oauth/access_token, refresh_token";
        let answer = me.end(change, &[&token.facts.text], |me| refreshed(me, &refresh));
        me.ground.board.bury(&probes);
        refresh = text(&answer, "refresh_token");
        let facts = TokenFacts {
            text: me.new_fact("successor"),
            authorization: token.facts.authorization.clone(),
            scope: token.facts.scope.clone(),
        };
        // The answer that told of the end told of the successor, too.
        facts.text.hold_from(me.ground.board.now());
        token = read_token(me, &answer, facts);
    }
    let change = "POST /login/oauth/access_token, refresh_token again";
    end_for_good(me, change, &token, |me| {
        assert_eq!(refreshed(me, &first)["error"], "bad_refresh_token");
    });
}

fn refreshed(me: &Changer<'_>, refresh: &str) -> Value {
    let members = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    ask_for_token(me, &members)
}

/// Whoever brings a code a second time, for another address, has it from elsewhere.
fn bring_a_code_elsewhere(me: &mut Changer<'_>) {
    let LetIn { token, code, .. } = let_in(me);
    let change = "POST /login/oauth/access_token, the code again";
    end_for_good(me, change, &token, |me| {
        let elsewhere = ("redirect_uri", "http://app.example.org/elsewhere");
        let answer = ask_for_token(me, &[("code", &code), elsewhere]);
        assert_eq!(answer["error"], "bad_verification_code");
    });
}

fn end_on_the_page(me: &mut Changer<'_>) {
    let LetIn {
        mut browser, token, ..
    } = let_in(me);
    end_grant(me, &mut browser, &token);
}

fn end_grant(me: &mut Changer<'_>, browser: &mut Browser, token: &Token) {
    let id = &me.app.client_id;
    let path = format!("/settings/connections/applications/{id}/revoke");
    let page = browser.get(&path).expect("the server answers");
    let change = "POST /settings/connections/applications/{client_id}/revoke";
    end_for_good(me, change, token, |_| {
        let done = browser.submit(page.assert_status(200), &path, &[]);
        done.expect("the server answers").assert_status(303);
    });
}

fn end_what_a_device_got(me: &mut Changer<'_>) {
    if me.devices == DEVICES {
        return;
    }
    me.devices += 1;
    let scope = SCOPES.join(" ");
    let asked = me.app.ask(
        me.ground.base_url,
        "/login/device/code",
        &[("scope", &scope)],
    );
    let asked = asked.expect("the server answers");
    let asked = asked.assert_status(200).json();
    let mut browser = browser(me);
    let allowed = browser.allow_device(&text(&asked, "user_code"));
    allowed.expect("the server answers").assert_status(303);
    let code = text(&asked, "device_code");
    let facts = TokenFacts::new(me);
    let answer = me.lift("a poll of a device", &facts.all(), |me| {
        ask_for_token(me, &[("grant_type", DEVICE_GRANT), ("device_code", &code)])
    });
    let token = read_token(me, &answer, facts);
    end_grant(me, &mut browser, &token);
}

/// One of two secrets ends, and the other one goes on.
fn end_a_secret(me: &mut Changer<'_>) {
    let LetIn { token, .. } = let_in(me);
    let second = me.new_fact("second client secret");
    let id = me.app.client_id.clone();
    let made = me.lift("counterfoil app secret create", &[&second], |me| {
        me.command(&["app", "secret", "create", &id])
    });
    let first = (me.app.client_secret.clone(), me.secret.clone());
    me.app.client_secret = text(&made, "client_secret");
    me.secret = second.clone();
    let by_second: Vec<_> = token
        .probes(me)
        .into_iter()
        .filter(|probe| probe.facts.contains(&second))
        .collect();
    assert_eq!(by_second.len(), 1, "the app asks about its token");
    me.watch(&by_second);
    let number = made["id"].to_string();
    me.end("counterfoil app secret end", &[&second], |me| {
        me.run(&["app", "secret", "end", &id, &number]);
    });
    me.ground.board.bury(&by_second);
    (me.app.client_secret, me.secret) = first;
    end_for_good(me, "POST /login/oauth/revoke", &token, |me| {
        revoke(me, &token.text);
    });
}

//! hub4j's `github-api`, as Jenkins and Gerrit's plugins use it, and `EGit`'s client
//! (`org.eclipse.egit.github.core` 2), through a program of ours (`java/`), both in one Java
//! machine.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use counterfoil_testkit::installed;
use counterfoil_testkit::process::Running;
use serde_json::{Value, json};

use super::driver::{Answer, Driver, one_time_password};
use super::installation::{Installation, LOGIN, PASSWORD, text};
use super::organization::{CAREFUL, MEMBER, ORG, OWNER, Organization, STRANGER};

const HUB4J: &str = "hub4j";
const EGIT: &str = "egit";

/// The one Java machine, of which the tests ask one call after the other, each about a server of
/// its own. It starts with the first call and ends with this process, which closes what it reads
/// from. Where it fails, so does the test whose call it was, and the next one gets another.
static MACHINE: Mutex<Option<Driver>> = Mutex::new(None);

fn start_machine() -> Driver {
    let mut java = Command::new(installed::tool("java"));
    // Little of its time goes into becoming fast.
    java.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"])
        .arg(installed::java_class_path())
        .arg("Main");
    Driver::spawn(&mut java)
}

/// A server, as the clients in Java are told of it.
struct Java {
    base_url: String,
}

impl Java {
    fn to(server: &Running) -> Self {
        Self {
            base_url: server.api_url(),
        }
    }

    fn call(&self, client: &str, method: &str, by: &Value, parameters: &Value) -> Answer {
        let mut call = parameters.clone();
        call["base_url"] = json!(self.base_url);
        call["client"] = json!(client);
        call["method"] = json!(method);
        call["as"] = by.clone();
        // A start that failed leaves none, which is as good as before.
        let mut machine = MACHINE.lock().unwrap_or_else(PoisonError::into_inner);
        let line = machine.get_or_insert_with(start_machine).exchange(&call);
        if line.is_err() {
            *machine = None;
        }
        // What follows may end this test, and the others go on.
        drop(machine);
        Answer::new(&call, line)
    }

    fn get(&self, client: &str, method: &str, by: &Value, parameters: &Value) -> Value {
        let answer = self.call(client, method, by, parameters);
        assert_eq!(answer.status, 200, "{client} {method}: {answer:?}");
        answer.data
    }
}

fn by_password() -> Value {
    json!({ "login": LOGIN, "password": PASSWORD })
}

fn by(token: &str) -> Value {
    json!({ "token": token })
}

fn nobody() -> Value {
    json!({})
}

#[test]
fn hub4j_knows_the_server_and_whose_credentials_are_good() {
    let scene = Organization::new();
    let java = Java::to(&scene.server);
    let none = json!({});
    let (good, bad) = (by(&scene.token(MEMBER, "read:org")), by("no such token"));
    assert_eq!(java.get(HUB4J, "checkApiUrlValidity", &good, &none), true);
    assert_eq!(
        java.get(HUB4J, "checkApiUrlValidity", &nobody(), &none),
        true
    );
    // It takes a 401 with GitHub's media type for a server that it may not look at.
    let refused = java.call(HUB4J, "checkApiUrlValidity", &bad, &none);
    assert!(
        refused.message.contains("private mode enabled"),
        "{refused:?}"
    );
    assert_eq!(java.get(HUB4J, "isCredentialValid", &good, &none), true);
    assert_eq!(java.get(HUB4J, "isCredentialValid", &bad, &none), false);
    assert_eq!(
        java.get(HUB4J, "isCredentialValid", &by_password(), &none),
        true
    );
    assert_eq!(java.get(HUB4J, "getMyself", &good, &none), MEMBER);
}

#[test]
fn hub4j_makes_tokens_with_a_code_and_for_an_app() {
    let installation = Installation::new();
    let secret = installation.enable_two_factor();
    let server = installation
        .program
        .with_environment("COUNTERFOIL_LEGACY_TOKEN_URLS", "true");
    let server = server.start_serve(&[]);
    let java = Java::to(&server);
    let wanted = json!({ "scopes": ["repo"], "note": "jenkins" });
    let refused = java.call(HUB4J, "createToken", &by_password(), &wanted);
    assert_eq!(refused.kind, "GHOTPRequiredException", "{refused:?}");
    let mut with_code = wanted.clone();
    with_code["code"] = json!(one_time_password(&secret));
    let made = java.get(HUB4J, "createTokenWithCode", &by_password(), &with_code);
    assert_eq!(made["note"], "jenkins");
    let token = text(&made["token"]);
    assert_eq!(java.get(HUB4J, "getMyself", &by(&token), &json!({})), LOGIN);
    // A note is one token's.
    let again = java.call(HUB4J, "createTokenWithCode", &by_password(), &with_code);
    assert_eq!(again.status, 422, "{again:?}");
    assert!(again.message.contains("already_exists"), "{again:?}");
}

#[test]
fn hub4j_gets_or_creates_checks_and_resets_the_token_of_an_app() {
    let installation = Installation::new();
    let server = installation
        .program
        .with_environment("COUNTERFOIL_LEGACY_TOKEN_URLS", "true");
    let server = server.start_serve(&[]);
    let java = Java::to(&server);
    let app = &installation.app;
    let wanted = json!({
        "client_id": app.client_id, "client_secret": app.client_secret, "scopes": ["repo"], "note": "gerrit",
    });
    let made = java.get(HUB4J, "createOrGetAuth", &by_password(), &wanted);
    let first = text(&made["token"]);
    assert_eq!(first.len(), 40, "{made}");
    let got = java.get(HUB4J, "createOrGetAuth", &by_password(), &wanted);
    assert_eq!((&got["id"], &got["token"]), (&made["id"], &json!("")));

    let by_app = json!({ "login": app.client_id, "password": app.client_secret });
    let of = |token: &str| json!({ "client_id": app.client_id, "token": token });
    let checked = java.get(HUB4J, "checkAuth", &by_app, &of(&first));
    assert_eq!(checked["id"], made["id"]);
    let reset = java.get(HUB4J, "resetAuth", &by_app, &of(&first));
    let second = text(&reset["token"]);
    assert_ne!(second, first);
    assert_eq!(
        java.call(HUB4J, "checkAuth", &by_app, &of(&first)).status,
        404
    );
    assert_eq!(
        java.get(HUB4J, "checkAuth", &by_app, &of(&second))["id"],
        made["id"]
    );
    let id = json!({ "id": made["id"] });
    java.get(HUB4J, "deleteAuth", &by_password(), &id);
    assert_eq!(
        java.call(HUB4J, "checkAuth", &by_app, &of(&second)).status,
        404
    );
}

#[test]
fn hub4j_tells_owners_from_members_and_the_suspended_from_the_rest() {
    let scene = Organization::new();
    let java = Java::to(&scene.server);
    let token = by(&scene.token(OWNER, "admin:org"));
    let of_role = |role: &str| json!({ "org": ORG, "role": role });
    let owners = java.get(HUB4J, "listMembersWithRole", &token, &of_role("admin"));
    assert_eq!(owners, json!([OWNER]));
    // It builds the addresses of a team from two ids.
    for (user, has_member) in [(MEMBER, true), (CAREFUL, false)] {
        let asked = json!({ "org": ORG, "team": "operators", "user": user });
        let team = java.get(HUB4J, "teamMembers", &token, &asked);
        let expected = json!({ "members": [OWNER, MEMBER], "has_member": has_member });
        assert_eq!(team, expected, "{user}");
    }
    let members = java.get(HUB4J, "listMembersWithRole", &token, &of_role("member"));
    assert_eq!(members, json!([MEMBER, CAREFUL]));
    let filter = json!({ "org": ORG, "filter": "2fa_disabled" });
    let careless = java.get(HUB4J, "listMembersWithFilter", &token, &filter);
    assert_eq!(careless, json!([OWNER, MEMBER]));
    let in_state = |state: &str| json!({ "state": state });
    let pending = java.get(HUB4J, "listOrgMemberships", &token, &in_state("PENDING"));
    assert_eq!(pending, json!([]));
    let active = java.get(HUB4J, "listOrgMemberships", &token, &in_state("ACTIVE"));
    assert_eq!(active, json!([format!("{ORG} ACTIVE ADMIN")]));

    let stranger = json!({ "user": STRANGER });
    assert_eq!(
        java.get(HUB4J, "getUser", &token, &stranger)["is_suspended"],
        false
    );
    let suspend = ["user", "suspend", STRANGER];
    scene.installation.program.command(&suspend, "").succeeded();
    assert_eq!(
        java.get(HUB4J, "getUser", &token, &stranger)["is_suspended"],
        true
    );
}

#[test]
fn egit_lists_makes_rescopes_and_deletes_tokens() {
    let installation = Installation::new();
    let server = installation.serve();
    let java = Java::to(&server);
    let me = by_password();
    let wanted = json!({ "note": "eclipse", "scopes": ["repo"] });
    let made = java.get(EGIT, "createAuthorization", &me, &wanted);
    assert_eq!(text(&made["token"]).len(), 40, "{made}");
    let with = |scopes: Value| json!({ "id": made["id"], "scopes": scopes });
    let scopes_after =
        |method: &str, scopes: Value| java.get(EGIT, method, &me, &with(scopes))["scopes"].take();
    assert_eq!(
        scopes_after("addScopes", json!(["gist"])),
        json!(["repo", "gist"])
    );
    assert_eq!(
        scopes_after("removeScopes", json!(["repo"])),
        json!(["gist"])
    );
    assert_eq!(scopes_after("setScopes", json!(["user"])), json!(["user"]));
    let listed = java.get(EGIT, "getAuthorizations", &me, &json!({}));
    assert_eq!(listed[0]["note"], "eclipse");
    assert_eq!(listed[0]["token"], "");
    let again = java.call(EGIT, "createAuthorization", &me, &wanted);
    assert_eq!(again.status, 422, "{again:?}");
    let id = json!({ "id": made["id"] });
    java.get(EGIT, "deleteAuthorization", &me, &id);
    assert_eq!(java.call(EGIT, "deleteAuthorization", &me, &id).status, 404);
}

#[test]
fn egit_asks_who_is_in_an_organization_and_its_teams() {
    let scene = Organization::new();
    let java = Java::to(&scene.server);
    let token = by(&scene.token(MEMBER, "read:org"));
    let mine = java.get(EGIT, "getOrganizations", &token, &json!({}));
    assert_eq!(mine, json!([ORG]));
    let org = json!({ "org": ORG });
    let members = java.get(EGIT, "getMembers", &token, &org);
    assert_eq!(members, json!([OWNER, MEMBER, CAREFUL]));
    let teams = java.get(EGIT, "teamMembers", &token, &org);
    assert_eq!(teams, json!({ "Operators": [OWNER, MEMBER] }));
    for (user, is_member) in [(MEMBER, true), (STRANGER, false)] {
        let asked = json!({ "org": ORG, "user": user });
        assert_eq!(
            java.get(EGIT, "isMember", &token, &asked),
            is_member,
            "{user}"
        );
    }
}

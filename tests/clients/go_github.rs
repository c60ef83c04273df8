//! go-github 89 as an app, as a site administrator and as an owner of an organization, through a
//! program of ours (`go_github/`).

use std::process::Command;

use counterfoil_testkit::installed;
use serde_json::{Value, json};

use super::driver::{Answer, Driver};
use super::installation::{Installation, LOGIN, text};
use super::organization::{CAREFUL, MEMBER, ORG, OWNER, Organization, STRANGER};

struct GoGithub(Driver);

impl GoGithub {
    fn connect(base_url: &str, installation: &Installation, user_token: &str) -> Self {
        let settings = json!({
            "base_url": base_url.trim_end_matches("/api/v3"),
            "client_id": installation.app.client_id,
            "client_secret": installation.app.client_secret,
            "user_token": user_token,
        });
        Self(Driver::run(
            &mut Command::new(installed::go_client()),
            &settings,
        ))
    }

    fn expect(&mut self, call: &Value, status: u64) -> Answer {
        let answer = self.0.call(call);
        assert_eq!(answer.status, status, "{call}: {answer:?}");
        answer
    }

    fn token(&mut self, method: &str, token: &str, status: u64) -> Answer {
        self.expect(&json!({ "method": method, "token": token }), status)
    }

    fn user(&mut self, method: &str, login: &str, status: u64) -> Answer {
        self.expect(&json!({ "method": method, "user": login }), status)
    }
}

fn token(installation: &Installation, arguments: &[&str]) -> String {
    let all = [&["token", "create"], arguments].concat();
    text(&installation.program.json(&all, "")["token"])
}

#[test]
fn go_github_checks_resets_and_revokes_as_an_app() {
    let installation = Installation::new();
    let server = installation.serve();
    let client_id = installation.app.client_id.clone();
    let arguments = [
        LOGIN, "--note", "go", "--scopes", "repo", "--app", &client_id,
    ];
    let mut client = GoGithub::connect(&server.api_url(), &installation, "");
    let first = token(&installation, &arguments);

    let checked = client.token("Check", &first, 200);
    assert_eq!(checked.data["token"], first.as_str());
    assert_eq!(checked.data["user"]["login"], LOGIN);
    let reset = client.token("Reset", &first, 200);
    assert_eq!(reset.data["id"], checked.data["id"]);
    let second = text(&reset.data["token"]);
    let gone = client.token("Check", &first, 404);
    assert_eq!(gone.message, "Not Found");
    client.token("Revoke", &second, 204);
    client.token("Revoke", &second, 404);

    let third = token(&installation, &arguments);
    client.token("DeleteGrant", &third, 204);
    client.token("Check", &third, 404);
}

#[test]
fn go_github_administers_and_impersonates() {
    let installation = Installation::new();
    installation
        .program
        .command(
            &["user", "create", "admin", "--admin", "--password-stdin"],
            "a password of theirs",
        )
        .succeeded();
    let token = token(
        &installation,
        &["admin", "--note", "go", "--scopes", "site_admin"],
    );
    let server = installation.serve();
    let mut client = GoGithub::connect(&server.api_url(), &installation, &token);

    let asked = json!({ "method": "CreateImpersonation", "user": LOGIN, "scopes": ["repo"] });
    let made = client.expect(&asked, 201);
    assert_eq!(made.data["app"]["name"], "GitHub Site Administrator");
    assert!(text(&made.data["token"]).starts_with("gho_"));
    let again = client.expect(&asked, 200);
    assert_eq!(again.data["id"], made.data["id"]);
    assert!(text(&again.data["token"]).starts_with("gho_"));
    assert_ne!(again.data["token"], made.data["token"]);
    client.user("DeleteImpersonation", LOGIN, 204);
    client.user("DeleteImpersonation", LOGIN, 404);

    let user = client.user("CreateUser", "octo_cat", 201);
    assert_eq!(user.data["login"], "octo-cat");
    client.user("Suspend", "octo-cat", 204);
    client.user("Unsuspend", "octo-cat", 204);
    client.user("PromoteSiteAdmin", "octo-cat", 204);
    client.user("DemoteSiteAdmin", "octo-cat", 204);
    client.user("DeleteUser", "octo-cat", 204);
    let refused = client.user("DemoteSiteAdmin", "admin", 403);
    assert_eq!(
        refused.message,
        "You can demote any user account except your own."
    );
}

#[test]
fn go_github_tells_owners_from_members_and_sees_who_is_suspended() {
    let scene = Organization::new();
    let token = scene.token(OWNER, "admin:org");
    let mut client = GoGithub::connect(&scene.server.api_url(), &scene.installation, &token);
    let mut members = |only: (&str, &str)| {
        let mut call = json!({ "method": "ListMembers", "org": ORG });
        call[only.0] = json!(only.1);
        let members = client.expect(&call, 200).data;
        let logins = members.as_array().expect("a list").iter();
        logins.map(|user| text(&user["login"])).collect::<Vec<_>>()
    };
    assert_eq!(members(("role", "admin")), [OWNER]);
    assert_eq!(members(("role", "member")), [MEMBER, CAREFUL]);
    assert_eq!(members(("role", "all")), [OWNER, MEMBER, CAREFUL]);
    assert_eq!(members(("filter", "2fa_disabled")), [OWNER, MEMBER]);

    let mut memberships = |state: &str| {
        let call = json!({ "method": "ListOrgMemberships", "state": state });
        client.expect(&call, 200).data
    };
    let active = memberships("active");
    assert_eq!(active[0]["organization"]["login"], ORG);
    assert_eq!(active[0]["state"], "active");
    assert_eq!(active[0]["role"], "admin");
    // Nobody can be invited.
    assert_eq!(memberships("pending"), json!([]));

    let (org_id, team_id) = scene.ids();
    let call =
        json!({ "method": "LookUpByID", "org_id": org_id, "team_id": team_id, "user": MEMBER });
    let found = client.expect(&call, 200).data;
    let expected = json!({
        "org": ORG, "plan": "enterprise", "team": "operators", "members": [OWNER, MEMBER], "role": "member", "public": 0,
    });
    assert_eq!(found, expected);

    let before = client.user("GetUser", STRANGER, 200);
    assert_eq!(before.data["suspended_at"], Value::Null);
    let suspend = ["user", "suspend", STRANGER];
    scene.installation.program.command(&suspend, "").succeeded();
    let after = client.user("GetUser", STRANGER, 200);
    assert!(after.data["suspended_at"].is_string(), "{after:?}");
}

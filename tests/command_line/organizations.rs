//! `counterfoil org` and `counterfoil team`

use counterfoil_testkit::process::{ApiClient, Person};
use serde_json::json;

use super::{Desk, PASSWORD, text};

/// acme with mona, who administers it, and hubot.
fn desk() -> Desk {
    let desk = Desk::with_user();
    desk.done(&["user", "create", "hubot"], PASSWORD);
    desk.done(&["org", "create", "acme", "--name", "Acme Corporation"], "");
    desk.done(&["org", "member", "add", "acme", "mona", "--admin"], "");
    desk.done(&["org", "member", "add", "acme", "hubot"], "");
    desk
}

#[test]
fn an_organization_is_made_shown_and_listed() {
    let desk = desk();
    let shown = desk.json(&["org", "show", "ACME"], "");
    assert_eq!(
        (&shown["login"], &shown["name"]),
        (&json!("acme"), &json!("Acme Corporation"))
    );
    let members = desk.json(&["org", "member", "list", "acme"], "");
    assert_eq!(shown["members"], members);
    assert_eq!(
        (&members[0]["login"], &members[0]["role"]),
        (&json!("mona"), &json!("admin"))
    );
    assert_eq!(
        (&members[1]["login"], &members[1]["role"]),
        (&json!("hubot"), &json!("member"))
    );
    let listed = desk.json(&["org", "list"], "");
    assert_eq!(listed[0]["id"], shown["id"]);
    let printed = desk.printed(&["org", "show", "acme"], "");
    assert!(
        printed.contains("admin    mona\n") && printed.contains("member   hubot\n"),
        "{printed}"
    );
}

#[test]
fn logins_of_users_and_organizations_are_of_one_space() {
    let desk = desk();
    let taken = "is taken, by a user or an organization; it stays taken when they are deleted, until `counterfoil user release";
    assert!(desk.refused(&["org", "create", "Mona"], "").contains(taken));
    assert!(
        desk.refused(&["user", "create", "acme"], PASSWORD)
            .contains("the login acme is taken")
    );
    let no_user = "there is no user acme; `counterfoil user list` shows all users";
    for command in [
        &["user", "show"][..],
        &["user", "suspend"],
        &["token", "list"],
    ] {
        let command = [command, &["acme"]].concat();
        assert_eq!(desk.refused(&command, ""), no_user, "{command:?}");
    }
    let create = ["token", "create", "acme", "--note", "x", "--scopes", "repo"];
    assert_eq!(desk.refused(&create, ""), no_user);
    let no_organization =
        "there is no organization mona; `counterfoil org list` shows all organizations";
    for command in [&["org", "show"][..], &["org", "delete"], &["team", "list"]] {
        let command = [command, &["mona"]].concat();
        assert_eq!(desk.refused(&command, ""), no_organization, "{command:?}");
    }
    let users = desk.json(&["user", "list"], "");
    assert_eq!(users.as_array().unwrap().len(), 2);
}

#[test]
fn a_member_changes_roles_and_leaves() {
    let desk = desk();
    let add = ["org", "member", "add", "acme", "mona"];
    assert_eq!(desk.done(&add, ""), "made mona a member of acme\n");
    assert_eq!(desk.done(&add, ""), "mona was a member of acme before\n");
    let remove = ["org", "member", "remove", "acme", "mona"];
    assert_eq!(
        desk.done(&remove, ""),
        "took mona out of acme and its teams\n"
    );
    assert_eq!(desk.refused(&remove, ""), "mona is not a member of acme");
    assert_eq!(
        desk.refused(&["org", "member", "add", "acme", "nobody"], ""),
        "there is no user nobody; `counterfoil user list` shows all users"
    );
}

#[test]
fn a_team_is_known_by_its_slug() {
    let desk = desk();
    let added = desk.json(&["team", "create", "acme", "Site Reliability"], "");
    assert_eq!(added["slug"], "site-reliability");
    assert_eq!(
        desk.refused(&["team", "create", "acme", "site_reliability"], ""),
        "acme has a team site-reliability; choose another name: the slug is made of its letters and digits"
    );
    desk.mistyped(&["team", "create", "acme", "!"], "");
    let put = ["team", "member", "add", "acme", "site-reliability", "hubot"];
    assert_eq!(
        desk.done(&put, ""),
        "put hubot into team site-reliability of acme\n"
    );
    let listed = desk.json(&["team", "list", "acme"], "");
    assert_eq!(
        (&listed[0]["name"], &listed[0]["members"]),
        (&json!("Site Reliability"), &json!(1))
    );
    let members = ["team", "member", "list", "acme", "SITE-reliability"];
    assert_eq!(desk.json(&members, "")[0]["login"], "hubot");
    desk.done(&["user", "create", "stranger"], PASSWORD);
    let stranger = [
        "team",
        "member",
        "add",
        "acme",
        "site-reliability",
        "stranger",
    ];
    assert_eq!(
        desk.refused(&stranger, ""),
        "stranger is not a member of acme; `counterfoil org member add acme stranger` makes one"
    );
    assert_eq!(
        desk.refused(&["team", "delete", "acme", "design", "--yes"], ""),
        "there is no team design in acme; `counterfoil team list acme` shows its teams"
    );
    let remove = [
        "team",
        "member",
        "remove",
        "acme",
        "site-reliability",
        "hubot",
    ];
    desk.done(&remove, "");
    assert_eq!(
        desk.refused(&remove, ""),
        "hubot is not in team site-reliability of acme"
    );
    let delete = ["team", "delete", "acme", "site-reliability", "--yes"];
    assert_eq!(
        desk.done(&delete, ""),
        "deleted team site-reliability of acme with 0 memberships\n"
    );
}

#[test]
fn a_deleted_organization_takes_its_teams_along_and_keeps_its_login() {
    let desk = desk();
    desk.done(&["team", "create", "acme", "Design"], "");
    desk.done(&["team", "member", "add", "acme", "design", "mona"], "");
    assert_eq!(
        desk.done(&["org", "delete", "acme", "--yes"], ""),
        "deleted organization acme with 2 memberships, 1 team and 0 apps\n"
    );
    desk.refused(&["org", "show", "acme"], "");
    desk.refused(&["org", "create", "acme"], "");
    desk.done(&["user", "release", "acme"], "");
    desk.done(&["org", "create", "acme"], "");
    assert_eq!(desk.json(&["org", "member", "list", "acme"], ""), json!([]));
    assert_eq!(desk.json(&["team", "list", "acme"], ""), json!([]));
}

#[test]
fn each_change_leaves_an_event() {
    let desk = desk();
    for command in [
        &["team", "create", "acme", "Design"][..],
        &["team", "member", "add", "acme", "design", "hubot"],
        &["team", "member", "remove", "acme", "design", "hubot"],
        &["team", "delete", "acme", "design", "--yes"],
        &["org", "member", "remove", "acme", "hubot"],
        &["org", "delete", "acme", "--yes"],
    ] {
        desk.done(command, "");
    }
    let events = desk.events();
    let actions = events.iter();
    let actions: Vec<_> = actions.map(|event| text(&event["action"])).collect();
    assert_eq!(
        actions[actions.len() - 9..],
        [
            "organization.created",
            "organization.member_added",
            "organization.member_added",
            "team.created",
            "team.member_added",
            "team.member_removed",
            "team.deleted",
            "organization.member_removed",
            "organization.deleted",
        ]
    );
}

#[test]
fn a_running_server_knows_of_a_change_once_the_command_is_done() {
    let desk = desk();
    let create = [
        "token", "create", "mona", "--note", "x", "--scopes", "read:org",
    ];
    let token = text(&desk.json(&create, "")["token"]);
    let server = desk.program.start_serve(&[]);
    let mut mona = ApiClient::with_token(&server.base_url, &token).expect("a connection");
    let mut is_member = |login: &str| {
        let path = format!("/orgs/acme/members/{login}");
        mona.must("GET", &path, None).status
    };
    assert_eq!(is_member("hubot"), 204);
    desk.done(&["org", "member", "remove", "acme", "hubot"], "");
    assert_eq!(is_member("hubot"), 404);
    desk.done(&["org", "member", "add", "acme", "hubot"], "");
    assert_eq!(is_member("hubot"), 204);
    // From outside nothing is seen, and an organization does not sign in.
    desk.done(&["org", "member", "remove", "acme", "mona"], "");
    assert_eq!(is_member("hubot"), 302);
    let acme = Person::new("acme", PASSWORD);
    let mut acme = acme.connect(&server.base_url).expect("a connection");
    assert_eq!(acme.must("GET", "/user", None).status, 401);
}

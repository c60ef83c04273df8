//! Scopes as requests ask for them and bodies show them (wire contract, section 6).

use counterfoil_testkit::{Answer, World};
use serde_json::{Value, json};

fn scopes_of(answer: &Answer) -> Vec<String> {
    serde_json::from_value(answer.json()["scopes"].clone()).expect("a list of names")
}

#[tokio::test]
async fn a_scope_is_dropped_when_another_one_includes_it() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for (asked, shown) in [
        (vec!["user", "gist", "user:email"], vec!["user", "gist"]),
        (vec!["user:email", "gist", "user"], vec!["gist", "user"]),
        (
            vec!["read:org", "write:org", "admin:org"],
            vec!["admin:org"],
        ),
        (vec!["read:org", "admin:org"], vec!["admin:org"]),
        (
            vec![
                "public_repo",
                "repo:status",
                "repo_deployment",
                "repo:invite",
                "security_events",
                "repo",
            ],
            vec!["repo"],
        ),
        (
            vec!["read:packages", "delete:packages", "write:packages"],
            vec!["delete:packages", "write:packages"],
        ),
        (vec!["read:gpg_key", "write:gpg_key"], vec!["write:gpg_key"]),
        (
            vec!["read:public_key", "admin:public_key"],
            vec!["admin:public_key"],
        ),
        (
            vec!["admin:repo_hook", "read:repo_hook"],
            vec!["admin:repo_hook"],
        ),
        (
            vec!["read:ssh_signing_key", "write:ssh_signing_key"],
            vec!["write:ssh_signing_key"],
        ),
        (
            vec!["repo", "admin:repo_hook"],
            vec!["repo", "admin:repo_hook"],
        ),
        (vec!["gist", "repo", "gist"], vec!["gist", "repo"]),
        (
            vec!["site_admin", "admin:pre_receive_hook"],
            vec!["site_admin", "admin:pre_receive_hook"],
        ),
        (vec![], vec![]),
    ] {
        let created = mona.personal_token(&format!("{asked:?}"), &asked).await;
        assert_eq!(scopes_of(&created), shown, "{asked:?}");
        let found = mona.get(&format!("/authorizations/{}", created.id())).await;
        assert_eq!(scopes_of(&found), shown, "{asked:?}");
    }
}

#[tokio::test]
async fn bodies_keep_the_order_of_the_request_and_headers_sort() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let created = mona
        .personal_token("laptop", &["user", "admin:org", "gist", "public_repo"])
        .await;
    assert_eq!(
        scopes_of(&created),
        ["user", "admin:org", "gist", "public_repo"]
    );
    let user = world
        .anonymous()
        .get_with_token(&created.token(), "/user")
        .await;
    assert_eq!(
        user.header("x-oauth-scopes"),
        "admin:org, gist, public_repo, user"
    );
}

#[tokio::test]
async fn no_scopes_may_be_asked_for_in_three_ways() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for (note, scopes) in [("null", Value::Null), ("none", json!([]))] {
        let created = mona
            .post("/authorizations", json!({ "note": note, "scopes": scopes }))
            .await;
        assert_eq!(scopes_of(created.assert_status(201)), Vec::<String>::new());
    }
    let misspelt = mona
        .post(
            "/authorizations",
            json!({ "note": "misspelt", "scope": ["repo"] }),
        )
        .await;
    assert_eq!(scopes_of(misspelt.assert_status(201)), Vec::<String>::new());
}

#[tokio::test]
async fn unknown_scopes_are_named() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let held = mona.personal_token("held", &["repo"]).await;
    let path = format!("/authorizations/{}", held.id());
    let names = json!([
        "repo",
        "nope",
        "gist",
        "Repo",
        "nope",
        "user,gist",
        "",
        "gists",
        " repo"
    ]);
    let expected = json!([{
        "resource": "OauthAccess",
        "code": "custom",
        "field": "scopes",
        "message": "scopes are invalid: nope, Repo, user,gist, , gists,  repo",
    }]);
    for refused in [
        mona.post("/authorizations", json!({ "note": "new", "scopes": names }))
            .await,
        mona.post("/authorizations", app.with_pair(json!({ "scopes": names })))
            .await,
        mona.get_or_create(&app, json!({ "scopes": names })).await,
        mona.patch(&path, json!({ "scopes": names })).await,
        mona.patch(&path, json!({ "add_scopes": names })).await,
        mona.patch(&path, json!({ "remove_scopes": names })).await,
    ] {
        assert_eq!(refused.assert_status(422).json()["errors"], expected);
    }
    assert_eq!(mona.ids("/authorizations").await, [held.id()]);
    assert_eq!(scopes_of(&mona.get(&path).await), ["repo"]);
}

#[tokio::test]
async fn every_scope_of_the_contract_is_known() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let names = "site_admin admin:pre_receive_hook repo repo:status repo_deployment public_repo repo:invite security_events \
        workflow write:packages read:packages delete:packages admin:org write:org read:org manage_runners:org \
        admin:public_key write:public_key read:public_key admin:repo_hook write:repo_hook read:repo_hook admin:org_hook gist \
        notifications user read:user user:email user:follow delete_repo write:discussion read:discussion admin:enterprise \
        manage_runners:enterprise manage_billing:enterprise read:enterprise scim:enterprise audit_log read:audit_log project \
        read:project admin:gpg_key write:gpg_key read:gpg_key admin:ssh_signing_key write:ssh_signing_key \
        read:ssh_signing_key admin:business";
    for name in names.split_whitespace() {
        assert_eq!(scopes_of(&mona.personal_token(name, &[name]).await), [name]);
    }
    for name in [
        "codespace",
        "copilot",
        "offline_access",
        "write:network_configurations",
    ] {
        let refused = mona
            .post("/authorizations", json!({ "note": name, "scopes": [name] }))
            .await;
        refused.assert_status(422);
    }
}

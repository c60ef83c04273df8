//! `/admin/users`, and `/users/{username}/suspended` and `/users/{username}/site_admin`:
//! administrators make, rename, suspend, promote and delete users (wire contract, section 18).

use counterfoil_testkit::{GivenToken, TokenActor, UserActor, World};
use http::Method;
use serde_json::{Value, json};

async fn with_site_admin<'w>(world: &'w World, user: &UserActor<'w>) -> TokenActor<'w> {
    let given = GivenToken {
        scopes: &["site_admin", "user"],
        ..GivenToken::default()
    };
    let issued = world.issue_token(user, given).await;
    world.anonymous().with_token(issued.token.expose())
}

async fn administrator(world: &World) -> TokenActor<'_> {
    let user = world.administrator("admin").await;
    with_site_admin(world, &user).await
}

/// Every operation of administrators, with a body that would be taken.
fn operations() -> Vec<(Method, &'static str, Value)> {
    vec![
        (Method::GET, "/admin/tokens", Value::Null),
        (Method::DELETE, "/admin/tokens/1", Value::Null),
        (Method::POST, "/admin/users", json!({ "login": "new" })),
        (
            Method::PATCH,
            "/admin/users/mona",
            json!({ "login": "new" }),
        ),
        (Method::POST, "/admin/users/mona", json!({ "login": "new" })),
        (Method::DELETE, "/admin/users/mona", Value::Null),
        (
            Method::POST,
            "/admin/users/mona/authorizations",
            json!({ "scopes": [] }),
        ),
        (
            Method::DELETE,
            "/admin/users/mona/authorizations",
            Value::Null,
        ),
        (Method::PUT, "/users/mona/site_admin", Value::Null),
        (Method::DELETE, "/users/mona/site_admin", Value::Null),
        (Method::PUT, "/users/mona/suspended", Value::Null),
        (Method::DELETE, "/users/mona/suspended", Value::Null),
    ]
}

#[tokio::test]
async fn a_token_of_an_ordinary_user_that_carries_site_admin_opens_nothing() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let carrying = with_site_admin(&world, &mona).await;
    let before = world.events().await.len();
    for (method, path, body) in operations() {
        let answer = carrying
            .request(method.clone(), path)
            .json(&body)
            .send()
            .await;
        assert_eq!(
            answer.assert_status(404).message(),
            "Not Found",
            "{method} {path}"
        );
    }
    assert_eq!(world.events().await.len(), before);
}

#[tokio::test]
async fn an_administrator_needs_a_token_with_the_scope() {
    let world = World::new().await;
    let admin = world.administrator("admin").await;
    world.user("mona").await;
    let given = GivenToken {
        scopes: &["repo", "user", "admin:enterprise", "admin:org"],
        ..GivenToken::default()
    };
    let without = world.issue_token(&admin, given).await;
    let without = world.anonymous().with_token(without.token.expose());
    for (method, path, body) in operations() {
        let nobody = world.anonymous().request(method.clone(), path).json(&body);
        nobody.send().await.assert_status(401);
        let lacking = without
            .request(method.clone(), path)
            .json(&body)
            .send()
            .await;
        assert_eq!(
            lacking.assert_status(404).header("x-accepted-oauth-scopes"),
            ""
        );
        assert!(
            lacking
                .header("x-oauth-scopes")
                .contains("admin:enterprise")
        );
        // A password proves who it is, and opens nothing here.
        let password = admin.request(method, path).json(&body).send().await;
        password.assert_status(404);
    }
}

#[tokio::test]
async fn a_user_is_made_without_a_password() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    let made = admin
        .post(
            "/admin/users",
            json!({ "login": "mona", "email": "mona@example.com" }),
        )
        .await;
    assert_answer!(made);
    let shown = world.anonymous().get("/users/mona").await;
    shown.assert_status(200);
    // Nobody signs in without a password, not even with an empty one.
    for password in ["", "mona's password"] {
        let request = world
            .anonymous()
            .request(Method::GET, "/user")
            .basic("mona", password);
        request.send().await.assert_status(401);
    }
}

#[tokio::test]
async fn a_login_is_brought_into_form_as_documented() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    for (wanted, made) in [
        ("octo_cat", "octo-cat"),
        ("__a.b__", "a-b"),
        ("Mona", "Mona"),
    ] {
        let answer = admin.post("/admin/users", json!({ "login": wanted })).await;
        assert_eq!(answer.assert_status(201).json()["login"], made);
    }
    for impossible in ["", "_", "日本", &"x".repeat(40)] {
        let refused = admin
            .post("/admin/users", json!({ "login": impossible }))
            .await;
        let error = refused.assert_status(422).json()["errors"][0].clone();
        assert_eq!(
            error,
            json!({ "resource": "User", "code": "invalid", "field": "login" })
        );
    }
}

#[tokio::test]
async fn a_login_or_address_that_is_taken_is_refused() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    world.user("mona").await;
    for (body, field) in [
        (json!({ "login": "MONA" }), "login"),
        (
            json!({ "login": "hubot", "email": "Mona@example.com" }),
            "email",
        ),
    ] {
        let refused = admin.post("/admin/users", body).await;
        let error = refused.assert_status(422).json()["errors"][0].clone();
        assert_eq!(
            error,
            json!({ "resource": "User", "code": "already_exists", "field": field })
        );
    }
    let refused = admin
        .post(
            "/admin/users",
            json!({ "login": "hubot", "email": "no address" }),
        )
        .await;
    assert_eq!(
        refused.assert_status(422).json()["errors"][0]["field"],
        "email"
    );
    world
        .anonymous()
        .get("/users/hubot")
        .await
        .assert_status(404);
}

#[tokio::test]
async fn a_user_may_start_out_suspended() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    let made = admin
        .post(
            "/admin/users",
            json!({ "login": "mona", "suspended": true }),
        )
        .await;
    made.assert_status(201);
    let path = "/admin/users/mona/authorizations";
    admin
        .post(path, json!({ "scopes": [] }))
        .await
        .assert_status(422);
    admin
        .delete("/users/mona/suspended")
        .await
        .assert_status(204);
    admin
        .post(path, json!({ "scopes": [] }))
        .await
        .assert_status(201);
}

#[tokio::test]
async fn bodies_about_users_are_checked() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    world.user("mona").await;
    for (body, complaint) in [
        (json!({}), "\"login\" wasn't supplied."),
        (
            json!({ "login": null }),
            "For 'properties/login', nil is not a string.",
        ),
        (
            json!({ "login": 1 }),
            "For 'properties/login', 1 is not a string.",
        ),
    ] {
        let message = format!("Invalid request.\n\n{complaint}");
        let refused = admin.post("/admin/users", body.clone()).await;
        assert_eq!(refused.assert_status(422).message(), message);
        let refused = admin.patch("/admin/users/mona", body).await;
        assert_eq!(refused.assert_status(422).message(), message);
    }
    let refused = admin
        .post("/admin/users", json!({ "login": "x", "suspended": "yes" }))
        .await;
    let message = "Invalid request.\n\nFor 'properties/suspended', \"yes\" is not a boolean.";
    assert_eq!(refused.assert_status(422).message(), message);
    for method in [Method::PUT, Method::DELETE] {
        let reason = json!({ "reason": 1 });
        let request = admin
            .request(method.clone(), "/users/mona/suspended")
            .json(&reason);
        request.send().await.assert_status(422);
        let null = admin
            .request(method, "/users/mona/suspended")
            .bytes(b"null");
        null.send().await.assert_status(204);
    }
}

#[tokio::test]
async fn a_user_is_renamed_at_once_and_the_old_login_stays_taken() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &["user"]).await.token();
    mona.get("/user").await.assert_status(200);
    let before = world.events().await.len();
    let renamed = admin
        .patch("/admin/users/mona", json!({ "login": "lisa" }))
        .await;
    assert_eq!(
        renamed.assert_status(202).json(),
        json!({
            "message": "Job queued to rename user. It may take a few minutes to complete.",
            "url": format!("http://counterfoil.test/api/v3/user/{}", mona.account.id),
        })
    );
    let shown = world.anonymous().get_with_token(&token, "/user").await;
    assert_eq!(shown.assert_status(200).json()["login"], "lisa");
    assert_eq!(shown.json()["id"], mona.account.id.0);
    mona.get("/user").await.assert_status(401);
    mona.named("lisa").get("/user").await.assert_status(200);
    world
        .anonymous()
        .get("/users/mona")
        .await
        .assert_status(404);
    let events = world.events().await.split_off(before);
    assert_eq!(events[0].action, "user.renamed");

    for body in [json!({ "login": "mona" }), json!({ "login": "Mona" })] {
        let refused = admin.post("/admin/users", body).await;
        assert_eq!(
            refused.assert_status(422).json()["errors"][0]["code"],
            "already_exists"
        );
    }
    let login = &mona.account.login;
    world
        .authority
        .release_login(login, &World::operator())
        .await
        .unwrap();
    admin
        .post("/admin/users", json!({ "login": "mona" }))
        .await
        .assert_status(201);
    assert_eq!(
        world.store.check_integrity().await.unwrap(),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_rename_to_other_capitals_takes_nothing_and_one_to_a_taken_login_is_refused() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    world.user("mona").await;
    world.user("hubot").await;
    admin
        .patch("/admin/users/mona", json!({ "login": "MoNa" }))
        .await
        .assert_status(202);
    assert_eq!(
        world.anonymous().get("/users/mona").await.json()["login"],
        "MoNa"
    );
    admin
        .patch("/admin/users/mona", json!({ "login": "mona" }))
        .await
        .assert_status(202);
    let before = world.events().await.len();
    admin
        .patch("/admin/users/mona", json!({ "login": "mona" }))
        .await
        .assert_status(202);
    assert_eq!(world.events().await.len(), before, "nothing changed");
    let refused = admin
        .patch("/admin/users/mona", json!({ "login": "HUBOT" }))
        .await;
    assert_eq!(
        refused.assert_status(422).json()["errors"][0]["field"],
        "login"
    );
    admin
        .patch("/admin/users/nobody", json!({ "login": "new" }))
        .await
        .assert_status(404);
}

#[tokio::test]
async fn suspending_ends_what_a_user_may_until_it_is_lifted() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &["user"]).await.token();
    let before = world.events().await.len();
    for _ in 0..2 {
        admin.put("/users/mona/suspended").await.assert_status(204);
    }
    let refused = world.anonymous().get_with_token(&token, "/user").await;
    let message = "Sorry. Your account was suspended.";
    assert_eq!(refused.assert_status(403).message(), message);
    mona.get("/user").await.assert_status(403);
    for _ in 0..2 {
        admin
            .delete("/users/mona/suspended")
            .await
            .assert_status(204);
    }
    world
        .anonymous()
        .get_with_token(&token, "/user")
        .await
        .assert_status(200);
    let actions = world.audit_actions().await.split_off(before);
    assert_eq!(
        actions,
        ["user.suspended", "sign_in.suspended", "user.unsuspended"]
    );
}

#[tokio::test]
async fn a_deleted_user_is_gone_with_all_tokens() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &["user"]).await.token();
    admin.delete("/admin/users/mona").await.assert_status(204);
    world
        .anonymous()
        .get_with_token(&token, "/user")
        .await
        .assert_status(401);
    admin.delete("/admin/users/mona").await.assert_status(404);
    admin.put("/users/mona/suspended").await.assert_status(404);
}

#[tokio::test]
async fn nobody_does_it_to_the_own_account() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    let before = world.events().await.len();
    for (method, path, verb) in [
        (Method::PUT, "/users/admin/suspended", "suspend"),
        (Method::DELETE, "/users/ADMIN/site_admin", "demote"),
        (Method::DELETE, "/admin/users/Admin", "delete"),
    ] {
        let refused = admin.request(method, path).send().await;
        let message = format!("You can {verb} any user account except your own.");
        assert_eq!(refused.assert_status(403).message(), message);
    }
    assert_eq!(world.events().await.len(), before);
    admin
        .put("/users/admin/site_admin")
        .await
        .assert_status(204);
}

#[tokio::test]
async fn organizations_are_no_users() {
    let world = World::new().await;
    let admin = administrator(&world).await;
    world.organization("acme").await;
    for (method, path) in [
        (Method::PUT, "/users/acme/suspended"),
        (Method::PUT, "/users/acme/site_admin"),
        (Method::DELETE, "/admin/users/acme"),
    ] {
        admin.request(method, path).send().await.assert_status(404);
    }
    let wanted = json!({ "scopes": [] });
    admin
        .post("/admin/users/acme/authorizations", wanted)
        .await
        .assert_status(404);
    let refused = admin.post("/admin/users", json!({ "login": "acme" })).await;
    assert_eq!(
        refused.assert_status(422).json()["errors"][0]["field"],
        "login"
    );
}

//! `POST /api/graphql` (wire contract, section 29).

use std::fmt::Write as _;

use counterfoil_domain::organization::Role;
use counterfoil_testkit::{Answer, GivenToken, RequestBuilder, UserActor, World};
use http::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/graphql";

fn request(world: &World) -> RequestBuilder<'_> {
    world.anonymous().request_anywhere(Method::POST, PATH)
}

async fn token(world: &World, user: &UserActor<'_>, scopes: &[&str]) -> String {
    let given = GivenToken {
        scopes,
        ..GivenToken::default()
    };
    let issued = world.issue_token(user, given).await;
    issued.token.expose().to_owned()
}

async fn ask_with(world: &World, token: &str, body: &Value) -> Answer {
    let request = request(world).header("authorization", &format!("bearer {token}"));
    request.json(body).send().await
}

/// Asks as mona, with a token of these scopes.
async fn ask(scopes: &[&str], query: &str) -> Answer {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = token(&world, &mona, scopes).await;
    ask_with(&world, &token, &json!({ "query": query })).await
}

/// The first error of an answer without data.
fn refusal(answer: &Answer) -> String {
    let body = answer.assert_status(200).json();
    assert!(body.get("data").is_none(), "{body}");
    let errors = body["errors"].as_array().expect("a list");
    errors[0]["message"].as_str().expect("a text").to_owned()
}

#[tokio::test]
async fn the_answer_holds_exactly_what_was_selected() {
    let answer = ask(&[], "query UserCurrent{viewer{login}}").await;
    assert_eq!(
        answer.assert_status(200).text(),
        r#"{"data":{"viewer":{"login":"mona"}}}"#
    );
    assert_eq!(
        answer.header("content-type"),
        "application/json; charset=utf-8"
    );
    assert_eq!(
        answer.header("x-github-media-type"),
        "github.v4; format=json"
    );
    assert!(answer.has("x-oauth-scopes") && answer.header("x-oauth-scopes").is_empty());
}

#[tokio::test]
async fn plain_fields_are_those_of_the_api() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = token(&world, &mona, &["user"]).await;
    let query = "{viewer{id databaseId login name email url avatarUrl(size:40) createdAt updatedAt isSiteAdmin isViewer \
                 __typename}}";
    let asked = ask_with(&world, &token, &json!({ "query": query })).await;
    let viewer = &asked.assert_status(200).json()["data"]["viewer"];
    let user = mona.get("/user").await.json();
    assert_eq!(
        viewer,
        &json!({
            "id": user["node_id"],
            "databaseId": user["id"],
            "login": "mona",
            "name": null,
            "email": "mona@example.com",
            "url": user["html_url"],
            "avatarUrl": user["avatar_url"],
            "createdAt": user["created_at"],
            "updatedAt": user["updated_at"],
            "isSiteAdmin": false,
            "isViewer": true,
            "__typename": "User",
        })
    );
}

#[tokio::test]
async fn organizations_need_a_scope() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let organization = world.organization("acme").await;
    world.join(&organization, &mona, Role::Member).await;
    let query =
        "query($n:Int!){viewer{organizations(first:$n){totalCount nodes{login databaseId}}}}";
    let body = json!({ "query": query, "variables": { "n": 10 } });
    let may = token(&world, &mona, &["read:org"]).await;
    let answer = ask_with(&world, &may, &body).await;
    assert_eq!(
        answer.json()["data"]["viewer"]["organizations"],
        json!({ "totalCount": 1, "nodes": [{ "login": "acme", "databaseId": organization.id.0 }] })
    );
    let narrow = token(&world, &mona, &["repo"]).await;
    let refused = ask_with(&world, &narrow, &body).await.json();
    assert_eq!(refused["data"], Value::Null);
    let error = &refused["errors"][0];
    assert_eq!(error["type"], "INSUFFICIENT_SCOPES");
    assert_eq!(error["path"], json!(["viewer", "organizations"]));
    assert_eq!(
        error["message"],
        "Your token has not been granted the required scopes to execute this query. The 'organizations' field requires \
         one of the following scopes: ['read:org', 'user'], but your token has only been granted the: ['repo'] scopes. \
         Please modify your token's scopes at: http://counterfoil.test/settings/tokens."
    );
    let too_many = json!({ "query": query, "variables": { "n": 101 } });
    let refused = ask_with(&world, &may, &too_many).await.json();
    assert!(
        refused["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("from 1 to 100")
    );
}

#[tokio::test]
async fn the_address_needs_a_scope() {
    let refused = ask(&["repo"], "{viewer{login email}}").await.json();
    assert_eq!(refused["errors"][0]["type"], "INSUFFICIENT_SCOPES");
    let shown = ask(&["user:email"], "{viewer{email}}").await.json();
    assert_eq!(shown["data"]["viewer"]["email"], "mona@example.com");
}

#[tokio::test]
async fn a_field_that_does_not_exist_is_named() {
    let answer = ask(&[], "{viewer{login nope}}").await;
    assert_eq!(
        answer.assert_status(200).json(),
        json!({ "errors": [{
            "extensions": { "code": "undefinedField", "typeName": "User", "fieldName": "nope" },
            "locations": [{ "line": 1, "column": 15 }],
            "message": "Field 'nope' doesn't exist on type 'User'",
        }] })
    );
}

#[tokio::test]
async fn what_is_no_query_is_refused() {
    let message = "A query attribute must be specified and must be a string.";
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = token(&world, &mona, &[]).await;
    for body in [
        json!({}),
        json!({ "query": null }),
        json!({ "query": ["{viewer{login}}"] }),
    ] {
        assert_eq!(refusal(&ask_with(&world, &token, &body).await), message);
    }
    for query in [
        "",
        "{",
        "{viewer}",
        "viewer",
        "mutation{x}",
        "{viewer{login}}}",
        "\u{0}",
    ] {
        let answer = ask_with(&world, &token, &json!({ "query": query })).await;
        assert!(!refusal(&answer).is_empty(), "{query}");
    }
    let body = json!({ "query": "{viewer{login}}", "variables": [1] });
    assert_eq!(
        refusal(&ask_with(&world, &token, &body).await),
        "Variables must be an object."
    );
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let authorization = format!("token {}", token(&world, &mona, &[]).await);
    for (body, message) in [
        ("{viewer{login}}", "Problems parsing JSON"),
        ("[]", "Body should be a JSON object"),
    ] {
        let request = request(&world).header("authorization", &authorization);
        let answer = request.bytes(body.as_bytes()).send().await;
        assert_eq!(answer.assert_status(400).message(), message);
    }
}

#[tokio::test]
async fn only_tokens_count() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let body = json!({ "query": "{viewer{login}}" });
    let nobody = request(&world).json(&body).send().await;
    assert_eq!(
        nobody.assert_status(401).message(),
        "Requires authentication"
    );
    let by_password = request(&world).basic("mona", &mona.password);
    let by_password = by_password.json(&body).send().await;
    assert_eq!(by_password.assert_status(401).message(), "Bad credentials");
    let unknown = ask_with(&world, "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", &body).await;
    assert_eq!(unknown.assert_status(401).message(), "Bad credentials");
    let token = token(&world, &mona, &[]).await;
    for (login, password) in [("mona", token.as_str()), (&token, "x-oauth-basic")] {
        let basic = request(&world).basic(login, password).json(&body);
        let answer = basic.send().await.assert_status(200).json();
        assert_eq!(answer["data"]["viewer"]["login"], "mona");
    }
    // A password here was never tried, so nothing was counted.
    assert!(
        world
            .audit_actions()
            .await
            .iter()
            .all(|action| action != "sign_in.failed")
    );
}

#[tokio::test]
async fn other_methods_find_nothing() {
    let world = World::new().await;
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = world
            .anonymous()
            .request_anywhere(method.clone(), PATH)
            .send()
            .await;
        assert_eq!(answer.status, 404, "{method}");
        assert!(!answer.has("allow"));
    }
}

#[tokio::test]
async fn tools_may_ask_for_the_whole_schema() {
    let query = "query{__schema{queryType{name} types{kind name fields(includeDeprecated:true){name args{name type{...T}} \
                 type{...T}}}}} fragment T on __Type{kind name ofType{kind name ofType{kind name ofType{kind name}}}}";
    let answer = ask(&[], query).await.assert_status(200).json();
    assert_eq!(answer["data"]["__schema"]["queryType"]["name"], "Query");
    let types = answer["data"]["__schema"]["types"].to_string();
    for name in ["\"User\"", "\"URI\"", "\"DateTime\"", "\"Organization\""] {
        assert!(types.contains(name), "{name}");
    }
}

/// A query in which each fragment uses the next one twice.
fn doubling(levels: usize) -> String {
    let mut query = "{viewer{...F0}}".to_owned();
    for number in 0..levels {
        let next = number + 1;
        write!(query, "fragment F{number} on User{{...F{next} ...F{next}}}").expect("room");
    }
    write!(query, "fragment F{levels} on User{{login}}").expect("room");
    query
}

/// A query in which each fragment uses the next one three times, and the last one a fragment that
/// is not there.
fn tripling_to_nothing() -> String {
    let mut query = "{viewer{...F0}}".to_owned();
    for number in 0..22 {
        let next = format!("...F{}", number + 1);
        let uses = [next.as_str(); 3].join(" ");
        write!(query, "fragment F{number} on User{{{uses}}}").expect("room");
    }
    query.push_str("fragment F22 on User{...Nope}");
    query
}

/// Queries that are short and would be long to answer.
fn bombs() -> Vec<(&'static str, String)> {
    let aliases = |count: usize| {
        let fields: Vec<_> = (0..count)
            .map(|number| format!("a{number}:login"))
            .collect();
        format!("{{viewer{{{}}}}}", fields.join(" "))
    };
    let mut chain = "{viewer{...F0}}".to_owned();
    for number in 0..900 {
        let next = number + 1;
        write!(chain, "fragment F{number} on User{{...F{next}}}").expect("room");
    }
    let roots: Vec<_> = (0..10_000)
        .map(|number| format!("a{number}:viewer{{id}}"))
        .collect();
    vec![
        ("longer than", aliases(10_000)),
        ("more than", aliases(2_000)),
        ("longer than", format!("{{{}}}", roots.join(" "))),
        ("more than", format!("{{{}}}", roots[..1_500].join(" "))),
        (
            "deeper than",
            format!("{}login{}", "{viewer".repeat(5_000 / 7), "}".repeat(700)),
        ),
        ("deeper than", "{".repeat(30_000)),
        ("deeper than", format!("{{viewer(x:{}", "[".repeat(30_000))),
        (
            "deeper than",
            format!(
                "{{viewer{{{}login{}",
                "... on User{".repeat(30),
                "}".repeat(32)
            ),
        ),
        ("deeper than", doubling(40)),
        ("more than", doubling(12)),
        ("deeper than", chain),
        ("more than", tripling_to_nothing()),
        // Closing brackets in texts and comments close nothing.
        (
            "deeper than",
            format!("{{viewer(x:{}", "[\"]\"".repeat(5_000)),
        ),
        (
            "deeper than",
            format!("{{viewer(x:{}", "[\"\"\"]\"\"\"".repeat(3_000)),
        ),
        (
            "deeper than",
            format!("{{viewer(x:{}", "[#]\n".repeat(5_000)),
        ),
        (
            "infinite loop",
            "{viewer{...A}}fragment A on User{...B ...B}fragment B on User{...A ...A}".to_owned(),
        ),
        (
            "infinite loop",
            "{viewer{login}}fragment A on User{...A}".to_owned(),
        ),
    ]
}

#[tokio::test]
async fn queries_that_ask_for_too_much_are_refused_at_once() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = token(&world, &mona, &[]).await;
    for (number, (reason, query)) in bombs().into_iter().enumerate() {
        let answer = ask_with(&world, &token, &json!({ "query": query })).await;
        let refusal = refusal(&answer);
        assert!(refusal.contains(reason), "bomb {number}: {refusal}");
    }
}

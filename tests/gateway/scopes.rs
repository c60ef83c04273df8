//! `?scopes=`: what a check without a rule asks for.

use counterfoil_testkit::{GivenToken, World};

use super::{ask, challenge, verify};

#[tokio::test]
async fn all_scopes_are_needed_and_those_above_them_will_do() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona
        .personal_token("laptop", &["repo", "admin:org"])
        .await
        .token();
    for (scopes, status) in [
        ("repo", 200),
        ("public_repo", 200),
        ("repo,read:org", 200),
        ("repo%2Cread%3Aorg", 200),
        ("repo,repo", 200),
        ("gist", 403),
        ("repo,gist", 403),
        ("gist,repo", 403),
    ] {
        let answer = verify(&world, &format!("?scopes={scopes}"), &token).await;
        answer.assert_status(status);
    }
}

#[tokio::test]
async fn what_is_missing_is_said_in_the_challenge() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &["gist"]).await.token();
    let answer = verify(&world, "?scopes=repo,read:org", &token).await;
    assert_eq!(
        challenge(answer.assert_status(403)),
        "Bearer realm=\"Counterfoil\", error=\"insufficient_scope\", scope=\"repo read:org\""
    );
    assert_eq!(answer.text(), "The token lacks a scope that is needed.");
}

#[tokio::test]
async fn scopes_for_administrators_open_nothing_to_others() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let root = world.administrator("root").await;
    for (user, status) in [(&mona, 403), (&root, 200)] {
        let given = GivenToken {
            scopes: &["site_admin", "admin:enterprise"],
            ..GivenToken::default()
        };
        let token = world.issue_token(user, given).await.token;
        for scopes in ["site_admin", "read:enterprise"] {
            let target = format!("?scopes={scopes}");
            let answer = verify(&world, &target, token.expose()).await;
            answer.assert_status(status);
        }
    }
}

#[tokio::test]
async fn a_name_that_is_no_scope_admits_nobody() {
    let world = World::new().await;
    let root = world.administrator("root").await;
    let token = root
        .personal_token("everything", &["repo", "admin:org", "site_admin"])
        .await
        .token();
    for scopes in [
        "nope",
        "repo,nope",
        "nope,repo",
        "REPO",
        "repo%20",
        "repo%00",
        "%22repo",
        "*",
    ] {
        let target = format!("?scopes={scopes}");
        let answer = verify(&world, &target, &token).await;
        assert_eq!(
            challenge(answer.assert_status(403)),
            "Bearer realm=\"Counterfoil\", error=\"insufficient_scope\"",
            "{scopes}"
        );
        ask(&world, &target, &[]).await.assert_status(401);
    }
}

#[tokio::test]
async fn a_query_that_says_nothing_certain_is_refused_even_with_a_token() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &["repo"]).await.token();
    for query in [
        "scopes=",
        "scopes",
        "scopes=repo,",
        "scopes=,repo",
        "scopes=repo&scopes=repo",
        "scopes=repo&scopes=gist",
        "scopes=repo&%73copes=repo",
        "scope=repo",
        "Scopes=repo",
        "scopes=repo&rule=site",
        "scopes=repo&",
        "&scopes=repo",
        "scopes=%FF",
    ] {
        let answer = verify(&world, &format!("?{query}"), &token).await;
        answer.assert_status(400);
    }
    verify(&world, "?", &token).await.assert_status(200);
}

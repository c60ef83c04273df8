//! Lists of many, of none, and of what ended.

use counterfoil_testkit::World;

use super::{ENDED, LIST, NEW, Says as _, accepts, rows_of, signed_in, typed_in};

#[tokio::test]
async fn all_tokens_are_deleted_by_who_says_how_many_they_are() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let of_app = mona
        .app_token(&app, &["repo"])
        .await
        .assert_status(201)
        .token();
    let mut tokens = Vec::new();
    for name in ["one", "two", "three"] {
        let made = mona.personal_token(name, &[]).await;
        tokens.push(made.assert_status(201).token());
    }
    let all = "/settings/tokens/delete-all";
    let visitor = signed_in(&world, &mona).await;
    visitor.get(LIST).await.says("Delete all tokens…");
    for typed in ["", "2", "three", "-3", "33"] {
        let page = visitor.get(all).await;
        let refused = visitor.submit(&page, all, &[("count", typed)]).await;
        refused.assert_status(422);
        refused.says("Enter 3, the number of your tokens");
        assert_eq!(typed_in(&refused, "count"), typed);
    }
    for token in &tokens {
        assert!(accepts(&world, token).await);
    }
    let page = visitor.get(all).await;
    let done = visitor.submit(&page, all, &[("count", "3")]).await;
    let list = visitor.follow(&done).await;
    list.says("3 tokens were deleted.");
    list.says_not("Delete all tokens…");
    for token in &tokens {
        assert!(!accepts(&world, token).await);
    }
    assert!(accepts(&world, &of_app).await);
    // There is nothing to ask about any more.
    let led = visitor.get(all).await;
    assert_eq!(led.assert_status(303).header("location"), LIST);
}

#[tokio::test]
async fn a_list_of_many_has_pages_and_none_is_large() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    for number in 1..=61 {
        let name = format!("{number} {}", "a long name ".repeat(15));
        let made = mona
            .personal_token(&name, &["repo", "read:org", "gist", "user"])
            .await;
        made.assert_status(201);
    }
    let visitor = signed_in(&world, &mona).await;
    for (page, rows) in [(1, 30), (2, 30), (3, 1), (4, 0)] {
        let list = visitor.get(&format!("{LIST}?page={page}")).await;
        list.assert_status(200);
        list.says(&format!("Page {page} of 3"));
        assert_eq!(rows_of(&list), rows);
        assert!(list.body.len() < 60_000, "{}", list.body.len());
    }
    // What is no page is the first one.
    visitor
        .get(&format!("{LIST}?page=x"))
        .await
        .says("Page 1 of 3");
    let form = visitor.get(NEW).await;
    assert!(form.body.len() < 60_000, "{}", form.body.len());
}

#[tokio::test]
async fn a_token_that_an_app_lost_by_asking_for_too_many_is_listed_with_the_reason() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let first = mona
        .app_token(&app, &["repo"])
        .await
        .assert_status(201)
        .token();
    for _ in 0..10 {
        mona.app_token(&app, &["repo"]).await.assert_status(201);
    }
    let visitor = signed_in(&world, &mona).await;
    let ended = visitor.get(ENDED).await;
    ended.says("More than 10 tokens");
    ended.says("A token of <bdi>Deployer</bdi>");
    ended.says(&first[first.len() - 8..]);
    assert_eq!(rows_of(&ended), 1);
}

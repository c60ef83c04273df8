//! `/admin/tokens`: tokens are found by what is no token, and ended; a token that somebody pastes
//! is repeated nowhere.

use std::time::Duration;

use counterfoil_domain::app::ClientId;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::mail::{MailKind, MailWords};
use counterfoil_testkit::{Answer, GivenToken, UserActor, Visitor, World};
use data_encoding::BASE64;

use super::tokens::{Says as _, accepts, confirm, signed_in};
use crate::links::{sent, with_mail};

const SEARCH: &str = "/admin/tokens";

async fn administrator(world: &World) -> (UserActor<'_>, Visitor<'_>) {
    let root = world.administrator("root").await;
    let browser = signed_in(world, &root).await;
    (root, browser)
}

/// Looks for something by the form.
async fn search(browser: &Visitor<'_>, sought: &str, last_eight: &str) -> Answer {
    let page = browser.get(SEARCH).await;
    let typed = [("sought", sought), ("last_eight", last_eight)];
    browser.submit(&page, SEARCH, &typed).await
}

/// The same, for which there is a page.
async fn found(browser: &Visitor<'_>, sought: &str, last_eight: &str) -> Answer {
    let answer = search(browser, sought, last_eight).await;
    browser.follow(&answer).await
}

fn rows_of(answer: &Answer) -> usize {
    answer.text().matches("<th scope=\"row\"").count()
}

fn last_eight(token: &str) -> &str {
    &token[token.len() - 8..]
}

#[tokio::test]
async fn tokens_are_found_by_user_by_app_and_by_digest() {
    let world = World::for_browsers().await;
    let (_, browser) = administrator(&world).await;
    let (hubot, mona) = (world.user("hubot").await, world.user("mona").await);
    let app = world.app(&hubot, "Board").await;
    let personal = mona.personal_token("laptop", &["gist", "repo"]).await;
    let of_app = mona.app_token(&app, &["read:org"]).await.token();
    let ended = mona.personal_token("desk", &[]).await;
    let path = format!("/authorizations/{}", ended.id());
    mona.delete(&path).await.assert_status(204);
    hubot.personal_token("zebra", &[]).await;

    let page = found(&browser, " mona ", "").await;
    page.assert_status(200);
    assert_eq!(rows_of(&page), 3);
    page.says("3 tokens of the user mona")
        .says("laptop")
        .says("gist")
        .says("repo");
    page.says("Password API")
        .says("Board")
        .says("Deleted by its owner");
    page.says_not("zebra");
    // Of an app what lives, whosever.
    let page = found(&browser, &app.client_id, "").await;
    assert_eq!(rows_of(&page), 1);
    page.says("1 live token of the app")
        .says("read:org")
        .says("/admin/users/mona");
    let other = found(&browser, &app.client_id, "aaaaaaaa").await;
    other.says("No live token was found.");

    // By the last eight characters within a user or an app, whatever became of it.
    for (token, name) in [(personal.token(), "laptop"), (ended.token(), "desk")] {
        let page = found(&browser, "mona", last_eight(&token)).await;
        assert_eq!(rows_of(&page), 1);
        page.says(name);
        let none = found(&browser, "hubot", last_eight(&token)).await;
        none.says("No token was found.");
        let digest = SecretDigest::of(&token);
        let base_64 = BASE64.encode(digest.as_bytes());
        for written in [
            digest.to_hex(),
            digest.to_hex().to_uppercase(),
            base_64.trim_end_matches('=').to_owned(),
            base_64,
        ] {
            let page = found(&browser, &written, "").await;
            assert_eq!(rows_of(&page), 1, "{written}");
            page.says(name).says(&digest.to_hex());
        }
    }
    let page = found(&browser, &app.client_id, last_eight(&of_app)).await;
    assert_eq!(rows_of(&page), 1);
    let none = found(&browser, &SecretDigest::of("nothing").to_hex(), "").await;
    none.says("No token was found.");
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_said_and_kept_if_it_is_no_token() {
    let world = World::for_browsers().await;
    let (_, browser) = administrator(&world).await;
    let digest = SecretDigest::of("nothing").to_hex();
    let client_id = "ffffffffffffffffffff";
    ClientId::parse(client_id).expect("the form of one");
    for (sought, last_eight, said, kept) in [
        (
            "",
            "",
            "Enter a login, a client ID or the SHA-256 of a token",
            "",
        ),
        (
            "no login",
            "",
            "Enter a login, a client ID or the SHA-256 of a token",
            "",
        ),
        (
            "root",
            "short",
            "Enter the last eight characters of a token, or nothing",
            "root",
        ),
        (
            digest.as_str(),
            "aB3dE6g8",
            "a SHA-256 is that of one token",
            digest.as_str(),
        ),
    ] {
        let refused = search(&browser, sought, last_eight).await;
        refused.assert_status(422);
        refused.says("There is a problem").says(said);
        if !kept.is_empty() {
            refused.says(&format!("value=\"{kept}\""));
        }
    }
    for (sought, said) in [
        ("nobody", "There is no user of this login"),
        (client_id, "There is no app of this client ID"),
    ] {
        let none = search(&browser, sought, "").await;
        none.assert_status(422);
        none.says(said).says(&format!("value=\"{sought}\""));
        // Not even written by hand is it repeated in the links of a page.
        let none = browser.get(&format!("{SEARCH}?sought={sought}")).await;
        assert_eq!(none.header("location"), SEARCH);
    }
}

#[tokio::test]
async fn a_token_that_somebody_pastes_is_repeated_nowhere() {
    let world = World::for_browsers().await;
    let (root, browser) = administrator(&world).await;
    let token = world.issue_token(&root, GivenToken::default()).await.token;
    let token = token.expose();
    let cut = &token[..token.len() - 3];
    let with_blanks = format!(" {token} ");
    let hexadecimal = "0123456789abcdef".repeat(3)[..40].to_owned();
    let (_, body) = token.split_once('_').expect("it has a prefix");
    for pasted in [token, cut, &with_blanks, &hexadecimal, body] {
        let refused = search(&browser, pasted, "").await;
        refused.assert_status(422);
        refused.says("That is a token. Search by its SHA-256.");
        refused.says_not(pasted.trim());
        let refused = search(&browser, "root", pasted).await;
        refused.assert_status(422);
        refused.says_not(pasted.trim());
    }
    // What is left of one may look like a login, of which no user is there to be led to.
    let rest = search(&browser, &body[..30], "").await;
    rest.assert_status(422);
    rest.says("There is no user of this login");
    // Nor where the form is too old, or has no token of its own.
    let typed = [("sought", token), ("last_eight", token), ("csrf", "old")];
    let again = browser.post(SEARCH, &typed).await;
    again.assert_status(403);
    again.says("send it again").says_not(token);
    // Written into the address by hand, it is gone from there.
    let by_hand = browser.get(&format!("{SEARCH}?sought={token}")).await;
    by_hand.assert_status(303);
    assert_eq!(by_hand.header("location"), SEARCH);
    let by_hand = format!("{SEARCH}?sought=root&last_eight={token}");
    let by_hand = browser.get(&by_hand).await;
    assert_eq!(by_hand.header("location"), SEARCH);
    // Nor is it carried along while somebody proves who they are; a login is.
    let page = browser.get(SEARCH).await;
    world.advance(Duration::from_mins(16));
    let typed = [("sought", token), ("last_eight", token)];
    let asked = browser.submit(&page, SEARCH, &typed).await;
    asked.says("Confirm that it is you").says_not(token);
    let asked = browser.submit(&page, SEARCH, &[("sought", "root")]).await;
    let led_on = confirm(&browser, &asked, &root).await;
    browser
        .follow(&led_on)
        .await
        .says("1 token of the user root");
    // Nor while somebody signs in again.
    let page = browser.get(SEARCH).await;
    world.advance(Duration::from_hours(24 * 40));
    let asked = browser.submit(&page, SEARCH, &typed).await;
    asked.says("name=\"password\"").says_not(token);
    // And no event has it.
    for table in ["audit_events", "sessions", "half_sign_ins"] {
        let rows = world.database().rows(&format!("SELECT * FROM {table}"));
        let rows = format!("{rows:?}");
        assert!(!rows.contains(token), "{table}");
    }
}

#[tokio::test]
async fn a_token_is_revoked_and_its_owner_is_told() {
    let world = with_mail().await;
    let (_, browser) = administrator(&world).await;
    let mona = world.user("mona").await;
    let made = mona.personal_token("laptop", &["gist"]).await;
    let token = made.token();
    let revoke = format!("{SEARCH}/{}/revoke", made.id());
    found(&browser, "mona", "").await.says(&revoke);
    let asked = browser.get(&revoke).await;
    asked
        .says("This cannot be undone.")
        .says("gist")
        .says("Never used");
    assert!(accepts(&world, &token).await);
    let answer = browser.submit(&asked, &revoke, &[]).await;
    let list = browser.follow(&answer).await;
    let end = last_eight(&token);
    list.says(&format!("The token …{end} of mona was revoked."));
    list.says("Revoked by an administrator or operator")
        .says_not(&revoke);
    assert!(!accepts(&world, &token).await);
    let letters = sent(&world).await;
    let told: Vec<_> = letters.iter().map(|letter| letter.words).collect();
    assert_eq!(told, [MailWords::OfKind(MailKind::TokensRevoked)]);
    assert_eq!(letters[0].to.as_str(), "mona@example.com");
    // What is over is not there to be ended.
    browser.get(&revoke).await.assert_status(404);
    let again = browser.submit(&asked, &revoke, &[]).await;
    again.assert_status(404);
    browser
        .get(&format!("{SEARCH}/4711/revoke"))
        .await
        .assert_status(404);
}

#[tokio::test]
async fn what_was_found_goes_on_on_a_second_page() {
    let world = World::for_browsers().await;
    let (_, browser) = administrator(&world).await;
    let mona = world.user("mona").await;
    for _ in 0..51 {
        world.issue_token(&mona, GivenToken::default()).await;
    }
    let first = found(&browser, "mona", "").await;
    assert_eq!(rows_of(&first), 50);
    first.says("51 tokens of the user mona").says("Page 1 of 2");
    first.says("page=2\" rel=\"next\"");
    let second = browser.get(&format!("{SEARCH}?sought=mona&page=2")).await;
    assert_eq!(rows_of(&second), 1);
}

#[tokio::test]
async fn the_search_for_tokens_speaks_korean() {
    let world = World::for_browsers().await;
    let root = world.administrator("root").await;
    let browser = world.visitor().speaking("ko");
    browser.sign_in(&root).await;
    let refused = search(&browser, "ghp_0123456789", "").await;
    refused.says("이것은 토큰입니다. SHA-256으로 찾으세요.");
}

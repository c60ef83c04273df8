//! Passwords as people type them on pages.

use std::time::Duration;

use counterfoil_domain::password::Password;
use counterfoil_store::RevokeTokens;
use counterfoil_testkit::World;

use crate::links::{code, open, sent, with_mail};

/// Whether somebody signs in with this as the password of the one user.
async fn signs_in(world: &World, password: &str) -> bool {
    let visitor = world.visitor();
    let page = visitor.get("/login").await;
    let typed = [("login", "mona"), ("password", password)];
    visitor.submit(&page, "/login", &typed).await.status == 303
}

#[tokio::test]
async fn a_password_is_taken_as_a_whole_and_as_it_was_typed() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let plain =
        "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich; 오늘은 날씨가 좋다";
    let password = format!(" {plain} ");
    let chosen = Password::choose(&password).expect("a password");
    let operator = World::operator();
    let set =
        world
            .authority
            .set_password(&mona.account.login, chosen, RevokeTokens::Keep, &operator);
    set.await.expect("the user is there");
    let of_64: String = password.chars().take(64).collect();
    assert!(of_64.len() < password.len());
    for similar in [
        plain,
        &of_64,
        &password.to_lowercase(),
        &format!("{password}!"),
    ] {
        assert!(!signs_in(&world, similar).await, "{similar:?}");
    }
    assert!(signs_in(&world, &password).await);
}

#[tokio::test]
async fn no_password_ends_by_its_age() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    world.advance(Duration::from_hours(10 * 365 * 24));
    assert!(signs_in(&world, &mona.password).await);
}

#[tokio::test]
async fn a_password_is_typed_unseen_into_a_field_that_managers_know() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    let present = visitor.get("/login").await;
    visitor.sign_in(&mona).await;
    let new = visitor.get("/settings/security/password").await;
    for (page, purpose) in [(present, "current-password"), (new, "new-password")] {
        let field = format!("type=\"password\" autocomplete=\"{purpose}\"");
        let html = page.assert_status(200).text();
        assert!(html.contains(&field), "{html}");
        assert!(!html.contains("name=\"password\" type=\"text\""), "{html}");
    }
}

#[tokio::test]
async fn a_new_password_by_a_mailed_link_leaves_the_second_factor_as_it_is() {
    const PASSWORD: &str = "a long new password";
    let world = with_mail().await;
    let mona = world.user("mona").await;
    let pocket = world.enable_two_factor(&mona).await;
    // The user is told of the second factor.
    sent(&world).await;
    let visitor = world.visitor();
    let page = visitor.get("/login/forgotten").await;
    let typed = [("login", "mona")];
    visitor.submit(&page, "/login/forgotten", &typed).await;
    let letters = sent(&world).await;
    let asked = letters.iter().find(|letter| letter.link.is_some());
    let page = open(&visitor, &code(asked.expect("a link is on its way"))).await;
    let typed = [("password", PASSWORD)];
    let done = visitor.submit(&page, "/link", &typed).await;
    done.assert_status(303);
    visitor.get("/settings/sessions").await.assert_status(303);
    let page = visitor.get("/login").await;
    let typed = [("login", "mona"), ("password", PASSWORD)];
    let step = visitor.submit(&page, "/login", &typed).await;
    assert_eq!(step.assert_status(303).header("location"), "/login/code");
    visitor.get("/settings/sessions").await.assert_status(303);
    let page = visitor.follow(&step).await;
    let one_time = pocket.code(&world);
    let typed = [("code", one_time.as_str())];
    let done = visitor.submit(&page, "/login/code", &typed).await;
    done.assert_status(303);
    visitor.get("/settings/sessions").await.assert_status(200);
}

//! What people say about themselves, and how pages speak to them then.

use counterfoil_testkit::World;

const PROFILE: &str = "/settings/profile";

#[tokio::test]
async fn a_profile_has_pages_speak_the_language_and_tell_the_time_of_its_owner() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    let page = visitor.get(PROFILE).await;
    assert!(page.text().contains("<html lang=\"en\">") && page.text().contains(" UTC"));
    let typed = [
        ("name", "모나"),
        ("language", "ko"),
        ("time_zone", "Asia/Seoul"),
    ];
    let done = visitor.submit(&page, PROFILE, &typed).await;
    let page = visitor.follow(&done).await;
    let html = page.text();
    assert!(html.contains("<html lang=\"ko\">"), "{html}");
    assert!(
        html.contains("프로필을 저장했습니다.") && html.contains("(KST)"),
        "{html}"
    );
    assert!(html.contains("value=\"모나\""));
    // Wherever they sign in, and whatever the browser asks for.
    let other = world.visitor().speaking("fr, en");
    other.sign_in(&mona).await;
    let page = other.get("/settings/security").await;
    assert!(page.text().contains("<html lang=\"ko\">"));
    let english = other.get("/settings/security?lang=en").await;
    assert!(english.text().contains("<html lang=\"en\">"));
    let shown = mona.get("/user").await;
    assert_eq!(shown.json()["name"], "모나");
    // Everything can be taken back.
    let page = other.get(PROFILE).await;
    let typed = [("name", ""), ("language", ""), ("time_zone", "")];
    let done = other.submit(&page, PROFILE, &typed).await;
    let page = other.follow(&done).await;
    assert!(page.text().contains(" UTC"));
    assert!(mona.get("/user").await.json()["name"].is_null());
}

#[tokio::test]
async fn a_profile_that_is_refused_keeps_what_was_typed() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    let page = visitor.get(PROFILE).await;
    let typed = [
        ("name", "<b>\u{202E}"),
        ("language", "ko"),
        ("time_zone", "Mars/Olympus"),
    ];
    let refused = visitor.submit(&page, PROFILE, &typed).await;
    let html = refused.assert_status(422).text();
    assert!(html.contains("<title>Error: Profile"), "{html}");
    assert!(html.contains("Enter a name without control characters"));
    assert!(html.contains("Choose a time zone of the list"));
    assert!(!html.contains("<b>") && html.contains("b&#62;"), "{html}");
    let long = "a".repeat(256);
    let refused = visitor.submit(&page, PROFILE, &[("name", &long)]).await;
    assert!(
        refused
            .assert_status(422)
            .text()
            .contains("Enter at most 255 characters")
    );
    assert!(mona.get("/user").await.json()["name"].is_null());
    // What is as it was changes nothing.
    let typed = [("name", ""), ("language", ""), ("time_zone", "")];
    let done = visitor.submit(&page, PROFILE, &typed).await;
    let page = visitor.follow(&done).await;
    assert!(page.text().contains("Nothing was changed."));
}

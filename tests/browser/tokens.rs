//! A person's tokens, from sign-in to sign-out.

use counterfoil_testkit::process::ApiClient;

use super::site::Site;
use super::window::Medium;

#[test]
fn a_person_signs_in_makes_a_token_uses_it_deletes_it_and_signs_out() {
    let site = Site::new();
    let mona = site.person("mona");
    let pocket = site.enable_two_factor(&mona);
    let window = site.window();

    window.go("/settings/tokens");
    site.sign_in(&window, &mona, Some(&pocket));
    window.is_at("/settings/tokens", 200);
    window.reads("No tokens yet. A token lets a script use the API as you.");

    window.press("New token");
    window.fill("Name", "deploy-bot on ci-3");
    window.tick("7 days");
    window.unfold("Repositories");
    window.tick("Fully control all your repositories, private ones included");
    window.press("Create token");
    window.reads("Copy your new token now");
    let token = window.value("Token");
    site.program.hold_secret(&token);

    window.through(Medium::Paper);
    window.reads("The server keeps a digest, not the token.");
    window.does_not_read("I have copied it");
    assert_eq!(window.sheets_of_paper(), 1);
    window.through(Medium::Screen);

    let mut script = ApiClient::with_token(&site.server.base_url, &token).expect("it serves");
    let user = script.must("GET", "/user", None);
    user.assert_status(200);
    assert_eq!(user.header("x-oauth-scopes"), Some("repo"));

    window.press("I have copied it");
    window.does_not_read(&token);
    window.reads(&token[token.len() - 8..]);
    window.press("deploy-bot on ci-3");
    window.press("Delete…");
    window.reads("Delete deploy-bot on ci-3?");
    window.press("Delete");
    window.reads("“deploy-bot on ci-3” was deleted.");
    script.must("GET", "/user", None).assert_status(401);

    window.press("Ended");
    window.reads("Deleted by you");
    window.press("Sign out");
    window.go("/settings/tokens");
    window.reads("Password");
    window.does_not_read("deploy-bot");
}

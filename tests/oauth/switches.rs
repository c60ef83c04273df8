//! What an app's owner switches on for it: callbacks as a whole, PKCE, and who answers.

use counterfoil_domain::app::{AppSwitch, SendIss};
use counterfoil_testkit::{Answer, World, WorldOptions};
use http::Method;
use serde_json::Value;

use super::{
    AUTHORIZE, CALLBACK, CHALLENGE, Scene, VERIFIER, encoded, error_in, location, parameter,
};

/// Who answers, as it stands in an address.
const ISS: &str = "iss=https%3A%2F%2Fcounterfoil.test%2Flogin%2Foauth";

impl Scene<'_> {
    /// What the user is answered who answers so on a page.
    async fn answered(&self, more: &str, answer: &str) -> Answer {
        let page = self.asks(more).await;
        page.assert_status(200);
        let answer = [("answer", answer)];
        self.visitor.submit(&page, AUTHORIZE, &answer).await
    }
}

/// The parameters that ask for this address, on a page.
fn with_redirect(uri: &str) -> String {
    format!("&redirect_uri={}&prompt=select_account", encoded(uri))
}

#[track_caller]
fn assert_says(page: &Answer, sentence: &str) {
    let text = page.assert_status(400).text();
    assert!(text.contains(sentence), "{text}");
}

#[tokio::test]
async fn an_exact_callback_is_a_whole_address_and_nothing_that_resembles_it() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let callbacks = [CALLBACK, "https://other.example/in?tenant=1"];
    scene.change_callbacks(&callbacks).await;
    let below = with_redirect("https://app.example.com/callback/x?y=1");
    scene.asks(&below).await.assert_status(200);
    scene.turn(AppSwitch::ExactMatch, true).await;
    for trick in [
        "https://app.example.com/callback/x?y=1",
        "https://app.example.com/callback/",
        "https://app.example.com/callback/x",
        "https://app.example.com/callback?",
        "https://app.example.com/callback?y=1",
        "https://app.example.com/callback#",
        "https://app.example.com/callbac%6b",
        "https://app.example.com/x/../callback",
        "https://app.example.com:443/callback",
        "https://APP.example.com/callback",
        "HTTPS://app.example.com/callback",
        "https://other.example/in",
        "https://other.example/in?tenant=2",
        "https://other.example/in?tenant=1&tenant=2",
        "https://other.example/in?tenant=1&y=1",
        "https://other.example/in?tenant=%31",
        "https://other.example/in/?tenant=1",
    ] {
        let page = scene.asks(&with_redirect(trick)).await;
        assert_says(&page, "The return address does not fit");
    }
    for (callback, begins) in [
        (callbacks[0], "https://app.example.com/callback?code="),
        (callbacks[1], "https://other.example/in?tenant=1&code="),
    ] {
        let address = location(&scene.allowed(&with_redirect(callback)).await);
        assert!(address.starts_with(begins), "{address}");
        let code = parameter(&address, "code").expect("a code");
        scene.token(&code, &[("redirect_uri", callback)]).await;
    }
    // A page that was read before leads nowhere that the app wants nothing sent any more.
    scene.turn(AppSwitch::ExactMatch, false).await;
    let page = scene.asks(&below).await;
    page.assert_status(200);
    scene.turn(AppSwitch::ExactMatch, true).await;
    let answered = scene
        .visitor
        .submit(&page, AUTHORIZE, &[("answer", "allow")]);
    answered.await.assert_status(403);
    // Nothing asked for is the first one still, and the switch can be turned back.
    let address = location(&scene.allowed("&prompt=select_account").await);
    assert!(address.starts_with("https://app.example.com/callback?code="));
    scene.turn(AppSwitch::ExactMatch, false).await;
    scene.asks(&below).await.assert_status(200);
}

#[tokio::test]
async fn an_exact_callback_on_one_s_computer_has_a_free_port_and_nothing_else() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene
        .change_callbacks(&["http://127.0.0.1/callback?from=here"])
        .await;
    scene.turn(AppSwitch::ExactMatch, true).await;
    for trick in [
        "http://127.0.0.1:53271/callback",
        "http://127.0.0.1:53271/callback?from=there",
        "http://127.0.0.1:53271/callback/x?from=here",
        "http://localhost:53271/callback?from=here",
        "http://[::1]:53271/callback?from=here",
        "https://127.0.0.1:53271/callback?from=here",
    ] {
        let page = scene.asks(&with_redirect(trick)).await;
        assert_says(&page, "The return address does not fit");
    }
    let asked = "http://127.0.0.1:53271/callback?from=here";
    let address = location(&scene.allowed(&with_redirect(asked)).await);
    assert!(
        address.starts_with("http://127.0.0.1:53271/callback?from=here&code="),
        "{address}"
    );
}

#[tokio::test]
async fn an_app_that_requires_pkce_gets_no_code_without_a_challenge() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let code = scene.code("&scope=repo").await;
    scene.token(&code, &[]).await;
    scene.asks("&scope=repo").await.assert_status(302);
    let open = scene.asks("&scope=repo&prompt=select_account").await;
    scene.turn(AppSwitch::RequirePkce, true).await;
    // Neither what was agreed to before nor any way to leave the challenge out.
    let plain = format!("&code_challenge={CHALLENGE}&code_challenge_method=plain");
    let alone = format!("&code_challenge={CHALLENGE}");
    for more in [
        "",
        "&scope=repo",
        "&code_challenge=&code_challenge_method=",
        "&code_challenge=&code_challenge_method=S256",
        "&code_challenge_method=S256",
        &plain,
        &alone,
    ] {
        let answer = scene.asks(more).await;
        let address = location(answer.assert_status(302));
        let begins = format!("{CALLBACK}?error=invalid_request&");
        assert!(address.starts_with(&begins), "{more}: {address}");
    }
    // A page that was open meanwhile asks anew.
    let allow = [("answer", "allow")];
    let late = scene.visitor.submit(&open, AUTHORIZE, &allow).await;
    let anew = location(late.assert_status(303));
    assert!(anew.starts_with(AUTHORIZE), "{anew}");
    // Who has not let the app in is told on a page, before anything is asked.
    let other = world.visitor();
    other.sign_in(&scene.hubot).await;
    let page = other.get(&scene.address("&state=s")).await;
    assert_says(&page, "The request is incomplete: code_challenge");
    // With a challenge it is as ever, and the code wants its verifier.
    let challenged = format!("&scope=repo&code_challenge={CHALLENGE}&code_challenge_method=S256");
    let silent = async || {
        let answer = scene.asks(&challenged).await;
        let address = location(answer.assert_status(302));
        parameter(&address, "code").expect("a code")
    };
    let refused = scene.exchange(&silent().await, &[]).send_unchecked().await;
    assert_eq!(error_in(&refused), "bad_verification_code");
    let proof = [("code_verifier", VERIFIER)];
    scene.token(&silent().await, &proof).await;
    scene.turn(AppSwitch::RequirePkce, false).await;
    scene.asks("&scope=repo").await.assert_status(302);
}

#[tokio::test]
async fn what_goes_back_to_an_app_says_who_answers_only_where_the_app_wants_it() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let asked = "&state=s&prompt=select_account";
    for answer in ["allow", "cancel"] {
        let address = location(&scene.answered(asked, answer).await);
        assert!(!address.contains("iss="), "{address}");
    }
    scene.turn(AppSwitch::SendIss, true).await;
    let ends = format!("&{ISS}&state=s");
    let denied = location(&scene.answered(asked, "cancel").await);
    assert!(
        denied.contains("?error=access_denied&") && denied.ends_with(&ends),
        "{denied}"
    );
    // An error on a page, with the link to the app.
    let page = scene.asks("&state=s&response_type=token").await;
    assert_says(&page, ISS);
    let allowed = location(&scene.answered(asked, "allow").await);
    let code = parameter(&allowed, "code").expect("a code");
    assert_eq!(allowed, format!("{CALLBACK}?code={code}{ends}"));
    scene.token(&code, &[]).await;
    // Now that the user let it in: an error that goes there by itself, and a code without a page.
    for (more, begins) in [
        (
            "&state=s&response_type=token",
            "error=unsupported_response_type&",
        ),
        (
            "&state=s&redirect_uri=https%3A%2F%2Fevil.example%2F",
            "error=redirect_uri_mismatch&",
        ),
        ("&state=s", "code="),
    ] {
        let answer = scene.asks(more).await;
        let address = location(answer.assert_status(302));
        let begins = format!("{CALLBACK}?{begins}");
        assert!(
            address.starts_with(&begins) && address.ends_with(&ends),
            "{address}"
        );
        assert_eq!(address.matches("iss=").count(), 1, "{address}");
    }
    let without_state = location(&scene.asks("").await);
    assert!(
        without_state.ends_with(&format!("&{ISS}")),
        "{without_state}"
    );
    scene.turn(AppSwitch::SendIss, false).await;
    assert!(!location(&scene.asks("").await).contains("iss="));
}

async fn metadata(world: &World) -> Value {
    let path = "/.well-known/oauth-authorization-server";
    let request = world.anonymous().request_anywhere(Method::GET, path);
    request.send_unchecked().await.assert_status(200).json()
}

#[tokio::test]
async fn the_metadata_says_that_an_answer_names_its_server_only_where_every_app_is_told() {
    let member = "authorization_response_iss_parameter_supported";
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    // One app that wants it does not speak for the others.
    scene.turn(AppSwitch::SendIss, true).await;
    assert!(metadata(&world).await.get(member).is_none());

    let mut options = WorldOptions::for_browsers();
    options.settings.send_iss = SendIss::EveryApp;
    let world = World::with(options).await;
    let scene = Scene::new(&world).await;
    let told = metadata(&world).await;
    assert_eq!(told[member], true);
    // It is the issuer that the metadata names, and no switch takes it away.
    let issuer = told["issuer"].as_str().expect("an issuer");
    let address = location(&scene.allowed("&state=s").await);
    assert_eq!(parameter(&address, "iss"), Some(encoded_path(issuer)));
    assert!(address.ends_with(&format!("&{ISS}&state=s")), "{address}");
}

/// A URL as a form has it.
fn encoded_path(url: &str) -> String {
    url.replace(':', "%3A").replace('/', "%2F")
}

//! The `oauth2` crate, unchanged, as a program in Rust uses it: PKCE, its secret with Basic or in
//! the body, and what the standards have for tokens. Its requests go to the real router.

use std::convert::Infallible;

use counterfoil_testkit::World;
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, ErrorResponse, HttpRequest, HttpResponse, IntrospectionUrl, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, RevocationUrl, Scope, StandardRevocableToken,
    TokenIntrospectionResponse as _, TokenResponse as _, TokenUrl,
};

use super::{CALLBACK, Scene, parameter};

const ORIGIN: &str = "https://counterfoil.test";

/// The crate's client, which knows all endpoints but that of devices.
type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointSet, EndpointSet, EndpointSet>;

fn client(scene: &Scene<'_>, auth_type: AuthType) -> Client {
    let at = |path: &str| format!("{ORIGIN}/login/oauth/{path}");
    let secret = ClientSecret::new(scene.app.client_secret.clone());
    BasicClient::new(ClientId::new(scene.app.client_id.clone()))
        .set_client_secret(secret)
        .set_auth_type(auth_type)
        .set_auth_uri(AuthUrl::new(at("authorize")).expect("a URL"))
        .set_token_uri(TokenUrl::new(at("access_token")).expect("a URL"))
        .set_introspection_url(IntrospectionUrl::new(at("introspect")).expect("a URL"))
        .set_revocation_url(RevocationUrl::new(at("revoke")).expect("a URL"))
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).expect("a URL"))
}

/// What the crate has in the place of an HTTP client.
async fn send(world: &World, request: HttpRequest) -> Result<HttpResponse, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let mut sent = world.anonymous().request_anywhere(head.method, path);
    for (name, value) in &head.headers {
        sent = sent.header_bytes(name.as_str(), value.as_bytes());
    }
    let answer = sent.bytes(&body).send_unchecked().await;
    let mut response = HttpResponse::new(answer.body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}

/// Leads the user, who lets the app in, and takes back the code and what proves that it is ours.
async fn led(scene: &Scene<'_>, client: &Client) -> (AuthorizationCode, PkceCodeVerifier) {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state) = client
        .authorize_url(CsrfToken::new_random)
        .add_scopes([
            Scope::new("repo".to_owned()),
            Scope::new("read:org".to_owned()),
        ])
        .add_extra_param("prompt", "select_account")
        .set_pkce_challenge(challenge)
        .url();
    let path = url.as_str().strip_prefix(ORIGIN).expect("it is here");
    let location = scene.led_back(path).await;
    let brought = parameter(&location, "state").expect("a state");
    assert_eq!(brought, *state.secret());
    let code = parameter(&location, "code").expect("a code");
    (AuthorizationCode::new(code), verifier)
}

async fn token(scene: &Scene<'_>, client: &Client) -> BasicTokenResponse {
    let (code, verifier) = led(scene, client).await;
    let http = |request: HttpRequest| send(scene.world, request);
    let exchange = client.exchange_code(code).set_pkce_verifier(verifier);
    exchange.request_async(&http).await.expect("a token")
}

#[tokio::test]
async fn the_oauth2_crate_signs_in_asks_about_its_token_and_ends_it() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let http = |request: HttpRequest| send(&world, request);
    for auth_type in [AuthType::BasicAuth, AuthType::RequestBody] {
        let client = client(&scene, auth_type);
        let token = token(&scene, &client).await;
        assert_eq!(token.token_type().as_ref(), "bearer");
        let token = token.access_token();
        assert!(scene.accepts(token.secret()).await);

        let told = client.introspect(token).request_async(&http).await;
        let told = told.expect("an answer");
        assert!(told.active());
        assert_eq!(told.username(), Some("mona"));
        let scopes = told.scopes().expect("scopes").iter();
        let scopes: Vec<_> = scopes.map(|scope| scope.as_str()).collect();
        assert_eq!(scopes, ["repo", "read:org"]);

        let ended = StandardRevocableToken::from(token);
        let revoked = client.revoke_token(ended).expect("it is encrypted");
        revoked.request_async(&http).await.expect("it is ended");
        assert!(!scene.accepts(token.secret()).await);
        let told = client.introspect(token).request_async(&http).await;
        assert!(!told.expect("an answer").active());
    }
}

#[tokio::test]
async fn the_oauth2_crate_gets_no_token_without_its_verifier_and_secret() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let http = |request: HttpRequest| send(&world, request);
    let right = client(&scene, AuthType::BasicAuth);
    let (code, _) = led(&scene, &right).await;
    let refused = right.exchange_code(code).request_async(&http).await;
    assert_refused(refused, "bad_verification_code");

    let (code, verifier) = led(&scene, &right).await;
    let secret = ClientSecret::new("0".repeat(40));
    let wrong = right.clone().set_client_secret(secret);
    let exchange = wrong.exchange_code(code.clone()).set_pkce_verifier(
        // The code is left alone by a wrong secret, so its verifier is used once more.
        PkceCodeVerifier::new(verifier.secret().clone()),
    );
    assert_refused(
        exchange.request_async(&http).await,
        "incorrect_client_credentials",
    );
    let exchange = right.exchange_code(code).set_pkce_verifier(verifier);
    exchange.request_async(&http).await.expect("a token");
    assert_eq!(scene.live().await, 1);
}

/// GitHub's way of saying no, 200 with an `error`, is no answer that the crate knows: it hands over
/// what it read.
#[track_caller]
fn assert_refused<E: ErrorResponse + 'static>(
    answer: Result<BasicTokenResponse, RequestTokenError<Infallible, E>>,
    error: &str,
) {
    match answer {
        Err(RequestTokenError::Parse(_, body)) => {
            let body = String::from_utf8_lossy(&body);
            assert!(body.contains(error), "{body}");
        }
        other => panic!("{other:?}"),
    }
}

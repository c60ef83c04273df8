//! What only somebody sends who tries something: bodies that say two things or nothing, texts that
//! are markup elsewhere, questions whose answers are to tell nothing.

use counterfoil_testkit::{Answer, RequestBuilder, World};
use http::{HeaderMap, Method};

use super::{ACCESS_TOKEN, AUTHORIZE, Scene, encoded, error_in, location, parameter, token_in};

const INTROSPECT: &str = "/login/oauth/introspect";
const REVOKE: &str = "/login/oauth/revoke";

/// All of an answer but what every request has of its own.
async fn whole(request: &RequestBuilder<'_>) -> (u16, HeaderMap, Vec<u8>) {
    let Answer {
        status,
        mut headers,
        body,
        ..
    } = request.send_unchecked().await;
    // The request's own.
    for own in ["x-github-request-id", "date"] {
        headers.remove(own);
    }
    (status.as_u16(), headers, body)
}

impl Scene<'_> {
    /// Bodies that would be right but for one thing, each with what is wrong.
    fn odd_bodies(&self, code: &str) -> Vec<(&'static str, Vec<u8>)> {
        let (id, secret) = (&self.app.client_id, &self.app.client_secret);
        let right = format!("client_id={id}&client_secret={secret}&code={code}");
        let form = |more: &str| format!("{right}{more}").into_bytes();
        let mut raw = form("&state=");
        raw.extend_from_slice(b"\xff\xfe");
        let utf_16: Vec<u8> = right.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let parts = [
            ("client_id", id.as_str()),
            ("client_secret", secret.as_str()),
            ("code", code),
        ];
        let parts = parts.map(|(name, value)| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        });
        let json = |code: &str| {
            format!("{{\"client_id\":\"{id}\",\"client_secret\":\"{secret}\",{code}}}").into_bytes()
        };
        let mut bad_json = json(&format!("\"code\":\"{code}\",\"state\":\"?\""));
        let place = bad_json.iter().position(|byte| *byte == b'?');
        bad_json[place.expect("it is there")] = 0xff;
        vec![
            ("another code", form("&code=other")),
            ("a code twice and an array", form("&code[]=x&code=other")),
            ("another client", form("&client_id=00000000000000000001")),
            ("another secret", form("&client_secret=other")),
            (
                "two redirects",
                form("&redirect_uri=https://a.example&redirect_uri=https://b.example"),
            ),
            ("two verifiers", form("&code_verifier=a&code_verifier=b")),
            ("a verifier that is no text", form("&code_verifier=%c3%28")),
            ("bytes that are no text", raw),
            ("UTF-16", utf_16),
            ("parts", format!("{}--b--\r\n", parts.concat()).into_bytes()),
            ("a list", format!("[{{\"code\":\"{code}\"}}]").into_bytes()),
            (
                "a code twice",
                json(&format!("\"code\":\"{code}\",\"code\":\"other\"")),
            ),
            ("a code in a list", json(&format!("\"code\":[\"{code}\"]"))),
            (
                "a code in an object",
                json(&format!("\"code\":{{\"a\":\"{code}\"}}")),
            ),
            ("JSON that is no text", bad_json),
            (
                "JSON that goes on",
                [json(&format!("\"code\":\"{code}\"")), b"}".to_vec()].concat(),
            ),
            ("too much", form(&format!("&state={}", "a".repeat(2 << 20)))),
            ("nothing", Vec::new()),
        ]
    }
}

#[tokio::test]
async fn a_body_that_is_not_quite_right_gets_no_token_and_spends_no_code() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let code = scene.code("").await;
    for (what, body) in scene.odd_bodies(&code) {
        for label in [
            None,
            Some("application/x-www-form-urlencoded"),
            Some("application/json"),
            Some("multipart/form-data; boundary=b"),
            Some("text/plain; charset=utf-16"),
        ] {
            let request = scene.post(&body).header("accept", "application/json");
            let request = match label {
                Some(label) => request.header("content-type", label),
                None => request,
            };
            let answer = request.send_unchecked().await;
            let error = error_in(&answer);
            let refused = [
                "invalid_request",
                "incorrect_client_credentials",
                "Not Found",
            ];
            assert!(refused.contains(&error.as_str()), "{what}: {error}");
            assert!(answer.status.as_u16() < 500 && scene.live().await == 0);
        }
    }
    // Half of it in the query, where it says something else.
    let target = format!("{ACCESS_TOKEN}?code=other");
    let answer = scene.exchange(&code, &[]).to(target).send_unchecked().await;
    assert_eq!(error_in(&answer), "invalid_request");
    // A session in a browser is no client.
    let cookies = scene.visitor.request(Method::POST, ACCESS_TOKEN);
    let body = format!("code={code}&client_id={}", scene.app.client_id);
    let answer = cookies
        .bytes(body.as_bytes())
        .header("accept", "application/json");
    let answer = answer.send_unchecked().await;
    assert_eq!(error_in(&answer), "incorrect_client_credentials");
    scene.token(&code, &[]).await;
}

#[tokio::test]
async fn what_is_wrong_with_a_code_is_not_told() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let used = scene.code("&prompt=select_account").await;
    scene.token(&used, &[]).await;
    let of_another = {
        let other = world.app(&scene.hubot, "Other").await;
        let path = format!("{AUTHORIZE}?client_id={}", other.client_id);
        let page = scene.visitor.get(&path).await;
        let allow = [("answer", "allow")];
        let answer = scene.visitor.submit(&page, AUTHORIZE, &allow).await;
        parameter(&location(&answer), "code").expect("a code")
    };
    let expected = whole(&scene.exchange("0123456789abcdef0123", &[])).await;
    let long = "a".repeat(5000);
    for code in [used.as_str(), &of_another, "x", "%00", &long] {
        assert_eq!(whole(&scene.exchange(code, &[])).await, expected, "{code}");
    }
    let unproved = scene.code("&prompt=select_account").await;
    let verifier = [("code_verifier", super::VERIFIER)];
    assert_eq!(whole(&scene.exchange(&unproved, &verifier)).await, expected);
    let over = scene.code("&prompt=select_account").await;
    world.advance(std::time::Duration::from_mins(10));
    assert_eq!(whole(&scene.exchange(&over, &[])).await, expected);
}

#[tokio::test]
async fn neither_introspection_nor_revocation_tells_of_what_is_not_the_app_s() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let (id, secret) = (scene.app.client_id.clone(), scene.app.client_secret.clone());
    let other = world.app(&scene.hubot, "Other").await;
    let of_other = scene.mona.app_token(&other, &["repo"]).await.token();
    let personal = scene.mona.personal_token("laptop", &["repo"]).await.token();
    let of_owner = scene.hubot.app_token(&other, &["repo"]).await.token();
    let ended = scene.mona.app_token(&scene.app, &["user"]).await.token();
    scene.app.revoke(&world, &ended).await.assert_status(204);
    let code = scene.code("&prompt=select_account").await;
    for path in [INTROSPECT, REVOKE] {
        let ask = |body: String| scene.post(body.as_bytes()).to(path).basic(&id, &secret);
        let expected = whole(&ask("token=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".into())).await;
        assert_eq!(expected.0, 200);
        let long = "a".repeat(10_000);
        for token in [
            of_other.as_str(),
            &personal,
            &of_owner,
            &ended,
            &code,
            &secret,
            "x",
            "%00",
            "%F0%9F%98%80",
            &long,
        ] {
            let body = format!("token={token}");
            assert_eq!(whole(&ask(body)).await, expected, "{path} {token}");
            for hint in ["access_token", "refresh_token", "anything"] {
                let body = format!("token={token}&token_type_hint={hint}");
                assert_eq!(whole(&ask(body)).await, expected, "{path} {token}");
            }
        }
        // Nor which apps there are.
        let as_client = |id: &str, secret: &str| {
            let body = format!("token={of_other}");
            scene.post(body.as_bytes()).to(path).basic(id, secret)
        };
        let expected = whole(&as_client(&id, "wrong")).await;
        assert_eq!(expected.0, 401);
        for (id, secret) in [
            ("00000000000000000001", "wrong"),
            ("mona", scene.mona.password.as_str()),
            ("", ""),
            (id.as_str(), other.client_secret.as_str()),
        ] {
            assert_eq!(whole(&as_client(id, secret)).await, expected, "{path} {id}");
        }
    }
    for token in [&of_other, &personal, &of_owner] {
        assert!(scene.accepts(token).await);
    }
}

#[tokio::test]
async fn what_an_app_sends_is_text_on_every_page() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let markup = encoded("\"><script>alert(1)</script><a href='javascript:alert(1)'>");
    for parameter in [
        "state",
        "scope",
        "login",
        "prompt",
        "redirect_uri",
        "response_type",
        "code_challenge",
        "code_challenge_method",
        "allow_signup",
        "nothing",
    ] {
        let page = scene.asks(&format!("&{parameter}={markup}")).await;
        let text = page.text();
        assert!(page.status == 200 || page.status == 400, "{}", page.status);
        assert!(
            !text.contains("alert(1)<") && !text.contains("<script>"),
            "{text}"
        );
        assert!(!text.contains("javascript:"), "{text}");
    }
    let named = world.app(&scene.hubot, "<script>alert(1)</script>").await;
    let path = format!("{AUTHORIZE}?client_id={}&state=s", named.client_id);
    let text = scene.visitor.get(&path).await.assert_status(200).text();
    assert!(
        !text.contains("<script>") && text.contains("alert(1)"),
        "{text}"
    );
}

#[tokio::test]
async fn what_comes_back_to_an_app_cannot_be_made_to_say_more() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    for (state, ends) in [
        ("%0d%0aset-cookie:%20a=b", "&state=%0d%0aset-cookie:%20a=b"),
        ("%26code%3Dtheirs", "&state=%26code%3Dtheirs"),
        ("%23x", "&state=%23x"),
        ("a;code=theirs", "&state=a;code=theirs"),
    ] {
        let more = format!("&prompt=select_account&state={state}");
        let answer = scene.allowed(&more).await;
        let address = location(&answer);
        assert!(address.ends_with(ends), "{address}");
        assert_eq!(
            address.matches("code=").count(),
            1 + ends.matches("code=").count()
        );
        assert!(!answer.has("set-cookie"));
        // No answer names an issuer as long as the metadata promises none.
        assert_eq!(parameter(&address, "iss"), None);
    }
    let request = world.anonymous();
    let metadata = "/.well-known/oauth-authorization-server";
    let told = request
        .request_anywhere(Method::GET, metadata)
        .send_unchecked()
        .await;
    let promise = "authorization_response_iss_parameter_supported";
    assert!(told.json().get(promise).is_none(), "{}", told.text());
}

#[tokio::test]
async fn a_database_that_was_read_gives_no_code_and_answers_no_question() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let asked = format!(
        "&code_challenge={}&code_challenge_method=S256",
        super::CHALLENGE
    );
    let page = scene.asks(&asked).await;
    let handle = page.hidden("request");
    let allow = [("answer", "allow")];
    let answer = scene.visitor.submit(&page, AUTHORIZE, &allow).await;
    let code = parameter(&location(&answer), "code").expect("a code");
    let answer = scene.exchange(&code, &[("code_verifier", super::VERIFIER)]);
    let token = token_in(&answer.send_unchecked().await);
    for table in [
        "app_requests",
        "authorization_codes",
        "authorizations",
        "audit_events",
    ] {
        let rows = world.database().rows(&format!("SELECT * FROM {table}"));
        let text = format!("{rows:?}");
        assert!(text.len() > 10, "{table} is empty");
        for secret in [handle.as_str(), &code, &token, super::VERIFIER] {
            assert!(!text.contains(secret), "{table}");
        }
    }
}

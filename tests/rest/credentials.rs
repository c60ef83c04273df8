//! Who asks: every form of the `Authorization` header (wire contract, section 3).

use std::time::Duration;

use counterfoil_domain::token::{PlainToken, TokenPrefix};
use counterfoil_testkit::{Answer, GivenToken, UserActor, World};
use data_encoding::BASE64;
use http::Method;

/// Asks with an `Authorization` header of any bytes.
async fn ask(world: &World, path: &str, authorization: &[u8]) -> Answer {
    let request = world.anonymous().request(Method::GET, path);
    request
        .header_bytes("authorization", authorization)
        .send()
        .await
}

fn basic(pair: &[u8]) -> Vec<u8> {
    format!("Basic {}", BASE64.encode(pair)).into_bytes()
}

#[tokio::test]
async fn a_login_or_an_e_mail_address_signs_in_whatever_its_capitals() {
    let world = World::new().await;
    let mona = world.user("Mona-Lisa").await;
    for name in [
        "Mona-Lisa",
        "mona-lisa",
        "MONA-LISA",
        "Mona-Lisa@example.com",
        "mona-lisa@EXAMPLE.com",
    ] {
        let user = mona.named(name).get("/user").await;
        assert_eq!(
            user.assert_status(200).json()["login"],
            "Mona-Lisa",
            "{name}"
        );
    }
    for name in [
        "mona",
        "mona-lisa@example.org",
        "example.com",
        "@example.com",
        " mona-lisa",
        "mona-lisa\u{e9}",
    ] {
        mona.named(name).get("/user").await.assert_status(401);
    }
}

#[tokio::test]
async fn an_unverified_e_mail_address_does_not_sign_in() {
    let world = World::new().await;
    let mona = world.unverified_user("mona").await;
    mona.named("mona@example.com")
        .get("/authorizations")
        .await
        .assert_status(401);
    mona.get("/authorizations").await.assert_status(200);
}

#[tokio::test]
async fn wrong_is_wrong_in_the_same_words_for_everybody() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let wrong = mona.with_password("wrong").get("/authorizations").await;
    assert_eq!(wrong.assert_status(401).message(), "Bad credentials");
    assert!(
        !wrong.has("www-authenticate"),
        "no answer of the API has it"
    );
    for other in [
        mona.with_password(""),
        mona.with_password("Mona's password"),
        mona.with_password(&"x".repeat(2_000)),
        mona.with_password("mona's password\0"),
        mona.named("nobody"),
        mona.named("nobody@example.com"),
        mona.named("not a login"),
        mona.named(&"x".repeat(2_000)),
    ] {
        let answer = other.get("/authorizations").await;
        assert_eq!((answer.status, answer.text()), (wrong.status, wrong.text()));
    }
}

#[tokio::test]
async fn without_credentials_the_answer_names_the_operation() {
    let world = World::new().await;
    for (path, page) in [
        (
            "/authorizations",
            "oauth-authorizations/oauth-authorizations#list-your-authorizations",
        ),
        ("/user", "users/users#get-the-authenticated-user"),
    ] {
        let refused = world.anonymous().get(path).await;
        assert_eq!(
            refused.assert_status(401).message(),
            "Requires authentication"
        );
        let url = format!("https://docs.github.com/enterprise-server@3.19/rest/{page}");
        assert_eq!(refused.json()["documentation_url"], url.as_str());
        assert!(!refused.has("www-authenticate") && !refused.has("x-github-otp"));
    }
}

#[tokio::test]
async fn a_header_that_cannot_be_understood_is_refused_as_wrong() {
    let world = World::new().await;
    world.user("mona").await;
    let good = BASE64.encode(b"mona:mona's password");
    let mut headers: Vec<Vec<u8>> = [
        "",
        " ",
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic bW9uYQ",
        "Basic bW9uYTp4eA===",
        "Basic bW9 uYTp4eA==",
        "Basic=bW9uYTp4eA==",
        "Bearer",
        "token",
        "token ",
        "Bearer mona's password",
        "Digest username=\"mona\"",
        "Negotiate YII=",
        "mona:mona's password",
        "token ghp_short",
        "token ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18",
        "token github_pat_11",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    headers.push(good.clone().into_bytes());
    headers.push(format!("Basic {good}, Basic {good}").into_bytes());
    headers.push(basic(b"mona"));
    headers.push(basic(b":mona's password"));
    headers.push(basic(b"mona\n:mona's password"));
    headers.push(basic(b"mo\0na:mona's password"));
    headers.push(basic(b"\xff\xfe:x"));
    headers.push(basic(b"mona:\xc3\x28"));
    headers.push(b"Basic \xff\xfe".to_vec());
    headers.push(b"\xff token".to_vec());
    headers.push("Basic b\u{e9}".as_bytes().to_vec());
    headers.push(format!("Basic {}", "A".repeat(1 << 20)).into_bytes());
    headers.push(format!("token ghp_{}", "A".repeat(1 << 20)).into_bytes());
    for header in headers {
        for path in ["/authorizations", "/user"] {
            let refused = ask(&world, path, &header).await;
            let shown = String::from_utf8_lossy(&header[..header.len().min(60)]).into_owned();
            assert_eq!(refused.status, 401, "{shown}");
            assert_eq!(refused.message(), "Bad credentials", "{shown}");
            assert!(refused.body.len() < 300, "{shown}");
        }
    }
}

#[tokio::test]
async fn the_scheme_and_the_padding_are_read_generously() {
    let world = World::new().await;
    world.user("mona").await;
    let padded = BASE64.encode(b"mona:mona's password");
    let bare = padded.trim_end_matches('=');
    for header in [
        format!("Basic {padded}"),
        format!("basic {padded}"),
        format!("BASIC {padded}"),
        format!("Basic   {padded}  "),
        format!("Basic {bare}"),
    ] {
        ask(&world, "/authorizations", header.as_bytes())
            .await
            .assert_status(200);
    }
}

#[tokio::test]
async fn two_authorization_headers_are_one_too_many() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let request = mona.request(Method::GET, "/authorizations");
    let answer = request
        .header_bytes("authorization", &basic(b"mona:mona's password"))
        .send()
        .await;
    assert_eq!(answer.assert_status(401).message(), "Bad credentials");
}

#[tokio::test]
async fn a_token_of_any_kind_is_refused_where_a_password_is_asked_for() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let fine_grained = format!(
        "github_pat_{}_{}",
        "1A".repeat(11),
        "xY3".repeat(20).split_at(59).0
    );
    let mut tokens = vec![fine_grained];
    for prefix in ["ghp_", "gho_", "ghu_", "ghs_"] {
        let prefix = TokenPrefix::parse(prefix).expect("a prefix");
        tokens.push(
            PlainToken::generate(&prefix, &*world.entropy)
                .expose()
                .to_owned(),
        );
    }
    for token in &tokens {
        for header in every_place(token) {
            let unknown = ask(&world, "/authorizations", &header).await;
            assert_eq!(
                unknown.assert_status(401).message(),
                "Bad credentials",
                "{token} before it is known"
            );
        }
        world
            .issue_token(
                &mona,
                GivenToken {
                    text: Some(token),
                    ..GivenToken::default()
                },
            )
            .await;
        for header in every_place(token) {
            for path in [
                "/authorizations",
                "/authorizations/1",
                "/applications/grants",
            ] {
                let refused = ask(&world, path, &header).await;
                let message = "This API can only be accessed with username and password Basic Auth";
                assert_eq!(refused.assert_status(403).message(), message);
            }
            ask(&world, "/user", &header).await.assert_status(200);
        }
    }
    assert_eq!(mona.ids("/authorizations").await.len(), 5);
}

fn every_place(token: &str) -> [Vec<u8>; 5] {
    [
        format!("token {token}").into_bytes(),
        format!("Bearer {token}").into_bytes(),
        basic(format!("mona:{token}").as_bytes()),
        basic(format!("{token}:x-oauth-basic").as_bytes()),
        basic(format!("{token}:").as_bytes()),
    ]
}

/// Who a day's sign-ins were and from where is worth a line; each of thousands of requests is not.
#[tokio::test]
async fn the_first_sign_in_from_an_address_each_day_is_one_event() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let codes = world.enable_two_factor(&hubot).await;
    let before = world.events().await.len();
    let signed_in = async || {
        let events = world.events().await.split_off(before);
        let told = events.into_iter().filter_map(|event| {
            let address = event.personal("address").map(str::to_owned);
            (event.action == "sign_in.succeeded").then_some((event.account, address))
        });
        told.collect::<Vec<_>>()
    };
    let event = |user: &UserActor<'_>, address: &str| {
        let account = user.account.id.0;
        (Some(account), Some(address.to_owned()))
    };
    let elsewhere = mona.from_address("198.51.100.7");
    let mut expected = Vec::new();
    for day in 1..=3 {
        // By whatever name, however often, remembered or computed.
        for _ in 0..2 {
            mona.get("/user").await.assert_status(200);
            let by_address = mona.named("mona@example.com");
            by_address.get("/authorizations").await.assert_status(200);
            elsewhere.get("/user").await.assert_status(200);
            world.advance(Duration::from_mins(5));
        }
        expected.extend([event(&mona, "192.0.2.1"), event(&mona, "198.51.100.7")]);
        assert_eq!(signed_in().await, expected, "day {day}");
        // A password without the code is no sign-in, and neither is a wrong code.
        hubot.get("/user").await.assert_status(401);
        let wrong = hubot.with_otp("nonsense").get("/user").await;
        wrong.assert_status(401);
        assert_eq!(signed_in().await, expected, "day {day}");
        for _ in 0..2 {
            let code = codes.code(&world);
            hubot.with_otp(&code).get("/user").await.assert_status(200);
            world.advance(Duration::from_mins(5));
        }
        expected.push(event(&hubot, "192.0.2.1"));
        assert_eq!(signed_in().await, expected, "day {day}");
        world.advance(Duration::from_hours(24));
    }
}

#[tokio::test]
async fn no_place_but_the_header_takes_credentials() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &["user"]).await.token();
    let anonymous = world.anonymous();
    let cookie = anonymous
        .request(Method::GET, "/user")
        .header("cookie", &format!("session={token}; user_session={token}"));
    cookie.send().await.assert_status(401);
    let proxy = anonymous
        .request(Method::GET, "/user")
        .header("proxy-authorization", &format!("token {token}"));
    proxy.send().await.assert_status(401);
}

#[tokio::test]
async fn passwords_are_compared_in_one_normal_form() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let login = &mona.account.login;
    let composed =
        counterfoil_domain::password::Password::choose("caf\u{e9}: \u{c5}ngstr\u{f6}m").unwrap();
    let keep = counterfoil_store::RevokeTokens::Keep;
    world
        .authority
        .set_password(login, composed, keep, &World::operator())
        .await
        .unwrap();
    for typed in [
        "caf\u{e9}: \u{c5}ngstr\u{f6}m",
        "cafe\u{301}: A\u{30a}ngstro\u{308}m",
        "caf\u{e9}: \u{212b}ngstr\u{f6}m",
    ] {
        mona.with_password(typed)
            .get("/user")
            .await
            .assert_status(200);
    }
    mona.with_password("cafe: Angstrom")
        .get("/user")
        .await
        .assert_status(401);
}

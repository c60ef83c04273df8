//! The headers of requests that the page of reference lists: two values of each get two answers.

use counterfoil_testkit::World;
use data_encoding::BASE64;
use http::Method;

use crate::reference::headers::{HeaderEntry, REQUEST_HEADERS};

/// The headers whose value changes no answer here, with the reason.
const UNSEEN: &[(&str, &str)] = &[
    (
        "Cookie",
        "the API takes none; what it says to a page, `web::` holds",
    ),
    ("Origin", "all origins are welcome"),
    (
        "Sec-Fetch-Site",
        "the API does not ask; which forms it stops, `web::forms` holds",
    ),
    (
        "X-Forwarded-For",
        "only a proxy that is trusted is believed",
    ),
];

#[tokio::test]
async fn every_header_of_the_page_is_obeyed_or_on_the_list() {
    let world = World::new().await;
    let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
    let authenticator = world.enable_two_factor(&hubot).await;
    world.next_second();
    let basic = |pair: &str| format!("Basic {}", BASE64.encode(pair.as_bytes()));
    for HeaderEntry { name, .. } in REQUEST_HEADERS {
        let values = match *name {
            "Accept" => ["application/json", "text/html"].map(str::to_owned),
            "Accept-Language" => ["ko", "en"].map(str::to_owned),
            "Accept-Encoding" => ["gzip", "identity"].map(str::to_owned),
            "Authorization" => ["mona:mona's password", "mona:wrong"].map(basic),
            "Cookie" => ["a=b", "c=d"].map(str::to_owned),
            "If-Modified-Since" => [
                "Fri, 01 Jan 2100 00:00:00 GMT",
                "Thu, 01 Jan 1970 00:00:00 GMT",
            ]
            .map(str::to_owned),
            "If-None-Match" => ["*", "\"another\""].map(str::to_owned),
            "Origin" => ["https://a.example.com", "https://b.example.com"].map(str::to_owned),
            "Sec-Fetch-Site" => ["same-origin", "cross-site"].map(str::to_owned),
            "User-Agent" => ["curl/8.5.0", "another/1"].map(str::to_owned),
            "X-Forwarded-For" => ["192.0.2.7", "192.0.2.8"].map(str::to_owned),
            "X-GitHub-Api-Version" => ["2022-11-28", "1999-01-01"].map(str::to_owned),
            "X-GitHub-OTP" => [authenticator.code(&world), authenticator.wrong_code(&world)],
            other => panic!("nothing is known of {other}"),
        };
        let (user, method) = match *name {
            "X-GitHub-OTP" => (&hubot, Method::GET),
            "Origin" => (&mona, Method::OPTIONS),
            _ => (&mona, Method::GET),
        };
        let mut answers = Vec::new();
        for value in &values {
            let request = user.request(method.clone(), "/user");
            // The API speaks one language; pages are for people.
            let request = match *name {
                "Accept-Language" => request.to("/"),
                _ => request,
            };
            let answer = request.header(name, value).send().await;
            answers.push((answer.status, answer.body.clone()));
        }
        let is_listed = UNSEEN.iter().any(|(unseen, _)| unseen == name);
        assert_eq!(answers[0] == answers[1], is_listed, "{name}");
    }
    for (unseen, _) in UNSEEN {
        let is_known = REQUEST_HEADERS.iter().any(|header| header.name == *unseen);
        assert!(is_known, "{unseen}");
    }
}

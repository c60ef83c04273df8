//! Paths that no row of the table has.

use std::collections::BTreeSet;

use counterfoil_domain::entropy::{Entropy, random_text};
use counterfoil_testkit::{REST_ROUTES, World};

fn paths() -> BTreeSet<&'static str> {
    REST_ROUTES.iter().map(|route| route.path).collect()
}

#[tokio::test]
async fn every_other_path_is_not_found() {
    let world = World::new().await;
    let user = world.user("mona").await;
    let segments = [
        "authorizations",
        "clients",
        "applications",
        "grants",
        "user",
        "1",
        "users",
        "admin",
        "tokens",
        "token",
        "%41",
        ".",
        "orgs",
        "",
    ];
    let mut tried = 0;
    for number in 0..3_000_u32 {
        let mut bytes = [0_u8; 8];
        world.entropy.fill(&mut bytes);
        let length = usize::from(bytes[0] % 6);
        let mut path = String::new();
        for byte in &bytes[1..=length] {
            let segment = segments[usize::from(*byte) % segments.len()];
            path.push('/');
            path.push_str(segment);
            if byte % 17 == 0 {
                path.push_str(&random_text(&*world.entropy, b"abz019._~-", 3));
            }
        }
        // The root may do without its slash.
        if path.is_empty() || paths().into_iter().any(|template| fits(template, &path)) {
            continue;
        }
        tried += 1;
        let route = &REST_ROUTES[number as usize % REST_ROUTES.len()];
        let target = format!("/api/v3{path}");
        let request = world
            .anonymous()
            .request_anywhere(route.method.clone(), &target);
        let answer = if number % 2 == 0 {
            request
        } else {
            request.basic("mona", &user.password)
        };
        let answer = answer.send_unchecked().await;
        assert_eq!(answer.status, 404, "{} {target}", route.method);
    }
    assert!(tried > 2_000, "{tried}");
}

fn fits(template: &str, path: &str) -> bool {
    let (wanted, given): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    wanted.len() == given.len()
        && wanted.iter().zip(given).all(|(wanted, given)| {
            (wanted.starts_with('{') && !given.is_empty()) || *wanted == given
        })
}

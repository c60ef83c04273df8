//! Where answers depart from the official description of the API. Every answer of every test is
//! held against it, so what is not listed fails where it is met; here it is shown that each row of
//! the list is needed.

mod apps_and_administrators;

use std::collections::BTreeSet;

use counterfoil_domain::organization::Role;
use counterfoil_domain::rate_limit::RateLimits;
use counterfoil_testkit::{
    AppActor, DEVIATIONS, Found, RequestBuilder, UserActor, World, WorldOptions,
};
use counterfoil_wire::documentation::Operation;
use http::Method;
use serde_json::json;

/// One request for every operation, with its id, that is served when nothing is wrong with it.
fn requests<'w>(user: &UserActor<'w>, app: &AppActor) -> Vec<(&'static str, RequestBuilder<'w>)> {
    let fingerprint = format!("{}/desk", app.path());
    let requests = [
        (Operation::ListGrants, Method::GET, "/applications/grants"),
        (Operation::GetGrant, Method::GET, "/applications/grants/1"),
        (
            Operation::DeleteGrant,
            Method::DELETE,
            "/applications/grants/1",
        ),
        (
            Operation::ListAuthorizations,
            Method::GET,
            "/authorizations",
        ),
        (
            Operation::CreateAuthorization,
            Method::POST,
            "/authorizations",
        ),
        (Operation::GetOrCreateForApp, Method::PUT, &app.path()),
        (
            Operation::GetOrCreateForAppAndFingerprint,
            Method::PUT,
            &fingerprint,
        ),
        (
            Operation::GetAuthorization,
            Method::GET,
            "/authorizations/1",
        ),
        (
            Operation::UpdateAuthorization,
            Method::PATCH,
            "/authorizations/1",
        ),
        (
            Operation::DeleteAuthorization,
            Method::DELETE,
            "/authorizations/1",
        ),
        (Operation::GetAuthenticatedUser, Method::GET, "/user"),
    ]
    .map(|(operation, method, path)| (operation.id(), user.request(method, path)));
    let reading = READING
        .iter()
        .map(|(operation, path)| (operation.id(), user.request(Method::GET, path)));
    requests.into_iter().chain(reading).collect()
}

/// What tells about users, organizations and teams. The list of versions is not described.
const READING: [(Operation, &str); 25] = [
    (Operation::GetRoot, "/"),
    (Operation::GetMeta, "/meta"),
    (Operation::GetRateLimit, "/rate_limit"),
    (Operation::GetUser, "/users/mona"),
    (Operation::GetUserById, "/user/1"),
    (Operation::ListOrganizationsOfUser, "/users/mona/orgs"),
    (Operation::ListEmails, "/user/emails"),
    (Operation::ListOrganizations, "/user/orgs"),
    (Operation::ListOwnTeams, "/user/teams"),
    (Operation::ListMemberships, "/user/memberships/orgs"),
    (Operation::GetOwnMembership, "/user/memberships/orgs/acme"),
    (Operation::GetOrganization, "/orgs/acme"),
    (Operation::ListMembers, "/orgs/acme/members"),
    (Operation::CheckMember, "/orgs/acme/members/mona"),
    (Operation::GetMembership, "/orgs/acme/memberships/mona"),
    (Operation::ListPublicMembers, "/orgs/acme/public_members"),
    (
        Operation::CheckPublicMember,
        "/orgs/acme/public_members/mona",
    ),
    (Operation::ListTeams, "/orgs/acme/teams"),
    (Operation::GetTeam, "/orgs/acme/teams/ops"),
    (Operation::ListTeamMembers, "/orgs/acme/teams/ops/members"),
    (
        Operation::GetTeamMembership,
        "/orgs/acme/teams/ops/memberships/mona",
    ),
    (Operation::GetTeamById, "/teams/1"),
    (Operation::ListTeamMembersById, "/teams/1/members"),
    (Operation::CheckTeamMember, "/teams/1/members/mona"),
    (
        Operation::GetTeamMembershipById,
        "/teams/1/memberships/mona",
    ),
];

/// What the answers to these requests depart by.
async fn departures(requests: impl IntoIterator<Item = RequestBuilder<'_>>) -> Vec<Found> {
    let mut found = Vec::new();
    for request in requests {
        found.extend(request.send_for_deviations().await);
    }
    found
}

/// Requests that are wrong in one way, for every operation.
async fn of_wrong_requests(user: &UserActor<'_>, app: &AppActor) -> Vec<Found> {
    let all = |user| requests(user, app).into_iter().map(|(_, request)| request);
    let version = all(user).map(|request| request.header("x-github-api-version", "v3"));
    let accept = all(user).map(|request| request.header("accept", "text/html"));
    let not_json = all(user).map(|request| request.bytes(b"{"));
    let too_large = all(user).map(|request| request.bytes(&[b' '; 2_000]));
    let wrong = user.with_password("wrong");
    // Each from an address of its own, so that the failures of one do not lock the next.
    let stranger = all(&wrong).enumerate().map(|(number, request)| {
        let address = format!("198.51.100.{number}");
        request.from_address(&address)
    });
    let mut found = departures(version.chain(accept).chain(not_json).chain(too_large)).await;
    found.extend(departures(stranger).await);
    // Here there are so many failures that everybody is refused.
    for _ in 0..10 {
        wrong.get("/user").await;
    }
    found.extend(departures(all(user)).await);
    found
}

/// Requests for what is not there.
async fn of_missing_things(user: &UserActor<'_>, app: &AppActor) -> Vec<Found> {
    let (grant, authorization) = ("/applications/grants/9", "/authorizations/9");
    let requests = [
        user.request(Method::GET, grant),
        user.request(Method::DELETE, grant),
        user.request(Method::GET, authorization),
        user.request(Method::PATCH, authorization),
        user.request(Method::DELETE, authorization),
        user.request(Method::GET, "/orgs/nothing/members"),
        user.request(Method::GET, "/orgs/nothing/teams"),
        user.request(Method::GET, "/orgs/acme/members/nobody"),
        user.request(Method::GET, "/orgs/acme/teams/ops/memberships/nobody"),
        user.request(Method::GET, "/teams/1/members/nobody"),
        user.request(Method::GET, "/teams/1/memberships/nobody"),
        user.request(Method::GET, "/users/nobody/orgs"),
        user.request(Method::GET, "/orgs/nothing/public_members"),
        user.request(Method::GET, "/orgs/acme/teams/nothing/members"),
        user.request(Method::PUT, "/authorizations/clients/%FF"),
        user.request(Method::PUT, &format!("{}/%FF", app.path())),
    ];
    departures(requests).await
}

/// Requests for what the client says that it has.
async fn of_known_things(user: &UserActor<'_>) -> Vec<Found> {
    let requests = READING.iter().map(|(_, path)| {
        let request = user.request(Method::GET, path);
        request.header("if-none-match", "*")
    });
    departures(requests).await
}

/// Requests for lists by filters that are none.
async fn of_wrong_filters(user: &UserActor<'_>) -> Vec<Found> {
    let requests = [
        "/orgs/acme/members?role=x",
        "/orgs/acme/teams/ops/members?role=x",
        "/teams/1/members?role=x",
        "/user/memberships/orgs?state=x",
    ];
    departures(requests.map(|path| user.request(Method::GET, path))).await
}

/// Requests with a token that is none.
async fn of_wrong_tokens(user: &UserActor<'_>) -> Vec<Found> {
    let requests = READING.iter().map(|(_, path)| {
        let request = user.request(Method::GET, path);
        request.header("authorization", "token x")
    });
    departures(requests).await
}

/// Requests about notes whose URL is none.
async fn of_strange_note_urls(user: &UserActor<'_>, app: &AppActor) -> Vec<Found> {
    let body = json!({ "note": "strange", "note_url": "not a URL" });
    let requests = [
        user.request(Method::POST, "/authorizations").json(&body),
        user.request(Method::PUT, &app.path())
            .json(&app.with_secret(body.clone())),
        user.request(Method::PUT, &format!("{}/desk", app.path()))
            .json(&app.with_secret(body.clone())),
        user.request(Method::GET, "/authorizations"),
        user.request(Method::GET, "/authorizations/1"),
        user.request(Method::PATCH, "/authorizations/1").json(&body),
    ];
    departures(requests).await
}

/// An app that has made all requests of its hour.
async fn of_too_many_requests() -> Vec<Found> {
    let limits = RateLimits {
        authenticated: 1,
        ..RateLimits::default()
    };
    let world = World::with(WorldOptions {
        rate_limits: Some(limits),
        ..WorldOptions::default()
    })
    .await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let token = mona.app_token(&app, &[]).await.token();
    let body = json!({ "access_token": token });
    let check = || app.request(&world, Method::POST, "/token").json(&body);
    departures([check(), check()]).await
}

#[tokio::test]
async fn every_row_is_needed_and_none_is_missing() {
    let world = World::with(WorldOptions {
        body_bytes: 1_000,
        ..WorldOptions::default()
    })
    .await;
    let mona = world.user("mona").await;
    let app = world.app(&mona, "Deployer").await;
    let organization = world.organization("acme").await;
    world.join(&organization, &mona, Role::Member).await;
    world.team(&organization, "Ops", &[&mona]).await;
    let mut found = of_strange_note_urls(&mona, &app).await;
    found.extend(apps_and_administrators::all(&world, &mona, &app).await);
    found.extend(apps_and_administrators::of_exhausted_apps().await);
    found.extend(apps_and_administrators::of_apps_that_changed_enough().await);
    found.extend(of_wrong_filters(&mona).await);
    found.extend(of_known_things(&mona).await);
    found.extend(of_wrong_tokens(&mona).await);
    found.extend(of_missing_things(&mona, &app).await);
    found.extend(of_wrong_requests(&mona, &app).await);
    found.extend(of_too_many_requests().await);
    let found: BTreeSet<_> = found
        .into_iter()
        .map(|found| (found.operation, found.what))
        .collect();

    let mut listed = BTreeSet::new();
    for row in DEVIATIONS {
        let described = |operation: &&Operation| **operation != Operation::ListVersions;
        let operations = Operation::ALL.iter().filter(described);
        let operations = operations.map(|operation| operation.id());
        for operation in operations.filter(|id| row.operation == "*" || row.operation == *id) {
            let fresh = listed.insert((operation.to_owned(), row.what.to_owned()));
            assert!(fresh, "{row:?} stands twice");
        }
    }
    let (missing, needless): (Vec<_>, Vec<_>) = (
        found.difference(&listed).collect(),
        listed.difference(&found).collect(),
    );
    assert!(
        missing.is_empty() && needless.is_empty(),
        "missing: {missing:#?}\nneedless: {needless:#?}"
    );
}

#[test]
fn every_row_names_an_operation_and_a_section_of_the_contract() {
    let contract = include_str!("../../docs/contract.md");
    for row in DEVIATIONS {
        let known = Operation::ALL
            .iter()
            .any(|operation| operation.id() == row.operation);
        assert!(known || row.operation == "*", "{row:?}");
        let heading = format!("\n## {}. ", row.section);
        assert!(contract.contains(&heading), "{row:?}");
    }
}

//! The gateway's answer is the API's, for every token and every scope. `PROPTEST_CASES` times ten
//! cases.

use std::time::Duration;

use counterfoil_domain::access::Viewer;
use counterfoil_domain::gateway::{
    Decision, People, Presented, Requirement, RuleName, ScopeRequirement,
};
use counterfoil_domain::id::{AccountId, AppId, TeamId};
use counterfoil_domain::organization::{Memberships, Role};
use counterfoil_domain::scope::{Scope, ScopeSet, Standing};
use counterfoil_server::GatewaySettings;
use counterfoil_server::routes::Credential;
use counterfoil_testkit::{
    Answer, AppActor, GivenToken, REST_ROUTES, RestRoute, UserActor, World, WorldOptions,
};
use http::Method;
use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::any_token;

/// What is asked about one token.
const QUESTIONS_PER_TOKEN: usize = 20;

fn cases() -> usize {
    let asked = usize::try_from(ProptestConfig::default().cases).expect("a number of cases");
    asked * 10
}

/// Values of a strategy, the same ones each time.
struct Sample(TestRunner);

impl Sample {
    fn of<S: Strategy>(&mut self, strategy: &S) -> S::Value {
        strategy.new_tree(&mut self.0).expect("a value").current()
    }
}

/// What becomes of a token before it is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Lives,
    Expires,
    IsRevoked,
    OwnerIsSuspended,
    IsMistyped,
}

#[derive(Clone, Debug)]
struct Drawn {
    administrator: bool,
    of_app: bool,
    scopes: Vec<Scope>,
    fate: Fate,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let all: Vec<_> = Scope::all().collect();
    let fate = prop_oneof![
        8 => Just(Fate::Lives),
        1 => Just(Fate::Expires),
        1 => Just(Fate::IsRevoked),
        1 => Just(Fate::OwnerIsSuspended),
        1 => Just(Fate::IsMistyped),
    ];
    (any::<bool>(), any::<bool>(), subsequence(all, 0..8), fate).prop_map(
        |(administrator, of_app, scopes, fate)| Drawn {
            administrator,
            of_app,
            scopes,
            fate,
        },
    )
}

/// The routes that a token with the right scope may read, and that say so by their status.
fn readable() -> Vec<&'static RestRoute> {
    REST_ROUTES
        .iter()
        .filter(|route| {
            route.method == Method::GET
                && route.credential == Credential::PasswordOrToken
                && !route.scopes.is_empty()
                && !route.path.contains('{')
        })
        .collect()
}

fn rule_of(route: &RestRoute) -> String {
    route.path.trim_start_matches('/').replace('/', "-")
}

/// A world with a rule for each readable route that asks for what the route does.
async fn world() -> World {
    let rules = readable().into_iter().map(|route| {
        let rule = counterfoil_domain::gateway::Rule {
            scopes: ScopeRequirement::Any(super::scopes(route.scopes)),
            ..any_token()
        };
        (
            RuleName::parse(&rule_of(route)).expect("the name of a rule"),
            rule,
        )
    });
    let mut options = WorldOptions {
        gateway: GatewaySettings {
            rules: rules.collect(),
            ..GatewaySettings::default()
        },
        ..WorldOptions::default()
    };
    options.settings.token_limits.live_per_user = 1_000_000;
    options.settings.token_limits.live_per_scope_set = 1_000_000;
    // The clock stands still, and many tokens are unknown.
    options.settings.checks.look_ups.unknown_per_second = 0;
    World::with(options).await
}

/// A token that is shown with every request.
struct Bearer<'w> {
    world: &'w World,
    token: String,
}

impl Bearer<'_> {
    async fn get(&self, target: &str) -> Answer {
        self.world
            .anonymous()
            .request_anywhere(Method::GET, target)
            .header("authorization", &format!("token {}", self.token))
            .send_unchecked()
            .await
    }
}

/// Makes the token and lets its fate take its course.
async fn make<'w>(
    world: &'w World,
    owner: &UserActor<'_>,
    app: &AppActor,
    drawn: &Drawn,
) -> Bearer<'w> {
    let names: Vec<_> = drawn.scopes.iter().map(|scope| scope.name()).collect();
    let issued = world
        .issue_token(
            owner,
            GivenToken {
                app: drawn.of_app.then_some(app),
                scopes: &names,
                lifetime: (drawn.fate == Fate::Expires).then_some(Duration::from_secs(1)),
                ..GivenToken::default()
            },
        )
        .await;
    let mut token = issued.token.expose().to_owned();
    let operator = World::operator();
    match drawn.fate {
        Fate::Lives => {}
        Fate::Expires => world.advance(Duration::from_secs(2)),
        Fate::IsRevoked => {
            let id = issued.authorization.id;
            let revoked = world.authority.revoke_any_token(id, &operator).await;
            revoked.expect("it lives");
        }
        Fate::OwnerIsSuspended => {
            let login = &owner.account.login;
            let suspended = world.authority.suspend_account(login, &operator).await;
            suspended.expect("the owner lives");
        }
        Fate::IsMistyped => {
            let last = token.pop().expect("a character");
            token.push(if last == '0' { '1' } else { '0' });
        }
    }
    Bearer { world, token }
}

/// What the API says of a token.
struct Known {
    status: u16,
    login: String,
    id: String,
    counting: Vec<Scope>,
}

async fn ask_api(bearer: &Bearer<'_>, standing: Standing) -> Known {
    let user = bearer.get("/api/v3/user").await;
    let status = user.status.as_u16();
    if status != 200 {
        return Known {
            status,
            login: String::new(),
            id: String::new(),
            counting: Vec::new(),
        };
    }
    let shown = user.header("x-oauth-scopes");
    let shown = shown.split(", ").filter_map(Scope::find);
    let counts =
        |scope: &Scope| standing == Standing::SiteAdministrator || !scope.is_for_administrators();
    let json = user.json();
    Known {
        status,
        login: json["login"].as_str().expect("a login").to_owned(),
        id: json["id"].to_string(),
        counting: shown.filter(counts).collect(),
    }
}

async fn compare(bearer: &Bearer<'_>, known: &Known, asked: &[Scope], drawn: &Drawn) {
    let names: Vec<_> = asked.iter().map(|scope| scope.name()).collect();
    let query = if names.is_empty() {
        String::new()
    } else {
        format!("?scopes={}", names.join(","))
    };
    let answer = bearer.get(&format!("/gateway/verify{query}")).await;
    let may = asked
        .iter()
        .all(|scope| known.counting.iter().any(|held| held.includes(*scope)));
    let expected = match known.status {
        200 if !may => 403,
        status => status,
    };
    assert_eq!(
        answer.status.as_u16(),
        expected,
        "{drawn:?} asked for {names:?}"
    );
    if expected == 200 {
        let mut counting: Vec<_> = known.counting.iter().map(|scope| scope.name()).collect();
        counting.sort_unstable();
        assert_eq!(answer.header("x-auth-login"), known.login);
        assert_eq!(answer.header("x-auth-user-id"), known.id);
        assert_eq!(answer.header("x-auth-scopes"), counting.join(", "));
    }
}

/// The rule that asks for what a route does admits whom the route answers.
async fn compare_with_route(bearer: &Bearer<'_>, route: &RestRoute, drawn: &Drawn) {
    let at_api = bearer.get(&format!("/api/v3{}", route.path)).await;
    let rule = rule_of(route);
    let at_gateway = bearer.get(&format!("/gateway/verify/{rule}")).await;
    assert_eq!(
        at_gateway.status == 200,
        at_api.status == 200,
        "{drawn:?} at {rule}: {} and {}",
        at_gateway.status,
        at_api.status
    );
}

fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig {
        cases: asked.cases.max(10_000),
        failure_persistence: None,
        ..asked
    }
}

fn some_scopes(most: usize) -> impl Strategy<Value = Vec<Scope>> {
    let all: Vec<_> = Scope::all().collect();
    subsequence(all, 0..most)
}

fn some_people() -> impl Strategy<Value = Option<People>> {
    let ids = || prop::collection::vec(1_i64..6, 0..3);
    prop::option::of((ids(), ids(), ids())).prop_map(|lists| {
        let (users, organizations, teams) = lists?;
        Some(People {
            users: users.into_iter().map(AccountId).collect(),
            organizations: organizations.into_iter().map(AccountId).collect(),
            teams: teams.into_iter().map(TeamId).collect(),
        })
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn scopes_are_met_exactly_by_what_counts(
        held in some_scopes(8),
        needed in some_scopes(4),
        administrator in any::<bool>(),
        any_will_do in any::<bool>(),
    ) {
        let held = ScopeSet::from_scopes(held);
        let standing = if administrator { Standing::SiteAdministrator } else { Standing::Ordinary };
        let may = |scope: &Scope| {
            held.covers(*scope) && (administrator || !scope.is_for_administrators())
        };
        let (scopes, met) = if any_will_do {
            (ScopeRequirement::Any(needed.clone()), needed.iter().any(may))
        } else {
            (ScopeRequirement::All(needed.clone()), needed.iter().all(may))
        };
        let requirement = Requirement { scopes, ..Requirement::ANY_TOKEN };
        let effective = held.effective(standing);
        let token = Presented { viewer: Viewer::by_token(AccountId(1), &effective), app: None };
        let decision = requirement.decide(&token, None);
        prop_assert_eq!(decision, if met { Decision::Admitted } else { Decision::MissingScope });
    }

    #[test]
    fn people_and_apps_are_met_exactly_by_who_is_in_a_list(
        people in some_people(),
        apps in prop::option::of(prop::collection::vec(1_i64..4, 0..3)),
        app in prop::option::of(1_i64..4),
        owner in 1_i64..6,
        organizations in prop::collection::btree_set(1_i64..6, 0..4),
        teams in prop::collection::btree_set(1_i64..6, 0..4),
    ) {
        let memberships = Memberships {
            organizations: organizations.iter().map(|id| (AccountId(*id), Role::Member)).collect(),
            teams: teams.iter().copied().map(TeamId).collect(),
        };
        let requirement = Requirement {
            apps: apps.clone().map(|apps| apps.into_iter().map(AppId).collect()),
            people: people.clone(),
            ..Requirement::ANY_TOKEN
        };
        let scopes = ScopeSet::default();
        let viewer = Viewer::by_token(AccountId(owner), &scopes);
        let token = Presented { viewer, app: app.map(AppId) };
        let by_app = apps.is_none_or(|apps| app.is_some_and(|app| apps.contains(&app)));
        let by_person = people.is_none_or(|people| {
            people.users.contains(&AccountId(owner))
                || people.organizations.iter().any(|id| organizations.contains(&id.0))
                || people.teams.iter().any(|id| teams.contains(&id.0))
        });
        let expected = match (by_app, by_person) {
            (true, true) => Decision::Admitted,
            (false, _) => Decision::OtherApp,
            (true, false) => Decision::OtherPerson,
        };
        prop_assert_eq!(requirement.decide(&token, Some(&memberships)), expected);
        // Without memberships nobody is admitted who would not be with them, and nobody is refused
        // who might be.
        let unsure = requirement.decide(&token, None);
        prop_assert!(unsure == expected || unsure == Decision::MembershipsNeeded);
    }
}

#[tokio::test]
async fn the_gateways_answer_is_the_apis_for_every_token_and_scope() {
    let world = world().await;
    let mut sample = Sample(TestRunner::deterministic());
    let mona = world.user("mona").await;
    let root = world.administrator("root").await;
    let app = world.app(&mona, "Deployer").await;
    let all: Vec<_> = Scope::all().collect();
    let routes = readable();
    assert!(!routes.is_empty());
    let asked = subsequence(all, 0..4);
    let mut statuses = std::collections::BTreeSet::new();
    for _ in 0..cases() / QUESTIONS_PER_TOKEN {
        let drawn = sample.of(&drawn());
        let (owner, standing) = if drawn.administrator {
            (&root, Standing::SiteAdministrator)
        } else {
            (&mona, Standing::Ordinary)
        };
        let bearer = make(&world, owner, &app, &drawn).await;
        let known = ask_api(&bearer, standing).await;
        statuses.insert(known.status);
        for _ in 0..QUESTIONS_PER_TOKEN {
            compare(&bearer, &known, &sample.of(&asked), &drawn).await;
        }
        for route in &routes {
            compare_with_route(&bearer, route, &drawn).await;
        }
        if drawn.fate == Fate::OwnerIsSuspended {
            let (login, operator) = (&owner.account.login, World::operator());
            let back = world.authority.unsuspend_account(login, &operator).await;
            back.expect("the owner lives");
        }
    }
    // The cases were of all kinds.
    assert_eq!(statuses, [200, 401, 403].into());
}

//! What holds for all inputs. Ten thousand cases each, fewer where a database server is asked;
//! `PROPTEST_CASES` may ask for more.

mod app_tokens;
mod passkeys;

use std::collections::HashMap;
use std::sync::LazyLock;

use counterfoil_domain::authorization::ScopeChange;
use counterfoil_domain::scope::{Scope, ScopeSet};
use counterfoil_domain::token::{PlainToken, TokenFormats, TokenPrefix};
use counterfoil_testkit::engine::Engine;
use counterfoil_testkit::{RepeatableEntropy, World, WorldOptions, engine};
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

const CASES: u32 = 10_000;

fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig {
        cases: asked.cases.max(CASES),
        failure_persistence: None,
        ..asked
    }
}

/// The published prefixes of tokens with a checksum.
const KINDS: [&str; 4] = ["ghp_", "gho_", "ghu_", "ghs_"];

/// Some scopes in any order, with repetitions now and then.
fn scopes() -> impl Strategy<Value = Vec<Scope>> {
    let all: Vec<_> = Scope::all().collect();
    (subsequence(all, 0..8), any::<bool>()).prop_flat_map(|(scopes, twice)| {
        let scopes = if twice {
            [scopes.clone(), scopes].concat()
        } else {
            scopes
        };
        Just(scopes).prop_shuffle()
    })
}

#[derive(Clone, Debug)]
enum Step {
    Keep,
    Replace(Vec<Scope>),
    Amend { add: Vec<Scope>, remove: Vec<Scope> },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        1 => Just(Step::Keep),
        2 => scopes().prop_map(Step::Replace),
        4 => (scopes(), scopes()).prop_map(|(add, remove)| Step::Amend { add, remove }),
    ];
    proptest::collection::vec(step, 1..8)
}

/// What a token may do by a set of scopes: every scope that one of them includes, as the bits of
/// its place in the table.
fn reach(scopes: impl IntoIterator<Item = Scope>) -> u64 {
    static INCLUDED: LazyLock<HashMap<Scope, u64>> = LazyLock::new(|| {
        let under = |scope: Scope| {
            let all = Scope::all().enumerate();
            let included = all.filter(|(_, other)| scope.includes(*other));
            included.map(|(place, _)| 1 << place).sum()
        };
        Scope::all().map(|scope| (scope, under(scope))).collect()
    });
    scopes
        .into_iter()
        .fold(0, |reach, scope| reach | INCLUDED[&scope])
}

fn is_within(inner: u64, outer: u64) -> bool {
    inner & !outer == 0
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn scopes_never_widen_except_by_an_explicit_request(first in scopes(), steps in steps()) {
        let mut held = ScopeSet::from_scopes(first.iter().copied());
        prop_assert_eq!(reach(held.iter()), reach(first));
        for step in steps {
            let before = reach(held.iter());
            let (change, asked) = match step {
                Step::Keep => (ScopeChange::Keep, vec![]),
                Step::Replace(scopes) => {
                    let set = ScopeSet::from_scopes(scopes.iter().copied());
                    prop_assert_eq!(reach(ScopeChange::Replace(set.clone()).apply(&held).iter()), reach(scopes.clone()));
                    (ScopeChange::Replace(set), scopes)
                }
                Step::Amend { add, remove } => {
                    let set = ScopeSet::from_scopes(add.iter().copied());
                    (ScopeChange::Amend { add: set, remove }, add)
                }
            };
            held = change.apply(&held);
            let allowed = before | reach(asked);
            prop_assert!(is_within(reach(held.iter()), allowed), "{change:?} gave {held}");
        }
    }

    #[test]
    fn normalisation_is_idempotent_and_order_stable(asked in scopes()) {
        let set = ScopeSet::from_scopes(asked.iter().copied());
        let kept: Vec<_> = set.iter().collect();
        prop_assert_eq!(&ScopeSet::from_scopes(kept.iter().copied()), &set);
        prop_assert_eq!(&ScopeSet::from_stored(&set.to_string()), &set);
        prop_assert_eq!(&ScopeSet::parse(asked.iter().map(|scope| scope.name())).unwrap(), &set);
        // The order is that of the request, each scope where it first stood.
        let places: Vec<_> = kept.iter().map(|scope| asked.iter().position(|other| other == scope).unwrap()).collect();
        prop_assert!(places.is_sorted(), "{places:?}");
        // Nothing that is kept is included by another, and nothing that is dropped is lost.
        for scope in &kept {
            prop_assert!(!kept.iter().any(|other| other != scope && other.includes(*scope)));
        }
        prop_assert_eq!(reach(kept), reach(asked));
    }

    #[test]
    fn the_key_of_a_set_does_not_depend_on_the_order(asked in scopes(), seed in any::<Index>()) {
        let mut turned = asked.clone();
        if !turned.is_empty() {
            let by = seed.index(turned.len());
            turned.rotate_left(by);
        }
        let (one, other) = (ScopeSet::from_scopes(asked), ScopeSet::from_scopes(turned));
        prop_assert_eq!(one.canonical_key(), other.canonical_key());
    }

    #[test]
    fn a_token_with_one_character_changed_is_refused(
        seed in any::<u64>(),
        prefix in prop::sample::select(KINDS.to_vec()),
        place in any::<Index>(),
        to in any::<char>(),
        letter in prop::sample::select((b' '..=b'~').map(char::from).collect::<Vec<_>>()),
    ) {
        let formats = TokenFormats::default();
        let prefix = TokenPrefix::parse(prefix).unwrap();
        let token = PlainToken::generate(&prefix, &RepeatableEntropy::new(seed)).expose().to_owned();
        prop_assert!(PlainToken::parse(&token, &formats).is_some());
        let place = place.index(token.len());
        for to in [to, letter] {
            let changed: String = token.chars().enumerate().map(|(at, old)| if at == place { to } else { old }).collect();
            // Another kind of token is a token too: the checksum covers what follows the prefix, by
            // its definition.
            let another_kind = place < 4 && KINDS.iter().any(|kind| changed.starts_with(kind));
            let accepted = PlainToken::parse(&changed, &formats).is_some();
            prop_assert_eq!(accepted, changed == token || another_kind, "{}", changed);
        }
        for cut in [&token[1..], &token[..token.len() - 1], &format!("{token}0"), &format!(" {token}"), &format!("{token}\n")] {
            prop_assert!(PlainToken::parse(cut, &formats).is_none());
        }
    }
}

/// Values of a strategy, the same ones each time.
struct Sample(TestRunner);

impl Sample {
    fn new() -> Self {
        Self(TestRunner::deterministic())
    }

    fn of<S: Strategy>(&mut self, strategy: &S) -> S::Value {
        strategy.new_tree(&mut self.0).expect("a value").current()
    }
}

fn names(scopes: &[Scope]) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.name()).collect()
}

/// A world in which a user may have many tokens.
async fn roomy_world() -> World {
    let mut options = WorldOptions::default();
    options.settings.token_limits.live_per_user = 1_000_000;
    options.settings.token_limits.live_per_scope_set = 1_000_000;
    // Deleted tokens are asked for as often as a flood would, in one and the same second.
    options.settings.checks.look_ups.unknown_per_second = 0;
    World::with(options).await
}

#[tokio::test]
async fn through_the_api_scopes_widen_only_as_asked() {
    let world = roomy_world().await;
    let mona = world.user("mona").await;
    let mut sample = Sample::new();
    for case in 0..100 {
        let first = sample.of(&scopes());
        let created = mona
            .personal_token(&format!("case {case}"), &names(&first))
            .await;
        let (path, token) = (format!("/authorizations/{}", created.id()), created.token());
        let mut model = ScopeSet::from_scopes(first);
        for step in sample.of(&steps()) {
            let (body, asked) = match &step {
                Step::Keep => (json!({ "note_url": "x" }), vec![]),
                Step::Replace(scopes) => (json!({ "scopes": names(scopes) }), scopes.clone()),
                Step::Amend { add, remove } => (
                    json!({ "add_scopes": names(add), "remove_scopes": names(remove) }),
                    add.clone(),
                ),
            };
            let before = reach(model.iter());
            let changed = mona.patch(&path, body).await;
            let shown: Vec<String> =
                serde_json::from_value(changed.assert_status(200).json()["scopes"].clone())
                    .unwrap();
            model = ScopeSet::parse(shown.iter().map(String::as_str)).unwrap();
            let mut sorted = shown.clone();
            sorted.sort();
            let user = world.anonymous().get_with_token(&token, "/user").await;
            assert_eq!(user.header("x-oauth-scopes"), sorted.join(", "));
            let allowed = before | reach(asked);
            assert!(
                is_within(reach(model.iter()), allowed),
                "{step:?} gave {shown:?}"
            );
        }
    }
}

/// How many tokens a world holds at a time while every token is looked at.
const BATCH: usize = 100;

/// How many tokens are made in all. They are drawn the same wherever they are stored, and a server
/// takes ten times as long for each as a file.
fn tokens_made() -> usize {
    let all = CASES as usize;
    match engine::chosen() {
        Engine::Sqlite => all,
        Engine::Postgres | Engine::PgBouncer => all / 5,
    }
}

#[tokio::test]
async fn every_token_that_verifies_is_listed_and_can_be_deleted() {
    let world = roomy_world().await;
    let mona = world.user("mona").await;
    let mut apps = Vec::new();
    for number in 0..5 {
        apps.push(world.app(&mona, &format!("App {number}")).await);
    }
    let mut sample = Sample::new();
    let kinds = (
        any::<bool>(),
        scopes(),
        prop::option::of(prop::collection::vec(b' '..=b'~', 1..20)),
    );
    for batch in 0..tokens_made() / BATCH {
        let mut tokens = HashMap::new();
        for number in 0..BATCH {
            let (personal, scopes, fingerprint) = sample.of(&kinds);
            let note = format!("{batch} {number}");
            // The number keeps fingerprints apart.
            let fingerprint =
                fingerprint.map(|text| format!("{} {note}", String::from_utf8_lossy(&text)));
            let members =
                json!({ "note": note, "scopes": names(&scopes), "fingerprint": fingerprint });
            let body = if personal {
                members
            } else {
                apps[number % apps.len()].with_pair(members)
            };
            let created = mona
                .request(http::Method::POST, "/authorizations")
                .json(&body)
                .send_unchecked()
                .await;
            tokens.insert(created.assert_status(201).id(), created.token());
        }
        assert_all_live_and_listed(&world, &mona, &tokens).await;
        for (id, token) in tokens {
            let path = format!("/authorizations/{id}");
            mona.request(http::Method::DELETE, &path)
                .send_unchecked()
                .await
                .assert_status(204);
            assert_eq!(verifies(&world, &token).await, None);
        }
        assert!(mona.ids("/authorizations").await.is_empty());
    }
}

/// Compares the tokens that verify with those that are listed.
async fn assert_all_live_and_listed(
    world: &World,
    mona: &counterfoil_testkit::UserActor<'_>,
    tokens: &HashMap<i64, String>,
) {
    let listed = mona
        .request(http::Method::GET, "/authorizations?per_page=100")
        .send_unchecked()
        .await
        .json();
    let listed: HashMap<_, _> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| (item["id"].as_i64().expect("an id"), item))
        .collect();
    assert_eq!(listed.len(), tokens.len());
    for (id, token) in tokens {
        let scopes = verifies(world, token).await.expect("a new token verifies");
        let item: &Value = listed[id];
        let mut shown: Vec<_> = item["scopes"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|name| name.as_str().expect("a name"))
            .collect();
        shown.sort_unstable();
        assert_eq!(scopes, shown.join(", "));
        assert_eq!(item["token_last_eight"], token[32..]);
    }
}

/// The scopes of a token that verifies.
async fn verifies(world: &World, token: &str) -> Option<String> {
    let request = world.anonymous().request(http::Method::GET, "/user");
    let answer = request
        .header("authorization", &format!("token {token}"))
        .send_unchecked()
        .await;
    if answer.status == 200 {
        return Some(answer.header("x-oauth-scopes"));
    }
    answer.assert_status(401);
    None
}

#[tokio::test]
async fn following_the_links_visits_each_item_exactly_once() {
    let world = roomy_world().await;
    let mona = world.user("mona").await;
    let mut sample = Sample::new();
    let app = world.app(&mona, "Deployer").await;
    let mut all = Vec::new();
    for round in 0..100 {
        if round % 2 == 0 {
            all.push(
                mona.personal_token(&format!("round {round}"), &[])
                    .await
                    .id(),
            );
        } else {
            let body = app.with_pair(json!({ "scopes": names(&sample.of(&scopes())), "fingerprint": format!("{round}") }));
            all.push(
                mona.post("/authorizations", body)
                    .await
                    .assert_status(201)
                    .id(),
            );
        }
        let order = mona.ids("/authorizations?per_page=100").await;
        for _ in 0..2 {
            let size = sample.of(&(1_usize..40));
            let mut visited = Vec::new();
            let mut next = Some(format!("/authorizations?per_page={size}"));
            while let Some(path) = next {
                let page = mona
                    .request(http::Method::GET, &path)
                    .send_unchecked()
                    .await;
                visited.extend(
                    page.json()
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|item| item["id"].as_i64().unwrap()),
                );
                next = next_path(&page.header("link"));
            }
            assert_eq!(visited, order, "{size} a page");
        }
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, all);
    }
}

/// The path of the page that a `Link` header calls the next one.
fn next_path(link: &str) -> Option<String> {
    let part = link
        .split(", ")
        .find(|part| part.ends_with("; rel=\"next\""))?;
    let url = part.strip_prefix("<http://counterfoil.test/api/v3")?;
    Some(url.split('>').next()?.to_owned())
}

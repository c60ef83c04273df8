//! Every parameter that the official description has for an operation that is served is obeyed: two
//! values of it get two answers. Those that change no answer are on a list with the reason, and the
//! two answers to them are the same.

mod headers;
mod scene;
mod values;

use std::collections::BTreeSet;

use counterfoil_testkit::{
    Answer, DescribedOperation, ParameterPlace, RequestBuilder, World, described,
};
use counterfoil_wire::documentation::Operation;
use http::Method;
use serde_json::Value;

use self::scene::Scene;
use self::values::Tried;

/// The parameters that change no answer, with the reason: the operation, the parameter.
const UNSEEN: &[(Operation, &str, &str)] = &[
    (Operation::CheckPublicMember, "org", NOBODY_IS_PUBLIC),
    (Operation::CheckPublicMember, "username", NOBODY_IS_PUBLIC),
    (Operation::ListPublicMembers, "per_page", NOBODY_IS_PUBLIC),
    (
        Operation::ListOrganizationsOfUser,
        "per_page",
        NOBODY_IS_PUBLIC,
    ),
    (Operation::ListEmails, "per_page", "a user has one address"),
    (Operation::ScopeToken, "client_id", NO_SCOPED_TOKENS),
    (Operation::ScopeToken, "access_token", NO_SCOPED_TOKENS),
    (Operation::ScopeToken, "target", NO_SCOPED_TOKENS),
    (Operation::ScopeToken, "target_id", NO_SCOPED_TOKENS),
    (Operation::ScopeToken, "repositories", NO_SCOPED_TOKENS),
    (Operation::ScopeToken, "repository_ids", NO_SCOPED_TOKENS),
    (Operation::ScopeToken, "permissions", NO_SCOPED_TOKENS),
    (Operation::SuspendUser, "reason", REASONS_ARE_NOT_KEPT),
    (Operation::UnsuspendUser, "reason", REASONS_ARE_NOT_KEPT),
];

const NOBODY_IS_PUBLIC: &str = "no membership is public, so there is nothing to find and to list";
const NO_SCOPED_TOKENS: &str = "only tokens of GitHub Apps can be scoped: 404, whatever is wanted";
const REASONS_ARE_NOT_KEPT: &str = "the audit trail holds nothing that cannot be erased";

fn is_unseen(operation: Operation, name: &str) -> bool {
    UNSEEN
        .iter()
        .any(|(of, unseen, _)| *of == operation && *unseen == name)
}

/// What is compared of answers: to a request, and to the one after it that looks at what it left.
type Shown = (u16, String, String, String);

fn shown(answer: &Answer, name: &str) -> Shown {
    (
        answer.status.as_u16(),
        answer.text(),
        answer.header("location"),
        without(name, &answer.header("link")),
    )
}

/// A `Link` without the parameter of this name where it only repeats what was asked.
fn without(name: &str, link: &str) -> String {
    if name == "page" {
        return link.to_owned();
    }
    let mut parts = link.split(['?', '&']).collect::<Vec<_>>();
    parts.retain(|part| !part.starts_with(&format!("{name}=")));
    parts.join("&")
}

/// The request for an operation, with one parameter that has this value.
fn request<'w>(
    scene: &Scene<'w>,
    operation: Operation,
    described: &DescribedOperation,
    tried: Option<(&Tried, &Value)>,
) -> RequestBuilder<'w> {
    let mut path = described.path.clone();
    let mut query = Vec::new();
    let mut body = values::body(scene, operation);
    for (place, name) in &described.parameters {
        let chosen = tried.filter(|(tried, _)| tried.place == *place && tried.name == *name);
        match place {
            ParameterPlace::Path => {
                let value = chosen.map_or_else(
                    || values::usual(scene, operation, name),
                    |(_, value)| value.clone(),
                );
                path = path.replace(&format!("{{{name}}}"), &plain(&value));
            }
            ParameterPlace::Query => {
                query.extend(chosen.map(|(_, value)| format!("{name}={}", plain(value))));
            }
            ParameterPlace::Header => panic!("{name} is a header, and no operation had one"),
            ParameterPlace::Body => {
                if let Some((_, value)) = chosen {
                    body[name.as_str()] = value.clone();
                }
            }
        }
    }
    if let Some((tried, _)) = tried {
        query.extend(tried.beside_query.map(str::to_owned));
        for (name, value) in tried.beside.as_object().into_iter().flatten() {
            body[name.as_str()] = value.clone();
        }
    }
    let path = format!("{path}?{}", query.join("&"));
    let request = scene.request(
        operation,
        described.method.clone(),
        path.trim_end_matches('?'),
    );
    if body.is_null() {
        request
    } else {
        request.json(&body)
    }
}

/// What two values of a parameter are answered; each by an installation of its own if the operation
/// changes something, and then with what is there afterwards.
async fn answers(
    operation: Operation,
    described: &DescribedOperation,
    (place, name): (ParameterPlace, &str),
    shared: &Scene<'_>,
) -> [Vec<Shown>; 2] {
    let mut both = [Vec::new(), Vec::new()];
    for (number, answers) in both.iter_mut().enumerate() {
        if described.method == Method::GET {
            let tried = values::tried(shared, operation, place, name);
            let value = &tried.values[number];
            let request = request(shared, operation, described, Some((&tried, value)));
            answers.push(shown(&request.send().await, name));
        } else {
            let world = World::new().await;
            let scene = Scene::new(&world).await;
            let tried = values::tried(&scene, operation, place, name);
            let value = &tried.values[number];
            let request = request(&scene, operation, described, Some((&tried, value)));
            answers.push(shown(&request.send().await, name));
            if let Some(path) = tried.then {
                answers.push(shown(&world.anonymous().get(path).await, name));
            }
        }
    }
    both
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[tokio::test]
async fn every_documented_parameter_is_obeyed_or_on_the_list() {
    let world = World::new().await;
    let shared = Scene::new(&world).await;
    let (mut tried, mut wrong) = (BTreeSet::new(), Vec::new());
    for &operation in Operation::ALL {
        let Some(described) = described(operation) else {
            assert_eq!(operation, Operation::ListVersions, "it is not described");
            continue;
        };
        for (place, name) in &described.parameters {
            let [first, second] = answers(operation, &described, (*place, name), &shared).await;
            let id = operation.id();
            match (first == second, is_unseen(operation, name)) {
                (true, false) => wrong.push(format!("{id}: {name} changes nothing: {first:?}")),
                (false, true) => {
                    wrong.push(format!("{id}: {name} changes the answer, but is listed"));
                }
                (true, true) | (false, false) => {}
            }
            tried.insert((id, name.clone()));
        }
    }
    for (operation, name, _) in UNSEEN {
        if !tried.contains(&(operation.id(), (*name).to_owned())) {
            wrong.push(format!("{} has no parameter {name}", operation.id()));
        }
    }
    assert!(tried.len() > 100, "there are only {}", tried.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Without this, answers might differ for another reason than the value.
#[tokio::test]
async fn one_value_gets_one_answer_in_two_installations() {
    for &operation in Operation::ALL {
        let changing = described(operation).filter(|described| described.method != Method::GET);
        let Some(described) = changing else { continue };
        let mut seen = Vec::new();
        for _ in 0..2 {
            let world = World::new().await;
            let scene = Scene::new(&world).await;
            let answer = request(&scene, operation, &described, None).send().await;
            let told = operation == Operation::ScopeToken && answer.status == 404;
            assert!(
                answer.status.is_success() || told,
                "{operation:?}: {}",
                answer.text()
            );
            seen.push(shown(&answer, ""));
        }
        assert_eq!(seen[0], seen[1], "{operation:?}");
    }
}

//! The description of the API as clients get it, and what it says (wire contract, section 20).

mod comparison;
mod parameters;

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::Duration;

use counterfoil_server::Strangers;
use counterfoil_testkit::process::finish;
use counterfoil_testkit::{OWN_DESCRIPTION, World, WorldOptions, installed};
use counterfoil_wire::documentation::Operation;
use serde_json::Value;

const PATH: &str = "/openapi.json";

/// How long a validator may take before it counts as a hang.
const LIMIT: Duration = Duration::from_mins(2);

/// The operations of the description, each with its path and method.
fn operations() -> impl Iterator<Item = (&'static String, &'static String, &'static Value)> {
    let paths = OWN_DESCRIPTION["paths"].as_object().expect("an object");
    paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().expect("an object").iter();
        operations.map(move |(method, operation)| (path, method, operation))
    })
}

#[tokio::test]
async fn the_api_describes_itself_to_everybody() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let stranger = world.anonymous().get(PATH).await;
    let described = stranger.assert_status(200).json();
    assert_eq!(described["openapi"], "3.1.1");
    assert_eq!(
        described["servers"][0]["url"],
        "http://counterfoil.test/api/v3"
    );
    let user = mona.get(PATH).await;
    assert_eq!(user.assert_status(200).body, stranger.body);
    assert_eq!(user.header("etag"), stranger.header("etag"));
    let known = world
        .anonymous()
        .request(http::Method::GET, PATH)
        .header("if-none-match", &stranger.header("etag"));
    assert!(known.send().await.assert_status(304).body.is_empty());
    let compressed = world
        .anonymous()
        .request(http::Method::GET, PATH)
        .header("accept-encoding", "gzip")
        .send()
        .await;
    assert!(compressed.assert_status(200).body.len() * 5 < stranger.body.len());
}

#[tokio::test]
async fn private_mode_hides_the_description_from_strangers() {
    let world = World::with(WorldOptions {
        strangers: Strangers::Refused,
        ..WorldOptions::default()
    })
    .await;
    let mona = world.user("mona").await;
    world.anonymous().get(PATH).await.assert_status(401);
    mona.get(PATH).await.assert_status(200);
}

#[tokio::test]
async fn older_token_urls_are_described_where_they_are_served() {
    let path = "/applications/{client_id}/tokens/{access_token}";
    let world = World::new().await;
    let served = world.anonymous().get(PATH).await.json();
    assert!(served["paths"].get(path).is_none());
    let item = &OWN_DESCRIPTION["paths"][path];
    assert_eq!(item["get"]["deprecated"], true);
    assert_eq!(item["get"]["operationId"], "apps/check-token-in-path");
}

#[test]
fn every_operation_is_described_under_an_id_of_its_own() {
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{method} {path}: {id} stands twice");
    }
    for operation in Operation::ALL {
        assert!(ids.contains(operation.id()), "{operation:?}");
    }
}

#[test]
fn the_description_is_valid_openapi() {
    let script = "import json, sys\n\
                  from openapi_spec_validator import OpenAPIV31SpecValidator\n\
                  for error in OpenAPIV31SpecValidator(json.load(sys.stdin)).iter_errors():\n    \
                      print(error.message, list(error.absolute_path))\n";
    let mut child = Command::new(installed::schemathesis_python())
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the validator can be started");
    let stdin = child.stdin.take().expect("standard input was piped");
    serde_json::to_writer(stdin, &*OWN_DESCRIPTION).expect("the validator reads");
    let output = finish(child, "the validator", LIMIT).succeeded();
    assert_eq!(output.stdout, "", "{}", output.stderr);
}

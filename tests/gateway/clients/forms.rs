//! The configurations that are not run: they are read at least.

use std::process::{Command, Stdio};
use std::time::Duration;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::installed;
use counterfoil_testkit::process::finish;
use saphyr::{LoadableYamlNode as _, Yaml};

use crate::gateway::IDENTITY;
use crate::pages::Page;

#[test]
fn the_settings_on_the_page_are_settings() {
    for (number, text) in Page::read("gateways.md")
        .blocks("toml")
        .into_iter()
        .enumerate()
    {
        let folder = TestFolder::in_memory();
        let file = folder.path().join("counterfoil.toml");
        std::fs::write(&file, text).expect("a file of ours");
        let child = Command::new(installed::program())
            .args(["config", "check", "--config"])
            .arg(&file)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let limit = Duration::from_mins(1);
        finish(child, &format!("config check of block {number}"), limit).succeeded();
    }
}

/// The documents of Traefik and Envoy, in the order of the page.
fn documents() -> [String; 2] {
    let blocks = Page::read("gateways.md").blocks("yaml");
    blocks.try_into().expect("one each")
}

fn parsed(text: &str) -> Yaml<'_> {
    let mut documents = Yaml::load_from_str(text).expect("the page has YAML");
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

#[test]
fn the_configuration_of_traefik_asks_between_removing_claims_and_the_application() {
    let [traefik, _] = documents();
    let http = &parsed(&traefik)["http"];
    let names: Vec<_> = http["routers"]["site"]["middlewares"]
        .as_sequence()
        .expect("a list")
        .iter()
        .map(|name| name.as_str().expect("a name"))
        .collect();
    assert_eq!(names, ["without-claims", "verify", "without-token"]);
    let middlewares = &http["middlewares"];
    for name in names {
        assert!(middlewares.as_mapping_get(name).is_some(), "{name}");
    }
    let removed = &middlewares["without-claims"]["headers"]["customRequestHeaders"];
    let copied = &middlewares["verify"]["forwardAuth"]["authResponseHeaders"];
    let copied: Vec<_> = copied.as_sequence().expect("a list").iter().collect();
    assert_eq!(copied.len(), IDENTITY.len());
    for name in copied {
        let name = name.as_str().expect("a name");
        assert!(IDENTITY.contains(&name.to_lowercase().as_str()), "{name}");
        assert_eq!(removed[name].as_str(), Some(""), "{name}");
        assert_eq!(
            removed[name.replace('-', "_").as_str()].as_str(),
            Some(""),
            "{name}"
        );
    }
}

#[test]
fn the_configuration_of_envoy_asks_between_removing_claims_and_the_application() {
    let [_, envoy] = documents();
    let envoy = parsed(&envoy);
    let listener = &envoy["static_resources"]["listeners"][0];
    let manager = &listener["filter_chains"][0]["filters"][0]["typed_config"];
    let filters = manager["http_filters"].as_sequence().expect("a list");
    let names: Vec<_> = filters
        .iter()
        .map(|filter| filter["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(
        names,
        ["header_mutation", "ext_authz", "router"].map(|name| format!("envoy.filters.http.{name}"))
    );
    let mutations = &filters[0]["typed_config"]["mutations"]["request_mutations"];
    let removed: Vec<_> = mutations
        .as_sequence()
        .expect("a list")
        .iter()
        .map(|mutation| mutation["remove"].as_str().expect("a name"))
        .collect();
    assert_eq!(removed, IDENTITY);
    let service = &filters[1]["typed_config"]["http_service"];
    assert_eq!(
        service["path_prefix"].as_str(),
        Some("/gateway/verify/site/for")
    );
}

//! Parameters of queries do what they are described to do: each word is understood, and another one
//! is refused.

use counterfoil_domain::organization::Role;
use counterfoil_testkit::World;
use serde_json::Value;

use super::operations;

#[tokio::test]
async fn every_word_of_a_parameter_is_understood_and_no_other() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let organization = world.organization("acme").await;
    world.join(&organization, &mona, Role::Admin).await;
    world.team(&organization, "Ops", &[&mona]).await;
    let mut words_tried = 0;
    for (template, method, operation) in operations() {
        let parameters = operation["parameters"].as_array().unwrap().iter();
        for parameter in parameters.filter(|parameter| parameter["in"] == "query") {
            let Some(words) = parameter["schema"]["enum"].as_array() else {
                continue;
            };
            assert_eq!(method, "get", "{template}");
            let path = template
                .replace("{org}", "acme")
                .replace("{team_slug}", "ops")
                .replace("{org_id}", &organization.id.to_string())
                .replace("{team_id}", "1")
                .replace("{username}", "mona");
            let name = parameter["name"].as_str().unwrap();
            let asking = |word: &str| format!("{path}?{name}={word}");
            for word in words.iter().filter_map(Value::as_str) {
                mona.get(&asking(word)).await.assert_status(200);
                words_tried += 1;
            }
            let other = mona.get(&asking("none-of-them")).await;
            other.assert_status(422);
        }
    }
    assert!(words_tried > 10, "{words_tried}");
}

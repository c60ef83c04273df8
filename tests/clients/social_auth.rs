//! `PyPI`'s `social-auth-core`: its backends for GitHub Enterprise let in everybody, the members of
//! an organization, or those of a team, by what the API says about the owner of a token.

use std::process::Command;

use counterfoil_testkit::installed;
use counterfoil_testkit::process::Running;
use serde_json::{Value, json};

use super::driver::Driver;
use super::installation::{Installation, LOGIN, text};

/// octocat in an organization and a team, and hubot outside.
struct Scene {
    server: Running,
    installation: Installation,
    team: String,
}

impl Scene {
    fn new() -> Self {
        let installation = Installation::new();
        let program = &installation.program;
        let add = ["user", "create", "hubot", "--password-stdin"];
        program.command(&add, "another good password").succeeded();
        for command in [
            &["org", "create", "acme"][..],
            &["org", "member", "add", "acme", LOGIN],
            &["team", "create", "acme", "Operators"],
            &["team", "member", "add", "acme", "operators", LOGIN],
        ] {
            program.command(command, "").succeeded();
        }
        let teams = program.json(&["team", "list", "acme"], "");
        Self {
            server: installation.serve(),
            team: teams[0]["id"].to_string(),
            installation,
        }
    }

    fn driver(&self) -> Driver {
        let mut python = Command::new(installed::python());
        python
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/clients/drivers/social_auth.py"
            ))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        let settings = json!({ "url": self.server.base_url, "base_url": self.server.api_url() });
        Driver::run(&mut python, &settings)
    }

    fn token(&self, login: &str, scopes: &str) -> String {
        let create = [
            "token", "create", login, "--note", scopes, "--scopes", scopes,
        ];
        text(&self.installation.program.json(&create, "")["token"])
    }

    /// What each backend says of the owner of a token: the plain one, that of an organization, that
    /// of a team.
    fn asked(&self, driver: &mut Driver, token: &str) -> [Value; 3] {
        [
            ("user", json!({})),
            ("organization", json!({ "NAME": "acme" })),
            ("team", json!({ "ID": self.team })),
        ]
        .map(|(backend, setting)| {
            let call = json!({ "backend": backend, "setting": setting, "token": token });
            driver.call(&call).data
        })
    }
}

fn admitted(said: &[Value; 3]) -> [bool; 3] {
    [0, 1, 2].map(|place| said[place]["admitted"] == true)
}

#[test]
fn members_come_in_and_nobody_else() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let token = scene.token(LOGIN, "read:org,user:email");
    let said = scene.asked(&mut driver, &token);
    assert_eq!(admitted(&said), [true, true, true], "{said:?}");
    let details = &said[1]["details"];
    assert_eq!(details["username"], LOGIN);
    assert_eq!(details["email"], format!("{LOGIN}@example.org"));

    let said = scene.asked(&mut driver, &scene.token("hubot", "read:org"));
    assert_eq!(admitted(&said), [true, false, false], "{said:?}");
    assert_eq!(said[1]["kind"], "AuthPolicyError");

    // Who leaves is out, with the same token.
    let program = &scene.installation.program;
    let remove = ["team", "member", "remove", "acme", "operators", LOGIN];
    program.command(&remove, "").succeeded();
    let said = scene.asked(&mut driver, &token);
    assert_eq!(admitted(&said), [true, true, false], "{said:?}");
    let remove = ["org", "member", "remove", "acme", LOGIN];
    program.command(&remove, "").succeeded();
    let said = scene.asked(&mut driver, &token);
    assert_eq!(admitted(&said), [true, false, false], "{said:?}");
}

#[test]
fn a_token_that_may_not_know_lets_nobody_in() {
    let scene = Scene::new();
    let mut driver = scene.driver();
    let narrow = scene.token(LOGIN, "user:email");
    let said = scene.asked(&mut driver, &narrow);
    assert_eq!(admitted(&said), [true, false, false], "{said:?}");
    let program = &scene.installation.program;
    program
        .command(&["token", "revoke", "--token-stdin"], &narrow)
        .succeeded();
    let said = scene.asked(&mut driver, &narrow);
    assert_eq!(admitted(&said), [false, false, false], "{said:?}");
}

//! An organization as clients ask about it: an owner, a member with a second factor, a member
//! without, and a stranger.

use counterfoil_testkit::process::Running;
use serde_json::Value;

use super::installation::{Installation, LOGIN, text};

pub(super) const ORG: &str = "acme";
/// Its owner.
pub(super) const OWNER: &str = LOGIN;
pub(super) const MEMBER: &str = "hubot";
/// A member with a second factor.
pub(super) const CAREFUL: &str = "careful";
/// Somebody outside.
pub(super) const STRANGER: &str = "stranger";
/// A password of theirs.
const PASSWORD: &str = "another good password";

/// The organization, and the server that is asked about it.
pub(super) struct Organization {
    pub(super) server: Running,
    pub(super) installation: Installation,
}

impl Organization {
    /// Sets it up and serves.
    pub(super) fn new() -> Self {
        let installation = Installation::new();
        let program = &installation.program;
        for login in [MEMBER, CAREFUL, STRANGER] {
            let add = ["user", "create", login, "--password-stdin"];
            program.command(&add, PASSWORD).succeeded();
        }
        for command in [
            &["user", "otp", "enable", CAREFUL][..],
            &["org", "create", ORG],
            &["org", "member", "add", ORG, OWNER, "--admin"],
            &["org", "member", "add", ORG, MEMBER],
            &["org", "member", "add", ORG, CAREFUL],
            &["team", "create", ORG, "Operators"],
            &["team", "member", "add", ORG, "operators", OWNER],
            &["team", "member", "add", ORG, "operators", MEMBER],
        ] {
            program.command(command, "").succeeded();
        }
        Self {
            server: installation.serve(),
            installation,
        }
    }

    /// The ids of the organization and of its team.
    pub(super) fn ids(&self) -> (i64, i64) {
        let program = &self.installation.program;
        let id = |shown: &Value| shown["id"].as_i64().expect("an id");
        let teams = program.json(&["team", "list", ORG], "");
        (id(&program.json(&["org", "show", ORG], "")), id(&teams[0]))
    }

    /// A token of somebody's.
    pub(super) fn token(&self, login: &str, scopes: &str) -> String {
        let create = [
            "token", "create", login, "--note", scopes, "--scopes", scopes,
        ];
        text(&self.installation.program.json(&create, "")["token"])
    }
}

//! gidgethub 6 over aiohttp: the library of bots, which follows `Link` by itself.

use std::process::Command;

use counterfoil_testkit::installed;
use serde_json::{Value, json};

use super::driver::{Answer, Driver};
use super::organization::{CAREFUL, MEMBER, ORG, OWNER, Organization, STRANGER};

struct Gidgethub(Driver);

impl Gidgethub {
    fn to(scene: &Organization) -> Self {
        let mut python = Command::new(installed::python());
        python
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/clients/drivers/gidgethub_aiohttp.py"
            ))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        let settings = json!({ "base_url": scene.server.api_url() });
        Self(Driver::run(&mut python, &settings))
    }

    fn ask(&mut self, method: &str, path: &str, token: &str) -> Answer {
        let call = json!({ "method": method, "path": path, "token": token });
        self.0.call(&call)
    }

    fn all(&mut self, path: &str, token: &str) -> Value {
        let mut answer = self.ask("getiter", path, token);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.data["answer"].take()
    }
}

#[test]
fn gidgethub_goes_through_all_pages_of_members() {
    let scene = Organization::new();
    let mut client = Gidgethub::to(&scene);
    let token = scene.token(MEMBER, "read:org");
    let path = format!("/orgs/{ORG}/members?per_page=1");
    assert_eq!(client.all(&path, &token), json!([OWNER, MEMBER, CAREFUL]));
    let mut member = client.ask("getitem", "/user", &token);
    assert_eq!(member.data["answer"]["login"].take(), MEMBER);
    let path = format!("/orgs/{ORG}/memberships/{STRANGER}");
    assert_eq!(client.ask("getitem", &path, &token).status, 404);
    assert_eq!(client.ask("getitem", "/user", "no such token").status, 401);
}

#[test]
fn gidgethub_keeps_the_role_on_every_page() {
    let scene = Organization::new();
    let mut client = Gidgethub::to(&scene);
    let token = scene.token(MEMBER, "read:org");
    let of_role = |role: &str| format!("/orgs/{ORG}/members?role={role}&per_page=1");
    assert_eq!(client.all(&of_role("admin"), &token), json!([OWNER]));
    assert_eq!(
        client.all(&of_role("member"), &token),
        json!([MEMBER, CAREFUL])
    );
}

#[test]
fn gidgethub_finds_no_pending_membership_where_nobody_is_invited() {
    let scene = Organization::new();
    let mut client = Gidgethub::to(&scene);
    let token = scene.token(MEMBER, "read:org");
    let mut in_state = |state: &str| {
        let path = format!("/user/memberships/orgs?state={state}");
        let mut answer = client.ask("getitem", &path, &token);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.data["answer"].take()
    };
    assert_eq!(in_state("pending"), json!([]));
    assert_eq!(in_state("active")[0]["organization"]["login"], ORG);
}

//! The routes of apps and of administrators, one request each, with what must be there before.

use counterfoil_server::routes::Credential;
use counterfoil_testkit::process::{ApiClient, OauthApp, Person, Program, Reply};
use counterfoil_testkit::{REST_ROUTES, RestRoute, TestFolder};
use counterfoil_wire::documentation::Operation;
use serde_json::{Value, json};

use super::trace::{Traced, server_under_strace};

/// A traced server with a user, an app, and a site administrator with a token.
struct Rows {
    traced: Traced,
    user: ApiClient,
    admin: ApiClient,
    as_app: ApiClient,
    app: OauthApp,
    made: u32,
}

/// Who asks.
#[derive(Clone, Copy)]
enum Who {
    User,
    Admin,
    App,
}

impl Rows {
    fn new(folder: &TestFolder) -> Self {
        let program = Program::build_in(folder.path())
            .with_cheap_passwords()
            .with_environment("COUNTERFOIL_LEGACY_TOKEN_URLS", "true");
        let user = program.add_user("octocat");
        let app = program.add_app(&user, "An app");
        program
            .command(
                &["user", "create", "admin", "--admin", "--password-stdin"],
                "a password of theirs",
            )
            .succeeded();
        let made = program.json(
            &[
                "token",
                "create",
                "admin",
                "--note",
                "syncs",
                "--scopes",
                "site_admin",
            ],
            "",
        );
        let token = made["token"].as_str().expect("a token").to_owned();
        let (program, trace) = server_under_strace(program, folder.path());
        let traced = Traced::new(program.start_serve(&[]), trace);
        let url = traced.server.base_url.clone();
        let client = |person: &Person| {
            person
                .connect(&url)
                .expect("the server accepts connections")
        };
        let pair = Person::new(&app.client_id, &app.client_secret);
        let mut rows = Self {
            user: client(&user),
            as_app: client(&pair),
            admin: ApiClient::with_token(&url, &token).expect("the server accepts connections"),
            traced,
            app,
            made: 0,
        };
        // The first sign-in from an address is noted, which would be counted with the first route.
        rows.must(Who::User, "GET", "/user", None, 200);
        rows
    }

    /// Sends a request; gives its answer, and how many syncs were complete when that was sent.
    fn ask(&mut self, who: Who, method: &str, path: &str, body: Option<&Value>) -> (Reply, usize) {
        let client = match who {
            Who::User => &mut self.user,
            Who::Admin => &mut self.admin,
            Who::App => &mut self.as_app,
        };
        let reply = client.must(method, path, body);
        (reply, self.traced.syncs_before_answer())
    }

    fn must(
        &mut self,
        who: Who,
        method: &str,
        path: &str,
        body: Option<&Value>,
        status: u16,
    ) -> Reply {
        let (reply, _) = self.ask(who, method, path, body);
        reply.assert_status(status);
        reply
    }

    /// Sends the route's request and says how many syncs were complete when its answer was sent.
    fn syncs_of(&mut self, route: &RestRoute) -> usize {
        self.made += 1;
        let login = format!("someone-{}", self.made);
        let made = json!({ "login": login });
        self.must(Who::Admin, "POST", "/admin/users", Some(&made), 201);
        let personal = json!({ "note": format!("laptop {}", self.made) });
        let personal = self
            .must(Who::User, "POST", "/authorizations", Some(&personal), 201)
            .id();
        let of_app = json!({
            "client_id": self.app.client_id,
            "client_secret": self.app.client_secret,
            "fingerprint": format!("machine {}", self.made),
        });
        let token = self
            .must(Who::User, "POST", "/authorizations", Some(&of_app), 201)
            .token();
        self.prepare(route, &login);
        let path = route
            .path
            .replace("{client_id}", &self.app.client_id)
            .replace("{access_token}", &token)
            .replace("{token_id}", &personal.to_string())
            .replace("{username}", &login);
        let body = match route.operation {
            Operation::CreateImpersonation => Some(json!({ "scopes": [] })),
            Operation::CreateUser => Some(json!({ "login": format!("new-{}", self.made) })),
            Operation::RenameUser => Some(json!({ "login": format!("renamed-{}", self.made) })),
            Operation::ScopeToken => Some(json!({ "access_token": token, "target": login })),
            _ if route.credential == Credential::App => Some(json!({ "access_token": token })),
            _ => None,
        };
        let who = if route.credential == Credential::Administrator {
            Who::Admin
        } else {
            Who::App
        };
        let (reply, syncs) = self.ask(who, route.method.as_str(), &path, body.as_ref());
        // No token can be scoped, and that is the documented answer.
        let told = route.operation == Operation::ScopeToken && reply.status == 404;
        let served = (200..300).contains(&reply.status);
        assert!(
            served || told,
            "{} {}: {}",
            route.method,
            route.path,
            reply.text()
        );
        syncs
    }

    /// Puts in place what the row takes away.
    fn prepare(&mut self, route: &RestRoute, login: &str) {
        let (method, path, body, status) = match route.operation {
            Operation::DeleteImpersonation => {
                let scopes = json!({ "scopes": [] });
                (
                    "POST",
                    format!("/admin/users/{login}/authorizations"),
                    Some(scopes),
                    201,
                )
            }
            Operation::DemoteUser => ("PUT", format!("/users/{login}/site_admin"), None, 204),
            Operation::UnsuspendUser => ("PUT", format!("/users/{login}/suspended"), None, 204),
            _ => return,
        };
        self.must(Who::Admin, method, &path, body.as_ref(), status);
    }
}

fn rows() -> impl Iterator<Item = &'static RestRoute> {
    REST_ROUTES.iter().filter(|route| {
        matches!(
            route.credential,
            Credential::App | Credential::AppInPath | Credential::Administrator
        )
    })
}

#[test]
fn every_route_of_apps_and_administrators_that_writes_syncs_before_it_answers() {
    let folder = TestFolder::on_disk();
    let mut traced = Rows::new(&folder);
    for route in rows().filter(|route| route.audit.is_some()) {
        let syncs = traced.syncs_of(route);
        assert!(syncs > 0, "{} {} syncs nothing", route.method, route.path);
    }
}

#[test]
fn routes_of_apps_and_administrators_that_read_sync_nothing() {
    let folder = TestFolder::on_disk();
    let mut traced = Rows::new(&folder);
    for route in rows().filter(|route| route.audit.is_none()) {
        let syncs = traced.syncs_of(route);
        assert_eq!(syncs, 0, "{} {} syncs", route.method, route.path);
    }
}

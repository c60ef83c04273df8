//! One request for each route, with what must be there before.

use counterfoil_domain::audit::Action;
use counterfoil_testkit::RestRoute;
use counterfoil_testkit::process::{ApiClient, OauthApp, Person, Reply};
use http::Method;
use serde_json::{Value, json};

use super::trace::Traced;

/// A traced server with one user and one app.
pub(super) struct Rows {
    traced: Traced,
    client: ApiClient,
    app: OauthApp,
    made: u32,
}

impl Rows {
    pub(super) fn new(traced: Traced, user: &Person, app: OauthApp) -> Self {
        let client = user.connect(&traced.server.base_url);
        let client = client.expect("the server accepts connections");
        let mut rows = Self {
            traced,
            client,
            app,
            made: 0,
        };
        // The first sign-in from an address is noted, which would be counted with the first route.
        rows.ask("GET", "/user", None).0.assert_status(200);
        rows
    }

    /// Sends a request; gives its answer, and how many syncs were complete when that was sent.
    fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> (Reply, usize) {
        let reply = self.client.must(method, path, body);
        (reply, self.traced.syncs_before_answer())
    }

    /// Sends the route's request and says how many syncs were complete when its answer was sent.
    pub(super) fn syncs_of(&mut self, route: &RestRoute) -> usize {
        let (authorization, grant) = self.app_token();
        self.made += 1;
        let path = route
            .path
            .replace("{authorization_id}", &authorization.to_string())
            .replace("{grant_id}", &grant.to_string())
            .replace("{client_id}", &self.app.client_id)
            .replace("{fingerprint}", &format!("desk-{}", self.made));
        let body = self.body_of(route);
        if route.path.ends_with("{client_id}") {
            // What it makes must not be there yet.
            let path = format!("/authorizations/{authorization}");
            self.ask("DELETE", &path, None).0.assert_status(204);
        }
        let (reply, syncs) = self.ask(route.method.as_str(), &path, body.as_ref());
        let expected = match route.audit {
            Some(Action::AuthorizationCreated) => 201,
            Some(Action::AuthorizationRevoked | Action::GrantRevoked) => 204,
            _ => 200,
        };
        reply.assert_status(expected);
        syncs
    }

    fn body_of(&self, route: &RestRoute) -> Option<Value> {
        match route.audit {
            Some(Action::AuthorizationCreated) if route.method == Method::POST => {
                Some(json!({ "note": format!("laptop {}", self.made), "scopes": ["gist"] }))
            }
            Some(Action::AuthorizationCreated) => {
                Some(json!({ "client_secret": self.app.client_secret }))
            }
            Some(Action::AuthorizationChanged) => {
                Some(json!({ "note": format!("changed {}", self.made) }))
            }
            _ => None,
        }
    }

    /// A token of the app, made if there is none, and its grant.
    fn app_token(&mut self) -> (i64, i64) {
        let path = format!("/authorizations/clients/{}", self.app.client_id);
        let body = json!({ "client_secret": self.app.client_secret });
        let authorization = self.ask("PUT", &path, Some(&body)).0.id();
        let grants = self.ask("GET", "/applications/grants", None).0.json();
        (
            authorization,
            grants[0]["id"].as_i64().expect("the token has a grant"),
        )
    }
}

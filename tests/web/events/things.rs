//! Forms of the administration of organizations, apps and tokens: of somebody else's.

use counterfoil_domain::app::{AppChange, SeenTokens};
use counterfoil_domain::organization::Role;
use counterfoil_testkit::World;

use super::{Form, Scene, unknown};

pub(super) const ORGANIZATIONS: &str = "/admin/organizations";
pub(super) const APPS: &str = "/admin/apps";
pub(super) const TOKENS: &str = "/admin/tokens";

impl<'w> Scene<'w> {
    /// Of an organization with a team, of which hubot is a member and lisa is not.
    pub(super) async fn form_of_organizations(&self, path: &str) -> Form<'w> {
        let (hubot, _) = (
            self.world.user("hubot").await,
            self.world.user("lisa").await,
        );
        let acme = self.world.organization("acme").await;
        self.world.join(&acme, &hubot, Role::Member).await;
        let (of_team, typed) = match path.strip_prefix(ORGANIZATIONS).unwrap_or_default() {
            "" => ("core", vec![("organization", "octo-org".to_owned())]),
            "/{org}/delete" => ("core", vec![("organization", "acme".to_owned())]),
            "/{org}/members" => {
                let typed = vec![("user", "lisa".to_owned()), ("role", "member".to_owned())];
                ("core", typed)
            }
            "/{org}/members/{login}" => ("core", vec![("role", "admin".to_owned())]),
            "/{org}/teams" => ("core", vec![("name", "Site Reliability".to_owned())]),
            "/{org}/teams/{team}/members" => ("empty", vec![("user", "hubot".to_owned())]),
            "/{org}/members/{login}/remove"
            | "/{org}/teams/{team}/delete"
            | "/{org}/teams/{team}/members/{login}/remove" => ("core", vec![]),
            _ => unknown(path),
        };
        self.world.team(&acme, "core", &[&hubot]).await;
        self.world.team(&acme, "empty", &[]).await;
        let path = path
            .replace("{org}", "acme")
            .replace("{team}", of_team)
            .replace("{login}", "hubot");
        self.signed_in(&path, &path, typed).await
    }

    /// Of an app of hubot's.
    pub(super) async fn form_of_all_apps(&self, path: &str) -> Form<'w> {
        let (hubot, _) = (
            self.world.user("hubot").await,
            self.world.user("lisa").await,
        );
        let app = self.world.app(&hubot, "Board").await;
        let secrets = self.world.store.list_app_secrets(app.app.summary.id).await;
        let secret = secrets.expect("they can be read")[0].id;
        let (authority, operator) = (&self.world.authority, World::operator());
        let client_id = &app.app.summary.client_id;
        let mut typed = vec![];
        let mut page = path;
        match path.strip_prefix(APPS).unwrap_or_default() {
            "/built-in"
            | "/{client_id}/resource-server"
            | "/{client_id}/secrets/{secret_id}/publish"
            | "/{client_id}/suspend" => {}
            "/{client_id}/resource-server/take-back" => {
                let change = AppChange {
                    seen_tokens: Some(SeenTokens::All),
                    ..AppChange::default()
                };
                let marked = authority.change_app(client_id, change, &operator).await;
                marked.expect("it is there");
                page = "/admin/apps/{client_id}/resource-server";
            }
            "/{client_id}/transfer" => typed.push(("owner", "lisa".to_owned())),
            "/{client_id}/unsuspend" => {
                let suspended = authority.suspend_app(client_id, &operator).await;
                assert!(suspended.expect("it is there"));
            }
            _ => unknown(path),
        }
        let filled = |path: &str| {
            path.replace("{client_id}", &app.client_id)
                .replace("{secret_id}", &secret.to_string())
        };
        self.signed_in(&filled(page), &filled(path), typed).await
    }

    /// Of a token of hubot's.
    pub(super) async fn form_of_all_tokens(&self, path: &str) -> Form<'w> {
        let hubot = self.world.user("hubot").await;
        let token = hubot.personal_token("laptop", &["gist"]).await.id();
        let typed = match path {
            TOKENS => vec![("sought", "hubot".to_owned())],
            "/admin/tokens/{token_id}/revoke" => vec![],
            _ => unknown(path),
        };
        let path = path.replace("{token_id}", &token.to_string());
        self.signed_in(&path, &path, typed).await
    }
}

//! What the trail tells of pages: each row of the table that takes a form leaves the event that the
//! row says, with what goes with it, and no other row leaves any.

mod passkey_forms;
mod things;
mod users;

use std::time::Duration;

use counterfoil_authority::{Invite, LinkTo};
use counterfoil_domain::audit::Action;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::Role;
use counterfoil_domain::scope::Standing;
use counterfoil_server::routes::{Credential, PAGES, Route};
use counterfoil_testkit::{Answer, Authenticator, PasskeyDevice, UserActor, Visitor, World};
use http::Method;

use super::forms::{path, rows_with_forms};
use super::passkeys;
use super::tokens::{make, path_of};
use crate::links;
use crate::own_account::security::authenticator;

const SECURITY: &str = "/settings/security";
const ADDRESSES: &str = "/settings/profile/addresses";
const TOKENS: &str = "/settings/tokens";
const ACCESS: &str = "/settings/connections/applications";
const ADMIN: &str = "/admin/";
const DEVELOPERS: &str = "/settings/developers";
/// Forms that want more than this scene has, and the tests that hold them to their events: an app
/// that leads to one, and a second factor that is overdue.
const HELD_ELSEWHERE: &[(&str, &str)] = &[
    ("/login/oauth/", "tests/oauth/authorize.rs"),
    ("/login/device", "tests/oauth/devices.rs"),
    ("/login/enrolment", "tests/own_account/enrolment.rs"),
];
/// Longer than a proof is fresh.
const STALE: Duration = Duration::from_mins(16);

/// A form that is about to be sent, and will be taken.
pub(super) struct Form<'w> {
    browser: Visitor<'w>,
    page: Answer,
    action: String,
    typed: Vec<(&'static str, String)>,
}

/// Where somebody has what forms are about.
pub(super) struct Scene<'w> {
    world: &'w World,
    pub(super) mona: UserActor<'w>,
}

impl<'w> Scene<'w> {
    pub(super) async fn new(world: &'w World) -> Self {
        let mona = world.user("mona").await;
        Self { world, mona }
    }

    /// The form of this path, or a panic that asks for it: whoever adds a row says here how it is
    /// sent.
    pub(super) async fn form(&self, row: &Route) -> Form<'w> {
        let path = row.path;
        if path.starts_with(ADMIN) {
            self.form_of_administration(path).await
        } else if path.starts_with(SECURITY) {
            self.form_of_security(path).await
        } else if path.starts_with(TOKENS) {
            self.form_of_tokens(path).await
        } else if path.starts_with(ACCESS) || path.starts_with(DEVELOPERS) {
            self.form_of_apps(path).await
        } else if path.starts_with("/settings/") {
            self.form_of_settings(path).await
        } else {
            self.form_of_sign_in(path).await
        }
    }

    async fn form_of_sign_in(&self, path: &str) -> Form<'w> {
        let password = self.mona.password.clone();
        let typed_password = || ("password", password.clone());
        let browser = self.world.visitor();
        match path {
            "/login" => {
                let typed = vec![("login", "mona".to_owned()), typed_password()];
                filled(browser, path, path, typed).await
            }
            "/login/code" => {
                let app = self.before_code(&browser).await;
                let code = app.code(self.world);
                filled(browser, path, path, vec![("code", code)]).await
            }
            "/login/recovery" => {
                let app = self.before_code(&browser).await;
                let code = app.recovery_codes[0].clone();
                filled(browser, path, path, vec![("code", code)]).await
            }
            "/login/confirm" => {
                browser.sign_in(&self.mona).await;
                self.world.advance(STALE);
                filled(browser, path, path, vec![typed_password()]).await
            }
            "/login/forgotten" => {
                filled(browser, path, path, vec![("login", "mona".to_owned())]).await
            }
            "/link" => {
                let offered = self.world.authority.offer_set_up_at_start().await;
                let link = offered
                    .expect("it can be made")
                    .expect("nobody administers");
                links::open(&browser, &link.code).await;
                let typed = vec![
                    ("login", "lisa".to_owned()),
                    ("email", "lisa@example.org".to_owned()),
                    ("password", "three words together".to_owned()),
                ];
                filled(browser, path, path, typed).await
            }
            "/logout" => self.signed_in("/settings/sessions", path, vec![]).await,
            _ => self.form_of_passkeys(path).await,
        }
    }

    /// Somebody whose password was right and who is asked for a code.
    async fn before_code(&self, browser: &Visitor<'_>) -> Authenticator {
        let app = self.world.enable_two_factor(&self.mona).await;
        browser.sign_in(&self.mona).await;
        app
    }

    async fn form_of_settings(&self, path: &str) -> Form<'w> {
        let second = || vec![("address", "second@example.org".to_owned())];
        match path {
            ADDRESSES => self.signed_in(ADDRESSES, path, second()).await,
            "/settings/profile/addresses/choose" | "/settings/profile/addresses/remove" => {
                let insert = format!(
                    "INSERT INTO emails (account_id, address, address_key, is_primary, verified_at, created_at)
                     VALUES ({}, 'second@example.org', 'second@example.org', 0, 1, 1)",
                    self.mona.account.id
                );
                self.world.database().run(&insert);
                self.signed_in(ADDRESSES, path, second()).await
            }
            "/settings/sessions/end" | "/settings/sessions/end-others" => {
                self.world.visitor().sign_in(&self.mona).await;
                self.signed_in("/settings/sessions", path, vec![]).await
            }
            "/settings/profile" => {
                let typed = vec![("name", "Mona".to_owned())];
                self.signed_in(path, path, typed).await
            }
            _ => unknown(path),
        }
    }

    async fn form_of_security(&self, path: &str) -> Form<'w> {
        if path.starts_with(passkeys::PASSKEYS) {
            return self.form_of_own_passkeys(path).await;
        }
        match path.strip_prefix(SECURITY).unwrap_or_default() {
            "/password" => {
                let typed = vec![("password", "three words together".to_owned())];
                self.signed_in(path, path, typed).await
            }
            "/two-factor" => self.signed_in(path, path, vec![]).await,
            "/two-factor/confirm" => {
                let begin = "/settings/security/two-factor";
                let mut form = self.signed_in(begin, begin, vec![]).await;
                form.page = form.browser.submit(&form.page, begin, &[]).await;
                let code = authenticator(&form.page).code(self.world);
                form.sent_to(path, vec![("code", code)])
            }
            "/two-factor/off" | "/recovery-codes" => self.signed_in_with_code(path).await,
            "/recovery-codes/file" | "/recovery-codes/saved" => {
                let replace = "/settings/security/recovery-codes";
                let mut form = self.signed_in_with_code(replace).await;
                form.page = form.browser.submit(&form.page, replace, &[]).await;
                form.sent_to(path, vec![("saved", "on".to_owned())])
            }
            _ => unknown(path),
        }
    }

    async fn form_of_tokens(&self, path: &str) -> Form<'w> {
        let expires = || ("expires", "30".to_owned());
        if path == "/settings/tokens/new" {
            let typed = vec![("name", "laptop".to_owned()), expires()];
            return self.signed_in(path, path, typed).await;
        }
        let browser = self.world.visitor();
        browser.sign_in(&self.mona).await;
        make(&browser, "laptop", &["gist"], "30").await;
        let of_token = path_of(&browser, "laptop").await;
        let path = path.replace("/settings/tokens/{token_id}", &of_token);
        let typed = match path.strip_prefix(&of_token) {
            Some("") => vec![("name", "desk".to_owned())],
            Some("/delete") => vec![],
            Some("/regenerate") => vec![expires()],
            None if path == "/settings/tokens/delete-all" => vec![("count", "1".to_owned())],
            Some(_) | None => unknown(&path),
        };
        filled(browser, &path, &path, typed).await
    }

    /// Of an app that is mona's own, and that she gave a token.
    async fn form_of_apps(&self, path: &str) -> Form<'w> {
        let app = self.world.app(&self.mona, "Board").await;
        let token = self.mona.app_token(&app, &["gist"]).await.id();
        let secrets = self.world.store.list_app_secrets(app.app.summary.id).await;
        let secret = secrets.expect("they can be read")[0].id;
        let named = || vec![("name", "Board".to_owned())];
        let typed = match path {
            "/settings/developers/new" | "/settings/developers/{client_id}" => vec![
                ("name", "Wiki".to_owned()),
                ("website", "https://wiki.example.org".to_owned()),
                ("callbacks", "https://wiki.example.org/callback".to_owned()),
            ],
            "/settings/developers/{client_id}/delete"
            | "/settings/developers/{client_id}/revoke-all" => named(),
            "/settings/developers/{client_id}/transfer" => {
                let acme = self.world.organization("acme").await;
                self.world.join(&acme, &self.mona, Role::Admin).await;
                vec![("owner", "acme".to_owned())]
            }
            "/settings/connections/applications/{client_id}/revoke"
            | "/settings/connections/applications/{client_id}/tokens/{token_id}/revoke"
            | "/settings/developers/{client_id}/secrets"
            | "/settings/developers/{client_id}/secrets/{secret_id}/revoke" => vec![],
            _ => unknown(path),
        };
        let path = path
            .replace("{client_id}", &app.client_id)
            .replace("{token_id}", &token.to_string())
            .replace("{secret_id}", &secret.to_string());
        self.signed_in(&path, &path, typed).await
    }

    /// Of an administrator, who does it to somebody else.
    async fn form_of_administration(&self, path: &str) -> Form<'w> {
        let standing = Standing::SiteAdministrator;
        self.world.set_standing(&self.mona, standing).await;
        if path.starts_with(things::ORGANIZATIONS) {
            self.form_of_organizations(path).await
        } else if path.starts_with(things::APPS) {
            self.form_of_all_apps(path).await
        } else if path.starts_with(things::TOKENS) {
            self.form_of_all_tokens(path).await
        } else {
            self.form_of_users(path).await
        }
    }

    async fn signed_in(
        &self,
        page: &str,
        action: &str,
        typed: Vec<(&'static str, String)>,
    ) -> Form<'w> {
        let browser = self.world.visitor();
        browser.sign_in(&self.mona).await;
        filled(browser, page, action, typed).await
    }

    /// The form of a page that goes to its own path, of somebody with two factors.
    async fn signed_in_with_code(&self, path: &str) -> Form<'w> {
        let browser = self.world.visitor();
        let app = self.before_code(&browser).await;
        let page = browser.get("/login/code").await;
        let code = app.code(self.world);
        let typed = [("code", code.as_str())];
        let done = browser.submit(&page, "/login/code", &typed).await;
        done.assert_status(303);
        filled(browser, path, path, vec![]).await
    }
}

impl Form<'_> {
    fn sent_to(mut self, action: &str, typed: Vec<(&'static str, String)>) -> Self {
        action.clone_into(&mut self.action);
        self.typed = typed;
        self
    }

    pub(super) async fn send(&self) -> Answer {
        let typed = self.typed.iter();
        let typed: Vec<_> = typed.map(|(name, value)| (*name, value.as_str())).collect();
        self.browser.submit(&self.page, &self.action, &typed).await
    }
}

async fn filled<'w>(
    browser: Visitor<'w>,
    page: &str,
    action: &str,
    typed: Vec<(&'static str, String)>,
) -> Form<'w> {
    let page = browser.get(page).await;
    Form {
        browser,
        page,
        action: action.to_owned(),
        typed,
    }
}

fn unknown(path: &str) -> ! {
    panic!("the table has a form for {path}: say here how it is filled in")
}

/// What goes with the event of a row.
fn beside(path: &str) -> &'static [Action] {
    match path {
        "/login" => &[Action::SignedIn],
        "/login/code" => &[Action::OtpUsed, Action::SignedIn],
        "/login/recovery" => &[Action::RecoveryCodeUsed, Action::SignedIn],
        "/login/passkey/answer"
        | "/login/code/passkey/answer"
        | "/login/confirm/passkey/answer" => &[Action::PasskeyUsed],
        "/admin/invite" | "/link" => &[Action::UserCreated],
        // Its organization, and two apps with a secret each that everybody may know.
        "/admin/apps/built-in" => &[
            Action::OrganizationCreated,
            Action::AppCreated,
            Action::AppSecretPublished,
            Action::AppSecretPublished,
        ],
        "/admin/tokens/{token_id}/revoke"
        | "/settings/connections/applications/{client_id}/revoke"
        | "/settings/connections/applications/{client_id}/tokens/{token_id}/revoke"
        | "/settings/developers/{client_id}/delete"
        | "/settings/developers/{client_id}/revoke-all"
        | "/settings/tokens/delete-all"
        | "/settings/tokens/{token_id}/delete"
        | "/settings/tokens/{token_id}/regenerate" => &[Action::TokenEnded],
        _ => &[],
    }
}

#[tokio::test]
async fn every_row_that_takes_a_form_leaves_its_event_and_what_goes_with_it() {
    let is_held_elsewhere = |path: &str| {
        let mut places = HELD_ELSEWHERE.iter();
        places.any(|(place, _)| path.starts_with(place))
    };
    for row in rows_with_forms().filter(|row| !is_held_elsewhere(row.path)) {
        let world = links::with_mail().await;
        let scene = Scene::new(&world).await;
        let form = scene.form(row).await;
        let before = world.events().await.len();
        let answer = form.send().await;
        let is_done = answer.status.is_success() || answer.status == 303;
        assert!(is_done, "{}: {}", row.path, answer.text());
        let events = world.events().await.split_off(before);
        let mut told: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
        told.sort_unstable();
        let expected = row.audit.iter().chain(beside(row.path));
        let mut expected: Vec<_> = expected.map(|action| action.as_str()).collect();
        expected.sort_unstable();
        assert_eq!(told, expected, "{}", row.path);
        for event in events {
            if row.credential != Credential::Visitor {
                let mona = format!("account:{}", scene.mona.account.id);
                assert_eq!(event.actor, mona, "{}", row.path);
            }
            let address = event.personal("address");
            assert_eq!(address, Some("192.0.2.1"), "{}", row.path);
            let agent = event.personal("agent").unwrap_or_default();
            assert!(agent.contains("Firefox"), "{}: {agent}", row.path);
        }
    }
}

#[tokio::test]
async fn a_form_that_is_refused_and_a_page_that_is_looked_at_leave_no_event() {
    let world = links::with_mail().await;
    let scene = Scene::new(&world).await;
    let standing = Standing::SiteAdministrator;
    world.set_standing(&scene.mona, standing).await;
    let form = scene.signed_in(TOKENS, "/logout", vec![]).await;
    make(&form.browser, "laptop", &["gist"], "30").await;
    let of_token = path_of(&form.browser, "laptop").await;
    let before = world.events().await.len();
    for row in PAGES.routes {
        if row.method == Some(Method::GET) {
            assert_eq!(row.audit, None, "{}", row.path);
            let path = row.path.replace("/settings/tokens/{token_id}", &of_token);
            let path = path.replace("{login}", "mona");
            form.browser.get(&path).await;
        } else {
            form.browser.post(&path(row), &[]).await.assert_status(403);
        }
    }
    assert_eq!(
        world.audit_actions().await.split_off(before),
        [] as [&str; 0]
    );
}

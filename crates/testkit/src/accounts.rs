//! Users, apps and tokens, as operators make them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use counterfoil_authority::{Clock, CreateAccount, CreateApp, IssueToken, Issued};
use counterfoil_domain::account::{AccountChange, NewEmail, Verification};
use counterfoil_domain::app::{AppSwitches, AppUrl, DeviceFlow, ExpiringTokens};
use counterfoil_domain::authorization::Provenance;
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::login::Login;
use counterfoil_domain::password::Password;
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_domain::text::{DisplayName, Note};
use counterfoil_domain::token::PlainToken;

use crate::actors::{AnonymousActor, AppActor, UserActor};
use crate::authenticator::Authenticator;
use crate::world::World;

/// A token that an operator makes: whatever is not said is new, personal, without scopes and
/// without end.
#[derive(Clone, Copy, Debug, Default)]
pub struct GivenToken<'a> {
    /// The token itself.
    pub text: Option<&'a str>,
    /// The app that it is for.
    pub app: Option<&'a AppActor>,
    /// What it may do.
    pub scopes: &'a [&'a str],
    /// How long it lives.
    pub lifetime: Option<Duration>,
}

impl World {
    /// Somebody without credentials.
    pub fn anonymous(&self) -> AnonymousActor<'_> {
        AnonymousActor { world: self }
    }

    /// Makes a user with the password `LOGIN's password` and a verified address
    /// `LOGIN@example.com`.
    pub async fn user(&self, login: &str) -> UserActor<'_> {
        self.make_user(login, Standing::Ordinary, Verification::Verified)
            .await
    }

    /// Makes a user whose address nobody has verified.
    pub async fn unverified_user(&self, login: &str) -> UserActor<'_> {
        self.make_user(login, Standing::Ordinary, Verification::Unverified)
            .await
    }

    /// Makes a site administrator.
    pub async fn administrator(&self, login: &str) -> UserActor<'_> {
        self.make_user(login, Standing::SiteAdministrator, Verification::Verified)
            .await
    }

    /// Makes a user a site administrator, or an ordinary user again.
    pub async fn set_standing(&self, user: &UserActor<'_>, standing: Standing) {
        let change = AccountChange {
            standing: Some(standing),
            ..AccountChange::default()
        };
        let (login, operator) = (&user.account.login, Self::operator());
        let changed = self.authority.change_account(login, change, &operator);
        changed.await.expect("the user lives");
    }

    async fn make_user(
        &self,
        login: &str,
        standing: Standing,
        verification: Verification,
    ) -> UserActor<'_> {
        let password = format!("{login}'s password");
        let address = EmailAddress::parse(&format!("{login}@example.com")).expect("an address");
        let request = CreateAccount {
            login: Login::parse(login).expect("a login"),
            name: None,
            email: Some(NewEmail {
                address,
                verification,
            }),
            standing,
            password: Password::choose(&password).expect("a password"),
        };
        let account = self
            .authority
            .create_account(request, &Self::operator())
            .await
            .expect("the login is free");
        UserActor::new(self, account, password)
    }

    /// Turns one-time codes on for a user.
    pub async fn enable_two_factor(&self, user: &UserActor<'_>) -> Authenticator {
        let login = &user.account.login;
        let enabled = self
            .authority
            .enable_two_factor(login, &Self::operator())
            .await
            .expect("the user exists");
        Authenticator::new(&enabled)
    }

    /// Gives a user a personal access token, as an operator does; one with scopes for
    /// administrators that the user may not be given, as the user asks for it.
    pub async fn issue_token(&self, user: &UserActor<'_>, given: GivenToken<'_>) -> Issued {
        let GivenToken {
            text,
            app,
            scopes,
            lifetime,
        } = given;
        // Notes differ.
        let note = format!("issued {}", self.issued.fetch_add(1, Ordering::Relaxed));
        let formats = &self.authority.settings().token_formats;
        let parse = |text| PlainToken::parse(text, formats).expect("a token");
        let scopes = ScopeSet::parse(scopes.iter().copied()).expect("scopes");
        let is_ordinary = user.account.standing == Standing::Ordinary;
        let provenance = if is_ordinary && scopes.for_administrators().next().is_some() {
            Provenance::PasswordApi
        } else {
            Provenance::CommandLine
        };
        let request = IssueToken {
            login: user.account.login.clone(),
            client_id: app.map(|app| app.app.summary.client_id.clone()),
            scopes,
            note: Some(Note::parse(&note).expect("a note")),
            fingerprint: None,
            expires_at: lifetime.map(|lifetime| self.clock.now().plus(lifetime)),
            token: text.map(parse),
            provenance,
        };
        self.authority
            .issue_token(request, &Self::operator())
            .await
            .expect("the user may have another token")
    }

    /// Makes an app that `owner` owns.
    pub async fn app(&self, owner: &UserActor<'_>, name: &str) -> AppActor {
        let request = CreateApp {
            owner: owner.account.login.clone(),
            name: DisplayName::parse(name).expect("a name"),
            url: AppUrl::parse("https://app.example.com").expect("a URL"),
            callback_urls: vec![AppUrl::parse("https://app.example.com/callback").expect("a URL")],
            device_flow: DeviceFlow::Disabled,
            expiring_tokens: ExpiringTokens::Disabled,
            switches: AppSwitches::default(),
            given: None,
        };
        let made = self
            .authority
            .create_app(request, &Self::operator())
            .await
            .expect("the owner may have an app");
        AppActor {
            client_id: made.app.summary.client_id.as_str().to_owned(),
            client_secret: made.secret.expose().to_owned(),
            app: made.app,
        }
    }
}

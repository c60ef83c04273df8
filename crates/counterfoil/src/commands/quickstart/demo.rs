//! The user and the app that a quickstart has.

use anyhow::Context;
use counterfoil_authority::{CreateAccount, CreateApp, CreatedApp};
use counterfoil_domain::account::Account;
use counterfoil_domain::app::{App, AppSwitches, AppUrl, ClientSecret, DeviceFlow, ExpiringTokens};
use counterfoil_domain::entropy::random_text;
use counterfoil_domain::login::Login;
use counterfoil_domain::password::Password;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::text::DisplayName;
use zeroize::Zeroizing;

use crate::clock::SystemEntropy;
use crate::commands::DEMO_LOGIN;
use crate::installation::Installation;

/// The name of the demo app.
const DEMO_APP: &str = "Demo app";
/// Where the demo app would be, if there were one.
const DEMO_APP_URL: &str = "http://localhost:3000";
/// Letters and digits that are not taken for one another; none of them means anything to a shell or
/// to curl.
const PASSWORD_ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";
/// 99 bits.
const PASSWORD_LENGTH: usize = 20;

/// The demo user and the demo app, with the secrets of what was made just now.
pub(super) struct Demo {
    pub(super) password: Option<Zeroizing<String>>,
    pub(super) app: App,
    pub(super) client_secret: Option<ClientSecret>,
}

impl Demo {
    /// Finds them by their names, and makes what is not there.
    pub(super) async fn find_or_make(at: &Installation) -> anyhow::Result<Self> {
        let login = Login::parse(DEMO_LOGIN)?;
        let accounts = at.authority.list_accounts().await?;
        let known = accounts
            .into_iter()
            .find(|account| account.login.key() == login.key());
        let (owner, password) = if let Some(account) = known {
            (account.id, None)
        } else {
            let (account, password) = make_user(login.clone(), at).await?;
            (account.id, Some(password))
        };
        let mut apps = at.authority.list_apps().await?.into_iter();
        let known = apps.find(|app| app.owner == owner && app.summary.name.as_str() == DEMO_APP);
        let (app, client_secret) = if let Some(app) = known {
            (app, None)
        } else {
            let made = make_app(login, at).await?;
            (made.app, Some(made.secret))
        };
        Ok(Self {
            password,
            app,
            client_secret,
        })
    }
}

async fn make_user(
    login: Login,
    at: &Installation,
) -> anyhow::Result<(Account, Zeroizing<String>)> {
    let text = random_text(&SystemEntropy, PASSWORD_ALPHABET, PASSWORD_LENGTH);
    let text = Zeroizing::new(text);
    let request = CreateAccount {
        login,
        name: Some(DisplayName::parse("Demo user")?),
        email: None,
        standing: Standing::SiteAdministrator,
        password: Password::choose(&text)?,
    };
    let made = at.authority.create_account(request, &at.operator).await;
    Ok((made.context("cannot make the demo user")?, text))
}

async fn make_app(owner: Login, at: &Installation) -> anyhow::Result<CreatedApp> {
    let request = CreateApp {
        owner,
        name: DisplayName::parse(DEMO_APP)?,
        url: AppUrl::parse(DEMO_APP_URL)?,
        callback_urls: vec![AppUrl::parse(&format!("{DEMO_APP_URL}/callback"))?],
        device_flow: DeviceFlow::Enabled,
        expiring_tokens: ExpiringTokens::Disabled,
        switches: AppSwitches::default(),
        given: None,
    };
    let made = at.authority.create_app(request, &at.operator).await;
    made.context("cannot make the demo app")
}

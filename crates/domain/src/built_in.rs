//! The apps that an installation has from the start: programs that ask for access by a client id of
//! their own, wherever they are used, and prove themselves by a secret that everybody can read in
//! them.

use crate::app::{AppSwitches, AppUrl, ClientId, DeviceFlow, ExpiringTokens, KeptSecret, NewApp};
use crate::digest::SecretDigest;
use crate::id::AccountId;
use crate::login::Login;
use crate::text::DisplayName;

/// An app that an installation has from the start, as its source says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltInApp {
    /// What people know it by. Users call no app of theirs so.
    pub name: &'static str,
    url: &'static str,
    client_id: &'static str,
    published_secret: &'static str,
    callback_urls: &'static [&'static str],
}

impl BuiltInApp {
    /// All of them: GitHub CLI as `internal/authflow/flow.go` of cli/cli has it, and Git Credential
    /// Manager as its `GitHubConstants.cs`. Both listen on a port of the moment, which a callback
    /// on loopback leaves open.
    pub const ALL: &'static [Self] = &[
        Self {
            name: "GitHub CLI",
            url: "https://cli.github.com",
            client_id: "178c6fc778ccc68e1d6a",
            published_secret: "34ddeff2b558a23d38fba8a6de74f086ede1cc0b",
            callback_urls: &["http://127.0.0.1/callback", "http://localhost/"],
        },
        Self {
            name: "Git Credential Manager",
            url: "https://github.com/git-ecosystem/git-credential-manager",
            client_id: "0120e057bd645470c1ed",
            published_secret: "18867509d956965542b521a529a79bb883344c90",
            callback_urls: &["http://127.0.0.1/", "http://localhost/"],
        },
    ];

    /// The login of the organization that owns them. It has not the form of a login, so nobody can
    /// be given it, and no command or request can name it.
    pub fn owner_login() -> Login {
        Login::from_stored("built_in".to_owned())
    }

    /// The client id that it sends.
    pub fn client_id(&self) -> ClientId {
        ClientId::from_stored(self.client_id.to_owned())
    }

    /// The app, to be made for this account. Devices may sign in: both ask so where there is no
    /// browser.
    pub fn to_new(&self, owner: AccountId) -> NewApp {
        let secret = self.published_secret;
        let urls = self.callback_urls.iter();
        NewApp {
            owner,
            name: DisplayName::from_stored(self.name.to_owned()),
            url: AppUrl::from_stored(self.url.to_owned()),
            callback_urls: urls
                .map(|url| AppUrl::from_stored((*url).to_owned()))
                .collect(),
            device_flow: DeviceFlow::Enabled,
            expiring_tokens: ExpiringTokens::Disabled,
            switches: AppSwitches::default(),
            client_id: self.client_id(),
            secret: KeptSecret {
                digest: SecretDigest::of(secret),
                last_eight: secret[secret.len() - 8..].to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ClientSecret;

    #[test]
    fn each_is_an_app_that_an_operator_could_make() {
        for app in BuiltInApp::ALL {
            let new = app.to_new(AccountId(1));
            assert_eq!(DisplayName::parse(app.name), Ok(new.name));
            assert_eq!(AppUrl::parse(app.url), Ok(new.url));
            assert_eq!(ClientId::parse(app.client_id), Ok(new.client_id));
            let secret = ClientSecret::parse(app.published_secret).expect("a secret's form");
            assert_eq!(KeptSecret::from(&secret), new.secret);
            let urls = app.callback_urls.iter().map(|url| AppUrl::parse(url));
            assert_eq!(urls.collect::<Result<Vec<_>, _>>(), Ok(new.callback_urls));
        }
    }

    #[test]
    fn nobody_can_be_given_the_login_of_their_owner_or_name_it() {
        let login = BuiltInApp::owner_login();
        assert!(Login::parse(login.as_str()).is_err());
        assert!(Login::parse_new(login.as_str()).is_err());
        let nearest = Login::normalized(login.as_str()).expect("there is a login near it");
        assert_ne!(nearest.key(), login.key());
    }
}

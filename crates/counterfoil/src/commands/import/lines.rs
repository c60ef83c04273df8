//! The lines of an import, read into the domain's types. No sentence repeats what a line says:
//! where a hash or a token stands in the wrong place, nobody knows that it is one.

use counterfoil_domain::account::{NewAccount, NewEmail, Verification};
use counterfoil_domain::app::{
    AppSwitch, AppSwitches, ClientSecret, DeviceFlow, ExpiringTokens, KeptSecret,
};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::password::PasswordHash;
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{
    ImportLine, ImportRecord, ImportedApp, ImportedToken, ImportedUser, PROBLEMS_TOLD, Suspension,
};
use serde::Deserialize;

use crate::commands::import::form;
use crate::commands::values;

/// What is not told of a token or a secret that is known by its digest alone.
const NO_LAST_EIGHT: &str = "";
/// Characters at the end of a token that may be told.
const LAST: usize = 8;

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line {
    User(UserLine),
    App(AppLine),
    Token(TokenLine),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserLine {
    login: String,
    name: Option<String>,
    email: Option<String>,
    #[serde(default)]
    verified: bool,
    #[serde(default)]
    admin: bool,
    #[serde(default)]
    suspended: bool,
    password_hash: Option<String>,
    created_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an entry of the file, with a name that people write"
)]
struct AppLine {
    owner: String,
    name: String,
    url: String,
    callback_urls: Vec<String>,
    #[serde(default)]
    device_flow: bool,
    #[serde(default)]
    expiring_tokens: bool,
    #[serde(default)]
    exact_match: bool,
    #[serde(default)]
    require_pkce: bool,
    #[serde(default)]
    send_iss: bool,
    #[serde(default)]
    standard_errors: bool,
    client_id: String,
    client_secret: Option<String>,
    client_secret_sha256: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenLine {
    login: String,
    /// The client id.
    app: Option<String>,
    hashed_token: String,
    token_last_eight: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    note: Option<String>,
    fingerprint: Option<String>,
    created_at: Option<String>,
    last_used_at: Option<String>,
    expires_at: Option<String>,
}

/// Every line, or what is wrong with some of them.
pub(super) fn read(text: &[u8]) -> Result<Vec<ImportLine>, Vec<(u64, String)>> {
    let mut lines = Vec::new();
    let mut problems = Vec::new();
    for (line, number) in text.split(|byte| *byte == b'\n').zip(1..) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        match record(line) {
            Ok(record) => lines.push(ImportLine { number, record }),
            Err(problem) => problems.push((number, problem)),
        }
        if problems.len() >= PROBLEMS_TOLD {
            break;
        }
    }
    if problems.is_empty() {
        Ok(lines)
    } else {
        Err(problems)
    }
}

fn record(line: &[u8]) -> Result<ImportRecord, String> {
    form::check(line)?;
    // The library's own words repeat values. All that it can still mind is this.
    let line = serde_json::from_slice(line);
    let line: Line = line.map_err(|_| "one of its fields stands in it twice")?;
    Ok(match line {
        Line::User(user) => ImportRecord::User(Box::new(user.into_record()?)),
        Line::App(app) => ImportRecord::App(Box::new(app.into_record()?)),
        Line::Token(token) => ImportRecord::Token(Box::new(token.into_record()?)),
    })
}

impl UserLine {
    fn into_record(self) -> Result<ImportedUser, String> {
        let verification = if self.verified {
            Verification::Verified
        } else {
            Verification::Unverified
        };
        let email = self.email.as_deref().map(values::email).transpose()?;
        let password = self
            .password_hash
            .map(|hash| PasswordHash::from_elsewhere(&hash).map_err(|refused| refused.to_string()));
        let name = self.name.as_deref().filter(|name| !name.trim().is_empty());
        Ok(ImportedUser {
            account: NewAccount {
                login: values::new_login(&self.login)?,
                name: name.map(values::name).transpose()?,
                email: email.map(|address| NewEmail {
                    address,
                    verification,
                }),
                standing: if self.admin {
                    Standing::SiteAdministrator
                } else {
                    Standing::Ordinary
                },
                password: password.transpose()?,
                suspended_at: None,
            },
            suspension: if self.suspended {
                Suspension::Suspended
            } else {
                Suspension::Active
            },
            created_at: time("created_at", self.created_at.as_deref())?,
        })
    }
}

impl AppLine {
    fn into_record(self) -> Result<ImportedApp, String> {
        let secret = match (&self.client_secret, &self.client_secret_sha256) {
            (Some(secret), None) => {
                let secret = ClientSecret::parse(secret).map_err(|refused| refused.to_string())?;
                KeptSecret::from(&secret)
            }
            (None, Some(digest)) => KeptSecret {
                digest: SecretDigest::parse(digest).ok_or(
                    "client_secret_sha256 is no SHA-256 digest, in base 64 or hexadecimal digits",
                )?,
                last_eight: NO_LAST_EIGHT.to_owned(),
            },
            (Some(_), Some(_)) | (None, None) => {
                return Err("an app has one of client_secret and client_secret_sha256".to_owned());
            }
        };
        if self.callback_urls.is_empty() {
            return Err("an app has at least one callback URL".to_owned());
        }
        let urls = self.callback_urls.iter();
        let urls = urls.map(|url| values::callback_url(url));
        let switches = AppSwitches::of(|switch| match switch {
            AppSwitch::ExactMatch => self.exact_match,
            AppSwitch::RequirePkce => self.require_pkce,
            AppSwitch::SendIss => self.send_iss,
            AppSwitch::StandardErrors => self.standard_errors,
        });
        let name: DisplayName = values::name(&self.name)?;
        Ok(ImportedApp {
            owner: values::login(&self.owner).map_err(|refused| refused.to_string())?,
            name,
            url: values::app_url(&self.url)?,
            callback_urls: urls.collect::<Result<_, _>>()?,
            device_flow: DeviceFlow::when(self.device_flow),
            expiring_tokens: ExpiringTokens::when(self.expiring_tokens),
            switches,
            client_id: values::client_id(&self.client_id)?,
            secret,
        })
    }
}

impl TokenLine {
    fn into_record(self) -> Result<ImportedToken, String> {
        let digest = SecretDigest::parse(&self.hashed_token)
            .ok_or("hashed_token is no SHA-256 digest, in base 64 or hexadecimal digits")?;
        let last_eight = self.token_last_eight.unwrap_or_default();
        let fits = last_eight.is_empty() || last_eight.len() == LAST;
        if !fits || !last_eight.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("token_last_eight is the last eight characters of the token".to_owned());
        }
        let scopes = ScopeSet::parse(self.scopes.iter().map(String::as_str));
        let is_unknown = |scope: &String| ScopeSet::parse([scope.as_str()]).is_err();
        let unknown = self.scopes.iter().position(is_unknown);
        Ok(ImportedToken {
            login: values::login(&self.login).map_err(|refused| refused.to_string())?,
            app: self.app.as_deref().map(values::client_id).transpose()?,
            token: KeptSecret { digest, last_eight },
            scopes: scopes.map_err(|_| {
                format!(
                    "number {} of its scopes is unknown; `counterfoil scope list` shows all scopes",
                    1 + unknown.unwrap_or(0)
                )
            })?,
            note: self.note.as_deref().map(values::note).transpose()?,
            fingerprint: self
                .fingerprint
                .as_deref()
                .map(values::fingerprint)
                .transpose()?,
            created_at: time("created_at", self.created_at.as_deref())?,
            last_used_at: time("last_used_at", self.last_used_at.as_deref())?,
            expires_at: time("expires_at", self.expires_at.as_deref())?,
        })
    }
}

fn time(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, String> {
    let parse = |text: &str| {
        let instant = text.parse::<jiff::Timestamp>();
        let instant = instant
            .map_err(|_| format!("`{field}` must be a time such as 2026-01-31T10:00:00Z"))?;
        Ok(Timestamp::from_microseconds(instant.as_microsecond()))
    };
    text.map(parse).transpose()
}

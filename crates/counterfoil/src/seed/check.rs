//! From what is written in a seed file to what is to be made: every value is read into the domain's
//! type, and nothing may stand twice.

use std::collections::HashSet;
use std::hash::Hash;

use counterfoil_authority::CreateAccount;
use counterfoil_domain::account::{NewEmail, Verification};
use counterfoil_domain::app::{
    AppSwitch, AppSwitches, AppUrl, ClientId, ClientSecret, DeviceFlow, ExpiringTokens,
};
use counterfoil_domain::code::TotpSeed;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{NewOrganization, Role};
use counterfoil_domain::password::Password;
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_domain::token::{PlainToken, TokenFormats};
use data_encoding::BASE32_NOPAD;

use super::file::{AppEntry, OrganizationEntry, SeedFile, TeamEntry, TokenEntry, UserEntry};
use super::{App, Organization, Seed, Team, Token, User};
use crate::commands::values;

/// A value that may not be, and where it stands.
pub(super) struct Refused {
    pub(super) place: String,
    pub(super) problem: String,
}

/// An entry of one of the lists, for the sentence that refuses a value in it.
#[derive(Clone, Copy)]
struct Place {
    list: &'static str,
    index: usize,
}

impl Place {
    fn refuse(self, key: &str, problem: impl Into<String>) -> Refused {
        let Self { list, index } = self;
        Refused {
            place: format!("{list}[{index}].{key}"),
            problem: problem.into(),
        }
    }

    /// A value as it was read, or the sentence that refuses it.
    fn read<T, E: ToString>(self, key: &str, outcome: Result<T, E>) -> Result<T, Refused> {
        outcome.map_err(|problem| self.refuse(key, problem.to_string()))
    }

    /// Reads a value that may be missing.
    fn read_optional<T, E: ToString>(
        self,
        key: &str,
        text: Option<&String>,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Refused> {
        text.map(|text| self.read(key, read(text))).transpose()
    }
}

/// Checks a whole file.
pub(super) fn all(
    file: &SeedFile,
    digest: String,
    formats: &TokenFormats,
) -> Result<Seed, Refused> {
    let users = each("users", &file.users, user)?;
    let organizations = each("organizations", &file.organizations, organization)?;
    let teams = each("teams", &file.teams, team)?;
    let apps = each("apps", &file.apps, app)?;
    let tokens = each("tokens", &file.tokens, |entry, place| {
        token(entry, formats, place)
    })?;
    let logins: Vec<_> = users.iter().map(|user| user.account.login.key()).collect();
    refuse_repeated("users", "login", logins.iter())?;
    // Users and organizations share one set of logins.
    let taken = HashSet::from_iter(logins);
    let organization_logins = organizations.iter().map(|made| made.new.login.key());
    refuse_taken("organizations", "login", taken, organization_logins)?;
    let slugs = teams
        .iter()
        .map(|team| (team.organization.key(), team.name.slug()));
    refuse_repeated("teams", "name", slugs)?;
    let client_ids = apps.iter().map(|app| app.client_id.as_str());
    refuse_repeated("apps", "client_id", client_ids)?;
    let digests = tokens.iter().map(|token| token.plain.digest());
    refuse_repeated("tokens", "token", digests)?;
    Ok(Seed {
        digest,
        users,
        organizations,
        teams,
        apps,
        tokens,
    })
}

fn each<E, T>(
    list: &'static str,
    entries: &[E],
    read: impl Fn(&E, Place) -> Result<T, Refused>,
) -> Result<Vec<T>, Refused> {
    let entries = entries.iter().enumerate();
    entries
        .map(|(index, entry)| read(entry, Place { list, index }))
        .collect()
}

fn refuse_repeated<T: Eq + Hash>(
    list: &'static str,
    key: &str,
    values: impl Iterator<Item = T>,
) -> Result<(), Refused> {
    refuse_taken(list, key, HashSet::new(), values)
}

fn refuse_taken<T: Eq + Hash>(
    list: &'static str,
    key: &str,
    mut seen: HashSet<T>,
    values: impl Iterator<Item = T>,
) -> Result<(), Refused> {
    for (index, value) in values.enumerate() {
        if !seen.insert(value) {
            return Err(Place { list, index }.refuse(key, "stands twice in this file"));
        }
    }
    Ok(())
}

fn user(entry: &UserEntry, place: Place) -> Result<User, Refused> {
    let email = place.read_optional("email", entry.email.as_ref(), values::email)?;
    let account = CreateAccount {
        login: place.read("login", values::new_login(&entry.login))?,
        name: place.read_optional("name", entry.name.as_ref(), values::name)?,
        email: email.map(|address| NewEmail {
            address,
            verification: Verification::Verified,
        }),
        standing: if entry.admin {
            Standing::SiteAdministrator
        } else {
            Standing::Ordinary
        },
        password: place.read("password", Password::choose(entry.password.expose()))?,
    };
    place.read(
        "password",
        account.password.refuse_for(&account.own_words()),
    )?;
    let otp_seed = match &entry.otp_secret {
        Some(secret) => Some(place.read("otp_secret", otp_seed(secret.expose()))?),
        None => None,
    };
    Ok(User { account, otp_seed })
}

fn organization(entry: &OrganizationEntry, place: Place) -> Result<Organization, Refused> {
    let new = NewOrganization {
        login: place.read("login", values::new_login(&entry.login))?,
        name: place.read_optional("name", entry.name.as_ref(), values::name)?,
    };
    let admins = logins("admins", &entry.admins, place)?;
    let others = logins("members", &entry.members, place)?;
    let admins = admins.into_iter().map(|login| (login, Role::Admin));
    let others = others.into_iter().map(|login| (login, Role::Member));
    let members: Vec<_> = admins.chain(others).collect();
    refuse_repeated_member(members.iter().map(|(login, _)| login), place)?;
    Ok(Organization { new, members })
}

fn team(entry: &TeamEntry, place: Place) -> Result<Team, Refused> {
    let members = logins("members", &entry.members, place)?;
    refuse_repeated_member(members.iter(), place)?;
    Ok(Team {
        organization: place.read("organization", Login::parse(&entry.organization))?,
        name: place.read("name", values::team_name(&entry.name))?,
        members,
    })
}

fn logins(key: &str, texts: &[String], place: Place) -> Result<Vec<Login>, Refused> {
    let logins = texts.iter().map(|text| place.read(key, Login::parse(text)));
    logins.collect()
}

fn refuse_repeated_member<'a>(
    logins: impl Iterator<Item = &'a Login>,
    place: Place,
) -> Result<(), Refused> {
    let mut seen = HashSet::new();
    for login in logins {
        if !seen.insert(login.key()) {
            return Err(place.refuse("members", format!("{login} stands twice")));
        }
    }
    Ok(())
}

fn otp_seed(text: &str) -> Result<TotpSeed, &'static str> {
    let bytes = BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes());
    bytes
        .ok()
        .and_then(|bytes| TotpSeed::from_bytes(&bytes))
        .ok_or("must be 20 bytes in base 32: 32 letters from A to Z and digits from 2 to 7")
}

fn app(entry: &AppEntry, place: Place) -> Result<App, Refused> {
    if entry.callback_urls.is_empty() {
        return Err(place.refuse("callback_urls", "must have at least one URL"));
    }
    let urls = entry.callback_urls.iter();
    let urls = urls.map(|url| AppUrl::parse_callback(url));
    let secret = ClientSecret::parse(entry.client_secret.expose());
    Ok(App {
        owner: place.read("owner", Login::parse(&entry.owner))?,
        name: place.read("name", values::name(&entry.name))?,
        url: place.read("url", AppUrl::parse(&entry.url))?,
        callback_urls: place.read("callback_urls", urls.collect::<Result<_, _>>())?,
        device_flow: DeviceFlow::when(entry.device_flow),
        expiring_tokens: ExpiringTokens::when(entry.expiring_tokens),
        switches: AppSwitches::of(|switch| match switch {
            AppSwitch::ExactMatch => entry.exact_match,
            AppSwitch::RequirePkce => entry.require_pkce,
            AppSwitch::SendIss => entry.send_iss,
            AppSwitch::StandardErrors => entry.standard_errors,
        }),
        client_id: place.read("client_id", ClientId::parse(&entry.client_id))?,
        client_secret: place.read("client_secret", secret)?,
    })
}

fn token(entry: &TokenEntry, formats: &TokenFormats, place: Place) -> Result<Token, Refused> {
    let plain = PlainToken::parse(entry.token.expose(), formats).ok_or_else(|| {
        let prefix = formats.personal.as_str();
        place.refuse(
            "token",
            format!(
                "must be a known prefix such as {prefix}, 30 letters and digits, and their checksum; \
                 `counterfoil token create` makes one"
            ),
        )
    })?;
    if entry.app.is_none() && entry.note.is_none() {
        let problem = "is missing; only a token of an app may do without";
        return Err(place.refuse("note", problem));
    }
    if entry.app.is_none() && entry.fingerprint.is_some() {
        let problem = "is for tokens of an app only; set app too";
        return Err(place.refuse("fingerprint", problem));
    }
    let scopes = ScopeSet::parse(entry.scopes.iter().map(String::as_str))
        .map_err(|unknown| format!("{unknown}; `counterfoil scope list` shows all scopes"));
    let fingerprint = entry.fingerprint.as_ref();
    Ok(Token {
        login: place.read("login", Login::parse(&entry.login))?,
        app: place.read_optional("app", entry.app.as_ref(), ClientId::parse)?,
        plain,
        scopes: place.read("scopes", scopes)?,
        note: place.read_optional("note", entry.note.as_ref(), values::note)?,
        fingerprint: place.read_optional("fingerprint", fingerprint, values::fingerprint)?,
    })
}

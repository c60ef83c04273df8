//! Values on the command line: each is parsed into the domain's type before anything else happens,
//! so that a mistake is a usage error with a sentence of its own.

use std::time::Duration;

use counterfoil_domain::app::{AppUrl, ClientId};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::{AuthorizationId, GrantId, SessionId};
use counterfoil_domain::key::KeyId;
use counterfoil_domain::length_of_time::{self, NoLength};
use counterfoil_domain::login::{Login, LoginRefused};
use counterfoil_domain::moment::Moment;
use counterfoil_domain::organization::{Slug, TeamName};
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::text::{DisplayName, Fingerprint, Note};
use counterfoil_domain::time_zone::Zone;
use counterfoil_server::listen::ListenAddress;

/// The user that `quickstart` makes. `serve` refuses a database that has it, so nobody else may be
/// called so.
pub(crate) const DEMO_LOGIN: &str = "demo";

/// A login.
pub(crate) fn login(text: &str) -> Result<Login, LoginRefused> {
    Login::parse(text)
}

/// A login for a new user.
pub(crate) fn new_login(text: &str) -> Result<Login, String> {
    let login = Login::parse_new(text).map_err(|refused| refused.to_string())?;
    if login.key() == DEMO_LOGIN {
        return Err(format!(
            "{DEMO_LOGIN} is the user of `counterfoil quickstart`, which `counterfoil serve` refuses; choose another login"
        ));
    }
    Ok(login)
}

/// An e-mail address.
pub(crate) fn email(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|refused| refused.to_string())
}

/// The name of a user or an app.
pub(crate) fn name(text: &str) -> Result<DisplayName, String> {
    if text.trim().is_empty() {
        return Err("a name must not be empty".to_owned());
    }
    DisplayName::parse(text).map_err(|refused| format!("a name {refused}"))
}

/// The name of a team.
pub(crate) fn team_name(text: &str) -> Result<TeamName, String> {
    TeamName::parse(text).map_err(|refused| format!("a team's name {refused}"))
}

/// The slug of a team.
pub(crate) fn slug(text: &str) -> Result<Slug, &'static str> {
    Slug::parse(text).ok_or("a team's slug has letters, digits and single inner hyphens")
}

/// A note.
pub(crate) fn note(text: &str) -> Result<Note, String> {
    if text.trim().is_empty() {
        return Err("a note must not be empty".to_owned());
    }
    Note::parse(text).map_err(|refused| format!("a note {refused}"))
}

/// A fingerprint.
pub(crate) fn fingerprint(text: &str) -> Result<Fingerprint, String> {
    if text.is_empty() {
        return Err("a fingerprint must not be empty".to_owned());
    }
    Fingerprint::parse(text).map_err(|refused| format!("a fingerprint {refused}"))
}

/// The URL of an app.
pub(crate) fn app_url(text: &str) -> Result<AppUrl, String> {
    AppUrl::parse(text).map_err(|refused| refused.to_string())
}

/// A callback URL of an app.
pub(crate) fn callback_url(text: &str) -> Result<AppUrl, String> {
    AppUrl::parse_callback(text).map_err(|refused| refused.to_string())
}

/// The client id of an app.
pub(crate) fn client_id(text: &str) -> Result<ClientId, String> {
    ClientId::parse(text).map_err(|refused| refused.to_string())
}

/// Scopes, separated by commas or white space; none when empty.
pub(crate) fn scopes(text: &str) -> Result<ScopeSet, String> {
    let names = text
        .split(|character: char| character == ',' || character.is_whitespace())
        .filter(|name| !name.is_empty());
    ScopeSet::parse(names)
        .map_err(|unknown| format!("{unknown}; `counterfoil scope list` shows all scopes"))
}

/// The id of a token, as `token list` shows it.
pub(crate) fn authorization_id(text: &str) -> Result<AuthorizationId, String> {
    positive(text).map(AuthorizationId)
}

/// What `token revoke` is given.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TokenToRevoke {
    /// An id.
    Id(AuthorizationId),
    /// What may be a token, which no message may repeat.
    TokenItself,
}

/// The id of a token, or what is too long to be one and must be shown to nobody.
pub(crate) fn token_to_revoke(text: &str) -> Result<TokenToRevoke, String> {
    // The longest id has 19 digits; the shortest token has 36 characters beside its prefix.
    if text.len() > 19 {
        return Ok(TokenToRevoke::TokenItself);
    }
    authorization_id(text).map(TokenToRevoke::Id)
}

/// The id of a grant, as `grant list` shows it.
pub(crate) fn grant_id(text: &str) -> Result<GrantId, String> {
    positive(text).map(GrantId)
}

/// The id of a session, as `session list` shows it.
pub(crate) fn session_id(text: &str) -> Result<SessionId, String> {
    positive(text).map(SessionId)
}

fn positive(text: &str) -> Result<i64, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        Ok(_) | Err(_) => Err("an id is a whole number from 1 on".to_owned()),
    }
}

/// The id of a key, as `key list` shows it.
pub(crate) fn key_id(text: &str) -> Result<KeyId, String> {
    KeyId::parse(text)
        .ok_or_else(|| "a key's id has eight digits from 0 to 9 and a to f".to_owned())
}

/// A length of time: a whole number and a unit, such as `30d`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    const FORM: &str =
        "a length of time is a whole number and one of s, m, h, d and w, such as 30d";
    match length_of_time::parse(text) {
        Ok(length) if !length.is_zero() => Ok(length),
        Err(NoLength::Form) => Err(FORM.to_owned()),
        Ok(_) | Err(NoLength::Bounds) => {
            Err("a length of time is more than nothing and at most 100 years".to_owned())
        }
    }
}

/// A point in time. Days are those of UTC.
pub(crate) fn moment(text: &str) -> Result<Moment, &'static str> {
    Moment::parse(text, &Zone::utc()).ok_or(
        "a time is a date (2026-11-22), a date and time (2026-11-22T10:00:00Z), or how long ago it was (24h, 7d)",
    )
}

/// An address for `quickstart`, which other machines must not reach.
pub(crate) fn loopback_address(text: &str) -> Result<String, String> {
    let address: ListenAddress = text
        .parse()
        .map_err(|_| format!("an address is {}", ListenAddress::FORM))?;
    if address.is_loopback() {
        Ok(text.to_owned())
    } else {
        Err(no_loopback_address(&address))
    }
}

/// The sentence for an address that other machines may reach.
pub(crate) fn no_loopback_address(address: &ListenAddress) -> String {
    format!(
        "quickstart is for this machine only, and {address} is no loopback address; use `counterfoil serve`"
    )
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::timestamp::Timestamp;

    use super::*;

    #[test]
    fn lengths_of_time_need_a_unit_and_have_bounds() {
        assert_eq!(duration("30d"), Ok(Duration::from_hours(30 * 24)));
        assert_eq!(duration("90m"), Ok(Duration::from_mins(90)));
        for text in [
            "",
            "30",
            "d",
            "-1d",
            "1.5h",
            "0s",
            "30 d",
            "40000d",
            "99999999999999999999w",
            "1é",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_moment_is_a_date_a_time_or_a_while_ago() {
        let now = Timestamp::from_seconds(1_000_000_000);
        let seconds = |text| moment(text).map(|moment| moment.seen_from(now).seconds());
        assert_eq!(seconds("2001-09-09"), Ok(999_993_600));
        assert_eq!(seconds("2001-09-09T01:46:40Z"), Ok(1_000_000_000));
        assert_eq!(seconds("2001-09-09T03:46:40+02:00"), Ok(1_000_000_000));
        assert_eq!(seconds("1h"), Ok(1_000_000_000 - 3600));
        assert!(seconds("yesterday").is_err());
    }

    #[test]
    fn scopes_may_be_separated_by_commas_or_spaces() {
        assert_eq!(
            scopes("repo, gist user").unwrap().to_string(),
            "repo gist user"
        );
        assert_eq!(scopes("").unwrap(), ScopeSet::default());
        assert_eq!(
            scopes("repo,nope").unwrap_err(),
            "unknown scopes: nope; `counterfoil scope list` shows all scopes"
        );
    }

    #[test]
    fn nobody_is_made_with_the_login_of_the_demo_user() {
        assert!(new_login("demo").is_err() && new_login("Demo").is_err());
        assert!(login("demo").is_ok() && new_login("demo2").is_ok());
    }
}

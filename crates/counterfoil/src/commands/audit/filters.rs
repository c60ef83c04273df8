//! What `audit list` can be asked for, and how logins and client ids become what the trail has.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use counterfoil_authority::Authority;
use counterfoil_domain::app::ClientId;
use counterfoil_domain::audit::Action;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::login::Login;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::principal::RequestId;
use counterfoil_store::{AccountName, EventFilter, WantedActor};
use data_encoding::HEXLOWER_PERMISSIVE;

use crate::commands::UsageError;
use crate::commands::values::{self, Moment};

/// Which events: those that all options hold of.
#[derive(Args, Debug)]
pub(super) struct Filters {
    /// From when on: a date, a date and time, or how long ago, such as 24h or 7d [default: from the
    /// beginning]
    #[arg(long, value_name = "TIME", value_parser = values::moment)]
    pub(super) since: Option<Moment>,
    /// Until when, this moment left out [default: to the end]
    #[arg(long, value_name = "TIME", value_parser = values::moment)]
    until: Option<Moment>,
    /// Who did it: the login of a user, `app:CLIENT_ID`, `os_user:NAME` for the command line,
    /// `os_user` for anybody there, `anonymous`, or `program`; `user:LOGIN` for a user whose login
    /// is one of these words
    #[arg(long, value_name = "ACTOR", value_parser = actor)]
    actor: Option<ActorText>,
    /// The user that it is about, also one that is deleted
    #[arg(long, value_name = "LOGIN", value_parser = values::login)]
    user: Option<Login>,
    /// The app that it is about, also one that is deleted
    #[arg(long, value_name = "CLIENT_ID", value_parser = values::client_id)]
    app: Option<ClientId>,
    /// The organization that it is about, also one that is deleted
    #[arg(long, value_name = "LOGIN", value_parser = values::login)]
    organization: Option<Login>,
    /// What happened, such as token.ended; may be given several times
    #[arg(long, value_name = "ACTION", value_parser = actions(), hide_possible_values = true)]
    action: Vec<String>,
    /// The token that was made or ended, by the SHA-256 of it in hexadecimal digits
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    token_digest: Option<DigestText>,
    /// The client's address
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    address: Option<ClientAddress>,
    /// The request that caused it, by what its answer had as X-GitHub-Request-Id
    #[arg(long, value_name = "ID", value_parser = request_id)]
    request: Option<RequestId>,
}

/// Who is wanted, as it was typed.
#[derive(Clone, Debug)]
enum ActorText {
    User(Login),
    Account(AccountId),
    App(ClientId),
    OperatingSystemUser(Option<String>),
    Anonymous,
    Program,
}

/// A digest. What was typed in its place may be the token itself, so no message repeats it.
#[derive(Clone, Copy, Debug)]
enum DigestText {
    Digest(SecretDigest),
    Other,
}

fn actions() -> impl clap::builder::TypedValueParser<Value = String> {
    let words = Action::ALL.iter().map(|(action, _)| action.as_str());
    PossibleValuesParser::new(words).map(|word| word)
}

fn actor(text: &str) -> Result<ActorText, String> {
    let login = |text| values::login(text).map_err(|refused| refused.to_string());
    match text.split_once(':') {
        Some(("user", name)) => login(name).map(ActorText::User),
        Some(("app", id)) => values::client_id(id).map(ActorText::App),
        Some(("os_user", name)) => Ok(ActorText::OperatingSystemUser(Some(name.to_owned()))),
        // As --json names a user.
        Some(("account", id)) if id.parse::<i64>().is_ok() => {
            Ok(ActorText::Account(AccountId(id.parse().unwrap_or_default())))
        }
        Some(_) => Err(
            "an actor is a login, or user:LOGIN, app:CLIENT_ID, os_user:NAME, os_user, anonymous or program".to_owned(),
        ),
        None => match text {
            "os_user" => Ok(ActorText::OperatingSystemUser(None)),
            "anonymous" => Ok(ActorText::Anonymous),
            "program" => Ok(ActorText::Program),
            text => login(text).map(ActorText::User),
        },
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the parser of options would repeat what it refuses"
)]
fn digest(text: &str) -> Result<DigestText, String> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes());
    let digest = bytes
        .ok()
        .and_then(|bytes| SecretDigest::from_stored(&bytes));
    Ok(digest.map_or(DigestText::Other, DigestText::Digest))
}

fn address(text: &str) -> Result<ClientAddress, &'static str> {
    text.parse()
        .map_err(|_| "an address is an IPv4 or IPv6 address, or unix")
}

fn request_id(text: &str) -> Result<RequestId, &'static str> {
    const FORM: &str = "a request's id has 32 hexadecimal digits, in five groups with hyphens";
    let digits = text.replace('-', "");
    let bytes = HEXLOWER_PERMISSIVE
        .decode(digits.as_bytes())
        .map_err(|_| FORM)?;
    bytes.try_into().map(RequestId).map_err(|_| FORM)
}

impl Filters {
    /// The same as the trail has it.
    pub(super) async fn resolve(self, authority: &Authority) -> anyhow::Result<EventFilter> {
        let now = authority.now();
        let seen_from_now = |moment: Option<Moment>| moment.map(|moment| moment.seen_from(now));
        Ok(EventFilter {
            since: seen_from_now(self.since),
            until: seen_from_now(self.until),
            actor: match self.actor {
                Some(text) => Some(text.resolve(authority).await?),
                None => None,
            },
            users: match &self.user {
                Some(login) => Some(accounts(authority, login, false).await?),
                None => None,
            },
            app: match &self.app {
                Some(client_id) => Some(app(authority, client_id).await?),
                None => None,
            },
            organizations: match &self.organization {
                Some(login) => Some(accounts(authority, login, true).await?),
                None => None,
            },
            actions: self.action,
            token: match self.token_digest {
                Some(DigestText::Digest(digest)) => Some(digest),
                Some(DigestText::Other) => {
                    return Err(UsageError::of(
                        "--token-digest is the SHA-256 of a token, 64 hexadecimal digits; a token itself does not belong on a command line",
                    ));
                }
                None => None,
            },
            address: self.address,
            request: self.request,
        })
    }
}

impl ActorText {
    async fn resolve(self, authority: &Authority) -> anyhow::Result<WantedActor> {
        Ok(match self {
            Self::User(login) => WantedActor::Accounts(accounts(authority, &login, false).await?),
            Self::Account(id) => WantedActor::Accounts(vec![id]),
            Self::App(client_id) => WantedActor::App(app(authority, &client_id).await?),
            Self::OperatingSystemUser(name) => WantedActor::OperatingSystemUser(name),
            Self::Anonymous => WantedActor::Anonymous,
            Self::Program => WantedActor::Program,
        })
    }
}

/// Every user, or every organization, that has or had this login.
async fn accounts(
    authority: &Authority,
    login: &Login,
    organizations: bool,
) -> anyhow::Result<Vec<AccountId>> {
    let called = authority.ever_called(login).await?;
    let of_kind = |name: &AccountName| name.is_organization == organizations;
    let ids: Vec<_> = called
        .iter()
        .filter(|name| of_kind(name))
        .map(|name| name.id)
        .collect();
    let noun = if organizations {
        "organization"
    } else {
        "user"
    };
    anyhow::ensure!(!ids.is_empty(), "no {noun} is or was called {login}");
    Ok(ids)
}

async fn app(authority: &Authority, client_id: &ClientId) -> anyhow::Result<AppId> {
    let app = authority.app_ever_known(client_id).await?;
    app.ok_or_else(|| anyhow::anyhow!("no app has or had the client ID {client_id}"))
}

//! What `audit list` can be asked for.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use counterfoil_authority::{Authority, TrailQuery};
use counterfoil_domain::app::ClientId;
use counterfoil_domain::audit::{Action, NamedActor, NoActor};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::login::Login;
use counterfoil_domain::moment::Moment;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::principal::{NoRequestId, RequestId};
use counterfoil_store::EventFilter;

use crate::commands::UsageError;
use crate::commands::values;

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
    actor: Option<NamedActor>,
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

fn actor(text: &str) -> Result<NamedActor, NoActor> {
    text.parse()
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the parser of options would repeat what it refuses"
)]
fn digest(text: &str) -> Result<DigestText, String> {
    Ok(SecretDigest::parse(text).map_or(DigestText::Other, DigestText::Digest))
}

fn address(text: &str) -> Result<ClientAddress, &'static str> {
    text.parse()
        .map_err(|_| "an address is an IPv4 or IPv6 address, or unix")
}

fn request_id(text: &str) -> Result<RequestId, NoRequestId> {
    text.parse()
}

impl Filters {
    /// The same as the trail has it.
    pub(super) async fn resolve(self, authority: &Authority) -> anyhow::Result<EventFilter> {
        let now = authority.now();
        let seen_from_now = |moment: Option<Moment>| moment.map(|moment| moment.seen_from(now));
        let query = TrailQuery {
            since: seen_from_now(self.since),
            until: seen_from_now(self.until),
            actor: self.actor,
            user: self.user,
            app: self.app,
            organization: self.organization,
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
        };
        Ok(authority.event_filter(query).await?)
    }
}

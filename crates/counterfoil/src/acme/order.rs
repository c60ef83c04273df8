//! One order, from the account to the certificate.

use std::time::Duration;

use counterfoil_server::listen::{TlsError, TlsReloader};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Error, ExternalAccountKey,
    Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use zeroize::Zeroizing;

use super::client::Client;
use super::folder::{AcmeFolder, KeptAccount};

/// How long an authority may take to look at the challenges, and again to make the certificate.
const PATIENCE: Duration = Duration::from_secs(90);
const FIRST_LOOK: Duration = Duration::from_millis(250);
const POLLS: RetryPolicy = RetryPolicy::new()
    .initial_delay(FIRST_LOOK)
    .timeout(PATIENCE);

/// The authority does not know the account (RFC 8555 section 6.7).
const UNKNOWN_ACCOUNT: &str = "urn:ietf:params:acme:error:accountDoesNotExist";
/// It was asked too much.
const RATE_LIMITED: &str = "urn:ietf:params:acme:error:rateLimited";

/// What to order, and in whose name.
pub(super) struct Wanted {
    pub(super) directory: String,
    pub(super) names: Vec<String>,
    pub(super) contact: Option<String>,
    pub(super) external: Option<ExternalAccount>,
}

/// What binds an account to one that the authority knows already.
pub(super) struct ExternalAccount {
    pub(super) id: String,
    pub(super) key: Zeroizing<Vec<u8>>,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub(super) enum OrderFailed {
    /// The authority, or the way to it.
    #[error(transparent)]
    Acme(#[from] Error),
    /// A name was not proved: what the authority says of it.
    #[error("the authority did not find the proof for {name}: {said}")]
    NotProved {
        /// The name.
        name: String,
        /// The authority's words.
        said: String,
    },
    /// It proves names in other ways alone.
    #[error("the authority offers no tls-alpn-01 for {0}, the one proof that this program gives")]
    NoChallenge(String),
    /// The order came to nothing, and the authority does not say why.
    #[error("the authority gave the order up without a reason")]
    GivenUp,
    /// The answer to a challenge cannot be made.
    #[error(transparent)]
    Answer(#[from] TlsError),
    /// Files of ours.
    #[error("{0:#}")]
    Files(#[from] anyhow::Error),
}

impl OrderFailed {
    /// Whether the authority says that it was asked too much.
    pub(super) fn is_rate_limited(&self) -> bool {
        self.is_of_type(RATE_LIMITED)
    }

    fn is_of_type(&self, kind: &str) -> bool {
        match self {
            Self::Acme(error) => is_of_type(error, kind),
            _ => false,
        }
    }
}

fn is_of_type(error: &Error, kind: &str) -> bool {
    match error {
        Error::Api(problem) => problem.r#type.as_deref() == Some(kind),
        _ => false,
    }
}

impl Wanted {
    /// Orders, proves and fetches: the chain with a key of its own, in PEM.
    pub(super) async fn order(
        &self,
        client: &Client,
        folder: &AcmeFolder,
        tls: &TlsReloader,
    ) -> Result<Zeroizing<String>, OrderFailed> {
        let mut order = self.begin(client, folder).await?;
        prove(&mut order, tls).await?;
        let ready = match order.poll_ready(&POLLS).await {
            Ok(OrderStatus::Ready) => Ok(()),
            Ok(_) => Err(OrderFailed::GivenUp),
            Err(error) => Err(OrderFailed::from(error)),
        };
        if let Err(error) = ready {
            let invalid = order.state().status == OrderStatus::Invalid;
            let why = if invalid {
                why_invalid(&mut order).await
            } else {
                None
            };
            return Err(why.unwrap_or(error));
        }
        let key = Zeroizing::new(order.finalize().await?);
        let chain = order.poll_certificate(&POLLS).await?;
        let separator = if chain.ends_with('\n') { "" } else { "\n" };
        Ok(Zeroizing::new(format!(
            "{chain}{separator}{}",
            key.as_str()
        )))
    }

    /// Places the order, with the account that is kept or another one.
    async fn begin(&self, client: &Client, folder: &AcmeFolder) -> Result<Order, OrderFailed> {
        let names = self.names.iter().cloned();
        let identifiers: Vec<_> = names.map(Identifier::Dns).collect();
        let wanted = NewOrder::new(&identifiers);
        if let Some(kept) = folder.account(&self.directory)? {
            let placed = match self.restore(kept, client, folder).await {
                Ok(account) => account.new_order(&wanted).await.map_err(OrderFailed::from),
                Err(error) => Err(error),
            };
            match placed {
                Err(error) if error.is_of_type(UNKNOWN_ACCOUNT) => {
                    tracing::warn!(
                        directory = self.directory,
                        "the authority does not know the account any more; another one is made"
                    );
                }
                placed => return placed,
            }
        }
        let account = self.register(client, folder).await?;
        Ok(account.new_order(&wanted).await?)
    }

    async fn restore(
        &self,
        kept: KeptAccount,
        client: &Client,
        folder: &AcmeFolder,
    ) -> Result<Account, OrderFailed> {
        let other_contact = kept.contact != self.contact;
        // Only the library reads what it wrote, and it keeps what it read.
        let again = other_contact.then(|| copy(&kept.credentials)).transpose()?;
        let builder = Account::builder_with_http(Box::new(client.clone()));
        let account = builder.from_credentials(kept.credentials).await?;
        if let Some(credentials) = again {
            let contact: Vec<&str> = self.contact.as_deref().into_iter().collect();
            account.update_contacts(&contact).await?;
            self.keep(credentials, folder)?;
        }
        Ok(account)
    }

    async fn register(&self, client: &Client, folder: &AcmeFolder) -> Result<Account, OrderFailed> {
        let contact: Vec<&str> = self.contact.as_deref().into_iter().collect();
        let wanted = NewAccount {
            contact: &contact,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let external = self
            .external
            .as_ref()
            .map(|external| ExternalAccountKey::new(external.id.clone(), &external.key));
        let builder = Account::builder_with_http(Box::new(client.clone()));
        let (account, credentials) = builder
            .create(&wanted, self.directory.clone(), external.as_ref())
            .await?;
        self.keep(credentials, folder)?;
        tracing::info!(
            directory = self.directory,
            account = account.id(),
            "there is an account at the authority"
        );
        Ok(account)
    }

    fn keep(
        &self,
        credentials: AccountCredentials,
        folder: &AcmeFolder,
    ) -> Result<(), OrderFailed> {
        let kept = KeptAccount {
            directory: self.directory.clone(),
            contact: self.contact.clone(),
            credentials,
        };
        Ok(folder.keep_account(&kept)?)
    }
}

fn copy(credentials: &AccountCredentials) -> Result<AccountCredentials, OrderFailed> {
    let copied = serde_json::to_value(credentials).and_then(serde_json::from_value);
    copied.map_err(|_| OrderFailed::Files(anyhow::anyhow!("the account cannot be copied")))
}

/// Has every name answered for, and tells the authority to look.
async fn prove(order: &mut Order, tls: &TlsReloader) -> Result<(), OrderFailed> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let name = authorization.identifier().to_string();
        let Some(mut challenge) = authorization.challenge(ChallengeType::TlsAlpn01) else {
            return Err(OrderFailed::NoChallenge(name));
        };
        let digest = challenge.key_authorization().digest();
        let digest: [u8; 32] = digest
            .as_ref()
            .try_into()
            .expect("a SHA-256 digest has 32 bytes");
        tls.answer_challenge(&name, &digest)?;
        challenge.set_ready().await?;
    }
    Ok(())
}

/// What the authority says of the first name that it did not find the proof for.
async fn why_invalid(order: &mut Order) -> Option<OrderFailed> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let Ok(mut authorization) = authorization else {
            continue;
        };
        if authorization.refresh().await.is_err() {
            continue;
        }
        let name = authorization.identifier().to_string();
        let mut challenges = authorization.challenges.iter();
        let said = challenges.find_map(|challenge| challenge.error.as_ref());
        if let Some(problem) = said {
            let said = problem.to_string();
            return Some(OrderFailed::NotProved { name, said });
        }
    }
    None
}

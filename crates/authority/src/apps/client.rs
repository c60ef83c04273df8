//! How an app proves who it is: by its client id and secret.
//!
//! No failed sign-in is counted here, and there is nothing to guess: secrets carry 128 bits and
//! more. Wrong secrets are counted all the same, by app and address, and leave counted events: they
//! mean a mistake or an attack.

use std::sync::Arc;

use counterfoil_domain::app::{AppSwitch, ClientId, ClientSecret, SeenTokens};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AppId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::password::Password;
use counterfoil_domain::principal::{ClientProof, Origin, Principal, Proof};
use counterfoil_store::StoreError;

use crate::authority::Authority;
use crate::refused::wrong_secrets::Wrong;
use crate::token_cache::ClientEntry;
use crate::token_cache::entry::AppEntry;

/// An app's id and secret as a request claims them.
#[derive(Clone, Debug)]
pub struct ClientClaim {
    /// The client id.
    pub client_id: ClientId,
    /// What is compared of the secret, as `ClientSecret::claimed` gives it.
    pub secret: SecretDigest,
}

/// An app that proved who it is. Made for each request, by its client id and secret.
#[derive(Clone, Debug)]
pub struct AppCaller {
    app: Arc<AppEntry>,
    address: ClientAddress,
    principal: Principal,
    by_published: bool,
    seen_tokens: SeenTokens,
}

/// What an app wants to do by its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretUse {
    /// To exchange what a user gave it for a token. A secret that was published counts there, since
    /// programs send it; it proves nothing.
    Exchange,
    /// Anything else: a secret that was published is none.
    Proof,
}

impl AppCaller {
    /// The app's id.
    pub fn id(&self) -> AppId {
        self.app.summary.id
    }

    /// Its client id.
    pub fn client_id(&self) -> &ClientId {
        &self.app.summary.client_id
    }

    /// Whether the secret that it sent is one that everybody may know.
    pub(crate) fn is_by_published(&self) -> bool {
        self.by_published
    }

    /// From where it asks.
    pub(crate) fn address(&self) -> ClientAddress {
        self.address
    }

    /// The principal that its changes are put down to.
    pub(crate) fn principal(&self) -> &Principal {
        &self.principal
    }
}

/// Why an app was not believed, or whatever else may stop it.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// There is no live app with this client id and secret.
    #[error("the client id or secret is wrong")]
    WrongClient,
    /// It is wrong, like many before it from the same address. A right one is never answered so.
    #[error("too many client secrets were wrong")]
    TooManyWrongSecrets,
    /// Too much that is not remembered is being looked up: nobody knows whether this app is known.
    #[error("too many apps are being looked up")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Authority {
    /// The live app that has this client id and secret.
    pub async fn authenticate_app(
        &self,
        claim: &ClientClaim,
        origin: Origin,
    ) -> Result<AppCaller, ClientError> {
        let from = origin.address;
        let client = self.current_client(&claim.client_id, from).await?;
        let believed = self.believe(client.as_ref(), claim.secret, SecretUse::Proof, from)?;
        Ok(by_secret(believed, claim.secret, origin))
    }

    /// The same for this use, where it is told apart whether there is such an app: none if not.
    pub async fn authenticate_known_app(
        &self,
        claim: &ClientClaim,
        wanted: SecretUse,
        origin: Origin,
    ) -> Result<Option<AppCaller>, ClientError> {
        let from = origin.address;
        let client = self.current_client(&claim.client_id, from).await?;
        match self.believe(client.as_ref(), claim.secret, wanted, from) {
            Ok(believed) => Ok(Some(by_secret(believed, claim.secret, origin))),
            Err(ClientError::WrongClient) if client.is_none() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The live app of a client id that comes without a secret, if it keeps none: anybody can claim
    /// to be it.
    pub async fn public_app(
        &self,
        client_id: &ClientId,
        origin: Origin,
    ) -> Result<Option<AppCaller>, ClientError> {
        let client = self.current_client(client_id, origin.address).await?;
        let client = client.filter(|client| client.is_public());
        Ok(client.map(|client| AppCaller {
            address: origin.address,
            principal: Principal {
                proof: Proof::PublicClient(client.app.summary.id),
                origin: Some(origin),
            },
            app: Arc::clone(&client.app),
            by_published: true,
            seen_tokens: SeenTokens::Own,
        }))
    }

    /// The app that a Basic pair speaks for: none where no live app has the name as its client id,
    /// so that it is a login.
    pub async fn authenticate_app_by_pair(
        &self,
        name: &str,
        secret: &Password,
        origin: Origin,
    ) -> Result<Option<AppCaller>, ClientError> {
        let Ok(client_id) = ClientId::parse(name) else {
            return Ok(None);
        };
        let from = origin.address;
        let Some(client) = self.client_by_login(&client_id, from).await? else {
            return Ok(None);
        };
        let secret = str::from_utf8(secret.expose_bytes()).unwrap_or_default();
        let secret = ClientSecret::claimed(secret);
        let believed = self.believe(Some(&client), secret, SecretUse::Proof, from)?;
        Ok(Some(by_secret(believed, secret, origin)))
    }

    /// The app through which a user asks, and what must still hold of it when something is made.
    pub(crate) async fn authenticate_app_beside_user(
        &self,
        claim: &ClientClaim,
        from: ClientAddress,
    ) -> Result<ClientProof, ClientError> {
        let client = self.current_client(&claim.client_id, from).await?;
        let believed = self.believe(client.as_ref(), claim.secret, SecretUse::Proof, from)?;
        Ok(ClientProof {
            app: believed.app.summary.id,
            secret: claim.secret,
        })
    }

    /// Whether the live app of a client id wants errors of the token endpoint as RFC 6749 has them.
    /// `false` where the lookup fails or is refused: the error then has GitHub's form.
    pub async fn wants_standard_errors(&self, client_id: &ClientId, from: ClientAddress) -> bool {
        let client = self.client_by_login(client_id, from).await;
        let client = client.ok().flatten();
        client.is_some_and(|client| client.switches.has(AppSwitch::StandardErrors))
    }

    /// The app of a client, if the secret is one of its own. A wrong one is counted; a right one
    /// passes whatever was counted: to compare costs less than to refuse, so nobody at the same
    /// address can keep the app out.
    fn believe(
        &self,
        client: Option<&Arc<ClientEntry>>,
        secret: SecretDigest,
        wanted: SecretUse,
        from: ClientAddress,
    ) -> Result<Believed, ClientError> {
        // A comparison of digests tells nothing about the secret, however long it takes.
        if let Some((client, secret)) =
            client.and_then(|client| Some((client, client.secret(secret)?)))
            && (wanted == SecretUse::Exchange || !secret.is_published)
        {
            self.secret_uses().note(secret, || self.now());
            return Ok(Believed {
                app: Arc::clone(&client.app),
                by_published: secret.is_published,
                seen_tokens: client.seen_tokens,
            });
        }
        let app = client.map(|client| client.app.summary.id);
        Err(match self.wrong_secrets().note(app, from, self.now()) {
            Wrong::OneMore => ClientError::WrongClient,
            Wrong::TooMany => ClientError::TooManyWrongSecrets,
        })
    }

    /// Which tokens an app is told of now. None where the secret by which it proved itself is not
    /// its own any more, or everybody may know it.
    pub(crate) async fn tokens_seen_by(
        &self,
        caller: &AppCaller,
    ) -> Result<Option<SeenTokens>, ClientError> {
        self.follow_changes().await?;
        // A secret that is replaced, an app that is deleted and a mark that is taken away: each is
        // a change of the app.
        if caller.app.is_valid() {
            return Ok(Some(caller.seen_tokens));
        }
        let client = self
            .current_client(caller.client_id(), caller.address)
            .await?;
        let proof = caller.principal.proof.conditions().client;
        let pair = client.zip(proof);
        Ok(pair.and_then(|(client, proof)| {
            let secret = client.secret(proof.secret)?;
            (!secret.is_published).then_some(client.seen_tokens)
        }))
    }
}

/// An app whose secret was right.
struct Believed {
    app: Arc<AppEntry>,
    by_published: bool,
    seen_tokens: SeenTokens,
}

fn by_secret(believed: Believed, secret: SecretDigest, origin: Origin) -> AppCaller {
    let Believed {
        app,
        by_published,
        seen_tokens,
    } = believed;
    let proof = ClientProof {
        app: app.summary.id,
        secret,
    };
    AppCaller {
        app,
        address: origin.address,
        principal: Principal {
            proof: Proof::ClientSecret(proof),
            origin: Some(origin),
        },
        by_published,
        seen_tokens,
    }
}

//! Mail: what is sent, by whom, and what sends it.

mod sender;

pub use crate::mail::sender::MailServerState;

use std::time::Duration;

use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::link::LinkCode;
use counterfoil_domain::login::Login;
use counterfoil_domain::mail::{DeliveryId, MailWords};
use counterfoil_domain::preferences::Preferences;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{ChangeError, OutboxState, StoreError};
use futures_util::future::BoxFuture;
use zeroize::Zeroizing;

use crate::authority::Authority;
use crate::principal::Operator;
use crate::use_case::UseCaseError;

/// What carries a letter to a mail server. The program gives SMTP; tests give one that keeps
/// letters, or fails.
pub trait Mailer: Send + Sync {
    /// Sends a letter: its words are made here, in the language of whoever gets it.
    fn send(&self, letter: Letter) -> BoxFuture<'static, Result<(), MailError>>;
}

/// A letter on its way.
#[derive(Clone, Debug)]
pub struct Letter {
    /// What stays the same over all tries.
    pub delivery: DeliveryId,
    /// What it says.
    pub words: MailWords,
    /// To whom it goes.
    pub to: EmailAddress,
    /// The login of the account that it is about.
    pub login: Login,
    /// The user who had it made, if one did.
    pub maker: Option<Login>,
    /// The language and time zone that the user chose whom it is about.
    pub preferences: Preferences,
    /// When what it tells of happened, or was asked for.
    pub made_at: Timestamp,
    /// The link in it, if it has one.
    pub link: Option<LetterLink>,
}

/// The link in a letter.
#[derive(Clone, Debug)]
pub struct LetterLink {
    /// Its secret.
    pub code: LinkCode,
    /// For how long it works.
    pub life: Duration,
}

/// Why a letter did not go. The sentence is what the server said, or what became of the connection;
/// no address and no secret in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The server refuses it for good.
    #[error("the mail server refuses it: {0}")]
    Refused(String),
    /// The server does not take it now.
    #[error("the mail server does not take it now: {0}")]
    Later(String),
    /// No server can be reached, it does not answer in time, or it does not let us in.
    #[error("the mail server cannot be used: {0}")]
    Server(String),
}

/// What typed texts are sealed for.
const TYPED: &str = "outbox typed";

impl Authority {
    /// How the outbox stands.
    pub async fn outbox_state(&self) -> Result<OutboxState, StoreError> {
        self.store().outbox_state().await
    }

    /// Has mail sent from a database that was restored or copied; `None` where it is sent already,
    /// else how many mails wait.
    pub async fn resume_sending(
        &self,
        operator: &Operator,
    ) -> Result<Option<u64>, UseCaseError<std::convert::Infallible>> {
        let by = self.attribute_to(operator.principal());
        let resumed = self.store().resume_sending(by).await;
        resumed.map_err(|error: ChangeError<std::convert::Infallible>| error.into())
    }

    /// What was typed, as it waits to be looked up. People type passwords into the wrong field, so
    /// it is not kept in the clear.
    pub(crate) fn seal_typed(&self, typed: &str) -> Vec<u8> {
        self.digest_key()
            .seal(TYPED, typed.as_bytes(), self.entropy())
    }

    fn open_typed(&self, sealed: &[u8]) -> Option<Zeroizing<String>> {
        let opened = self.digest_key().open(TYPED, sealed).ok()?;
        let text = str::from_utf8(&opened).ok()?;
        Some(Zeroizing::new(text.to_owned()))
    }
}

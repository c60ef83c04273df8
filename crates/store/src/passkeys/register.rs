//! A user gets a passkey.

use counterfoil_domain::account::{NoSuchUser, TwoFactor};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, PasskeyId};
use counterfoil_domain::link::LinkKind;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::passkey::public_key::PublicKey;
use counterfoil_domain::passkey::{
    CredentialId, MOST_PASSKEYS, Passkey, PasskeyName, RegistrationRefused, Transport, UserHandle,
};
use counterfoil_domain::principal::Attribution;

use crate::accounts::{self, Credential, subject_of};
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::links;
use crate::nodes::{self, Feature};
use crate::outbox;
use crate::passkeys::end::count_live;
use crate::statement::{params, statements};
use crate::two_factor;
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

statements! {
    INSERT = "INSERT INTO passkeys (account_id, credential_id, user_handle, public_key, algorithm, rp_id, sign_count,
            backup_eligible, backed_up, transports, name, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (credential_id) DO NOTHING RETURNING id";
}

/// A passkey that an authenticator made.
#[derive(Clone, Debug)]
pub struct NewPasskey {
    /// Whose it is to be.
    pub account: AccountId,
    /// The name that the authenticator gave it.
    pub credential: CredentialId,
    /// The handle that it was made for.
    pub user_handle: UserHandle,
    /// Its public key.
    pub public_key: PublicKey,
    /// The host that it is for.
    pub rp_id: String,
    /// How many signatures it made.
    pub sign_count: u32,
    /// Whether it may be copied to other devices.
    pub is_backup_eligible: bool,
    /// Whether it is.
    pub is_backed_up: bool,
    /// By which ways it can be reached.
    pub transports: Vec<Transport>,
    /// What its user calls it.
    pub name: PasskeyName,
    /// The digests of new recovery codes, which are kept if it is the first second factor.
    pub recovery_digests: Vec<[u8; 32]>,
    /// What is kept of the link that allows it, where the password alone does not. It is used up.
    pub link: Option<SecretDigest>,
}

/// A passkey that was added.
#[derive(Clone, Debug)]
pub struct AddedPasskey {
    /// What its user is shown of it.
    pub passkey: Passkey,
    /// Whether it is the user's first second factor, with which the recovery codes count.
    pub is_first_factor: bool,
}

impl Store {
    /// Adds a passkey to a user. It is refused while a program serves from this database that would
    /// not ask for it, and from then on none such can open the database.
    pub async fn register_passkey(
        &self,
        new: NewPasskey,
        by: Attribution,
    ) -> Result<AddedPasskey, ChangeError<RegistrationRefused>> {
        let locks = Locks::none().account(new.account);
        let operation = Operation::RegisterPasskey;
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let (account, link) = (new.account, new.link);
                let is_first_factor = refuse_unfit(tx, &new, by).await?;
                let passkey = insert(tx, &new, by).await?;
                let mut event = Event::new(Action::PasskeyRegistered, subject_of(account))
                    .with(Detail::Passkey(passkey.id.0.unsigned_abs()));
                if is_first_factor {
                    let digests = &new.recovery_digests;
                    two_factor::give_codes(tx, account, digests, by.at).await?;
                    event = event.with(Detail::RecoveryCodes(digests.len() as u64));
                }
                accounts::touch::<RegistrationRefused>(tx, account, Credential::Changed, by.at)
                    .await?;
                links::end_enrolments(tx, account, by.at).await?;
                outbox::tell(tx, MailKind::PasskeyAdded, account, by).await?;
                let added = AddedPasskey {
                    passkey,
                    is_first_factor,
                };
                let outcome = Outcome::new(added, event);
                Ok(match link {
                    Some(_) => {
                        let kind = LinkKind::Enrolment;
                        outcome.and(links::told(Action::LinkUsed, Some(account), kind))
                    }
                    None => outcome,
                })
            })
        })
        .await
    }
}

/// Refuses a passkey that the user may not add, and spends the link that allows it. Says whether it
/// is their first second factor.
async fn refuse_unfit(
    tx: &mut Tx,
    new: &NewPasskey,
    by: &Attribution,
) -> Result<bool, WriteError<RegistrationRefused>> {
    let refused = WriteError::Refused;
    let account = accounts::find_by_id(tx, new.account).await?;
    let account = account.ok_or(refused(NoSuchUser.into()))?;
    nodes::demand(tx, Feature::Passkeys, by.at)
        .await
        .map_err(|error| match error {
            StoreError::OlderProgram => refused(RegistrationRefused::OlderProgram),
            error => error.into(),
        })?;
    if count_live(tx, account.id).await? >= MOST_PASSKEYS {
        return Err(refused(RegistrationRefused::TooMany));
    }
    if let Some(link) = new.link {
        let link = (LinkKind::Enrolment, link);
        if !links::spend_of(tx, link, account.id, by).await? {
            return Err(refused(RegistrationRefused::DeadLink));
        }
    }
    Ok(account.two_factor == TwoFactor::Off)
}

async fn insert(
    tx: &mut Tx,
    new: &NewPasskey,
    by: &Attribution,
) -> Result<Passkey, WriteError<RegistrationRefused>> {
    let words = new.transports.iter().map(|transport| transport.as_str());
    let transports = words.collect::<Vec<_>>().join(" ");
    let row = params![
        new.account,
        new.credential.as_bytes(),
        new.user_handle.as_bytes(),
        new.public_key.as_bytes(),
        new.public_key.algorithm().as_str(),
        new.rp_id.as_str(),
        new.sign_count,
        new.is_backup_eligible,
        new.is_backed_up,
        transports,
        new.name.as_str(),
        by.at
    ];
    // Two may bring the same one at the same time: the index decides.
    let Some(mut row) = tx.optional(INSERT, row).await? else {
        return Err(WriteError::Refused(RegistrationRefused::Taken));
    };
    let id = PasskeyId(row.integer(0)?);
    Ok(Passkey {
        id,
        credential: new.credential.clone(),
        name: new.name.clone(),
        rp_id: new.rp_id.clone(),
        transports: new.transports.clone(),
        is_backed_up: new.is_backed_up,
        created_at: by.at,
        last_used_at: None,
    })
}

//! Whether what somebody proved still holds.
//!
//! A request may take its time between the proof and the change, and once a new password, a second
//! factor, a suspension, a revocation or another secret is acknowledged nothing may come of the old
//! state. Asked under the locks of [`crate::writing::Locks`], so that the answer is true until the
//! transaction ends.

use counterfoil_domain::app::AppSummary;
use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::principal::{AccountProof, Attribution, Lapsed, TokenProof};
use counterfoil_domain::scope::{AdministratorEpoch, ScopeSet, Standing};
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::{self, HeldStanding};
use crate::apps;
use crate::error::StoreError;
use crate::liveness::live_at;
use crate::sessions;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::Operation;

statements! {
    SCOPES_OF_LIVE_TOKEN = concat!(
        "SELECT a.scopes, a.administrator_epoch, u.site_administrator, u.administrator_epoch FROM token_digests d
        JOIN authorizations a ON a.id = d.authorization_id JOIN accounts u ON u.id = a.account_id
        WHERE d.digest_head = $1 AND d.digest = $2 AND d.ended_at IS NULL AND (d.expires_at IS NULL OR d.expires_at > $3)
        AND a.ended_at IS NULL AND ",
        live_at!("a.", "$3", "$4")
    );
}

/// What was read of the caller: an operation that decides by the same user or app need not read it
/// again.
#[derive(Debug, Default)]
pub(crate) struct Proven {
    account: Option<(AccountId, HeldStanding)>,
    app: Option<AppSummary>,
}

impl Proven {
    /// What this user is, if it is the caller.
    pub(crate) fn standing_of(&self, id: AccountId) -> Option<HeldStanding> {
        let (account, standing) = self.account?;
        (account == id).then_some(standing)
    }

    /// What this app is, if the caller brought its secret.
    pub(crate) fn into_app(self, id: AppId) -> Option<AppSummary> {
        self.app.filter(|app| app.id == id)
    }
}

/// Looks at every condition of the proof, and says which of them holds no more.
pub(super) async fn look_again(
    tx: &mut Tx,
    by: &Attribution,
    operation: Operation,
) -> Result<Result<Proven, Lapsed>, StoreError> {
    let conditions = by.principal.proof.conditions();
    let mut proven = Proven::default();
    let is_elsewhere = conditions.is_public_client && !operation.is_for_public_clients();
    if conditions.is_unproven || is_elsewhere {
        return Ok(Err(Lapsed::Unproven));
    }
    if conditions.until.is_some_and(|until| until <= by.at) {
        return Ok(Err(Lapsed::Time));
    }
    if let Some(account) = conditions.account {
        let Some(standing) = account_stands(tx, account).await? else {
            return Ok(Err(Lapsed::Account));
        };
        if conditions.is_administrator && standing.standing != Standing::SiteAdministrator {
            return Ok(Err(Lapsed::Account));
        }
        proven.account = Some((account.account, standing));
    }
    if let Some(client) = conditions.client {
        let Some(app) = apps::proven(tx, client).await? else {
            return Ok(Err(Lapsed::Client));
        };
        proven.app = Some(app);
    }
    if let Some(token) = conditions.token
        && !token_stands(tx, token, by.at).await?
    {
        return Ok(Err(Lapsed::Token));
    }
    if let Some(session) = conditions.session {
        if !sessions::is_live(tx, &session).await? {
            return Ok(Err(Lapsed::Session));
        }
        if let Some(once) = session.once
            && !sessions::spend_form(tx, &once, by.at).await?
        {
            return Ok(Err(Lapsed::Repeated));
        }
    }
    Ok(Ok(proven))
}

/// What the user is, if they live, are not suspended and have these credentials.
async fn account_stands(
    tx: &mut Tx,
    proven: AccountProof,
) -> Result<Option<HeldStanding>, StoreError> {
    let standing = accounts::standing(tx, proven.account).await?;
    let holds = |standing: &HeldStanding| {
        !standing.is_suspended && standing.credential_version == proven.credential_version
    };
    Ok(standing.filter(holds))
}

async fn token_stands(tx: &mut Tx, token: TokenProof, now: Timestamp) -> Result<bool, StoreError> {
    let (head, digest) = (token.digest.head(), token.digest.as_bytes());
    let sought = params![head, digest, now, tx.idle_since(now)];
    let Some(mut row) = tx.optional(SCOPES_OF_LIVE_TOKEN, sought).await? else {
        return Ok(false);
    };
    let scopes = ScopeSet::from_stored(&row.text(0)?);
    let stamp = row.optional_integer(1)?.map(AdministratorEpoch);
    let standing = accounts::standing_from(&mut row, 2)?;
    let standing = standing.of_token(AdministratorEpoch(row.integer(3)?), stamp);
    Ok(scopes.effective(standing).covers(token.scope))
}

//! A code in exchange for a token. The code, the token, its event and its place in the feed are one
//! transaction; who loses a race waits for the row and is judged by what it then says.

use counterfoil_domain::app::KeptSecret;
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::authorization::{
    CreationRefused, ForApp, NewAuthorization, Provenance, Purpose, TokenLimits,
};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::oauth::{
    CodeDigest, CodeReplay, IssuedCode, Proofs, Redemption, WrongProof, judge,
};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::HeldStanding;
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::oauth::finish::{FlowResult, finish_flow};
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};
use crate::{accounts, authorizations, codes, grants};

statements! {
    CONSENT = "UPDATE authorizations SET consented_scopes = $2, consented_at = $3 WHERE id = $1";
    LIVE = "SELECT id, grant_id FROM authorizations WHERE id = $1 AND ended_at IS NULL";
}

/// An app's attempt to redeem a code.
#[derive(Clone, Debug)]
pub struct CodeRedemption {
    /// What is kept of the code.
    pub code: CodeDigest,
    /// The app, whose secret is the caller's proof.
    pub app: AppId,
    /// What it brings with the code.
    pub proofs: Proofs,
    /// Whether its secret is one that everybody may know.
    pub by_published: bool,
    /// What a repetition means that proves everything.
    pub replay: CodeReplay,
    /// What is kept of the token that it gets.
    pub token: KeptSecret,
    /// What is kept of the refresh token that it gets where its tokens expire.
    pub refresh: SecretDigest,
    /// From when on the token is refused, of an app whose tokens do not expire.
    pub expires_at: Option<Timestamp>,
    /// How many tokens there may be.
    pub limits: TokenLimits,
}

/// What an attempt led to.
#[derive(Clone, Debug)]
pub enum Redeemed {
    /// The token was made.
    Issued(Box<FlowResult>),
    /// There is no such code, any more or at all, or not for this app.
    Unknown,
    /// A proof was wrong, and the code has ended.
    Wrong(WrongProof),
}

type Refusable<T> = Result<T, WriteError<CreationRefused>>;

impl Store {
    /// Exchanges a code for a token, if everything that is brought with it is right.
    pub async fn redeem_code(
        &self,
        redemption: CodeRedemption,
        by: Attribution,
    ) -> Result<Redeemed, ChangeError<CreationRefused>> {
        let (code, app, now) = (redemption.code, redemption.app, by.at);
        // Whose it is says what is to be locked, and never changes.
        let owner = self
            .read_one(move |tx| Box::pin(async move { codes::owner(tx, code, app, now).await }))
            .await?;
        let Some(owner) = owner else {
            return Ok(Redeemed::Unknown);
        };
        let locks = Locks::none().account(owner).keeping_app(app);
        self.change(Operation::RedeemCode, by, locks, move |change| {
            Box::pin(async move { redeem(change, owner, &redemption).await })
        })
        .await
    }
}

async fn redeem(
    Change { tx, by, proven }: Change<'_>,
    owner: AccountId,
    redemption: &CodeRedemption,
) -> Refusable<Outcome<Redeemed>> {
    let now = by.at;
    grants::lock_pair(tx, owner, redemption.app, now).await?;
    let Some(code) = codes::hold(tx, redemption.code, redemption.app).await? else {
        return Ok(Outcome::unchanged(Redeemed::Unknown));
    };
    let client = (redemption.by_published, redemption.replay);
    match judge(&code, &redemption.proofs, client, now) {
        Redemption::Unknown => Ok(Outcome::unchanged(Redeemed::Unknown)),
        Redemption::End(wrong) => {
            codes::end(tx, code.id, EndReason::WrongProof, now).await?;
            let event = event(Action::CodeRefused, &code).with(Detail::Cause(cause(wrong)));
            Ok(Outcome::new(Redeemed::Wrong(wrong), event))
        }
        Redemption::Repeated { ends_token } => Ok(repeated(tx, &code, ends_token, now).await?),
        Redemption::Exchange => {
            let Some(standing) = still_good(tx, &code).await? else {
                return Ok(Outcome::unchanged(Redeemed::Unknown));
            };
            let change = Change { tx, by, proven };
            exchange(change, &code, standing, redemption).await
        }
    }
}

/// The user of a code, if everything is as it was when the code was issued.
async fn still_good(tx: &mut Tx, code: &IssuedCode) -> Result<Option<HeldStanding>, StoreError> {
    let standing = accounts::standing(tx, code.account).await?;
    Ok(standing.filter(|standing| {
        !standing.is_suspended && standing.credential_version == code.credential_version
    }))
}

async fn exchange(
    Change { tx, by, proven }: Change<'_>,
    code: &IssuedCode,
    standing: HeldStanding,
    redemption: &CodeRedemption,
) -> Refusable<Outcome<Redeemed>> {
    let now = by.at;
    let change = Change {
        tx: &mut *tx,
        by,
        proven,
    };
    let given = Given {
        account: code.account,
        app: code.app,
        scopes: scopes_now(code, standing, redemption.by_published),
        consented_at: code.consented_at,
        provenance: Provenance::WebFlow,
    };
    let token = TokenToMake {
        token: &redemption.token,
        expires_at: redemption.expires_at,
        limits: redemption.limits,
        refresh: redemption.refresh,
    };
    let made = make_token(change, given, token).await?;
    let id = made.value().authorization.id;
    if !codes::redeem(tx, code.id, id, now).await? {
        // Nobody else has it while it is held.
        return Err(WriteError::Store(StoreError::Inconsistent {
            table: "authorization_codes",
            column: "redeemed_at",
        }));
    }
    Ok(made.map(|made| Redeemed::Issued(Box::new(made))))
}

/// What a user gave an app on a page.
pub(super) struct Given {
    pub(super) account: AccountId,
    pub(super) app: AppId,
    pub(super) scopes: ScopeSet,
    pub(super) consented_at: Timestamp,
    pub(super) provenance: Provenance,
}

/// The token that an app gets for it.
#[derive(Clone, Copy)]
pub(super) struct TokenToMake<'a> {
    pub(super) token: &'a KeptSecret,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) limits: TokenLimits,
    /// What is kept of the refresh token, where the app's tokens expire.
    pub(super) refresh: SecretDigest,
}

/// Makes the token for what a user gave an app, and a refresh token where it expires. The pair of
/// both is locked.
pub(super) async fn make_token(
    Change { tx, by, proven }: Change<'_>,
    given: Given,
    token: TokenToMake<'_>,
) -> Refusable<Outcome<FlowResult>> {
    let new = NewAuthorization {
        owner: given.account,
        purpose: Purpose::App(ForApp {
            app: given.app,
            note: None,
            fingerprint: None,
        }),
        scopes: given.scopes,
        note_url: None,
        provenance: given.provenance,
        expires_at: token.expires_at,
        token: token.token.clone(),
    };
    let change = Change {
        tx: &mut *tx,
        by,
        proven,
    };
    let made = authorizations::create(change, &new, token.limits).await?;
    let consent = params![made.value().id, new.scopes.to_string(), given.consented_at];
    tx.execute(CONSENT, consent).await?;
    Ok(finish_flow(tx, made, token.refresh, by.at).await?)
}

/// What the token gets. Scopes for administrators only if the user is still one by the standing in
/// which they were given, and the app keeps its secret.
fn scopes_now(code: &IssuedCode, standing: HeldStanding, by_published: bool) -> ScopeSet {
    let epoch = standing.administrator_epoch;
    let acts_as = if by_published {
        Standing::Ordinary
    } else {
        standing.standing.of_token(epoch, code.administrator_epoch)
    };
    code.scopes.effective(acts_as)
}

/// Somebody has a code that was exchanged before, and the app's secret.
async fn repeated(
    tx: &mut Tx,
    code: &IssuedCode,
    ends_token: bool,
    now: Timestamp,
) -> Result<Outcome<Redeemed>, StoreError> {
    let token = code.redeemed_for;
    let ended = match token {
        Some(id) if ends_token => end_token(tx, id, now).await?,
        Some(_) | None => 0,
    };
    let mut event = event(Action::CodeRepeated, code).with(Detail::Tokens(ended));
    event.subject.authorization = token;
    Ok(Outcome::new(Redeemed::Unknown, event))
}

async fn end_token(tx: &mut Tx, id: AuthorizationId, now: Timestamp) -> Result<u64, StoreError> {
    let live = tx.rows(LIVE, params![id]).await?;
    authorizations::end_each(tx, live, EndReason::CodeRepeated, now).await
}

fn cause(wrong: WrongProof) -> String {
    let word = match wrong {
        WrongProof::Redirect => "redirect_uri",
        WrongProof::Verifier => "code_verifier",
    };
    word.to_owned()
}

fn event(action: Action, code: &IssuedCode) -> Event {
    let subject = Subject {
        account: Some(code.account),
        app: Some(code.app),
        ..Subject::default()
    };
    Event::new(action, subject).with(Detail::Session(code.session.0.unsigned_abs()))
}

//! Devices that wait for a user: what they ask, what the user answers, and their polls. The token
//! is made at the poll, never before, so that there is none that nobody has.

use std::time::Duration;

use counterfoil_domain::app::{KeptSecret, NoSuchApp};
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::authorization::{CreationRefused, Provenance, TokenLimits};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId, SessionId};
use counterfoil_domain::oauth::{
    DeviceAnswer, MOST_DEVICES_WAITING, PollRefused, PollVerdict, UserCodeDigest, WaitingDevice,
    judge_poll,
};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::scope::{ScopeSet, Standing};
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::HeldStanding;
use crate::devices::{Approved, Giving, NewDevice};
use crate::engine::Store;
use crate::error::{ChangeError, StoreError, WriteError};
use crate::nodes::{self, Feature};
use crate::oauth::AnswerRefused;
use crate::oauth::finish::FlowResult;
use crate::oauth::redeem::{Given, TokenToMake, make_token};
use crate::writing::{Change, Locks, Note, Operation};
use crate::{accounts, apps, devices, grants};

/// What became of a device that asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceAsked {
    /// It waits.
    Waits,
    /// Another one shows the same code: it is to have another one.
    CodeTaken,
    /// As many wait as may.
    TooMany,
}

/// A poll of a device.
#[derive(Clone, Debug)]
pub struct DeviceRedemption {
    /// What is kept of the code that it polls with.
    pub digest: SecretDigest,
    /// The app that it runs.
    pub app: AppId,
    /// What is kept of the token that it gets, if it was let in.
    pub token: KeptSecret,
    /// What is kept of the refresh token that it gets where the app's tokens expire.
    pub refresh: SecretDigest,
    /// From when on the token is refused.
    pub expires_at: Option<Timestamp>,
    /// How many tokens there may be.
    pub limits: TokenLimits,
    /// Whether scopes for administrators may be given to the caller: it proved that it is the app,
    /// and the settings say so.
    pub for_administrators: bool,
}

/// What a poll is answered: with the token that was made for it, or why there is none.
type PollAnswer = Result<Box<FlowResult>, PollRefused>;

impl Store {
    /// Has a device wait for its user. No event: it allows nothing by itself, and strangers would
    /// fill the trail, where such requests are counted.
    pub async fn ask_for_device(
        &self,
        device: NewDevice,
        now: Timestamp,
    ) -> Result<DeviceAsked, StoreError> {
        let waiting = self.read_one(move |tx| {
            Box::pin(async move { devices::waiting(tx, MOST_DEVICES_WAITING, now).await })
        });
        // Whoever asks at the same time may come in above the limit, by as many as ask.
        if waiting.await? >= MOST_DEVICES_WAITING {
            return Ok(DeviceAsked::TooMany);
        }
        let waits = self.note(Note::DeviceAsks, move |tx| {
            Box::pin(async move { devices::insert(tx, &device, now).await })
        });
        Ok(if waits.await? {
            DeviceAsked::Waits
        } else {
            DeviceAsked::CodeTaken
        })
    }

    /// Binds the device that shows this code to the session that the code was typed in. None if no
    /// device that waits shows it, or one that is bound to another session.
    pub async fn name_device(
        &self,
        code: UserCodeDigest,
        by: (AccountId, SessionId),
        now: Timestamp,
    ) -> Result<Option<WaitingDevice>, StoreError> {
        self.note(Note::DeviceNamed, move |tx| {
            Box::pin(async move { devices::name(tx, code, by, now).await })
        })
        .await
    }

    /// How far apart the polls of the device with this code are to be.
    pub async fn device_interval(
        &self,
        digest: SecretDigest,
    ) -> Result<Option<Duration>, StoreError> {
        self.read_one(move |tx| Box::pin(async move { devices::interval(tx, digest).await }))
            .await
    }

    /// A device that waits for an answer of this session.
    pub async fn find_named_device(
        &self,
        id: i64,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<WaitingDevice>, StoreError> {
        self.read_one(move |tx| Box::pin(async move { devices::named(tx, id, session, now).await }))
            .await
    }

    /// What was answered last in this session, since then.
    pub async fn last_device_answer(
        &self,
        session: SessionId,
        since: Timestamp,
    ) -> Result<Option<DeviceAnswer>, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move { devices::last_answer(tx, session, since).await })
        })
        .await
    }

    /// Notes what the user of a session answered a device that waits for it.
    pub async fn answer_device(
        &self,
        device: WaitingDevice,
        (account, session): (AccountId, SessionId),
        answer: DeviceAnswer,
        by: Attribution,
    ) -> Result<(), ChangeError<AnswerRefused>> {
        let operation = match answer {
            DeviceAnswer::Approved => Operation::ApproveDevice,
            DeviceAnswer::Denied => Operation::DenyDevice,
        };
        let locks = Locks::none().keeping_app(device.app);
        self.change(operation, by, locks, move |change| {
            Box::pin(async move { note_answer(change, &device, (account, session), answer).await })
        })
        .await
    }

    /// Answers a poll: with the token, once, if the user let the device in.
    pub async fn poll_device(
        &self,
        poll: DeviceRedemption,
        by: Attribution,
    ) -> Result<PollAnswer, ChangeError<CreationRefused>> {
        let (digest, app, now) = (poll.digest, poll.app, by.at);
        let found = self
            .read_one(move |tx| Box::pin(async move { devices::polled(tx, digest, app).await }))
            .await?;
        let Some(device) = found else {
            return Ok(Err(PollRefused::Unknown));
        };
        let id = device.id;
        let verdict = judge_poll(&device, now);
        match verdict {
            PollVerdict::TooEarly {
                interval,
                is_raised: true,
            } => {
                self.note(Note::DevicePolls, move |tx| {
                    Box::pin(async move { devices::slow(tx, id, interval, now).await })
                })
                .await?;
            }
            PollVerdict::Pending => {
                self.note(Note::DevicePolls, move |tx| {
                    Box::pin(async move { devices::note_poll(tx, id, now).await })
                })
                .await?;
            }
            PollVerdict::Exchange(owner) => {
                let locks = Locks::none().account(owner).keeping_app(app);
                let redeemed = self.change(Operation::RedeemDevice, by, locks, move |change| {
                    Box::pin(async move { redeem(change, owner, &poll).await })
                });
                return redeemed.await;
            }
            _ => {}
        }
        Ok(Err(refused(verdict)))
    }
}

/// What is answered where no token is made.
fn refused(verdict: PollVerdict) -> PollRefused {
    match verdict {
        PollVerdict::TooEarly { interval, .. } => PollRefused::TooEarly(interval),
        PollVerdict::Pending => PollRefused::Pending,
        PollVerdict::Denied => PollRefused::Denied,
        PollVerdict::Disabled => PollRefused::Disabled,
        PollVerdict::Spent => PollRefused::Unknown,
        // What was to be had when it was looked at first, and is not under the lock.
        PollVerdict::Expired | PollVerdict::Exchange(_) => PollRefused::Expired,
    }
}

async fn note_answer(
    Change { tx, by, .. }: Change<'_>,
    device: &WaitingDevice,
    (account, session): (AccountId, SessionId),
    answer: DeviceAnswer,
) -> Result<Outcome<()>, WriteError<AnswerRefused>> {
    if apps::keep_live(tx, device.app).await?.is_none() {
        return Err(WriteError::Refused(AnswerRefused::AppGone(NoSuchApp)));
    }
    let not_waiting = || WriteError::Refused(AnswerRefused::NotWaiting);
    // The caller, whose proof has been looked at.
    let owner = accounts::standing(tx, account).await?;
    let owner = owner.ok_or_else(not_waiting)?;
    grants::lock_pair(tx, account, device.app, by.at).await?;
    // What was shown, as far as the user may give it now.
    let scopes = device.scopes.effective(owner.standing);
    let for_administrators = scopes.for_administrators().next().is_some();
    if answer == DeviceAnswer::Approved && for_administrators {
        nodes::demand(tx, Feature::AdministratorDevices, by.at).await?;
    }
    let giving = Giving {
        scopes: &scopes,
        credential_version: owner.credential_version,
        administrator_epoch: owner.standing.stamp(owner.administrator_epoch),
    };
    if !devices::answer(tx, (device.id, session), answer, giving, by.at).await? {
        return Err(not_waiting());
    }
    let (action, scopes) = match answer {
        DeviceAnswer::Approved => (Action::DeviceApproved, Some(scopes)),
        DeviceAnswer::Denied => (Action::DeviceDenied, None),
    };
    let mut event =
        event(action, account, device.app).with(Detail::Session(session.0.unsigned_abs()));
    if let Some(scopes) = scopes {
        event = event.with(Detail::Scopes(scopes));
    }
    Ok(Outcome::new((), event))
}

/// What a device gets of what was approved. Scopes for administrators only if the user is still one
/// by the standing in which they were given, and whoever polls may have them.
fn scopes_now(approved: &Approved, standing: HeldStanding, for_administrators: bool) -> ScopeSet {
    let epoch = standing.administrator_epoch;
    let acts_as = if for_administrators {
        standing
            .standing
            .of_token(epoch, approved.administrator_epoch)
    } else {
        Standing::Ordinary
    };
    approved.scopes.effective(acts_as)
}

async fn redeem(
    Change { tx, by, proven }: Change<'_>,
    owner: AccountId,
    poll: &DeviceRedemption,
) -> Result<Outcome<PollAnswer>, WriteError<CreationRefused>> {
    let now = by.at;
    grants::lock_pair(tx, owner, poll.app, now).await?;
    let Some(device) = devices::hold(tx, poll.digest, poll.app).await? else {
        return Ok(Outcome::unchanged(Err(PollRefused::Unknown)));
    };
    let verdict = judge_poll(&device, now);
    if verdict != PollVerdict::Exchange(owner) {
        return Ok(Outcome::unchanged(Err(refused(verdict))));
    }
    let approved = devices::approved(tx, device.id).await?;
    let standing = accounts::standing(tx, owner).await?;
    let as_it_was = standing.filter(|standing| {
        !standing.is_suspended && standing.credential_version == approved.credential_version
    });
    let Some(standing) = as_it_was else {
        return Ok(Outcome::unchanged(Err(PollRefused::Expired)));
    };
    let given = Given {
        account: owner,
        app: poll.app,
        scopes: scopes_now(&approved, standing, poll.for_administrators),
        consented_at: approved.at,
        provenance: Provenance::DeviceFlow,
    };
    let token = TokenToMake {
        token: &poll.token,
        expires_at: poll.expires_at,
        limits: poll.limits,
        refresh: poll.refresh,
    };
    let change = Change {
        tx: &mut *tx,
        by,
        proven,
    };
    let made = make_token(change, given, token).await?;
    if !devices::redeem(tx, device.id, made.value().authorization.id, now).await? {
        // Nobody else has it while it is held.
        return Err(WriteError::Store(StoreError::Inconsistent {
            table: "device_codes",
            column: "redeemed_at",
        }));
    }
    Ok(made.map(|made| Ok(Box::new(made))))
}

fn event(action: Action, account: AccountId, app: AppId) -> Event {
    let subject = Subject {
        account: Some(account),
        app: Some(app),
        ..Subject::default()
    };
    Event::new(action, subject)
}

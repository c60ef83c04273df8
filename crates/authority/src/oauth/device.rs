//! The device flow: a device asks, its user types the code that it shows and answers, and the
//! device polls for its token.

use std::time::Duration;

use counterfoil_domain::app::{ClientId, DeviceFlow, KeptSecret};
use counterfoil_domain::authorization::CreationRefused;
use counterfoil_domain::id::AppId;
use counterfoil_domain::oauth::{
    ClientStanding, DEVICE_CODE_LIVES, DeviceAnswer, DeviceCode, GivenScopes, POLL_INTERVAL,
    PollRefused, RefreshToken, SLOWED_BY, UserCode, WaitingDevice,
};
use counterfoil_domain::principal::{Origin, Principal, Proof};
use counterfoil_domain::scope::{Scope, ScopeSet};
use counterfoil_domain::token::PlainToken;
use counterfoil_store::{
    AnswerRefused, AskingApp, DeviceAsked, DeviceRedemption, NewDevice, StoreError,
};

use crate::apps::client::{AppCaller, ClientError};
use crate::authority::Authority;
use crate::oauth::flow_tokens::FlowTokens;
use crate::refused::devices::PollBound;
use crate::sessions::person::Person;
use crate::use_case::UseCaseError;

/// How often another code is drawn when one is shown by another device already.
const DRAWS: usize = 3;

/// How far apart polls are to be from an address that polls too often, at least: what a device is
/// told that was too early once.
const TOO_OFTEN_FROM_THERE: Duration = POLL_INTERVAL.saturating_add(SLOWED_BY);

/// An app by the client id of the request, without a client secret: a device keeps none.
#[derive(Clone, Debug)]
pub struct NamedApp {
    id: AppId,
    principal: Principal,
    standing: ClientStanding,
}

impl NamedApp {
    /// The app's id.
    pub(crate) fn id(&self) -> AppId {
        self.id
    }

    /// The principal that its changes are put down to.
    pub(crate) fn principal(&self) -> &Principal {
        &self.principal
    }

    /// How it proved who it is.
    pub(crate) fn standing(&self) -> ClientStanding {
        self.standing
    }
}

/// One that proved who it is all the same.
impl From<&AppCaller> for NamedApp {
    fn from(app: &AppCaller) -> Self {
        Self {
            id: app.id(),
            principal: app.principal().clone(),
            standing: if app.is_by_published() {
                ClientStanding::Published
            } else {
                ClientStanding::Proved
            },
        }
    }
}

/// The codes of a device that waits from now on, for the one answer that delivers them.
#[derive(Debug)]
pub struct BegunDevice {
    /// What the device polls with.
    pub code: DeviceCode,
    /// What it shows.
    pub user_code: UserCode,
}

/// Why no device waits.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The flow is closed to the app.
    #[error("the device flow is closed to this app")]
    Disabled,
    /// The app or its owner is suspended.
    #[error("this app is suspended, or its owner is")]
    Suspended,
    /// As many devices wait as may.
    #[error("too many devices wait")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A device as the user is asked about it who typed its code.
#[derive(Clone, Debug)]
pub struct AskingDevice {
    /// The device, with what it gets of the scopes that it asks for.
    pub device: WaitingDevice,
    /// What it does not get: scopes for administrators.
    pub withheld: Vec<Scope>,
    /// Whether an administrator could give it those.
    pub may_get_all: bool,
    /// The app that it runs.
    pub app: AskingApp,
    /// Whether it asks from where the user is.
    pub is_near: bool,
}

/// Why a code that was typed leads to no device.
#[derive(Debug, thiserror::Error)]
pub enum TypedCodeError {
    /// No device shows it, or not any more, or another session has it.
    #[error("no device that waits shows this code")]
    Wrong,
    /// Too many were wrong: none is looked at for so long.
    #[error("too many codes were wrong")]
    TooMany(Duration),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Authority {
    /// The live app of a client id that comes without a secret.
    pub async fn named_app(
        &self,
        client_id: &ClientId,
        origin: Origin,
    ) -> Result<Option<NamedApp>, ClientError> {
        let client = self.current_client(client_id, origin.address).await?;
        Ok(client.map(|client| {
            let id = client.app.summary.id;
            NamedApp {
                id,
                principal: Principal {
                    proof: Proof::PublicClient(id),
                    origin: Some(origin),
                },
                standing: ClientStanding::Named,
            }
        }))
    }

    /// Whether a device may ask from there now. Each attempt is counted, whatever it names.
    pub fn admit_device_request(&self, origin: &Origin) -> bool {
        self.device_bounds()
            .admit_request(origin.address, self.now())
    }

    /// How far apart the polls of the device with this code are to be, where too many came from
    /// there; nothing where this one is looked at. Each is counted, whatever it names. What the
    /// device is held to stays what it was, and where that is more, it is told that.
    pub async fn pause_of_polls(
        &self,
        origin: &Origin,
        code: Option<&DeviceCode>,
    ) -> Option<Duration> {
        let own = match self.device_bounds().admit_poll(origin.address, self.now()) {
            PollBound::Within => return None,
            PollBound::Beyond => self.interval_of(code).await,
            PollBound::FarBeyond => None,
        };
        Some(own.unwrap_or_default().max(TOO_OFTEN_FROM_THERE))
    }

    /// How far apart the polls of a device are to be, as far as that can be read.
    async fn interval_of(&self, code: Option<&DeviceCode>) -> Option<Duration> {
        let found = self.store().device_interval(code?.digest()).await;
        found.unwrap_or_else(|error| {
            tracing::warn!(cause = %error.causes(), "how far apart the polls of a device are to be was not read");
            None
        })
    }

    /// Has a device of an app wait for its user.
    #[tracing::instrument(name = "oauth.begin_device", level = "debug", skip_all)]
    pub async fn begin_device(
        &self,
        app: &NamedApp,
        scopes: ScopeSet,
        origin: &Origin,
    ) -> Result<BegunDevice, DeviceError> {
        let asking = self.store().find_asking_app_by_id(app.id).await?;
        let asking = asking.ok_or(DeviceError::Disabled)?;
        if asking.is_suspended {
            return Err(DeviceError::Suspended);
        }
        if asking.app.device_flow != DeviceFlow::Enabled {
            return Err(DeviceError::Disabled);
        }
        for _ in 0..DRAWS {
            let begun = BegunDevice {
                code: DeviceCode::generate(self.entropy()),
                user_code: UserCode::generate(self.entropy()),
            };
            let new = NewDevice {
                digest: begun.code.digest(),
                user_code: begun.user_code.digest(self.digest_key()),
                app: app.id,
                scopes: scopes.clone(),
                address: origin.address,
                agent: origin.agent().map(str::to_owned),
            };
            match self.store().ask_for_device(new, self.now()).await? {
                DeviceAsked::Waits => {
                    let bounds = self.device_bounds();
                    bounds.note_waiting(app.id, origin.address, self.now());
                    return Ok(begun);
                }
                DeviceAsked::CodeTaken => {}
                DeviceAsked::TooMany => return Err(DeviceError::TooMany),
            }
        }
        Err(DeviceError::TooMany)
    }

    /// Answers a poll of a device: with its token, or why there is none.
    #[tracing::instrument(name = "oauth.poll_device", level = "debug", skip_all)]
    pub async fn poll_device(
        &self,
        app: &NamedApp,
        code: &DeviceCode,
    ) -> Result<Result<FlowTokens, PollRefused>, UseCaseError<CreationRefused>> {
        let settings = self.settings();
        let token = PlainToken::generate(&settings.token_formats.app, self.entropy());
        let refresh = RefreshToken::generate(self.entropy());
        let poll = DeviceRedemption {
            digest: code.digest(),
            app: app.id,
            token: KeptSecret::from(&token),
            refresh: refresh.digest(),
            expires_at: settings.token_life.cut(None, self.now()),
            limits: settings.token_limits,
            for_administrators: settings.device_administrator_scopes
                && app.standing == ClientStanding::Proved,
        };
        let by = self.attribute_to(&app.principal);
        let answered = self.store().poll_device(poll, by).await?;
        Ok(answered.map(|made| FlowTokens::of(*made, token, refresh)))
    }

    /// The device that shows a code which the user typed: from then on it belongs to their session.
    #[tracing::instrument(name = "oauth.name_device", level = "debug", skip_all)]
    pub async fn name_device(
        &self,
        person: &Person,
        code: &UserCode,
        origin: &Origin,
    ) -> Result<AskingDevice, TypedCodeError> {
        let (account, now) = (person.account().id, self.now());
        let bounds = self.device_bounds();
        if let Some(left) = bounds.closed_for(account, origin.address, now) {
            return Err(TypedCodeError::TooMany(left));
        }
        let digest = code.digest(self.digest_key());
        let by = (account, person.session().id);
        let device = self.store().name_device(digest, by, now).await?;
        let asking = match device {
            Some(device) => self.asking_device(person, device, origin).await?,
            None => None,
        };
        asking.ok_or_else(|| {
            bounds.note_wrong(account, origin.address, now);
            TypedCodeError::Wrong
        })
    }

    /// A device that waits for an answer of the user's session, by the id that its form carries.
    pub async fn named_device(
        &self,
        person: &Person,
        id: i64,
        origin: &Origin,
    ) -> Result<Option<AskingDevice>, StoreError> {
        let session = person.session().id;
        let found = self.store().find_named_device(id, session, self.now());
        match found.await? {
            Some(device) => self.asking_device(person, device, origin).await,
            None => Ok(None),
        }
    }

    /// None where the flow was closed to the app meanwhile.
    async fn asking_device(
        &self,
        person: &Person,
        mut device: WaitingDevice,
        origin: &Origin,
    ) -> Result<Option<AskingDevice>, StoreError> {
        let Some(app) = self.store().find_asking_app_by_id(device.app).await? else {
            return Ok(None);
        };
        let is_open = app.app.device_flow == DeviceFlow::Enabled;
        if app.is_suspended || !is_open {
            return Ok(None);
        }
        let may_get_all = self.settings().device_administrator_scopes;
        let proved_lately = person.session().is_fresh_for_administrators(self.now());
        let gives_all = may_get_all && proved_lately && !app.is_public;
        let standing = person.account().standing;
        let scopes = GivenScopes::of(&device.scopes, standing, gives_all);
        device.scopes = scopes.given;
        Ok(Some(AskingDevice {
            is_near: device.address.counted_as() == origin.address.counted_as(),
            withheld: scopes.withheld,
            may_get_all,
            device,
            app,
        }))
    }

    /// Notes what the user of a session answered a device that waits for it.
    #[tracing::instrument(name = "oauth.answer_device", level = "debug", skip_all)]
    pub async fn answer_device(
        &self,
        person: &Person,
        device: AskingDevice,
        answer: DeviceAnswer,
    ) -> Result<(), UseCaseError<AnswerRefused>> {
        let by = self.attribute_to(person.caller().principal());
        let who = (person.account().id, person.session().id);
        let answered = self
            .store()
            .answer_device(device.device, who, answer, by)
            .await;
        Ok(answered?)
    }

    /// What was answered last in the user's session, while it may still matter to them.
    pub async fn last_device_answer(
        &self,
        person: &Person,
    ) -> Result<Option<DeviceAnswer>, StoreError> {
        let since = self.now().minus(DEVICE_CODE_LIVES);
        let session = person.session().id;
        self.store().last_device_answer(session, since).await
    }
}

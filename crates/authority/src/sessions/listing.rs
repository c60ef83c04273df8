//! The sessions of somebody: listed, and ended.

use std::convert::Infallible;

use counterfoil_domain::account::{Account, NoSuchUser};
use counterfoil_domain::id::SessionId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::session::Session;
use counterfoil_store::StoreError;

use crate::authority::Authority;
use crate::principal::Operator;
use crate::sessions::person::{FreshPerson, Person};
use crate::use_case::UseCaseError;

/// There is no live session with this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("there is no such session")]
pub struct NoSuchSession;

impl Authority {
    /// The live sessions of a user, the one that was used last first.
    pub async fn sessions_of(&self, account: &Account) -> Result<Vec<Session>, StoreError> {
        let life = self.settings().session_life;
        self.store()
            .list_sessions(account.id, life, self.now())
            .await
    }

    /// Ends the session that somebody asks from.
    pub async fn sign_out(&self, person: &Person) -> Result<(), UseCaseError<Infallible>> {
        let (id, reason) = (person.session().id, EndReason::SignedOut);
        let by = self.attribute_to(person.caller().principal());
        let ended = self
            .store()
            .end_session(person.account().id, id, reason, by);
        ended.await?;
        Ok(())
    }

    /// Ends another session of somebody.
    pub async fn end_own_session(
        &self,
        person: &FreshPerson,
        id: SessionId,
    ) -> Result<(), UseCaseError<NoSuchSession>> {
        let by = self.attribute_to(person.caller().principal());
        let reason = EndReason::EndedByOwner;
        let ended = self
            .store()
            .end_session(person.account().id, id, reason, by);
        refused_unless(ended.await.map_err(never)?)
    }

    /// Ends all sessions of somebody but the one that they ask from, and says how many.
    pub async fn end_other_sessions(
        &self,
        person: &FreshPerson,
    ) -> Result<u64, UseCaseError<Infallible>> {
        let by = self.attribute_to(person.caller().principal());
        let kept = person.session().id;
        let ended = self
            .store()
            .end_other_sessions(person.account().id, kept, by);
        Ok(ended.await?)
    }

    /// The live sessions of a user, for an operator.
    pub async fn list_sessions(
        &self,
        login: &Login,
    ) -> Result<Vec<Session>, UseCaseError<NoSuchUser>> {
        let account = self.find_account(login).await?;
        Ok(self.sessions_of(&account).await?)
    }

    /// Ends whosever session.
    pub async fn end_session(
        &self,
        id: SessionId,
        operator: &Operator,
    ) -> Result<(), UseCaseError<NoSuchSession>> {
        let owner = self.store().owner_of_session(id).await?;
        let owner = owner.ok_or(UseCaseError::Refused(NoSuchSession))?;
        let by = self.attribute_to(operator.principal());
        let reason = EndReason::RevokedByOperator;
        let ended = self.store().end_session(owner, id, reason, by);
        refused_unless(ended.await.map_err(never)?)
    }
}

fn refused_unless(ended: bool) -> Result<(), UseCaseError<NoSuchSession>> {
    if ended {
        Ok(())
    } else {
        Err(UseCaseError::Refused(NoSuchSession))
    }
}

fn never(error: counterfoil_store::ChangeError<Infallible>) -> UseCaseError<NoSuchSession> {
    match UseCaseError::<Infallible>::from(error) {
        UseCaseError::Refused(never) => match never {},
        UseCaseError::CallerGone(lapsed) => UseCaseError::CallerGone(lapsed),
        UseCaseError::Store(error) => UseCaseError::Store(error),
    }
}

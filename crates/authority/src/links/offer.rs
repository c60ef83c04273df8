//! Making links: for a user whom somebody invites, for one who needs another password or a second
//! factor, and for the first administrator.

use counterfoil_domain::account::{
    Account, AccountChange, AccountChangeRefused, AccountCreationRefused, NewAccount, NewEmail,
    Verification,
};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::link::{LinkCode, LinkKind, LinkRefused};
use counterfoil_domain::login::Login;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::principal::Principal;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{
    ChangeError, InvitationBy, InvitationRefused, InvitedUser, NewLink, StoreError,
};

use crate::authority::Authority;
use crate::principal::Operator;
use crate::use_case::UseCaseError;

/// A link that is shown once to whoever had it made.
#[derive(Clone, Debug)]
pub struct ShownLink {
    /// Its secret, which exists nowhere else.
    pub code: LinkCode,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// How a link gets to whom it is for.
#[derive(Clone, Debug)]
pub enum LinkDelivery {
    /// By mail, as soon as it goes.
    Mailed,
    /// By whoever had it made.
    Shown(ShownLink),
}

/// How somebody wants a link to get to whom it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkTo {
    /// By mail where mail is sent, else shown.
    MailOrShow,
    /// Shown.
    Show,
}

/// A user to be invited: one who is to be made, or who has no password yet.
#[derive(Clone, Debug)]
pub struct Invite {
    /// The login.
    pub login: Login,
    /// The address that the invitation goes to. It counts as verified once that is accepted.
    pub email: Option<EmailAddress>,
    /// What the user is called.
    pub name: Option<DisplayName>,
    /// Whether the user administers the installation.
    pub standing: Standing,
}

/// Whatever may stop an invitation.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// The user was not made.
    #[error(transparent)]
    Creation(UseCaseError<AccountCreationRefused>),
    /// The user did not get the address.
    #[error(transparent)]
    Change(UseCaseError<AccountChangeRefused>),
    /// No link was made.
    #[error(transparent)]
    Link(#[from] UseCaseError<LinkRefused>),
}

impl From<ChangeError<InvitationRefused>> for InviteError {
    fn from(error: ChangeError<InvitationRefused>) -> Self {
        match error {
            ChangeError::Refused(InvitationRefused::Creation(refused)) => {
                Self::Creation(UseCaseError::Refused(refused))
            }
            ChangeError::Refused(InvitationRefused::Change(refused)) => {
                Self::Change(UseCaseError::Refused(refused))
            }
            ChangeError::Refused(InvitationRefused::Link(refused)) => {
                Self::Link(UseCaseError::Refused(refused))
            }
            ChangeError::Lapsed(lapsed) => Self::Link(UseCaseError::CallerGone(lapsed)),
            ChangeError::Store(error) => Self::Link(UseCaseError::Store(error)),
        }
    }
}

impl Authority {
    /// Whether mail is sent.
    pub fn sends_mail(&self) -> bool {
        self.settings().mail.is_some()
    }

    /// Invites a user to choose a password, and makes the user if there is none of this login. To
    /// be repeated as long as they have not: the newest invitation counts. One that is refused, or
    /// whose form was sent before, changes nothing.
    pub async fn invite(
        &self,
        invite: Invite,
        to: LinkTo,
        operator: &Operator,
    ) -> Result<(Account, LinkDelivery), InviteError> {
        let email = invite.email.map(|address| NewEmail {
            address,
            verification: Verification::Unverified,
        });
        let found = self.store().find_account(&invite.login).await;
        let invited = match found.map_err(UseCaseError::<LinkRefused>::from)? {
            Some(account) => {
                let change = AccountChange {
                    email,
                    name: invite.name,
                    ..AccountChange::default()
                };
                InvitedUser::Known(account.id, change)
            }
            None => InvitedUser::New(NewAccount {
                login: invite.login,
                name: invite.name,
                email,
                standing: invite.standing,
                password: None,
                suspended_at: None,
            }),
        };
        let by = self.attribute_to(&operator.principal_once());
        if to == LinkTo::MailOrShow && self.sends_mail() {
            let invited = self.store().invite(invited, InvitationBy::Mail, by);
            return Ok((invited.await?, LinkDelivery::Mailed));
        }
        let code = LinkCode::generate(self.entropy());
        let expires_at = by.at.plus(self.settings().links.of(LinkKind::Invitation));
        let shown = InvitationBy::Shown {
            digest: code.digest(),
            expires_at,
        };
        let account = self.store().invite(invited, shown, by).await?;
        let link = ShownLink { code, expires_at };
        Ok((account, LinkDelivery::Shown(link)))
    }

    /// Offers a user who chose no password yet another link by which to choose one.
    pub async fn offer_invitation(
        &self,
        login: &Login,
        to: LinkTo,
        operator: &Operator,
    ) -> Result<LinkDelivery, UseCaseError<LinkRefused>> {
        let id = self.user(login).await?.id;
        self.offer(MailKind::Invitation, id, to, operator).await
    }

    /// Offers a user another password.
    pub async fn offer_reset(
        &self,
        login: &Login,
        to: LinkTo,
        operator: &Operator,
    ) -> Result<LinkDelivery, UseCaseError<LinkRefused>> {
        let account = self.user(login).await?;
        self.offer(MailKind::Reset, account.id, to, operator).await
    }

    /// Offers a user a link by which to turn a second factor on.
    pub async fn offer_enrolment(
        &self,
        login: &Login,
        to: LinkTo,
        operator: &Operator,
    ) -> Result<LinkDelivery, UseCaseError<LinkRefused>> {
        let id = self.user(login).await?.id;
        self.offer(MailKind::Enrolment, id, to, operator).await
    }

    /// Makes the link for the first administrator, in the place of an earlier one.
    pub async fn offer_set_up(
        &self,
        operator: &Operator,
    ) -> Result<ShownLink, UseCaseError<LinkRefused>> {
        self.show_link(LinkKind::SetUp, None, operator.principal())
            .await
    }

    /// The same at a start: none where there is, or ever was, an administrator.
    pub async fn offer_set_up_at_start(&self) -> Result<Option<ShownLink>, StoreError> {
        if self.is_administered().await? {
            return Ok(None);
        }
        let made = self.show_link(LinkKind::SetUp, None, &Principal::PROGRAM);
        match made.await {
            Ok(link) => Ok(Some(link)),
            Err(UseCaseError::Refused(_) | UseCaseError::CallerGone(_)) => Ok(None),
            Err(UseCaseError::Store(error)) => Err(error),
        }
    }

    /// Whether the installation has, or ever had, a site administrator.
    pub async fn is_administered(&self) -> Result<bool, StoreError> {
        self.store().is_administered().await
    }

    async fn offer(
        &self,
        kind: MailKind,
        id: AccountId,
        to: LinkTo,
        operator: &Operator,
    ) -> Result<LinkDelivery, UseCaseError<LinkRefused>> {
        if to == LinkTo::MailOrShow && self.sends_mail() {
            let by = self.attribute_to(&operator.principal_once());
            self.store().request_link(kind, id, by).await?;
            return Ok(LinkDelivery::Mailed);
        }
        let link = kind.link().unwrap_or(LinkKind::Reset);
        let principal = operator.principal_once();
        let shown = self.show_link(link, Some(id), &principal).await?;
        Ok(LinkDelivery::Shown(shown))
    }

    async fn show_link(
        &self,
        kind: LinkKind,
        account: Option<AccountId>,
        principal: &Principal,
    ) -> Result<ShownLink, UseCaseError<LinkRefused>> {
        let code = LinkCode::generate(self.entropy());
        let by = self.attribute_to(principal);
        let expires_at = by.at.plus(self.settings().links.of(kind));
        let new = NewLink {
            kind,
            account,
            digest: code.digest(),
            expires_at,
        };
        self.store().issue_link(new, by).await?;
        Ok(ShownLink { code, expires_at })
    }
}

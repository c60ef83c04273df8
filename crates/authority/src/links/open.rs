//! Opening a link, and doing what it is for.
//!
//! To open it changes nothing: programs that scan mail follow links. What the person then fills in
//! uses it up.

use counterfoil_domain::account::{Account, NewAccount, NewEmail, Verification};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::link::{LinkCode, LinkKind, LinkRefused, LinkSpendRefused, OpenLink};
use counterfoil_domain::login::Login;
use counterfoil_domain::page::Page;
use counterfoil_domain::password::{OwnWords, Password, PasswordHash};
use counterfoil_domain::principal::{Attribution, Origin, Principal, Proof};
use counterfoil_domain::scope::Standing;
use counterfoil_store::{
    LinkPassword, PasswordSet, ResetAsked, RevokeTokens, SetUpAccount, StoreError,
};

use crate::accounts::GivePasswordError;
use crate::authority::Authority;
use crate::sessions::person::Person;
use crate::use_case::UseCaseError;

/// The first administrator, as they fill in who they are.
#[derive(Clone, Debug)]
pub struct FirstAdministrator {
    /// The login.
    pub login: Login,
    /// The address, which counts as verified: nobody else could say so.
    pub email: Option<EmailAddress>,
    /// The password.
    pub password: Password,
}

/// Whatever may stop what a link is for.
pub type LinkError = GivePasswordError<LinkSpendRefused>;

/// What a link did.
#[derive(Clone, Debug)]
pub struct OpenedByLink {
    /// For whom.
    pub login: Login,
    /// What became of their tokens.
    pub tokens_revoked: u64,
}

impl Authority {
    /// The link of this code, if it works. Changes nothing.
    pub async fn open_link(&self, code: &LinkCode) -> Result<Option<OpenLink>, StoreError> {
        let found = self.store().find_link(code.digest(), self.now()).await?;
        // One whose account is gone is of no use.
        Ok(found.filter(|link| link.account.is_some() || link.kind == LinkKind::SetUp))
    }

    /// Makes the first administrator.
    pub async fn set_up(
        &self,
        code: &LinkCode,
        first: FirstAdministrator,
        origin: Origin,
    ) -> Result<Account, LinkError> {
        self.opened(code, LinkKind::SetUp).await?;
        let own_words = OwnWords::of(&first.login, None, first.email.as_ref());
        let password = self.hash_chosen(first.password, &own_words).await?;
        let new = NewAccount {
            login: first.login,
            name: None,
            email: first.email.map(|address| NewEmail {
                address,
                verification: Verification::Verified,
            }),
            standing: Standing::SiteAdministrator,
            password: Some(password),
            suspended_at: None,
        };
        let set_up = SetUpAccount {
            link: code.digest(),
            account: new,
        };
        let by = self.by_link(Proof::Nothing, origin);
        refusable(self.store().set_up(set_up, by).await)
    }

    /// Gives a user who was invited the first password.
    pub async fn accept_invitation(
        &self,
        code: &LinkCode,
        password: Password,
        origin: Origin,
    ) -> Result<OpenedByLink, LinkError> {
        let (account, chosen) = self.chosen(code, LinkKind::Invitation, password).await?;
        let by = self.by_link(Proof::SigningIn(account.id), origin);
        refusable(self.store().accept_invitation(chosen, by).await)?;
        Ok(OpenedByLink {
            login: account.login,
            tokens_revoked: 0,
        })
    }

    /// Gives a user another password. All sessions end, and so do the locks on the sign-in.
    pub async fn reset_password(
        &self,
        code: &LinkCode,
        password: Password,
        tokens: RevokeTokens,
        origin: Origin,
    ) -> Result<OpenedByLink, LinkError> {
        let (account, chosen) = self.chosen(code, LinkKind::Reset, password).await?;
        let mut names = vec![account.login.as_str()];
        names.extend(account.email.as_ref().map(EmailAddress::as_str));
        let subjects = names.into_iter().map(|name| self.subject(name)).collect();
        let by = self.by_link(Proof::SigningIn(account.id), origin);
        let reset = self.store().reset_password(chosen, tokens, subjects, by);
        let (_, PasswordSet { tokens_revoked }) = refusable(reset.await)?;
        Ok(OpenedByLink {
            login: account.login,
            tokens_revoked,
        })
    }

    /// Gives a user the address that the link was mailed to.
    pub async fn verify_address(&self, code: &LinkCode, origin: Origin) -> Result<(), LinkError> {
        let account = self.opened_of_account(code, LinkKind::Address).await?;
        let by = self.by_link(Proof::SigningIn(account.id), origin);
        let verified = self
            .store()
            .verify_address(code.digest(), self.settings().links, by);
        refusable(verified.await).map(drop)
    }

    /// Takes back a change of addresses, and gives a link by which another password is chosen: who
    /// made the change knows the one that there is.
    pub async fn undo_addresses(
        &self,
        code: &LinkCode,
        origin: Origin,
    ) -> Result<LinkCode, LinkError> {
        let account = self.opened_of_account(code, LinkKind::AddressUndo).await?;
        let by = self.by_link(Proof::SigningIn(account.id), origin);
        let (next, lives) = (LinkCode::generate(self.entropy()), self.settings().links);
        let undone = self
            .store()
            .undo_addresses(code.digest(), next.digest(), lives, by);
        refusable(undone.await)?;
        Ok(next)
    }

    /// Has a link mailed to whoever has a verified address under what was typed, if anybody does.
    /// Nothing that is done here tells whether.
    pub async fn ask_reset(&self, typed: &str, origin: Origin) -> Result<(), StoreError> {
        let asked = ResetAsked {
            subject: self.subject(typed).0,
            typed: self.seal_typed(typed),
            cause: origin.address.key(),
        };
        let by = self.by_link(Proof::Nothing, origin);
        self.store().ask_reset(asked, by).await
    }

    /// Has a link mailed by which the caller turns a second factor on, if they have an address that
    /// is known to be theirs. Nothing here tells whether.
    pub async fn ask_enrolment(&self, person: &Person) -> Result<(), UseCaseError<LinkRefused>> {
        let caller = person.caller();
        let by = self.attribute_to(caller.principal());
        let (id, cause) = (caller.account().id, caller.address().key());
        Ok(self.store().ask_enrolment(id, cause, by).await?)
    }

    /// The link, which must be of this kind and work.
    async fn opened(&self, code: &LinkCode, kind: LinkKind) -> Result<OpenLink, LinkError> {
        let found = self.open_link(code).await?;
        let found = found.filter(|link| link.kind == kind);
        found.ok_or_else(|| UseCaseError::Refused(LinkSpendRefused::Dead).into())
    }

    async fn opened_of_account(
        &self,
        code: &LinkCode,
        kind: LinkKind,
    ) -> Result<Account, LinkError> {
        let dead = || LinkError::from(UseCaseError::Refused(LinkSpendRefused::Dead));
        let account = self.opened(code, kind).await?.account.ok_or_else(dead)?;
        let account = self.store().account_by_id(account.id).await?;
        account.ok_or_else(dead)
    }

    /// The account of a link, and the password that was chosen for it.
    async fn chosen(
        &self,
        code: &LinkCode,
        kind: LinkKind,
        password: Password,
    ) -> Result<(Account, LinkPassword), LinkError> {
        let account = self.opened_of_account(code, kind).await?;
        let emails = self
            .store()
            .list_emails(account.id, Page::new(1, Page::LARGEST_SIZE));
        let emails = emails.await?.items;
        let addresses = emails.iter().map(|held| &held.address);
        let own_words = OwnWords::of(&account.login, account.name.as_ref(), addresses);
        let password = self.hash_chosen(password, &own_words).await?;
        let chosen = LinkPassword {
            link: code.digest(),
            password,
        };
        Ok((account, chosen))
    }

    async fn hash_chosen(
        &self,
        password: Password,
        own_words: &OwnWords,
    ) -> Result<PasswordHash, LinkError> {
        password.refuse_for(own_words)?;
        let cost = self.settings().hashing.cost;
        let hash = self.passwords().hash(password, cost, self.entropy_handle());
        Ok(hash.await?)
    }

    fn by_link(&self, proof: Proof, origin: Origin) -> Attribution {
        self.attribute_to(&Principal {
            proof,
            origin: Some(origin),
        })
    }
}

fn refusable<T>(done: Result<Result<T, LinkSpendRefused>, StoreError>) -> Result<T, LinkError> {
    Ok(done?.map_err(UseCaseError::Refused)?)
}

//! What the entries of a seed file refer to. Each is made in a transaction of its own, so what one
//! of them lacks is looked for before the first is made.

use anyhow::{Context, bail, ensure};
use counterfoil_authority::{IssueRefused, UseCaseError};
use counterfoil_domain::account::{Account, NoSuchUser};
use counterfoil_domain::app::{ClientId, NoSuchApp};
use counterfoil_domain::login::Login;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::organization::{Organization as LiveOrganization, OrganizationRefused};
use counterfoil_domain::scope::Standing;

use super::{App, Organization, Seed, Team, Token};
use crate::installation::Installation;

/// A file beside the installation that it is to be applied to.
pub(super) struct References<'a> {
    seed: &'a Seed,
    to: &'a Installation,
}

impl<'a> References<'a> {
    pub(super) fn of(seed: &'a Seed, to: &'a Installation) -> Self {
        Self { seed, to }
    }

    /// Refuses a file of which an entry that is to be made lacks what it needs: a user, an
    /// organization, an app, or an administrator. Nothing is asked of what is there already, which
    /// is left as it is.
    pub(super) async fn demand(&self) -> anyhow::Result<()> {
        for organization in &self.seed.organizations {
            let checked = self.demand_members(organization).await;
            checked.with_context(|| format!("organization {}", organization.new.login))?;
        }
        for team in &self.seed.teams {
            let checked = self.demand_for_team(team).await;
            checked.with_context(|| format!("team {}", team.name))?;
        }
        for app in &self.seed.apps {
            let checked = self.demand_owner(app).await;
            checked.with_context(|| format!("app {}", app.client_id))?;
        }
        for (token, number) in self.seed.tokens.iter().zip(0..) {
            let checked = self.demand_for_token(token).await;
            checked.with_context(|| format!("tokens[{number}]"))?;
        }
        Ok(())
    }

    async fn demand_members(&self, organization: &Organization) -> anyhow::Result<()> {
        let login = &organization.new.login;
        if self.organization(login).await?.is_some() || self.account(login).await?.is_some() {
            return Ok(());
        }
        for (member, _) in &organization.members {
            let standing = self.standing(member).await?;
            ensure!(
                standing.is_some(),
                "{member} is no user; add the user to the file"
            );
        }
        Ok(())
    }

    async fn demand_for_team(&self, team: &Team) -> anyhow::Result<()> {
        let login = &team.organization;
        if let Some(live) = self.organization(login).await? {
            return self.demand_members_of(&live, team).await;
        }
        let mut made = self.seed.organizations.iter();
        let Some(made) = made.find(|made| made.new.login.key() == login.key()) else {
            bail!("{login} is no organization; add the organization to the file");
        };
        for member in &team.members {
            let mut members = made.members.iter();
            let is_member = members.any(|(login, _)| login.key() == member.key());
            ensure!(is_member, "{member} is no member of {login}");
        }
        Ok(())
    }

    /// Of a new team in an organization that is there.
    async fn demand_members_of(&self, live: &LiveOrganization, team: &Team) -> anyhow::Result<()> {
        let found = self
            .to
            .authority
            .find_team(&live.login, team.name.slug(), &self.to.operator)
            .await;
        match found {
            Ok(_) => return Ok(()),
            Err(UseCaseError::Refused(OrganizationRefused::NoSuchTeam)) => {}
            Err(error) => return Err(error.into()),
        }
        for member in &team.members {
            let role = match self.account(member).await? {
                Some(account) => {
                    let role = self
                        .to
                        .authority
                        .role_in(live.id, account.id, &self.to.operator);
                    role.await?
                }
                None => None,
            };
            ensure!(role.is_some(), "{member} is no member of {}", live.login);
        }
        Ok(())
    }

    async fn demand_owner(&self, app: &App) -> anyhow::Result<()> {
        let is_there = self.has_app(&app.client_id).await?;
        ensure!(
            is_there || self.standing(&app.owner).await?.is_some(),
            "its owner is no user; add the owner to the file"
        );
        Ok(())
    }

    async fn demand_for_token(&self, token: &Token) -> anyhow::Result<()> {
        let known = self
            .to
            .authority
            .authenticate_token(&token.plain, ClientAddress::Unix)
            .await;
        if known.is_ok() {
            return Ok(());
        }
        let Some(standing) = self.standing(&token.login).await? else {
            bail!("its user is not there; add the user to the file");
        };
        let refused: Vec<_> = token.scopes.for_administrators().collect();
        if standing == Standing::Ordinary && !refused.is_empty() {
            let error = IssueRefused::ForAdministrators(refused);
            bail!("{error}; set `admin = true` for its user, or leave the scopes out");
        }
        if let Some(client_id) = &token.app {
            let mut made = self.seed.apps.iter();
            ensure!(
                made.any(|app| app.client_id == *client_id) || self.has_app(client_id).await?,
                "its app is not there; add the app to the file"
            );
        }
        Ok(())
    }

    /// As what a user will act who is there, or whom the file makes.
    async fn standing(&self, login: &Login) -> anyhow::Result<Option<Standing>> {
        if let Some(account) = self.account(login).await? {
            return Ok(Some(account.standing));
        }
        let mut made = self.seed.users.iter().map(|user| &user.account);
        let made = made.find(|account| account.login.key() == login.key());
        Ok(made.map(|account| account.standing))
    }

    async fn account(&self, login: &Login) -> anyhow::Result<Option<Account>> {
        match self.to.authority.find_account(login).await {
            Ok(account) => Ok(Some(account)),
            Err(UseCaseError::Refused(NoSuchUser)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn organization(&self, login: &Login) -> anyhow::Result<Option<LiveOrganization>> {
        match self.to.authority.find_organization(login).await {
            Ok(organization) => Ok(Some(organization)),
            Err(UseCaseError::Refused(OrganizationRefused::NotFound)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn has_app(&self, client_id: &ClientId) -> anyhow::Result<bool> {
        match self.to.authority.find_app(client_id).await {
            Ok(_) => Ok(true),
            Err(UseCaseError::Refused(NoSuchApp)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

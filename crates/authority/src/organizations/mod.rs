//! Organizations and teams, as operators see, make and change them. What everybody else sees of
//! them is in [`viewed`].

pub(crate) mod viewed;

use counterfoil_domain::account::Account;
use counterfoil_domain::id::{AccountId, TeamId};
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{
    Member, MemberFilter, Memberships, NewOrganization, Organization, OrganizationRefused,
    OrganizationUse, Role, Slug, Team, TeamName,
};
use counterfoil_domain::page::{Page, Paged};
use counterfoil_store::{DeletedOrganization, StoreError};

use crate::authority::Authority;
use crate::principal::Operator;
use crate::use_case::UseCaseError;

impl Authority {
    /// Makes an organization without members.
    pub async fn create_organization(
        &self,
        new: NewOrganization,
        operator: &Operator,
    ) -> Result<Organization, UseCaseError<OrganizationRefused>> {
        let by = self.attribute_to(operator.principal());
        Ok(self.store().create_organization(new, by).await?)
    }

    /// The organization of a login, which everybody may find.
    pub async fn find_organization(
        &self,
        login: &Login,
    ) -> Result<Organization, UseCaseError<OrganizationRefused>> {
        let found = self.store().find_organization(login).await?;
        found.ok_or(UseCaseError::Refused(OrganizationRefused::NotFound))
    }

    /// All organizations, by login.
    pub async fn list_organizations(&self) -> Result<Vec<Organization>, StoreError> {
        self.store().list_organizations().await
    }

    /// One page of all organizations, by login, with how much hangs on each.
    pub async fn organizations_in_use(
        &self,
        page: Page,
        _operator: &Operator,
    ) -> Result<Paged<(Organization, OrganizationUse)>, StoreError> {
        self.store().organizations_in_use(page, self.now()).await
    }

    /// The organization of a login, with how much hangs on it.
    pub async fn organization_in_use(
        &self,
        login: &Login,
        _operator: &Operator,
    ) -> Result<(Organization, OrganizationUse), UseCaseError<OrganizationRefused>> {
        let found = self.store().organization_in_use(login, self.now()).await?;
        found.ok_or(UseCaseError::Refused(OrganizationRefused::NotFound))
    }

    /// Deletes an organization with its teams and memberships. The login stays taken.
    pub async fn delete_organization(
        &self,
        login: &Login,
        operator: &Operator,
    ) -> Result<DeletedOrganization, UseCaseError<OrganizationRefused>> {
        let organization = self.find_organization(login).await?;
        let by = self.attribute_to(operator.principal());
        Ok(self
            .store()
            .delete_organization(organization.id, by)
            .await?)
    }

    /// Makes a user a member of an organization, or changes the role; `false` when nothing changed.
    pub async fn set_organization_member(
        &self,
        organization: &Login,
        member: &Login,
        role: Role,
        operator: &Operator,
    ) -> Result<bool, UseCaseError<OrganizationRefused>> {
        let organization = self.find_organization(organization).await?;
        let member = self.member(member).await?;
        let by = self.attribute_to(operator.principal());
        Ok(self
            .store()
            .set_member(organization.id, member.id, role, by)
            .await?)
    }

    /// Takes a user out of an organization and its teams.
    pub async fn remove_organization_member(
        &self,
        organization: &Login,
        member: &Login,
        operator: &Operator,
    ) -> Result<(), UseCaseError<OrganizationRefused>> {
        let organization = self.find_organization(organization).await?;
        let member = self.member(member).await?;
        let by = self.attribute_to(operator.principal());
        Ok(self
            .store()
            .remove_member(organization.id, member.id, by)
            .await?)
    }

    /// One page of an organization's members, ascending by id, and how many the filter lets
    /// through.
    pub async fn list_organization_members(
        &self,
        organization: AccountId,
        filter: MemberFilter,
        page: Page,
        _operator: &Operator,
    ) -> Result<Paged<Member>, StoreError> {
        self.store().list_members(organization, filter, page).await
    }

    /// Where somebody is a member: organizations with the role in each and teams, by ids. One read.
    pub(crate) async fn memberships(&self, account: AccountId) -> Result<Memberships, StoreError> {
        self.store().memberships(account).await
    }

    /// As what somebody is a member of an organization, if so.
    pub async fn role_in(
        &self,
        organization: AccountId,
        account: AccountId,
        _operator: &Operator,
    ) -> Result<Option<Role>, StoreError> {
        self.store().role_in(organization, account).await
    }

    /// Makes a team without members.
    pub async fn create_team(
        &self,
        organization: &Login,
        name: TeamName,
        operator: &Operator,
    ) -> Result<Team, UseCaseError<OrganizationRefused>> {
        let organization = self.find_organization(organization).await?;
        let by = self.attribute_to(operator.principal());
        Ok(self.store().create_team(organization.id, name, by).await?)
    }

    /// The team of a slug in an organization.
    pub async fn find_team(
        &self,
        organization: &Login,
        slug: &Slug,
        _operator: &Operator,
    ) -> Result<Team, UseCaseError<OrganizationRefused>> {
        let organization = self.find_organization(organization).await?;
        let found = self.store().find_team(organization.id, slug).await?;
        found.ok_or(UseCaseError::Refused(OrganizationRefused::NoSuchTeam))
    }

    /// One page of an organization's teams, ascending by id.
    pub async fn list_teams(
        &self,
        organization: AccountId,
        page: Page,
        _operator: &Operator,
    ) -> Result<Paged<Team>, StoreError> {
        self.store().list_teams(organization, page).await
    }

    /// Deletes a team, and says how many were in it.
    pub async fn delete_team(
        &self,
        organization: &Login,
        slug: &Slug,
        operator: &Operator,
    ) -> Result<u64, UseCaseError<OrganizationRefused>> {
        let team = self.find_team(organization, slug, operator).await?;
        let by = self.attribute_to(operator.principal());
        Ok(self.store().delete_team(team.id, by).await?)
    }

    /// Puts a member of the organization into one of its teams; `false` for who was in it before.
    pub async fn add_team_member(
        &self,
        organization: &Login,
        slug: &Slug,
        member: &Login,
        operator: &Operator,
    ) -> Result<bool, UseCaseError<OrganizationRefused>> {
        let team = self.find_team(organization, slug, operator).await?;
        let member = self.member(member).await?;
        let by = self.attribute_to(operator.principal());
        Ok(self.store().add_team_member(team.id, member.id, by).await?)
    }

    /// Takes somebody out of a team, but not out of its organization.
    pub async fn remove_team_member(
        &self,
        organization: &Login,
        slug: &Slug,
        member: &Login,
        operator: &Operator,
    ) -> Result<(), UseCaseError<OrganizationRefused>> {
        let team = self.find_team(organization, slug, operator).await?;
        let member = self.member(member).await?;
        let by = self.attribute_to(operator.principal());
        Ok(self
            .store()
            .remove_team_member(team.id, member.id, by)
            .await?)
    }

    /// One page of who is in a team, ascending by id, and how many those are.
    pub async fn list_team_members(
        &self,
        team: TeamId,
        page: Page,
        _operator: &Operator,
    ) -> Result<Paged<Account>, StoreError> {
        self.store().list_team_members(team, None, page).await
    }

    /// The same with what each is in the organization.
    pub async fn list_team_members_with_roles(
        &self,
        team: TeamId,
        page: Page,
        _operator: &Operator,
    ) -> Result<Paged<Member>, StoreError> {
        self.store().list_team_members_with_roles(team, page).await
    }

    /// What somebody who is in a team is in its organization; none for who is not in it.
    pub async fn role_in_team(
        &self,
        team: TeamId,
        account: AccountId,
        _operator: &Operator,
    ) -> Result<Option<Role>, StoreError> {
        self.store().role_in_team(team, account).await
    }

    async fn member(&self, login: &Login) -> Result<Account, UseCaseError<OrganizationRefused>> {
        let found = self.store().find_account(login).await?;
        found.ok_or(UseCaseError::Refused(OrganizationRefused::NoSuchUser))
    }
}

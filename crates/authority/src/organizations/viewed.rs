//! What a viewer sees of organizations, their members and their teams. The rules are the domain's
//! ([`counterfoil_domain::access`]); here stands what is read to decide by them, and what is read
//! after that.
//!
//! What everybody may know of an organization is told without a viewer.

use counterfoil_domain::access::{
    AccessRefused, ListedMembers, OrganizationForm, Own, Standpoint, Viewer,
};
use counterfoil_domain::account::{Account, AccountRef};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{
    Member, MemberFilter, Membership, Organization, OrganizationRefused, Role, Team, TeamRef,
};
use counterfoil_domain::page::{Page, Paged};
use counterfoil_store::StoreError;

use crate::access::AccessError;
use crate::authority::Authority;
use crate::use_case::UseCaseError;

/// A team that a viewer sees, and so who is in it. Only the reads that decided so make one.
#[derive(Clone, Debug)]
pub struct VisibleTeam(Team);

impl VisibleTeam {
    /// The team that is seen.
    pub fn team(&self) -> &Team {
        &self.0
    }
}

impl Authority {
    /// The organization that is meant, which everybody may find.
    pub async fn look_up_organization(
        &self,
        wanted: &AccountRef,
    ) -> Result<Organization, UseCaseError<OrganizationRefused>> {
        match wanted {
            AccountRef::Login(login) => self.find_organization(login).await,
            AccountRef::Id(id) => {
                let found = self.store().organization_by_id(*id).await?;
                found.ok_or(UseCaseError::Refused(OrganizationRefused::NotFound))
            }
        }
    }

    /// How much of an organization the viewer sees. Their role is read only if it matters.
    pub async fn organization_form(
        &self,
        viewer: &Viewer<'_>,
        organization: AccountId,
    ) -> Result<OrganizationForm, StoreError> {
        let role = if viewer.sees_all_by_role() {
            self.store().role_in(organization, viewer.account()).await?
        } else {
            None
        };
        Ok(viewer.organization_form(role))
    }

    /// One page of the organizations that the viewer is a member of, ascending by id.
    pub async fn own_organizations(
        &self,
        viewer: &Viewer<'_>,
        page: Page,
    ) -> Result<Paged<Membership>, AccessError> {
        viewer.may_see(Own::Organizations)?;
        Ok(self
            .store()
            .organizations_of(viewer.account(), page)
            .await?)
    }

    /// One page of the viewer's memberships, ascending by the id of the organization.
    pub async fn own_memberships(
        &self,
        viewer: &Viewer<'_>,
        page: Page,
    ) -> Result<Paged<Membership>, AccessError> {
        viewer.may_see(Own::Memberships)?;
        Ok(self
            .store()
            .organizations_of(viewer.account(), page)
            .await?)
    }

    /// The viewer's membership of an organization.
    pub async fn own_membership(
        &self,
        viewer: &Viewer<'_>,
        organization: &Login,
    ) -> Result<Membership, AccessError> {
        viewer.may_see(Own::Memberships)?;
        let organization = self.visible_organization(organization).await?;
        let role = self
            .store()
            .role_in(organization.id, viewer.account())
            .await?;
        Ok(Membership {
            organization,
            role: role.ok_or(AccessRefused::NotFound)?,
        })
    }

    /// One page of the teams that the viewer is in, ascending by id.
    pub async fn own_teams(
        &self,
        viewer: &Viewer<'_>,
        page: Page,
    ) -> Result<Paged<Team>, AccessError> {
        viewer.may_see(Own::Teams)?;
        Ok(self.store().teams_of(viewer.account(), page).await?)
    }

    /// One page of those members of an organization whom the viewer sees, ascending by id, and how
    /// many the filter lets through of them.
    pub async fn list_visible_members(
        &self,
        viewer: &Viewer<'_>,
        organization: &Organization,
        filter: MemberFilter,
        page: Page,
    ) -> Result<Paged<Member>, AccessError> {
        let standpoint = self.standpoint(viewer, organization.id).await?;
        Ok(match standpoint.listed_members(filter.second_factor)? {
            ListedMembers::All => {
                let members = self.store().list_members(organization.id, filter, page);
                members.await?
            }
            ListedMembers::Nobody => Paged::empty(),
        })
    }

    /// The member of an organization with this login; `None` when the login is no member's.
    pub async fn find_visible_member(
        &self,
        viewer: &Viewer<'_>,
        organization: &Organization,
        login: &Login,
    ) -> Result<Option<Member>, AccessError> {
        let standpoint = self.standpoint(viewer, organization.id).await?;
        standpoint.sees_memberships()?;
        let Some(account) = self.store().find_account(login).await? else {
            return Ok(None);
        };
        let role = self.store().role_in(organization.id, account.id).await?;
        Ok(role.map(|role| Member { account, role }))
    }

    /// One page of an organization's teams, ascending by id.
    pub async fn list_visible_teams(
        &self,
        viewer: &Viewer<'_>,
        organization: &Organization,
        page: Page,
    ) -> Result<Paged<Team>, AccessError> {
        let standpoint = self.standpoint(viewer, organization.id).await?;
        standpoint.lists_teams()?;
        Ok(self.store().list_teams(organization.id, page).await?)
    }

    /// The team that is meant.
    pub async fn find_visible_team(
        &self,
        viewer: &Viewer<'_>,
        wanted: &TeamRef,
    ) -> Result<VisibleTeam, AccessError> {
        let found = match wanted {
            TeamRef::Slug(organization, slug) => {
                let organization = self.visible_organization(organization).await?;
                self.store().find_team(organization.id, slug).await?
            }
            TeamRef::Id(id) => self.store().team_by_id(*id).await?,
            TeamRef::Ids(organization, id) => {
                let found = self.store().team_by_id(*id).await?;
                found.filter(|team| team.organization.id == *organization)
            }
        };
        let team = found.ok_or(AccessRefused::NotFound)?;
        let standpoint = self.standpoint(viewer, team.organization.id).await?;
        standpoint.sees_teams()?;
        Ok(VisibleTeam(team))
    }

    /// One page of who is in a team, ascending by id, and how many those are: all, or those of one
    /// role in its organization.
    pub async fn list_members_of_visible_team(
        &self,
        team: &VisibleTeam,
        role: Option<Role>,
        page: Page,
    ) -> Result<Paged<Account>, StoreError> {
        self.store().list_team_members(team.0.id, role, page).await
    }

    /// The role that a member of a team has in its organization; a login outside of the team is
    /// not found.
    pub async fn role_in_visible_team(
        &self,
        team: &VisibleTeam,
        login: &Login,
    ) -> Result<Role, AccessError> {
        let account = self.store().find_account(login).await?;
        let account = account.ok_or(AccessRefused::NotFound)?;
        let role = self.store().role_in_team(team.0.id, account.id).await?;
        Ok(role.ok_or(AccessRefused::NotFound)?)
    }

    async fn visible_organization(&self, login: &Login) -> Result<Organization, AccessError> {
        let found = self.store().find_organization(login).await?;
        Ok(found.ok_or(AccessRefused::NotFound)?)
    }

    /// From where a viewer looks at an organization. Their role is read only if it matters.
    async fn standpoint(
        &self,
        viewer: &Viewer<'_>,
        organization: AccountId,
    ) -> Result<Standpoint, StoreError> {
        let role = if viewer.is_inside_by_role() {
            self.store().role_in(organization, viewer.account()).await?
        } else {
            None
        };
        Ok(viewer.standpoint(role))
    }
}

//! Teams of an organization, and who is in them.

use counterfoil_domain::account::Account;
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::id::{AccountId, TeamId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::organization::{Member, OrganizationRefused, Role, Slug, Team, TeamName};
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::{self, subject_of};
use crate::engine::Store;
use crate::error::{StoreError, WriteError};
use crate::organizations::find::{live, organization_from, role, role_from};
use crate::organizations::{Changed, Refusable, announce, tell_of_administrator};
use crate::statement::{Row, params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

/// The columns that [`team_from`] reads.
macro_rules! live_teams {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.login, o.name, o.created_at, o.updated_at, t.id, t.name, t.slug, t.created_at, t.updated_at,
                (SELECT count(*) FROM team_members m WHERE m.team_id = t.id AND m.ended_at IS NULL)
            FROM teams t JOIN accounts o ON o.id = t.organization_id WHERE t.ended_at IS NULL ",
            $rest
        )
    };
}

/// Who is in a team (`$1`), with what they are in its organization, where they must be a member.
macro_rules! members_of_team {
    () => {
        "team_members m JOIN teams g ON g.id = m.team_id
            JOIN organization_members o ON o.organization_id = g.organization_id AND o.account_id = m.account_id
                AND o.ended_at IS NULL
            WHERE m.team_id = $1 AND m.ended_at IS NULL"
    };
}

statements! {
    FIND = live_teams!("AND t.id = $1");
    FIND_BY_SLUG = live_teams!("AND t.organization_id = $1 AND t.slug = $2");
    PAGE = live_teams!("AND t.organization_id = $1 ORDER BY t.id LIMIT $2 OFFSET $3");
    COUNT = "SELECT count(*) FROM teams WHERE organization_id = $1 AND ended_at IS NULL";
    PAGE_OF_ACCOUNT = live_teams!(
        "AND t.id IN (SELECT team_id FROM team_members WHERE account_id = $1 AND ended_at IS NULL)
        ORDER BY t.id LIMIT $2 OFFSET $3"
    );
    COUNT_OF_ACCOUNT = "SELECT count(*) FROM team_members WHERE account_id = $1 AND ended_at IS NULL";
    INSERT = "INSERT INTO teams (organization_id, name, slug, created_at, updated_at) VALUES ($1, $2, $3, $4, $4) RETURNING id";
    TOUCH = "UPDATE teams SET updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END WHERE id = $1";
    TOUCH_OF_ACCOUNT = "UPDATE teams SET updated_at = CASE WHEN updated_at > $2 THEN updated_at ELSE $2 END
        WHERE id IN (SELECT team_id FROM team_members WHERE account_id = $1 AND ended_at IS NULL)";
    END = "UPDATE teams SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL";
    END_OF_ORGANIZATION = "UPDATE teams SET ended_at = $2, end_reason = $3 WHERE organization_id = $1 AND ended_at IS NULL";
    IS_MEMBER = "SELECT 1 FROM team_members WHERE team_id = $1 AND account_id = $2 AND ended_at IS NULL";
    ROLE_OF_MEMBER = concat!("SELECT o.role FROM ", members_of_team!(), " AND m.account_id = $2");
    COUNT_MEMBERS = concat!("SELECT count(*) FROM ", members_of_team!(), " AND ($2 = '' OR o.role = $2)");
    ROLES_OF_PAGE = concat!(
        "SELECT o.role FROM ", members_of_team!(), " AND ($2 = '' OR o.role = $2) ORDER BY m.account_id LIMIT $3 OFFSET $4"
    );
    INSERT_MEMBER = "INSERT INTO team_members (team_id, account_id, created_at) VALUES ($1, $2, $3)";
    END_MEMBER = "UPDATE team_members SET ended_at = $3, end_reason = $4
        WHERE team_id = $1 AND account_id = $2 AND ended_at IS NULL";
    END_MEMBERS = "UPDATE team_members SET ended_at = $2, end_reason = $3 WHERE team_id = $1 AND ended_at IS NULL";
    END_MEMBERS_OF_ORGANIZATION = "UPDATE team_members SET ended_at = $2, end_reason = $3
        WHERE ended_at IS NULL AND team_id IN (SELECT id FROM teams WHERE organization_id = $1 AND ended_at IS NULL)";
    END_OF_ACCOUNT = "UPDATE team_members SET ended_at = $2, end_reason = $3 WHERE account_id = $1 AND ended_at IS NULL";
    TEAMS_OF_MEMBER = "SELECT m.team_id FROM team_members m JOIN teams t ON t.id = m.team_id
        WHERE m.account_id = $2 AND m.ended_at IS NULL AND t.organization_id = $1";
}

impl Store {
    /// Makes a team without members.
    pub async fn create_team(
        &self,
        organization: AccountId,
        name: TeamName,
        by: Attribution,
    ) -> Changed<Team> {
        let locks = Locks::none().account(organization);
        self.change(
            Operation::CreateTeam,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move { create(tx, organization, &name, by.at).await })
            },
        )
        .await
    }

    /// The live team of a slug.
    pub async fn find_team(
        &self,
        organization: AccountId,
        slug: &Slug,
    ) -> Result<Option<Team>, StoreError> {
        let slug = slug.clone();
        self.read_one(move |tx| Box::pin(async move { by_slug(tx, organization, &slug).await }))
            .await
    }

    /// A live team.
    pub async fn team_by_id(&self, id: TeamId) -> Result<Option<Team>, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let row = tx.optional(FIND, params![id]).await?;
                row.map(team_from).transpose()
            })
        })
        .await
    }

    /// One page of an organization's teams, ascending by id.
    pub async fn list_teams(
        &self,
        organization: AccountId,
        page: Page,
    ) -> Result<Paged<Team>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let total = tx.one(COUNT, params![organization]).await?.count(0)?;
                let place = params![organization, page.size(), page.offset()];
                let rows = tx.rows(PAGE, place).await?;
                let items = rows.into_iter().map(team_from).collect::<Result<_, _>>()?;
                Ok(Paged { items, total })
            })
        })
        .await
    }

    /// One page of the teams that somebody is in, ascending by id.
    pub async fn teams_of(
        &self,
        account: AccountId,
        page: Page,
    ) -> Result<Paged<Team>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let total = tx.one(COUNT_OF_ACCOUNT, params![account]).await?.count(0)?;
                let place = params![account, page.size(), page.offset()];
                let rows = tx.rows(PAGE_OF_ACCOUNT, place).await?;
                let items = rows.into_iter().map(team_from).collect::<Result<_, _>>()?;
                Ok(Paged { items, total })
            })
        })
        .await
    }

    /// Ends a team, and says how many were in it.
    pub async fn delete_team(&self, id: TeamId, by: Attribution) -> Changed<u64> {
        let locks = Locks::none().organization_of(id);
        self.change(
            Operation::DeleteTeam,
            by,
            locks,
            move |Change { tx, by, .. }| Box::pin(async move { delete(tx, id, by).await }),
        )
        .await
    }

    /// Puts a member of its organization into a team; `false` for who was in it before.
    pub async fn add_team_member(
        &self,
        team: TeamId,
        account: AccountId,
        by: Attribution,
    ) -> Changed<bool> {
        let locks = Locks::none().organization_of(team).keeping_account(account);
        self.change(
            Operation::AddTeamMember,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move { add_member(tx, team, account, by).await })
            },
        )
        .await
    }

    /// Takes somebody out of a team, but not out of its organization.
    pub async fn remove_team_member(
        &self,
        team: TeamId,
        account: AccountId,
        by: Attribution,
    ) -> Changed<()> {
        let locks = Locks::none().organization_of(team);
        self.change(
            Operation::RemoveTeamMember,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move { remove_member(tx, team, account, by).await })
            },
        )
        .await
    }

    /// What somebody who is in a team is in its organization; `None` for who is not in it.
    pub async fn role_in_team(
        &self,
        team: TeamId,
        account: AccountId,
    ) -> Result<Option<Role>, StoreError> {
        self.read_one(move |tx| {
            Box::pin(async move {
                let row = tx.optional(ROLE_OF_MEMBER, params![team, account]).await?;
                row.map(|mut row| role_from(&row.text(0)?)).transpose()
            })
        })
        .await
    }

    /// One page of who is in a team, ascending by id, and how many those are: all, or those of one
    /// role in its organization.
    pub async fn list_team_members(
        &self,
        team: TeamId,
        role: Option<Role>,
        page: Page,
    ) -> Result<Paged<Account>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let role = role.map_or("", Role::as_str);
                let total = tx.one(COUNT_MEMBERS, params![team, role]).await?.count(0)?;
                let place = params![team, role, page.size(), page.offset()];
                let items = accounts::page_of_team(tx, place).await?;
                Ok(Paged { items, total })
            })
        })
        .await
    }

    /// The same with what each is in the organization.
    pub async fn list_team_members_with_roles(
        &self,
        team: TeamId,
        page: Page,
    ) -> Result<Paged<Member>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let total = tx.one(COUNT_MEMBERS, params![team, ""]).await?.count(0)?;
                let place = params![team, "", page.size(), page.offset()];
                let accounts = accounts::page_of_team(tx, place).await?;
                let roles = tx.rows(ROLES_OF_PAGE, place).await?;
                let items = accounts.into_iter().zip(roles).map(|(account, mut row)| {
                    let role = role_from(&row.text(0)?)?;
                    Ok(Member { account, role })
                });
                let items = items.collect::<Result<_, StoreError>>()?;
                Ok(Paged { items, total })
            })
        })
        .await
    }
}

async fn create(
    tx: &mut Tx,
    organization: AccountId,
    name: &TeamName,
    now: Timestamp,
) -> Refusable<Outcome<Team>> {
    live(tx, organization).await?;
    if by_slug(tx, organization, name.slug()).await?.is_some() {
        return Err(WriteError::Refused(OrganizationRefused::SlugTaken));
    }
    let row = params![organization, name.as_str(), name.slug().as_str(), now];
    let id = TeamId(tx.one(INSERT, row).await?.integer(0)?);
    announce(tx, organization, None, now);
    let event = Event::new(Action::TeamCreated, team_of(organization, id))
        .with(Detail::Slug(name.slug().as_str().to_owned()));
    Ok(Outcome::new(find_team(tx, id).await?, event))
}

/// A team of an organization, which the event happened to.
fn team_of(organization: AccountId, team: TeamId) -> Subject {
    Subject {
        organization: Some(organization),
        team: Some(team),
        ..subject_of(organization)
    }
}

/// A user who is or was in a team.
fn member_of(organization: AccountId, team: TeamId, account: AccountId) -> Subject {
    Subject {
        account: Some(account),
        ..team_of(organization, team)
    }
}

async fn delete(tx: &mut Tx, id: TeamId, by: &Attribution) -> Refusable<Outcome<u64>> {
    let team = find_team(tx, id).await?;
    let reason = EndReason::TeamDeleted;
    let members = tx
        .execute(END_MEMBERS, params![id, by.at, reason.as_str()])
        .await?;
    let reason = EndReason::of_deletion_by(&by.principal.proof);
    tx.execute(END, params![id, by.at, reason.as_str()]).await?;
    tx.execute(TOUCH, params![id, by.at]).await?;
    announce(tx, team.organization.id, None, by.at);
    let event = Event::new(Action::TeamDeleted, team_of(team.organization.id, id))
        .with(Detail::Members(members));
    Ok(Outcome::new(members, event))
}

async fn add_member(
    tx: &mut Tx,
    id: TeamId,
    account: AccountId,
    by: &Attribution,
) -> Refusable<Outcome<bool>> {
    let now = by.at;
    let team = find_team(tx, id).await?;
    let organization = team.organization.id;
    if role(tx, organization, account).await?.is_none() {
        return Err(WriteError::Refused(OrganizationRefused::NotInOrganization));
    }
    if is_member(tx, id, account).await? {
        return Ok(Outcome::unchanged(false));
    }
    tx.execute(INSERT_MEMBER, params![id, account, now]).await?;
    tx.execute(TOUCH, params![id, now]).await?;
    announce(tx, organization, Some(account), now);
    tell_of_administrator(tx, MailKind::MembershipChanged, account, by).await?;
    let event = Event::new(
        Action::TeamMemberAdded,
        member_of(organization, id, account),
    );
    Ok(Outcome::new(true, event))
}

async fn remove_member(
    tx: &mut Tx,
    id: TeamId,
    account: AccountId,
    by: &Attribution,
) -> Refusable<Outcome<()>> {
    let now = by.at;
    let team = find_team(tx, id).await?;
    let reason = EndReason::MemberRemoved;
    let ended = params![id, account, now, reason.as_str()];
    if tx.execute(END_MEMBER, ended).await? == 0 {
        return Err(WriteError::Refused(OrganizationRefused::NotAMember));
    }
    tx.execute(TOUCH, params![id, now]).await?;
    announce(tx, team.organization.id, Some(account), now);
    tell_of_administrator(tx, MailKind::MembershipChanged, account, by).await?;
    let event = Event::new(
        Action::TeamMemberRemoved,
        member_of(team.organization.id, id, account),
    );
    Ok(Outcome::new((), event))
}

/// Takes somebody out of all teams of an organization, and says how many those were.
pub(super) async fn end_all_of_member(
    tx: &mut Tx,
    organization: AccountId,
    account: AccountId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let reason = EndReason::MemberRemoved;
    let mut ended = 0;
    for mut row in tx
        .rows(TEAMS_OF_MEMBER, params![organization, account])
        .await?
    {
        let team = TeamId(row.integer(0)?);
        ended += tx
            .execute(END_MEMBER, params![team, account, now, reason.as_str()])
            .await?;
        tx.execute(TOUCH, params![team, now]).await?;
    }
    Ok(ended)
}

/// Takes a deleted user out of all teams.
pub(super) async fn end_all_of_account(
    tx: &mut Tx,
    account: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let reason = EndReason::AccountDeleted;
    tx.execute(TOUCH_OF_ACCOUNT, params![account, now]).await?;
    tx.execute(END_OF_ACCOUNT, params![account, now, reason.as_str()])
        .await
        .map(drop)
}

/// Ends all teams of an organization, and says how many there were.
pub(super) async fn end_all_of_organization(
    tx: &mut Tx,
    organization: AccountId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let ended = params![organization, now, EndReason::OrganizationDeleted.as_str()];
    tx.execute(END_MEMBERS_OF_ORGANIZATION, ended).await?;
    tx.execute(END_OF_ORGANIZATION, ended).await
}

async fn find_team(tx: &mut Tx, id: TeamId) -> Refusable<Team> {
    let row = tx.optional(FIND, params![id]).await?;
    let row = row.ok_or(WriteError::Refused(OrganizationRefused::NoSuchTeam))?;
    Ok(team_from(row)?)
}

async fn by_slug(
    tx: &mut Tx,
    organization: AccountId,
    slug: &Slug,
) -> Result<Option<Team>, StoreError> {
    let row = tx
        .optional(FIND_BY_SLUG, params![organization, slug.as_str()])
        .await?;
    row.map(team_from).transpose()
}

async fn is_member(tx: &mut Tx, team: TeamId, account: AccountId) -> Result<bool, StoreError> {
    let row = tx.optional(IS_MEMBER, params![team, account]).await?;
    Ok(row.is_some())
}

fn team_from(mut row: Row) -> Result<Team, StoreError> {
    Ok(Team {
        organization: organization_from(&mut row, 0)?,
        id: TeamId(row.integer(5)?),
        name: TeamName::from_stored(row.text(6)?, row.text(7)?),
        created_at: row.timestamp(8)?,
        updated_at: row.timestamp(9)?,
        members: row.count(10)?,
    })
}

//! Who is in an organization, and as what.

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::id::{AccountId, TeamId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::mail::MailKind;
use counterfoil_domain::organization::{
    Member, MemberFilter, Membership, Memberships, OrganizationRefused, Role,
};
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::principal::{Attribution, Proof};
use counterfoil_domain::timestamp::Timestamp;

use crate::accounts::{self, subject_of};
use crate::engine::Store;
use crate::error::{StoreError, WriteError};
use crate::organizations::find::{live, organization_from, role, role_from};
use crate::organizations::{Changed, Refusable, announce, teams, tell_of_administrator};
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::{Change, Locks, Operation};

/// A member of an organization (`$1`) that a filter lets through: by role (`$2`) and by second
/// factor (`$3`), unless those are empty.
macro_rules! wanted_members {
    () => {
        "organization_members m WHERE m.organization_id = $1 AND m.ended_at IS NULL AND ($2 = '' OR m.role = $2)
            AND ($3 = '' OR ($3 = 'missing' AND NOT EXISTS
                (SELECT 1 FROM totp_seeds t WHERE t.account_id = m.account_id AND t.ended_at IS NULL)
                AND NOT EXISTS
                (SELECT 1 FROM passkeys k WHERE k.account_id = m.account_id AND k.ended_at IS NULL)))"
    };
}

statements! {
    ROLES_OF_PAGE = concat!("SELECT m.role FROM ", wanted_members!(), " ORDER BY m.account_id LIMIT $4 OFFSET $5");
    COUNT = concat!("SELECT count(*) FROM ", wanted_members!());
    INSERT = "INSERT INTO organization_members (organization_id, account_id, role, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $4)";
    SET_ROLE = "UPDATE organization_members SET role = $3,
        updated_at = CASE WHEN updated_at > $4 THEN updated_at ELSE $4 END
        WHERE organization_id = $1 AND account_id = $2 AND ended_at IS NULL";
    END = "UPDATE organization_members SET ended_at = $3, end_reason = $4
        WHERE organization_id = $1 AND account_id = $2 AND ended_at IS NULL";
    ANOTHER_OWNER = "SELECT 1 FROM organization_members
        WHERE organization_id = $1 AND account_id <> $2 AND role = $3 AND ended_at IS NULL LIMIT 1";
    END_OF_ORGANIZATION = "UPDATE organization_members SET ended_at = $2, end_reason = $3
        WHERE organization_id = $1 AND ended_at IS NULL";
    END_OF_ACCOUNT = "UPDATE organization_members SET ended_at = $2, end_reason = $3
        WHERE account_id = $1 AND ended_at IS NULL";
    HELD = "SELECT organization_id, role, 0 FROM organization_members WHERE account_id = $1 AND ended_at IS NULL
        UNION ALL SELECT 0, '', team_id FROM team_members WHERE account_id = $1 AND ended_at IS NULL
        ORDER BY 1, 3";
    COUNT_OF_ACCOUNT = "SELECT count(*) FROM organization_members WHERE account_id = $1 AND ended_at IS NULL";
    PAGE_OF_ACCOUNT = "SELECT o.id, o.login, o.name, o.created_at, o.updated_at, m.role
        FROM organization_members m JOIN accounts o ON o.id = m.organization_id
        WHERE m.account_id = $1 AND m.ended_at IS NULL ORDER BY m.organization_id LIMIT $2 OFFSET $3";
}

impl Store {
    /// Makes somebody a member of an organization, or changes the role; `false` when nothing
    /// changed.
    pub async fn set_member(
        &self,
        organization: AccountId,
        account: AccountId,
        role: Role,
        by: Attribution,
    ) -> Changed<bool> {
        let locks = Locks::none().account(organization).keeping_account(account);
        self.change(
            Operation::SetMember,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move { set(tx, organization, account, role, by).await })
            },
        )
        .await
    }

    /// Takes somebody out of an organization and its teams.
    pub async fn remove_member(
        &self,
        organization: AccountId,
        account: AccountId,
        by: Attribution,
    ) -> Changed<()> {
        let locks = Locks::none().account(organization);
        self.change(
            Operation::RemoveMember,
            by,
            locks,
            move |Change { tx, by, .. }| {
                Box::pin(async move { remove(tx, organization, account, by).await })
            },
        )
        .await
    }

    /// One page of an organization's members, ascending by id, and how many the filter lets
    /// through.
    pub async fn list_members(
        &self,
        organization: AccountId,
        filter: MemberFilter,
        page: Page,
    ) -> Result<Paged<Member>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let (role, factor) = words_of(filter);
                let wanted = params![organization, role, factor];
                let total = tx.one(COUNT, wanted).await?.count(0)?;
                let place = params![organization, role, factor, page.size(), page.offset()];
                let accounts = accounts::page_of_organization(tx, place).await?;
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

    /// As what somebody is a member of an organization.
    pub async fn role_in(
        &self,
        organization: AccountId,
        account: AccountId,
    ) -> Result<Option<Role>, StoreError> {
        self.read_one(move |tx| Box::pin(async move { role(tx, organization, account).await }))
            .await
    }

    /// Where somebody is a member: organizations and teams, by ids.
    pub async fn memberships(&self, account: AccountId) -> Result<Memberships, StoreError> {
        self.read_one(move |tx| Box::pin(async move { held(tx, account).await }))
            .await
    }

    /// One page of the organizations that somebody is a member of, ascending by id.
    pub async fn organizations_of(
        &self,
        account: AccountId,
        page: Page,
    ) -> Result<Paged<Membership>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let total = tx.one(COUNT_OF_ACCOUNT, params![account]).await?.count(0)?;
                let place = params![account, page.size(), page.offset()];
                let rows = tx.rows(PAGE_OF_ACCOUNT, place).await?;
                let items = rows.into_iter().map(|mut row| {
                    Ok(Membership {
                        organization: organization_from(&mut row, 0)?,
                        role: role_from(&row.text(5)?)?,
                    })
                });
                let items = items.collect::<Result<_, StoreError>>()?;
                Ok(Paged { items, total })
            })
        })
        .await
    }
}

/// A filter as the statements take it: a word that is empty filters nothing.
fn words_of(filter: MemberFilter) -> (&'static str, &'static str) {
    let role = filter.role.map_or("", Role::as_str);
    (role, filter.second_factor.as_str())
}

async fn set(
    tx: &mut Tx,
    organization: AccountId,
    account: AccountId,
    wanted: Role,
    by: &Attribution,
) -> Refusable<Outcome<bool>> {
    let now = by.at;
    live(tx, organization).await?;
    if accounts::find_by_id(tx, account).await?.is_none() {
        return Err(WriteError::Refused(OrganizationRefused::NoSuchUser));
    }
    let row = params![organization, account, wanted.as_str(), now];
    match role(tx, organization, account).await? {
        Some(held) if held == wanted => return Ok(Outcome::unchanged(false)),
        Some(held) => {
            keep_an_owner(tx, organization, (account, held), by).await?;
            tx.execute(SET_ROLE, row).await?
        }
        None => tx.execute(INSERT, row).await?,
    };
    announce(tx, organization, Some(account), now);
    tell_of_administrator(tx, MailKind::MembershipChanged, account, by).await?;
    let event = Event::new(
        Action::OrganizationMemberAdded,
        member_of(organization, account),
    )
    .with(Detail::Role(wanted.as_str().to_owned()));
    Ok(Outcome::new(true, event))
}

/// Refuses to whoever asks on a page that the only owner of an organization goes. At the command
/// line organizations are made without any.
async fn keep_an_owner(
    tx: &mut Tx,
    organization: AccountId,
    (account, held): (AccountId, Role),
    by: &Attribution,
) -> Refusable<()> {
    if held != Role::Admin || !matches!(by.principal.proof, Proof::Session(..)) {
        return Ok(());
    }
    let others = params![organization, account, Role::Admin.as_str()];
    match tx.optional(ANOTHER_OWNER, others).await? {
        Some(_) => Ok(()),
        None => Err(WriteError::Refused(OrganizationRefused::LastOwner)),
    }
}

/// A user who is or was in an organization.
fn member_of(organization: AccountId, account: AccountId) -> Subject {
    Subject {
        organization: Some(organization),
        ..subject_of(account)
    }
}

async fn remove(
    tx: &mut Tx,
    organization: AccountId,
    account: AccountId,
    by: &Attribution,
) -> Refusable<Outcome<()>> {
    let now = by.at;
    live(tx, organization).await?;
    let held = role(tx, organization, account).await?;
    let held = held.ok_or(WriteError::Refused(OrganizationRefused::NotAMember))?;
    keep_an_owner(tx, organization, (account, held), by).await?;
    let reason = EndReason::MemberRemoved;
    let ended = params![organization, account, now, reason.as_str()];
    tx.execute(END, ended).await?;
    let teams = teams::end_all_of_member(tx, organization, account, now).await?;
    announce(tx, organization, Some(account), now);
    tell_of_administrator(tx, MailKind::MembershipChanged, account, by).await?;
    let event = Event::new(
        Action::OrganizationMemberRemoved,
        member_of(organization, account),
    )
    .with(Detail::Teams(teams));
    Ok(Outcome::new((), event))
}

async fn held(tx: &mut Tx, account: AccountId) -> Result<Memberships, StoreError> {
    let mut held = Memberships::default();
    for mut row in tx.rows(HELD, params![account]).await? {
        let (organization, team) = (row.integer(0)?, row.integer(2)?);
        if organization == 0 {
            held.teams.push(TeamId(team));
        } else {
            let role = role_from(&row.text(1)?)?;
            held.organizations.push((AccountId(organization), role));
        }
    }
    Ok(held)
}

/// Ends what a deleted user was a member of.
pub(crate) async fn end_all_of_account(
    tx: &mut Tx,
    account: AccountId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let held = held(tx, account).await?;
    let reason = EndReason::AccountDeleted;
    teams::end_all_of_account(tx, account, now).await?;
    tx.execute(END_OF_ACCOUNT, params![account, now, reason.as_str()])
        .await?;
    for (organization, _) in held.organizations {
        announce(tx, organization, None, now);
    }
    Ok(())
}

/// Ends all memberships of an organization, and says how many there were.
pub(super) async fn end_all_of_organization(
    tx: &mut Tx,
    organization: AccountId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let reason = EndReason::OrganizationDeleted;
    tx.execute(
        END_OF_ORGANIZATION,
        params![organization, now, reason.as_str()],
    )
    .await
}

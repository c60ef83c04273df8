//! Making what a seed file names, and leaving alone what is there already.

use anyhow::Context;
use counterfoil_authority::{
    CreateApp, CreateAppRefused, GivePasswordError, IssueRefused, IssueToken, UseCaseError,
};
use counterfoil_domain::account::AccountCreationRefused;
use counterfoil_domain::app::AppCreationRefused;
use counterfoil_domain::authorization::{CreationRefused, Provenance};
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::organization::OrganizationRefused;

use super::references::References;
use super::{App, Organization, Seed, Team, Token, User};
use crate::installation::Installation;

/// What a seed file led to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Users that were made.
    pub users: u64,
    /// Organizations that were made.
    pub organizations: u64,
    /// Teams that were made.
    pub teams: u64,
    /// Apps that were made.
    pub apps: u64,
    /// Tokens that were made.
    pub tokens: u64,
    /// Entries that were left alone, because what they name was there before.
    pub kept: u64,
}

/// What became of one entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Made,
    Kept,
}

impl Seed {
    /// Makes what is not there yet. Nothing at all when the same file was applied before, or when
    /// an entry refers to what is neither there nor in the file.
    pub async fn apply(self, to: &Installation) -> anyhow::Result<Applied> {
        if to.authority.was_seeded(&self.digest).await? {
            let groups = self.organizations.len() + self.teams.len();
            let all = self.users.len() + groups + self.apps.len() + self.tokens.len();
            let kept = u64::try_from(all).unwrap_or(u64::MAX);
            return Ok(Applied {
                kept,
                ..Applied::default()
            });
        }
        let references = References::of(&self, to);
        references
            .demand()
            .await
            .context("the seed file was not applied")?;
        let applied = self.make(to).await;
        applied.context("the seed file was not applied as a whole")
    }

    async fn make(self, to: &Installation) -> anyhow::Result<Applied> {
        let mut applied = Applied::default();
        let mut count = |outcome, made: fn(&mut Applied) -> &mut u64| match outcome {
            Outcome::Made => *made(&mut applied) += 1,
            Outcome::Kept => applied.kept += 1,
        };
        for user in self.users {
            let login = user.account.login.clone();
            let outcome = make_user(user, to).await;
            count(
                outcome.with_context(|| format!("user {login}"))?,
                |applied| &mut applied.users,
            );
        }
        for organization in self.organizations {
            let login = organization.new.login.clone();
            let outcome = make_organization(organization, to).await;
            count(
                outcome.with_context(|| format!("organization {login}"))?,
                |applied| &mut applied.organizations,
            );
        }
        for team in self.teams {
            let name = team.name.clone();
            let outcome = make_team(team, to).await;
            count(
                outcome.with_context(|| format!("team {name}"))?,
                |applied| &mut applied.teams,
            );
        }
        for app in self.apps {
            let client_id = app.client_id.clone();
            let outcome = make_app(app, to).await;
            count(
                outcome.with_context(|| format!("app {client_id}"))?,
                |applied| &mut applied.apps,
            );
        }
        for (token, number) in self.tokens.into_iter().zip(0..) {
            let outcome = make_token(token, to).await;
            count(
                outcome.with_context(|| format!("tokens[{number}]"))?,
                |applied| &mut applied.tokens,
            );
        }
        to.authority
            .record_seeding(self.digest, &to.operator)
            .await?;
        Ok(applied)
    }
}

async fn make_user(user: User, to: &Installation) -> anyhow::Result<Outcome> {
    let login = user.account.login.clone();
    match to
        .authority
        .create_account(user.account, &to.operator)
        .await
    {
        Ok(_) => {}
        Err(GivePasswordError::UseCase(UseCaseError::Refused(
            AccountCreationRefused::LoginTaken(_),
        ))) => return Ok(Outcome::Kept),
        Err(error) => return Err(error.into()),
    }
    if let Some(seed) = user.otp_seed {
        to.authority
            .enable_given_two_factor(&login, seed, &to.operator)
            .await?;
    }
    Ok(Outcome::Made)
}

async fn make_organization(
    organization: Organization,
    to: &Installation,
) -> anyhow::Result<Outcome> {
    let Organization { new, members } = organization;
    let login = new.login.clone();
    let made = to.authority.create_organization(new, &to.operator).await;
    match made {
        Ok(_) => {}
        Err(UseCaseError::Refused(OrganizationRefused::LoginTaken)) => {
            return Ok(Outcome::Kept);
        }
        Err(error) => return Err(error.into()),
    }
    for (member, role) in members {
        let set = to
            .authority
            .set_organization_member(&login, &member, role, &to.operator)
            .await;
        set.with_context(|| format!("member {member}"))?;
    }
    Ok(Outcome::Made)
}

async fn make_team(team: Team, to: &Installation) -> anyhow::Result<Outcome> {
    let Team {
        organization,
        name,
        members,
    } = team;
    let slug = name.slug().clone();
    let made = to
        .authority
        .create_team(&organization, name, &to.operator)
        .await;
    match made {
        Ok(_) => {}
        Err(UseCaseError::Refused(OrganizationRefused::SlugTaken)) => {
            return Ok(Outcome::Kept);
        }
        Err(error) => return Err(error.into()),
    }
    for member in members {
        let added = to
            .authority
            .add_team_member(&organization, &slug, &member, &to.operator)
            .await;
        added.with_context(|| format!("member {member}"))?;
    }
    Ok(Outcome::Made)
}

async fn make_app(app: App, to: &Installation) -> anyhow::Result<Outcome> {
    let request = CreateApp {
        owner: app.owner,
        name: app.name,
        url: app.url,
        callback_urls: app.callback_urls,
        device_flow: app.device_flow,
        expiring_tokens: app.expiring_tokens,
        switches: app.switches,
        given: Some((app.client_id, app.client_secret)),
    };
    match to.authority.create_app(request, &to.operator).await {
        Ok(_) => Ok(Outcome::Made),
        Err(UseCaseError::Refused(CreateAppRefused::Creation(
            AppCreationRefused::ClientIdTaken,
        ))) => Ok(Outcome::Kept),
        Err(error) => Err(error.into()),
    }
}

async fn make_token(token: Token, to: &Installation) -> anyhow::Result<Outcome> {
    let known = to
        .authority
        .authenticate_token(&token.plain, ClientAddress::Unix)
        .await;
    if known.is_ok() {
        return Ok(Outcome::Kept);
    }
    let request = IssueToken {
        login: token.login,
        client_id: token.app,
        scopes: token.scopes,
        note: token.note,
        fingerprint: token.fingerprint,
        expires_at: None,
        token: Some(token.plain),
        provenance: Provenance::Import,
    };
    match to.authority.issue_token(request, &to.operator).await {
        Ok(_) => Ok(Outcome::Made),
        Err(UseCaseError::Refused(IssueRefused::Creation(CreationRefused::TokenKnown))) => {
            Ok(Outcome::Kept)
        }
        Err(error) => Err(error.into()),
    }
}

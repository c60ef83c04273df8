//! `counterfoil team`: teams of organizations and who is in them.

use clap::{Args, Subcommand};
use counterfoil_authority::UseCaseError;
use counterfoil_domain::account::Account;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{OrganizationRefused, Slug, TeamName};
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::org::{OneOrganization, all_teams, explain, find};
use crate::commands::pages::every_page;
use crate::commands::secret_input::{self, Assumed};
use crate::commands::table::{Table, count};
use crate::commands::user::no_such_user;
use crate::commands::views::{TeamMemberView, TeamView};
use crate::commands::{completion, values};
use crate::installation::Installation;

/// The commands about teams.
#[derive(Debug, Subcommand)]
pub(crate) enum TeamCommand {
    /// Create a team in an organization
    ///
    /// In paths the team is known by its slug: the name in lower case, with hyphens for everything
    /// but letters and digits.
    #[command(aliases = ["add", "new"], after_help = "\
Example:
  counterfoil team create acme 'Site Reliability'
  counterfoil team member add acme site-reliability octocat")]
    Create(CreateArguments),
    /// List the teams of an organization
    #[command(alias = "ls")]
    List(OneOrganization),
    /// Delete a team; its members stay in the organization
    ///
    /// At a terminal the slug must be typed once more; without one --yes is needed.
    #[command(aliases = ["rm", "remove"], after_help = "\
Example:
  counterfoil team delete acme site-reliability --yes")]
    Delete(DeleteArguments),
    /// Say who is in a team
    #[command(alias = "members", subcommand)]
    Member(TeamMemberCommand),
}

/// The commands about members of a team.
#[derive(Debug, Subcommand)]
pub(crate) enum TeamMemberCommand {
    /// Put a member of the organization into a team
    Add(OneMember),
    /// Take a user out of a team, but not out of the organization
    #[command(aliases = ["rm", "delete"])]
    Remove(OneMember),
    /// List the members of a team
    #[command(alias = "ls")]
    List(OneTeam),
}

/// Which team.
#[derive(Args, Debug)]
pub(crate) struct OneTeam {
    #[command(flatten)]
    place: OneOrganization,
    /// The team's slug, as `team list` shows it
    #[arg(value_name = "TEAM", value_parser = values::slug)]
    team: Slug,
}

/// What a new team is given.
#[derive(Args, Debug)]
pub(crate) struct CreateArguments {
    #[command(flatten)]
    place: OneOrganization,
    /// What the team is called
    #[arg(value_parser = values::team_name)]
    name: TeamName,
}

/// Which team to delete.
#[derive(Args, Debug)]
pub(crate) struct DeleteArguments {
    #[command(flatten)]
    team: OneTeam,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// Which user, in which team.
#[derive(Args, Debug)]
pub(crate) struct OneMember {
    #[command(flatten)]
    team: OneTeam,
    /// The user's login
    #[arg(value_name = "LOGIN", value_parser = values::login, add = completion::users())]
    member: Login,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: TeamCommand,
    installation: &Installation,
) -> anyhow::Result<Answer> {
    match command {
        TeamCommand::Create(arguments) => create(arguments, installation).await,
        TeamCommand::List(one) => list(&one.login, installation).await,
        TeamCommand::Delete(arguments) => delete(&arguments, installation).await,
        TeamCommand::Member(TeamMemberCommand::Add(one)) => add_member(&one, installation).await,
        TeamCommand::Member(TeamMemberCommand::Remove(one)) => {
            remove_member(&one, installation).await
        }
        TeamCommand::Member(TeamMemberCommand::List(one)) => list_members(&one, installation).await,
    }
}

async fn create(arguments: CreateArguments, to: &Installation) -> anyhow::Result<Answer> {
    let CreateArguments { place, name } = arguments;
    let organization = place.login;
    let made = to
        .authority
        .create_team(&organization, name.clone(), &to.operator)
        .await;
    let team = made.map_err(|error| match error {
        UseCaseError::Refused(OrganizationRefused::SlugTaken) => anyhow::anyhow!(
            "{organization} has a team {}; choose another name: the slug is made of its letters and digits",
            name.slug()
        ),
        error => explain(&organization, error),
    })?;
    let sentence = format!("created team {} in {organization}", name.slug());
    Ok(Answer::done(TeamView::from(&team), sentence))
}

async fn list(organization: &Login, of: &Installation) -> anyhow::Result<Answer> {
    let organization = find(organization, of).await?;
    let views = all_teams(&organization, of).await?;
    let mut table = Table::new(["TEAM", "NAME", "MEMBERS", "ID", "CREATED"]);
    for view in &views {
        table.push([
            view.slug.clone(),
            view.name.clone(),
            view.members.to_string(),
            view.id.to_string(),
            view.created_at.clone(),
        ]);
    }
    Ok(Answer::data(&views, table.to_text()))
}

async fn delete(arguments: &DeleteArguments, of: &Installation) -> anyhow::Result<Answer> {
    let one = &arguments.team;
    let (organization, slug) = (&one.place.login, &one.team);
    let found = of.authority.find_team(organization, slug, &of.operator);
    found.await.map_err(|error| one.explain(error))?;
    secret_input::confirm(
        "delete this team",
        slug.as_str(),
        Assumed::when(arguments.yes),
    )?;
    let deleted = of
        .authority
        .delete_team(organization, slug, &of.operator)
        .await;
    let members = deleted.map_err(|error| one.explain(error))?;
    let document = json!({
        "organization": organization.as_str(),
        "slug": slug.as_str(),
        "memberships_ended": members,
    });
    let members = count(members, "membership");
    let sentence = format!("deleted team {slug} of {organization} with {members}");
    Ok(Answer::done(document, sentence))
}

async fn add_member(one: &OneMember, of: &Installation) -> anyhow::Result<Answer> {
    let (organization, slug) = (&one.team.place.login, &one.team.team);
    let member = &one.member;
    let added = of
        .authority
        .add_team_member(organization, slug, member, &of.operator)
        .await;
    let changed = added.map_err(|error| one.explain(error))?;
    let sentence = if changed {
        format!("put {member} into team {slug} of {organization}")
    } else {
        format!("{member} was in team {slug} of {organization} before")
    };
    let document = json!({
        "organization": organization.as_str(),
        "slug": slug.as_str(),
        "login": member.as_str(),
        "changed": changed,
    });
    Ok(Answer::done(document, sentence))
}

async fn remove_member(one: &OneMember, of: &Installation) -> anyhow::Result<Answer> {
    let (organization, slug) = (&one.team.place.login, &one.team.team);
    let member = &one.member;
    let removed = of
        .authority
        .remove_team_member(organization, slug, member, &of.operator)
        .await;
    removed.map_err(|error| one.explain(error))?;
    let document = json!({
        "organization": organization.as_str(),
        "slug": slug.as_str(),
        "login": member.as_str(),
        "removed": true,
    });
    let sentence = format!("took {member} out of team {slug} of {organization}");
    Ok(Answer::done(document, sentence))
}

async fn list_members(one: &OneTeam, of: &Installation) -> anyhow::Result<Answer> {
    let found = of
        .authority
        .find_team(&one.place.login, &one.team, &of.operator);
    let team = found.await.map_err(|error| one.explain(error))?;
    let list = async |page| {
        of.authority
            .list_team_members(team.id, page, &of.operator)
            .await
    };
    let accounts: Vec<Account> = every_page(list).await?;
    let views: Vec<_> = accounts.iter().map(TeamMemberView::from).collect();
    let mut table = Table::new(["LOGIN"]);
    for view in &views {
        table.push([view.login.clone()]);
    }
    Ok(Answer::data(&views, table.to_text()))
}

impl OneTeam {
    /// The sentence for what went wrong with the team.
    fn explain(&self, error: UseCaseError<OrganizationRefused>) -> anyhow::Error {
        let (organization, slug) = (&self.place.login, &self.team);
        match error {
            UseCaseError::Refused(OrganizationRefused::NoSuchTeam) => anyhow::anyhow!(
                "there is no team {slug} in {organization}; `counterfoil team list {organization}` shows its teams"
            ),
            error => explain(organization, error),
        }
    }
}

impl OneMember {
    /// The sentence for what went wrong with a member of the team.
    fn explain(&self, error: UseCaseError<OrganizationRefused>) -> anyhow::Error {
        let (organization, member) = (&self.team.place.login, &self.member);
        match error {
            UseCaseError::Refused(OrganizationRefused::NoSuchUser) => no_such_user(member),
            UseCaseError::Refused(OrganizationRefused::NotAMember) => {
                anyhow::anyhow!(
                    "{member} is not in team {} of {organization}",
                    self.team.team
                )
            }
            UseCaseError::Refused(OrganizationRefused::NotInOrganization) => anyhow::anyhow!(
                "{member} is not a member of {organization}; `counterfoil org member add {organization} {member}` makes \
                 one"
            ),
            error => self.team.explain(error),
        }
    }
}

//! `counterfoil org`: organizations and who is in them.

use clap::{Args, Subcommand};
use counterfoil_authority::UseCaseError;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{
    Member, MemberFilter, NewOrganization, Organization, OrganizationRefused, Role, Team,
};
use counterfoil_domain::text::DisplayName;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::pages::every_page;
use crate::commands::secret_input::{self, Assumed};
use crate::commands::table::{Table, count, facts, or_hyphen};
use crate::commands::user::no_such_user;
use crate::commands::views::{MemberView, OrganizationView, TeamView};
use crate::commands::{completion, values};
use crate::installation::Installation;

/// The commands about organizations.
#[derive(Debug, Subcommand)]
pub(crate) enum OrgCommand {
    /// Create an organization; no user may have its login, and it none of theirs
    #[command(aliases = ["add", "new"], after_help = "\
Example:
  counterfoil org create acme --name 'Acme Corporation'
  counterfoil org member add acme octocat --admin")]
    Create(CreateArguments),
    /// List all organizations
    #[command(alias = "ls")]
    List,
    /// Show one organization with its members and teams
    #[command(alias = "get")]
    Show(OneOrganization),
    /// Delete an organization with its apps, teams and memberships; the login stays taken
    ///
    /// At a terminal the login must be typed once more; without one --yes is needed.
    #[command(aliases = ["rm", "remove"], after_help = "\
Example:
  counterfoil org delete acme --yes")]
    Delete(DeleteArguments),
    /// Say who is in an organization
    #[command(alias = "members", subcommand)]
    Member(OrgMemberCommand),
}

/// The commands about members of an organization.
#[derive(Debug, Subcommand)]
pub(crate) enum OrgMemberCommand {
    /// Make a user a member, or change what a member is: with --admin an administrator, else an
    /// ordinary member
    Add(AddMemberArguments),
    /// Take a user out of an organization and all its teams
    #[command(aliases = ["rm", "delete"])]
    Remove(OneMember),
    /// List the members of an organization
    #[command(alias = "ls")]
    List(OneOrganization),
}

/// Which organization.
#[derive(Args, Debug)]
pub(crate) struct OneOrganization {
    /// The organization's login
    #[arg(value_name = "ORG", value_parser = values::login, add = completion::organizations())]
    pub(super) login: Login,
}

/// What a new organization is given.
#[derive(Args, Debug)]
pub(crate) struct CreateArguments {
    /// The login: 1 to 39 letters, digits and single hyphens; programs know the organization by it
    #[arg(value_name = "ORG", value_parser = values::new_login)]
    login: Login,
    /// What the organization is called
    #[arg(long, value_parser = values::name)]
    name: Option<DisplayName>,
}

/// Which organization to delete.
#[derive(Args, Debug)]
pub(crate) struct DeleteArguments {
    #[command(flatten)]
    organization: OneOrganization,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// Which user, in which organization.
#[derive(Args, Debug)]
pub(crate) struct OneMember {
    #[command(flatten)]
    organization: OneOrganization,
    /// The user's login
    #[arg(value_name = "LOGIN", value_parser = values::login, add = completion::users())]
    member: Login,
}

/// Whom to make a member, and of which kind.
#[derive(Args, Debug)]
pub(crate) struct AddMemberArguments {
    #[command(flatten)]
    place: OneMember,
    /// Make the user an administrator of the organization
    #[arg(long)]
    admin: bool,
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: OrgCommand,
    installation: &Installation,
) -> anyhow::Result<Answer> {
    match command {
        OrgCommand::Create(arguments) => create(arguments, installation).await,
        OrgCommand::List => list(installation).await,
        OrgCommand::Show(one) => show(&one.login, installation).await,
        OrgCommand::Delete(arguments) => delete(&arguments, installation).await,
        OrgCommand::Member(OrgMemberCommand::Add(arguments)) => {
            add_member(&arguments, installation).await
        }
        OrgCommand::Member(OrgMemberCommand::Remove(one)) => {
            remove_member(&one, installation).await
        }
        OrgCommand::Member(OrgMemberCommand::List(one)) => {
            list_members(&one.login, installation).await
        }
    }
}

async fn create(arguments: CreateArguments, to: &Installation) -> anyhow::Result<Answer> {
    let CreateArguments { login, name } = arguments;
    let new = NewOrganization {
        login: login.clone(),
        name,
    };
    let made = to.authority.create_organization(new, &to.operator).await;
    let organization = made.map_err(|error| explain(&login, error))?;
    let view = OrganizationView::from(&organization);
    Ok(Answer::done(view, format!("created organization {login}")))
}

async fn list(of: &Installation) -> anyhow::Result<Answer> {
    let organizations = of.authority.list_organizations().await?;
    let views: Vec<_> = organizations.iter().map(OrganizationView::from).collect();
    let mut table = Table::new(["LOGIN", "NAME", "CREATED"]);
    for view in &views {
        table.push([
            view.login.clone(),
            or_hyphen(view.name.as_ref()),
            view.created_at.clone(),
        ]);
    }
    Ok(Answer::data(&views, table.to_text()))
}

async fn show(login: &Login, of: &Installation) -> anyhow::Result<Answer> {
    let organization = find(login, of).await?;
    let members = all_members(&organization, of).await?;
    let teams = all_teams(&organization, of).await?;
    let view = OrganizationView::from(&organization);
    let mut pairs = vec![
        ("login", view.login.clone()),
        ("id", view.id.to_string()),
        ("name", or_hyphen(view.name.as_ref())),
        ("created", view.created_at.clone()),
    ];
    pairs.extend(
        members
            .iter()
            .map(|member| (member.role, member.login.clone())),
    );
    pairs.extend(teams.iter().map(|team| ("team", team.slug.clone())));
    let text = facts(&pairs);
    let mut document = serde_json::to_value(view)?;
    document["members"] = serde_json::to_value(members)?;
    document["teams"] = serde_json::to_value(teams)?;
    Ok(Answer::data(document, text))
}

async fn delete(arguments: &DeleteArguments, of: &Installation) -> anyhow::Result<Answer> {
    let login = &arguments.organization.login;
    find(login, of).await?;
    secret_input::confirm(
        "delete this organization",
        login.as_str(),
        Assumed::when(arguments.yes),
    )?;
    let deleted = of.authority.delete_organization(login, &of.operator).await;
    let deleted = deleted.map_err(|error| explain(login, error))?;
    let sentence = format!(
        "deleted organization {login} with {}, {} and {}",
        count(deleted.members, "membership"),
        count(deleted.teams, "team"),
        count(deleted.apps, "app")
    );
    let document = json!({
        "login": login.as_str(),
        "memberships_ended": deleted.members,
        "teams_deleted": deleted.teams,
        "apps_deleted": deleted.apps,
    });
    Ok(Answer::done(document, sentence))
}

async fn add_member(arguments: &AddMemberArguments, of: &Installation) -> anyhow::Result<Answer> {
    let organization = &arguments.place.organization.login;
    let member = &arguments.place.member;
    let role = if arguments.admin {
        Role::Admin
    } else {
        Role::Member
    };
    let set = of
        .authority
        .set_organization_member(organization, member, role, &of.operator)
        .await;
    let changed = set.map_err(|error| explain_member(organization, member, error))?;
    let kind = match role {
        Role::Admin => "an administrator",
        Role::Member => "a member",
    };
    let sentence = if changed {
        format!("made {member} {kind} of {organization}")
    } else {
        format!("{member} was {kind} of {organization} before")
    };
    let document = json!({
        "organization": organization.as_str(),
        "login": member.as_str(),
        "role": role.as_str(),
        "changed": changed,
    });
    Ok(Answer::done(document, sentence))
}

async fn remove_member(one: &OneMember, of: &Installation) -> anyhow::Result<Answer> {
    let (organization, member) = (&one.organization.login, &one.member);
    let removed = of
        .authority
        .remove_organization_member(organization, member, &of.operator)
        .await;
    removed.map_err(|error| explain_member(organization, member, error))?;
    let document = json!({
        "organization": organization.as_str(),
        "login": member.as_str(),
        "removed": true,
    });
    let sentence = format!("took {member} out of {organization} and its teams");
    Ok(Answer::done(document, sentence))
}

async fn list_members(login: &Login, of: &Installation) -> anyhow::Result<Answer> {
    let organization = find(login, of).await?;
    let views = all_members(&organization, of).await?;
    let mut table = Table::new(["LOGIN", "ROLE"]);
    for view in &views {
        table.push([view.login.clone(), view.role.to_owned()]);
    }
    Ok(Answer::data(&views, table.to_text()))
}

/// The organization of a login.
pub(super) async fn find(login: &Login, of: &Installation) -> anyhow::Result<Organization> {
    let found = of.authority.find_organization(login).await;
    found.map_err(|error| explain(login, error))
}

async fn all_members(of: &Organization, at: &Installation) -> anyhow::Result<Vec<MemberView>> {
    let list = async |page| {
        at.authority
            .list_organization_members(of.id, MemberFilter::default(), page, &at.operator)
            .await
    };
    let members: Vec<Member> = every_page(list).await?;
    Ok(members.iter().map(MemberView::from).collect())
}

/// All teams of an organization.
pub(super) async fn all_teams(
    of: &Organization,
    at: &Installation,
) -> anyhow::Result<Vec<TeamView>> {
    let list = async |page| at.authority.list_teams(of.id, page, &at.operator).await;
    let teams: Vec<Team> = every_page(list).await?;
    Ok(teams.iter().map(TeamView::from).collect())
}

/// The sentence for what went wrong with an organization.
pub(super) fn explain(login: &Login, error: UseCaseError<OrganizationRefused>) -> anyhow::Error {
    match error {
        UseCaseError::Refused(OrganizationRefused::NotFound) => anyhow::anyhow!(
            "there is no organization {login}; `counterfoil org list` shows all organizations"
        ),
        UseCaseError::Refused(OrganizationRefused::LoginTaken) => anyhow::anyhow!(
            "the login {login} is taken, by a user or an organization; it stays taken when they are deleted, until \
             `counterfoil user release {login}`"
        ),
        error => anyhow::Error::new(error),
    }
}

/// The sentence for what went wrong with a member of an organization.
fn explain_member(
    organization: &Login,
    member: &Login,
    error: UseCaseError<OrganizationRefused>,
) -> anyhow::Error {
    match error {
        UseCaseError::Refused(OrganizationRefused::NoSuchUser) => no_such_user(member),
        UseCaseError::Refused(OrganizationRefused::NotAMember) => {
            anyhow::anyhow!("{member} is not a member of {organization}")
        }
        error => explain(organization, error),
    }
}

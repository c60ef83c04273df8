//! Organizations and teams, as operators make them.

use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{NewOrganization, Organization, Role, Team, TeamName};

use crate::accounts::GivenToken;
use crate::actors::UserActor;
use crate::answer::Answer;
use crate::world::World;

impl World {
    /// What a user is answered who asks with a token that has these scopes.
    pub async fn get_with_scopes(
        &self,
        user: &UserActor<'_>,
        scopes: &[&str],
        path: &str,
    ) -> Answer {
        let given = GivenToken {
            scopes,
            ..GivenToken::default()
        };
        let token = self.issue_token(user, given).await.token;
        self.anonymous().get_with_token(token.expose(), path).await
    }

    /// Makes an organization without members.
    pub async fn organization(&self, login: &str) -> Organization {
        let new = NewOrganization {
            login: Login::parse(login).expect("a login"),
            name: None,
        };
        let operator = Self::operator();
        let made = self.authority.create_organization(new, &operator).await;
        made.expect("the login is free")
    }

    /// Makes a user a member of an organization, in this role.
    pub async fn join(&self, organization: &Organization, user: &UserActor<'_>, role: Role) {
        let (organization, login) = (&organization.login, &user.account.login);
        self.authority
            .set_organization_member(organization, login, role, &Self::operator())
            .await
            .expect("both are there");
    }

    /// Makes a team of these members of an organization.
    pub async fn team(
        &self,
        organization: &Organization,
        name: &str,
        members: &[&UserActor<'_>],
    ) -> Team {
        let (name, operator) = (TeamName::parse(name).expect("a name"), Self::operator());
        let (organization, slug) = (&organization.login, name.slug().clone());
        let made = self
            .authority
            .create_team(organization, name, &operator)
            .await;
        made.expect("the name is free");
        for member in members {
            let login = &member.account.login;
            self.authority
                .add_team_member(organization, &slug, login, &operator)
                .await
                .expect("who is in the organization may be in a team");
        }
        let made = self
            .authority
            .find_team(organization, &slug, &operator)
            .await;
        made.expect("it was just made")
    }
}

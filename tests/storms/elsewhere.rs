//! What another process changes in the database: it holds at once when this one catches up, as a
//! command asks it to, and within a second at the latest.

use std::time::Duration;

use counterfoil_authority::{Authority, Issued, LEASE};
use counterfoil_domain::account::AccountChange;
use counterfoil_domain::gateway::{PeopleNames, Rule, RuleName, ScopeRequirement};
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{NewOrganization, Role};
use counterfoil_domain::password::Password;
use counterfoil_domain::scope::Standing;
use counterfoil_store::RevokeTokens;
use counterfoil_testkit::{AppActor, GivenToken, UserActor, World};
use http::Method;

use super::{another_process, world_with};

/// What another process ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Token,
    TokensOfTheApp,
    User,
    App,
    Membership,
    Organization,
    Standing,
    ClientSecret,
    Password,
    PasswordAlone,
    Activity,
    ActivityOfTheAppsOwner,
}

const ENDS: [End; 12] = [
    End::Token,
    End::TokensOfTheApp,
    End::User,
    End::App,
    End::Membership,
    End::Organization,
    End::Standing,
    End::ClientSecret,
    End::Password,
    End::PasswordAlone,
    End::Activity,
    End::ActivityOfTheAppsOwner,
];

/// Somebody whose credentials lean on everything that can end.
struct Scene<'w> {
    world: &'w World,
    other: Authority,
    owner: UserActor<'w>,
    app: AppActor,
    organization: Login,
    token: Issued,
}

impl<'w> Scene<'w> {
    async fn set(world: &'w World) -> Self {
        let root = world.user("root").await;
        let owner = world.administrator("mona").await;
        let app = world.app(&root, "An app").await;
        let organization = Login::parse("crew").expect("a login");
        let new = NewOrganization {
            login: organization.clone(),
            name: None,
        };
        let (authority, operator) = (&world.authority, World::operator());
        let made = authority.create_organization(new, &operator).await;
        made.expect("the login is free");
        let login = &owner.account.login;
        let added = authority
            .set_organization_member(&organization, login, Role::Member, &operator)
            .await;
        added.expect("they exist");
        let given = GivenToken {
            app: Some(&app),
            scopes: &["site_admin", "repo"],
            ..GivenToken::default()
        };
        let token = world.issue_token(&owner, given).await;
        let other = another_process(world).await;
        Self {
            world,
            other,
            owner,
            app,
            organization,
            token,
        }
    }

    /// The status of a request that leans on what is to end.
    async fn ask(&self, end: End) -> u16 {
        let gateway = match end {
            End::Token | End::TokensOfTheApp | End::User | End::App | End::Activity => "",
            End::Membership | End::Organization => "/crew",
            End::Standing => "?scopes=site_admin",
            End::ClientSecret | End::ActivityOfTheAppsOwner => {
                let check = self.app.check(self.world, self.token.token.expose());
                return check.await.status.as_u16();
            }
            End::Password | End::PasswordAlone => {
                return self.owner.get("/user").await.status.as_u16();
            }
        };
        let bearer = format!("Bearer {}", self.token.token.expose());
        let request = self
            .world
            .anonymous()
            .request_anywhere(Method::GET, &format!("/gateway/verify{gateway}"))
            .header("authorization", &bearer);
        request.send_unchecked().await.status.as_u16()
    }

    /// Has the other process end it.
    async fn end(&self, end: End) {
        let ended = match end {
            End::Token | End::TokensOfTheApp | End::App | End::ClientSecret => {
                self.end_of_app(end).await
            }
            End::Membership | End::Organization => self.end_of_organization(end).await,
            End::ActivityOfTheAppsOwner => {
                let login = Login::parse("root").expect("a login");
                let suspended = self.other.suspend_account(&login, &World::operator()).await;
                suspended.map(|_| ()).map_err(Into::into)
            }
            End::User | End::Standing | End::Password | End::PasswordAlone | End::Activity => {
                self.end_of_user(end).await
            }
        };
        ended.unwrap_or_else(|error| panic!("{end:?}: {error}"));
    }

    async fn end_of_app(&self, end: End) -> Ended {
        let (other, operator) = (&self.other, World::operator());
        let client_id = &self.app.app.summary.client_id;
        match end {
            End::TokensOfTheApp => drop(other.revoke_tokens_of_app(client_id, &operator).await?),
            End::App => drop(other.delete_app(client_id, &operator).await?),
            End::ClientSecret => {
                drop(other.rotate_app_secret(client_id, None, &operator).await?);
            }
            _ => {
                let id = self.token.authorization.id;
                drop(other.revoke_any_token(id, &operator).await?);
            }
        }
        Ok(())
    }

    async fn end_of_organization(&self, end: End) -> Ended {
        let (other, operator) = (&self.other, World::operator());
        let organization = &self.organization;
        if matches!(end, End::Organization) {
            other.delete_organization(organization, &operator).await?;
        } else {
            let login = &self.owner.account.login;
            let removed = other.remove_organization_member(organization, login, &operator);
            removed.await?;
        }
        Ok(())
    }

    async fn end_of_user(&self, end: End) -> Ended {
        let (other, operator) = (&self.other, World::operator());
        let login = &self.owner.account.login;
        match end {
            End::User => drop(other.delete_account(login, &operator).await?),
            End::Standing => {
                let change = AccountChange {
                    standing: Some(Standing::Ordinary),
                    ..AccountChange::default()
                };
                drop(other.change_account(login, change, &operator).await?);
            }
            End::Activity => assert!(other.suspend_account(login, &operator).await?),
            _ => {
                let tokens = match end {
                    End::Password => RevokeTokens::Revoke,
                    _ => RevokeTokens::Keep,
                };
                let password = Password::choose("another password")?;
                other
                    .set_password(login, password, tokens, &operator)
                    .await?;
            }
        }
        Ok(())
    }
}

type Ended = Result<(), Box<dyn std::error::Error>>;

/// A world with a rule for the members of an organization.
async fn world() -> World {
    let rule = Rule {
        scopes: ScopeRequirement::All(Vec::new()),
        apps: None,
        people: Some(PeopleNames {
            organizations: vec!["crew".parse().expect("a name")],
            ..PeopleNames::default()
        }),
    };
    world_with(|options| {
        let name = RuleName::parse("crew").expect("a name");
        options.gateway.rules = [(name, rule)].into();
    })
    .await
}

#[tokio::test]
async fn what_another_process_ends_has_ended_when_this_one_has_caught_up() {
    for end in ENDS {
        let world = world().await;
        let scene = Scene::set(&world).await;
        for _ in 0..2 {
            assert_eq!(scene.ask(end).await, 200, "{end:?}");
        }
        scene.end(end).await;
        world.authority.catch_up().await.unwrap();
        let status = scene.ask(end).await;
        assert!((401..=404).contains(&status), "{end:?}: {status}");
    }
}

#[tokio::test]
async fn what_another_process_ends_has_ended_within_a_second() {
    for end in ENDS {
        let world = world().await;
        let scene = Scene::set(&world).await;
        // The end comes just after this process has looked.
        world.authority.catch_up().await.unwrap();
        for _ in 0..2 {
            assert_eq!(scene.ask(end).await, 200, "{end:?}");
        }
        scene.end(end).await;
        assert_eq!(LEASE, Duration::from_secs(1));
        world.advance(LEASE);
        let status = scene.ask(end).await;
        assert!((401..=404).contains(&status), "{end:?}: {status}");
    }
}

/// What is remembered is believed for a second at most, so it is remembered at all: nothing else
/// would make this test fail if every check read the database.
#[tokio::test]
async fn what_another_process_has_not_told_of_is_answered_from_memory_meanwhile() {
    let world = world().await;
    let scene = Scene::set(&world).await;
    world.authority.catch_up().await.unwrap();
    assert_eq!(scene.ask(End::Token).await, 200);
    scene.end(End::Token).await;
    assert_eq!(scene.ask(End::Token).await, 200);
    world.authority.catch_up().await.unwrap();
    assert_eq!(scene.ask(End::Token).await, 401);
}

#[tokio::test]
async fn a_token_that_another_process_issued_is_accepted_at_once() {
    let world = world().await;
    let scene = Scene::set(&world).await;
    assert_eq!(scene.ask(End::Token).await, 200);
    let issued = super::issue(&scene.other, &scene.owner, 1).await;
    super::verify(&world, &issued.token, super::HERE)
        .await
        .assert_status(200);
}

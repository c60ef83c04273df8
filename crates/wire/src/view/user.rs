//! A user as bodies show it (wire contract, sections 13 and 19).
//!
//! The three forms grow out of one another: the simple one stands inside other bodies, the public
//! one is what any token sees of its owner, the private one adds what the scope `user` or a
//! password opens. Members about things that do not exist here (repositories, followers) are there
//! because clients read them; they say none.

use counterfoil_domain::access::ShownEmail;
use counterfoil_domain::account::{Account, TwoFactor};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::Organization;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::timestamp::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{PLAN, Time, node_id};
use crate::base::ApiBase;

/// A user inside another body.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "simple-user")]
pub struct SimpleUser<'a> {
    login: &'a str,
    id: i64,
    node_id: String,
    avatar_url: String,
    gravatar_id: &'static str,
    url: String,
    html_url: String,
    followers_url: String,
    following_url: String,
    gists_url: String,
    starred_url: String,
    subscriptions_url: String,
    organizations_url: String,
    repos_url: String,
    events_url: String,
    received_events_url: String,
    #[serde(rename = "type")]
    kind: &'static str,
    user_view_type: &'static str,
    site_admin: bool,
}

impl<'a> SimpleUser<'a> {
    /// The body for this user.
    pub fn new(account: &'a Account, base: &ApiBase) -> Self {
        Self::seen("public", account, base)
    }

    fn seen(user_view_type: &'static str, account: &'a Account, base: &ApiBase) -> Self {
        let owner = Self::named("User", &account.login, account.id, base);
        Self {
            user_view_type,
            site_admin: account.standing == Standing::SiteAdministrator,
            ..owner
        }
    }

    fn named(kind: &'static str, login: &'a Login, id: AccountId, base: &ApiBase) -> Self {
        let url = base.user(login);
        Self {
            login: login.as_str(),
            id: id.0,
            node_id: node_id(kind, id.0),
            avatar_url: base.avatar(id),
            gravatar_id: "",
            html_url: base.user_page(login),
            followers_url: format!("{url}/followers"),
            following_url: format!("{url}/following{{/other_user}}"),
            gists_url: format!("{url}/gists{{/gist_id}}"),
            starred_url: format!("{url}/starred{{/owner}}{{/repo}}"),
            subscriptions_url: format!("{url}/subscriptions"),
            organizations_url: format!("{url}/orgs"),
            repos_url: format!("{url}/repos"),
            events_url: format!("{url}/events{{/privacy}}"),
            received_events_url: format!("{url}/received_events"),
            url,
            kind,
            user_view_type: "public",
            site_admin: false,
        }
    }
}

/// What any token sees of its owner.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "public-user")]
pub struct PublicUser<'a> {
    #[serde(flatten)]
    simple: SimpleUser<'a>,
    name: Option<&'a str>,
    company: Option<&'a str>,
    blog: &'static str,
    location: Option<&'a str>,
    email: Option<&'a str>,
    hireable: Option<bool>,
    bio: Option<&'a str>,
    twitter_username: Option<&'a str>,
    public_repos: u32,
    public_gists: u32,
    followers: u32,
    following: u32,
    created_at: Time,
    updated_at: Time,
    suspended_at: Option<Time>,
}

impl<'a> PublicUser<'a> {
    /// The body for this user.
    pub fn new(account: &'a Account, email: ShownEmail, base: &ApiBase) -> Self {
        Self::around(SimpleUser::new(account, base), account, email)
    }

    /// The body for an organization where users are asked for by login: both have the same space of
    /// names.
    pub fn of_organization(organization: &'a Organization, base: &ApiBase) -> Self {
        let Organization {
            login,
            id,
            name,
            created_at,
            updated_at,
        } = organization;
        let simple = SimpleUser::named("Organization", login, *id, base);
        let name = name.as_ref().map(DisplayName::as_str);
        Self::of(simple, name, (*created_at, *updated_at))
    }

    fn around(simple: SimpleUser<'a>, account: &'a Account, email: ShownEmail) -> Self {
        let email = match email {
            ShownEmail::Hidden => None,
            ShownEmail::Primary => account.email.as_ref().map(EmailAddress::as_str),
        };
        let name = account.name.as_ref().map(DisplayName::as_str);
        Self {
            email,
            suspended_at: account.suspended_at.map(Time),
            ..Self::of(
                simple,
                name,
                (account.created_at, account.profile_updated_at),
            )
        }
    }

    fn of(
        simple: SimpleUser<'a>,
        name: Option<&'a str>,
        (created_at, updated_at): (Timestamp, Timestamp),
    ) -> Self {
        Self {
            simple,
            name,
            company: None,
            blog: "",
            location: None,
            email: None,
            hireable: None,
            bio: None,
            twitter_username: None,
            public_repos: 0,
            public_gists: 0,
            followers: 0,
            following: 0,
            created_at: Time(created_at),
            updated_at: Time(updated_at),
            suspended_at: None,
        }
    }
}

/// What a user sees with a password, or a token with the scope `user` or `read:user`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "private-user")]
pub struct PrivateUser<'a> {
    #[serde(flatten)]
    public: PublicUser<'a>,
    private_gists: u32,
    total_private_repos: u32,
    owned_private_repos: u32,
    disk_usage: u32,
    collaborators: u32,
    two_factor_authentication: bool,
    plan: Plan,
}

impl<'a> PrivateUser<'a> {
    /// The body for this user.
    pub fn new(account: &'a Account, email: ShownEmail, base: &ApiBase) -> Self {
        let simple = SimpleUser::seen("private", account, base);
        Self {
            public: PublicUser::around(simple, account, email),
            private_gists: 0,
            total_private_repos: 0,
            owned_private_repos: 0,
            disk_usage: 0,
            collaborators: 0,
            two_factor_authentication: account.two_factor == TwoFactor::On,
            plan: Plan {
                name: PLAN,
                space: 0,
                collaborators: 0,
                private_repos: 0,
            },
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Plan {
    name: &'static str,
    space: u32,
    collaborators: u32,
    private_repos: u32,
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::scope::AdministratorEpoch;

    use super::*;

    #[test]
    fn the_private_form_continues_the_public_one_in_the_recorded_order() {
        let at = Timestamp::from_seconds(1_200_285_275);
        let account = Account {
            id: AccountId(1),
            login: Login::from_stored("octocat".to_owned()),
            name: None,
            email: Some(EmailAddress::from_stored("octocat@example.com".to_owned())),
            standing: Standing::Ordinary,
            administrator_epoch: AdministratorEpoch(0),
            administrator_since: None,
            two_factor: TwoFactor::On,
            suspended_at: None,
            created_at: at,
            updated_at: at,
            profile_updated_at: at,
            suspension_changed_at: None,
            credential_version: 1,
        };
        let base = ApiBase::parse("http://h").unwrap();
        let public = PublicUser::new(&account, ShownEmail::Hidden, &base);
        let public = serde_json::to_value(public).unwrap();
        let private = PrivateUser::new(&account, ShownEmail::Primary, &base);
        let private = serde_json::to_value(private).unwrap();
        let names = |view: &serde_json::Value| -> Vec<_> {
            view.as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(
            names(&public)[..4],
            ["login", "id", "node_id", "avatar_url"]
        );
        assert_eq!(names(&private)[..names(&public).len()], names(&public));
        assert_eq!(names(&private).last().unwrap(), "plan");
        assert_eq!(public["node_id"], "MDQ6VXNlcjE=");
        assert_eq!(
            public["following_url"],
            "http://h/api/v3/users/octocat/following{/other_user}"
        );
        assert_eq!(
            (&public["email"], &private["email"]),
            (&serde_json::Value::Null, &"octocat@example.com".into())
        );
        assert_eq!(private["two_factor_authentication"], true);
    }
}

//! An installation that has two of everything that a parameter can name.

use counterfoil_domain::organization::{Role, Team};
use counterfoil_server::routes::Credential;
use counterfoil_testkit::{
    AppActor, GivenToken, REST_ROUTES, RequestBuilder, TokenActor, UserActor, World,
};
use counterfoil_wire::documentation::Operation;
use http::Method;
use serde_json::json;

/// mona, who asks, administers acme and beta and is in a team of each. hubot is in acme and in both
/// of its teams, has a second factor, and somebody acts as them. Two apps have tokens of mona's.
pub(super) struct Scene<'w> {
    pub(super) world: &'w World,
    pub(super) mona: UserActor<'w>,
    pub(super) hubot: UserActor<'w>,
    pub(super) apps: [AppActor; 2],
    /// Tokens of the first app, of mona and of hubot.
    pub(super) tokens: [String; 2],
    pub(super) grants: [i64; 2],
    /// One of mona's with the first app, and a personal one.
    pub(super) authorizations: [i64; 2],
    pub(super) teams: [Team; 2],
    administrator: TokenActor<'w>,
}

impl<'w> Scene<'w> {
    pub(super) async fn new(world: &'w World) -> Self {
        let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
        world.user("stranger").await;
        let root = world.administrator("root").await;
        let apps = [
            world.app(&mona, "Deployer").await,
            world.app(&mona, "Builder").await,
        ];
        let desk = mona.personal_token("desk", &[]).await.id();
        let of_app = mona.app_token(&apps[0], &["repo"]).await;
        let tokens = [of_app.token(), hubot.app_token(&apps[0], &[]).await.token()];
        mona.app_token(&apps[1], &[]).await;
        let grants = mona.ids("/applications/grants").await;
        let (acme, beta) = (
            world.organization("acme").await,
            world.organization("beta").await,
        );
        for organization in [&acme, &beta] {
            world.join(organization, &mona, Role::Admin).await;
        }
        world.join(&acme, &hubot, Role::Member).await;
        let teams = [
            world.team(&acme, "Ops", &[&mona, &hubot]).await,
            world.team(&acme, "Design", &[&hubot]).await,
        ];
        world.team(&beta, "Sales", &[&mona]).await;
        let given = GivenToken {
            scopes: &["site_admin"],
            ..GivenToken::default()
        };
        let token = world.issue_token(&root, given).await.token;
        let administrator = world.anonymous().with_token(token.expose());
        let acting = administrator.request(Method::POST, "/admin/users/hubot/authorizations");
        let acting = acting.json(&json!({ "scopes": [] })).send().await;
        acting.assert_status(201);
        world.enable_two_factor(&hubot).await;
        Self {
            world,
            mona,
            hubot,
            apps,
            tokens,
            grants: grants.try_into().expect("there are two"),
            authorizations: [of_app.id(), desk],
            teams,
            administrator,
        }
    }

    /// A request for an operation by whoever may make it.
    pub(super) fn request(
        &self,
        operation: Operation,
        method: Method,
        path: &str,
    ) -> RequestBuilder<'w> {
        let route = REST_ROUTES
            .iter()
            .find(|route| route.operation == operation);
        match route.expect("every operation has a row").credential {
            Credential::Password | Credential::PasswordOrToken | Credential::Optional => {
                self.mona.request(method, path)
            }
            Credential::Administrator => self.administrator.request(method, path),
            Credential::App => {
                let AppActor {
                    client_id,
                    client_secret,
                    ..
                } = &self.apps[0];
                let anonymous = self.world.anonymous();
                anonymous
                    .request(method, path)
                    .basic(client_id, client_secret)
            }
            other => panic!("{other:?} is the credential of no operation"),
        }
    }
}

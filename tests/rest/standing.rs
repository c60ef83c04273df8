//! What a token of an ordinary user may do that carries every scope of administrators: what one
//! without scopes may, and nothing more, whichever row of the table is asked.

use counterfoil_domain::scope::Scope;
use counterfoil_server::routes::Credential;
use counterfoil_testkit::{
    AppActor, GivenToken, REST_ROUTES, RestRoute, TokenActor, UserActor, World,
};
use serde_json::json;

/// What is asked about: another user with an authorization.
struct Scene<'w> {
    world: &'w World,
    hubot: UserActor<'w>,
    app: AppActor,
    authorization: i64,
    /// A token of an ordinary user with scopes of administrators, and one of the same user without
    /// any.
    tokens: [TokenActor<'w>; 2],
}

impl<'w> Scene<'w> {
    async fn set(world: &'w World) -> Self {
        let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
        let app = world.app(&hubot, "An app").await;
        let authorization = hubot.personal_token("desk", &["repo"]).await.id();
        let all: Vec<_> = Scope::all()
            .filter(|scope| scope.is_for_administrators())
            .map(Scope::name)
            .collect();
        assert!(all.contains(&"site_admin"));
        let mut tokens = Vec::new();
        for scopes in [all.as_slice(), &[]] {
            let given = GivenToken {
                scopes,
                ..GivenToken::default()
            };
            let issued = world.issue_token(&mona, given).await;
            tokens.push(world.anonymous().with_token(issued.token.expose()));
        }
        let tokens = tokens.try_into().ok().expect("there are two");
        Self {
            world,
            hubot,
            app,
            authorization,
            tokens,
        }
    }

    fn path(&self, route: &RestRoute) -> String {
        let id = self.authorization.to_string();
        route
            .path
            .replace("{client_id}", &self.app.client_id)
            .replace("{username}", self.hubot.account.login.as_str())
            .replace("{token_id}", &id)
            .replace("{authorization_id}", &id)
            .replace("{grant_id}", "1")
            .replace("{fingerprint}", "desk")
            .replace("{access_token}", "none")
            .replace("{org}", "crew")
            .replace("{org_id}", "999")
            .replace("{account_id}", self.hubot.account.id.to_string().as_str())
            .replace("{team_slug}", "core")
            .replace("{team_id}", "1")
    }
}

#[tokio::test]
async fn scopes_of_administrators_open_nothing_to_others_at_any_row() {
    let world = World::new().await;
    let scene = Scene::set(&world).await;
    let before = scene.world.events().await.len();
    for route in REST_ROUTES.iter() {
        let path = scene.path(route);
        assert!(
            !path.contains('{'),
            "{path} has a part that this test does not know"
        );
        let mut answers = Vec::new();
        for token in &scene.tokens {
            let request = token.request(route.method.clone(), &path);
            let body = json!({ "login": "new", "scopes": [], "access_token": "none" });
            answers.push(request.json(&body).send_unchecked().await);
        }
        let [carrying, plain] = answers.as_slice() else {
            unreachable!("there are two tokens")
        };
        let what = format!("{} {path}", route.method);
        assert_eq!(carrying.status, plain.status, "{what}");
        assert_eq!(carrying.body, plain.body, "{what}");
        if route.credential == Credential::Administrator {
            assert_eq!(carrying.assert_status(404).message(), "Not Found", "{what}");
        }
    }
    assert_eq!(scene.world.events().await.len(), before);
}

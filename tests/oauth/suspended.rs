//! Apps that an operator suspended.

use counterfoil_testkit::World;
use http::Method;

use super::{AUTHORIZE, Scene};

impl Scene<'_> {
    /// Whether that changed anything.
    pub(super) async fn suspend_app(&self) -> bool {
        let (client_id, operator) = (&self.app.app.summary.client_id, World::operator());
        let suspended = self.world.authority.suspend_app(client_id, &operator);
        suspended.await.expect("the app is there")
    }

    pub(super) async fn unsuspend_app(&self) -> bool {
        let (client_id, operator) = (&self.app.app.summary.client_id, World::operator());
        let lifted = self.world.authority.unsuspend_app(client_id, &operator);
        lifted.await.expect("the app is there")
    }
}

#[tokio::test]
async fn a_suspended_app_asks_nobody_and_proves_nothing_until_that_is_lifted() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let token = scene.token(&scene.code("&scope=gist").await, &[]).await;
    // Remembered, so that the suspension must reach what is.
    scene.app.check(&world, &token).await.assert_status(200);
    let code = scene.code("&scope=repo").await;
    assert!(scene.suspend_app().await);
    assert!(!scene.suspend_app().await);

    let page = scene.asks("&scope=user").await;
    let text = page.assert_status(400).text();
    assert!(text.contains("This app is suspended"), "{text}");
    assert!(!text.contains("app.example.com"), "{text}");
    assert_eq!(
        scene.error(&code, &[]).await,
        "incorrect_client_credentials"
    );
    scene.app.check(&world, &token).await.assert_status(401);
    scene.app.reset(&world, &token).await.assert_status(401);
    // It is the user's token.
    assert!(scene.accepts(&token).await);

    assert!(scene.unsuspend_app().await);
    assert!(!scene.unsuspend_app().await);
    scene.app.check(&world, &token).await.assert_status(200);
    scene.asks("&scope=user").await.assert_status(200);
    let actions = world.audit_actions().await;
    for action in ["app.suspended", "app.unsuspended"] {
        let left = actions.iter().filter(|left| *left == action).count();
        assert_eq!(left, 1, "{action}");
    }
}

#[tokio::test]
async fn an_answer_that_was_read_before_the_suspension_leads_nobody_to_the_app() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    for answer in ["allow", "cancel"] {
        let page = scene.asks("&prompt=select_account").await;
        page.assert_status(200);
        scene.suspend_app().await;
        let typed = [("answer", answer)];
        let answered = scene.visitor.submit(&page, AUTHORIZE, &typed);
        let text = answered.await.assert_status(400).text();
        assert!(text.contains("This app is suspended"), "{text}");
        assert!(!text.contains("app.example.com"), "{text}");
        scene.unsuspend_app().await;
    }
    let actions = world.audit_actions().await;
    assert!(
        !actions.contains(&"consent.given".to_owned()),
        "{actions:?}"
    );
}

#[tokio::test]
async fn nobody_is_taken_for_a_suspended_app_that_has_a_secret() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let token = scene.token(&scene.code("&scope=gist").await, &[]).await;
    let body = format!("client_id={}&token={token}", scene.app.client_id);
    let by_id_alone = async || {
        world
            .anonymous()
            .request_anywhere(Method::POST, "/login/oauth/revoke")
            .bytes(body.as_bytes())
            .send_unchecked()
            .await
    };
    by_id_alone().await.assert_status(401);
    scene.suspend_app().await;
    by_id_alone().await.assert_status(401);
    assert!(scene.accepts(&token).await);
}

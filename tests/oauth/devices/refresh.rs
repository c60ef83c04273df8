//! What a device got whose app's tokens expire.

use std::time::Duration;

use counterfoil_domain::app::ExpiringTokens;
use counterfoil_testkit::{Answer, World};

use super::super::refresh::{Pair, pair_in};
use super::{Scene, error_in};

impl Scene<'_> {
    /// What a device gets that its user lets in.
    async fn pair_of_device(&self) -> Pair {
        let device = self.device("repo").await;
        self.answers(&device, "allow").await.assert_status(303);
        pair_in(&self.poll(&device).await)
    }

    /// The answer to a refresh that brings no secret.
    pub(super) async fn refreshed_without_secret(&self, refresh: &str) -> Answer {
        let fields = [
            ("client_id", self.app.client_id.as_str()),
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh),
        ];
        self.exchange_of(&fields).send_unchecked().await
    }
}

#[tokio::test]
async fn what_a_device_got_is_refreshed_without_a_secret_and_any_repetition_ends_it() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    scene.let_expire(ExpiringTokens::Enabled).await;
    let first = scene.pair_of_device().await;
    world.advance(Duration::from_hours(9));
    assert!(!scene.accepts(&first.access).await);
    let second = pair_in(&scene.refreshed_without_secret(&first.refresh).await);
    assert!(scene.accepts(&second.access).await);
    let again = scene.refreshed_without_secret(&first.refresh).await;
    assert_eq!(error_in(&again), "bad_refresh_token");
    assert!(!scene.accepts(&second.access).await);
    assert_eq!(scene.live().await, 0);
}

#[tokio::test]
async fn an_app_that_is_suspended_or_whose_owner_is_refreshes_nothing_with_or_without_its_secret() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    scene.let_expire(ExpiringTokens::Enabled).await;
    let pair = scene.pair_of_device().await;
    scene.suspend_app().await;
    let refused = scene.refreshed_without_secret(&pair.refresh).await;
    assert_eq!(error_in(&refused), "bad_refresh_token");
    scene.unsuspend_app().await;
    let pair = pair_in(&scene.refreshed_without_secret(&pair.refresh).await);
    let owner = &scene.hubot.account.login;
    let operator = World::operator();
    let suspended = world.authority.suspend_account(owner, &operator);
    suspended.await.expect("the user is there");
    let refused = scene.refreshed_without_secret(&pair.refresh).await;
    assert_eq!(error_in(&refused), "bad_refresh_token");
    assert!(scene.accepts(&pair.access).await);
}

#[tokio::test]
async fn with_its_app_s_secret_a_device_s_tokens_are_refreshed_like_others() {
    let world = World::for_browsers().await;
    let scene = Scene::for_devices(&world).await;
    scene.let_expire(ExpiringTokens::Enabled).await;
    let first = scene.pair_of_device().await;
    let second = scene.refreshed(&first.refresh).await;
    scene.refused(&first.refresh).await;
    assert!(scene.accepts(&second.access).await);
}

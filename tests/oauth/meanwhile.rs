//! What is changed between the moment at which a page looks at it and the one at which its code, or
//! its question, is committed.

use counterfoil_testkit::{Answer, TestDatabase, World};
use futures_util::poll;
use tokio::task::yield_now;

use super::{CALLBACK, Scene, location, parameter};

impl Scene<'_> {
    /// What the user is answered who comes while somebody else, who runs these statements, is about
    /// to commit them.
    async fn asks_while(&self, more: &str, statements: &str) -> Answer {
        let database = self.world.database();
        let begun = database.begin(statements);
        let address = self.address(more);
        let mut under_way = Box::pin(self.visitor.get(&address));
        assert!(poll!(&mut under_way).is_pending());
        // In a file everything was read by now. On a server the writing has begun.
        if matches!(database, TestDatabase::Postgres(..)) {
            while self.world.store.stats().queued == 0 {
                assert!(poll!(&mut under_way).is_pending());
                yield_now().await;
            }
        }
        begun.commit();
        under_way.await
    }

    /// Statements that give the app to another owner, as a transfer does, or its callback to
    /// another moment. The app's row comes first: it is what everybody waits for.
    fn another_owner(&self) -> String {
        let (app, owner) = (self.app.app.summary.id, self.mona.account.id);
        format!(
            "UPDATE apps SET owner_account_id = {owner}, updated_at = updated_at + 1 WHERE id = {app};
            UPDATE callback_urls SET ended_at = created_at, end_reason = 'replaced' WHERE app_id = {app};
            INSERT INTO callback_urls (app_id, url, created_at)
                SELECT app_id, url, created_at + 1 FROM callback_urls WHERE app_id = {app}"
        )
    }

    fn another_callback(&self) -> String {
        let app = self.app.app.summary.id;
        format!(
            "UPDATE apps SET updated_at = updated_at + 1 WHERE id = {app};
            UPDATE callback_urls SET url = 'https://evil.example/' WHERE app_id = {app}"
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_just_before_an_app_is_another_one_is_asked_after_all() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    scene.token(&scene.code("&scope=repo").await, &[]).await;
    scene.asks("&scope=repo").await.assert_status(302);
    let here = scene.address("&scope=repo");
    let answer = scene
        .asks_while("&scope=repo", &scene.another_owner())
        .await;
    answer.assert_status(303);
    assert_eq!(location(&answer), here);
    scene.visitor.get(&here).await.assert_status(200);
    let reused = world.audit_actions().await;
    let reused = reused.iter().filter(|action| *action == "consent.reused");
    assert_eq!(reused.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_goes_to_no_callback_that_was_replaced_just_before() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let more = format!("&scope=repo&redirect_uri={CALLBACK}");
    scene.token(&scene.code(&more).await, &[]).await;
    let here = scene.address(&more);
    // Without a question, and with one.
    for more in [more.clone(), more.replace("repo", "gist")] {
        let here = scene.address(&more);
        scene.change_callbacks(&[CALLBACK]).await;
        let answer = scene.asks_while(&more, &scene.another_callback()).await;
        answer.assert_status(303);
        assert_eq!(location(&answer), here);
    }
    let told = scene.visitor.get(&here).await;
    assert_eq!(parameter(&location(&told), "code"), None);
}

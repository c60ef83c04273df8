//! An app that goes to another owner: everybody is asked again who let it in.

use std::time::Duration;

use counterfoil_domain::login::Login;
use counterfoil_domain::mail::{MailKind, MailWords};
use counterfoil_testkit::World;

use super::{AUTHORIZE, Scene};
use crate::links::{sent, with_mail};

impl Scene<'_> {
    /// An operator gives the app to whoever has this login.
    pub(super) async fn transfer(&self, to: &Login) {
        let client_id = &self.app.app.summary.client_id;
        let operator = World::operator();
        let given = self.world.authority.transfer_app(client_id, to, &operator);
        given.await.expect("both are there");
    }
}

#[tokio::test]
async fn who_let_an_app_in_is_asked_again_once_it_has_another_owner() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let acme = world.organization("acme").await;
    let token = scene.token(&scene.code("&scope=repo").await, &[]).await;
    scene.asks("&scope=repo").await.assert_status(302);
    // A code that waits for the app, and a question that waits for the user.
    let code = scene.code("&scope=gist").await;
    let page = scene.asks("&scope=user").await;
    page.assert_status(200);
    world.advance(Duration::from_mins(1));
    scene.transfer(&acme.login).await;
    assert_eq!(scene.error(&code, &[]).await, "bad_verification_code");
    let allow = [("answer", "allow")];
    let answer = scene.visitor.submit(&page, AUTHORIZE, &allow).await;
    answer.assert_status(403);
    let asked = scene.asks("&scope=repo").await;
    asked.assert_status(200);
    assert!(asked.text().contains("acme"), "{}", asked.text());
    // What it has, and its secret, live on.
    assert!(scene.accepts(&token).await);
    let again = scene.token(&scene.code("&scope=repo").await, &[]).await;
    assert!(scene.accepts(&again).await);
    scene.asks("&scope=repo").await.assert_status(302);
    let told = world.audit_actions().await;
    let told = told.iter().filter(|action| *action == "app.transferred");
    assert_eq!(told.count(), 1);
}

#[tokio::test]
async fn a_user_whose_app_an_operator_gives_away_is_told_by_mail() {
    let world = with_mail().await;
    let scene = Scene::new(&world).await;
    let acme = world.organization("acme").await;
    scene.transfer(&acme.login).await;
    let letters = sent(&world).await;
    let told: Vec<_> = letters.iter().map(|letter| letter.words).collect();
    assert_eq!(told, [MailWords::OfKind(MailKind::AppTransferred)]);
    assert_eq!(letters[0].to.as_str(), "hubot@example.com");
    // An organization has no address, and this one no owner.
    scene.transfer(&scene.mona.account.login).await;
    assert_eq!(sent(&world).await.len(), 0);
}

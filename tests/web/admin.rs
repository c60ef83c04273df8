//! What only site administrators reach: every row of the table below `/admin`.

use counterfoil_domain::scope::Standing;
use counterfoil_server::routes::{Credential, PAGES, Route};
use counterfoil_testkit::{Visitor, World};
use http::Method;

use super::events::Scene;
use super::forms::path;
use crate::links;

/// The rows of the administration.
fn rows() -> impl Iterator<Item = &'static Route> {
    let rows = PAGES.routes.iter();
    rows.filter(|row| row.path == "/admin" || row.path.starts_with("/admin/"))
}

fn is_form(row: &Route) -> bool {
    row.method == Some(Method::POST)
}

async fn open(visitor: &Visitor<'_>, row: &Route) -> u16 {
    let path = path(row).replace("/users/1", "/users/mona");
    let answer = if is_form(row) {
        visitor.post(&path, &[]).await
    } else {
        visitor.get(&path).await
    };
    answer.status.as_u16()
}

#[test]
fn every_row_is_for_site_administrators_and_every_form_wants_a_fresh_proof() {
    assert!(rows().count() > 0);
    for row in rows() {
        let expected = if is_form(row) {
            Credential::FreshAdministratorSession
        } else {
            Credential::AdministratorSession
        };
        assert_eq!(row.credential, expected, "{}", row.path);
        assert!(is_form(row) || row.method == Some(Method::GET));
    }
    let elsewhere = PAGES.routes.iter().filter(|row| {
        matches!(
            row.credential,
            Credential::AdministratorSession | Credential::FreshAdministratorSession
        )
    });
    assert_eq!(elsewhere.count(), rows().count());
}

#[tokio::test]
async fn for_ordinary_users_there_is_nothing_on_any_row() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let browser = world.visitor();
    browser.sign_in(&mona).await;
    let before = world.audit_actions().await;
    for row in rows() {
        assert_eq!(open(&browser, row).await, 404, "{}", row.path);
    }
    // As on a path that none has.
    assert_eq!(browser.get("/admin/nothing").await.status, 404);
    assert_eq!(browser.post("/admin/nothing", &[]).await.status, 404);
    assert_eq!(world.audit_actions().await, before);
}

#[tokio::test]
async fn who_is_demoted_in_another_window_does_nothing_more_by_any_form() {
    for row in rows().filter(|row| is_form(row)) {
        let world = links::with_mail().await;
        let scene = Scene::new(&world).await;
        let form = scene.form(row).await;
        world.set_standing(&scene.mona, Standing::Ordinary).await;
        let before = world.audit_actions().await;
        // The session has ended with the rights: whoever goes on signs in first, and finds nothing.
        let answer = form.send().await;
        assert!(answer.text().contains("name=\"login\""), "{}", row.path);
        assert_eq!(world.audit_actions().await, before, "{}", row.path);
    }
}

#[tokio::test]
async fn who_is_demoted_finds_nothing_after_the_next_sign_in() {
    let world = World::for_browsers().await;
    let mona = world.administrator("mona").await;
    let browser = world.visitor();
    browser.sign_in(&mona).await;
    browser.get("/admin/users").await.assert_status(200);
    world.set_standing(&mona, Standing::Ordinary).await;
    for row in rows().filter(|row| !is_form(row)) {
        assert_eq!(open(&browser, row).await, 303, "{}", row.path);
    }
    browser.sign_in(&mona).await;
    for row in rows() {
        assert_eq!(open(&browser, row).await, 404, "{}", row.path);
    }
}

#[tokio::test]
async fn the_menu_leads_to_the_administration_for_administrators_alone() {
    let world = World::for_browsers().await;
    let (mona, root) = (world.user("mona").await, world.administrator("root").await);
    for (user, leads_there) in [(mona, false), (root, true)] {
        let browser = world.visitor();
        browser.sign_in(&user).await;
        let text = browser.get("/settings/sessions").await.text();
        assert_eq!(text.contains("href=\"/admin\""), leads_there, "{text}");
    }
}

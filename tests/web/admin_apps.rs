//! `/admin/apps`: what administrators do to apps of others, what it breaks, and who is told.

use counterfoil_domain::mail::{MailKind, MailWords};
use counterfoil_domain::organization::Role;
use counterfoil_testkit::{Answer, AppActor, UserActor, Visitor, World, WorldOptions};

use super::tokens::{Says as _, signed_in};
use crate::links::{sent, with_mail};

const LIST: &str = "/admin/apps";

/// An administrator, and an app of hubot's that mona uses.
struct Scene<'w> {
    world: &'w World,
    browser: Visitor<'w>,
    hubot: UserActor<'w>,
    app: AppActor,
    token: String,
}

impl<'w> Scene<'w> {
    async fn new(world: &'w World) -> Self {
        let root = world.administrator("root").await;
        let (hubot, mona) = (world.user("hubot").await, world.user("mona").await);
        let app = world.app(&hubot, "Board").await;
        let token = mona.app_token(&app, &["gist"]).await.token();
        Self {
            world,
            browser: signed_in(world, &root).await,
            hubot,
            token,
            app,
        }
    }

    fn page(&self, end: &str) -> String {
        format!("{LIST}/{}{end}", self.app.client_id)
    }

    /// Does what a page asks about, and gives the page that tells of it.
    async fn done(&self, end: &str, typed: &[(&str, &str)]) -> Answer {
        let path = self.page(end);
        let page = self.browser.get(&path).await;
        page.assert_status(200);
        let answer = self.browser.submit(&page, &path, typed).await;
        let next = self.browser.follow(&answer).await;
        next.assert_status(200);
        next
    }

    /// Whether the app proves itself by its secret.
    async fn proves(&self) -> bool {
        let checked = self.app.check(self.world, &self.token).await;
        checked.status == 200
    }

    /// The path that leads to marking the app's secret as published.
    async fn publish(&self) -> String {
        let id = self.app.app.summary.id;
        let secrets = self.world.store.list_app_secrets(id).await;
        let secret = secrets.expect("they can be read")[0].id;
        format!("/secrets/{secret}/publish")
    }
}

#[tokio::test]
async fn an_app_is_suspended_with_what_that_breaks_and_lifted_again() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let list = scene.browser.get(LIST).await;
    list.says("Board").says("hubot").says_not("Suspended");
    let page = scene.browser.get(&scene.page("")).await;
    page.says("https://app.example.com/callback")
        .says(&scene.app.client_id);
    let asked = scene.browser.get(&scene.page("/suspend")).await;
    asked.says("1 person uses it.");
    asked.says("1 token that it holds goes on working.");
    assert!(scene.proves().await);
    let done = scene.done("/suspend", &[]).await;
    done.says("“Board” was suspended.")
        .says("Lift the suspension…");
    assert!(!scene.proves().await);
    scene.browser.get(LIST).await.says("Suspended");
    let done = scene.done("/unsuspend", &[]).await;
    done.says("The suspension of “Board” was lifted.")
        .says("Suspend…");
    assert!(scene.proves().await);
    scene
        .browser
        .get("/admin/apps/ffffffffffffffffffff")
        .await
        .assert_status(404);
}

#[tokio::test]
async fn a_secret_that_is_marked_as_published_proves_nothing_any_more() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let publish = scene.publish().await;
    let asked = scene.browser.get(&scene.page(&publish)).await;
    asked.says("This cannot be undone.");
    asked.says_not(&scene.app.client_secret);
    let done = scene.done(&publish, &[]).await;
    done.says("is marked as published.");
    done.says("Published: it proves nothing")
        .says("Published secret");
    assert!(!scene.proves().await);
    let none = format!("{LIST}/{}/secrets/4711/publish", scene.app.client_id);
    scene.browser.get(&none).await.assert_status(404);
}

#[tokio::test]
async fn an_app_is_a_resource_server_until_that_is_taken_back() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let done = scene.done("/resource-server", &[]).await;
    done.says("“Board” is a resource server.");
    let is_told_of_all = async || {
        let found = world.store.find_app(&scene.app.app.summary.client_id).await;
        let app = found.expect("it can be read").expect("it is there");
        app.seen_tokens.are_all()
    };
    assert!(is_told_of_all().await);
    let asked = scene.browser.get(&scene.page("/resource-server")).await;
    asked.says("Take back that <bdi>Board</bdi> is a resource server?");
    let back = scene.page("/resource-server/take-back");
    let answer = scene.browser.submit(&asked, &back, &[]).await;
    let told = scene.browser.follow(&answer).await;
    told.says("“Board” is no resource server any more.");
    assert!(!is_told_of_all().await);
}

#[tokio::test]
async fn an_app_goes_to_whichever_user_or_organization() {
    let mut options = WorldOptions::for_browsers();
    options.settings.app_limits.per_user = 1;
    let world = World::with(options).await;
    let scene = Scene::new(&world).await;
    let (lisa, full) = (world.user("lisa").await, world.user("full").await);
    world.app(&full, "Wiki").await;
    let acme = world.organization("acme").await;
    let suspended = world.user("suspended").await;
    let login = &suspended.account.login;
    let by = World::operator();
    let done = world.authority.suspend_account(login, &by);
    done.await.expect("the user is there");
    let path = scene.page("/transfer");
    let asked = scene.browser.get(&path).await;
    asked.says("1 person is asked again who gave it access");
    for (to, said) in [
        ("", "Enter the login of a user or an organization"),
        ("nobody", "that could own an app"),
        ("no login", "that could own an app"),
        ("suspended", "that could own an app"),
        ("Hubot", "owns it already"),
        ("full", "has 1 app, the most allowed"),
    ] {
        let refused = scene.browser.submit(&asked, &path, &[("owner", to)]).await;
        refused.assert_status(422);
        refused.says("There is a problem").says(said);
        if !to.is_empty() {
            refused.says(&format!("value=\"{to}\""));
        }
    }
    let done = scene.done("/transfer", &[("owner", "lisa")]).await;
    done.says("“Board” belongs to lisa.");
    done.says(&format!("/admin/users/{}", lisa.account.login));
    let done = scene.done("/transfer", &[("owner", "acme")]).await;
    done.says("“Board” belongs to acme.")
        .says("/admin/organizations/acme");
    let app = world.store.find_app(&scene.app.app.summary.client_id).await;
    let app = app.expect("it can be read").expect("it is there");
    assert_eq!(app.owner, acme.id);
}

#[tokio::test]
async fn the_apps_of_a_new_installation_are_made_and_turned_off_and_stay_its_own() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let browser = &scene.browser;
    browser.get(LIST).await.says("/admin/apps/built-in");
    let make = "/admin/apps/built-in";
    let asked = browser.get(make).await;
    asked.says("Not here yet: GitHub CLI, Git Credential Manager.");
    let answer = browser.submit(&asked, make, &[]).await;
    let list = browser.follow(&answer).await;
    list.says("2 apps were made or brought back.")
        .says("Came with the installation");
    list.says_not("/admin/apps/built-in");
    let answer = browser.submit(&asked, make, &[]).await;
    browser
        .follow(&answer)
        .await
        .says("0 apps were made or brought back.");
    let app = format!("{LIST}/178c6fc778ccc68e1d6a");
    let page = browser.get(&app).await;
    page.says("GitHub CLI").says_not("/transfer");
    let suspend = format!("{app}/suspend");
    let asked = browser.get(&suspend).await;
    asked.says("Turn off <bdi>GitHub CLI</bdi>?");
    let answer = browser.submit(&asked, &suspend, &[]).await;
    browser
        .follow(&answer)
        .await
        .says("“GitHub CLI” was turned off.")
        .says("Turn on…");
    let turn_on = format!("{app}/unsuspend");
    let asked = browser.get(&turn_on).await;
    asked.says("Turn on <bdi>GitHub CLI</bdi>?");
    let answer = browser.submit(&asked, &turn_on, &[]).await;
    browser
        .follow(&answer)
        .await
        .says("“GitHub CLI” was turned on.")
        .says("Turn off…");
    // The installation keeps what came with it.
    let transfer = format!("{app}/transfer");
    let asked = browser.get(&transfer).await;
    let refused = browser
        .submit(&asked, &transfer, &[("owner", "hubot")])
        .await;
    refused.assert_status(404);
}

#[tokio::test]
async fn owners_are_told_by_mail_what_administrators_do_to_their_apps() {
    let world = with_mail().await;
    let scene = Scene::new(&world).await;
    let publish = scene.publish().await;
    for (end, kind) in [
        ("/suspend", MailKind::AppSuspended),
        ("/unsuspend", MailKind::AppUnsuspended),
        ("/resource-server", MailKind::ResourceServerChanged),
        (publish.as_str(), MailKind::AppSecretPublished),
    ] {
        scene.done(end, &[]).await;
        let letters = sent(&world).await;
        let told: Vec<_> = letters.iter().map(|letter| letter.words).collect();
        assert_eq!(told, [MailWords::OfKind(kind)]);
        assert_eq!(letters[0].to.as_str(), "hubot@example.com");
    }
    // Of an organization its owners, and nobody else who is in it.
    let acme = world.organization("acme").await;
    let (lisa, zoe) = (world.user("lisa").await, world.user("zoe").await);
    world.join(&acme, &lisa, Role::Admin).await;
    world.join(&acme, &zoe, Role::Member).await;
    scene.done("/transfer", &[("owner", "acme")]).await;
    let letters = sent(&world).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(
        letters[0].words,
        MailWords::OfKind(MailKind::AppTransferred)
    );
    assert_eq!(
        letters[0].login.as_str(),
        scene.hubot.account.login.as_str()
    );
    scene.done("/suspend", &[]).await;
    let letters = sent(&world).await;
    let to: Vec<_> = letters.iter().map(|letter| letter.to.as_str()).collect();
    assert_eq!(to, ["lisa@example.com"]);
}

//! Apps of organizations: every owner looks after them, nobody else does, and an app goes to one.

use std::time::Duration;

use counterfoil_domain::organization::{Organization, Role};
use counterfoil_testkit::{Answer, AppActor, UserActor, Visitor, World, WorldOptions};

use super::developers::{CALLBACK, LIST, NEW, WEBSITE, app_in, page_of, register};
use super::tokens::{Says as _, confirm, signed_in};

/// Two owners of an organization, and a member of it who is none.
struct Scene<'w> {
    world: &'w World,
    acme: Organization,
    mona: UserActor<'w>,
    hubot: UserActor<'w>,
    lisa: UserActor<'w>,
}

impl<'w> Scene<'w> {
    async fn new(world: &'w World) -> Self {
        let scene = Self {
            world,
            acme: world.organization("acme").await,
            mona: world.user("mona").await,
            hubot: world.user("hubot").await,
            lisa: world.user("lisa").await,
        };
        for owner in [&scene.mona, &scene.hubot] {
            world.join(&scene.acme, owner, Role::Admin).await;
        }
        world.join(&scene.acme, &scene.lisa, Role::Member).await;
        scene
    }

    async fn demote(&self, user: &UserActor<'_>) {
        self.world.join(&self.acme, user, Role::Member).await;
    }

    /// An app of the organization, which mona registers on the page.
    async fn app(&self, mona: &Visitor<'_>) -> AppActor {
        app_in(self.world, &register_for(mona, "acme").await).await
    }
}

/// Registers an app for an organization, and gives what is answered.
async fn register_for(visitor: &Visitor<'_>, owner: &str) -> Answer {
    let page = visitor.get(NEW).await;
    let typed = [
        ("name", "Board"),
        ("website", WEBSITE),
        ("callbacks", CALLBACK),
        ("owner", owner),
    ];
    visitor.submit(&page, NEW, &typed).await
}

/// What the forms of an app are sent with, by the ends of their paths.
const FORMS: [(&str, &[(&str, &str)]); 5] = [
    (
        "",
        &[
            ("name", "Other"),
            ("website", WEBSITE),
            ("callbacks", CALLBACK),
        ],
    ),
    ("/secrets", &[]),
    ("/revoke-all", &[("name", "Board")]),
    ("/transfer", &[("owner", "octo-org")]),
    ("/delete", &[("name", "Board")]),
];

#[tokio::test]
async fn every_owner_of_an_organization_looks_after_its_apps_and_no_member_does() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let mona = signed_in(&world, &scene.mona).await;
    let hubot = signed_in(&world, &scene.hubot).await;
    let lisa = signed_in(&world, &scene.lisa).await;
    let app = scene.app(&mona).await;
    assert_eq!(app.app.owner, scene.acme.id);
    let own = app_in(&world, &register(&mona, "Wiki").await).await;
    for owner in [&mona, &hubot] {
        let page = owner.get(LIST).await;
        page.says("Board").says("Belongs to acme");
        owner.get(&page_of(&app)).await.assert_status(200);
    }
    // What is mona's own is no other owner's.
    hubot.get(&page_of(&own)).await.assert_status(404);
    hubot.get(LIST).await.says_not("Wiki");
    lisa.get(LIST).await.says_not("Board");
    lisa.get(NEW).await.says_not("acme");
    for (end, _) in FORMS {
        let path = page_of(&app) + end;
        hubot.get(&path).await.assert_status(200);
        lisa.get(&path).await.assert_status(404);
    }
    // The other owner changes it, and ends it.
    let path = page_of(&app);
    let page = hubot.get(&path).await;
    let done = hubot.submit(&page, &path, FORMS[0].1).await;
    hubot.follow(&done).await.says("“Other” was saved.");
    let path = format!("{path}/delete");
    let page = hubot.get(&path).await;
    let done = hubot.submit(&page, &path, &[("name", "Other")]).await;
    hubot.follow(&done).await.says("“Other” was deleted.");
    mona.get(LIST).await.says_not("Other");
}

#[tokio::test]
async fn who_owns_an_organization_no_more_when_the_form_comes_changes_none_of_its_apps() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    let octo = world.organization("octo-org").await;
    world.join(&octo, &scene.mona, Role::Admin).await;
    let mona = signed_in(&world, &scene.mona).await;
    let app = scene.app(&mona).await;
    let mut pages = Vec::new();
    for (end, typed) in FORMS {
        let path = page_of(&app) + end;
        let page = mona.get(&path).await;
        page.assert_status(200);
        pages.push((path, page, typed));
    }
    let new = mona.get(NEW).await;
    scene.demote(&scene.mona).await;
    let before = world.events().await.len();
    for (path, page, typed) in pages {
        let answer = mona.submit(&page, &path, typed).await;
        answer.assert_status(404);
        mona.get(&path).await.assert_status(404);
    }
    let typed = [
        ("name", "Wiki"),
        ("website", WEBSITE),
        ("callbacks", CALLBACK),
        ("owner", "acme"),
    ];
    mona.submit(&new, NEW, &typed).await.assert_status(404);
    assert_eq!(world.events().await.len(), before);
    mona.get(LIST).await.says_not("Board");
}

#[tokio::test]
async fn an_app_goes_to_an_organization_of_its_owner_and_to_no_other_one() {
    let world = World::for_browsers().await;
    let scene = Scene::new(&world).await;
    world.organization("octo-org").await;
    let mona = signed_in(&world, &scene.mona).await;
    let app = app_in(&world, &register(&mona, "Board").await).await;
    let path = page_of(&app) + "/transfer";
    let page = mona.get(&path).await;
    page.says("Transfer <bdi>Board</bdi>?").says("acme");
    page.says_not("octo-org");
    let unchosen = mona.submit(&page, &path, &[]).await;
    unchosen.assert_status(422);
    unchosen.says("Choose an organization");
    // Somebody else's, nobody's, and users.
    for foreign in ["octo-org", "nobody", "hubot", "mona"] {
        let answer = mona.submit(&page, &path, &[("owner", foreign)]).await;
        answer.assert_status(404);
    }
    for foreign in ["octo-org", "hubot", "-"] {
        register_for(&mona, foreign).await.assert_status(404);
    }
    // With a proof that is fresh.
    world.advance(Duration::from_mins(16));
    let page = mona.get(&path).await;
    let asked = mona.submit(&page, &path, &[("owner", "Acme")]).await;
    asked.says("Confirm that it is you");
    let done = confirm(&mona, &asked, &scene.mona).await;
    let list = mona.follow(&done).await;
    list.says("“Board” belongs to ").says("Belongs to acme");
    let hubot = signed_in(&world, &scene.hubot).await;
    hubot.get(&page_of(&app)).await.says("<dd>acme</dd>");
    // It is there already, and there is no other one.
    mona.get(&path)
        .await
        .says("You own no other organization that it could go to.");
    let told = world.audit_actions().await;
    let told = told.iter().filter(|action| *action == "app.transferred");
    assert_eq!(told.count(), 1);
}

#[tokio::test]
async fn an_organization_has_no_more_apps_than_one_may_have() {
    let mut options = WorldOptions::for_browsers();
    options.settings.app_limits.per_user = 1;
    let world = World::with(options).await;
    let scene = Scene::new(&world).await;
    let mona = signed_in(&world, &scene.mona).await;
    scene.app(&mona).await;
    let own = app_in(&world, &register(&mona, "Wiki").await).await;
    let said = "The organization has 1 app, the most allowed. Delete some";
    let refused = register_for(&mona, "acme").await;
    refused.assert_status(422);
    refused.says(said);
    let path = page_of(&own) + "/transfer";
    let page = mona.get(&path).await;
    let refused = mona.submit(&page, &path, &[("owner", "acme")]).await;
    refused.assert_status(422);
    refused.says(said);
}

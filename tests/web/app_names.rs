//! Names of apps that could be taken for the installation's own.

use counterfoil_domain::app::AppChange;
use counterfoil_domain::text::DisplayName;
use counterfoil_testkit::{Answer, UserActor, Visitor, World};

use super::developers::{CALLBACK, NEW, WEBSITE};
use super::tokens::{Says as _, signed_in};

const REFUSED: &str = "Enter another name: this one looks like the name of this site, or of an app that comes with it";

async fn send(visitor: &Visitor<'_>, path: &str, name: &str) -> Answer {
    let page = visitor.get(path).await;
    let typed = [
        ("name", name),
        ("website", WEBSITE),
        ("callbacks", CALLBACK),
    ];
    visitor.submit(&page, path, &typed).await
}

/// How many apps there are.
fn apps(world: &World) -> Option<String> {
    world.database().look_up("SELECT count(*) FROM apps")
}

/// An app that an operator made, under a name that nobody else may give one.
async fn named_by_an_operator(world: &World, owner: &UserActor<'_>, name: &str) -> String {
    let app = world.app(owner, "Board").await;
    let change = AppChange {
        name: Some(DisplayName::parse(name).expect("a name")),
        ..AppChange::default()
    };
    let client_id = &app.app.summary.client_id;
    let operator = World::operator();
    let changed = world.authority.change_app(client_id, change, &operator);
    changed.await.expect("an operator may");
    format!("/settings/developers/{}", app.client_id)
}

#[tokio::test]
async fn no_user_calls_an_app_so_that_it_is_taken_for_ours() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = signed_in(&world, &mona).await;
    let own = world.app(&mona, "Board").await;
    let page = format!("/settings/developers/{}", own.client_id);
    for name in [
        "Counterfoil",
        "  counter foil ",
        "C0unterfoiI",
        "\u{421}\u{43e}unterf\u{43e}il",
        "Counter\u{200b}foil",
        "GitHub CLI",
        "G\u{131}tHub CLl",
        "Git Credential Manager",
        "git-credential-rnanager",
    ] {
        for path in [NEW, &page] {
            let refused = send(&visitor, path, name).await;
            refused.assert_status(422);
            refused.says(REFUSED);
        }
    }
    assert_eq!(apps(&world).as_deref(), Some("1"));
    visitor.get(&page).await.says("Board");
    let made = send(&visitor, NEW, "Counterfoil board").await;
    made.assert_status(200);
}

#[tokio::test]
async fn administrators_and_operators_may_and_the_name_stays_when_its_owner_saves() {
    let world = World::for_browsers().await;
    let admin = world.administrator("admin").await;
    let visitor = signed_in(&world, &admin).await;
    send(&visitor, NEW, "Counterfoil").await.assert_status(200);
    let mona = world.user("mona").await;
    let page = named_by_an_operator(&world, &mona, "GitHub CLI").await;
    let visitor = signed_in(&world, &mona).await;
    send(&visitor, &page, "GitHub CLI").await.assert_status(303);
    let refused = send(&visitor, &page, "GitHub  CLI").await;
    refused.assert_status(422);
    refused.says(REFUSED);
}

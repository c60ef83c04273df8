//! `/admin/settings`: what a server goes by, as the program tells it.

use counterfoil_server::{SettingInForce, SettingValue};
use counterfoil_testkit::{Answer, Visitor, World};

const PATH: &str = "/admin/settings";

fn setting(name: &str, value: SettingValue, source: Option<&str>) -> SettingInForce {
    SettingInForce {
        name: name.to_owned(),
        value,
        source: source.map(str::to_owned),
        waits_for_restart: false,
    }
}

fn value(text: &str) -> SettingValue {
    SettingValue::Value(text.to_owned())
}

async fn signed_in(world: &World) -> Visitor<'_> {
    let root = world.administrator("root").await;
    let browser = world.visitor();
    browser.sign_in(&root).await;
    browser
}

async fn show(browser: &Visitor<'_>) -> Answer {
    let page = browser.get(PATH).await;
    page.assert_status(200);
    page
}

#[tokio::test]
async fn each_setting_stands_there_with_its_value_and_its_source_and_a_secret_as_set() {
    let world = World::for_browsers().await;
    world.server.tell_of_settings(vec![
        setting("pages.brand", value("\"Acme <b>\""), Some("acme.toml")),
        setting("apps.per_user", value("100"), None),
        setting("mail.server", SettingValue::NotSet, None),
        setting(
            "database password",
            SettingValue::Secret,
            Some("COUNTERFOIL_DATABASE_PASSWORD"),
        ),
    ]);
    let browser = signed_in(&world).await;
    let text = show(&browser).await.text();
    for shown in [
        "<code>pages.brand</code>",
        "<code>&quot;Acme &lt;b&gt;&quot;</code>",
        "<code>acme.toml</code>",
        "<code>100</code>",
        "the default",
        "not set",
        "<p>set</p>",
        "<code>COUNTERFOIL_DATABASE_PASSWORD</code>",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(!text.contains("<b>"), "{text}");
    assert!(!text.contains("waits for a restart"), "{text}");
}

#[tokio::test]
async fn after_a_reload_the_page_tells_what_counts_and_marks_what_waits() {
    let world = World::for_browsers().await;
    let old = setting("limits.idle_time", value("\"75s\""), None);
    world.server.tell_of_settings(vec![old]);
    let browser = signed_in(&world).await;
    assert!(show(&browser).await.text().contains("75s"));
    let waits = SettingInForce {
        waits_for_restart: true,
        ..setting("apps.per_user", value("100"), None)
    };
    let new = setting("limits.idle_time", value("\"40s\""), Some("acme.toml"));
    world.server.tell_of_settings(vec![new, waits]);
    let text = show(&browser).await.text();
    assert!(text.contains("40s") && !text.contains("75s"), "{text}");
    assert_eq!(text.matches("Changed, waits for a restart").count(), 1);
}

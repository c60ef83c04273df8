//! Sample values for the tests of all pages.

use super::{SettingInForce, SettingValue, SettingsInForce};
use crate::frame::Frame;
use crate::tests::{Owning, Sample};
use crate::view::View;

fn setting(name: &str, value: SettingValue, source: Option<&str>) -> SettingInForce {
    SettingInForce {
        name: name.to_owned(),
        value,
        source: source.map(str::to_owned),
        waits_for_restart: false,
    }
}

fn page(settings: Vec<SettingInForce>) -> impl View {
    Owning(settings, |settings: &Vec<_>, frame: &Frame<'_>| {
        SettingsInForce { settings }.render(frame)
    })
}

pub(crate) fn samples() -> Vec<Sample> {
    let value = |text: &str| SettingValue::Value(text.to_owned());
    let changed = SettingInForce {
        waits_for_restart: true,
        ..setting("apps.per_user", value("100"), None)
    };
    let some = vec![
        setting(
            "public_url",
            value("\"https://tokens.example.org\""),
            Some("--public-url"),
        ),
        setting(
            "pages.brand",
            value("\"Tokens <b> of Acme\""),
            Some(
                "/etc/counterfoil/a-folder-with-a-name-that-is-longer-than-a-telephone-is-wide/counterfoil.toml",
            ),
        ),
        setting("mail.server", SettingValue::NotSet, None),
        setting(
            "database password",
            SettingValue::Secret,
            Some("COUNTERFOIL_DATABASE_PASSWORD"),
        ),
    ];
    let waiting = vec![changed];
    vec![
        Sample::of_administrator("settings in force, some", page(some)),
        Sample::of_administrator("settings in force, one that waits", page(waiting)),
        Sample::of_administrator("settings in force, untold", page(Vec::new())),
    ]
}

//! What the page of administrators is told of the settings: what this server goes by, also after a
//! reload took some of them over and left others for the next start.

use counterfoil_server::{SettingInForce, SettingValue};

use crate::config::{InForce, SecretInForce, Settings, needs_restart};

/// The settings that a server goes by which was built with the first and has read the second since.
pub(super) fn told_settings(started_with: &Settings, read_last: &Settings) -> Vec<SettingInForce> {
    let waiting = needs_restart(started_with, read_last);
    let settings = started_with.in_force.iter().map(|at_start| {
        let waits_for_restart = waiting.contains(&at_start.key);
        let mut since = read_last.in_force.iter();
        let since = since.find(|since| since.key == at_start.key && !waits_for_restart);
        told(since.unwrap_or(at_start), waits_for_restart)
    });
    let secrets = started_with.secrets.iter().map(told_secret);
    settings.chain(secrets).collect()
}

fn told(setting: &InForce, waits_for_restart: bool) -> SettingInForce {
    let value = setting.value.as_ref().map(ToString::to_string);
    SettingInForce {
        name: setting.key.to_owned(),
        value: value.map_or(SettingValue::NotSet, SettingValue::Value),
        source: setting.given_by(),
        waits_for_restart,
    }
}

fn told_secret(secret: &SecretInForce) -> SettingInForce {
    let is_set = secret.source.is_some();
    SettingInForce {
        name: secret.name.to_owned(),
        value: if is_set {
            SettingValue::Secret
        } else {
            SettingValue::NotSet
        },
        source: secret.source.clone(),
        waits_for_restart: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;

    fn read(idle_time: &str, per_user: &str) -> Settings {
        let environment = |name: &str| match name {
            "COUNTERFOIL_LIMITS__IDLE_TIME" => Some(idle_time.to_owned()),
            "COUNTERFOIL_APPS__PER_USER" => Some(per_user.to_owned()),
            _ => None,
        };
        Settings::load(None, &environment, &Overrides::default()).expect("they are in order")
    }

    fn find(told: &[SettingInForce], name: &str) -> SettingInForce {
        let mut told = told.iter();
        let found = told.find(|setting| setting.name == name);
        found.expect("every setting is told").clone()
    }

    #[test]
    fn what_a_reload_takes_over_is_told_and_what_waits_keeps_its_value_with_a_mark() {
        let (old, new) = (read("30s", "5"), read("40s", "6"));
        let told = told_settings(&old, &new);
        let idle_time = find(&told, "limits.idle_time");
        assert_eq!(
            idle_time,
            SettingInForce {
                name: "limits.idle_time".to_owned(),
                value: SettingValue::Value("\"40s\"".to_owned()),
                source: Some("COUNTERFOIL_LIMITS__IDLE_TIME".to_owned()),
                waits_for_restart: false,
            }
        );
        let per_user = find(&told, "apps.per_user");
        assert_eq!(per_user.value, SettingValue::Value("5".to_owned()));
        assert!(per_user.waits_for_restart);
        let marks = told.iter().filter(|setting| setting.waits_for_restart);
        assert_eq!(marks.count(), 1);
        assert_eq!(find(&told, "pages.brand").source, None);
    }

    #[test]
    fn every_setting_is_told_once_and_then_the_secrets() {
        let settings = read("30s", "5");
        let told = told_settings(&settings, &settings);
        let names: Vec<_> = told.iter().map(|setting| setting.name.as_str()).collect();
        let keys = crate::config::keys();
        let mut expected: Vec<_> = keys.iter().map(|key| key.name).collect();
        expected.extend([
            "installation key",
            "database password",
            "mail password",
            "ACME account key",
        ]);
        assert_eq!(names, expected);
    }
}

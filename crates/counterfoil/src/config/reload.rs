//! What a reload can change.

use super::Settings;
use super::catalog::keys;
use super::key::WhenApplied;
use super::section::Section;

/// The full names of keys that differ and whose change waits for a restart, in the order of the
/// settings file.
///
/// The others are applied while serving: the connection limits to connections made afterwards, the
/// log level and the gateway's rules at once, and the certificate is read again whether its path
/// changed or not. To begin or to end encryption takes a restart.
pub fn needs_restart(old: &Settings, new: &Settings) -> Vec<&'static str> {
    let other_password = old.database_password != new.database_password;
    let changed = changed(old, new).into_iter();
    let changed = changed.filter(|key| !is_applied_live(old, new, key));
    // The file has the same name and another password in it.
    let password = other_password.then_some("database.password_file");
    let same_file = old.database.password_file == new.database.password_file;
    let other_mail_password =
        old.mail_password != new.mail_password && old.mail.password_file == new.mail.password_file;
    let mail_password = other_mail_password.then_some("mail.password_file");
    let other_account_key = old.acme_account_key != new.acme_account_key
        && old.acme.external_account_key_file == new.acme.external_account_key_file;
    let account_key = other_account_key.then_some("acme.external_account_key_file");
    let passwords = password
        .filter(|_| same_file)
        .into_iter()
        .chain(mail_password)
        .chain(account_key);
    changed.chain(passwords).collect()
}

/// The full names of keys that differ and whose change is applied while serving, in the order of
/// the settings file.
pub fn applied_live(old: &Settings, new: &Settings) -> Vec<&'static str> {
    let mut changed = changed(old, new);
    changed.retain(|key| is_applied_live(old, new, key));
    changed
}

fn is_applied_live(old: &Settings, new: &Settings, key: &str) -> bool {
    let other_kind = old.tls.cert.is_some() != new.tls.cert.is_some();
    let known = keys().into_iter().find(|known| known.name == key);
    let live = known.is_some_and(|known| known.applied == WhenApplied::Live);
    live && !(other_kind && key.starts_with("tls."))
}

fn changed(old: &Settings, new: &Settings) -> Vec<&'static str> {
    [
        old.general.changed(&new.general),
        old.database.changed(&new.database),
        old.tls.changed(&new.tls),
        old.acme.changed(&new.acme),
        old.limits.changed(&new.limits),
        old.sign_in.changed(&new.sign_in),
        old.sessions.changed(&new.sessions),
        old.pages.changed(&new.pages),
        old.accounts.changed(&new.accounts),
        old.two_factor.changed(&new.two_factor),
        old.passwords.changed(&new.passwords),
        old.tokens.changed(&new.tokens),
        old.gateway.changed(&new.gateway),
        old.checks.changed(&new.checks),
        old.rate_limits.changed(&new.rate_limits),
        old.retention.changed(&new.retention),
        old.apps.changed(&new.apps),
        old.oauth.changed(&new.oauth),
        old.device.changed(&new.device),
        old.links.changed(&new.links),
        old.mail.changed(&new.mail),
        old.keys.changed(&new.keys),
        old.logging.changed(&new.logging),
        old.traces.changed(&new.traces),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn after(change: impl FnOnce(&mut Settings)) -> Vec<&'static str> {
        let mut new = Settings::default();
        change(&mut new);
        needs_restart(&Settings::default(), &new)
    }

    #[test]
    fn nothing_changed_needs_nothing() {
        assert_eq!(after(|_| {}), Vec::<&str>::new());
    }

    #[test]
    fn live_settings_need_no_restart() {
        let changed = after(|settings| {
            settings.limits.idle_time = Duration::from_secs(5);
            settings.logging.level = crate::config::LogLevel::Debug;
        });
        assert_eq!(changed, Vec::<&str>::new());
    }

    #[test]
    fn what_is_applied_is_told_apart_from_what_waits() {
        let mut new = Settings::default();
        new.limits.idle_time = Duration::from_secs(5);
        new.apps.per_user = 5;
        let old = Settings::default();
        assert_eq!(applied_live(&old, &new), ["limits.idle_time"]);
        assert_eq!(needs_restart(&old, &new), ["apps.per_user"]);
    }

    #[test]
    fn settings_of_what_was_built_at_the_start_need_one() {
        let changed = after(|settings| {
            settings.apps.per_user = 5;
            settings.limits.connections = 5;
            settings.general.insecure_http = true;
        });
        assert_eq!(
            changed,
            ["insecure_http", "limits.connections", "apps.per_user"]
        );
    }

    #[test]
    fn another_certificate_is_read_live_but_encryption_does_not_begin_or_end() {
        let certificate = |file: &str| {
            let mut settings = Settings::default();
            settings.tls.cert = Some(file.into());
            settings.tls.key = Some("key".into());
            settings
        };
        assert_eq!(
            needs_restart(&certificate("a"), &certificate("b")),
            Vec::<&str>::new()
        );
        let begun = needs_restart(&Settings::default(), &certificate("a"));
        assert_eq!(begun, ["tls.cert", "tls.key"]);
        let mut own = Settings::default();
        own.tls.self_signed = true;
        assert_eq!(
            needs_restart(&own, &certificate("a")),
            ["tls.cert", "tls.key", "tls.self_signed"]
        );
    }
}

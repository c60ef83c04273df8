//! Keys that were renamed. The earlier name, and its variable, is read for one more release, with a
//! warning that names the present one. To rename a key is a line in this table; the line goes one
//! release later.

use toml::Value;

use super::key::variable;
use super::rule::Raw;

/// A key that had another name and another form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Renamed {
    /// The name that it had.
    pub(super) earlier: &'static str,
    /// The name that it has.
    pub(super) key: &'static str,
    /// What its earlier value was a whole number of.
    unit: Unit,
}

/// What a number without a unit counted.
#[derive(Debug, PartialEq, Eq)]
enum Unit {
    Seconds,
    Days,
}

const fn seconds(earlier: &'static str, key: &'static str) -> Renamed {
    Renamed {
        earlier,
        key,
        unit: Unit::Seconds,
    }
}

const fn days(earlier: &'static str, key: &'static str) -> Renamed {
    Renamed {
        earlier,
        key,
        unit: Unit::Days,
    }
}

/// All of them, in the order of the settings file.
pub(super) const RENAMED: [Renamed; 15] = [
    seconds("limits.header_seconds", "limits.header_time"),
    seconds("limits.body_seconds", "limits.body_time"),
    seconds("limits.idle_seconds", "limits.idle_time"),
    seconds("limits.connection_seconds", "limits.connection_time"),
    seconds("limits.tls_handshake_seconds", "limits.tls_handshake_time"),
    seconds("limits.shutdown_seconds", "limits.shutdown_time"),
    seconds("sign_in.slow_wait_seconds", "sign_in.slow_wait"),
    seconds("sign_in.window_seconds", "sign_in.window"),
    seconds("sign_in.login_window_seconds", "sign_in.login_window"),
    seconds("sign_in.lock_seconds", "sign_in.lock"),
    seconds("sign_in.longest_lock_seconds", "sign_in.longest_lock"),
    days("sign_in.known_address_days", "sign_in.known_address"),
    seconds("sign_in.password_memory_seconds", "sign_in.password_memory"),
    days("retention.ended_days", "retention.ended"),
    days("retention.audit_days", "retention.audit"),
];

/// What a key was called before, if it was renamed.
pub(super) fn of(key: &str) -> Option<&'static Renamed> {
    RENAMED.iter().find(|renamed| renamed.key == key)
}

impl Renamed {
    /// A value of the earlier form in the present one: 75 was `"75s"`.
    pub(super) fn in_present_form(&self, raw: &Raw) -> Option<Raw> {
        match raw {
            Raw::Toml(Value::Integer(number)) => {
                let length = self.length(u64::try_from(*number).ok()?);
                Some(Raw::Toml(Value::String(length)))
            }
            Raw::Variable(text) => {
                let digits = text.bytes().all(|byte| byte.is_ascii_digit());
                let number = digits.then(|| text.parse().ok()).flatten()?;
                Some(Raw::Variable(self.length(number)))
            }
            Raw::Toml(_) | Raw::Flag(_) => None,
        }
    }

    fn length(&self, number: u64) -> String {
        match self.unit {
            Unit::Seconds => format!("{number}s"),
            Unit::Days => format!("{number}d"),
        }
    }

    /// What the earlier form was, so that it completes "it must be …".
    pub(super) fn expected(&self, present: &str) -> String {
        let unit = match self.unit {
            Unit::Seconds => "seconds",
            Unit::Days => "days",
        };
        format!(
            "a whole number of {unit}, or better {key} in its place, {present}",
            key = self.key
        )
    }

    /// The warning about a value under the earlier name, which came from `place`.
    pub(super) fn warning(&self, place: &str, raw: &Raw) -> String {
        let name = match raw {
            Raw::Variable(_) => variable(self.key),
            Raw::Toml(_) | Raw::Flag(_) => self.key.to_owned(),
        };
        let value = match self.in_present_form(raw) {
            Some(Raw::Toml(value)) => value.to_string(),
            Some(Raw::Variable(text)) => text,
            Some(Raw::Flag(_)) | None => "…".to_owned(),
        };
        format!(
            "{place} is an earlier name, which the next release does not read; set {name} = {value} in its place"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::catalog;

    #[test]
    fn every_renamed_key_is_one_and_its_earlier_name_is_none() {
        let keys = catalog::keys();
        for Renamed { earlier, key, .. } in &RENAMED {
            assert!(keys.iter().any(|known| known.name == *key), "{key}");
            assert!(
                !keys.iter().any(|known| known.name == *earlier),
                "{earlier}"
            );
            assert_eq!(of(key).map(|renamed| renamed.earlier), Some(*earlier));
        }
    }
}

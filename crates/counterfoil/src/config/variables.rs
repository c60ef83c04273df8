//! Which variables of the environment may begin with `COUNTERFOIL_`. In a container all settings
//! are variables, and one that is mistyped would leave its setting at the default without a word.

use super::catalog::keys;
use super::error::ConfigError;
use super::key::variable;
use super::renamed::RENAMED;
use super::{
    ACME_ACCOUNT_KEY_VARIABLE, DATABASE_PASSWORD_VARIABLE, FILE_VARIABLE, KEY_VARIABLE,
    MAIL_PASSWORD_VARIABLE,
};
use crate::spelling::nearest;

/// What ours begin with.
const PREFIX: &str = "COUNTERFOIL_";
/// What those of the tests begin with. The program reads none of them.
const TESTS: &str = "COUNTERFOIL_TEST_";
/// What an address begins with in the variables that Kubernetes and Docker make of a service.
const SERVICE_SCHEMES: [&str; 3] = ["tcp://", "udp://", "sctp://"];

/// Variables that are no keys of the settings file.
const OTHERS: [&str; 5] = [
    FILE_VARIABLE,
    KEY_VARIABLE,
    DATABASE_PASSWORD_VARIABLE,
    MAIL_PASSWORD_VARIABLE,
    ACME_ACCOUNT_KEY_VARIABLE,
];

/// Refuses a variable that begins like ours and is none, with the name that was likely to be meant.
/// One that is empty counts as not set. No value is repeated: it may be a secret.
pub fn check_variables(
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    let mut known: Vec<String> = keys().iter().map(|key| variable(key.name)).collect();
    known.extend(OTHERS.map(str::to_owned));
    let is_known = |name: &str| {
        known.iter().any(|known| known == name)
            || RENAMED
                .iter()
                .any(|renamed| variable(renamed.earlier) == name)
    };
    let unknown = variables.into_iter().find(|(name, value)| {
        name.starts_with(PREFIX)
            && !value.is_empty()
            && !name.starts_with(TESTS)
            && !is_known(name)
            && !is_of_a_service(name, value)
    });
    let Some((name, _)) = unknown else {
        return Ok(());
    };
    // The part that all have in common would make strangers look alike.
    let bare = name.trim_start_matches(PREFIX);
    let names = known.iter().filter_map(|known| known.strip_prefix(PREFIX));
    let hint = match nearest(bare, names) {
        Some(meant) => format!("did you mean {PREFIX}{meant}?"),
        None => format!(
            "the variable of limits.body_bytes, for example, is {}.",
            variable("limits.body_bytes")
        ),
    };
    Err(ConfigError::UnknownVariable { name, hint })
}

/// Whether it is one of those that Kubernetes makes in every pod for each service: for one named
/// `counterfoil`, or `counterfoil-` and something, they begin like ours.
fn is_of_a_service(name: &str, value: &str) -> bool {
    let Some(rest) = name.strip_prefix("COUNTERFOIL") else {
        return false;
    };
    let is_host = rest.ends_with("_SERVICE_HOST");
    let is_port = rest.contains("_SERVICE_PORT");
    let is_address = rest.ends_with("_PORT")
        && SERVICE_SCHEMES
            .iter()
            .any(|scheme| value.starts_with(scheme));
    is_host || is_port || is_address || is_of_a_port(rest)
}

/// `…_PORT_8080_TCP`, and the same with `_ADDR`, `_PORT` and `_PROTO` behind it.
fn is_of_a_port(name: &str) -> bool {
    let whole = ["_ADDR", "_PORT", "_PROTO"]
        .iter()
        .find_map(|part| name.strip_suffix(part))
        .unwrap_or(name);
    let number = ["_TCP", "_UDP", "_SCTP"]
        .iter()
        .find_map(|protocol| whole.strip_suffix(protocol))
        .and_then(|rest| rest.rsplit_once("_PORT_"));
    number.is_some_and(|(_, number)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str, value: &str) -> Option<String> {
        let variables = [(name.to_owned(), value.to_owned())];
        check_variables(variables)
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn a_mistyped_variable_is_refused_with_the_one_that_was_meant() {
        for (name, meant) in [
            ("COUNTERFOIL_LISTNE", "COUNTERFOIL_LISTEN"),
            (
                "COUNTERFOIL_RATE_LIMITS_ENABLED",
                "COUNTERFOIL_RATE_LIMITS__ENABLED",
            ),
            ("COUNTERFOIL_CONFG", "COUNTERFOIL_CONFIG"),
            (
                "COUNTERFOIL_DATABASE_PASWORD",
                "COUNTERFOIL_DATABASE_PASSWORD",
            ),
            (
                "COUNTERFOIL_LIMITS__IDLE_TIMES",
                "COUNTERFOIL_LIMITS__IDLE_TIME",
            ),
        ] {
            let sentence = format!("there is no variable {name}; did you mean {meant}?");
            assert_eq!(refused(name, "s3cret"), Some(sentence));
        }
        assert_eq!(
            refused("COUNTERFOIL_NONSENSE", "1").as_deref(),
            Some(
                "there is no variable COUNTERFOIL_NONSENSE; the variable of limits.body_bytes, for example, is \
                 COUNTERFOIL_LIMITS__BODY_BYTES."
            )
        );
    }

    #[test]
    fn what_orchestrators_and_tests_set_passes() {
        for (name, value) in [
            ("COUNTERFOIL_SERVICE_HOST", "10.0.0.1"),
            ("COUNTERFOIL_SERVICE_PORT", "8080"),
            ("COUNTERFOIL_SERVICE_PORT_HTTP", "8080"),
            ("COUNTERFOIL_PORT", "tcp://10.0.0.1:8080"),
            ("COUNTERFOIL_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
            ("COUNTERFOIL_PORT_8080_TCP_ADDR", "10.0.0.1"),
            ("COUNTERFOIL_PORT_8080_TCP_PORT", "8080"),
            ("COUNTERFOIL_PORT_53_UDP_PROTO", "udp"),
            ("COUNTERFOIL_POSTGRES_SERVICE_HOST", "10.0.0.2"),
            ("COUNTERFOIL_POSTGRES_PORT", "tcp://10.0.0.2:5432"),
            ("COUNTERFOIL_POSTGRES_PORT_5432_TCP_PROTO", "tcp"),
            ("COUNTERFOIL_TEST_ENGINE", "sqlite"),
            ("COUNTERFOIL_LISTNE", ""),
            ("COUNTERFOILISH", "1"),
            ("PATH", "/bin"),
        ] {
            assert_eq!(refused(name, value), None, "{name}");
        }
        for (name, value) in [
            ("COUNTERFOIL_PORT", "8080"),
            ("COUNTERFOIL_LISTEN_PORT", "8080"),
            ("COUNTERFOIL_PORT__TCP", "1"),
            ("COUNTERFOIL_PORT_X_TCP", "1"),
        ] {
            assert!(refused(name, value).is_some(), "{name}");
        }
    }

    #[test]
    fn every_key_and_every_earlier_name_has_a_variable() {
        for key in keys() {
            assert_eq!(refused(&variable(key.name), "x"), None);
        }
        for renamed in &RENAMED {
            assert_eq!(refused(&variable(renamed.earlier), "x"), None);
        }
    }
}

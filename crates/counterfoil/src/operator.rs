//! Who sits at the command line, by the name that the operating system knows. The audit trail keeps
//! it.

use nix::unistd::{User, geteuid};

/// The longest name that is taken from the environment, in bytes.
const LONGEST_NAME: usize = 64;

/// The user that this process runs as. Where `sudo` says who called it, that name stands beside it;
/// it is the caller's word, since the environment is the caller's.
pub(crate) fn current(environment: &dyn Fn(&str) -> Option<String>) -> String {
    let uid = geteuid();
    let found = User::from_uid(uid).ok().flatten();
    let user = found.map_or_else(|| format!("uid {uid}"), |user| user.name);
    match environment("SUDO_USER").filter(|name| is_plain(name)) {
        Some(caller) if caller != user => format!("{user} (sudo by {caller})"),
        Some(_) | None => user,
    }
}

/// Whether a name can stand in the audit trail without passing for something else.
fn is_plain(name: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_of_sudo_stands_beside_the_user() {
        let plain = current(&|_| None);
        let sudo = current(&|name| (name == "SUDO_USER").then(|| "mona.lisa".to_owned()));
        assert_eq!(sudo, format!("{plain} (sudo by mona.lisa)"));
        let forged = current(&|_| Some("x) (root".to_owned()));
        assert_eq!(forged, plain);
    }
}

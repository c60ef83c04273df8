//! A user without rights, for servers that refuse to run as root when the tests do.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use crate::installed;

/// Who such servers run as: PostgreSQL's own user where there is one.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// A user, by numbers.
#[derive(Clone, Copy, Debug)]
struct User {
    user: u32,
    group: u32,
}

/// A command that runs as a user without rights: as another one when the tests run as root, and
/// else as theirs. It comes behind words that need the rights of the tests, such as those that lead
/// into a namespace.
pub(crate) fn command_behind(entry: &[OsString], program: &OsStr) -> Command {
    let mut words = [entry.to_vec(), self::entry()].concat();
    words.push(program.to_owned());
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

/// The words to put before a command so that it runs as that other user; none where the tests are
/// not root's.
pub(crate) fn entry() -> Vec<OsString> {
    let Some(user) = other_user() else {
        return Vec::new();
    };
    vec![
        installed::tool("setpriv").into_os_string(),
        format!("--reuid={}", user.user).into(),
        format!("--regid={}", user.group).into(),
        "--clear-groups".into(),
        "--".into(),
    ]
}

/// Whether it is another user than that of the tests.
pub(crate) fn has_another_user() -> bool {
    other_user().is_some()
}

/// Gives that user a folder.
pub(crate) fn give(folder: &Path) {
    if let Some(user) = other_user() {
        std::os::unix::fs::chown(folder, Some(user.user), Some(user.group))
            .expect("root may give folders away");
    }
}

fn other_user() -> Option<User> {
    static USER: OnceLock<Option<User>> = OnceLock::new();
    *USER.get_or_init(|| {
        if id("-u", None) != Some(0) {
            return None;
        }
        let found = USERS.into_iter().find_map(|name| {
            Some(User {
                user: id("-u", Some(name))?,
                group: id("-g", Some(name))?,
            })
        });
        Some(found.expect("every system has the user nobody"))
    })
}

fn id(which: &str, user: Option<&str>) -> Option<u32> {
    let output = Command::new("id").arg(which).args(user).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

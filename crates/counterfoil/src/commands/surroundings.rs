//! What help and manual pages tell beside the commands: examples, the variables and files that
//! commands go by, and the exit status.

/// What the exit status says; the reference page repeats it.
pub(crate) const EXIT_STATUS: &str = "\
Exit status:
  0  done
  1  failed; one sentence on standard error says why and what to change
  2  the command line is wrong
  78 `serve` refuses its settings, and would again: a restart alone does not help";

pub(crate) const EXAMPLES: &str = "\
Examples:
  counterfoil quickstart              try everything out
  counterfoil init                    make an installation
  counterfoil user create octocat     create a first user
  counterfoil serve                   serve the API on http://localhost:8080
  counterfoil token list --all        show every live token
  counterfoil doctor                  find out what is wrong";

/// Variables, with what they are for.
pub(crate) const ENVIRONMENT: [(&str, &str); 7] = [
    (
        "COUNTERFOIL_CONFIG",
        "the settings file, where --config names none",
    ),
    (
        "COUNTERFOIL_DATA_DIR",
        "the data folder, where --data-dir names none",
    ),
    (
        "COUNTERFOIL_DATABASE_URL",
        "the database, where --database-url names none",
    ),
    (
        "COUNTERFOIL_DATABASE_PASSWORD",
        "the password for PostgreSQL, a secret",
    ),
    (
        "COUNTERFOIL_KEY",
        "an installation key, ID:BASE64, beside those in the key file, a secret",
    ),
    (
        "COUNTERFOIL_SECTION__KEY",
        "any other setting, as COUNTERFOIL_LIMITS__BODY_BYTES for limits.body_bytes",
    ),
    ("NO_COLOR", "set to anything, it turns colours off"),
];

/// Files, with what they are.
pub(crate) const FILES: [(&str, &str); 3] = [
    (
        "counterfoil.toml",
        "the settings, in the working directory, where none are named",
    ),
    (
        "/etc/counterfoil/counterfoil.toml",
        "the settings of the machine, where there are no others",
    ),
    (
        "counterfoil-data",
        "the data folder, in the working directory unless the settings say otherwise; in it are counterfoil.db, the database, \
         keys, the installation's keys, tls, a certificate of our own, and control.sock, by which commands reach the server",
    ),
];

/// What stands below the help of the whole program.
pub(crate) fn below_help() -> String {
    let list = |title: &str, entries: &[(&str, &str)]| {
        let lines = entries.iter().map(|(name, text)| wrapped(name, text));
        format!("{title}:\n{}", lines.collect::<String>())
    };
    format!(
        "{EXAMPLES}\n\n{}\n{}\n{EXIT_STATUS}",
        list("Environment", &ENVIRONMENT),
        list("Files", &FILES)
    )
}

/// A name, and its text in lines of a readable length below it.
fn wrapped(name: &str, text: &str) -> String {
    const WIDTH: usize = 90;
    let mut lines = vec![String::from("     ")];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("      {word}")),
        }
    }
    format!("  {name}\n{}\n", lines.join("\n"))
}

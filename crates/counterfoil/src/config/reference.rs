//! The reference page and the example file, both made from the declarations.

use super::catalog::sections;
use super::key::{Key, SectionKeys, WhenApplied};
use super::sources::find_flag;
use super::{
    ACME_ACCOUNT_KEY_VARIABLE, DATABASE_PASSWORD_VARIABLE, FILE_VARIABLE, KEY_VARIABLE,
    MAIL_PASSWORD_VARIABLE,
};

/// How wide the comments of the example file are.
const COMMENT_WIDTH: usize = 100;

/// The reference page of all settings, in Markdown.
pub fn reference() -> String {
    let sections: String = sections().iter().map(describe_section).collect();
    introduction() + &sections
}

fn introduction() -> String {
    format!(
        "# Settings

<!-- Generated from the program. Change the doc comments under crates/counterfoil/src/config/sections instead. -->

Flags beat the environment, the environment beats the settings file, and that beats the defaults.

The settings file is TOML. It is the one that `--config` names, else the one that the variable `{FILE_VARIABLE}` names, else
`counterfoil.toml` in the working directory, else `/etc/counterfoil/counterfoil.toml`, whichever exists. A key that does not exist, or a value that may not be, stops the
start with one sentence that says what may be.

The variable for a key is its full name in capitals, with `__` for the dot and `COUNTERFOIL_` before it. Lists are separated by
commas. An empty variable counts as not set. Any other variable that begins with `COUNTERFOIL_` stops the start, but for those that
Kubernetes makes for a service called `counterfoil` or `counterfoil-…`, and for `COUNTERFOIL_TEST_…`.

`counterfoil config show` prints every setting in force and where it comes from; `counterfoil config check` says whether `serve` could
start with them.

The variable `{KEY_VARIABLE}` holds an installation key, `ID:BASE64`, beside those in the key file, and the variable
`{DATABASE_PASSWORD_VARIABLE}` the password for PostgreSQL, `{MAIL_PASSWORD_VARIABLE}` the one for the mail server, and
`{ACME_ACCOUNT_KEY_VARIABLE}` the key of an account at an authority for certificates. They are secrets, so the settings file has no key for them.

SIGHUP reads the settings again. What says \"on SIGHUP\" below is then applied, and the log names every other key that changed.
"
    )
}

fn describe_section(section: &SectionKeys) -> String {
    let keys: String = section.keys.iter().map(describe).collect();
    let title = match section.name {
        "" => "Top of the file".to_owned(),
        name => format!("`[{name}]`"),
    };
    format!("\n## {title}\n\n{doc}\n{keys}", doc = section.doc)
}

fn describe(key: &Key) -> String {
    let default = match &key.default {
        Some(value) => format!("`{value}`"),
        None => "not set".to_owned(),
    };
    let flag = match find_flag(key.name) {
        Some(flag) => format!("- Flag: `{flag}`\n"),
        None => String::new(),
    };
    let applied = match key.applied {
        WhenApplied::Live => "on SIGHUP",
        WhenApplied::Restart => "at the next start",
    };
    format!(
        "\n### `{name}`\n\n{doc}\n\n- Must be: {expected}\n- Default: {default}\n- Variable: `{variable}`\n{flag}\
         - A change is applied: {applied}\n",
        name = key.name,
        doc = key.doc,
        expected = key.expected,
        variable = key.variable(),
    )
}

/// A settings file with every key, commented out, at its default; where there is none, it says so
/// beside an example.
pub fn example_file() -> String {
    let sections: String = sections().iter().map(example_section).collect();
    let introduction = "# The settings of Counterfoil. Every key is here, commented out, at its default; one that is\n\
                        # not set by default stands there with an example, and says so.\n";
    introduction.to_owned() + &sections
}

fn example_section(section: &SectionKeys) -> String {
    let keys: String = section.keys.iter().map(example).collect();
    match section.name {
        "" => keys,
        name => format!("\n{doc}[{name}]\n{keys}", doc = comment(&section.doc)),
    }
}

fn example(key: &Key) -> String {
    let doc = comment(&format!("{} It must be {}.", key.doc, key.expected));
    let name = key.short_name();
    match &key.default {
        Some(value) => format!("\n{doc}#{name} = {value}\n"),
        None => format!(
            "\n{doc}# It is not set by default; this is an example.\n#{name} = {value}\n",
            value = key.example
        ),
    }
}

/// The text as comment lines.
fn comment(text: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= COMMENT_WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("# {word}")),
        }
    }
    lines.join("\n") + "\n"
}

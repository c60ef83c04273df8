//! `counterfoil config show`: every setting in force, and where it comes from.

use serde_json::{Value, json};

use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::commands::table::Table;
use crate::config::{InForce, SecretInForce, Source};

/// What stands in the place of a secret that is set.
const SET: &str = "(set)";
/// What stands where nothing is set and there is no default.
const NOT_SET: &str = "(not set)";

/// What stands where nothing sets a value.
const DEFAULT: &str = "default";

/// Shows the settings in force.
pub(super) fn run(console: &Console) -> anyhow::Result<Answer> {
    let settings = console.settings()?;
    let in_force = &settings.in_force;
    let mut table = Table::new(["SETTING", "FROM", "VALUE"]);
    for setting in in_force {
        let value = setting.value.as_ref();
        table.push([
            setting.key.to_owned(),
            setting.given_by().unwrap_or_else(|| DEFAULT.to_owned()),
            value.map_or_else(|| NOT_SET.to_owned(), ToString::to_string),
        ]);
    }
    for SecretInForce { name, source } in &settings.secrets {
        let (source, value) = match source {
            Some(source) => (source.as_str(), SET),
            None => ("-", NOT_SET),
        };
        table.push([(*name).to_owned(), source.to_owned(), value.to_owned()]);
    }
    let document = json!({
        "file": settings.file,
        "settings": in_force.iter().map(document).collect::<Vec<_>>(),
        "secrets": settings.secrets.iter().map(secret_document).collect::<Vec<_>>(),
        "warnings": settings.renamed,
    });
    let answer = Answer::data(document, table.to_text());
    let renamed = settings.renamed.into_iter();
    Ok(renamed.fold(answer, Answer::with_note))
}

fn document(setting: &InForce) -> Value {
    let (kind, name) = match &setting.source {
        Source::Flag(flag) => ("flag", Some((*flag).to_owned())),
        Source::Variable(name) => ("variable", Some(name.clone())),
        Source::File { file, .. } => ("file", Some(file.clone())),
        Source::Default => ("default", None),
    };
    json!({
        "key": setting.key,
        "value": setting.value,
        "source": {"kind": kind, "name": name},
        "variable": setting.variable,
    })
}

fn secret_document(secret: &SecretInForce) -> Value {
    let SecretInForce { name, source } = secret;
    json!({"name": name, "set": source.is_some(), "source": source})
}

//! The manual page of the settings file, made from the declarations of the settings.

use clap_mangen::roff::{Inline, Roff, bold, roman};

use super::{MANUAL, source};
use crate::config::{FILE_VARIABLE, Key, WhenApplied, keys, section_docs};

/// The page, with the file's name.
pub(crate) fn page() -> (String, String) {
    let mut roff = Roff::new();
    let source = source();
    roff.control("TH", ["counterfoil.toml", "5", "", source.as_str(), MANUAL]);
    roff.control("ad", ["l"]).control("nh", []);
    roff.control("SH", ["NAME"]);
    roff.text([roman("counterfoil.toml - the settings of Counterfoil")]);
    roff.control("SH", ["DESCRIPTION"]);
    paragraph(
        &mut roff,
        &format!(
            "The settings file is TOML. It is the one that `--config` names, else the one that the variable `{FILE_VARIABLE}` names, \
             else `counterfoil.toml` in the working directory, else `/etc/counterfoil/counterfoil.toml`, whichever exists."
        ),
    );
    paragraph(
        &mut roff,
        "Flags beat the environment, the environment beats the settings file, and that beats the defaults. The variable for a key is \
         its full name in capitals, with `__` for the dot and `COUNTERFOIL_` before it. Lists are separated by commas there. What \
         does not exist or may not be stops the start with one sentence that says what may be.",
    );
    paragraph(
        &mut roff,
        "SIGHUP reads the settings again; what each key says below tells which changes are applied then.",
    );
    let keys = keys();
    for (name, doc) in section_docs() {
        let title = match name {
            "" => "TOP OF THE FILE".to_owned(),
            name => format!("[{name}]"),
        };
        roff.control("SH", [title.as_str()]);
        doc.split("\n\n")
            .for_each(|text| paragraph(&mut roff, text));
        for key in keys.iter().filter(|key| key.section() == name) {
            describe(&mut roff, key);
        }
    }
    roff.control("SH", ["EXAMPLES"]);
    roff.control("nf", []);
    for line in [
        "listen = [\"0.0.0.0:443\"]",
        "public_url = \"https://tokens.example.org\"",
        "",
        "[tls]",
        "cert = \"/etc/counterfoil/tls.crt\"",
        "key = \"/etc/counterfoil/tls.key\"",
    ] {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff.control("SH", ["SEE ALSO"]);
    roff.text([
        bold("counterfoil"),
        roman("(1), "),
        bold("counterfoil-config"),
        roman("(1)"),
    ]);
    ("counterfoil.toml.5".to_owned(), roff.render())
}

fn describe(roff: &mut Roff, key: &Key) {
    roff.control("TP", []).text([bold(key.short_name())]);
    for (number, text) in key.doc.split("\n\n").enumerate() {
        if number > 0 {
            roff.control("IP", []);
        }
        roff.text(inlines(text));
    }
    let default = match &key.default {
        Some(value) => format!("`{value}`"),
        None => "not set".to_owned(),
    };
    let applied = match key.applied {
        WhenApplied::Live => "on SIGHUP",
        WhenApplied::Restart => "at the next start",
    };
    roff.control("IP", []).text(inlines(&format!(
        "Must be {}. Default: {default}. Variable: `{}`. A change is applied {applied}.",
        key.expected,
        key.variable()
    )));
}

fn paragraph(roff: &mut Roff, text: &str) {
    roff.control("PP", []).text(inlines(text));
}

/// Markdown of our own comments, where what stands between backticks is typed as it is.
fn inlines(text: &str) -> Vec<Inline> {
    text.split('`')
        .enumerate()
        .map(|(number, part)| {
            if number % 2 == 1 {
                bold(part)
            } else {
                roman(part)
            }
        })
        .collect()
}

//! What there is to know about a key and about a section.

/// What there is to know about one key.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Its full name, `section.key`, or the bare key for one outside any section.
    pub name: &'static str,
    /// What it means, in Markdown; paragraphs are separated by an empty line.
    pub doc: String,
    /// What it may be, so that it completes "it must be …".
    pub expected: String,
    /// What it is unless set, as TOML; none if it is not set.
    pub default: Option<toml::Value>,
    /// A value to show where there is no default.
    pub example: toml::Value,
    /// When a change takes effect.
    pub applied: WhenApplied,
}

/// When a change of a setting takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenApplied {
    /// On SIGHUP, without a restart.
    Live,
    /// At the next start.
    Restart,
}

impl Key {
    /// The section that the key is in; empty for a key outside any section.
    pub fn section(&self) -> &'static str {
        self.name.split_once('.').map_or("", |(section, _)| section)
    }

    /// The key without its section.
    pub fn short_name(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, key)| key)
    }

    /// The variable that sets it.
    pub fn variable(&self) -> String {
        variable(self.name)
    }
}

/// The variable for a key's full name.
pub(super) fn variable(name: &str) -> String {
    format!(
        "COUNTERFOIL_{}",
        name.replace('.', "__").to_ascii_uppercase()
    )
}

/// A section as the pages show it: its name, its meaning and its keys.
pub(super) struct SectionKeys {
    pub(super) name: &'static str,
    pub(super) doc: String,
    pub(super) keys: Vec<Key>,
}

//! The settings in force.

#[cfg(test)]
mod samples;

use askama::Template;

use crate::components::{Badge, Cell, Table};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::code;
use crate::view::{View, filled};
use crate::words;

#[cfg(test)]
pub(crate) use samples::samples;

/// A setting as a server goes by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingInForce {
    /// Its full name; what it is, of a secret that has none.
    pub name: String,
    /// What it is set to.
    pub value: SettingValue,
    /// The flag, the variable or the file that sets it; nothing where the default counts.
    pub source: Option<String>,
    /// Whether another value was read since, which counts from the next start on.
    pub waits_for_restart: bool,
}

/// What a setting is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingValue {
    /// Nothing, and there is no default.
    NotSet,
    /// This, as a settings file has it.
    Value(String),
    /// A secret, of which no more is told.
    Secret,
}

/// The settings in force, in the order of the settings file, and then what is told of secrets.
#[derive(Clone, Copy, Debug)]
pub struct SettingsInForce<'a> {
    /// All of them.
    pub settings: &'a [SettingInForce],
}

#[derive(Template)]
#[template(path = "admin/settings.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AdminSettings,
    waiting: bool,
    table: Table,
}

impl View for SettingsInForce<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminSettings(frame.language);
        let columns = [words.setting(), words.value(), words.source()];
        let mut table = Table::new(words.title(), columns);
        for setting in self.settings {
            table.add(row(words, setting));
        }
        filled(&Page {
            layout: Layout::administration(frame, Entry::SettingsInForce, words.title()),
            words,
            waiting: self.settings.iter().any(|one| one.waits_for_restart),
            table,
        })
    }
}

fn row(words: words::AdminSettings, setting: &SettingInForce) -> [Cell; 3] {
    let value = match &setting.value {
        SettingValue::NotSet => words.not_set(),
        SettingValue::Value(value) => code(value),
        SettingValue::Secret => words.set(),
    };
    let source = match &setting.source {
        Some(source) => code(source),
        None => words.by_default(),
    };
    let name = Cell::of(code(&setting.name));
    let waits = setting.waits_for_restart;
    let waits = waits.then(|| Badge::warn(words.waits()));
    [
        name.with_badges(waits.into_iter().collect()),
        Cell::of(value),
        Cell::of(source),
    ]
}

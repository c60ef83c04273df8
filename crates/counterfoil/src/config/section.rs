//! How a section is declared: once, for the parser, the pages and the comparison on reload alike.

use super::error::ConfigError;
use super::key::Key;
use super::sources::Sources;

/// A section of the settings file.
pub(super) trait Section: Default {
    /// Its name; empty for the keys outside any section.
    const NAME: &'static str;

    /// What it is about, in Markdown.
    fn doc() -> String;

    /// Its keys, in the order of their declaration.
    fn keys() -> Vec<Key>;

    /// Reads its keys, each from the strongest source that has it.
    fn read(sources: &Sources<'_>) -> Result<Self, ConfigError>;

    /// The full names of the keys with their values as TOML; none for one that is not set.
    fn values(&self) -> Vec<(&'static str, Option<toml::Value>)>;

    /// The full names of the keys that differ.
    fn changed(&self, other: &Self) -> Vec<&'static str>;
}

/// Declares a section: a struct, its defaults and its [`Section`].
///
/// The name comes twice: alone, and with the dot that joins it to its keys, since literals cannot
/// be taken apart. Each key has its documentation, type, default, rule and the time at which a
/// change is applied.
macro_rules! section {
    (
        $(#[doc = $doc:literal])+
        pub struct $Section:ident = $name:literal, $prefix:literal {
            $(
                $(#[doc = $key_doc:literal])+
                $key:ident: $Type:ty = $default:expr, $rule:expr, $applied:ident;
            )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq)]
        pub struct $Section {
            $(
                $(#[doc = $key_doc])+
                pub $key: $Type,
            )+
        }

        impl Default for $Section {
            fn default() -> Self {
                Self { $($key: $default,)+ }
            }
        }

        impl $crate::config::section::Section for $Section {
            const NAME: &'static str = $name;

            fn doc() -> String {
                $crate::config::section::text_of(&[$($doc),+])
            }

            fn keys() -> Vec<$crate::config::key::Key> {
                let default = Self::default();
                vec![$(
                    $crate::config::key::Key {
                        name: concat!($prefix, stringify!($key)),
                        doc: $crate::config::section::text_of(&[$($key_doc),+]),
                        expected: $crate::config::rule::Rule::expected(&$rule),
                        default: $crate::config::rule::Rule::write(&$rule, &default.$key),
                        example: $crate::config::rule::Rule::example(&$rule),
                        applied: $crate::config::key::WhenApplied::$applied,
                    },
                )+]
            }

            fn read(
                sources: &$crate::config::sources::Sources<'_>,
            ) -> Result<Self, $crate::config::error::ConfigError> {
                let default = Self::default();
                Ok(Self {
                    $($key: sources.read(concat!($prefix, stringify!($key)), &$rule, default.$key)?,)+
                })
            }

            fn values(&self) -> Vec<(&'static str, Option<toml::Value>)> {
                vec![$(
                    (
                        concat!($prefix, stringify!($key)),
                        $crate::config::rule::Rule::write(&$rule, &self.$key),
                    ),
                )+]
            }

            fn changed(&self, other: &Self) -> Vec<&'static str> {
                let mut changed = Vec::new();
                $(
                    if self.$key != other.$key {
                        changed.push(concat!($prefix, stringify!($key)));
                    }
                )+
                changed
            }
        }
    };
}
pub(super) use section;

/// The text of documentation comments, with the lines of each paragraph joined.
pub(super) fn text_of(lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines.iter().map(|line| line.trim()) {
        match line {
            "" => text.push_str("\n\n"),
            _ if text.is_empty() || text.ends_with('\n') => text.push_str(line),
            _ => {
                text.push(' ');
                text.push_str(line);
            }
        }
    }
    text
}

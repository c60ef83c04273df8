//! Where values come from, and which source wins.

use std::fmt;
use std::path::PathBuf;

use toml::{Table, Value};

use super::Environment;
use super::error::ConfigError;
use super::file::SettingsFile;
use super::key::{self, Key, SectionKeys};
use super::renamed::{self, RENAMED, Renamed};
use super::rule::{FlagValue, Raw, Refused, Rule};
use crate::spelling::nearest;

/// The flags that stand for a key, as the command line gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--data-dir`
    pub data_dir: Option<PathBuf>,
    /// `--database-url`
    pub database_url: Option<String>,
    /// `--listen`, all of them; they take the place of the list in the file.
    pub listen: Vec<String>,
    /// `--ops-listen`, all of them.
    pub ops_listen: Vec<String>,
    /// `--public-url`
    pub public_url: Option<String>,
    /// `--tls-cert`
    pub tls_cert: Option<PathBuf>,
    /// `--tls-key`
    pub tls_key: Option<PathBuf>,
    /// `--tls-self-signed`
    pub tls_self_signed: bool,
    /// `--insecure-http`
    pub insecure_http: bool,
}

/// The flags and the keys they stand for.
const FLAGS: [(&str, &str); 9] = [
    ("--data-dir", "data_dir"),
    ("--database-url", "database_url"),
    ("--listen", "listen"),
    ("--ops-listen", "ops_listen"),
    ("--public-url", "public_url"),
    ("--tls-cert", "tls.cert"),
    ("--tls-key", "tls.key"),
    ("--tls-self-signed", "tls.self_signed"),
    ("--insecure-http", "insecure_http"),
];

/// The flag that stands for a key.
pub(super) fn find_flag(key: &str) -> Option<&'static str> {
    FLAGS
        .iter()
        .find(|(_, known)| *known == key)
        .map(|(flag, _)| *flag)
}

impl Overrides {
    /// What the flag for this key was given, if there is such a flag and it was.
    fn find(&self, key: &str) -> Option<FlagValue> {
        let text = |value: &Option<String>| value.clone().map(FlagValue::Text);
        let path = |value: &Option<PathBuf>| value.clone().map(FlagValue::Path);
        let list =
            |values: &[String]| (!values.is_empty()).then(|| FlagValue::List(values.to_vec()));
        let on = |given: bool| given.then_some(FlagValue::On);
        match key {
            "data_dir" => path(&self.data_dir),
            "database_url" => text(&self.database_url),
            "listen" => list(&self.listen),
            "ops_listen" => list(&self.ops_listen),
            "public_url" => text(&self.public_url),
            "tls.cert" => path(&self.tls_cert),
            "tls.key" => path(&self.tls_key),
            "tls.self_signed" => on(self.tls_self_signed),
            "insecure_http" => on(self.insecure_http),
            _ => None,
        }
    }
}

/// All sources, strongest first: flags, environment, file.
pub(super) struct Sources<'a> {
    overrides: &'a Overrides,
    environment: Environment<'a>,
    file: Option<ParsedFile>,
}

struct ParsedFile {
    name: String,
    table: Table,
}

impl<'a> Sources<'a> {
    /// The sources, after every key of the file was found in one of the sections.
    pub(super) fn new(
        file: Option<&SettingsFile>,
        environment: Environment<'a>,
        overrides: &'a Overrides,
        sections: &[SectionKeys],
    ) -> Result<Self, ConfigError> {
        let parse = |file| ParsedFile::read(file, sections);
        let file = file.map(parse).transpose()?;
        Ok(Self {
            overrides,
            environment,
            file,
        })
    }

    /// The value of a key from the strongest source that has it, else its default.
    pub(super) fn read<R: Rule>(
        &self,
        key: &'static str,
        rule: &R,
        default: R::Value,
    ) -> Result<R::Value, ConfigError> {
        match self.find(key)? {
            Some(found) => found.read(rule),
            None => Ok(default),
        }
    }

    /// Where the value of a key comes from.
    pub(super) fn source(&self, key: &'static str) -> Result<Source, ConfigError> {
        let found = self.find(key)?;
        Ok(found.map_or(Source::Default, |found| found.source))
    }

    /// What is to be said of values under earlier names.
    pub(super) fn renamed(&self) -> Vec<String> {
        let warnings = RENAMED.iter().flat_map(|renamed| {
            let given = [
                self.variable(renamed.earlier),
                self.in_file(renamed.earlier),
            ];
            given
                .into_iter()
                .flatten()
                .map(|(source, raw)| renamed.warning(&source.to_string(), &raw))
        });
        warnings.collect()
    }

    /// The value as it was given, by the strongest source that has it.
    fn find(&self, key: &'static str) -> Result<Option<Found>, ConfigError> {
        if let Some(value) = self.overrides.find(key) {
            let source = Source::Flag(find_flag(key).unwrap_or(key));
            let raw = Raw::Flag(value);
            return Ok(Some(Found::under_its_name(source, raw)));
        }
        let renamed = renamed::of(key);
        let earlier = renamed.map(|renamed| renamed.earlier);
        let in_environment = (
            self.variable(key),
            earlier.and_then(|earlier| self.variable(earlier)),
        );
        let in_file = (
            self.in_file(key),
            earlier.and_then(|earlier| self.in_file(earlier)),
        );
        for given in [in_environment, in_file] {
            match given {
                (Some((present, _)), Some((earlier, _))) => {
                    return Err(ConfigError::GivenTwice {
                        present: present.to_string(),
                        earlier: earlier.name(),
                    });
                }
                (Some((source, raw)), None) => {
                    return Ok(Some(Found::under_its_name(source, raw)));
                }
                (None, Some((source, raw))) => {
                    return Ok(Some(Found {
                        source,
                        raw,
                        renamed,
                    }));
                }
                (None, None) => {}
            }
        }
        Ok(None)
    }

    fn variable(&self, key: &str) -> Option<(Source, Raw)> {
        let name = key::variable(key);
        let value = (self.environment)(&name).filter(|value| !value.is_empty())?;
        Some((Source::Variable(name), Raw::Variable(value)))
    }

    fn in_file(&self, key: &'static str) -> Option<(Source, Raw)> {
        let file = self.file.as_ref()?;
        let value = match key.split_once('.') {
            Some((section, key)) => file.table.get(section)?.get(key)?,
            None => file.table.get(key)?,
        };
        let source = Source::File {
            file: file.name.clone(),
            key,
        };
        Some((source, Raw::Toml(value.clone())))
    }
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// This flag.
    Flag(&'static str),
    /// The variable of this name.
    Variable(String),
    /// The settings file.
    File {
        /// Its name.
        file: String,
        /// The key in it, which may be an earlier name.
        key: &'static str,
    },
    /// Nowhere: it is the default.
    Default,
}

impl Source {
    /// The value's name there, without the file's.
    fn name(&self) -> String {
        match self {
            Self::File { key, .. } => (*key).to_owned(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Variable(name) => f.write_str(name),
            Self::File { file, key } => write!(f, "{file}: {key}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value as it was given.
struct Found {
    source: Source,
    raw: Raw,
    /// If it was given by an earlier name, and so in another form.
    renamed: Option<&'static Renamed>,
}

impl Found {
    fn under_its_name(source: Source, raw: Raw) -> Self {
        Self {
            source,
            raw,
            renamed: None,
        }
    }

    fn read<R: Rule>(&self, rule: &R) -> Result<R::Value, ConfigError> {
        let read = match self.renamed {
            None => rule.read(&self.raw),
            Some(renamed) => match renamed.in_present_form(&self.raw) {
                Some(raw) => rule.read(&raw).map_err(|_| self.raw.refused()),
                None => Err(self.raw.refused()),
            },
        };
        let place = self.source.to_string();
        let expected = match self.renamed {
            None if matches!(self.source, Source::Flag(_)) => rule.expected_of_flag(),
            None => rule.expected(),
            Some(renamed) => renamed.expected(&rule.expected()),
        };
        read.map_err(|refused| match refused {
            Refused::Whole(value) => ConfigError::Value {
                place,
                value,
                expected,
            },
            Refused::Entry(value) if matches!(self.source, Source::Flag(_)) => ConfigError::Value {
                place,
                value,
                expected,
            },
            Refused::Entry(value) => ConfigError::Entry {
                place,
                value,
                expected,
            },
            Refused::Within(problem) => ConfigError::Within { place, problem },
        })
    }
}

impl ParsedFile {
    fn read(file: &SettingsFile, sections: &[SectionKeys]) -> Result<Self, ConfigError> {
        let text = file.read()?;
        let name = file.path.display().to_string();
        let table = text.parse().map_err(|error: toml::de::Error| {
            let before = error
                .span()
                .and_then(|span| text.get(..span.start))
                .unwrap_or("");
            ConfigError::NotToml {
                file: name.clone(),
                line: before.matches('\n').count() + 1,
                problem: error.message().replace('\n', ", "),
            }
        })?;
        let file = Self { name, table };
        file.check_keys(sections)?;
        Ok(file)
    }

    fn check_keys(&self, sections: &[SectionKeys]) -> Result<(), ConfigError> {
        for (name, value) in &self.table {
            let section = sections.iter().find(|section| section.name == name);
            match (section, value) {
                (Some(section), Value::Table(keys)) => {
                    for key in keys.keys() {
                        let full_name = format!("{name}.{key}");
                        let is_known = section.keys.iter().any(|known| known.short_name() == key)
                            || RENAMED.iter().any(|known| known.earlier == full_name);
                        if !is_known {
                            return Err(self.unknown(&full_name, sections));
                        }
                    }
                }
                (Some(_), _) => {
                    let (file, section) = (self.name.clone(), name.clone());
                    return Err(ConfigError::NotASection { file, section });
                }
                (None, _)
                    if sections
                        .iter()
                        .flat_map(|section| &section.keys)
                        .any(|key| key.name == name) => {}
                (None, _) => return Err(self.unknown(name, sections)),
            }
        }
        Ok(())
    }

    fn unknown(&self, key: &str, sections: &[SectionKeys]) -> ConfigError {
        ConfigError::UnknownKey {
            file: self.name.clone(),
            key: key.to_owned(),
            hint: hint(key, sections),
        }
    }
}

/// What is said of a key that does not exist: the one that is likely to be meant, else those that
/// its section has.
fn hint(key: &str, sections: &[SectionKeys]) -> String {
    let keys = || {
        let all = sections.iter().flat_map(|section| &section.keys);
        all.map(|known| known.name)
    };
    let names = sections
        .iter()
        .map(|section| section.name)
        .filter(|name| !name.is_empty());
    // A key in the wrong section is nearer to its full name than anything spelled alike.
    let bare = key.rsplit('.').next().unwrap_or(key);
    let same_key = |known: &&str| known.rsplit('.').next() == Some(bare);
    let meant = keys()
        .find(same_key)
        .or_else(|| nearest(key, keys().chain(names)));
    if let Some(meant) = meant {
        return format!("did you mean {meant}?");
    }
    let section = key.split_once('.').map_or("", |(section, _)| section);
    let section = sections.iter().find(|known| known.name == section);
    match section {
        Some(section) if !section.name.is_empty() => {
            let keys: Vec<_> = section.keys.iter().map(Key::short_name).collect();
            format!("[{}] has {}.", section.name, keys.join(", "))
        }
        _ => "`counterfoil config example` shows all keys.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::catalog;

    #[test]
    fn every_flag_stands_for_a_key() {
        let keys = catalog::keys();
        for (flag, name) in FLAGS {
            assert!(keys.iter().any(|key| key.name == name), "{flag}");
        }
    }

    #[test]
    fn every_flag_is_read() {
        let overrides = Overrides {
            data_dir: Some("data".into()),
            database_url: Some("sqlite:a".to_owned()),
            listen: vec!["a".to_owned()],
            ops_listen: vec!["a".to_owned()],
            public_url: Some("https://a".to_owned()),
            tls_cert: Some("a".into()),
            tls_key: Some("a".into()),
            tls_self_signed: true,
            insecure_http: true,
        };
        for (flag, key) in FLAGS {
            assert!(overrides.find(key).is_some(), "{flag}");
            assert_eq!(Overrides::default().find(key), None, "{flag}");
        }
    }
}

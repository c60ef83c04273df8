//! What a value may be: how it is read, how it is written and how an error says it.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use counterfoil_domain::length_of_time::{self, LONGEST};
use toml::Value;

/// A value as it came, not yet looked at.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raw {
    /// From the settings file.
    Toml(Value),
    /// From a variable, where everything is text.
    Variable(String),
    /// From a flag.
    Flag(FlagValue),
}

/// What a flag can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FlagValue {
    /// A flag without a value.
    On,
    Text(String),
    Path(PathBuf),
    /// A flag that may be given several times.
    List(Vec<String>),
}

/// Why a value was refused: what it is, so that it completes "it is …", or what the wrong entry of
/// a list is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Whole(String),
    Entry(String),
    /// What is wrong with a part of a value that has parts, and what that must be.
    Within(String),
}

/// What a key may be.
pub(super) trait Rule {
    /// What its value becomes.
    type Value;

    /// Reads a value.
    fn read(&self, raw: &Raw) -> Result<Self::Value, Refused>;

    /// The value as TOML; none for a value that stands for "not set".
    fn write(&self, value: &Self::Value) -> Option<Value>;

    /// What it may be, so that it completes "it must be …".
    fn expected(&self) -> String;

    /// The same for a flag, which for a list is given once for each entry.
    fn expected_of_flag(&self) -> String {
        self.expected()
    }

    /// A value to show where there is no default.
    fn example(&self) -> Value;
}

impl Raw {
    fn as_text(&self) -> Option<&str> {
        match self {
            Self::Toml(Value::String(text))
            | Self::Variable(text)
            | Self::Flag(FlagValue::Text(text)) => Some(text),
            Self::Toml(_) | Self::Flag(_) => None,
        }
    }

    /// The value as it is refused.
    pub(super) fn refused(&self) -> Refused {
        Refused::Whole(match self {
            Self::Toml(Value::Array(_)) | Self::Flag(FlagValue::List(_)) => "a list".to_owned(),
            Self::Toml(Value::Table(_)) => "a section".to_owned(),
            Self::Toml(Value::String(text))
            | Self::Variable(text)
            | Self::Flag(FlagValue::Text(text)) => quoted(text),
            Self::Toml(value) => value.to_string(),
            Self::Flag(FlagValue::Path(path)) => quoted(&path.to_string_lossy()),
            Self::Flag(FlagValue::On) => "true".to_owned(),
        })
    }
}

/// A text as an error repeats it: cut to a readable length, and not at all if it may hold a
/// password, as in `https://user:password@host`.
fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.contains('@') {
        return "a text with an @ in it, not repeated here since that may be a password".to_owned();
    }
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}", format!("{}…", &text[..end])),
        None => format!("{text:?}"),
    }
}

/// A whole number of something, in a range that includes both ends.
pub(super) struct Whole {
    pub(super) unit: &'static str,
    pub(super) least: u32,
    pub(super) most: u32,
}

/// A whole number of `unit` from `least` to `most`.
pub(super) const fn whole(unit: &'static str, least: u32, most: u32) -> Whole {
    Whole { unit, least, most }
}

impl Rule for Whole {
    type Value = u32;

    fn read(&self, raw: &Raw) -> Result<u32, Refused> {
        let number = match raw {
            Raw::Toml(Value::Integer(number)) => u32::try_from(*number).ok(),
            // Digits only: the parser would accept a plus sign.
            Raw::Variable(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().ok()
            }
            Raw::Toml(_) | Raw::Variable(_) | Raw::Flag(_) => None,
        };
        number
            .filter(|number| (self.least..=self.most).contains(number))
            .ok_or_else(|| raw.refused())
    }

    fn write(&self, value: &u32) -> Option<Value> {
        Some(Value::Integer(i64::from(*value)))
    }

    fn expected(&self) -> String {
        let Self { unit, least, most } = self;
        format!("a whole number of {unit} between {least} and {most}")
    }

    fn example(&self) -> Value {
        Value::Integer(i64::from(self.least))
    }
}

/// A length of time in a range that includes both ends, written like `30d`.
pub(super) struct Length {
    pub(super) least: Duration,
    pub(super) most: Duration,
    pub(super) example: &'static str,
    /// Whether it may be nothing at all, whatever the least is.
    pub(super) or_nothing: bool,
}

/// A length of time from `least` to `most` seconds.
pub(super) const fn length(least: u64, most: u64, example: &'static str) -> Length {
    Length {
        least: Duration::from_secs(least),
        most: Duration::from_secs(most),
        example,
        or_nothing: false,
    }
}

impl Length {
    /// The same, or nothing at all.
    pub(super) const fn or_nothing(self) -> Self {
        Self {
            or_nothing: true,
            ..self
        }
    }

    fn holds(&self, length: Duration) -> bool {
        (self.or_nothing && length.is_zero()) || (self.least..=self.most).contains(&length)
    }
}

impl Rule for Length {
    type Value = Duration;

    fn read(&self, raw: &Raw) -> Result<Duration, Refused> {
        let length = raw
            .as_text()
            .and_then(|text| length_of_time::parse(text).ok());
        length
            .filter(|length| self.holds(*length))
            .ok_or_else(|| raw.refused())
    }

    fn write(&self, value: &Duration) -> Option<Value> {
        Some(Value::String(length_of_time::write(*value)))
    }

    fn expected(&self) -> String {
        let nothing = if self.or_nothing { "0s, or " } else { "" };
        let most = if self.most == LONGEST {
            "100 years".to_owned()
        } else {
            length_of_time::write(self.most)
        };
        format!(
            "{nothing}a whole number and one of s, m, h, d and w, such as {}, from {} to {most}",
            self.example,
            length_of_time::write(self.least)
        )
    }

    fn example(&self) -> Value {
        Value::String(self.example.to_owned())
    }
}

/// True or false.
pub(super) struct Switch;

impl Rule for Switch {
    type Value = bool;

    fn read(&self, raw: &Raw) -> Result<bool, Refused> {
        match raw {
            Raw::Toml(Value::Boolean(on)) => Ok(*on),
            Raw::Variable(text) => text.parse().map_err(|_| raw.refused()),
            Raw::Flag(FlagValue::On) => Ok(true),
            Raw::Toml(_) | Raw::Flag(_) => Err(raw.refused()),
        }
    }

    fn write(&self, value: &bool) -> Option<Value> {
        Some(Value::Boolean(*value))
    }

    fn expected(&self) -> String {
        "true or false".to_owned()
    }

    fn example(&self) -> Value {
        Value::Boolean(true)
    }
}

/// The path of a file or folder.
pub(super) struct FilePath {
    pub(super) example: &'static str,
}

impl Rule for FilePath {
    type Value = PathBuf;

    fn read(&self, raw: &Raw) -> Result<PathBuf, Refused> {
        let path = match raw {
            Raw::Flag(FlagValue::Path(path)) => Some(path.clone()),
            other => other.as_text().map(PathBuf::from),
        };
        path.filter(|path| !path.as_os_str().is_empty())
            .ok_or_else(|| raw.refused())
    }

    fn write(&self, value: &PathBuf) -> Option<Value> {
        Some(Value::String(value.display().to_string()))
    }

    fn expected(&self) -> String {
        "a path".to_owned()
    }

    fn example(&self) -> Value {
        Value::String(self.example.to_owned())
    }
}

/// One of a few words.
pub(super) struct OneOf<T: 'static>(pub(super) &'static [(&'static str, T)]);

impl<T: Copy + PartialEq> Rule for OneOf<T> {
    type Value = T;

    fn read(&self, raw: &Raw) -> Result<T, Refused> {
        let text = raw.as_text();
        let found = self.0.iter().find(|(word, _)| Some(*word) == text);
        found.map(|(_, value)| *value).ok_or_else(|| raw.refused())
    }

    fn write(&self, value: &T) -> Option<Value> {
        let (word, _) = self.0.iter().find(|(_, known)| known == value)?;
        Some(Value::String((*word).to_owned()))
    }

    fn expected(&self) -> String {
        let words: Vec<_> = self.0.iter().map(|(word, _)| format!("{word:?}")).collect();
        match words.as_slice() {
            [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
            words => words.concat(),
        }
    }

    fn example(&self) -> Value {
        Value::String(
            self.0
                .first()
                .map_or_else(String::new, |(word, _)| (*word).to_owned()),
        )
    }
}

/// A text of some form, and what it becomes.
pub(super) struct Text<T> {
    /// What it may be.
    pub(super) expected: &'static str,
    pub(super) example: &'static str,
    pub(super) parse: fn(&str) -> Result<T, TextRefused>,
    pub(super) write: fn(&T) -> String,
}

/// Why a text was refused.
pub(super) enum TextRefused {
    /// Its form is wrong.
    Form,
    /// It is understood and cannot be used: what it is, in place of the text itself.
    Is(&'static str),
    /// A part of it is wrong: a sentence that says which and repeats no secret.
    Since(String),
}

/// A text that a type of ours can read and write.
pub(super) const fn text<T: FromStr + Display>(
    expected: &'static str,
    example: &'static str,
) -> Text<T> {
    Text {
        expected,
        example,
        parse: |text| text.parse().map_err(|_| TextRefused::Form),
        write: T::to_string,
    }
}

impl<T> Text<T> {
    fn read_text(&self, text: &str) -> Result<T, Refused> {
        (self.parse)(text).map_err(|refused| match refused {
            TextRefused::Form => Refused::Whole(quoted(text)),
            TextRefused::Is(what) => Refused::Whole(what.to_owned()),
            TextRefused::Since(sentence) => Refused::Within(sentence),
        })
    }
}

impl<T> Rule for Text<T> {
    type Value = T;

    fn read(&self, raw: &Raw) -> Result<T, Refused> {
        let text = raw.as_text().ok_or_else(|| raw.refused())?;
        self.read_text(text)
    }

    fn write(&self, value: &T) -> Option<Value> {
        Some(Value::String((self.write)(value)))
    }

    fn expected(&self) -> String {
        self.expected.to_owned()
    }

    fn example(&self) -> Value {
        Value::String(self.example.to_owned())
    }
}

/// A list of texts of one form.
pub(super) struct ListOf<T>(pub(super) Text<T>);

impl<T> Rule for ListOf<T> {
    type Value = Vec<T>;

    fn read(&self, raw: &Raw) -> Result<Vec<T>, Refused> {
        let read = |text: &str| {
            self.0.read_text(text).map_err(|refused| match refused {
                Refused::Whole(entry) => Refused::Entry(entry),
                Refused::Entry(_) | Refused::Within(_) => refused,
            })
        };
        match raw {
            Raw::Toml(Value::Array(entries)) => entries
                .iter()
                .map(|entry| match entry {
                    Value::String(text) => read(text),
                    other => Err(Refused::Entry(other.to_string())),
                })
                .collect(),
            Raw::Variable(text) => text.split(',').map(|entry| read(entry.trim())).collect(),
            Raw::Flag(FlagValue::List(entries)) => {
                entries.iter().map(|entry| read(entry)).collect()
            }
            Raw::Toml(_) | Raw::Flag(_) => Err(raw.refused()),
        }
    }

    fn write(&self, value: &Vec<T>) -> Option<Value> {
        let entries = value
            .iter()
            .map(|entry| Value::String((self.0.write)(entry)));
        Some(Value::Array(entries.collect()))
    }

    fn expected(&self) -> String {
        format!("a list, each entry {}", self.0.expected)
    }

    fn expected_of_flag(&self) -> String {
        self.0.expected()
    }

    fn example(&self) -> Value {
        Value::Array(vec![self.0.example()])
    }
}

/// A key that need not be set.
pub(super) struct Maybe<R>(pub(super) R);

impl<R: Rule> Rule for Maybe<R> {
    type Value = Option<R::Value>;

    fn read(&self, raw: &Raw) -> Result<Self::Value, Refused> {
        self.0.read(raw).map(Some)
    }

    fn write(&self, value: &Self::Value) -> Option<Value> {
        self.0.write(value.as_ref()?)
    }

    fn expected(&self) -> String {
        self.0.expected()
    }

    fn example(&self) -> Value {
        self.0.example()
    }
}

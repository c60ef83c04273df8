//! Fields: label, hint, field, error, in this order.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::text::Text;

/// One field of a form with all that belongs to it. Its name is its id, to which the summary of
/// problems links.
#[derive(Template)]
#[template(path = "components/field.html")]
pub struct Field {
    name: &'static str,
    label: Text,
    kind: Kind,
    hint: Option<Text>,
    error: Option<Text>,
    value: String,
    autocomplete: &'static str,
    longest: Option<u16>,
    earliest: Option<String>,
    latest: Option<String>,
    is_narrow: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Login,
    Email,
    Password,
    Code,
    Date,
    Lines,
}

impl Field {
    fn new(name: &'static str, label: Text, kind: Kind, autocomplete: &'static str) -> Self {
        Self {
            name,
            label,
            kind,
            hint: None,
            error: None,
            value: String::new(),
            autocomplete,
            longest: None,
            earliest: None,
            latest: None,
            is_narrow: false,
        }
    }

    /// A line of text that browsers do not fill in.
    pub fn text(name: &'static str, label: Text) -> Self {
        Self::new(name, label, Kind::Text, "off")
    }

    /// A login, or an e-mail address in its place: what password managers fill in with the
    /// password.
    pub fn login(name: &'static str, label: Text) -> Self {
        Self::new(name, label, Kind::Login, "username")
    }

    /// An e-mail address.
    pub fn email(name: &'static str, label: Text) -> Self {
        Self::new(name, label, Kind::Email, "email")
    }

    /// The password that somebody has. It is never shown again.
    pub fn password(name: &'static str, label: Text) -> Self {
        Self::new(name, label, Kind::Password, "current-password")
    }

    /// A password that somebody chooses. It is never shown again.
    pub fn new_password(name: &'static str, label: Text) -> Self {
        Self::new(name, label, Kind::Password, "new-password")
    }

    /// The six digits of an authenticator app. They are never shown again.
    pub fn one_time_code(name: &'static str, label: Text) -> Self {
        let mut field = Self::new(name, label, Kind::Code, "one-time-code");
        field.is_narrow = true;
        field
    }

    /// A recovery code. It is never shown again.
    pub fn recovery_code(name: &'static str, label: Text) -> Self {
        Self::new(name, label, Kind::Text, "off").without_value()
    }

    /// A day, by the browser's own calendar.
    pub fn date(name: &'static str, label: Text) -> Self {
        let mut field = Self::new(name, label, Kind::Date, "off");
        field.is_narrow = true;
        field
    }

    /// Several lines.
    pub fn lines(name: &'static str, label: Text) -> Self {
        Self::new(name, label, Kind::Lines, "off")
    }

    /// What the field wants to be told, below its label.
    #[must_use]
    pub fn hint(mut self, hint: Text) -> Self {
        self.hint = Some(hint);
        self
    }

    /// What is in it: what was typed, or what is kept. Passwords and codes never are.
    #[must_use]
    pub fn value(mut self, value: &str) -> Self {
        if !matches!(self.kind, Kind::Password | Kind::Code) {
            value.clone_into(&mut self.value);
        }
        self
    }

    /// The same for what is about somebody else: browsers do not fill it in.
    #[must_use]
    pub fn of_somebody_else(mut self) -> Self {
        self.autocomplete = "off";
        self
    }

    /// What is wrong with it, if something is.
    #[must_use]
    pub fn error(mut self, error: Option<Text>) -> Self {
        self.error = error;
        self
    }

    /// Most characters that the browser takes.
    #[must_use]
    pub fn longest(mut self, characters: u16) -> Self {
        self.longest = Some(characters);
        self
    }

    /// The days between which one may be chosen, as `YYYY-MM-DD`.
    #[must_use]
    pub fn between(mut self, earliest: &str, latest: Option<&str>) -> Self {
        self.earliest = Some(earliest.to_owned());
        self.latest = latest.map(str::to_owned);
        self
    }

    fn without_value(mut self) -> Self {
        self.value.clear();
        self
    }

    /// The id and the problem, for the summary.
    pub(crate) fn problem(&self) -> Option<(&'static str, Text)> {
        Some((self.name, self.error.clone()?))
    }

    fn is_lines(&self) -> bool {
        self.kind == Kind::Lines
    }

    fn input_type(&self) -> &'static str {
        match self.kind {
            Kind::Email => "email",
            Kind::Password => "password",
            Kind::Date => "date",
            Kind::Text | Kind::Login | Kind::Code | Kind::Lines => "text",
        }
    }

    /// Attributes that belong to the kind.
    fn attributes(&self) -> &'static str {
        match self.kind {
            Kind::Login | Kind::Email => " autocapitalize=\"none\" spellcheck=\"false\"",
            Kind::Code => " inputmode=\"numeric\" autocapitalize=\"none\" spellcheck=\"false\"",
            Kind::Lines => " rows=\"4\" spellcheck=\"false\"",
            Kind::Text | Kind::Password | Kind::Date => "",
        }
    }

    /// The ids of hint and error, as `aria-describedby` wants them.
    fn described_by(&self) -> Option<String> {
        let parts = [
            self.hint.as_ref().map(|_| "hint"),
            self.error.as_ref().map(|_| "error"),
        ];
        let ids: Vec<String> = parts
            .into_iter()
            .flatten()
            .map(|part| format!("{}-{part}", self.name))
            .collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

impl HtmlSafe for Field {}

//! One entry of `errors`: which field broke which rule.

use counterfoil_domain::scope::Scope;
use counterfoil_domain::text::TextRefused;
use schemars::JsonSchema;
use serde::Serialize;

use crate::text::clipped;

/// Unknown scopes that an error names at most; a request may hold thousands.
const NAMED_SCOPES: usize = 10;
/// The resource of errors about a user.
const USER: &str = "User";

/// One entry of `errors`, in the recorded order of members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct FieldError {
    resource: &'static str,
    code: Code,
    field: Field,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    message: Option<String>,
}

/// Which rule was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Code {
    /// A field that is needed was not given.
    MissingField,
    /// The value may not be.
    Invalid,
    /// Another one has this value already.
    AlreadyExists,
    /// The message says what is wrong.
    Custom,
}

/// The fields, by the names that errors give them: a note is a `description`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Field {
    /// The note, which requests call `note`.
    Description,
    /// The URL that goes with the note.
    NoteUrl,
    /// What tells tokens of one user and app apart.
    Fingerprint,
    /// The scopes, also those to add or to remove.
    Scopes,
    /// The user whose token it would be.
    User,
    /// The login of a user whom an administrator makes or renames.
    Login,
    /// A user's e-mail address.
    Email,
}

impl Field {
    const fn name(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::NoteUrl => "note_url",
            Self::Fingerprint => "fingerprint",
            Self::Scopes => "scopes",
            Self::User => "user",
            Self::Login => "login",
            Self::Email => "email",
        }
    }
}

impl FieldError {
    const fn new(code: Code, field: Field, message: Option<String>) -> Self {
        Self {
            resource: "OauthAccess",
            code,
            field,
            message,
        }
    }

    /// The field is needed and was not given.
    pub const fn missing(field: Field) -> Self {
        Self::new(Code::MissingField, field, None)
    }

    /// Another live authorization has this value.
    pub const fn already_exists(field: Field) -> Self {
        Self::new(Code::AlreadyExists, field, None)
    }

    /// The value may not be.
    pub const fn invalid(field: Field) -> Self {
        Self::new(Code::Invalid, field, None)
    }

    /// Anything else, in a sentence that begins with the field's name.
    pub const fn custom(field: Field, message: String) -> Self {
        Self::new(Code::Custom, field, Some(message))
    }

    /// Another account has, or had, this login or e-mail address.
    pub fn taken_by_a_user(field: Field) -> Self {
        Self {
            resource: USER,
            ..Self::already_exists(field)
        }
    }

    /// No user may have this login or e-mail address.
    pub(crate) fn impossible_for_a_user(field: Field) -> Self {
        Self {
            resource: USER,
            ..Self::invalid(field)
        }
    }

    /// Scopes that a token which acts as somebody else may not have.
    pub fn scopes_not_for_impersonation(scopes: &[Scope]) -> Self {
        let names: Vec<_> = scopes.iter().map(|scope| scope.name()).collect();
        let message = format!(
            "scopes are not available to impersonation tokens: {}",
            names.join(", ")
        );
        Self::custom(Field::Scopes, message)
    }

    /// No token acts as a suspended user.
    pub fn suspended_user() -> Self {
        Self::custom(Field::User, "user is suspended".to_owned())
    }

    /// A text that may not be kept.
    pub fn text(field: Field, refused: TextRefused) -> Self {
        match refused {
            TextRefused::TooLong => Self::custom(field, format!("{} {refused}", field.name())),
            TextRefused::Control => Self::invalid(field),
        }
    }

    /// Names that are no scopes. At most ten are repeated, each of at most a hundred characters.
    pub(crate) fn unknown_scopes<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names = names.into_iter();
        let mut repeated: Vec<_> = names.by_ref().take(NAMED_SCOPES).map(clipped).collect();
        if names.next().is_some() {
            repeated.push("…".to_owned());
        }
        Self::custom(
            Field::Scopes,
            format!("scopes are invalid: {}", repeated.join(", ")),
        )
    }

    /// The user has an e-mail address that nobody has verified.
    pub fn unverified_email() -> Self {
        let message = "user must have a verified email address in order to authenticate via OAuth";
        Self::custom(Field::User, message.to_owned())
    }

    /// The user has as many live tokens as a user may have.
    pub fn too_many_tokens(limit: u32) -> Self {
        Self::custom(
            Field::User,
            format!("user has reached the maximum of {limit} tokens"),
        )
    }

    /// As many tokens as may be were made for the user, app and scopes within an hour.
    pub fn too_many_tokens_an_hour(limit: u32) -> Self {
        Self::custom(
            Field::User,
            format!(
                "user has reached the maximum of {limit} tokens an hour for this application and these scopes"
            ),
        )
    }
}

//! The bodies that site administrators send (wire contract, section 18).

use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::login::Login;
use counterfoil_domain::scope::ScopeSet;

use super::fields::Fields;
use super::reader::Reader;
use super::shape::{Kind, Member, Others, Presence, Shape};
use super::{Body, without_body};
use crate::problem::{Field, FieldError, Problem};

/// What a token that acts as somebody else may do.
#[derive(Clone, Debug)]
pub struct Impersonation {
    /// The scopes; none is legal. Without the list a new token has none, and one that is there
    /// keeps its own.
    pub scopes: Option<ScopeSet>,
}

impl Impersonation {
    /// What the body may hold.
    pub const SHAPE: Shape = Shape {
        presence: Presence::Optional,
        members: &[Member::new("scopes", Kind::Texts, "The scopes of the token.").not_null()],
        others: Others::PassedOver,
    };

    /// Reads a body, which may be missing as well as the list in it: clients of older releases send
    /// none.
    pub fn parse(body: Option<Body>) -> Result<Self, Problem> {
        let body = body.unwrap_or_default();
        let mut reader = Reader::new(&body, &Self::SHAPE);
        let scopes = reader.texts_not_null("scopes");
        reader.finish()?;
        let mut fields = Fields::default();
        let scopes = scopes.map(|scopes| fields.scope_set(&scopes));
        fields.finish()?;
        Ok(Self { scopes })
    }
}

/// A user to be made.
#[derive(Clone, Debug)]
pub struct CreateUser {
    /// The login nearest to what was asked for.
    pub login: Login,
    /// The e-mail address, which counts as verified.
    pub email: Option<EmailAddress>,
    /// Whether the user starts out suspended.
    pub suspended: bool,
}

const LOGIN: Member = Member::new(
    "login",
    Kind::Text,
    "The login. What is no letter or digit becomes a hyphen.",
)
.not_null()
.required();

impl CreateUser {
    /// What the body may hold.
    pub const SHAPE: Shape = Shape {
        presence: Presence::Required,
        members: &[
            LOGIN,
            Member::new(
                "email",
                Kind::Text,
                "The e-mail address, which counts as verified.",
            ),
            Member::new(
                "suspended",
                Kind::Flag,
                "Whether the user starts out suspended.",
            ),
        ],
        others: Others::PassedOver,
    };

    /// Reads a body. Whatever is no letter or digit in the login becomes a hyphen, as documented.
    pub fn parse(body: Option<Body>) -> Result<Self, Problem> {
        let body = body.ok_or_else(without_body)?;
        let mut reader = Reader::new(&body, &Self::SHAPE);
        let login = demand_login(&mut reader);
        let email = reader.text("email").filled();
        let suspended = reader.flag("suspended").unwrap_or(false);
        reader.finish()?;
        let mut fields = Fields::default();
        let login = normalized(&mut fields, login.unwrap_or_default());
        let email = email.map(|text| {
            let parsed = EmailAddress::parse(text);
            parsed.map_err(|_| fields.refuse(FieldError::impossible_for_a_user(Field::Email)))
        });
        match (login, email.transpose()) {
            (Some(login), Ok(email)) => Ok(Self {
                login,
                email,
                suspended,
            }),
            (None | Some(_), Ok(_) | Err(())) => Err(fields.into_problem()),
        }
    }
}

/// Another login for a user.
#[derive(Clone, Debug)]
pub struct RenameUser {
    /// The login nearest to what was asked for.
    pub login: Login,
}

impl RenameUser {
    /// What the body may hold.
    pub const SHAPE: Shape = Shape {
        presence: Presence::Required,
        members: &[LOGIN],
        others: Others::PassedOver,
    };

    /// Reads a body, which needs a `login`; other keys are passed over.
    pub fn parse(body: Option<Body>) -> Result<Self, Problem> {
        let body = body.ok_or_else(without_body)?;
        let mut reader = Reader::new(&body, &Self::SHAPE);
        let login = demand_login(&mut reader);
        reader.finish()?;
        let mut fields = Fields::default();
        match normalized(&mut fields, login.unwrap_or_default()) {
            Some(login) => Ok(Self { login }),
            None => Err(fields.into_problem()),
        }
    }
}

/// Why a user is suspended, or no more. It is looked at and not kept: the audit trail holds nothing
/// that cannot be erased.
#[derive(Clone, Copy, Debug)]
pub struct SuspensionReason;

impl SuspensionReason {
    /// What the body may hold.
    pub const SHAPE: Shape = Shape {
        presence: Presence::OptionalOrNull,
        members: &[Member::new(
            "reason",
            Kind::Text,
            "Why. It is looked at and not kept.",
        )],
        others: Others::PassedOver,
    };

    /// Reads a body, which may be missing.
    pub fn parse(body: Option<Body>) -> Result<Self, Problem> {
        let body = body.unwrap_or_default();
        let mut reader = Reader::new(&body, &Self::SHAPE);
        reader.text("reason");
        reader.finish()?;
        Ok(Self)
    }
}

fn demand_login<'a>(reader: &mut Reader<'a>) -> Option<&'a str> {
    let login = reader.text_not_null("login");
    if login.is_none() && reader.complaints() == 0 {
        reader.demand("login");
    }
    login
}

fn normalized(fields: &mut Fields, text: &str) -> Option<Login> {
    Login::normalized(text)
        .map_err(|_| fields.refuse(FieldError::impossible_for_a_user(Field::Login)))
        .ok()
}

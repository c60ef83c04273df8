//! The bodies that apps send about tokens that users gave them (wire contract, section 16).

use serde_json::Value;

use super::reader::Reader;
use super::shape::{Kind, Member, Others, Presence, Shape};
use super::{Body, without_body};
use crate::problem::Problem;

/// A token that an app asks about. It has no `Debug`: it is a secret.
pub struct TokenOfApp {
    /// The text, whatever its form: what is no token is not found.
    pub access_token: String,
}

/// Names what must be there, and what of it is what the description says.
const TOKEN: &str = "access_token";

const ACCESS_TOKEN: Member = Member::new(TOKEN, Kind::Text, "A token of the app.")
    .not_null()
    .required();

impl TokenOfApp {
    /// What the body may hold.
    pub const SHAPE: Shape = Shape {
        presence: Presence::Required,
        members: &[ACCESS_TOKEN],
        others: Others::PassedOver,
    };

    /// Reads a body. Members that have no meaning are passed over.
    pub fn parse(body: Option<Body>) -> Result<Self, Problem> {
        let mut body = body.ok_or_else(without_body)?;
        let mut reader = Reader::new(&body, &Self::SHAPE);
        demand_token(&mut reader);
        reader.finish()?;
        Ok(Self {
            access_token: taken(&mut body),
        })
    }
}

/// What an app sends to have a token scoped to repositories. Nothing of it is kept: no token can
/// be scoped, whichever it names.
pub struct ScopedToken;

impl ScopedToken {
    /// What the body may hold.
    pub const SHAPE: Shape = Shape {
        presence: Presence::Required,
        members: &[
            ACCESS_TOKEN,
            Member::new(
                "target",
                Kind::Text,
                "Whose repositories: a login. This or `target_id` is needed.",
            )
            .not_null(),
            Member::new("target_id", Kind::Integer, "Whose repositories: an id.").not_null(),
            Member::new(
                "repositories",
                Kind::Texts,
                "Which repositories, by name. Not beside `repository_ids`.",
            )
            .not_null(),
            Member::new(
                "repository_ids",
                Kind::Integers,
                "Which repositories, by id. Not beside `repositories`.",
            )
            .not_null(),
            Member::new(
                "permissions",
                Kind::Object,
                "What the scoped token may do in them.",
            )
            .not_null(),
        ],
        others: Others::PassedOver,
    };

    /// Reads a body. What is asked for in detail has no meaning here; it must be well formed all
    /// the same.
    pub fn parse(body: Option<Body>) -> Result<Self, Problem> {
        let body = body.ok_or_else(without_body)?;
        let mut reader = Reader::new(&body, &Self::SHAPE);
        demand_token(&mut reader);
        let target = reader.text_not_null("target");
        let target_id = reader.integer_not_null("target_id");
        let repositories = reader.texts_not_null("repositories");
        let repository_ids = reader.integers_not_null("repository_ids");
        reader.object_not_null("permissions");
        if target.is_none() && target_id.is_none() && reader.complaints() == 0 {
            reader.complain("\"target\" or \"target_id\" wasn't supplied.".to_owned());
        }
        if repositories.is_some() && repository_ids.is_some() {
            let sentence = "\"repositories\" and \"repository_ids\" can't both be supplied.";
            reader.complain(sentence.to_owned());
        }
        reader.finish()?;
        Ok(Self)
    }
}

fn demand_token(reader: &mut Reader<'_>) {
    if reader.text_not_null(TOKEN).is_none() && reader.complaints() == 0 {
        reader.demand(TOKEN);
    }
}

/// Takes the token out of a body in which it was found to be a text.
fn taken(body: &mut Body) -> String {
    match body.remove(TOKEN) {
        Some(Value::String(text)) => text,
        Some(
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_),
        )
        | None => String::new(),
    }
}

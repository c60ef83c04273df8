//! The body of `PATCH /authorizations/{authorization_id}` (wire contract, section 15.5).

use counterfoil_domain::authorization::{AuthorizationChange, ScopeChange};

use super::Body;
use super::fields::Fields;
use super::reader::{Given, Reader};
use super::shape::{Kind, Member, Others, Presence, Shape};
use crate::problem::Problem;

/// A change of an authorization that a user asks for.
#[derive(Clone, Debug)]
pub struct UpdateAuthorization {
    /// What is to change; what was not sent stays.
    pub change: AuthorizationChange,
}

impl UpdateAuthorization {
    /// What the body may hold.
    pub const SHAPE: Shape = Shape {
        presence: Presence::Optional,
        members: &[
            Member::new(
                "scopes",
                Kind::Texts,
                "The scopes in place of those it has.",
            ),
            Member::new(
                "add_scopes",
                Kind::Texts,
                "Scopes to add. Not beside `scopes`.",
            ),
            Member::new(
                "remove_scopes",
                Kind::Texts,
                "Scopes to take away. Not beside `scopes`.",
            ),
            Member::new("note", Kind::Text, "What the token is for."),
            Member::new("note_url", Kind::Text, "A URL that goes with the note."),
            Member::new(
                "fingerprint",
                Kind::Text,
                "What tells the token from others of the same user and app.",
            ),
        ],
        others: Others::PassedOver,
    };

    /// Reads a body; none at all is an empty object. Members that have no meaning are passed over.
    /// A null note, note URL or fingerprint takes it away, and so does an empty note; an empty note
    /// URL is kept, an empty fingerprint counts as absent, and so does null in place of scopes.
    pub fn parse(body: Option<Body>) -> Result<Self, Problem> {
        let body = body.unwrap_or_default();
        let mut reader = Reader::new(&body, &Self::SHAPE);
        let replace = reader.texts("scopes");
        let add = reader.texts("add_scopes");
        let remove = reader.texts("remove_scopes");
        for (name, given) in [
            ("add_scopes", add.is_some()),
            ("remove_scopes", remove.is_some()),
        ] {
            if replace.is_some() && given {
                reader.complain(format!(
                    "\"{name}\" is not a permitted key beside \"scopes\"."
                ));
            }
        }
        let note = or_null_when_empty(reader.text("note"));
        let note_url = reader.text("note_url");
        let fingerprint = match reader.text("fingerprint") {
            Given::Is("") => Given::Absent,
            given @ (Given::Absent | Given::Null | Given::Is(_)) => given,
        };
        reader.finish()?;

        let mut fields = Fields::default();
        let note = changed(note, |text| fields.note(text));
        let note_url = changed(note_url, |text| fields.note_url(text));
        let fingerprint = changed(fingerprint, |text| fields.fingerprint(text));
        let scopes = match (replace, add, remove) {
            (Some(names), _, _) => ScopeChange::Replace(fields.scope_set(&names)),
            (None, None, None) => ScopeChange::Keep,
            (None, add, remove) => ScopeChange::Amend {
                add: fields.scope_set(&add.unwrap_or_default()),
                remove: fields.scopes(&remove.unwrap_or_default()),
            },
        };
        fields.finish()?;
        Ok(Self {
            change: AuthorizationChange {
                scopes,
                note,
                note_url,
                fingerprint,
            },
        })
    }
}

fn or_null_when_empty(given: Given<&str>) -> Given<&str> {
    match given {
        Given::Is("") => Given::Null,
        Given::Absent | Given::Null | Given::Is(_) => given,
    }
}

/// The outer `None` leaves a field as it is, the inner one takes it away. A text that was refused
/// leaves it too, which does not matter: the refusal is the answer.
#[expect(clippy::option_option, reason = "the domain's change has this form")]
fn changed<T>(given: Given<&str>, parse: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    match given {
        Given::Absent => None,
        Given::Null => Some(None),
        Given::Is(text) => parse(text).map(Some),
    }
}

//! The body of `POST /authorizations` (wire contract, section 15.2).

use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::text::{Fingerprint, Note, NoteUrl};

use super::fields::Fields;
use super::reader::Reader;
use super::shape::{Kind, Member, Others, Presence, Shape};
use super::{Body, ClientPair};
use crate::problem::{Field, FieldError, Problem};

/// An authorization that a user asks for.
#[derive(Clone, Debug)]
pub struct CreateAuthorization {
    /// The scopes; none is legal.
    pub scopes: ScopeSet,
    /// A URL that goes with the note; the empty one is kept.
    pub note_url: Option<NoteUrl>,
    /// Personal, or for an app.
    pub purpose: TokenPurpose,
}

/// What the token is for.
#[derive(Clone, Debug)]
pub enum TokenPurpose {
    /// A personal access token. A fingerprint was checked and dropped: personal tokens have none.
    Personal {
        /// Its note, never empty.
        note: Note,
    },
    /// A token of an app.
    App {
        /// Which app, and that the caller speaks for it.
        client: ClientPair,
        /// Its note, never empty.
        note: Option<Note>,
        /// What tells it from other tokens of the user and the app; never empty.
        fingerprint: Option<Fingerprint>,
    },
}

impl CreateAuthorization {
    /// What the body may hold.
    pub const SHAPE: Shape = Shape {
        presence: Presence::Optional,
        members: &[
            Member::new("scopes", Kind::Texts, "The scopes of the token."),
            Member::new(
                "note",
                Kind::Text,
                "What the token is for. Needed unless it is for an app.",
            ),
            Member::new("note_url", Kind::Text, "A URL that goes with the note."),
            Member::new(
                "client_id",
                Kind::Text,
                "The client id of the app that the token is for.",
            ),
            Member::new(
                "client_secret",
                Kind::Text,
                "The client secret of the app that the token is for.",
            ),
            Member::new(
                "fingerprint",
                Kind::Text,
                "What tells the token from others of the same user and app.",
            ),
        ],
        others: Others::PassedOver,
    };

    /// Reads a body; none at all is an empty object. Members that have no meaning are passed over,
    /// null and the empty text count as absent except for `note_url`, whose empty text is kept.
    pub fn parse(body: Option<Body>) -> Result<Self, Problem> {
        let body = body.unwrap_or_default();
        let mut reader = Reader::new(&body, &Self::SHAPE);
        let scopes = reader.texts("scopes").unwrap_or_default();
        let note = reader.text("note").filled();
        let note_url = reader.text("note_url").value();
        let client_id = reader.text("client_id").filled();
        let client_secret = reader.text("client_secret").filled();
        let fingerprint = reader.text("fingerprint").filled();
        reader.finish()?;

        let personal = client_id.is_none() && client_secret.is_none();
        let mut fields = Fields::default();
        let parsed_note = note.and_then(|text| fields.note(text));
        if personal && note.is_none() {
            fields.refuse(FieldError::missing(Field::Description));
        }
        let note_url = note_url.and_then(|text| fields.note_url(text));
        let fingerprint = fingerprint.and_then(|text| fields.fingerprint(text));
        let scopes = fields.scope_set(&scopes);
        fields.finish()?;

        let purpose = match parsed_note {
            Some(note) if personal => TokenPurpose::Personal { note },
            note => TokenPurpose::App {
                // One without the other is like a pair that does not belong together.
                client: ClientPair::parse(
                    client_id.unwrap_or_default(),
                    client_secret.unwrap_or_default(),
                )?,
                note,
                fingerprint,
            },
        };
        Ok(Self {
            scopes,
            note_url,
            purpose,
        })
    }
}

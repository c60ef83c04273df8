//! The body of the two `PUT /authorizations/clients/…` (wire contract, section 15.3).

use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::text::{Fingerprint, Note, NoteUrl};

use super::fields::Fields;
use super::reader::Reader;
use super::shape::{Kind, Member, Others, Presence, Shape};
use super::{Body, ClientPair, without_body};
use crate::problem::Problem;

/// What stands in the path, decoded.
#[derive(Clone, Copy, Debug)]
pub enum GetOrCreatePath<'a> {
    /// `…/{client_id}`: a fingerprint may stand in the body.
    Client {
        /// What the path has in place of a client id.
        client_id: &'a str,
    },
    /// `…/{client_id}/{fingerprint}`: the body may have none.
    ClientAndFingerprint {
        /// What the path has in place of a client id.
        client_id: &'a str,
        /// The fingerprint, which the route keeps from being empty.
        fingerprint: &'a str,
    },
}

/// An app token that a user wants to have, made if it is not there.
#[derive(Clone, Debug)]
pub struct GetOrCreate {
    /// Which app, and that the caller speaks for it.
    pub client: ClientPair,
    /// Which of the user's tokens for the app; never empty.
    pub fingerprint: Option<Fingerprint>,
    /// The scopes of a new one.
    pub scopes: ScopeSet,
    /// The note of a new one, never empty.
    pub note: Option<Note>,
    /// The URL that goes with the note of a new one; the empty one is kept.
    pub note_url: Option<NoteUrl>,
}

const CLIENT_SECRET: Member = Member::new(
    "client_secret",
    Kind::Text,
    "The client secret of the app that the path names.",
)
.not_null()
.required();
const SCOPES: Member = Member::new("scopes", Kind::Texts, "The scopes of a new token.");
const NOTE: Member = Member::new("note", Kind::Text, "What a new token is for.").not_null();
const NOTE_URL: Member =
    Member::new("note_url", Kind::Text, "A URL that goes with the note.").not_null();
const FINGERPRINT: Member = Member::new(
    "fingerprint",
    Kind::Text,
    "Which of the user's tokens for the app is wanted.",
)
.not_null();

impl GetOrCreate {
    /// What the body may hold where the path has no fingerprint.
    pub const SHAPE: Shape = Shape {
        presence: Presence::Required,
        members: &[CLIENT_SECRET, SCOPES, NOTE, NOTE_URL, FINGERPRINT],
        others: Others::Refused,
    };

    /// What the body may hold where the path has a fingerprint.
    pub const SHAPE_BESIDE_FINGERPRINT: Shape = Shape {
        presence: Presence::Required,
        members: &[CLIENT_SECRET, SCOPES, NOTE, NOTE_URL],
        others: Others::Refused,
    };

    /// Reads path and body. Here, unlike elsewhere, unknown members and null texts are refused; an
    /// empty fingerprint or note counts as absent, and so does an empty secret, which is needed.
    pub fn parse(body: Option<Body>, path: GetOrCreatePath<'_>) -> Result<Self, Problem> {
        let body = body.ok_or_else(without_body)?;
        let (mut reader, client_id, fingerprint) = match path {
            GetOrCreatePath::Client { client_id } => {
                let mut reader = Reader::new(&body, &Self::SHAPE);
                let fingerprint = reader.text_not_null("fingerprint");
                (reader, client_id, fingerprint)
            }
            GetOrCreatePath::ClientAndFingerprint {
                client_id,
                fingerprint,
            } => {
                let reader = Reader::new(&body, &Self::SHAPE_BESIDE_FINGERPRINT);
                (reader, client_id, Some(fingerprint))
            }
        };
        let complaints = reader.complaints();
        let secret = reader
            .text_not_null("client_secret")
            .filter(|text| !text.is_empty());
        if secret.is_none() && reader.complaints() == complaints {
            reader.complain("\"client_secret\" wasn't supplied.".to_owned());
        }
        let scopes = reader.texts("scopes").unwrap_or_default();
        let note = reader.text_not_null("note").filter(|text| !text.is_empty());
        let note_url = reader.text_not_null("note_url");
        reader.finish()?;

        let mut fields = Fields::default();
        let note = note.and_then(|text| fields.note(text));
        let note_url = note_url.and_then(|text| fields.note_url(text));
        let fingerprint = fingerprint
            .filter(|text| !text.is_empty())
            .and_then(|text| fields.fingerprint(text));
        let scopes = fields.scope_set(&scopes);
        fields.finish()?;
        let client = ClientPair::parse(client_id, secret.unwrap_or_default())?;
        Ok(Self {
            client,
            fingerprint,
            scopes,
            note,
            note_url,
        })
    }
}

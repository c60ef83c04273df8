//! Answers of the REST API, before they take their final form.

use bytes::Bytes;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_wire::conditional::{EntityTag, http_date, is_settled};
use counterfoil_wire::header::Audience;
use http::header::{LINK, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;

use crate::state::ServerState;
use crate::templates::{HEADERS, described};

/// An answer with a body. The front gives it its form, its tag and its headers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Compact JSON.
    pub(crate) body: Bytes,
    /// For whom the answer is: part of the entity tag.
    pub(crate) reader: AccountId,
    pub(crate) audience: Audience,
    pub(crate) last_modified: Option<Timestamp>,
    link: Option<HeaderValue>,
    location: Option<HeaderValue>,
}

impl Answer {
    /// 200 with this body for this reader.
    pub(crate) fn ok(reader: AccountId, view: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, reader, Audience::User, view)
    }

    /// 200 with what is the same for everybody, told to an app: whoever is between may keep it.
    pub(crate) fn public(view: &impl Serialize) -> Self {
        // It is nobody's own, and nobody has the id 0.
        Self::new(StatusCode::OK, AccountId(0), Audience::App, view)
    }

    /// 200 with a body that was made before, as compact JSON.
    pub(crate) fn of_body(reader: AccountId, body: Bytes) -> Self {
        Self {
            status: StatusCode::OK,
            body,
            reader,
            audience: Audience::User,
            last_modified: None,
            link: None,
            location: None,
        }
    }

    /// 200 with a body that holds for the moment and is not kept.
    pub(crate) fn momentary(reader: AccountId, view: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, reader, Audience::Momentary, view)
    }

    /// 200 with a body that holds a secret: it is neither stored nor compressed on its way.
    pub(crate) fn secret(reader: AccountId, view: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, reader, Audience::Secret, view)
    }

    /// With another status of success.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// 201 with this body for this reader.
    pub(crate) fn created(reader: AccountId, view: &impl Serialize, location: &str) -> Self {
        let answer = Self::new(StatusCode::CREATED, reader, Audience::User, view);
        Self {
            location: HeaderValue::from_str(location).ok(),
            ..answer
        }
    }

    /// 201 with a body that holds a secret: it is neither stored nor compressed on its way.
    pub(crate) fn created_secret(reader: AccountId, view: &impl Serialize, location: &str) -> Self {
        let answer = Self::new(StatusCode::CREATED, reader, Audience::Secret, view);
        Self {
            location: HeaderValue::from_str(location).ok(),
            ..answer
        }
    }

    fn new(
        status: StatusCode,
        reader: AccountId,
        audience: Audience,
        view: &impl Serialize,
    ) -> Self {
        Self {
            status,
            body: compact(view),
            reader,
            audience,
            last_modified: None,
            link: None,
            location: None,
        }
    }

    /// With the links to other pages, if there are any.
    pub(crate) fn with_link(self, link: Option<HeaderValue>) -> Self {
        Self { link, ..self }
    }

    /// With the time at which anything that it shows last changed.
    pub(crate) fn last_modified(self, at: Timestamp) -> Self {
        let last_modified = Some(at);
        Self {
            last_modified,
            ..self
        }
    }

    /// Its headers, but for those that depend on the final form of the body.
    pub(crate) fn headers(&self, now: Timestamp) -> HeaderMap {
        let dated = self.last_modified.filter(|at| is_settled(*at, now));
        let mut headers = described(self.audience, dated.map(http_date));
        headers.extend(self.link.clone().map(|link| (LINK, link)));
        headers.extend(self.location.clone().map(|location| (LOCATION, location)));
        headers
    }
}

/// An answer that is ready to send: the hot paths make it, or keep the parts of one, and the front
/// adds nothing but the request's id and the headers that every answer has.
///
/// Without a tag it is sent as it is. With one it is a JSON answer in compact form: the front adds
/// the tag, answers 304 when the client has it already (by the tag, or by the `Last-Modified` among
/// the headers), and indents the body for curl, which gives it another tag.
///
/// ```text
/// // As it is: a gateway's answer.
/// let mut ready = Ready::new(StatusCode::OK);
/// ready.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
/// // JSON that was made before: cheap to clone, since its parts are counted references.
/// let kept = CachedAnswer::new(account.id, Audience::User, Some(updated_at), &view);
/// let ready = kept.ready(&state);
/// ```
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    /// The status; 200 and 201 may become 304.
    pub(crate) status: StatusCode,
    /// All headers but those that every answer has. [`Ready::new`] reserves room for those too.
    pub(crate) headers: HeaderMap,
    /// The body: compact JSON if there is a tag.
    pub(crate) body: Bytes,
    /// The tag of the body, and whose answer it is.
    pub(crate) tag: Option<Tag>,
    /// Whether the headers were filled into one of the [templates](crate::templates), so that only
    /// the request's id is missing.
    pub(crate) prefilled: bool,
}

/// The entity tag of a compact body for one reader.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    /// What is compared.
    pub(crate) entity: EntityTag,
    /// Its strong form, as it is sent.
    pub(crate) value: HeaderValue,
    /// For whom the answer is: an indented body gets its own tag from this.
    pub(crate) reader: AccountId,
}

/// The parts of a JSON answer that are worth keeping, to be sent again: neither the body nor its
/// tag is made anew.
#[derive(Clone, Debug)]
pub(crate) struct CachedAnswer {
    body: Bytes,
    tag: Tag,
    audience: Audience,
    /// In its two forms, so that neither is made again.
    last_modified: Option<(Timestamp, HeaderValue)>,
}

impl Ready {
    /// 200 with a compact JSON body that holds a secret, and the tag that stands for it: neither
    /// stored nor compressed on its way.
    pub(crate) fn secret(
        state: &ServerState,
        reader: AccountId,
        body: Vec<u8>,
        entity: EntityTag,
    ) -> Self {
        let value = entity.strong();
        Self {
            status: StatusCode::OK,
            headers: state.templates().secret.fill([value.clone()]),
            body: body.into(),
            tag: Some(Tag {
                entity,
                value,
                reader,
            }),
            prefilled: true,
        }
    }

    /// An answer without a body whose headers came from a template.
    pub(crate) fn prefilled(status: StatusCode, headers: HeaderMap) -> Self {
        Self {
            headers,
            prefilled: true,
            ..Self::bare(status)
        }
    }

    fn bare(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            tag: None,
            prefilled: false,
        }
    }

    /// An answer without a body, to which headers may be added.
    pub(crate) fn new(status: StatusCode) -> Self {
        Self {
            headers: HeaderMap::with_capacity(HEADERS),
            ..Self::bare(status)
        }
    }
}

impl Tag {
    /// The tag of this body for this reader.
    pub(crate) fn of(reader: AccountId, body: &[u8]) -> Self {
        let entity = EntityTag::of(&reader.0.to_be_bytes(), body);
        Self {
            entity,
            value: entity.strong(),
            reader,
        }
    }
}

impl CachedAnswer {
    /// What `view` is for this reader, last changed then.
    pub(crate) fn new(
        reader: AccountId,
        audience: Audience,
        last_modified: Option<Timestamp>,
        view: &impl Serialize,
    ) -> Self {
        let body = compact(view);
        Self {
            tag: Tag::of(reader, &body),
            body,
            audience,
            last_modified: last_modified.map(|at| (at, http_date(at))),
        }
    }

    /// The answer 200 with these parts.
    pub(crate) fn ready(&self, state: &ServerState) -> Ready {
        let now = state.authority().now();
        let settled = self.last_modified.as_ref();
        let settled = settled.filter(|(at, _)| is_settled(*at, now));
        let date = settled.map(|(_, date)| date.clone());
        let (headers, prefilled) = match (date, self.audience) {
            (Some(date), Audience::User) => {
                let values = [self.tag.value.clone(), date];
                (state.templates().dated.fill(values), true)
            }
            (date, audience) => (described(audience, date), false),
        };
        Ready {
            headers,
            body: self.body.clone(),
            tag: Some(self.tag.clone()),
            prefilled,
            ..Ready::bare(StatusCode::OK)
        }
    }
}

/// A view as it is sent to libraries.
fn compact(view: &impl Serialize) -> Bytes {
    serde_json::to_vec(view)
        .expect("views have text keys and plain values")
        .into()
}

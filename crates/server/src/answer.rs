//! Answers of the REST API, before they take their final form.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use counterfoil_authority::CheckedToken;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_wire::header::{self, Audience};
use http::header::{LINK, LOCATION};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

/// An answer with a body. The presenting middleware gives it its form, its tag and its headers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    link: Option<HeaderValue>,
    location: Option<HeaderValue>,
    token: Option<TokenHeaders>,
    presentable: Presentable,
}

/// What the presenting middleware needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Presentable {
    /// Compact JSON.
    pub(crate) body: Bytes,
    /// For whom the answer is: part of the entity tag.
    pub(crate) reader: AccountId,
    pub(crate) audience: Audience,
    pub(crate) last_modified: Option<Timestamp>,
}

/// What is said about the token that a request came with.
#[derive(Clone, Debug)]
struct TokenHeaders {
    scopes: HeaderValue,
    client_id: Option<HeaderValue>,
    expires: Option<HeaderValue>,
}

impl Answer {
    /// 200 with this body for this reader.
    pub(crate) fn ok(reader: AccountId, view: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, reader, Audience::User, view)
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
        let body = serde_json::to_vec(view)
            .expect("views have text keys and plain values")
            .into();
        let presentable = Presentable {
            body,
            reader,
            audience,
            last_modified: None,
        };
        Self {
            status,
            link: None,
            location: None,
            token: None,
            presentable,
        }
    }

    /// With the links to other pages, if there are any.
    pub(crate) fn with_link(self, link: Option<HeaderValue>) -> Self {
        Self { link, ..self }
    }

    /// With the time of the last change.
    pub(crate) fn last_modified(mut self, at: Timestamp) -> Self {
        self.presentable.last_modified = Some(at);
        self
    }

    /// With what is said about the token that the request came with, if it did.
    pub(crate) fn for_token(self, token: Option<&CheckedToken>) -> Self {
        let token = token.map(|token| TokenHeaders {
            scopes: header::scopes(token.scopes()),
            client_id: token
                .app()
                .and_then(|app| HeaderValue::from_str(app.client_id.as_str()).ok()),
            expires: token.expires_at().map(header::token_expiration),
        });
        Self { token, ..self }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let headers = response.headers_mut();
        headers.extend(self.link.map(|link| (LINK, link)));
        headers.extend(self.location.map(|location| (LOCATION, location)));
        if let Some(token) = self.token {
            headers.insert(header::X_OAUTH_SCOPES, token.scopes);
            headers.insert(
                header::X_ACCEPTED_OAUTH_SCOPES,
                HeaderValue::from_static(""),
            );
            headers.extend(token.client_id.map(|id| (header::X_OAUTH_CLIENT_ID, id)));
            headers.extend(token.expires.map(|at| (header::TOKEN_EXPIRATION, at)));
        }
        response.extensions_mut().insert(self.presentable);
        response
    }
}

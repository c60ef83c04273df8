//! A form that is carried along while somebody signs in or proves anew who they are, so that what
//! they typed is not lost.

use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderValue, Method, Request};

use super::fields::Fields;
use super::return_to::return_to;

/// Fields that a form carries along, as pages take them.
pub(super) fn borrowed<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    let fields = fields.iter();
    fields
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

/// A form, and where it was sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Carried {
    action: String,
    fields: Fields,
}

impl Carried {
    /// The form that was sent to this path, without its secrets.
    pub(super) fn of(action: &str, fields: &Fields) -> Self {
        Self {
            action: action.to_owned(),
            fields: fields.kept(),
        }
    }

    /// The form in a field of another one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (action, fields) = text.split_once('?')?;
        if return_to(action) != action {
            return None;
        }
        let fields = Fields::parse(fields.as_bytes()).ok()?;
        Some(Self {
            action: action.to_owned(),
            fields: fields.kept(),
        })
    }

    /// The text of the field.
    pub(super) fn to_text(&self) -> String {
        let fields = self.fields.encoded();
        format!("{}?{}", self.action, String::from_utf8_lossy(&fields))
    }

    /// Where it was sent to.
    pub(super) fn action(&self) -> &str {
        &self.action
    }

    /// What was typed.
    pub(super) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The request that sends it once more, as the one that came with these headers would: with
    /// this cookie, and this token of the form.
    pub(super) fn sent_again(
        &self,
        headers: &HeaderMap,
        cookie: HeaderValue,
        token: &str,
    ) -> Request<axum::body::Body> {
        let body = self.fields.clone().with(super::fields::TOKEN, token);
        let mut request = Request::new(axum::body::Body::from(body.encoded()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.action.parse().expect("a path of visible ASCII");
        *request.headers_mut() = headers.clone();
        let headers = request.headers_mut();
        headers.insert(COOKIE, cookie);
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        request
    }
}

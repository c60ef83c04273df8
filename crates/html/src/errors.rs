//! Pages that say why there is no other one.

#[cfg(test)]
mod samples;

use askama::Template;

use crate::frame::Frame;
use crate::layout::Layout;
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

#[cfg(test)]
pub(crate) use samples::samples;

/// Why there is no page, or none of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorPage<'a> {
    /// 400: the request cannot be read.
    BadRequest,
    /// 403: the form was sent by a page of somebody else's.
    ForeignForm,
    /// 403: too many wrong passwords or codes came from the address.
    Locked {
        /// Until the next is looked at, rounded up.
        minutes: u64,
    },
    /// 403: nobody signs in over a network without encryption.
    NotEncrypted,
    /// 404, for whoever may not see a page too.
    NotFound,
    /// 405: the address is there, and nothing that can be done to it in this way.
    WrongMethod,
    /// 413: more was sent than any form of ours has.
    TooLarge,
    /// 429: too many requests.
    TooManyRequests {
        /// Until the next is served, rounded up.
        seconds: u64,
    },
    /// 500, and an outcome that nobody knows.
    Failed {
        /// By which it is found in the log.
        request_id: &'a str,
    },
    /// 503: the database cannot be reached.
    Unavailable,
    /// 503: a node of an older version serves, too, and would not obey what was asked for.
    Updating,
    /// 503: too many passwords wait to be looked at.
    Busy {
        /// Until it is worth another try, rounded up.
        seconds: u64,
    },
}

/// The page for a form whose token is not its own any more, since the session ended or the page was
/// open for long. What was typed can be sent again.
#[derive(Clone, Copy, Debug)]
pub struct FormTooOld<'a> {
    /// Where the form was sent to.
    pub action: &'a str,
    /// A token that is good now.
    pub csrf: &'a str,
    /// What was typed, name and value, without passwords and codes.
    pub entries: &'a [(&'a str, &'a str)],
}

#[derive(Template)]
#[template(path = "errors/error.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::Errors,
    title: Text,
    text: Text,
    request_id: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "errors/form_too_old.html")]
struct FormPage<'a> {
    layout: Layout<'a>,
    words: words::Errors,
    view: &'a FormTooOld<'a>,
}

impl View for ErrorPage<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Errors(frame.language);
        let mut request = None;
        let (title, text) = match *self {
            Self::BadRequest => (words.bad_request(), words.bad_request_more()),
            Self::ForeignForm => (words.foreign_form(), words.foreign_form_more()),
            Self::Locked { minutes } => (words.locked(), words.locked_more(minutes)),
            Self::NotEncrypted => (words.not_encrypted(), words.not_encrypted_more()),
            Self::NotFound => (words.not_found(), words.not_found_more()),
            Self::WrongMethod => (words.wrong_method(), words.wrong_method_more()),
            Self::TooLarge => (words.too_large(), words.too_large_more()),
            Self::TooManyRequests { seconds } => (
                words.too_many_requests(),
                words.too_many_requests_more(seconds),
            ),
            Self::Failed { request_id } => {
                request = Some(request_id);
                (words.failed(), words.failed_more())
            }
            Self::Unavailable => (words.unavailable(), words.unavailable_more()),
            Self::Updating => (words.updating(), words.updating_more()),
            Self::Busy { seconds } => (words.busy(), words.busy_more(seconds)),
        };
        filled(&Page {
            layout: Layout::slim(frame, title.clone()),
            words,
            title,
            text,
            request_id: request,
        })
    }
}

impl View for FormTooOld<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Errors(frame.language);
        filled(&FormPage {
            layout: Layout::slim(frame, words.too_old()),
            words,
            view: self,
        })
    }
}

//! Sample values for the tests of all pages.

use super::{ErrorPage, FormTooOld};
use crate::tests::Sample;

pub(crate) fn samples() -> Vec<Sample> {
    let too_old = FormTooOld {
        action: "/settings/tokens/new",
        csrf: "dG9rZW4",
        entries: &[("note", "\"><b>"), ("scope", "repo"), ("scope", "gist")],
    };
    vec![
        Sample::of_visitor("bad-request", ErrorPage::BadRequest),
        Sample::of_visitor("foreign-form", ErrorPage::ForeignForm),
        Sample::of_visitor("locked", ErrorPage::Locked { minutes: 12 }),
        Sample::of_visitor("not-encrypted", ErrorPage::NotEncrypted),
        Sample::of_visitor("not-found", ErrorPage::NotFound),
        Sample::of_visitor("wrong-method", ErrorPage::WrongMethod),
        Sample::of_visitor("too-large", ErrorPage::TooLarge),
        Sample::of_visitor(
            "too-many-requests",
            ErrorPage::TooManyRequests { seconds: 1 },
        ),
        Sample::of_visitor(
            "failed",
            ErrorPage::Failed {
                request_id: "0198f2c4-7c1d-7c1d-8a8a-0123456789ab",
            },
        ),
        Sample::of_visitor("unavailable", ErrorPage::Unavailable),
        Sample::of_visitor("updating", ErrorPage::Updating),
        Sample::of_visitor("busy", ErrorPage::Busy { seconds: 5 }),
        Sample::of_visitor("form-too-old", too_old),
    ]
}

//! A form whose token does not fit any more: it is shown to be sent again, with what was typed.

use axum::response::Response;
use counterfoil_authority::Person;
use counterfoil_html::errors::FormTooOld;
use http::StatusCode;

use super::carried::Carried;
use super::fields::{Fields, ONCE};
use super::headers::Ends;
use super::visit::{Signed, Visit};

/// The page with the form that was sent to this path, under a token that fits.
pub(super) fn send_again(visit: &Visit, person: Option<Person>, fields: &Fields) -> Response {
    let carried = Carried::of(visit.path(), fields);
    show(visit, person, &carried)
}

/// The same for a form that was carried along.
pub(super) fn show(visit: &Visit, person: Option<Person>, carried: &Carried) -> Response {
    let action = carried.action();
    let mut fields = carried.fields().clone();
    let csrf = match person {
        None => visit.csrf(action),
        Some(person) => {
            let signed = Signed::new(visit.clone(), person);
            if fields.has(ONCE) {
                let (csrf, once) = signed.csrf_once(action);
                fields = fields.with(ONCE, &once);
                csrf
            } else {
                signed.csrf(action)
            }
        }
    };
    let fields: Vec<_> = fields.pairs().collect();
    let view = FormTooOld {
        action,
        csrf: &csrf,
        entries: &fields,
    };
    visit.page(StatusCode::FORBIDDEN, Ends::AtApp, &view)
}

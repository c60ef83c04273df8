//! `/login/forgotten`: a link for another password, for whoever has a verified address under what
//! is typed. The page says and does the same whether anybody has.

use axum::response::Response;
use counterfoil_html::link::{Forgotten, ForgottenSent};
use http::StatusCode;

use super::headers::Ends;
use super::problems;
use super::sent::Sent;
use super::visit::Visit;

const PATH: &str = "/login/forgotten";
/// The longest text that is looked up: no login and no address is longer.
const LONGEST: usize = 254;

/// `GET /login/forgotten`
pub(super) async fn show(visit: Visit) -> Response {
    if visit.query().has("sent") {
        let life = visit.authority().settings().links.reset;
        let view = ForgottenSent {
            minutes: life.as_secs().div_ceil(60),
        };
        return visit.page(StatusCode::OK, Ends::Here, &view);
    }
    form(&visit, false)
}

/// `POST /login/forgotten`
pub(super) async fn send(
    Sent {
        by: visit, fields, ..
    }: Sent<Visit>,
) -> Response {
    let typed = fields.text("login").trim();
    if typed.is_empty() || !visit.authority().sends_mail() {
        return form(&visit, typed.is_empty());
    }
    let end = typed.floor_char_boundary(LONGEST);
    let asked = visit.authority().ask_reset(&typed[..end], visit.origin());
    match asked.await {
        Ok(()) => visit.go(&format!("{PATH}?sent")),
        Err(error) => problems::show(&visit, error.into()),
    }
}

fn form(visit: &Visit, is_empty: bool) -> Response {
    let csrf = visit.csrf(PATH);
    let sends_mail = visit.authority().sends_mail();
    let status = if is_empty && sends_mail {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let view = Forgotten {
        csrf: sends_mail.then_some(&csrf),
        is_empty,
    };
    visit.page(status, Ends::Here, &view)
}

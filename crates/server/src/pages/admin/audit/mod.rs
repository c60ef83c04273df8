//! `/admin/audit`: the audit trail, filtered, a page at a time.
//!
//! What it is filtered by stands in the address, so that it can be kept and sent to a colleague.
//! The digest of a token gets there too, but by a form that is posted: people paste the token
//! itself, and no token is to stand in an address or on a page. Wherever else one was pasted, the
//! browser is led on to an address without it.

mod events;
mod query;

use axum::response::Response;
use counterfoil_authority::{TrailError, TrailPage, TrailQueryError, UnknownName, page_cursor};
use counterfoil_html::admin::audit::{AuditTrail, FilterProblem, Filters};
use http::StatusCode;

use super::{Administrator, FreshAdministrator};
use crate::pages::fields::digest as digest_of;
use crate::pages::problems::{self, PageProblem};
use crate::pages::sent::Sent;

const PATH: &str = "/admin/audit";
/// The field of the digest.
const DIGEST: &str = "token_digest";
/// Says in an address why something was left out of it.
const REFUSED: &str = "refused";
/// Events on a page.
const AT_A_TIME: usize = 25;

/// `GET /admin/audit`
pub(in crate::pages) async fn show(administrator: Administrator) -> Response {
    let fields = administrator.query();
    let formats = &administrator.authority().settings().token_formats;
    let (mut filters, left_out) = query::typed(&fields, formats);
    let digest = fields.text(DIGEST).trim();
    let refused = match digest_of(digest) {
        Some(digest) => {
            filters.token_digest = digest.to_hex();
            None
        }
        None if digest.is_empty() => None,
        None => Some(query::refused(digest, formats)),
    };
    if let Some(problem) = refused.or(left_out) {
        let word = query::word_of(problem);
        return administrator.go(&query::address(&filters, &[(REFUSED, word)]));
    }
    let problems = query::of_word(fields.text(REFUSED)).into_iter().collect();
    list(&administrator, &filters, problems, fields.text("cursor")).await
}

/// `POST /admin/audit`: looks for a token by its digest.
pub(in crate::pages) async fn seek(
    Sent {
        by: administrator,
        fields,
        ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let formats = &administrator.authority().settings().token_formats;
    let (mut filters, left_out) = query::typed(&fields, formats);
    let digest = fields.text(DIGEST).trim();
    let refused = match digest_of(digest) {
        Some(digest) => {
            filters.token_digest = digest.to_hex();
            left_out
        }
        None if digest.is_empty() => left_out,
        None => Some(query::refused(digest, formats)),
    };
    match refused {
        None => administrator.go(&query::address(&filters, &[])),
        Some(problem) => list(&administrator, &filters, vec![problem], "").await,
    }
}

/// The page: of a list that is asked for in the right way, else with what is wrong (422).
async fn list(
    administrator: &Administrator,
    filters: &Filters,
    mut problems: Vec<FilterProblem>,
    cursor: &str,
) -> Response {
    let found = if problems.is_empty() {
        match find(administrator, filters, cursor).await {
            Ok(found) => Some(found),
            Err(NotFound::Wrong(wrong)) => {
                problems = wrong;
                None
            }
            Err(NotFound::Failed(problem)) => return problems::show(administrator, problem),
        }
    } else {
        None
    };
    let status = if found.is_some() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let (events, next, is_cut_short) = match found {
        Some(page) => (page.events, page.next, page.is_cut_short),
        None => (Vec::new(), None, false),
    };
    let events: Vec<_> = events.into_iter().map(events::told).collect();
    let older = next.map(|next| query::address(filters, &[("cursor", &next.to_text())]));
    let newest = (!cursor.is_empty()).then(|| query::address(filters, &[]));
    let view = AuditTrail {
        filters,
        problems: &problems,
        csrf: &administrator.csrf(PATH),
        events: &events,
        newest: newest.as_deref(),
        older: older.as_deref(),
        is_cut_short,
    };
    administrator.page(status, &view).await
}

/// Why there is no list.
enum NotFound {
    /// It is asked for in a wrong way.
    Wrong(Vec<FilterProblem>),
    /// The database failed.
    Failed(PageProblem),
}

impl From<FilterProblem> for NotFound {
    fn from(problem: FilterProblem) -> Self {
        Self::Wrong(vec![problem])
    }
}

async fn find(
    administrator: &Administrator,
    filters: &Filters,
    cursor: &str,
) -> Result<TrailPage, NotFound> {
    let authority = administrator.authority();
    let query = query::read(filters, administrator.zone(), authority.now());
    let query = query.map_err(NotFound::Wrong)?;
    let cursor = match cursor {
        "" => None,
        text => Some(page_cursor(text).map_err(|_| FilterProblem::Cursor)?),
    };
    let filter = authority.event_filter(query).await;
    let filter = filter.map_err(|error| match error {
        TrailQueryError::Unknown(name) => unknown(&name).into(),
        TrailQueryError::Store(error) => NotFound::Failed(error.into()),
    })?;
    let page = authority.trail_page(cursor, &filter, AT_A_TIME, administrator.operator());
    page.await.map_err(|error| match error {
        TrailError::Store(error) => NotFound::Failed(error.into()),
        TrailError::AnotherDatabase | TrailError::Outdated => FilterProblem::Cursor.into(),
    })
}

fn unknown(name: &UnknownName) -> FilterProblem {
    match name {
        UnknownName::ActingUser(_) | UnknownName::ActingApp(_) => FilterProblem::UnknownActor,
        UnknownName::User(_) => FilterProblem::UnknownUser,
        UnknownName::App(_) => FilterProblem::UnknownApp,
        UnknownName::Organization(_) => FilterProblem::UnknownOrganization,
    }
}

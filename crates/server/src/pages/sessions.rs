//! `/settings/sessions`: where somebody is signed in.

use axum::response::Response;
use counterfoil_authority::{NoSuchSession, UseCaseError};
use counterfoil_domain::id::SessionId;
use counterfoil_html::sessions::{SessionRow, Sessions, ended_others, ended_session};
use http::StatusCode;

use super::problems::{self, PageProblem};
use super::sent::Sent;
use super::visit::{Fresh, Signed};

const PATH: &str = "/settings/sessions";

/// `GET /settings/sessions`
pub(super) async fn list(signed: Signed) -> Response {
    let sessions = signed.authority().sessions_of(signed.person().account());
    let sessions = match sessions.await {
        Ok(sessions) => sessions,
        Err(error) => return problems::show(&signed, error.into()),
    };
    let own = signed.person().session().id;
    let rows = sessions.iter().map(|session| SessionRow {
        id: session.id.to_string(),
        agent: session.agent.as_deref().unwrap_or_default(),
        address: session.address.to_string(),
        made: session.created_at,
        last_used: session.last_used_at,
        is_this: session.id == own,
    });
    let view = Sessions {
        end_csrf: &signed.csrf("/settings/sessions/end"),
        end_others_csrf: &signed.csrf("/settings/sessions/end-others"),
        sessions: rows.collect(),
    };
    signed.page(StatusCode::OK, &view).await
}

/// `POST /settings/sessions/end`
pub(super) async fn end(
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
) -> Response {
    let Ok(id) = fields.text("session").parse() else {
        return problems::show(&fresh, PageProblem::NotFound);
    };
    let ended = fresh
        .authority()
        .end_own_session(fresh.person(), SessionId(id))
        .await;
    match ended {
        Ok(()) => {
            let status = ended_session(fresh.language());
            fresh.go_and_tell(PATH, status).await
        }
        Err(UseCaseError::Refused(NoSuchSession)) => problems::show(&fresh, PageProblem::NotFound),
        Err(UseCaseError::CallerGone(_)) => fresh.go("/login"),
        Err(UseCaseError::Store(error)) => problems::show(&fresh, error.into()),
    }
}

/// `POST /settings/sessions/end-others`
pub(super) async fn end_others(Sent { by: fresh, .. }: Sent<Fresh>) -> Response {
    let ended = fresh.authority().end_other_sessions(fresh.person()).await;
    match ended {
        Ok(count) => {
            let status = ended_others(fresh.language(), count);
            fresh.go_and_tell(PATH, status).await
        }
        Err(UseCaseError::Refused(never)) => match never {},
        Err(UseCaseError::CallerGone(_)) => fresh.go("/login"),
        Err(UseCaseError::Store(error)) => problems::show(&fresh, error.into()),
    }
}

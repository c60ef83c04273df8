//! The page of a user, and the one that asks whether an act is meant.

use axum::response::{IntoResponse as _, Response};
use counterfoil_domain::administered::UserFacts;
use counterfoil_domain::text::Note;
use counterfoil_html::admin::users::{ConfirmAct, OneUser, SleepingToken, UserAct};
use http::StatusCode;

use super::{found, found_other, is_own, link, path_of};
use crate::pages::admin::Administrator;
use crate::pages::path::{UserActOf, UserLogin};
use crate::pages::problems;

/// `GET /admin/users/{login}`
pub(in crate::pages) async fn show(
    administrator: Administrator,
    UserLogin(login): UserLogin,
) -> Response {
    let facts = match found(&administrator, &login).await {
        Ok(facts) => facts,
        Err(page) => return page.into_response(),
    };
    let view = OneUser {
        is_own: is_own(&administrator, &facts),
        facts: &facts,
    };
    administrator.page(StatusCode::OK, &view).await
}

/// `GET /admin/users/{login}/confirm/{act}`
pub(in crate::pages) async fn confirm(
    administrator: Administrator,
    UserActOf(login, act): UserActOf,
) -> Response {
    let facts = match found_other(&administrator, &login).await {
        Ok(facts) => facts,
        Err(page) => return page.into_response(),
    };
    if !act.is_offered_for(&facts) {
        // It was done meanwhile, or there is no reason for it.
        return administrator.go(&path_of(&facts.account.login));
    }
    page(&administrator, StatusCode::OK, act, &facts, None).await
}

/// The page that asks.
pub(super) async fn page(
    administrator: &Administrator,
    status: StatusCode,
    act: UserAct,
    facts: &UserFacts,
    typed: Option<&str>,
) -> Response {
    let asleep = match act {
        UserAct::Promote => {
            administrator
                .authority()
                .tokens_asleep(&facts.account)
                .await
        }
        _ => Ok(Vec::new()),
    };
    let asleep = match asleep {
        Ok(asleep) => asleep,
        Err(error) => return problems::show(administrator, error.into()),
    };
    let tokens = asleep.iter().map(|owned| {
        let token = &owned.authorization;
        SleepingToken {
            name: token.note.as_ref().map_or("", Note::as_str),
            last_eight: &token.token.last_eight,
            scopes: &token.scopes,
        }
    });
    let tokens: Vec<_> = tokens.collect();
    let action = format!("{}/{}", path_of(&facts.account.login), act.word());
    let (csrf, once) = if act.makes_link() {
        let (csrf, once) = administrator.csrf_once(&action);
        (csrf, Some(once))
    } else {
        (administrator.csrf(&action), None)
    };
    let view = ConfirmAct {
        csrf: &csrf,
        once: once.as_deref(),
        act,
        facts,
        asleep: &tokens,
        is_mailed: link::is_mailed(administrator, act, facts),
        typed,
    };
    administrator.page(status, &view).await
}

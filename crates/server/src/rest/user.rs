//! `/user` (wire contract, section 19)

use axum::extract::State;
use counterfoil_authority::CheckedToken;
use counterfoil_domain::access::{Profile, ProfileForm};
use counterfoil_wire::view::{EmailView, PrivateUser, PublicUser};

use super::extract::{Caller, List};
use crate::answer::Answer;
use crate::problem::ApiProblem;
use crate::state::ServerState;

const EMAILS_PATH: &str = "/user/emails";

/// `GET /user`: what it shows depends on the scopes of the token too.
pub(super) async fn find(Caller(caller): Caller, State(state): State<ServerState>) -> Answer {
    let account = caller.account();
    let Profile { form, email } = caller.viewer().own_profile();
    let answer = match form {
        ProfileForm::Private => {
            Answer::ok(account.id, &PrivateUser::new(account, email, state.base()))
        }
        ProfileForm::Public => {
            Answer::ok(account.id, &PublicUser::new(account, email, state.base()))
        }
    };
    let token = caller.token().map(CheckedToken::updated_at);
    answer.last_modified(token.map_or(account.updated_at, |token| account.updated_at.max(token)))
}

/// `GET /user/emails`
pub(super) async fn emails(
    Caller(caller): Caller,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let viewer = caller.viewer();
    let found = state.authority().own_emails(&viewer, list.page).await?;
    let reader = (&state, viewer.account());
    Ok(list.answer(reader, EMAILS_PATH, &found, EmailView::from))
}

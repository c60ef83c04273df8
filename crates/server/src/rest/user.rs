//! `/user`

use axum::extract::State;
use counterfoil_wire::view::{PrivateUser, PublicUser, ShownEmail};

use crate::answer::Answer;
use crate::extract::Caller;
use crate::state::ServerState;

/// `GET /user`
pub(crate) async fn find(caller: Caller, State(state): State<ServerState>) -> Answer {
    let account = caller.account();
    let email = if caller.may("user:email") {
        ShownEmail::Primary
    } else {
        ShownEmail::Hidden
    };
    let answer = if caller.may("read:user") {
        Answer::ok(account.id, &PrivateUser::new(account, email, state.base()))
    } else {
        Answer::ok(account.id, &PublicUser::new(account, email, state.base()))
    };
    answer
        .last_modified(account.updated_at)
        .for_token(caller.token.as_ref())
}

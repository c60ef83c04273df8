//! `/user`

use axum::extract::State;
use counterfoil_domain::scope::Scope;
use counterfoil_wire::view::{PrivateUser, PublicUser, ShownEmail};

use crate::answer::Answer;
use crate::extract::Caller;
use crate::state::ServerState;

/// `GET /user`
pub(crate) async fn find(caller: Caller, State(state): State<ServerState>) -> Answer {
    let account = &caller.account;
    let email = if may(&caller, "user:email") {
        ShownEmail::Primary
    } else {
        ShownEmail::Hidden
    };
    let answer = if may(&caller, "read:user") {
        Answer::ok(account.id, &PrivateUser::new(account, email, state.base()))
    } else {
        Answer::ok(account.id, &PublicUser::new(account, email, state.base()))
    };
    answer
        .last_modified(account.updated_at)
        .for_token(caller.token.as_ref())
}

/// Whether the caller sees what this scope opens: always with a password, else by the token's scopes.
fn may(caller: &Caller, scope: &str) -> bool {
    let Some(token) = &caller.token else {
        return true;
    };
    let scopes = token.scopes.effective(caller.account.standing);
    Scope::find(scope).is_some_and(|scope| scopes.covers(scope))
}

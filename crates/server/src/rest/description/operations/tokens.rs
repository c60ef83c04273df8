//! Grants, tokens, and what apps do with them.

use counterfoil_wire::documentation::Operation;
use counterfoil_wire::input::{
    CreateAuthorization, GetOrCreate, ScopedToken, TokenOfApp, UpdateAuthorization,
};
use counterfoil_wire::view::{AuthorizationView, GrantView};

use super::Described;
use crate::rest::description::query::{CLIENT_ID, PAGE, PER_PAGE, Query};
use crate::rest::description::success::{Success, many, one};

const AUTHORIZATION: Success = Success::ok(one::<AuthorizationView<'static>>);
const NEW_AUTHORIZATION: Success = Success::created(one::<AuthorizationView<'static>>);
const LIST_OF_APP: &[Query] = &[CLIENT_ID, PER_PAGE, PAGE];

pub(super) static ROWS: &[Described] = &[
    // Grants.
    Described::list(
        Operation::ListGrants,
        "List the apps that the user granted access",
        &[Success::ok(many::<GrantView<'static>>)],
    )
    .asking(LIST_OF_APP),
    Described::new(
        Operation::GetGrant,
        "Find a grant",
        &[Success::ok(one::<GrantView<'static>>)],
    ),
    Described::new(
        Operation::DeleteGrant,
        "Revoke a grant with all tokens of its app",
        &[Success::DONE],
    ),
    // Authorizations.
    Described::list(
        Operation::ListAuthorizations,
        "List the user's tokens",
        &[Success::ok(many::<AuthorizationView<'static>>)],
    )
    .asking(LIST_OF_APP),
    Described::new(
        Operation::CreateAuthorization,
        "Create a token",
        &[NEW_AUTHORIZATION],
    )
    .taking(&CreateAuthorization::SHAPE),
    Described::new(
        Operation::GetOrCreateForApp,
        "Find the user's token for an app, or create it",
        &[AUTHORIZATION, NEW_AUTHORIZATION],
    )
    .taking(&GetOrCreate::SHAPE),
    Described::new(
        Operation::GetOrCreateForAppAndFingerprint,
        "Find the user's token for an app and a fingerprint, or create it",
        &[AUTHORIZATION, NEW_AUTHORIZATION],
    )
    .taking(&GetOrCreate::SHAPE_BESIDE_FINGERPRINT),
    Described::new(
        Operation::GetAuthorization,
        "Find what was recorded of a token",
        &[AUTHORIZATION],
    ),
    Described::new(
        Operation::UpdateAuthorization,
        "Change the scopes or the note of a token",
        &[AUTHORIZATION],
    )
    .taking(&UpdateAuthorization::SHAPE),
    Described::new(
        Operation::DeleteAuthorization,
        "Revoke a token",
        &[Success::DONE],
    ),
    // What apps do with tokens.
    Described::new(
        Operation::CheckToken,
        "Check a token of the app",
        &[AUTHORIZATION],
    )
    .taking(&TokenOfApp::SHAPE),
    Described::new(
        Operation::ResetToken,
        "Replace a token of the app by a new one",
        &[AUTHORIZATION],
    )
    .taking(&TokenOfApp::SHAPE),
    Described::new(
        Operation::DeleteAppToken,
        "Revoke a token of the app",
        &[Success::DONE],
    )
    .taking(&TokenOfApp::SHAPE),
    Described::new(
        Operation::DeleteAppAuthorization,
        "Revoke the grant behind a token of the app",
        &[Success::DONE],
    )
    .taking(&TokenOfApp::SHAPE),
    Described::new(
        Operation::ScopeToken,
        "Narrow a token to repositories: no token here can be",
        &[],
    )
    .taking(&ScopedToken::SHAPE),
];

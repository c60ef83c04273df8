//! What site administrators do.

use counterfoil_wire::documentation::Operation;
use counterfoil_wire::input::{CreateUser, Impersonation, RenameUser, SuspensionReason};
use counterfoil_wire::view::{AuthorizationView, RenameQueued, SimpleUser};

use super::Described;
use crate::rest::description::success::{Success, many, one};

const AUTHORIZATION: Success = Success::ok(one::<AuthorizationView<'static>>);
const NEW_AUTHORIZATION: Success = Success::created(one::<AuthorizationView<'static>>);

pub(super) static ROWS: &[Described] = &[
    Described::list(
        Operation::ListPersonalTokens,
        "List the personal tokens of all users",
        &[Success::ok(many::<AuthorizationView<'static>>)],
    ),
    Described::new(
        Operation::DeletePersonalToken,
        "Revoke a personal token of any user",
        &[Success::DONE],
    ),
    Described::new(
        Operation::CreateImpersonation,
        "Create a token that acts as a user, or find it",
        &[AUTHORIZATION, NEW_AUTHORIZATION],
    )
    .taking(&Impersonation::SHAPE),
    Described::new(
        Operation::DeleteImpersonation,
        "Revoke the token that acts as a user",
        &[Success::DONE],
    ),
    Described::new(
        Operation::CreateUser,
        "Create a user",
        &[Success::created(one::<SimpleUser<'static>>)],
    )
    .taking(&CreateUser::SHAPE),
    Described::new(
        Operation::RenameUser,
        "Give a user another login",
        &[Success::accepted(one::<RenameQueued>)],
    )
    .taking(&RenameUser::SHAPE),
    Described::new(Operation::DeleteUser, "Delete a user", &[Success::DONE]),
    Described::new(
        Operation::PromoteUser,
        "Make a user a site administrator",
        &[Success::DONE],
    ),
    Described::new(
        Operation::DemoteUser,
        "Make a site administrator an ordinary user",
        &[Success::DONE],
    ),
    Described::new(Operation::SuspendUser, "Suspend a user", &[Success::DONE])
        .taking(&SuspensionReason::SHAPE),
    Described::new(
        Operation::UnsuspendUser,
        "Lift the suspension of a user",
        &[Success::DONE],
    )
    .taking(&SuspensionReason::SHAPE),
];

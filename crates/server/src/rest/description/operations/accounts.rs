//! The API about itself, and users.

use counterfoil_wire::documentation::Operation;
use counterfoil_wire::view::{
    EmailView, Meta, PrivateUser, PublicUser, RateLimitView, Root, SimpleOrganization,
};

use super::Described;
use crate::rest::description::success::{Success, either, many, one};

pub(super) static ROWS: &[Described] = &[
    // The API about itself.
    Described::new(
        Operation::GetRoot,
        "List the addresses of the API",
        &[Success::ok(one::<Root<'static>>)],
    ),
    Described::new(
        Operation::GetMeta,
        "Tell how clients may sign in, and which release this is",
        &[Success::ok(one::<Meta<'static>>)],
    ),
    Described::new(
        Operation::ListVersions,
        "List the versions of the API",
        &[Success::ok(many::<String>)],
    ),
    Described::new(
        Operation::GetRateLimit,
        "Tell how many requests are left",
        &[Success::ok(one::<RateLimitView>)],
    )
    .refusing(&[404]),
    // Users.
    Described::new(
        Operation::GetAuthenticatedUser,
        "Find the user who asks",
        &[Success::ok(
            either::<PrivateUser<'static>, PublicUser<'static>>,
        )],
    ),
    Described::new(
        Operation::GetUser,
        "Find a user or an organization by login",
        &[Success::ok(one::<PublicUser<'static>>)],
    ),
    Described::new(
        Operation::GetUserById,
        "Find a user or an organization by id",
        &[Success::ok(one::<PublicUser<'static>>)],
    ),
    Described::list(
        Operation::ListOrganizationsOfUser,
        "List the organizations of which everybody may know that a user is a member",
        &[Success::ok(many::<SimpleOrganization<'static>>)],
    ),
    Described::list(
        Operation::ListEmails,
        "List the user's e-mail addresses",
        &[Success::ok(many::<EmailView<'static>>)],
    )
    .refusing(&[404]),
];

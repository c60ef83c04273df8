//! `/admin`: what only site administrators see and do (wire contract, section 36). A folder, or a
//! file, for each subject.
//!
//! A handler that shows something takes [`Administrator`], one that does something
//! `Sent<FreshAdministrator>`: whoever else is signed in is told that there is nothing, and whoever
//! proved too long ago who they are is asked again. Use cases get the operator of the witness.

pub(super) mod apps;
pub(super) mod audit;
pub(super) mod health;
pub(super) mod organizations;
pub(super) mod settings;
pub(super) mod tokens;
pub(super) mod users;
mod who;

use axum::response::Response;
use counterfoil_authority::UseCaseError;
use counterfoil_domain::page::Page;

pub(crate) use who::{Administrator, FreshAdministrator};

use super::problems::{self, PageProblem};

/// Rows on a page.
const AT_A_TIME: u32 = 50;

/// Which page of a list the address asks for.
fn page_of(administrator: &Administrator) -> Page {
    let number = administrator.query().text("page").parse().unwrap_or(1);
    Page::new(number, AT_A_TIME)
}

/// What is answered for what is not there, or is no more; and to who is no administrator any more.
fn not_there<R>(administrator: &Administrator, error: UseCaseError<R>) -> Response {
    match error {
        UseCaseError::Refused(_) => problems::show(administrator, PageProblem::NotFound),
        UseCaseError::CallerGone(_) => administrator.go("/login"),
        UseCaseError::Store(error) => problems::show(administrator, error.into()),
    }
}

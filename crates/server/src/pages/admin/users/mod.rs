//! `/admin/users`: users are found, looked at, and acted on.

pub(in crate::pages) mod act;
pub(in crate::pages) mod ask;
pub(in crate::pages) mod invite;
mod link;
pub(in crate::pages) mod list;

use counterfoil_domain::administered::UserFacts;
use counterfoil_domain::login::Login;

use crate::pages::admin::{Administrator, not_there};
use crate::pages::problems::{self, PageProblem};
use crate::pages::visit::Turned;

/// The list, to which a page leads on that is done.
const LIST: &str = "/admin/users";

/// Where the pages of a user are.
fn path_of(login: &Login) -> String {
    format!("{LIST}/{login}")
}

/// A user, or the page that says that there is none.
async fn found(administrator: &Administrator, login: &Login) -> Result<UserFacts, Turned> {
    let facts = administrator
        .authority()
        .user_facts(login, administrator.operator());
    facts
        .await
        .map_err(|error| not_there(administrator, error).into())
}

/// A user who is somebody else than the administrator: nobody does to themselves what is done here.
async fn found_other(administrator: &Administrator, login: &Login) -> Result<UserFacts, Turned> {
    let facts = found(administrator, login).await?;
    if is_own(administrator, &facts) {
        return Err(problems::show(administrator, PageProblem::NotFound).into());
    }
    Ok(facts)
}

fn is_own(administrator: &Administrator, facts: &UserFacts) -> bool {
    facts.account.id == administrator.person().account().id
}

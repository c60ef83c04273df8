//! `/users`, and a user by id (wire contract, section 19)

use axum::extract::State;
use counterfoil_authority::UseCaseError;
use counterfoil_domain::access::Profile;
use counterfoil_domain::account::{Account, AccountRef, NoSuchUser};
use counterfoil_domain::organization::Organization;
use counterfoil_domain::page::Paged;
use counterfoil_wire::problem::Problem;
use counterfoil_wire::view::{PublicUser, SimpleOrganization};

use super::extract::{List, OptionalCaller, PathAccountId, PathLogin};
use crate::answer::Answer;
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// Whoever has a login or an id: users and organizations share both.
enum Holder {
    User(Account),
    Organization(Organization),
}

impl Holder {
    async fn find(wanted: &AccountRef, state: &ServerState) -> Result<Self, ApiProblem> {
        let authority = state.authority();
        match authority.look_up_user(wanted).await {
            Ok(account) => Ok(Self::User(account)),
            Err(UseCaseError::CallerGone(_)) => Err(Problem::BadCredentials.into()),
            Err(UseCaseError::Store(error)) => Err(error.into()),
            Err(UseCaseError::Refused(NoSuchUser)) => {
                let organization = authority.look_up_organization(wanted).await?;
                Ok(Self::Organization(organization))
            }
        }
    }
}

/// `GET /users/{username}`: a user or an organization, as everybody sees it.
pub(super) async fn find(
    caller: OptionalCaller,
    PathLogin(login): PathLogin,
    State(state): State<ServerState>,
) -> Result<Answer, ApiProblem> {
    show(&caller, &AccountRef::Login(login), &state).await
}

/// `GET /user/{account_id}`: the same by id.
pub(super) async fn find_by_id(
    caller: OptionalCaller,
    PathAccountId(id): PathAccountId,
    State(state): State<ServerState>,
) -> Result<Answer, ApiProblem> {
    show(&caller, &AccountRef::Id(id), &state).await
}

async fn show(
    caller: &OptionalCaller,
    wanted: &AccountRef,
    state: &ServerState,
) -> Result<Answer, ApiProblem> {
    Ok(match Holder::find(wanted, state).await? {
        Holder::User(account) => {
            let Profile { email, .. } = Profile::OF_ANYBODY;
            let view = PublicUser::new(&account, email, state.base());
            caller
                .answer(&view)
                .last_modified(account.shown_changed_at())
        }
        Holder::Organization(organization) => {
            let view = PublicUser::of_organization(&organization, state.base());
            caller.answer(&view).last_modified(organization.updated_at)
        }
    })
}

/// `GET /users/{username}/orgs`: whose membership is public, which is nobody's.
pub(super) async fn list_organizations(
    caller: OptionalCaller,
    PathLogin(login): PathLogin,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let wanted = AccountRef::Login(login);
    let login = match Holder::find(&wanted, &state).await? {
        Holder::User(account) => account.login,
        Holder::Organization(organization) => organization.login,
    };
    let path = format!("/users/{login}/orgs");
    let none = Paged::<Organization>::empty();
    Ok(
        list.public_answer((&state, &caller), &path, &none, |organization| {
            SimpleOrganization::new(organization, state.base())
        }),
    )
}

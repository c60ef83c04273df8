//! What is done to a user. One handler for each row, since each row leaves an event of its own.

use axum::response::{IntoResponse as _, Response};
use counterfoil_authority::{LinkTo, UseCaseError};
use counterfoil_domain::account::{NoSuchUser, UserDeletionRefused};
use counterfoil_domain::login::Login;
use counterfoil_domain::scope::Standing;
use counterfoil_html::admin::LOGIN_FIELD;
use counterfoil_html::admin::users::UserAct;
use http::StatusCode;

use super::{LIST, ask, found_other, link, not_there, path_of};
use crate::pages::admin::FreshAdministrator;
use crate::pages::path::UserLogin;
use crate::pages::problems::{self, PageProblem};
use crate::pages::sent::Sent;
use crate::pages::visit::Turned;

type Form = Sent<FreshAdministrator>;

/// `POST /admin/users/{login}/invite`: its answer shows the link where none is mailed.
pub(in crate::pages) async fn invite(user: UserLogin, form: Form) -> Response {
    make_link(UserAct::Invite, user, form).await
}

/// `POST /admin/users/{login}/reset`: the same.
pub(in crate::pages) async fn reset(user: UserLogin, form: Form) -> Response {
    make_link(UserAct::Reset, user, form).await
}

async fn make_link(act: UserAct, UserLogin(login): UserLogin, form: Form) -> Response {
    let administrator = form.by;
    let Some(once) = form.once else {
        return problems::show(&administrator, PageProblem::NoForm);
    };
    let facts = match found_other(&administrator, &login).await {
        Ok(facts) => facts,
        Err(page) => return page.into_response(),
    };
    let to = if link::is_mailed(&administrator, act, &facts) {
        LinkTo::MailOrShow
    } else {
        LinkTo::Show
    };
    let login = &facts.account.login;
    let operator = administrator.operator().once(once);
    let authority = administrator.authority();
    let made = if act == UserAct::Invite {
        authority.offer_invitation(login, to, &operator).await
    } else {
        authority.offer_reset(login, to, &operator).await
    };
    match made {
        Ok(delivery) => link::delivered(&administrator, act, login, &delivery).await,
        Err(error) => link::refused(&administrator, login, error).await,
    }
}

/// `POST /admin/users/{login}/unlock`
pub(in crate::pages) async fn unlock(user: UserLogin, form: Form) -> Response {
    let (administrator, login) = match other(user, form).await {
        Ok(other) => other,
        Err(page) => return page.into_response(),
    };
    let operator = administrator.operator();
    let done = administrator.authority().unlock_account(&login, operator);
    told(&administrator, UserAct::Unlock, &login, done.await).await
}

/// `POST /admin/users/{login}/suspend`
pub(in crate::pages) async fn suspend(user: UserLogin, form: Form) -> Response {
    let (administrator, login) = match other(user, form).await {
        Ok(other) => other,
        Err(page) => return page.into_response(),
    };
    let operator = administrator.operator();
    let done = administrator.authority().suspend_account(&login, operator);
    told(&administrator, UserAct::Suspend, &login, done.await).await
}

/// `POST /admin/users/{login}/unsuspend`
pub(in crate::pages) async fn unsuspend(user: UserLogin, form: Form) -> Response {
    let (administrator, login) = match other(user, form).await {
        Ok(other) => other,
        Err(page) => return page.into_response(),
    };
    let operator = administrator.operator();
    let done = administrator
        .authority()
        .unsuspend_account(&login, operator);
    told(&administrator, UserAct::Unsuspend, &login, done.await).await
}

/// `POST /admin/users/{login}/end-sessions`
pub(in crate::pages) async fn end_sessions(user: UserLogin, form: Form) -> Response {
    let (administrator, login) = match other(user, form).await {
        Ok(other) => other,
        Err(page) => return page.into_response(),
    };
    let operator = administrator.operator();
    let done = administrator.authority().end_sessions_of(&login, operator);
    told(&administrator, UserAct::EndSessions, &login, done.await).await
}

/// `POST /admin/users/{login}/two-factor-off`
pub(in crate::pages) async fn turn_off_two_factor(user: UserLogin, form: Form) -> Response {
    let (administrator, login) = match other(user, form).await {
        Ok(other) => other,
        Err(page) => return page.into_response(),
    };
    let operator = administrator.operator();
    let done = administrator
        .authority()
        .disable_two_factor(&login, operator);
    told(
        &administrator,
        UserAct::TurnOffTwoFactor,
        &login,
        done.await,
    )
    .await
}

/// `POST /admin/users/{login}/promote`
pub(in crate::pages) async fn promote(user: UserLogin, form: Form) -> Response {
    set_standing(UserAct::Promote, Standing::SiteAdministrator, user, form).await
}

/// `POST /admin/users/{login}/demote`
pub(in crate::pages) async fn demote(user: UserLogin, form: Form) -> Response {
    set_standing(UserAct::Demote, Standing::Ordinary, user, form).await
}

async fn set_standing(act: UserAct, standing: Standing, user: UserLogin, form: Form) -> Response {
    let (administrator, login) = match other(user, form).await {
        Ok(other) => other,
        Err(page) => return page.into_response(),
    };
    let done =
        administrator
            .authority()
            .change_standing(&login, standing, administrator.operator());
    told(&administrator, act, &login, done.await).await
}

/// `POST /admin/users/{login}/delete`: whoever wants it types the login.
pub(in crate::pages) async fn delete(UserLogin(login): UserLogin, form: Form) -> Response {
    let administrator = form.by;
    let facts = match found_other(&administrator, &login).await {
        Ok(facts) => facts,
        Err(page) => return page.into_response(),
    };
    let (login, typed) = (&facts.account.login, form.fields.text(LOGIN_FIELD));
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let is_typed = Login::parse(typed.trim()).is_ok_and(|typed| typed.key() == login.key());
    if !is_typed {
        let typed = Some(typed);
        return ask::page(&administrator, refused, UserAct::Delete, &facts, typed).await;
    }
    let deleted = administrator
        .authority()
        .delete_unless_last_owner(login, administrator.operator());
    match deleted.await {
        Ok(_) => {
            let status = UserAct::Delete.done(login.as_str(), administrator.language());
            administrator.go_and_tell(LIST, status).await
        }
        Err(UseCaseError::Refused(UserDeletionRefused::LastOwner(alone))) => {
            let mut facts = facts;
            facts.owns_alone = alone;
            ask::page(&administrator, refused, UserAct::Delete, &facts, None).await
        }
        Err(error) => not_there(&administrator, error),
    }
}

/// Who sent the form, and to whose account it is to be done: somebody else's.
async fn other(
    UserLogin(login): UserLogin,
    form: Form,
) -> Result<(FreshAdministrator, Login), Turned> {
    let facts = found_other(&form.by, &login).await?;
    Ok((form.by, facts.account.login))
}

/// On to the page of the user, which tells what was done.
async fn told<T>(
    administrator: &FreshAdministrator,
    act: UserAct,
    login: &Login,
    done: Result<T, UseCaseError<NoSuchUser>>,
) -> Response {
    match done {
        Ok(_) => {
            let status = act.done(login.as_str(), administrator.language());
            administrator.go_and_tell(&path_of(login), status).await
        }
        Err(error) => not_there(administrator, error),
    }
}

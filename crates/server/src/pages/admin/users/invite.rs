//! `/admin/invite`: a user is made who chooses the password by a link.

use axum::response::Response;
use counterfoil_authority::{Invite, InviteError, LinkTo, UseCaseError};
use counterfoil_domain::account::{AccountChangeRefused, AccountCreationRefused};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::link::LinkRefused;
use counterfoil_domain::login::Login;
use counterfoil_domain::principal::Lapsed;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::text::DisplayName;
use counterfoil_html::admin::LOGIN_FIELD;
use counterfoil_html::admin::users::{
    EmailProblem, InviteForm, InviteProblems, InviteUser, LoginProblem, UserAct,
};
use http::StatusCode;

use super::{link, not_there};
use crate::pages::admin::{Administrator, FreshAdministrator};
use crate::pages::fields::Fields;
use crate::pages::problems::{self, PageProblem};
use crate::pages::sent::Sent;

const PATH: &str = "/admin/invite";

/// `GET /admin/invite`
pub(in crate::pages) async fn show(administrator: Administrator) -> Response {
    let form = InviteForm::default();
    let problems = InviteProblems::default();
    page(&administrator, StatusCode::OK, &form, problems).await
}

/// `POST /admin/invite`: its answer shows the link where no mail is sent.
pub(in crate::pages) async fn invite(
    Sent {
        by: administrator,
        fields,
        once,
    }: Sent<FreshAdministrator>,
) -> Response {
    let Some(once) = once else {
        return problems::show(&administrator, PageProblem::NoForm);
    };
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let form = typed(&fields);
    let is_mailed = administrator.authority().sends_mail();
    let invite = match parsed(&form, is_mailed) {
        Ok(invite) => invite,
        Err(problems) => return page(&administrator, refused, &form, problems).await,
    };
    let operator = administrator.operator().once(once);
    let invited = administrator
        .authority()
        .invite(invite, LinkTo::MailOrShow, &operator);
    let error = match invited.await {
        Ok((account, delivery)) => {
            let login = &account.login;
            return link::delivered(&administrator, UserAct::Invite, login, &delivery).await;
        }
        Err(error) => error,
    };
    match problems_of(error) {
        Ok(problems) => page(&administrator, refused, &form, problems).await,
        Err(UseCaseError::CallerGone(Lapsed::Repeated)) => link::shown_before(&administrator).await,
        Err(error) => not_there(&administrator, error),
    }
}

/// What was typed.
fn typed(fields: &Fields) -> InviteForm {
    InviteForm {
        login: fields.text(LOGIN_FIELD).trim().to_owned(),
        email: fields.text("email").trim().to_owned(),
        name: fields.text("name").trim().to_owned(),
    }
}

/// The user who is to be invited, or what is wrong with the form.
fn parsed(form: &InviteForm, is_mailed: bool) -> Result<Invite, InviteProblems> {
    let login = Login::parse_new(&form.login);
    let email = match form.email.as_str() {
        "" => Ok(None),
        text => EmailAddress::parse(text).map(Some),
    };
    let name = match form.name.as_str() {
        "" => Ok(None),
        text => DisplayName::parse(text).map(Some),
    };
    let is_missing = is_mailed && form.email.is_empty();
    match (login, email, name) {
        (Ok(login), Ok(email), Ok(name)) if !is_missing => Ok(Invite {
            login,
            email,
            name,
            standing: Standing::Ordinary,
        }),
        (login, email, name) => Err(InviteProblems {
            login: login.is_err().then_some(LoginProblem::None),
            email: (email.is_err() || is_missing).then_some(EmailProblem::None),
            name: name.is_err(),
            is_full: false,
        }),
    }
}

/// What a rule says is wrong with the form, or what else stopped it.
fn problems_of(error: InviteError) -> Result<InviteProblems, UseCaseError<LinkRefused>> {
    let of_login = |problem| InviteProblems {
        login: Some(problem),
        ..InviteProblems::default()
    };
    let of_email = |problem| InviteProblems {
        email: Some(problem),
        ..InviteProblems::default()
    };
    match error {
        InviteError::Creation(UseCaseError::Refused(AccountCreationRefused::LoginTaken(_))) => {
            Ok(of_login(LoginProblem::Taken))
        }
        InviteError::Creation(UseCaseError::Refused(AccountCreationRefused::EmailTaken(_)))
        | InviteError::Change(UseCaseError::Refused(AccountChangeRefused::EmailTaken(_))) => {
            Ok(of_email(EmailProblem::Taken))
        }
        InviteError::Link(UseCaseError::Refused(LinkRefused::HasPassword)) => {
            Ok(of_login(LoginProblem::HasPassword))
        }
        InviteError::Link(UseCaseError::Refused(LinkRefused::Suspended)) => {
            Ok(of_login(LoginProblem::Suspended))
        }
        InviteError::Link(UseCaseError::Refused(LinkRefused::NoAddress)) => {
            Ok(of_email(EmailProblem::None))
        }
        InviteError::Link(UseCaseError::Refused(LinkRefused::OutboxFull)) => Ok(InviteProblems {
            is_full: true,
            ..InviteProblems::default()
        }),
        InviteError::Link(error) => Err(error),
        InviteError::Change(UseCaseError::Refused(AccountChangeRefused::NotFound(_))) => {
            Err(UseCaseError::Refused(LinkRefused::NoSuchUser))
        }
        InviteError::Creation(UseCaseError::CallerGone(lapsed))
        | InviteError::Change(UseCaseError::CallerGone(lapsed)) => {
            Err(UseCaseError::CallerGone(lapsed))
        }
        InviteError::Creation(UseCaseError::Store(error))
        | InviteError::Change(UseCaseError::Store(error)) => Err(UseCaseError::Store(error)),
    }
}

async fn page(
    administrator: &Administrator,
    status: StatusCode,
    form: &InviteForm,
    problems: InviteProblems,
) -> Response {
    let (csrf, once) = administrator.csrf_once(PATH);
    let view = InviteUser {
        csrf: &csrf,
        once: &once,
        form,
        problems,
        is_mailed: administrator.authority().sends_mail(),
    };
    administrator.page(status, &view).await
}

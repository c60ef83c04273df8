//! `/settings/security/passkeys/{passkey_id}`: another name for a passkey, and its end.

use axum::response::Response;
use counterfoil_authority::{StoreError, UseCaseError};
use counterfoil_domain::id::PasskeyId;
use counterfoil_domain::passkey::{Passkey, PasskeyGone, PasskeyName, RemovalRefused};
use counterfoil_html::security::{
    PasskeyPage, PasskeyProblem, RemovePasskey, passkey_removed, passkey_renamed,
};
use http::StatusCode;

use super::GoneOn;
use super::passkeys::{PATH, row};
use crate::pages::ceremony::ways;
use crate::pages::path::OwnPasskey;
use crate::pages::problems::{self, PageProblem};
use crate::pages::sent::Sent;
use crate::pages::visit::{Fresh, Signed};

fn path_of(id: PasskeyId) -> String {
    format!("{PATH}/{id}")
}

/// One of the caller's own passkeys, or the page for what is not there.
async fn found(signed: &Signed, id: PasskeyId) -> Result<Passkey, Response> {
    let account = signed.person().account();
    let passkeys = match signed.authority().passkeys_of(account).await {
        Ok(passkeys) => passkeys,
        Err(error) => return Err(problems::show(signed, error.into())),
    };
    let mut passkeys = passkeys.into_iter();
    let found = passkeys.find(|passkey| passkey.id == id);
    found.ok_or_else(|| problems::show(signed, PageProblem::NotFound))
}

/// `GET /settings/security/passkeys/{passkey_id}`
pub(in crate::pages) async fn show(signed: Signed, OwnPasskey(id): OwnPasskey) -> Response {
    match found(&signed, id).await {
        Ok(passkey) => one(&signed, &passkey, passkey.name.as_str(), None).await,
        Err(response) => response,
    }
}

async fn one(
    signed: &Signed,
    passkey: &Passkey,
    name: &str,
    problem: Option<PasskeyProblem>,
) -> Response {
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let view = PasskeyPage {
        csrf: &signed.csrf(&path_of(passkey.id)),
        passkey: row(signed, passkey),
        name,
        problem,
    };
    signed.page(status, &view).await
}

/// `POST /settings/security/passkeys/{passkey_id}`: another name.
pub(in crate::pages) async fn rename(
    OwnPasskey(id): OwnPasskey,
    Sent {
        by: signed, fields, ..
    }: Sent<Signed>,
) -> Response {
    let passkey = match found(&signed, id).await {
        Ok(passkey) => passkey,
        Err(response) => return response,
    };
    let typed = fields.text("name");
    let name = match PasskeyName::parse(typed) {
        Ok(name) => name,
        Err(refused) => {
            let problem = PasskeyProblem::Name(refused);
            return one(&signed, &passkey, typed, Some(problem)).await;
        }
    };
    let status = passkey_renamed(signed.language(), name.as_str());
    let renamed = signed.authority().rename_passkey(signed.person(), id, name);
    match renamed.await {
        Ok(_) => signed.go_and_tell(PATH, status).await,
        Err(UseCaseError::Refused(PasskeyGone)) => problems::show(&signed, PageProblem::NotFound),
        Err(UseCaseError::CallerGone(_)) => signed.go("/login"),
        Err(UseCaseError::Store(error)) => problems::show(&signed, error.into()),
    }
}

/// `GET /settings/security/passkeys/{passkey_id}/remove`
pub(in crate::pages) async fn ask_to_remove(
    signed: Signed,
    OwnPasskey(id): OwnPasskey,
) -> Response {
    match found(&signed, id).await {
        Ok(passkey) => match removal(&signed, &passkey, StatusCode::OK).await {
            Ok(response) => response,
            Err(error) => problems::show(&signed, error.into()),
        },
        Err(response) => response,
    }
}

async fn removal(
    signed: &Signed,
    passkey: &Passkey,
    status: StatusCode,
) -> Result<Response, StoreError> {
    let account = signed.person().account();
    let count = signed.authority().passkeys_of(account).await?.len();
    let is_last = count == 1 && !ways(signed).await?.has_codes();
    let view = RemovePasskey {
        csrf: &signed.csrf(&format!("{}/remove", path_of(passkey.id))),
        passkey: row(signed, passkey),
        is_last,
        is_required: is_last && signed.authority().requires_second_factor(account),
    };
    Ok(signed.page(status, &view).await)
}

/// `POST /settings/security/passkeys/{passkey_id}/remove`
pub(in crate::pages) async fn remove(
    OwnPasskey(id): OwnPasskey,
    Sent { by: fresh, .. }: Sent<Fresh>,
) -> Response {
    let passkey = match found(&fresh, id).await {
        Ok(passkey) => passkey,
        Err(response) => return response,
    };
    let removed = fresh.authority().remove_passkey(fresh.person(), id).await;
    match removed {
        Ok(removed) => match GoneOn::from(&fresh, &removed.cookie).await {
            Ok(on) => {
                let status = passkey_removed(fresh.language(), passkey.name.as_str());
                on.go_and_tell(PATH, status).await
            }
            Err(response) => response,
        },
        Err(UseCaseError::Refused(RemovalRefused::Required)) => {
            match removal(&fresh, &passkey, StatusCode::UNPROCESSABLE_ENTITY).await {
                Ok(response) => response,
                Err(error) => problems::show(&fresh, error.into()),
            }
        }
        Err(UseCaseError::Refused(RemovalRefused::Gone(_))) => {
            problems::show(&fresh, PageProblem::NotFound)
        }
        Err(UseCaseError::CallerGone(_)) => fresh.go("/login"),
        Err(UseCaseError::Store(error)) => problems::show(&fresh, error.into()),
    }
}

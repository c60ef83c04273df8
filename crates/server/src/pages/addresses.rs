//! `/settings/profile/addresses`: the e-mail addresses of whoever is signed in.

use axum::response::Response;
use counterfoil_authority::{AddressRefused, UseCaseError};
use counterfoil_domain::account::{HeldEmail, Verification};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::language::Language;
use counterfoil_html::addresses::{self, AddressProblem, AddressRow, Addresses};
use http::StatusCode;

use super::problems;
use super::sent::Sent;
use super::visit::{Fresh, Signed};

const PATH: &str = "/settings/profile/addresses";
const CHOOSE: &str = "/settings/profile/addresses/choose";
const REMOVE: &str = "/settings/profile/addresses/remove";

/// `GET /settings/profile/addresses`
pub(super) async fn list(signed: Signed) -> Response {
    form(&signed, "", None).await
}

/// An address as pages list it.
pub(super) fn row(held: &HeldEmail) -> AddressRow<'_> {
    AddressRow {
        address: held.address.as_str(),
        is_primary: held.primary,
        is_verified: held.verification == Verification::Verified,
    }
}

/// The page, with what was typed and what is wrong with it.
async fn form(signed: &Signed, typed: &str, problem: Option<AddressProblem>) -> Response {
    let held = signed.authority().addresses_of(signed.person()).await;
    let held = match held {
        Ok(held) => held,
        Err(error) => return problems::show(signed, error.into()),
    };
    let csrf = signed.csrf(PATH);
    let view = Addresses {
        csrf: signed.authority().sends_mail().then_some(&csrf),
        choose_csrf: &signed.csrf(CHOOSE),
        remove_csrf: &signed.csrf(REMOVE),
        addresses: held.iter().map(row).collect(),
        typed,
        problem,
    };
    let status = match problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    signed.page(status, &view).await
}

/// `POST /settings/profile/addresses`
pub(super) async fn add(
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
) -> Response {
    let typed = fields.text("address").trim();
    if !fresh.authority().sends_mail() {
        return form(&fresh, "", None).await;
    }
    let Ok(address) = EmailAddress::parse(typed) else {
        return form(&fresh, typed, Some(AddressProblem::Form)).await;
    };
    let asked = fresh
        .authority()
        .ask_own_address(fresh.person(), address)
        .await;
    finish(&fresh, typed, asked, addresses::asked).await
}

/// `POST /settings/profile/addresses/choose`
pub(super) async fn choose(sent: Sent<Fresh>) -> Response {
    let choose = async |fresh: &Fresh, address| {
        let authority = fresh.authority();
        authority.choose_own_address(fresh.person(), address).await
    };
    change(sent, choose, addresses::chosen).await
}

/// `POST /settings/profile/addresses/remove`
pub(super) async fn remove(sent: Sent<Fresh>) -> Response {
    let remove = async |fresh: &Fresh, address| {
        let authority = fresh.authority();
        authority.remove_own_address(fresh.person(), address).await
    };
    change(sent, remove, addresses::removed).await
}

type Changed = Result<(), UseCaseError<AddressRefused>>;

/// Does something to the address of the row whose button was pressed.
async fn change(
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
    does: impl AsyncFnOnce(&Fresh, EmailAddress) -> Changed,
    done: fn(Language) -> String,
) -> Response {
    let Ok(address) = EmailAddress::parse(fields.text("address")) else {
        return form(&fresh, "", Some(AddressProblem::Gone)).await;
    };
    let changed = does(&fresh, address).await;
    finish(&fresh, "", changed, done).await
}

async fn finish(
    fresh: &Fresh,
    typed: &str,
    came: Changed,
    done: fn(Language) -> String,
) -> Response {
    let problem = match came {
        Ok(()) => return fresh.go_and_tell(PATH, done(fresh.language())).await,
        Err(UseCaseError::Store(error)) => return problems::show(fresh, error.into()),
        Err(UseCaseError::CallerGone(_)) => return fresh.go("/login"),
        Err(UseCaseError::Refused(refused)) => refused,
    };
    let problem = match problem {
        AddressRefused::NoSuchUser => return fresh.go("/login"),
        AddressRefused::Known => AddressProblem::Known,
        AddressRefused::TooMany => AddressProblem::TooMany,
        AddressRefused::TooOften | AddressRefused::OutboxFull => AddressProblem::TooOften,
        AddressRefused::Unknown => AddressProblem::Gone,
        AddressRefused::Primary => AddressProblem::Primary,
    };
    form(fresh, typed, Some(problem)).await
}

//! `/login/device`: somebody types the code that a device of theirs shows, and lets it in or not
//! (wire contract, section 23). A code is typed, never taken from an address: whoever sends a link
//! must not have filled it in.

use axum::response::Response;
use counterfoil_authority::{AnswerRefused, AskingDevice, TypedCodeError, UseCaseError};
use counterfoil_domain::oauth::{DeviceAnswer, UserCode};
use counterfoil_html::Stranger;
use counterfoil_html::oauth::{
    DeviceCodeProblem, DeviceConfirm, DeviceDone, DeviceEntry, WhyWithheld,
};
use http::StatusCode;

use super::problems;
use super::sent::Sent;
use super::visit::Signed;

/// Where the code is typed.
const PATH: &str = "/login/device";
/// Where the answer goes.
const CONFIRM: &str = "/login/device/confirm";
/// Where it is said what became of it.
const DONE: &str = "/login/device/done";

/// `GET /login/device`, whatever its query says, and of the address where an answer goes.
pub(super) async fn show(signed: Signed) -> Response {
    if signed.path() != PATH {
        return signed.go(PATH);
    }
    entry(&signed, "", None).await
}

async fn entry(signed: &Signed, typed: &str, problem: Option<DeviceCodeProblem>) -> Response {
    let status = match problem {
        None => StatusCode::OK,
        Some(DeviceCodeProblem::TooManyTries { .. }) => StatusCode::FORBIDDEN,
        Some(DeviceCodeProblem::NoCode | DeviceCodeProblem::Wrong) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    let view = DeviceEntry {
        csrf: &signed.csrf(PATH),
        typed,
        problem,
    };
    signed.page(status, &view).await
}

/// `POST /login/device`: the question whether the device that shows the code gets access. It is the
/// answer itself, since the code is kept nowhere where another page could read it.
pub(super) async fn type_code(
    Sent {
        by: signed, fields, ..
    }: Sent<Signed>,
) -> Response {
    let typed = fields.text("code");
    let Some(code) = UserCode::parse(typed) else {
        return entry(&signed, typed, Some(DeviceCodeProblem::NoCode)).await;
    };
    let origin = signed.origin();
    let named = signed
        .authority()
        .name_device(signed.person(), &code, &origin)
        .await;
    let problem = match named {
        Ok(asking) => return question(&signed, &asking, &code, false).await,
        Err(TypedCodeError::Wrong) => DeviceCodeProblem::Wrong,
        Err(TypedCodeError::TooMany(left)) => DeviceCodeProblem::TooManyTries {
            minutes: left.as_secs().div_ceil(60),
        },
        Err(TypedCodeError::Store(error)) => return problems::show(&signed, error.into()),
    };
    entry(&signed, typed, Some(problem)).await
}

async fn question(
    signed: &Signed,
    asking: &AskingDevice,
    code: &UserCode,
    is_unticked: bool,
) -> Response {
    let AskingDevice {
        device,
        withheld,
        may_get_all,
        app,
        is_near,
    } = asking;
    let view = DeviceConfirm {
        csrf: &signed.csrf(CONFIRM),
        device: device.id,
        code: &code.to_shown(),
        login: signed.person().account().login.as_str(),
        app: Stranger(app.app.summary.name.as_str()),
        owner: app.owner.as_str(),
        registered_at: app.app.created_at,
        is_public: app.is_public,
        address: &device.address.to_string(),
        is_near: *is_near,
        agent: device.agent.as_deref(),
        asked_at: device.asked_at,
        scopes: &device.scopes,
        withheld,
        why_withheld: if *may_get_all {
            WhyWithheld::NotProved
        } else {
            WhyWithheld::FromDevices
        },
        is_unticked,
    };
    let status = if is_unticked {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    signed.page(status, &view).await
}

/// `POST /login/device/confirm`: what somebody answers. The form carries the id of the device,
/// which counts in the session that the code was typed in and in no other; no field of it widens
/// what the device gets. Where that is not what was shown, since a proof grew old or young
/// meanwhile, it is shown anew.
pub(super) async fn answer(
    Sent {
        by: signed, fields, ..
    }: Sent<Signed>,
) -> Response {
    let answer = match fields.text("answer") {
        "allow" => DeviceAnswer::Approved,
        "refuse" => DeviceAnswer::Denied,
        _ => return signed.go(PATH),
    };
    let id = fields.text("device").parse();
    let (Ok(id), Some(code)) = (id, UserCode::parse(fields.text("code"))) else {
        return signed.go(PATH);
    };
    let origin = signed.origin();
    let found = signed
        .authority()
        .named_device(signed.person(), id, &origin);
    let asking = match found.await {
        Ok(Some(asking)) => asking,
        Ok(None) => return over(&signed).await,
        Err(error) => return problems::show(&signed, error.into()),
    };
    let is_ticked = asking.is_near || fields.has("mine");
    let given = DeviceConfirm::for_administrators(&asking.device.scopes);
    let is_as_shown = fields.text("for_administrators") == given;
    if answer == DeviceAnswer::Approved && !(is_ticked && is_as_shown) {
        return question(&signed, &asking, &code, !is_ticked).await;
    }
    let answered = signed.authority();
    let answered = answered
        .answer_device(signed.person(), asking, answer)
        .await;
    match answered {
        Ok(()) => signed.go(DONE),
        Err(UseCaseError::Refused(AnswerRefused::NotWaiting | AnswerRefused::AppGone(_))) => {
            over(&signed).await
        }
        Err(UseCaseError::CallerGone(_)) => signed.go_by("/login"),
        Err(UseCaseError::Store(error)) => problems::show(&signed, error.into()),
    }
}

/// The device waits for no answer any more: it has had one, or its time is over.
async fn over(signed: &Signed) -> Response {
    match signed.authority().last_device_answer(signed.person()).await {
        Ok(Some(_)) => signed.go(DONE),
        Ok(None) => entry(signed, "", Some(DeviceCodeProblem::Wrong)).await,
        Err(error) => problems::show(signed, error.into()),
    }
}

/// `GET /login/device/done`
pub(super) async fn done(signed: Signed) -> Response {
    match signed.authority().last_device_answer(signed.person()).await {
        Ok(Some(answer)) => signed.page(StatusCode::OK, &DeviceDone { answer }).await,
        Ok(None) => signed.go(PATH),
        Err(error) => problems::show(&signed, error.into()),
    }
}

//! `/settings/profile`: what somebody says about themselves.

use axum::response::Response;
use counterfoil_authority::UseCaseError;
use counterfoil_domain::language::Language;
use counterfoil_domain::preferences::{self, Preferences};
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::time_zone::Zone;
use counterfoil_html::profile::{Profile, ProfileProblem, profile_saved};
use http::StatusCode;

use super::addresses;
use super::problems;
use super::sent::Sent;
use super::visit::Signed;

const PATH: &str = "/settings/profile";

/// `GET /settings/profile`
pub(super) async fn show(signed: Signed) -> Response {
    let person = signed.person();
    let preferences = person.preferences();
    let name = person.account().name.as_ref();
    let typed = Typed {
        name: name.map_or("", DisplayName::as_str),
        language: preferences.language,
        time_zone: preferences.time_zone.as_ref().map_or("", Zone::name),
    };
    form(&signed, &typed, ProfileProblem::default()).await
}

/// What stands in the form.
struct Typed<'a> {
    name: &'a str,
    language: Option<Language>,
    time_zone: &'a str,
}

async fn form(signed: &Signed, typed: &Typed<'_>, problem: ProfileProblem) -> Response {
    let held = match signed.authority().addresses_of(signed.person()).await {
        Ok(held) => held,
        Err(error) => return problems::show(signed, error.into()),
    };
    let addresses: Vec<_> = held.iter().map(addresses::row).collect();
    let status = if problem == ProfileProblem::default() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let view = Profile {
        csrf: &signed.csrf(PATH),
        login: signed.person().account().login.as_str(),
        addresses: &addresses,
        name: typed.name,
        language: typed.language,
        time_zone: typed.time_zone,
        server_zone: signed.server_zone(),
        problem,
    };
    signed.page(status, &view).await
}

/// `POST /settings/profile`
pub(super) async fn save(
    Sent {
        by: signed, fields, ..
    }: Sent<Signed>,
) -> Response {
    let typed = Typed {
        name: fields.text("name").trim(),
        language: Language::find(fields.text("language")),
        time_zone: fields.text("time_zone"),
    };
    let name = match typed.name {
        "" => Ok(None),
        text => DisplayName::parse(text).map(Some),
    };
    let zone = match typed.time_zone {
        "" => Ok(None),
        name => Zone::find(name).map(Some),
    };
    let (name, time_zone) = match (name, zone) {
        (Ok(name), Ok(zone)) => (name, zone),
        (name, zone) => {
            let problem = ProfileProblem {
                name: name.err(),
                no_such_zone: zone.is_err(),
            };
            return form(&signed, &typed, problem).await;
        }
    };
    let profile = preferences::Profile {
        name,
        preferences: Preferences {
            language: typed.language,
            time_zone,
        },
    };
    // Told in the language that was just chosen.
    let language = typed.language.unwrap_or(signed.language());
    let changed = signed
        .authority()
        .change_profile(signed.person(), profile)
        .await;
    match changed {
        Ok(changed) => {
            let status = profile_saved(language, changed);
            signed.go_and_tell(PATH, status).await
        }
        Err(UseCaseError::Refused(_) | UseCaseError::CallerGone(_)) => signed.go("/login"),
        Err(UseCaseError::Store(error)) => problems::show(&signed, error.into()),
    }
}

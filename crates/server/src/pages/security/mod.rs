//! `/settings/security` and what stands below it: what protects an account.

pub(super) mod passkey;
pub(super) mod passkeys;
pub(super) mod password;
pub(super) mod recovery_codes;
pub(super) mod two_factor;

use axum::response::Response;
use counterfoil_domain::account::TwoFactor;
use counterfoil_domain::session::CookieSecret;
use counterfoil_html::security::Security;
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};

use super::cookies::Cookie;
use super::problems;
use super::visit::{Fresh, Signed, Visit};

const PATH: &str = "/settings/security";

/// `GET /settings/security`
pub(super) async fn show(signed: Signed) -> Response {
    let account = signed.person().account();
    let overview = match signed.authority().security_overview(account).await {
        Ok(overview) => overview,
        Err(error) => return problems::show(&signed, error.into()),
    };
    let passkeys = match signed.authority().passkeys_of(account).await {
        Ok(passkeys) => passkeys,
        Err(error) => return problems::show(&signed, error.into()),
    };
    let recovery_codes = match (overview.codes, account.two_factor) {
        (_, TwoFactor::Off) => None,
        (Some(codes), TwoFactor::On) => Some(codes.recovery_codes),
        (None, TwoFactor::On) => match signed.authority().recovery_codes_left(account.id).await {
            Ok(left) => Some(left),
            Err(error) => return problems::show(&signed, error.into()),
        },
    };
    let view = Security {
        overview,
        passkeys: &passkeys::rows(&signed, &passkeys),
        recovery_codes,
    };
    signed.page(StatusCode::OK, &view).await
}

/// The same person after a change by which the session goes on under another secret. What is made
/// of it is to be given to the browser with [`GoneOn::with_cookie`], or it is signed out.
struct GoneOn {
    signed: Signed,
    cookie: HeaderValue,
}

impl GoneOn {
    async fn from(fresh: &Fresh, secret: &CookieSecret) -> Result<Self, Response> {
        let visit = Visit::clone(fresh);
        let life = visit.authority().settings().session_life.absolute;
        let cookie = visit.names().keep(Cookie::Session, secret, Some(life));
        match visit.authority().person(secret, visit.origin()).await {
            Ok(Some(person)) => Ok(Self {
                signed: Signed::new(visit, person),
                cookie,
            }),
            // It ended in the same moment.
            Ok(None) => Err(visit.go("/login")),
            Err(error) => {
                let mut response = problems::show(&visit, error.into());
                response.headers_mut().append(SET_COOKIE, cookie);
                Err(response)
            }
        }
    }

    fn with_cookie(self, mut response: Response) -> Response {
        response.headers_mut().append(SET_COOKIE, self.cookie);
        response
    }

    /// On to another page, which tells what was done.
    async fn go_and_tell(self, path: &str, status: String) -> Response {
        let response = self.signed.go_and_tell(path, status).await;
        self.with_cookie(response)
    }
}

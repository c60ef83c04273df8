//! `/admin/tokens`: tokens are looked for, and ended one by one.
//!
//! People paste tokens into such a search. So it is sent as a form, what may be a token is neither
//! shown again nor carried along, and only what is none gets into an address: a login, a client id,
//! a digest, and the last eight characters.

use std::fmt::{self, Write as _};

use axum::response::Response;
use counterfoil_authority::{SearchRefused, TokenRecord, UseCaseError};
use counterfoil_domain::token_search::{SoughtRefused, SoughtTokens};
use counterfoil_html::admin::tokens::{
    FoundToken, FoundTokens, RevokeAnyToken, SearchProblem, TokenSearch, was_revoked,
};
use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Administrator, FreshAdministrator, not_there, page_of};
use crate::pages::fields::{Fields, LAST_EIGHT, SOUGHT};
use crate::pages::path::TokenId;
use crate::pages::problems::{self, PageProblem};
use crate::pages::sent::Sent;

/// The page of the search.
const SEARCH: &str = "/admin/tokens";

/// What is sought, as it was read from a form or an address.
struct Wanted<'f> {
    sought: SoughtTokens,
    last_eight: Option<&'f str>,
}

impl<'f> Wanted<'f> {
    fn of(fields: &'f Fields) -> Result<Self, SoughtRefused> {
        let sought = SoughtTokens::parse(fields.text(SOUGHT).trim())?;
        let last_eight = sought.last_eight(fields.text(LAST_EIGHT).trim())?;
        Ok(Self { sought, last_eight })
    }

    /// The same as the query of an address. Nothing in it can be a token.
    fn query(&self) -> String {
        let sought = self.sought.to_string();
        let mut query = format!("{SOUGHT}={}", encoded(&sought));
        if let Some(last_eight) = self.last_eight {
            let _ = write!(query, "&{LAST_EIGHT}={}", encoded(last_eight));
        }
        query
    }
}

fn encoded(text: &str) -> impl fmt::Display + '_ {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

/// `GET /admin/tokens`: the form, and with a query what was found.
pub(in crate::pages) async fn show(administrator: Administrator) -> Response {
    let query = administrator.query();
    if !query.has(SOUGHT) {
        return form(&administrator, StatusCode::OK, ("", ""), None).await;
    }
    match Wanted::of(&query) {
        Ok(wanted) => found(&administrator, &wanted).await,
        // Written by hand. It may be a token, and the links of a page would repeat it.
        Err(_) => administrator.go(SEARCH),
    }
}

/// `POST /admin/tokens`
pub(in crate::pages) async fn search(
    Sent {
        by: administrator,
        fields,
        ..
    }: Sent<FreshAdministrator>,
) -> Response {
    match Wanted::of(&fields) {
        Ok(wanted) => administrator.go(&format!("{SEARCH}?{}", wanted.query())),
        Err(refused) => {
            let problem = match refused {
                SoughtRefused::Unknown => SearchProblem::Unknown,
                SoughtRefused::Token => SearchProblem::Token,
                SoughtRefused::LastEight => SearchProblem::LastEight,
                SoughtRefused::LastEightOfDigest => SearchProblem::LastEightOfDigest,
            };
            let kept = fields.kept();
            let entries = (kept.text(SOUGHT), kept.text(LAST_EIGHT));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            form(&administrator, status, entries, Some(problem)).await
        }
    }
}

async fn form(
    administrator: &Administrator,
    status: StatusCode,
    (sought, last_eight): (&str, &str),
    problem: Option<SearchProblem>,
) -> Response {
    let view = TokenSearch {
        csrf: &administrator.csrf(SEARCH),
        sought,
        last_eight,
        problem,
        found: None,
    };
    administrator.page(status, &view).await
}

async fn found(administrator: &Administrator, wanted: &Wanted<'_>) -> Response {
    let page = page_of(administrator);
    let (sought, last_eight) = (&wanted.sought, wanted.last_eight);
    let searched =
        administrator
            .authority()
            .search_tokens(sought, last_eight, page, administrator.operator());
    let entries = (sought.to_string(), last_eight.unwrap_or_default());
    let tokens = match searched.await {
        Ok(tokens) => tokens,
        Err(UseCaseError::Refused(refused)) => {
            let problem = match refused {
                SearchRefused::NoSuchUser(_) => SearchProblem::NoSuchUser,
                SearchRefused::NoSuchApp(_) => SearchProblem::NoSuchApp,
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let entries = (entries.0.as_str(), entries.1);
            return form(administrator, status, entries, Some(problem)).await;
        }
        Err(error) => return not_there(administrator, error),
    };
    let (rows, query): (Vec<_>, _) = (tokens.items.iter().map(as_found).collect(), wanted.query());
    let view = TokenSearch {
        csrf: &administrator.csrf(SEARCH),
        sought: &entries.0,
        last_eight: entries.1,
        problem: None,
        found: Some(FoundTokens {
            sought,
            tokens: &rows,
            total: tokens.total,
            page,
            query: &query,
        }),
    };
    administrator.page(StatusCode::OK, &view).await
}

fn as_found(record: &TokenRecord) -> FoundToken<'_> {
    FoundToken {
        authorization: &record.owned.authorization,
        provenance: record.owned.provenance,
        owner: &record.login,
        owner_is_suspended: record.owner_is_suspended,
        over: record.over,
    }
}

/// `GET /admin/tokens/{token_id}/revoke`: of a token that lives.
pub(in crate::pages) async fn ask_to_revoke(
    administrator: Administrator,
    TokenId(id): TokenId,
) -> Response {
    let found = administrator
        .authority()
        .find_any_token(id, administrator.operator());
    match found.await {
        Ok(record) if record.over.is_none() => {
            let view = RevokeAnyToken {
                csrf: &administrator.csrf(&format!("{SEARCH}/{id}/revoke")),
                token: as_found(&record),
            };
            administrator.page(StatusCode::OK, &view).await
        }
        Ok(_) => problems::show(&administrator, PageProblem::NotFound),
        Err(error) => not_there(&administrator, error),
    }
}

/// `POST /admin/tokens/{token_id}/revoke`
pub(in crate::pages) async fn revoke(
    TokenId(id): TokenId,
    Sent {
        by: administrator, ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let found = administrator
        .authority()
        .find_any_token(id, administrator.operator());
    let record = match found.await {
        Ok(record) => record,
        Err(error) => return not_there(&administrator, error),
    };
    let revoked = administrator
        .authority()
        .revoke_any_token(id, administrator.operator());
    match revoked.await {
        Ok(revoked) => {
            let end = &revoked.token.last_eight;
            let status = was_revoked(administrator.language(), end, &record.login);
            let path = format!("{SEARCH}?{SOUGHT}={}", record.login);
            administrator.go_and_tell(&path, status).await
        }
        Err(error) => not_there(&administrator, error),
    }
}

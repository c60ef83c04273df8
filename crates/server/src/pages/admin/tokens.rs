//! `/admin/tokens`: tokens are looked for, and ended one by one.
//!
//! People paste tokens into such a search. So it is sent as a form, what may be a token is neither
//! shown again nor carried along, and only what is none gets into an address: the login of a user,
//! the client id of an app, a digest, and the last eight characters. A part of a token may have the
//! form of a login, so a login that nobody has gets there neither.

use std::fmt::{self, Write as _};

use axum::response::Response;
use counterfoil_authority::{SearchRefused, TokenRecord, UseCaseError};
use counterfoil_domain::page::Paged;
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

    /// The same as the query of an address. Nothing in it can be a token, once it was found.
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
    // Written by hand. It may be a token, and the links of a page would repeat it.
    let Ok(wanted) = Wanted::of(&query) else {
        return administrator.go(SEARCH);
    };
    match look(&administrator, &wanted).await {
        Ok(tokens) => found(&administrator, &wanted, &tokens).await,
        Err(UseCaseError::Refused(_)) => administrator.go(SEARCH),
        Err(error) => not_there(&administrator, error),
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
    let problem = match Wanted::of(&fields) {
        Ok(wanted) => match look(&administrator, &wanted).await {
            Ok(_) => return administrator.go(&format!("{SEARCH}?{}", wanted.query())),
            Err(UseCaseError::Refused(SearchRefused::NoSuchUser(_))) => SearchProblem::NoSuchUser,
            Err(UseCaseError::Refused(SearchRefused::NoSuchApp(_))) => SearchProblem::NoSuchApp,
            Err(error) => return not_there(&administrator, error),
        },
        Err(SoughtRefused::Unknown) => SearchProblem::Unknown,
        Err(SoughtRefused::Token) => SearchProblem::Token,
        Err(SoughtRefused::LastEight) => SearchProblem::LastEight,
        Err(SoughtRefused::LastEightOfDigest) => SearchProblem::LastEightOfDigest,
    };
    let kept = fields.kept();
    let entries = (kept.text(SOUGHT), kept.text(LAST_EIGHT));
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    form(&administrator, status, entries, Some(problem)).await
}

/// A page of what was sought, if the user or the app is there.
async fn look(
    administrator: &Administrator,
    wanted: &Wanted<'_>,
) -> Result<Paged<TokenRecord>, UseCaseError<SearchRefused>> {
    let (page, operator) = (page_of(administrator), administrator.operator());
    administrator
        .authority()
        .search_tokens(&wanted.sought, wanted.last_eight, page, operator)
        .await
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

async fn found(
    administrator: &Administrator,
    wanted: &Wanted<'_>,
    tokens: &Paged<TokenRecord>,
) -> Response {
    let (rows, query): (Vec<_>, _) = (tokens.items.iter().map(as_found).collect(), wanted.query());
    let view = TokenSearch {
        csrf: &administrator.csrf(SEARCH),
        sought: &wanted.sought.to_string(),
        last_eight: wanted.last_eight.unwrap_or_default(),
        problem: None,
        found: Some(FoundTokens {
            sought: &wanted.sought,
            tokens: &rows,
            total: tokens.total,
            page: page_of(administrator),
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

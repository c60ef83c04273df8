//! The lists of live and of ended tokens.

use axum::response::Response;
use counterfoil_domain::page::Page;
use counterfoil_html::tokens::{Listed, TokenList};
use http::StatusCode;

use crate::pages::problems;
use crate::pages::visit::Signed;

/// Tokens on a page.
const AT_A_TIME: u32 = 30;

/// `GET /settings/tokens`
pub(in crate::pages) async fn list(signed: Signed) -> Response {
    let query = signed.query();
    let number = query.text("page").parse().unwrap_or(1);
    let page = Page::new(number, AT_A_TIME);
    let (authority, person) = (signed.authority(), signed.person());
    if query.text("tab") == "ended" {
        let ended = authority.list_own_ended_tokens(person, page).await;
        return match ended {
            Ok((counts, tokens)) => {
                let listed = Listed::Ended {
                    tokens: &tokens,
                    live_per_scope_set: authority.settings().token_limits.live_per_scope_set,
                };
                let view = TokenList {
                    counts: &counts,
                    listed,
                    page,
                };
                signed.page(StatusCode::OK, &view).await
            }
            Err(error) => problems::show(&signed, error.into()),
        };
    }
    match authority.list_own_tokens(person, page).await {
        Ok((counts, tokens)) => {
            let view = TokenList {
                counts: &counts,
                listed: Listed::Live(&tokens),
                page,
            };
            signed.page(StatusCode::OK, &view).await
        }
        Err(error) => problems::show(&signed, error.into()),
    }
}

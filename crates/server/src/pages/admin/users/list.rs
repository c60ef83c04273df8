//! The list of users, and the search in it. What is sought stands in the address, and so in links
//! and in what a browser remembers; a token that somebody pasted is not carried on from there.

use axum::response::Response;
use counterfoil_html::admin::users::UserList;
use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::pages::admin::{Administrator, page_of};
use crate::pages::pasted::holds_token;
use crate::pages::problems;

/// Most characters of what is sought.
const LONGEST: usize = 255;
/// The page with the word that says why something was left out of its address.
const WITHOUT_TOKEN: &str = "/admin/users?refused=token";

/// `GET /admin/users`
pub(in crate::pages) async fn list(administrator: Administrator) -> Response {
    let query = administrator.query();
    let formats = &administrator.authority().settings().token_formats;
    if holds_token(query.text("sought"), formats) {
        return administrator.go(WITHOUT_TOKEN);
    }
    let held_token = query.text("refused") == "token";
    let page = page_of(&administrator);
    let sought: String = query.text("sought").trim().chars().take(LONGEST).collect();
    let found = administrator
        .authority()
        .search_users(&sought, page, administrator.operator());
    let users = match found.await {
        Ok(users) => users,
        Err(error) => return problems::show(&administrator, error.into()),
    };
    let mut query = String::new();
    if !sought.is_empty() {
        let sought = utf8_percent_encode(&sought, NON_ALPHANUMERIC);
        query = format!("sought={sought}");
    }
    let view = UserList {
        sought: &sought,
        query: &query,
        held_token,
        users: &users,
        page,
    };
    let status = if held_token {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    administrator.page(status, &view).await
}

//! The list of users, and the search in it.

use axum::response::Response;
use counterfoil_domain::page::Page;
use counterfoil_html::admin::users::UserList;
use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::pages::admin::Administrator;
use crate::pages::problems;

/// Users on a page.
const AT_A_TIME: u32 = 50;
/// Most characters of what is sought.
const LONGEST: usize = 255;

/// `GET /admin/users`
pub(in crate::pages) async fn list(administrator: Administrator) -> Response {
    let query = administrator.query();
    let page = Page::new(query.text("page").parse().unwrap_or(1), AT_A_TIME);
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
        users: &users,
        page,
    };
    administrator.page(StatusCode::OK, &view).await
}

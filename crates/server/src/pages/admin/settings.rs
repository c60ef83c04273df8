//! `/admin/settings`: what this server goes by, and where it comes from.

use axum::response::Response;
use counterfoil_html::admin::settings::SettingsInForce;
use http::StatusCode;

use super::Administrator;

/// `GET /admin/settings`
pub(in crate::pages) async fn show(administrator: Administrator) -> Response {
    let settings = administrator.state().settings_in_force();
    let view = SettingsInForce {
        settings: &settings,
    };
    administrator.page(StatusCode::OK, &view).await
}

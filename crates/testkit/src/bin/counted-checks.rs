//! Checks whose instructions are counted: `counted-checks gateway|app COUNT`.
//!
//! It makes a world in process, asks the same check until everything that can be remembered is, and
//! then COUNT times more. Two runs with different counts differ by nothing else, so callgrind's
//! totals need no marks in the program.

use std::error::Error;
use std::sync::Arc;

use counterfoil_server::{
    Front, GatewaySettings, LegacyTokenUrls, LoggedClients, Origins, PageSettings, ServerSettings,
    ServerState, Strangers,
};
use counterfoil_testkit::process::counted::{MOST, WARMING};
use counterfoil_testkit::{GivenToken, World};
use counterfoil_wire::base::ApiBase;
use counterfoil_wire::documentation::Documentation;
use http::{HeaderValue, Method, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let kind = arguments.next().ok_or("which check?")?;
    let count: usize = arguments.next().ok_or("how many?")?.parse()?;
    if count > MOST {
        return Err("too many".into());
    }
    let world = World::new().await;
    let front = front(&world)?;
    let owner = world.user("mona").await;
    let app = world.app(&owner, "Board").await;
    let token = |app| GivenToken {
        app,
        scopes: &["repo", "gist"],
        ..GivenToken::default()
    };
    let request = match kind.as_str() {
        "gateway" => {
            let issued = world.issue_token(&owner, token(None)).await;
            let bearer = format!("Bearer {}", issued.token.expose());
            world
                .anonymous()
                .request_anywhere(Method::GET, "/gateway/verify")
                .header("authorization", &bearer)
        }
        "app" => {
            let issued = world.issue_token(&owner, token(Some(&app))).await;
            let path = format!("/api/v3/applications/{}/token", app.client_id);
            world
                .anonymous()
                .request_anywhere(Method::POST, &path)
                .basic(&app.client_id, &app.client_secret)
                .json(&json!({"access_token": issued.token.expose()}))
        }
        _ => return Err("gateway or app?".into()),
    };
    // Always as many, so that making them is not in the difference.
    let requests: Vec<_> = (0..WARMING + MOST).map(|_| request.build()).collect();
    for request in requests.into_iter().take(WARMING + count) {
        let response = tower::Service::call(&mut front.clone(), request).await?;
        if response.status() != StatusCode::OK {
            return Err(format!("a check was answered with {}", response.status()).into());
        }
        response.into_body().collect().await?;
    }
    Ok(())
}

/// What the listener calls, without what tests need around it.
fn front(world: &World) -> Result<Front, Box<dyn Error>> {
    let settings = ServerSettings {
        origins: Origins::public(ApiBase::parse("http://counterfoil.test")?),
        documentation: Documentation::default(),
        enterprise_version: HeaderValue::from_static("3.19.0"),
        body_bytes: 1 << 20,
        legacy_token_urls: LegacyTokenUrls::Absent,
        trusted_proxies: Arc::default(),
        gateway: GatewaySettings::default(),
        rate_limits: None,
        writes_per_hour: 0,
        strangers: Strangers::Served,
        commit: "unknown",
        pages: PageSettings::default(),
        logged_clients: LoggedClients::Shown,
        continue_trace: None,
    };
    let state = ServerState::new(world.authority.clone(), settings, [7; 16]);
    Ok(counterfoil_server::app(state))
}

//! The server over a database that syncs nothing: `counterfoil-unsynced FOLDER`.
//!
//! The program that is shipped has no switch for it. This one exists so that the test that counts
//! syncs can be shown to fail; it serves one user and one app that anybody can know.

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use counterfoil_authority::{Authority, CreateAccount, CreateApp, Operator, Settings};
use counterfoil_domain::app::{
    AppSwitches, AppUrl, ClientId, ClientSecret, DeviceFlow, ExpiringTokens,
};
use counterfoil_domain::audit::WriterId;
use counterfoil_domain::login::Login;
use counterfoil_domain::password::{HashingCost, Password};
use counterfoil_domain::scope::Standing;
use counterfoil_domain::text::DisplayName;
use counterfoil_server::listen::{ServeSettings, bind, serve};
use counterfoil_server::{
    GatewaySettings, LegacyTokenUrls, LoggedClients, Origins, PageSettings, ServerSettings,
    ServerState, Strangers,
};
use counterfoil_store::{DatabaseLocation, Durability, OpenOptions, SchemaState, Store};
use counterfoil_testkit::process::unsynced::{CLIENT_ID, CLIENT_SECRET, LOGIN, PASSWORD};
use counterfoil_testkit::{ManualClock, MemoryKeys, RepeatableEntropy};
use counterfoil_wire::base::ApiBase;
use counterfoil_wire::documentation::Documentation;
use http::HeaderValue;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os()
        .nth(1)
        .ok_or("which folder is the database to lie in?")?;
    let authority = authority(&PathBuf::from(folder)).await?;
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
    let app = counterfoil_server::app(ServerState::new(authority, settings, [7; 16]));
    let bound = bind(&["127.0.0.1:0".parse()?]).await?;
    writeln!(std::io::stderr(), "listening on {}", bound[0].url(false))?;
    // It ends when it is killed.
    serve(bound, app, ServeSettings::default(), std::future::pending()).await;
    Ok(())
}

/// The use cases over a new database, with a user and an app.
async fn authority(folder: &Path) -> Result<Authority, Box<dyn Error>> {
    let store = Store::open(&OpenOptions {
        location: DatabaseLocation::Sqlite(folder.join("unsynced.db")),
        writer: WriterId("unsynced".to_owned()),
        schema: SchemaState::Migrate,
        durability: Durability::None,
    })?;
    let mut settings = Settings::default();
    settings.hashing.cost = HashingCost::CHEAPEST;
    let keys = Arc::new(MemoryKeys::default());
    let clock = Arc::new(ManualClock::default());
    let entropy = Arc::new(RepeatableEntropy::new(1));
    let authority = Authority::start(store, keys, clock, entropy, settings).await?;
    let operator = Operator::named("tester".to_owned());
    let login = Login::parse(LOGIN)?;
    let user = CreateAccount {
        login: login.clone(),
        name: None,
        email: None,
        standing: Standing::Ordinary,
        password: Password::choose(PASSWORD)?,
    };
    authority.create_account(user, &operator).await?;
    let app = CreateApp {
        owner: login,
        name: DisplayName::parse("An app")?,
        url: AppUrl::parse("http://app.example.org")?,
        callback_urls: Vec::new(),
        device_flow: DeviceFlow::Disabled,
        expiring_tokens: ExpiringTokens::Disabled,
        switches: AppSwitches::default(),
        given: Some((
            ClientId::parse(CLIENT_ID)?,
            ClientSecret::parse(CLIENT_SECRET)?,
        )),
    };
    authority.create_app(app, &operator).await?;
    Ok(authority)
}

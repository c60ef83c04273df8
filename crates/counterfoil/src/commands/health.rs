//! `counterfoil health`: whether the server here would serve requests, for service managers and
//! containers that have no client of their own.

use anyhow::Context;
use bytes::Bytes;
use clap::Args;
use counterfoil_server::listen::ListenAddress;
use http::Request;
use http::header::HOST;
use http_body_util::Empty;
use serde_json::json;
use tokio::net::lookup_host;

use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::commands::plain_http::Connection;
use crate::config::Settings;
use crate::control;
use crate::data_folder::{DataFolder, DataFolderError};

/// Say whether the server that runs here would serve requests
///
/// Asks it over the socket in its data folder what GET /readyz answers. Where there is no data
/// folder, since the database is PostgreSQL's and `keys.file` says where the keys are, it asks at
/// the first address of `ops_listen`, or of `listen` if that is not encrypted. The exit status is 1
/// if the server is not ready or does not run.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  counterfoil health
  counterfoil health --data-dir /var/lib/counterfoil")]
pub(crate) struct HealthArguments {}

/// Asks the server.
pub(crate) async fn run(console: &Console) -> anyhow::Result<Answer> {
    let settings = console.settings()?;
    match DataFolder::existing(&settings.general.data_dir) {
        Ok(folder) => {
            let health = control::health(&folder).await?;
            health.map_err(anyhow::Error::msg)?;
        }
        Err(DataFolderError::Missing(_)) if !settings.needs_data_folder() => {
            ask_over_http(&settings).await?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Answer::done(json!({"ready": true}), "ready"))
}

async fn ask_over_http(settings: &Settings) -> anyhow::Result<()> {
    let general = &settings.general;
    let unencrypted = general.listen.iter().filter(|_| !settings.is_encrypted());
    let mut addresses = general.ops_listen.iter().chain(unencrypted);
    let (host, port) = addresses.find_map(host_and_port).context(
        "there is no data folder, and no address without encryption to ask at; set ops_listen",
    )?;
    let found = lookup_host((host.as_str(), port)).await;
    let mut found = found.with_context(|| format!("cannot find {host}"))?;
    let address = found
        .next()
        .with_context(|| format!("{host} has no address"))?;
    let request = Request::get("/readyz").header(HOST, address.to_string());
    let request = request.body(Empty::<Bytes>::new())?;
    let mut connection = Connection::open(address).await?;
    let status = connection.ask(&request).await?;
    anyhow::ensure!(
        status == 200,
        "the server at {address} is not ready: it answers {status}"
    );
    Ok(())
}

fn host_and_port(address: &ListenAddress) -> Option<(String, u16)> {
    match address {
        ListenAddress::Ip(address) => Some((address.ip().to_string(), address.port())),
        ListenAddress::Name { host, port } => Some((host.clone(), *port)),
        ListenAddress::Unix(_) | ListenAddress::Systemd => None,
    }
}

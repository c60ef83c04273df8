//! `counterfoil quickstart`: everything at once, for whoever wants to see it work.

mod demo;
mod guide;
mod host_name;
mod https;
mod quoting;

use anyhow::Context;
use clap::Args;

use self::demo::Demo;
use self::guide::Guide;
use self::host_name::HostName;
use self::https::Https;
use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::commands::values;
use crate::config::{Overrides, Settings};
use crate::data_folder::shown;
use crate::installation::Opening;
use crate::serving::{self, Server};

/// Try everything out: serve with a demo user and a demo app, and print commands to try
///
/// The first start makes the data folder, a user called demo with a random password and an app, and
/// prints what they are called and what to type. Their secrets are printed once: a second start
/// keeps the data and says how to set new ones. `counterfoil serve` refuses a folder that has the
/// demo user, so that it never stays behind in earnest.
///
/// With --https it is reached as `https://NAME`, which `gh` insists on: by a certificate of an
/// authority that it makes for this name and names under it, keeps in the data folder, and prints
/// the file of, so that clients can be told to trust it. So choose a name under which nobody else's
/// names lie: github.io or co.uk is none. A line in /etc/hosts leads the name here.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  counterfoil quickstart
  counterfoil quickstart --https counterfoil.test
  counterfoil quickstart --listen 127.0.0.1:9999")]
pub(crate) struct QuickstartArguments {
    /// The address to serve on, a loopback one; port 0 lets the system choose [default:
    /// localhost:8080, on both families; with --https localhost:443]
    #[arg(long, value_name = "ADDR", value_parser = values::loopback_address)]
    listen: Option<String>,
    /// Serve HTTPS under this host name, such as counterfoil.test, with an authority made for it
    /// and names under it
    #[arg(long, value_name = "NAME", value_parser = HostName::parse)]
    https: Option<HostName>,
}

/// Serves to the end.
pub(crate) fn run(arguments: QuickstartArguments, console: &Console) -> anyhow::Result<Answer> {
    serving::block_on(quickstart(arguments, console.clone()))?;
    Ok(Answer::nothing())
}

async fn quickstart(arguments: QuickstartArguments, console: Console) -> anyhow::Result<()> {
    let (https, overrides) = plan(arguments, &console)?;
    let settings = console.settings_with(overrides.clone())?;
    refuse_exposed(&settings)?;
    refuse_server(&settings)?;
    let installation = console.open_with(settings, Opening::Serve).await?;
    let https = match &https {
        Some(https) => Some((https, https.prepare(console.now())?)),
        None => None,
    };
    // The addresses come first: secrets that are printed once must not be lost to a port that is
    // taken.
    let server = Server::bind(installation).await?;
    let server = match https {
        Some((https, _)) => server.renewing(https.authority()),
        None => server,
    };
    let demo = Demo::find_or_make(server.installation()).await?;
    server.announce()?;
    let answer = Guide {
        demo: &demo,
        url: https.map_or_else(|| server.url(), |(https, _)| https.origin()),
        data_folder: shown(&server.installation().settings.general.data_dir),
        https,
        console: &console,
    }
    .to_answer();
    answer
        .print(console.json())
        .context("cannot write to standard output")?;
    let telemetry = server.start_logging()?;
    let reload = move || console.reload(overrides.clone());
    Box::pin(server.run(telemetry, reload)).await
}

/// What is to be served in which way, with the flags that `serve` would need for it.
fn plan(
    arguments: QuickstartArguments,
    console: &Console,
) -> anyhow::Result<(Option<Https>, Overrides)> {
    let QuickstartArguments { listen, https } = arguments;
    let Some(name) = https else {
        let overrides = Overrides {
            listen: listen.into_iter().collect(),
            ..Overrides::default()
        };
        return Ok((None, overrides));
    };
    let (https, overrides) = Https::plan(name, listen, console)?;
    Ok((Some(https), overrides))
}

/// The settings file may have an address that the command line did not.
fn refuse_exposed(settings: &Settings) -> anyhow::Result<()> {
    let listen = &settings.general.listen;
    match listen.iter().find(|address| !address.is_loopback()) {
        Some(address) => anyhow::bail!(values::no_loopback_address(address)),
        None => Ok(()),
    }
}

/// A database that others may use is no place for a user whose password is printed.
fn refuse_server(settings: &Settings) -> anyhow::Result<()> {
    let database = settings.database();
    anyhow::ensure!(
        database.file().is_some(),
        "quickstart keeps to a SQLite file, and the settings name {database}; use `counterfoil serve` with it, or add \
         --database-url sqlite:quickstart.db"
    );
    Ok(())
}

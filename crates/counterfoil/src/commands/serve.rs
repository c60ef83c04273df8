//! `counterfoil serve`: the server, in earnest.

use std::path::PathBuf;

use clap::Args;
use counterfoil_domain::login::Login;
use counterfoil_server::listen::ListenAddress;

use crate::commands::answer::Answer;
use crate::commands::console::Console;
use crate::commands::{DEMO_LOGIN, UsageError};
use crate::config::Overrides;
use crate::installation::{Installation, Opening};
use crate::seed::Seed;
use crate::service_manager::Starting;
use crate::serving::{self, Server};

/// Serve the API until told to stop; makes the installation if there is none, and migrates the
/// database
///
/// The first line on standard error is `listening on URL`, once connections are accepted; logs
/// follow. SIGTERM and SIGINT stop the server: requests in flight finish, for at most 10 seconds
/// unless the settings say otherwise, and a second signal ends it at once. SIGHUP reads the
/// settings and certificates again, as `counterfoil reload` does; the log names every setting that
/// needs a restart. Settings that are refused end it with the exit status 78.
#[derive(Args, Debug)]
///
/// ADDR is host:port, [IPv6]:port, unix:PATH or systemd; port 0 lets the system choose. localhost
/// is loopback in both families, and without a public URL the URLs in answers have the name of
/// loopback that the client asked for. Addresses that other machines can reach need encryption: a
/// certificate, a proxy that is named in `trusted_proxies`, or --insecure-http.
#[command(after_help = "\
Examples:
  counterfoil serve
  counterfoil serve --listen 0.0.0.0:443 --public-url https://tokens.example.org \\
      --tls-cert /etc/counterfoil/tls.crt --tls-key /etc/counterfoil/tls.key
  counterfoil serve --seed ci.toml --listen 127.0.0.1:0")]
pub(crate) struct ServeArguments {
    /// An address to serve on; repeat the option for several [variable: `COUNTERFOIL_LISTEN`;
    /// default: localhost:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Vec<String>,
    /// An address for /healthz, /readyz and /metrics alone, never encrypted [variable:
    /// `COUNTERFOIL_OPS_LISTEN`]
    #[arg(long, value_name = "ADDR")]
    ops_listen: Vec<String>,
    /// The origin that clients use, such as `https://tokens.example.org` [variable:
    /// `COUNTERFOIL_PUBLIC_URL`; default: `http://localhost:PORT`]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The certificate and those behind it, in PEM [variable: `COUNTERFOIL_TLS__CERT`]
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM [variable: `COUNTERFOIL_TLS__KEY`]
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Make a certificate, which clients must be told to trust [variable:
    /// `COUNTERFOIL_TLS__SELF_SIGNED`]
    #[arg(long, conflicts_with = "tls_cert")]
    tls_self_signed: bool,
    /// Serve other machines without encryption [variable: `COUNTERFOIL_INSECURE_HTTP`]
    #[arg(long)]
    insecure_http: bool,
    /// Put the users, apps and tokens of this TOML file into the database first; for tests, on
    /// loopback only
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
}

impl From<&ServeArguments> for Overrides {
    fn from(arguments: &ServeArguments) -> Self {
        Self {
            listen: arguments.listen.clone(),
            ops_listen: arguments.ops_listen.clone(),
            public_url: arguments.public_url.clone(),
            tls_cert: arguments.tls_cert.clone(),
            tls_key: arguments.tls_key.clone(),
            tls_self_signed: arguments.tls_self_signed,
            insecure_http: arguments.insecure_http,
            ..Self::default()
        }
    }
}

/// Serves to the end.
pub(crate) fn run(arguments: ServeArguments, console: &Console) -> anyhow::Result<Answer> {
    serving::block_on(serve(arguments, console.clone()))?;
    Ok(Answer::nothing())
}

async fn serve(arguments: ServeArguments, console: Console) -> anyhow::Result<()> {
    let overrides = Overrides::from(&arguments);
    if arguments.seed.is_some() {
        // Before the settings are looked at: they would ask for a public URL and a certificate
        // first.
        let given = arguments
            .listen
            .iter()
            .filter_map(|address| address.parse().ok());
        refuse_exposed_seed(&given.collect::<Vec<_>>())?;
    }
    let settings = console.settings_with(overrides.clone())?;
    let seed = match &arguments.seed {
        Some(file) => {
            refuse_exposed_seed(&settings.general.listen)?;
            Some(Seed::read(file, &settings)?)
        }
        None => None,
    };
    // A migration takes as long as it takes.
    let starting = Starting::begin();
    let installation = console.open_with(settings, Opening::Serve).await?;
    refuse_demo_user(&installation).await?;
    let applied = match seed {
        Some(seed) => Some(seed.apply(&installation).await?),
        None => None,
    };
    let server = Server::bind(installation).await?.offering_set_up();
    drop(starting);
    server.announce()?;
    let telemetry = server.start_logging()?;
    server.warn_of_new_installation();
    if let Some(applied) = applied {
        tracing::info!(
            users = applied.users,
            organizations = applied.organizations,
            teams = applied.teams,
            apps = applied.apps,
            tokens = applied.tokens,
            kept = applied.kept,
            "the seed file was applied; what was there already was left as it is"
        );
    }
    let reload = move || console.reload(overrides.clone());
    Box::pin(server.run(telemetry, reload)).await
}

/// Known passwords and tokens must not be reachable from other machines.
fn refuse_exposed_seed(listen: &[ListenAddress]) -> anyhow::Result<()> {
    match listen.iter().find(|address| address.is_exposed()) {
        Some(address) => Err(UsageError::of(format!(
            "--seed sets known passwords and tokens, and other machines may reach {address}; listen on loopback only"
        ))),
        None => Ok(()),
    }
}

/// The demo user's password was printed on a terminal, and its app's secret beside it.
async fn refuse_demo_user(installation: &Installation) -> anyhow::Result<()> {
    let login = Login::parse(DEMO_LOGIN)?;
    let accounts = installation.authority.list_accounts().await?;
    let found = accounts
        .iter()
        .any(|account| account.login.key() == login.key());
    anyhow::ensure!(
        !found,
        "{} has the user {DEMO_LOGIN} of `counterfoil quickstart`; give `serve` a --data-dir of its own, or run \
         `counterfoil user delete {DEMO_LOGIN}` first",
        installation.settings.database()
    );
    Ok(())
}

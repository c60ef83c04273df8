//! What may be typed: the program's name, its options for all commands, and the commands. Each noun
//! has its own file.

use clap::{Parser, Subcommand};

use crate::commands::app::AppCommand;
use crate::commands::audit::AuditCommand;
use crate::commands::bench::BenchArguments;
use crate::commands::config::ConfigCommand;
use crate::commands::console::GlobalOptions;
use crate::commands::db::DbCommand;
use crate::commands::doctor::DoctorArguments;
use crate::commands::grant::GrantCommand;
use crate::commands::health::HealthArguments;
use crate::commands::import::ImportArguments;
use crate::commands::init::InitArguments;
use crate::commands::key::KeyCommand;
use crate::commands::mail::{MailCommand, OutboxCommand};
use crate::commands::org::OrgCommand;
use crate::commands::quickstart::QuickstartArguments;
use crate::commands::reload::ReloadArguments;
use crate::commands::scope::ScopeCommand;
use crate::commands::serve::ServeArguments;
use crate::commands::session::SessionCommand;
use crate::commands::shell::{CompletionsArguments, ManArguments};
use crate::commands::surroundings::{EXAMPLES, below_help};
use crate::commands::team::TeamCommand;
use crate::commands::token::TokenCommand;
use crate::commands::user::UserCommand;

/// A token authority that speaks the API of GitHub Enterprise Server's OAuth authorizations
///
/// Counterfoil issues access tokens, keeps the record of what was issued, and says whose a token
/// is. Programs that can talk to GitHub Enterprise Server's OAuth Authorizations API talk to it
/// unchanged.
///
/// Its data lies in a folder, ./counterfoil-data unless --data-dir, the variable
/// `COUNTERFOIL_DATA_DIR` or a settings file says otherwise. All commands work while `serve` runs
/// on the same folder, and what they change holds at once.
#[derive(Debug, Parser)]
#[command(
    name = "counterfoil",
    version = version(),
    arg_required_else_help = true,
    max_term_width = 110,
    after_help = EXAMPLES,
    after_long_help = below_help()
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalOptions,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The version, with the commit that the program was built of where that is known.
fn version() -> &'static str {
    if env!("COMMIT").is_empty() {
        env!("CARGO_PKG_VERSION")
    } else {
        concat!(env!("CARGO_PKG_VERSION"), " (", env!("COMMIT"), ")")
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Quickstart(QuickstartArguments),
    Init(InitArguments),
    Serve(Box<ServeArguments>),
    Reload(ReloadArguments),
    Health(HealthArguments),
    /// Create, show, change and delete users
    #[command(subcommand, alias = "users")]
    User(UserCommand),
    /// Create, show and delete organizations, and say who is in them
    #[command(subcommand, alias = "orgs")]
    Org(OrgCommand),
    /// Create, list and delete teams of organizations, and say who is in them
    #[command(subcommand, alias = "teams")]
    Team(TeamCommand),
    /// Create, show, change and delete OAuth apps
    #[command(subcommand, alias = "apps")]
    App(AppCommand),
    /// Create, list and revoke tokens
    #[command(subcommand, alias = "tokens")]
    Token(TokenCommand),
    /// List the scopes that tokens may have
    #[command(subcommand, alias = "scopes")]
    Scope(ScopeCommand),
    /// List and revoke what users gave apps
    #[command(subcommand, alias = "grants")]
    Grant(GrantCommand),
    /// List and end sessions of users in browsers
    #[command(subcommand, alias = "sessions")]
    Session(SessionCommand),
    /// Look after the keys that secrets in the database are sealed under
    ///
    /// What must be read back, such as the secrets of one-time codes, is sealed under a key that is
    /// not in the database but in the file `keys` of the data folder. Back that file up, apart from
    /// the database: without it the installation does not start.
    #[command(
        subcommand,
        alias = "keys",
        after_help = "\
To change the key while serving:
  counterfoil key add          make another one
  counterfoil key rotate       seal everything anew under it
  counterfoil key retire ID    forget the old one"
    )]
    Key(KeyCommand),
    /// Migrate, back up, restore and copy the database
    #[command(subcommand)]
    Db(DbCommand),
    Import(ImportArguments),
    /// Send a test mail through the mail server of the settings
    #[command(subcommand)]
    Mail(MailCommand),
    /// Show and resume what waits to be mailed
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Read the audit trail
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Check the settings, or print them with explanations
    #[command(subcommand)]
    Config(ConfigCommand),
    #[command(alias = "status")]
    Doctor(DoctorArguments),
    Bench(BenchArguments),
    Completions(CompletionsArguments),
    Man(ManArguments),
}

//! What may be typed after `counterfoil app`.

use clap::{ArgGroup, Args, Subcommand};
use counterfoil_domain::app::{AppUrl, ClientId, ExpiringTokens, SeenTokens};
use counterfoil_domain::login::Login;
use counterfoil_domain::text::DisplayName;

use super::switches::{SwitchedOn, Turned};
use crate::commands::{completion, values};

/// The commands about apps.
#[derive(Debug, Subcommand)]
pub(crate) enum AppCommand {
    /// Create an app, and print its client ID and secret
    ///
    /// The secret is printed once and never again. An app that moves here keeps its client ID and
    /// secret: give the ID with --client-id and the secret on standard input.
    #[command(aliases = ["add", "new"], after_help = "\
Examples:
  counterfoil app create Dashboard --owner octocat --url https://dash.example.org \\
      --callback-url https://dash.example.org/login/callback
  counterfoil app create Jenkins --owner octocat --url https://ci.example.org \\
      --callback-url https://ci.example.org/securityRealm/finishLogin \\
      --client-id 3f4c1d7a9b2e8056f1c3 --client-secret-stdin < secret.txt")]
    Create(CreateArguments),
    /// List all apps
    #[command(alias = "ls")]
    List,
    /// Show one app
    #[command(alias = "get")]
    Show(OneApp),
    /// Change what one or more options name of an app; the rest stays
    #[command(
        alias = "update",
        group(ArgGroup::new("change").required(true).multiple(true)
            .args(["name", "url", "callback_url", "device_flow", "no_device_flow", "expiring_tokens",
                "no_expiring_tokens", "exact-match", "no-exact-match", "require-pkce", "no-require-pkce",
                "send-iss", "no-send-iss", "standard-errors", "no-standard-errors",
                "resource_server", "no_resource_server"])),
        override_usage = "counterfoil app edit [OPTIONS] <ID>",
    )]
    Edit(EditArguments),
    /// Give an app to another user or to an organization
    ///
    /// Everybody who let it in is asked again, since they trusted the owner before. Its tokens and
    /// secrets live on: whoever had a secret still has it, so replace it. Every owner of an
    /// organization looks after its apps. One that was marked as a resource server is none any
    /// more.
    #[command(after_help = "\
Example:
  counterfoil app transfer 3f4c1d7a9b2e8056f1c3 --to acme")]
    Transfer(TransferArguments),
    /// Replace an app's secret, and print the new one; the old one stops working at once
    ///
    /// The app's tokens live on. With --client-secret-stdin the given secret takes the old one's
    /// place and nothing secret is printed.
    #[command(after_help = "\
Example:
  counterfoil app rotate-secret 3f4c1d7a9b2e8056f1c3")]
    RotateSecret(RotateArguments),
    /// Make, list and end the secrets of an app, each on its own
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Create the apps that a new installation has: GitHub CLI (gh) and Git Credential Manager
    ///
    /// They belong to the installation and not to a user, and their secrets are published, since
    /// everybody can read them in these programs. A client ID that was given before is left alone,
    /// also when its app was deleted. Those that a restore of an older backup ended live again.
    CreateBuiltIn,
    /// Suspend an app: nobody signs in through it, and its secrets prove nothing
    ///
    /// It lasts until `app unsuspend`. The tokens that users gave it live on; `token revoke --app`
    /// ends them.
    #[command(after_help = "\
Example:
  counterfoil app suspend 178c6fc778ccc68e1d6a")]
    Suspend(OneApp),
    /// Lift the suspension of an app
    Unsuspend(OneApp),
    /// Delete an app with all its grants and tokens; its client ID is never given again
    ///
    /// At a terminal the client ID must be typed once more; without one --yes is needed.
    #[command(aliases = ["rm", "remove"], after_help = "\
Example:
  counterfoil app delete 3f4c1d7a9b2e8056f1c3 --yes")]
    Delete(DeleteArguments),
}

/// The commands about the secrets of an app.
#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Give an app a secret beside the one that it has, and print it
    ///
    /// An app has at most two secrets at the same time, so that one replaces the other without a
    /// gap: make the second, give it to the app, end the first. The secret is printed once and
    /// never again. With --client-secret-stdin it is given, and nothing secret is printed.
    #[command(aliases = ["add", "new"], after_help = "\
Example:
  counterfoil app secret create 3f4c1d7a9b2e8056f1c3")]
    Create(RotateArguments),
    /// List the live secrets of an app: when each was made and last used
    ///
    /// When a secret was last used is written down twice a minute.
    #[command(alias = "ls")]
    List(OneApp),
    /// End one secret of an app; it stops working at once
    ///
    /// The app's tokens live on. An app without a secret cannot prove itself.
    #[command(aliases = ["rm", "remove"], after_help = "\
Example:
  counterfoil app secret end 3f4c1d7a9b2e8056f1c3 12")]
    End(EndSecretArguments),
    /// Say that everybody may know a secret of an app, since programs carry it that are handed out
    ///
    /// It opens the token endpoint from then on and proves nothing: not a check of a token, not
    /// introspection, not a higher rate limit. People are asked each time, and told that the app
    /// cannot be verified. It cannot be taken back: end the secret instead.
    #[command(after_help = "\
Example:
  counterfoil app secret publish 3f4c1d7a9b2e8056f1c3 12")]
    Publish(EndSecretArguments),
}

/// Which app.
#[derive(Args, Debug)]
pub(crate) struct OneApp {
    /// The app's client ID, as `app list` shows it
    #[arg(value_name = "ID", value_parser = values::client_id, add = completion::apps())]
    pub(super) client_id: ClientId,
}

/// What a new app is given.
#[derive(Args, Debug)]
pub(crate) struct CreateArguments {
    /// What the app is called
    #[arg(value_parser = values::name)]
    pub(super) name: DisplayName,
    /// The login of the user it belongs to
    #[arg(long, value_name = "LOGIN", value_parser = values::login, add = completion::users())]
    pub(super) owner: Login,
    /// Its home page
    #[arg(long, value_parser = values::app_url)]
    pub(super) url: AppUrl,
    /// Where a sign-in may return to, such as `com.example.app:/callback` for a program; repeat the
    /// option for several
    #[arg(long, value_name = "URL", required = true, value_parser = values::callback_url)]
    pub(super) callback_url: Vec<AppUrl>,
    /// Let devices without a browser sign in through it
    #[arg(long)]
    pub(super) device_flow: bool,
    /// Let the tokens that it gets expire after 8 hours, with refresh tokens
    #[arg(long)]
    pub(super) expiring_tokens: bool,
    #[command(flatten)]
    pub(super) switches: SwitchedOn,
    /// A given client ID: 20 letters, digits or dots
    #[arg(long, value_name = "ID", value_parser = values::client_id, requires = "client_secret_stdin")]
    pub(super) client_id: Option<ClientId>,
    /// Read the given client secret from standard input, one line: 32 to 40 letters and digits
    #[arg(long, requires = "client_id")]
    pub(super) client_secret_stdin: bool,
}

/// What changes about an app.
#[derive(Args, Debug)]
pub(crate) struct EditArguments {
    #[command(flatten)]
    pub(super) app: OneApp,
    /// A new name
    #[arg(long, value_parser = values::name)]
    pub(super) name: Option<DisplayName>,
    /// A new home page
    #[arg(long, value_parser = values::app_url)]
    pub(super) url: Option<AppUrl>,
    /// The callback URLs in place of all earlier ones; repeat the option for several
    #[arg(long, value_name = "URL", value_parser = values::callback_url)]
    pub(super) callback_url: Vec<AppUrl>,
    /// Let devices without a browser sign in through it
    #[arg(long)]
    pub(super) device_flow: bool,
    /// No longer let devices sign in through it
    #[arg(long, conflicts_with = "device_flow")]
    pub(super) no_device_flow: bool,
    #[command(flatten)]
    pub(super) expiry: ExpiryArguments,
    #[command(flatten)]
    pub(super) switches: Turned,
    #[command(flatten)]
    pub(super) resource_server: ResourceServerArguments,
}

/// Whether tokens of an app expire.
#[derive(Args, Debug)]
pub(crate) struct ExpiryArguments {
    /// Let tokens that it gets from now on expire after 8 hours, with refresh tokens
    #[arg(long)]
    expiring_tokens: bool,
    /// No longer let tokens that it gets expire; those that do can be refreshed as before
    #[arg(long, conflicts_with = "expiring_tokens")]
    no_expiring_tokens: bool,
}

impl ExpiryArguments {
    /// What is to be true, if something is said of it.
    pub(super) const fn wanted(&self) -> Option<ExpiringTokens> {
        match (self.expiring_tokens, self.no_expiring_tokens) {
            (true, _) => Some(ExpiringTokens::Enabled),
            (false, true) => Some(ExpiringTokens::Disabled),
            (false, false) => None,
        }
    }
}

/// Whether an app is told of all tokens.
#[derive(Args, Debug)]
pub(crate) struct ResourceServerArguments {
    /// Mark it as a resource server: introspection tells it of every live token, whosever it is
    #[arg(long)]
    resource_server: bool,
    /// Take that mark away: introspection tells it of its own tokens alone
    #[arg(long, conflicts_with = "resource_server")]
    no_resource_server: bool,
}

impl ResourceServerArguments {
    /// What is to be true, if something is said of it.
    pub(super) const fn wanted(&self) -> Option<SeenTokens> {
        match (self.resource_server, self.no_resource_server) {
            (true, _) => Some(SeenTokens::All),
            (false, true) => Some(SeenTokens::Own),
            (false, false) => None,
        }
    }
}

/// Which app goes to whom.
#[derive(Args, Debug)]
pub(crate) struct TransferArguments {
    #[command(flatten)]
    pub(super) app: OneApp,
    /// The login of the user or organization that it belongs to from then on
    #[arg(long, value_name = "LOGIN", value_parser = values::login, add = completion::owners())]
    pub(super) to: Login,
}

/// Whose secret, and where the new one comes from.
#[derive(Args, Debug)]
pub(crate) struct RotateArguments {
    #[command(flatten)]
    pub(super) app: OneApp,
    /// Read the new secret from standard input, one line: 32 to 40 letters and digits
    #[arg(long)]
    pub(super) client_secret_stdin: bool,
}

/// Which secret of which app to end.
#[derive(Args, Debug)]
pub(crate) struct EndSecretArguments {
    #[command(flatten)]
    pub(super) app: OneApp,
    /// The secret's id, as `app secret list` shows it
    #[arg(value_name = "SECRET")]
    pub(super) secret: i64,
}

/// Which app to delete.
#[derive(Args, Debug)]
pub(crate) struct DeleteArguments {
    #[command(flatten)]
    pub(super) app: OneApp,
    /// Do not ask for confirmation
    #[arg(long)]
    pub(super) yes: bool,
}

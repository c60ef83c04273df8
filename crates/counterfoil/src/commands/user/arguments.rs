//! What may be typed after `counterfoil user`.

use clap::{ArgGroup, Args, Subcommand};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::login::Login;
use counterfoil_domain::text::DisplayName;

use crate::commands::{completion, values};

/// The commands about users.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Create a user
    ///
    /// The password is asked for twice at a terminal; scripts give it on standard input. It has at
    /// least 8 characters, is none of the commonest and not made of the user's own login, name or
    /// e-mail address.
    #[command(aliases = ["add", "new"], after_help = "\
Examples:
  counterfoil user create octocat --email octocat@example.org
  pwgen -s 20 1 | counterfoil user create ci-bot --password-stdin")]
    Create(CreateArguments),
    /// Make a user without a password, or take one who never chose one, and send a link by which
    /// they choose it
    ///
    /// The link is mailed where a mail server is set, else it is printed once. The address counts
    /// as verified when the invitation is accepted. A second invitation ends the first.
    #[command(after_help = "\
Examples:
  counterfoil user invite octocat --email octocat@example.org
  counterfoil user invite octocat --show")]
    Invite(InviteArguments),
    /// Send a user a link by which they choose another password
    ///
    /// The link is mailed to the verified address where a mail server is set, else it is printed
    /// once. The password stays as it is until the link is used; then all sessions end.
    #[command(after_help = "\
Examples:
  counterfoil user reset octocat
  counterfoil user reset octocat --show")]
    Reset(ResetArguments),
    /// Print the link by which the first site administrator is made
    ///
    /// It works once and while there never was an administrator. A second one ends the first.
    #[command(name = "setup-link")]
    SetupLink,
    /// List all users
    #[command(alias = "ls")]
    List,
    /// Show one user, with the locks on sign-in and the count of wrong codes
    #[command(alias = "get")]
    Show(OneUser),
    /// Change what one or more options name: a user's e-mail address, name or rights
    #[command(
        alias = "update",
        group(ArgGroup::new("change").required(true).multiple(true).args(["email", "name", "admin", "no_admin"])),
        override_usage = "counterfoil user edit [OPTIONS] <LOGIN>",
    )]
    Edit(EditArguments),
    /// Give a user another login; the old one stays taken until `user release`
    ///
    /// Tokens, grants and apps stay. Programs that know the user by the login must be told.
    #[command(after_help = "\
Example:
  counterfoil user rename octocat monalisa")]
    Rename(RenameArguments),
    /// Set a new password
    ///
    /// Tokens live on unless --revoke-tokens says otherwise. Remembered passwords end at once.
    #[command(
        alias = "password",
        after_help = "\
Example:
  counterfoil user passwd octocat --revoke-tokens"
    )]
    Passwd(PasswdArguments),
    /// Suspend a user: neither the password nor any token works until `unsuspend`
    ///
    /// What apps refresh ends for good; these apps ask the user again.
    Suspend(OneUser),
    /// Lift a suspension
    Unsuspend(OneUser),
    /// Lift the locks that wrong passwords or codes led to, and accept one-time codes again
    Unlock(OneUser),
    /// Delete a user with all tokens, grants and apps; the login stays taken
    ///
    /// Tokens of the user, and tokens of other users for the user's apps, end at once. At a
    /// terminal the login must be typed once more; without one --yes is needed.
    #[command(aliases = ["rm", "remove"], after_help = "\
Example:
  counterfoil user delete octocat --yes")]
    Delete(DeleteArguments),
    /// Let the login of a deleted user or organization be given to somebody else
    ///
    /// Whoever gets the login next is taken for its earlier owner by programs that know users by
    /// their login. Release it only if that is fine.
    Release(OneUser),
    /// Turn one-time codes (two-factor authentication) on or off
    #[command(subcommand)]
    Otp(OtpCommand),
}

/// The commands about one-time codes.
#[derive(Debug, Subcommand)]
pub(crate) enum OtpCommand {
    /// Turn codes on with a new secret, and print it with recovery codes; earlier ones end
    ///
    /// What is printed is shown once and never again. An authenticator reads the otpauth URL, best
    /// as a QR code.
    #[command(after_help = "\
Example:
  counterfoil user otp enable octocat --json | jq -r .otpauth_url | qrencode -t ansiutf8")]
    Enable(OneUser),
    /// Make a link by which a user turns codes on, and mail it, or print it where no mail is sent
    ///
    /// It asks for the password, and works also where a second factor is required and the grace is
    /// over. A second one ends the first.
    #[command(after_help = "\
Example:
  counterfoil user otp link octocat")]
    Link(ResetArguments),
    /// Turn two-factor off; the secret, the recovery codes and all passkeys end
    ///
    /// For a user who has lost what they had: from then on the password alone signs in.
    Disable(OneUser),
}

/// Which user.
#[derive(Args, Debug)]
pub(crate) struct OneUser {
    /// The user's login
    #[arg(value_parser = values::login, add = completion::users())]
    pub(super) login: Login,
}

/// What a new user is given.
#[derive(Args, Debug)]
pub(crate) struct CreateArguments {
    /// The login: 1 to 39 letters, digits and single hyphens; programs know the user by it
    #[arg(value_parser = values::new_login)]
    pub(super) login: Login,
    /// The e-mail address; signs in beside the login
    #[arg(long, value_parser = values::email)]
    pub(super) email: Option<EmailAddress>,
    /// Nobody has checked the address: it neither signs in nor is shown, and the user makes no
    /// tokens
    #[arg(long, requires = "email")]
    pub(super) unverified: bool,
    /// What the user is called
    #[arg(long, value_parser = values::name)]
    pub(super) name: Option<DisplayName>,
    /// Make the user a site administrator
    #[arg(long)]
    pub(super) admin: bool,
    /// Read the password from standard input, one line
    #[arg(long)]
    pub(super) password_stdin: bool,
}

/// Whom to invite.
#[derive(Args, Debug)]
pub(crate) struct InviteArguments {
    /// The login: 1 to 39 letters, digits and single hyphens; programs know the user by it
    #[arg(value_parser = values::new_login)]
    pub(super) login: Login,
    /// The e-mail address that the invitation goes to; needed where it is mailed to a new user
    #[arg(long, value_parser = values::email)]
    pub(super) email: Option<EmailAddress>,
    /// What the user is called
    #[arg(long, value_parser = values::name)]
    pub(super) name: Option<DisplayName>,
    /// Make the user, if there is none yet, a site administrator
    #[arg(long)]
    pub(super) admin: bool,
    /// Print the link, also where a mail server is set
    #[arg(long)]
    pub(super) show: bool,
}

/// Who gets another password.
#[derive(Args, Debug)]
pub(crate) struct ResetArguments {
    #[command(flatten)]
    pub(super) user: OneUser,
    /// Print the link, also where a mail server is set
    #[arg(long)]
    pub(super) show: bool,
}

/// What changes about a user.
#[derive(Args, Debug)]
pub(crate) struct EditArguments {
    #[command(flatten)]
    pub(super) user: OneUser,
    /// A new e-mail address in place of the old one
    #[arg(long, value_parser = values::email)]
    pub(super) email: Option<EmailAddress>,
    /// Nobody has checked the new address: it neither signs in nor is shown, and the user makes no
    /// tokens
    #[arg(long, requires = "email")]
    pub(super) unverified: bool,
    /// A new name
    #[arg(long, value_parser = values::name)]
    pub(super) name: Option<DisplayName>,
    /// Make the user a site administrator
    #[arg(long)]
    pub(super) admin: bool,
    /// Make the user an ordinary one
    #[arg(long, conflicts_with = "admin")]
    pub(super) no_admin: bool,
}

/// Which user, and the new login.
#[derive(Args, Debug)]
pub(crate) struct RenameArguments {
    #[command(flatten)]
    pub(super) user: OneUser,
    /// The new login: 1 to 39 letters, digits and single hyphens
    #[arg(value_name = "NEW", value_parser = values::new_login)]
    pub(super) new: Login,
}

/// Whose password, and what becomes of the tokens.
#[derive(Args, Debug)]
pub(crate) struct PasswdArguments {
    #[command(flatten)]
    pub(super) user: OneUser,
    /// Revoke all tokens of the user as well
    #[arg(long)]
    pub(super) revoke_tokens: bool,
    /// Read the password from standard input, one line
    #[arg(long)]
    pub(super) password_stdin: bool,
}

/// Whom to delete.
#[derive(Args, Debug)]
pub(crate) struct DeleteArguments {
    #[command(flatten)]
    pub(super) user: OneUser,
    /// Do not ask for confirmation
    #[arg(long)]
    pub(super) yes: bool,
}

//! `counterfoil user`: users and what signs them in.

use clap::{ArgGroup, Args, Subcommand};
use counterfoil_authority::{AccountError, CreateAccount, TwoFactorError};
use counterfoil_domain::account::{
    AccountChange, AccountRefused, NewEmail, ReleaseRefused, TwoFactor, Verification,
};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::login::Login;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::text::DisplayName;
use counterfoil_store::RevokeTokens;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::secret_input::{self, Assumed};
use crate::commands::table::{Table, count, facts, or_hyphen, yes_or_no};
use crate::commands::values;
use crate::commands::views::{LockView, UserView};
use crate::installation::Installation;

/// The commands about users.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user; makes the data folder too if there is none
    ///
    /// The password is asked for twice at a terminal; scripts give it on standard input. It has 8 to 1024 bytes.
    #[command(after_help = "\
Examples:
  counterfoil user add octocat --email octocat@example.org
  pwgen -s 20 1 | counterfoil user add ci-bot --password-stdin")]
    Add(AddArguments),
    /// List all users
    List,
    /// Show one user, with the locks on sign-in
    Show(OneUser),
    /// Change what one or more options name: a user's e-mail address, name or rights
    #[command(
        group(ArgGroup::new("change").required(true).multiple(true).args(["email", "name", "admin", "no_admin"])),
        override_usage = "counterfoil user edit [OPTIONS] <LOGIN>",
    )]
    Edit(EditArguments),
    /// Set a new password
    ///
    /// Tokens live on unless --revoke-tokens says otherwise. Remembered passwords end at once.
    #[command(after_help = "\
Example:
  counterfoil user passwd octocat --revoke-tokens")]
    Passwd(PasswdArguments),
    /// Suspend a user: neither the password nor any token works until `unsuspend`
    Suspend(OneUser),
    /// Lift a suspension
    Unsuspend(OneUser),
    /// Lift the locks that wrong passwords or codes led to
    Unlock(OneUser),
    /// Delete a user with all tokens, grants and apps; the login stays taken
    ///
    /// Tokens of the user, and tokens of other users for the user's apps, end at once. At a terminal the login
    /// must be typed once more; --yes, or a standard input that is no terminal, does without.
    #[command(after_help = "\
Example:
  counterfoil user delete octocat --yes")]
    Delete(DeleteArguments),
    /// Let the login of a deleted user be given to somebody else
    ///
    /// Whoever gets the login next is taken for its earlier owner by programs that know users by their login.
    /// Release it only if that is fine.
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
    /// What is printed is shown once and never again. An authenticator reads the otpauth URL, best as a QR
    /// code.
    #[command(after_help = "\
Example:
  counterfoil user otp enable octocat --json | jq -r .otpauth_url | qrencode -t ansiutf8")]
    Enable(OneUser),
    /// Turn codes off; the secret and the recovery codes end
    Disable(OneUser),
}

/// Which user.
#[derive(Args, Debug)]
pub(crate) struct OneUser {
    /// The user's login
    #[arg(value_parser = values::login)]
    login: Login,
}

/// What a new user is given.
#[derive(Args, Debug)]
pub(crate) struct AddArguments {
    /// The login: 1 to 39 letters, digits and single hyphens; programs know the user by it
    #[arg(value_parser = values::new_login)]
    login: Login,
    /// The e-mail address; signs in beside the login
    #[arg(long, value_parser = values::email)]
    email: Option<EmailAddress>,
    /// Nobody has checked the address: it neither signs in nor is shown
    #[arg(long, requires = "email")]
    unverified: bool,
    /// What the user is called
    #[arg(long, value_parser = values::name)]
    name: Option<DisplayName>,
    /// Make the user a site administrator
    #[arg(long)]
    admin: bool,
    /// Read the password from standard input, one line
    #[arg(long)]
    password_stdin: bool,
}

/// What changes about a user.
#[derive(Args, Debug)]
pub(crate) struct EditArguments {
    #[command(flatten)]
    user: OneUser,
    /// A new e-mail address in place of the old one
    #[arg(long, value_parser = values::email)]
    email: Option<EmailAddress>,
    /// Nobody has checked the new address: it neither signs in nor is shown
    #[arg(long, requires = "email")]
    unverified: bool,
    /// A new name
    #[arg(long, value_parser = values::name)]
    name: Option<DisplayName>,
    /// Make the user a site administrator
    #[arg(long)]
    admin: bool,
    /// Make the user an ordinary one
    #[arg(long, conflicts_with = "admin")]
    no_admin: bool,
}

/// Whose password, and what becomes of the tokens.
#[derive(Args, Debug)]
pub(crate) struct PasswdArguments {
    #[command(flatten)]
    user: OneUser,
    /// Revoke all tokens of the user as well
    #[arg(long)]
    revoke_tokens: bool,
    /// Read the password from standard input, one line
    #[arg(long)]
    password_stdin: bool,
}

/// Whom to delete.
#[derive(Args, Debug)]
pub(crate) struct DeleteArguments {
    #[command(flatten)]
    user: OneUser,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

impl UserCommand {
    /// Whether the command makes an installation where there is none.
    pub(crate) fn makes_installation(&self) -> bool {
        matches!(self, Self::Add(_))
    }
}

/// Runs one of the commands.
pub(crate) async fn run(
    command: UserCommand,
    installation: &Installation,
) -> anyhow::Result<Answer> {
    match command {
        UserCommand::Add(arguments) => add(arguments, installation).await,
        UserCommand::List => list(installation).await,
        UserCommand::Show(user) => show(&user.login, installation).await,
        UserCommand::Edit(arguments) => edit(arguments, installation).await,
        UserCommand::Passwd(arguments) => passwd(&arguments, installation).await,
        UserCommand::Suspend(user) => suspend(&user.login, installation).await,
        UserCommand::Unsuspend(user) => unsuspend(&user.login, installation).await,
        UserCommand::Unlock(user) => unlock(&user.login, installation).await,
        UserCommand::Delete(arguments) => delete(&arguments, installation).await,
        UserCommand::Release(user) => release(&user.login, installation).await,
        UserCommand::Otp(OtpCommand::Enable(user)) => otp_enable(&user.login, installation).await,
        UserCommand::Otp(OtpCommand::Disable(user)) => otp_disable(&user.login, installation).await,
    }
}

async fn add(arguments: AddArguments, to: &Installation) -> anyhow::Result<Answer> {
    let password = secret_input::new_password(arguments.password_stdin)?;
    let login = arguments.login;
    let request = CreateAccount {
        login: login.clone(),
        name: arguments.name,
        email: new_email(arguments.email, arguments.unverified),
        standing: if arguments.admin {
            Standing::SiteAdministrator
        } else {
            Standing::Ordinary
        },
        password,
    };
    let made = to.authority.create_account(request, &to.operator).await;
    let account = made.map_err(|error| explain(&login, error))?;
    Ok(Answer::done(
        UserView::from(&account),
        format!("made user {login}"),
    ))
}

async fn list(of: &Installation) -> anyhow::Result<Answer> {
    let accounts = of.authority.list_accounts().await?;
    let views: Vec<UserView> = accounts.iter().map(UserView::from).collect();
    let mut table = Table::new([
        "LOGIN",
        "E-MAIL",
        "NAME",
        "ADMIN",
        "TWO-FACTOR",
        "SUSPENDED",
        "MADE",
    ]);
    for view in &views {
        table.push([
            view.login.clone(),
            or_hyphen(view.email.as_ref()),
            or_hyphen(view.name.as_ref()),
            yes_or_no(view.admin),
            yes_or_no(view.two_factor),
            yes_or_no(view.suspended_at.is_some()),
            view.created_at.clone(),
        ]);
    }
    Ok(Answer::data(&views, table.to_text()))
}

async fn show(login: &Login, of: &Installation) -> anyhow::Result<Answer> {
    let found = of.authority.find_account(login).await;
    let account = found.map_err(|error| explain(login, error))?;
    let locks = of.authority.locks_of(&account).await?;
    let locks: Vec<LockView> = locks.into_iter().map(LockView::from).collect();
    let view = UserView::from(&account);
    let mut pairs = vec![
        ("login", view.login.clone()),
        ("id", view.id.to_string()),
        ("name", or_hyphen(view.name.as_ref())),
        ("e-mail", or_hyphen(view.email.as_ref())),
        ("admin", yes_or_no(view.admin)),
        ("two-factor", yes_or_no(view.two_factor)),
        ("suspended since", or_hyphen(view.suspended_at.as_ref())),
        ("made", view.created_at.clone()),
        ("changed", view.updated_at.clone()),
    ];
    pairs.extend(locks.iter().map(|lock| ("locked", lock.to_string())));
    let text = facts(&pairs);
    let mut document = serde_json::to_value(view)?;
    document["locks"] = serde_json::to_value(locks)?;
    Ok(Answer::data(document, text))
}

async fn edit(arguments: EditArguments, of: &Installation) -> anyhow::Result<Answer> {
    let login = arguments.user.login;
    let change = AccountChange {
        email: new_email(arguments.email, arguments.unverified),
        name: arguments.name,
        standing: match (arguments.admin, arguments.no_admin) {
            (true, _) => Some(Standing::SiteAdministrator),
            (false, true) => Some(Standing::Ordinary),
            (false, false) => None,
        },
    };
    let changed = of
        .authority
        .change_account(&login, change, &of.operator)
        .await;
    let account = changed.map_err(|error| explain(&login, error))?;
    Ok(Answer::done(
        UserView::from(&account),
        format!("changed user {login}"),
    ))
}

async fn passwd(arguments: &PasswdArguments, of: &Installation) -> anyhow::Result<Answer> {
    let login = &arguments.user.login;
    // Asking for a password that will not be used would be unkind.
    let found = of.authority.find_account(login).await;
    found.map_err(|error| explain(login, error))?;
    let password = secret_input::new_password(arguments.password_stdin)?;
    let tokens = if arguments.revoke_tokens {
        RevokeTokens::Revoke
    } else {
        RevokeTokens::Keep
    };
    let set = of
        .authority
        .set_password(login, password, tokens, &of.operator)
        .await
        .map_err(|error| explain(login, error))?;
    let sentence = match tokens {
        RevokeTokens::Revoke => {
            let tokens = count(set.tokens_revoked, "token");
            format!("set a new password for {login} and revoked {tokens}")
        }
        RevokeTokens::Keep => format!("set a new password for {login}; tokens live on"),
    };
    let document = json!({"login": login.as_str(), "tokens_revoked": set.tokens_revoked});
    Ok(Answer::done(document, sentence))
}

async fn suspend(login: &Login, of: &Installation) -> anyhow::Result<Answer> {
    let suspended = of.authority.suspend_account(login, &of.operator).await;
    let changed = suspended.map_err(|error| explain(login, error))?;
    let sentence = if changed {
        format!("suspended {login}")
    } else {
        format!("{login} was suspended before")
    };
    let document = json!({"login": login.as_str(), "suspended": true, "changed": changed});
    Ok(Answer::done(document, sentence))
}

async fn unsuspend(login: &Login, of: &Installation) -> anyhow::Result<Answer> {
    let lifted = of.authority.unsuspend_account(login, &of.operator).await;
    let changed = lifted.map_err(|error| explain(login, error))?;
    let sentence = if changed {
        format!("lifted the suspension of {login}")
    } else {
        format!("{login} is not suspended")
    };
    let document = json!({"login": login.as_str(), "suspended": false, "changed": changed});
    Ok(Answer::done(document, sentence))
}

async fn unlock(login: &Login, of: &Installation) -> anyhow::Result<Answer> {
    let unlocked = of.authority.unlock_account(login, &of.operator).await;
    let locks = unlocked.map_err(|error| explain(login, error))?;
    let sentence = format!(
        "lifted {} of {login} and forgot the failures that led there",
        count(locks, "lock")
    );
    let document = json!({"login": login.as_str(), "locks_lifted": locks});
    Ok(Answer::done(document, sentence))
}

async fn delete(arguments: &DeleteArguments, of: &Installation) -> anyhow::Result<Answer> {
    let login = &arguments.user.login;
    let found = of.authority.find_account(login).await;
    found.map_err(|error| explain(login, error))?;
    secret_input::confirm_deletion(login.as_str(), Assumed::when(arguments.yes))?;
    let deleted = of.authority.delete_account(login, &of.operator).await;
    let deleted = deleted.map_err(|error| explain(login, error))?;
    let sentence = format!(
        "deleted {login} with {}, {} and {}",
        count(deleted.tokens, "token"),
        count(deleted.grants, "grant"),
        count(deleted.apps, "app")
    );
    let document = json!({
        "login": login.as_str(),
        "tokens_revoked": deleted.tokens,
        "grants_revoked": deleted.grants,
        "apps_deleted": deleted.apps,
    });
    Ok(Answer::done(document, sentence))
}

async fn release(login: &Login, of: &Installation) -> anyhow::Result<Answer> {
    let released = of.authority.release_login(login, &of.operator).await;
    released.map_err(|error| explain(login, error))?;
    let document = json!({"login": login.as_str(), "released": true});
    Ok(Answer::done(
        document,
        format!("released the login {login}: it may be given again"),
    ))
}

async fn otp_enable(login: &Login, of: &Installation) -> anyhow::Result<Answer> {
    let enabled = of.authority.enable_two_factor(login, &of.operator).await;
    let enabled = enabled.map_err(|error| explain_two_factor(login, error))?;
    let codes: Vec<&str> = enabled
        .recovery_codes
        .iter()
        .map(|code| code.as_str())
        .collect();
    let document = json!({
        "secret": enabled.secret.as_str(),
        "otpauth_url": enabled.otpauth_url.as_str(),
        "recovery_codes": codes,
    });
    let facts = facts(&[
        ("secret", enabled.secret.to_string()),
        ("otpauth URL", enabled.otpauth_url.to_string()),
    ]);
    let text = format!("{facts}recovery codes\n  {}\n", codes.join("\n  "));
    Ok(Answer::data(document, text)
        .with_note("this is shown once; give it to the user and keep no copy"))
}

async fn otp_disable(login: &Login, of: &Installation) -> anyhow::Result<Answer> {
    let found = of.authority.find_account(login).await;
    let before = found.map_err(|error| explain(login, error))?.two_factor;
    let disabled = of.authority.disable_two_factor(login, &of.operator).await;
    disabled.map_err(|error| explain_two_factor(login, error))?;
    let sentence = match before {
        TwoFactor::On => format!("turned one-time codes off for {login}"),
        TwoFactor::Off => format!("{login} has no one-time codes"),
    };
    let changed = before == TwoFactor::On;
    let document = json!({"login": login.as_str(), "two_factor": false, "changed": changed});
    Ok(Answer::done(document, sentence))
}

fn new_email(address: Option<EmailAddress>, unverified: bool) -> Option<NewEmail> {
    let verification = if unverified {
        Verification::Unverified
    } else {
        Verification::Verified
    };
    address.map(|address| NewEmail {
        address,
        verification,
    })
}

/// The sentence for a user who is not there.
pub(crate) fn no_such_user(login: &Login) -> anyhow::Error {
    anyhow::anyhow!("there is no user {login}; `counterfoil user list` shows all users")
}

/// The sentence for what went wrong with a user.
fn explain(login: &Login, error: AccountError) -> anyhow::Error {
    match error {
        AccountError::NoSuchUser | AccountError::Refused(AccountRefused::NotFound) => {
            no_such_user(login)
        }
        AccountError::Refused(AccountRefused::LoginTaken) => anyhow::anyhow!(
            "the login {login} is taken; a deleted user's login stays taken until `counterfoil user release {login}`"
        ),
        AccountError::Refused(AccountRefused::EmailTaken) => {
            anyhow::anyhow!("another user has this e-mail address; give another one")
        }
        AccountError::NotReleased(ReleaseRefused::NotTaken) => {
            anyhow::anyhow!("the login {login} is not taken: there is nothing to release")
        }
        AccountError::NotReleased(ReleaseRefused::Live) => {
            anyhow::anyhow!("{login} is a user; only the login of a deleted user can be released")
        }
        AccountError::Busy(_) | AccountError::Store(_) => anyhow::Error::new(error),
    }
}

fn explain_two_factor(login: &Login, error: TwoFactorError) -> anyhow::Error {
    match error {
        TwoFactorError::NoSuchUser => no_such_user(login),
        TwoFactorError::Key(_) | TwoFactorError::Store(_) => anyhow::Error::new(error),
    }
}

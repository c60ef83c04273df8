//! `counterfoil user`: users and what signs them in.

mod arguments;
mod links;
mod otp;
mod rename;

use counterfoil_authority::{CreateAccount, GivePasswordError, UseCaseError};
use counterfoil_domain::account::{
    AccountChange, AccountChangeRefused, AccountCreationRefused, NewEmail, NoSuchUser,
    ReleaseRefused, Verification,
};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::login::Login;
use counterfoil_domain::scope::Standing;
use counterfoil_store::RevokeTokens;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::progress;
use crate::commands::secret_input::{self, Assumed};
use crate::commands::table::{Table, count, facts, or_hyphen, yes_or_no};
use crate::commands::views::{LockView, TokenView, UserView, scope_list};
use crate::installation::Installation;

pub(crate) use self::arguments::UserCommand;

use self::arguments::{
    CreateArguments, DeleteArguments, EditArguments, OtpCommand, PasswdArguments,
};

/// Runs one of the commands.
pub(crate) async fn run(
    command: UserCommand,
    installation: &Installation,
) -> anyhow::Result<Answer> {
    match command {
        UserCommand::Create(arguments) => create(arguments, installation).await,
        UserCommand::Invite(arguments) => links::invite(arguments, installation).await,
        UserCommand::Reset(arguments) => links::reset(arguments, installation).await,
        UserCommand::SetupLink => links::set_up(installation).await,
        UserCommand::List => list(installation).await,
        UserCommand::Show(user) => show(&user.login, installation).await,
        UserCommand::Edit(arguments) => edit(arguments, installation).await,
        UserCommand::Rename(arguments) => rename::run(arguments, installation).await,
        UserCommand::Passwd(arguments) => passwd(&arguments, installation).await,
        UserCommand::Suspend(user) => suspend(&user.login, installation).await,
        UserCommand::Unsuspend(user) => unsuspend(&user.login, installation).await,
        UserCommand::Unlock(user) => unlock(&user.login, installation).await,
        UserCommand::Delete(arguments) => delete(&arguments, installation).await,
        UserCommand::Release(user) => release(&user.login, installation).await,
        UserCommand::Otp(OtpCommand::Enable(user)) => otp::enable(&user.login, installation).await,
        UserCommand::Otp(OtpCommand::Link(arguments)) => {
            links::enrolment(arguments, installation).await
        }
        UserCommand::Otp(OtpCommand::Disable(user)) => {
            otp::disable(&user.login, installation).await
        }
    }
}

async fn create(arguments: CreateArguments, to: &Installation) -> anyhow::Result<Answer> {
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
    let account = made.map_err(|error| explain_creation(&login, error))?;
    Ok(Answer::done(
        UserView::from(&account),
        format!("created user {login}"),
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
        "CREATED",
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
    let account = found.map_err(|error| if_no_user(login, error))?;
    let locks = of.authority.locks_of(&account).await?;
    let locks: Vec<LockView> = locks.into_iter().map(LockView::from).collect();
    let (wrong_codes, codes_refused) = of.authority.wrong_codes_of(&account).await?;
    let passkeys = of.authority.passkeys_of(&account).await?.len();
    let view = UserView::from(&account);
    let mut pairs = vec![
        ("login", view.login.clone()),
        ("id", view.id.to_string()),
        ("name", or_hyphen(view.name.as_ref())),
        ("e-mail", or_hyphen(view.email.as_ref())),
        ("admin", yes_or_no(view.admin)),
        ("two-factor", yes_or_no(view.two_factor)),
        ("passkeys", passkeys.to_string()),
        ("suspended since", or_hyphen(view.suspended_at.as_ref())),
        ("created", view.created_at.clone()),
        ("changed", view.updated_at.clone()),
    ];
    pairs.extend(locks.iter().map(|lock| ("locked", lock.to_string())));
    if wrong_codes > 0 {
        let hint = if codes_refused {
            format!("; none is accepted until a recovery code or `counterfoil user unlock {login}`")
        } else {
            String::new()
        };
        pairs.push((
            "wrong codes",
            format!("{wrong_codes} since the last right one{hint}"),
        ));
    }
    let text = facts(&pairs);
    let mut document = serde_json::to_value(view)?;
    document["passkeys"] = json!(passkeys);
    document["wrong_codes"] = json!(wrong_codes);
    document["codes_refused"] = json!(codes_refused);
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
    let account = changed.map_err(|error| explain_change(&login, error))?;
    let sentence = format!("changed user {login}");
    if !arguments.admin {
        return Ok(Answer::done(UserView::from(&account), sentence));
    }
    let asleep = of.authority.tokens_asleep(&account).await?;
    let mut document = serde_json::to_value(UserView::from(&account))?;
    let views = asleep.iter().map(|owned| {
        let provenance = Some(owned.provenance);
        TokenView::new(&owned.authorization, provenance, login.to_string())
    });
    let views: Vec<_> = views.collect();
    document["tokens_asleep"] = serde_json::to_value(&views)?;
    let answer = Answer::done(document, sentence);
    Ok(views
        .iter()
        .map(asleep_note)
        .fold(answer, Answer::with_note))
}

/// What is said of a token that was given scopes for administrators by somebody who was none.
fn asleep_note(token: &TokenView) -> String {
    let id = token.id;
    let of_app = token.app.as_ref();
    let of_app = of_app.map_or_else(String::new, |app| format!(" of the app {}", app.name));
    let scopes = scope_list(&token.scopes);
    format!(
        "token {id}{of_app} has the scopes {scopes}, and those for administrators count for nothing, since they were given \
         before; `counterfoil token revoke {id}` ends it, `counterfoil token create` makes one that counts"
    )
}

async fn passwd(arguments: &PasswdArguments, of: &Installation) -> anyhow::Result<Answer> {
    let login = &arguments.user.login;
    // Asking for a password that will not be used would be unkind.
    let found = of.authority.find_account(login).await;
    found.map_err(|error| if_no_user(login, error))?;
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
        .map_err(|error| explain_password(login, error))?;
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
    let changed = suspended.map_err(|error| if_no_user(login, error))?;
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
    let changed = lifted.map_err(|error| if_no_user(login, error))?;
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
    let locks = unlocked.map_err(|error| if_no_user(login, error))?;
    let sentence = format!(
        "lifted {} of {login} and forgot the failures and wrong codes that led there",
        count(locks, "lock")
    );
    let document = json!({"login": login.as_str(), "locks_lifted": locks});
    Ok(Answer::done(document, sentence))
}

async fn delete(arguments: &DeleteArguments, of: &Installation) -> anyhow::Result<Answer> {
    let login = &arguments.user.login;
    let found = of.authority.find_account(login).await;
    found.map_err(|error| if_no_user(login, error))?;
    secret_input::confirm(
        "delete this user",
        login.as_str(),
        Assumed::when(arguments.yes),
    )?;
    let shown = progress::show_waiting("user delete", "ending tokens, grants and apps");
    let deleted = of.authority.delete_account(login, &of.operator).await;
    drop(shown);
    let deleted = deleted.map_err(|error| if_no_user(login, error))?;
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
    released.map_err(|error| explain_release(login, error))?;
    let document = json!({"login": login.as_str(), "released": true});
    Ok(Answer::done(
        document,
        format!("released the login {login}: it may be given again"),
    ))
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

/// The sentence where nothing is wrong with what was asked but that the user may not be there.
pub(crate) fn if_no_user<'a>(
    login: impl Into<Option<&'a Login>>,
    error: UseCaseError<NoSuchUser>,
) -> anyhow::Error {
    match (error, login.into()) {
        (UseCaseError::Refused(NoSuchUser), Some(login)) => no_such_user(login),
        (error, _) => anyhow::Error::new(error),
    }
}

/// The sentence for a user who was not made.
fn explain_creation(
    login: &Login,
    error: GivePasswordError<AccountCreationRefused>,
) -> anyhow::Error {
    match error {
        GivePasswordError::UseCase(UseCaseError::Refused(AccountCreationRefused::LoginTaken(
            _,
        ))) => login_taken(login),
        GivePasswordError::UseCase(UseCaseError::Refused(AccountCreationRefused::EmailTaken(
            _,
        ))) => email_taken(),
        error => anyhow::Error::new(error),
    }
}

/// The sentence for a user who was not changed.
fn explain_change(login: &Login, error: UseCaseError<AccountChangeRefused>) -> anyhow::Error {
    match error {
        UseCaseError::Refused(AccountChangeRefused::NotFound(NoSuchUser)) => no_such_user(login),
        UseCaseError::Refused(AccountChangeRefused::EmailTaken(_)) => email_taken(),
        UseCaseError::CallerGone(_) | UseCaseError::Store(_) => anyhow::Error::new(error),
    }
}

/// The sentence for a login that somebody has or had.
fn login_taken(login: &Login) -> anyhow::Error {
    anyhow::anyhow!(
        "the login {login} is taken; a deleted user's login stays taken until `counterfoil user release {login}`"
    )
}

fn email_taken() -> anyhow::Error {
    anyhow::anyhow!("another user has this e-mail address; give another one")
}

/// The sentence for a user who did not get another password.
fn explain_password(login: &Login, error: GivePasswordError<NoSuchUser>) -> anyhow::Error {
    match error {
        GivePasswordError::UseCase(error) => if_no_user(login, error),
        GivePasswordError::Password(_) | GivePasswordError::Busy(_) => anyhow::Error::new(error),
    }
}

/// The sentence for a login that was not released.
fn explain_release(login: &Login, error: UseCaseError<ReleaseRefused>) -> anyhow::Error {
    match error {
        UseCaseError::Refused(ReleaseRefused::NotTaken) => {
            anyhow::anyhow!("the login {login} is not taken: there is nothing to release")
        }
        UseCaseError::Refused(ReleaseRefused::Live) => {
            anyhow::anyhow!(
                "{login} was not deleted; only the login of a deleted user or organization can be released"
            )
        }
        UseCaseError::CallerGone(_) | UseCaseError::Store(_) => anyhow::Error::new(error),
    }
}

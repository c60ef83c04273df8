//! `counterfoil app`: OAuth apps and their secrets.

mod arguments;
mod built_in;
mod secrets;
mod suspension;
mod switches;

use counterfoil_authority::{CreateApp, CreateAppRefused, UseCaseError};
use counterfoil_domain::account::NoSuchUser;
use counterfoil_domain::app::{
    AppChange, AppCreationRefused, AppSwitch, ClientId, ClientSecret, DeviceFlow, ExpiringTokens,
    NoSuchApp, TransferRefused,
};
use counterfoil_domain::login::Login;
use serde_json::json;

use crate::commands::answer::Answer;
use crate::commands::progress;
use crate::commands::secret_input::{self, Assumed};
use crate::commands::table::{Table, count, facts, or_hyphen, yes_or_no};
use crate::commands::user::no_such_user;
use crate::commands::views::{AppView, Logins};
use crate::installation::Installation;

pub(crate) use self::arguments::AppCommand;

use self::arguments::{
    CreateArguments, DeleteArguments, EditArguments, RotateArguments, TransferArguments,
};

/// Runs one of the commands.
pub(crate) async fn run(
    command: AppCommand,
    installation: &Installation,
) -> anyhow::Result<Answer> {
    match command {
        AppCommand::Create(arguments) => create(arguments, installation).await,
        AppCommand::List => list(installation).await,
        AppCommand::Show(app) => show(&app.client_id, installation).await,
        AppCommand::Edit(arguments) => edit(arguments, installation).await,
        AppCommand::Transfer(arguments) => transfer(&arguments, installation).await,
        AppCommand::RotateSecret(arguments) => rotate_secret(&arguments, installation).await,
        AppCommand::Secret(command) => secrets::run(command, installation).await,
        AppCommand::CreateBuiltIn => built_in::create(installation).await,
        AppCommand::Suspend(app) => suspension::suspend(&app.client_id, installation).await,
        AppCommand::Unsuspend(app) => suspension::unsuspend(&app.client_id, installation).await,
        AppCommand::Delete(arguments) => delete(&arguments, installation).await,
    }
}

async fn create(arguments: CreateArguments, to: &Installation) -> anyhow::Result<Answer> {
    let given = match arguments.client_id {
        Some(client_id) => Some((client_id, read_client_secret()?)),
        None => None,
    };
    let is_given = given.is_some();
    let owner = arguments.owner;
    let request = CreateApp {
        owner: owner.clone(),
        name: arguments.name,
        url: arguments.url,
        callback_urls: arguments.callback_url,
        device_flow: device_flow(arguments.device_flow),
        expiring_tokens: ExpiringTokens::when(arguments.expiring_tokens),
        switches: arguments.switches.0,
        given,
    };
    let created = to.authority.create_app(request, &to.operator).await;
    let created = created.map_err(|error| explain_creation(&owner, error))?;
    let view = AppView::new(&created.app, owner.to_string());
    let client_id = view.client_id.clone();
    let mut document = serde_json::to_value(view)?;
    if is_given {
        let sentence = format!("created app {client_id}");
        return Ok(Answer::done(document, sentence));
    }
    document["client_secret"] = json!(created.secret.expose());
    let text = facts(&[
        ("client ID", client_id),
        ("client secret", created.secret.expose().to_owned()),
    ]);
    Ok(Answer::data(document, text).with_note(SHOWN_ONCE))
}

/// The logins of those who own apps.
async fn owners(of: &Installation) -> anyhow::Result<Logins> {
    Ok(Logins::from(of.authority.list_app_owners().await?))
}

/// What is said beside every secret that was printed.
const SHOWN_ONCE: &str = "the secret is shown once; only its digest is kept";

async fn list(of: &Installation) -> anyhow::Result<Answer> {
    let logins = owners(of).await?;
    let apps = of.authority.list_apps().await?;
    let views: Vec<AppView> = apps
        .iter()
        .map(|app| AppView::new(app, logins.of(app.owner)))
        .collect();
    let mut table = Table::new([
        "CLIENT ID",
        "NAME",
        "OWNER",
        "URL",
        "DEVICE FLOW",
        "SUSPENDED",
        "CREATED",
    ]);
    for view in &views {
        table.push([
            view.client_id.clone(),
            view.name.clone(),
            view.owner.clone(),
            view.url.clone(),
            yes_or_no(view.device_flow),
            yes_or_no(view.suspended_at.is_some()),
            view.created_at.clone(),
        ]);
    }
    Ok(Answer::data(&views, table.to_text()))
}

async fn show(client_id: &ClientId, of: &Installation) -> anyhow::Result<Answer> {
    let found = of.authority.find_app(client_id).await;
    let app = found.map_err(|error| if_no_app(client_id, error))?;
    let logins = owners(of).await?;
    let view = AppView::new(&app, logins.of(app.owner));
    let mut pairs = vec![
        ("client ID", view.client_id.clone()),
        ("name", view.name.clone()),
        ("owner", view.owner.clone()),
        ("URL", view.url.clone()),
    ];
    pairs.extend(
        view.callback_urls
            .iter()
            .map(|url| ("callback URL", url.clone())),
    );
    pairs.extend([
        ("device flow", yes_or_no(view.device_flow)),
        ("expiring tokens", yes_or_no(view.expiring_tokens)),
    ]);
    pairs.extend(AppSwitch::ALL.map(|switch| {
        let is_on = app.switches.has(switch);
        (switches::label(switch), yes_or_no(is_on))
    }));
    pairs.extend([
        ("resource server", yes_or_no(view.resource_server)),
        ("suspended since", or_hyphen(view.suspended_at.as_ref())),
        ("created", view.created_at.clone()),
        ("changed", view.updated_at.clone()),
    ]);
    let text = facts(&pairs);
    Ok(Answer::data(view, text))
}

async fn edit(arguments: EditArguments, of: &Installation) -> anyhow::Result<Answer> {
    let client_id = arguments.app.client_id;
    let urls = arguments.callback_url;
    let change = AppChange {
        name: arguments.name,
        url: arguments.url,
        callback_urls: (!urls.is_empty()).then_some(urls),
        device_flow: match (arguments.device_flow, arguments.no_device_flow) {
            (true, _) => Some(DeviceFlow::Enabled),
            (false, true) => Some(DeviceFlow::Disabled),
            (false, false) => None,
        },
        expiring_tokens: arguments.expiry.wanted(),
        switches: arguments.switches.0,
        seen_tokens: arguments.resource_server.wanted(),
    };
    let changed = of
        .authority
        .change_app(&client_id, change, &of.operator)
        .await;
    let app = changed.map_err(|error| if_no_app(&client_id, error))?;
    let logins = owners(of).await?;
    let view = AppView::new(&app, logins.of(app.owner));
    Ok(Answer::done(view, format!("changed app {client_id}")))
}

async fn transfer(arguments: &TransferArguments, of: &Installation) -> anyhow::Result<Answer> {
    let (client_id, to) = (&arguments.app.client_id, &arguments.to);
    let given = of.authority.transfer_app(client_id, to, &of.operator).await;
    let app = given.map_err(|error| explain_transfer(client_id, to, error))?;
    let view = AppView::new(&app, owners(of).await?.of(app.owner));
    let sentence = format!(
        "app {client_id} belongs to {}; who let it in is asked again",
        view.owner
    );
    Ok(Answer::done(view, sentence))
}

async fn rotate_secret(arguments: &RotateArguments, of: &Installation) -> anyhow::Result<Answer> {
    let client_id = &arguments.app.client_id;
    let given = if arguments.client_secret_stdin {
        Some(read_client_secret()?)
    } else {
        None
    };
    let is_given = given.is_some();
    let rotated = of
        .authority
        .rotate_app_secret(client_id, given, &of.operator)
        .await;
    let secret = rotated.map_err(|error| if_no_app(client_id, error))?;
    if is_given {
        let sentence = format!("replaced the secret of app {client_id}");
        return Ok(Answer::done(
            json!({"client_id": client_id.as_str()}),
            sentence,
        ));
    }
    let document = json!({"client_id": client_id.as_str(), "client_secret": secret.expose()});
    let text = facts(&[
        ("client ID", client_id.to_string()),
        ("client secret", secret.expose().to_owned()),
    ]);
    Ok(Answer::data(document, text).with_note(SHOWN_ONCE))
}

async fn delete(arguments: &DeleteArguments, of: &Installation) -> anyhow::Result<Answer> {
    let client_id = &arguments.app.client_id;
    let found = of.authority.find_app(client_id).await;
    found.map_err(|error| if_no_app(client_id, error))?;
    secret_input::confirm(
        "delete this app",
        client_id.as_str(),
        Assumed::when(arguments.yes),
    )?;
    let shown = progress::show_waiting("app delete", "ending tokens and grants");
    let deleted = of.authority.delete_app(client_id, &of.operator).await;
    drop(shown);
    let deleted = deleted.map_err(|error| if_no_app(client_id, error))?;
    let document = json!({
        "client_id": client_id.as_str(),
        "tokens_revoked": deleted.tokens,
        "grants_revoked": deleted.grants,
    });
    let tokens = count(deleted.tokens, "token");
    let grants = count(deleted.grants, "grant");
    Ok(Answer::done(
        document,
        format!("deleted app {client_id} with {tokens} and {grants}"),
    ))
}

fn read_client_secret() -> anyhow::Result<ClientSecret> {
    let text = secret_input::read_stdin("client secret")?;
    Ok(ClientSecret::parse(&text)?)
}

fn device_flow(enabled: bool) -> DeviceFlow {
    DeviceFlow::when(enabled)
}

/// The sentence for an app that is not there.
pub(crate) fn no_such_app(client_id: &ClientId) -> anyhow::Error {
    anyhow::anyhow!("there is no app {client_id}; `counterfoil app list` shows all apps")
}

/// The sentence where nothing is wrong with what was asked but that the app may not be there.
pub(crate) fn if_no_app(client_id: &ClientId, error: UseCaseError<NoSuchApp>) -> anyhow::Error {
    match error {
        UseCaseError::Refused(NoSuchApp) => no_such_app(client_id),
        UseCaseError::CallerGone(_) | UseCaseError::Store(_) => anyhow::Error::new(error),
    }
}

/// The sentence for an app that was not made.
fn explain_creation(owner: &Login, error: UseCaseError<CreateAppRefused>) -> anyhow::Error {
    match error {
        UseCaseError::Refused(CreateAppRefused::NoSuchUser(NoSuchUser)) => no_such_user(owner),
        UseCaseError::Refused(CreateAppRefused::Creation(AppCreationRefused::ClientIdTaken)) => {
            anyhow::anyhow!(
                "this client ID is taken; the ID of a deleted app stays taken, so give another one"
            )
        }
        UseCaseError::Refused(CreateAppRefused::Creation(AppCreationRefused::TooManyApps)) => {
            anyhow::anyhow!(
                "the owner has as many apps as one owner may have; delete one, or raise apps.per_user in the settings"
            )
        }
        error => anyhow::Error::new(error),
    }
}

/// The sentence for an app that stays with its owner.
fn explain_transfer(
    client_id: &ClientId,
    to: &Login,
    error: UseCaseError<TransferRefused>,
) -> anyhow::Error {
    match error {
        UseCaseError::Refused(TransferRefused::NoSuchApp(NoSuchApp)) => no_such_app(client_id),
        UseCaseError::Refused(TransferRefused::OfInstallation) => anyhow::anyhow!(
            "this app came with the installation, whose it stays; `counterfoil app suspend {client_id}` switches it off"
        ),
        UseCaseError::Refused(TransferRefused::RecipientGone) => anyhow::anyhow!(
            "there is no user or organization {to} who could own an app; `counterfoil user list` and `counterfoil org list` show all"
        ),
        UseCaseError::Refused(TransferRefused::TooManyApps) => anyhow::anyhow!(
            "{to} has as many apps as one may have; delete one, or raise apps.per_user in the settings"
        ),
        error => anyhow::Error::new(error),
    }
}

//! `counterfoil app secret`: the secrets of an app, each on its own.

use counterfoil_authority::UseCaseError;
use counterfoil_domain::app::{AppSecret, ClientId, SecretCreationRefused, SecretEndRefused};
use counterfoil_domain::id::ClientSecretId;
use serde_json::json;

use super::arguments::{EndSecretArguments, RotateArguments, SecretCommand};
use super::{SHOWN_ONCE, if_no_app, no_such_app, read_client_secret};
use crate::commands::answer::Answer;
use crate::commands::table::{Table, facts};
use crate::commands::views::SecretView;
use crate::installation::Installation;

/// Runs one of the commands.
pub(super) async fn run(command: SecretCommand, of: &Installation) -> anyhow::Result<Answer> {
    match command {
        SecretCommand::Create(arguments) => create(&arguments, of).await,
        SecretCommand::List(app) => list(&app.client_id, of).await,
        SecretCommand::End(arguments) => end(&arguments, of).await,
        SecretCommand::Publish(arguments) => publish(&arguments, of).await,
    }
}

async fn create(arguments: &RotateArguments, of: &Installation) -> anyhow::Result<Answer> {
    let client_id = &arguments.app.client_id;
    let given = if arguments.client_secret_stdin {
        Some(read_client_secret()?)
    } else {
        None
    };
    let is_given = given.is_some();
    let made = of
        .authority
        .create_app_secret(client_id, given, &of.operator)
        .await;
    let (kept, secret) = made.map_err(|error| match error {
        UseCaseError::Refused(SecretCreationRefused::NoSuchApp(_)) => no_such_app(client_id),
        UseCaseError::Refused(SecretCreationRefused::TooManySecrets) => anyhow::anyhow!(
            "the app has {} secrets, the most that an app may have; end one of those that `counterfoil app secret list {client_id}` shows",
            AppSecret::MOST
        ),
        error => anyhow::Error::new(error),
    })?;
    let mut document = json!({"client_id": client_id.as_str(), "id": kept.id.0});
    if is_given {
        let sentence = format!("gave app {client_id} the secret {}", kept.id);
        return Ok(Answer::done(document, sentence));
    }
    document["client_secret"] = json!(secret.expose());
    let text = facts(&[
        ("client ID", client_id.to_string()),
        ("secret", kept.id.to_string()),
        ("client secret", secret.expose().to_owned()),
    ]);
    Ok(Answer::data(document, text).with_note(SHOWN_ONCE))
}

async fn list(client_id: &ClientId, of: &Installation) -> anyhow::Result<Answer> {
    let secrets = of.authority.list_app_secrets(client_id).await;
    let secrets = secrets.map_err(|error| if_no_app(client_id, error))?;
    let views: Vec<_> = secrets.iter().map(SecretView::from).collect();
    let mut table = Table::new(["SECRET", "ENDS WITH", "CREATED", "LAST USED", "PUBLISHED"]);
    for view in &views {
        table.push([
            view.id.to_string(),
            view.last_eight.clone(),
            view.created_at.clone(),
            view.last_used_at.clone().unwrap_or_default(),
            view.published_at.clone().unwrap_or_default(),
        ]);
    }
    Ok(Answer::data(&views, table.to_text()))
}

async fn end(arguments: &EndSecretArguments, of: &Installation) -> anyhow::Result<Answer> {
    let (client_id, id) = (&arguments.app.client_id, ClientSecretId(arguments.secret));
    let ended = of
        .authority
        .end_app_secret(client_id, id, &of.operator)
        .await;
    let ended = ended.map_err(|error| if_no_secret(client_id, id, error))?;
    let document = json!({"client_id": client_id.as_str(), "id": ended.id.0});
    let sentence = format!("ended the secret {id} of app {client_id}");
    Ok(Answer::done(document, sentence))
}

async fn publish(arguments: &EndSecretArguments, of: &Installation) -> anyhow::Result<Answer> {
    let (client_id, id) = (&arguments.app.client_id, ClientSecretId(arguments.secret));
    let published = of
        .authority
        .publish_app_secret(client_id, id, &of.operator)
        .await;
    let published = published.map_err(|error| if_no_secret(client_id, id, error))?;
    let document = json!({"client_id": client_id.as_str(), "id": published.id.0});
    let sentence = format!("the secret {id} of app {client_id} proves nothing from now on");
    Ok(Answer::done(document, sentence))
}

fn if_no_secret(
    client_id: &ClientId,
    id: ClientSecretId,
    error: UseCaseError<SecretEndRefused>,
) -> anyhow::Error {
    match error {
        UseCaseError::Refused(SecretEndRefused::NoSuchApp(_)) => no_such_app(client_id),
        UseCaseError::Refused(SecretEndRefused::NoSuchSecret) => anyhow::anyhow!(
            "app {client_id} has no live secret {id}; `counterfoil app secret list {client_id}` shows those that it has"
        ),
        error => anyhow::Error::new(error),
    }
}

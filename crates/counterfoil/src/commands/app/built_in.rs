//! `counterfoil app create-built-in`: the apps of a new installation, in an older one.

use counterfoil_domain::built_in::BuiltInApp;
use serde_json::json;

use super::owners;
use crate::commands::answer::Answer;
use crate::commands::views::AppView;
use crate::installation::Installation;

/// Makes those that are not there.
pub(super) async fn create(at: &Installation) -> anyhow::Result<Answer> {
    let made = at.authority.make_built_in_apps(&at.operator).await?;
    let logins = owners(at).await?;
    let views: Vec<AppView> = made
        .iter()
        .map(|app| AppView::new(app, logins.of(app.owner)))
        .collect();
    let is_made = |app: &&BuiltInApp| {
        made.iter()
            .any(|made| made.summary.client_id == app.client_id())
    };
    let (created, kept): (Vec<_>, Vec<_>) = BuiltInApp::ALL.iter().partition(is_made);
    let mut sentences: Vec<String> = created.iter().map(created_sentence).collect();
    sentences.extend(kept.iter().map(kept_sentence));
    let kept: Vec<_> = kept.iter().map(|app| app.client_id().to_string()).collect();
    let document = json!({"created": views, "kept": kept});
    Ok(Answer::done(document, sentences.join("\n")))
}

fn created_sentence(app: &BuiltInApp) -> String {
    format!("created app {} ({})", app.client_id(), app.name)
}

fn kept_sentence(app: &BuiltInApp) -> String {
    let (id, name) = (app.client_id(), app.name);
    format!("the client ID {id} ({name}) was given before, and is left as it is")
}

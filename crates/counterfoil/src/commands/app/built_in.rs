//! `counterfoil app create-built-in`: the apps of a new installation, in an older one.

use counterfoil_domain::app::App;
use counterfoil_domain::built_in::BuiltInApp;
use serde_json::json;

use super::owners;
use crate::commands::answer::Answer;
use crate::commands::views::AppView;
use crate::installation::Installation;

/// Makes those that are not there, and has those live again that a restore ended.
pub(super) async fn create(at: &Installation) -> anyhow::Result<Answer> {
    let made = at.authority.make_built_in_apps(&at.operator).await?;
    let logins = owners(at).await?;
    let views = |apps: &[App]| -> Vec<AppView> {
        let views = apps.iter();
        let views = views.map(|app| AppView::new(app, logins.of(app.owner)));
        views.collect()
    };
    let is_among = |apps: &[App], one: &BuiltInApp| {
        let mut ids = apps.iter().map(|app| &app.summary.client_id);
        ids.any(|id| *id == one.client_id())
    };
    let mut kept = Vec::new();
    let sentences = BuiltInApp::ALL.iter().map(|app| {
        let (id, name) = (app.client_id(), app.name);
        if is_among(&made.created, app) {
            return format!("created app {id} ({name})");
        }
        if is_among(&made.revived, app) {
            return format!("brought back app {id} ({name}), which a restore had ended");
        }
        kept.push(id.to_string());
        format!("the client ID {id} ({name}) was given before, and is left as it is")
    });
    let sentences: Vec<String> = sentences.collect();
    let document = json!({
        "created": views(&made.created),
        "revived": views(&made.revived),
        "kept": kept,
    });
    Ok(Answer::done(document, sentences.join("\n")))
}

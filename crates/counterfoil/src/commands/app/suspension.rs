//! `counterfoil app suspend` and `app unsuspend`.

use counterfoil_domain::app::ClientId;
use serde_json::json;

use super::if_no_app;
use crate::commands::answer::Answer;
use crate::installation::Installation;

pub(super) async fn suspend(client_id: &ClientId, of: &Installation) -> anyhow::Result<Answer> {
    let suspended = of.authority.suspend_app(client_id, &of.operator).await;
    let changed = suspended.map_err(|error| if_no_app(client_id, error))?;
    let sentence = if changed {
        format!("suspended app {client_id}; the tokens that users gave it live on")
    } else {
        format!("app {client_id} was suspended before")
    };
    let document = json!({"client_id": client_id.as_str(), "suspended": true, "changed": changed});
    Ok(Answer::done(document, sentence))
}

pub(super) async fn unsuspend(client_id: &ClientId, of: &Installation) -> anyhow::Result<Answer> {
    let lifted = of.authority.unsuspend_app(client_id, &of.operator).await;
    let changed = lifted.map_err(|error| if_no_app(client_id, error))?;
    let sentence = if changed {
        format!("lifted the suspension of app {client_id}")
    } else {
        format!("app {client_id} is not suspended")
    };
    let document = json!({"client_id": client_id.as_str(), "suspended": false, "changed": changed});
    Ok(Answer::done(document, sentence))
}

//! What only administrators are shown.

use counterfoil_domain::id::AccountId;
use schemars::JsonSchema;
use serde::Serialize;

use crate::base::ApiBase;

/// That a user has another login. The documentation speaks of a job; here it is done when it is
/// said.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub struct RenameQueued {
    message: &'static str,
    url: String,
}

impl RenameQueued {
    /// The body for this user.
    pub fn new(id: AccountId, base: &ApiBase) -> Self {
        Self {
            message: "Job queued to rename user. It may take a few minutes to complete.",
            url: base.user_by_id(id),
        }
    }
}

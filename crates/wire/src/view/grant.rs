//! A grant as bodies show it (wire contract, section 13).

use counterfoil_domain::grant::Grant;
use schemars::JsonSchema;
use serde::Serialize;

use super::{AppView, ScopeNames, Time};
use crate::base::ApiBase;

/// The body of one grant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "application-grant")]
pub struct GrantView<'a> {
    id: i64,
    url: String,
    app: AppView<'a>,
    created_at: Time,
    updated_at: Time,
    scopes: ScopeNames<'a>,
}

impl<'a> GrantView<'a> {
    /// The body for this grant.
    pub fn new(grant: &'a Grant, base: &ApiBase) -> Self {
        Self {
            id: grant.id.0,
            url: base.grant(grant.id),
            app: (&grant.app).into(),
            created_at: Time(grant.created_at),
            updated_at: Time(grant.updated_at),
            scopes: ScopeNames(&grant.scopes),
        }
    }
}

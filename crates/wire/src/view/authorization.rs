//! An authorization as bodies show it (wire contract, section 13).

use counterfoil_domain::account::Account;
use counterfoil_domain::app::ClientId;
use counterfoil_domain::authorization::{Authorization, Kind};
use counterfoil_domain::text::{Fingerprint, Note, NoteUrl};
use counterfoil_domain::token::PlainToken;
use schemars::JsonSchema;
use serde::Serialize;

use super::{AppView, ScopeNames, SimpleUser, Time};
use crate::base::ApiBase;
use crate::documentation::PERSONAL_TOKENS;

/// The body of one authorization. It may hold a token, so it has no `Debug`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "authorization")]
pub struct AuthorizationView<'a> {
    id: i64,
    url: String,
    app: AppView<'a>,
    token: &'a str,
    hashed_token: String,
    token_last_eight: &'a str,
    note: Option<&'a str>,
    note_url: Option<&'a str>,
    created_at: Time,
    updated_at: Time,
    scopes: ScopeNames<'a>,
    fingerprint: Option<&'a str>,
    expires_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "SimpleUser<'a>")]
    user: Option<SimpleUser<'a>>,
}

/// What the app of an impersonation token is called (wire contract, section 18).
const IMPERSONATION_NAME: &str = "GitHub Site Administrator";
/// Its page, as recorded.
const IMPERSONATION_URL: &str = "https://developer.github.com/v3/enterprise/users/";

impl<'a> AuthorizationView<'a> {
    /// The body for this authorization. `token` is given only in the answer that creates it; all
    /// others show `""`.
    pub fn new(
        authorization: &'a Authorization,
        token: Option<&'a PlainToken>,
        base: &ApiBase,
    ) -> Self {
        Self {
            id: authorization.id.0,
            url: base.authorization(authorization.id),
            app: app(authorization),
            token: token.map_or("", PlainToken::expose),
            hashed_token: authorization.token.digest.to_hex(),
            token_last_eight: &authorization.token.last_eight,
            note: authorization.note.as_ref().map(Note::as_str),
            note_url: authorization.note_url.as_ref().map(NoteUrl::as_str),
            created_at: Time(authorization.created_at),
            updated_at: Time(authorization.updated_at),
            scopes: ScopeNames(&authorization.scopes),
            fingerprint: authorization.fingerprint.as_ref().map(Fingerprint::as_str),
            expires_at: authorization.expires_at.map(Time),
            user: None,
        }
    }

    /// The body that the app sees to which the token belongs: with the token as the app gave it, or
    /// got it now, and with whose it is.
    pub fn of_app(
        authorization: &'a Authorization,
        token: &'a str,
        owner: &'a Account,
        base: &ApiBase,
    ) -> Self {
        Self {
            token,
            user: Some(SimpleUser::new(owner, base)),
            ..Self::new(authorization, None, base)
        }
    }

    /// The body of a token that acts as somebody else. `client_id` is the installation's own for
    /// all of these.
    pub fn impersonation(
        authorization: &'a Authorization,
        token: Option<&'a PlainToken>,
        client_id: &'a ClientId,
        base: &ApiBase,
    ) -> Self {
        Self {
            app: AppView {
                client_id: client_id.as_str(),
                ..app(authorization)
            },
            ..Self::new(authorization, token, base)
        }
    }
}

/// A personal access token shows an app of its own, named like its note.
fn app(authorization: &Authorization) -> AppView<'_> {
    match &authorization.kind {
        Kind::App(app) => app.into(),
        Kind::Impersonation { .. } => AppView {
            name: IMPERSONATION_NAME,
            url: IMPERSONATION_URL,
            client_id: ClientId::PERSONAL,
        },
        Kind::Personal => {
            let note_url = authorization.note_url.as_ref().map(NoteUrl::as_str);
            AppView {
                name: authorization.note.as_ref().map_or("", Note::as_str),
                url: note_url
                    .filter(|url| !url.is_empty())
                    .unwrap_or(PERSONAL_TOKENS),
                client_id: ClientId::PERSONAL,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::app::KeptSecret;
    use counterfoil_domain::digest::SecretDigest;
    use counterfoil_domain::id::{AccountId, AuthorizationId};
    use counterfoil_domain::scope::ScopeSet;
    use counterfoil_domain::timestamp::Timestamp;

    use super::*;

    #[test]
    fn a_personal_token_shows_its_note_as_its_app() {
        let at = Timestamp::from_seconds(1_519_480_748);
        let authorization = Authorization {
            id: AuthorizationId(168_042_708),
            owner: AccountId(1),
            kind: Kind::Personal,
            scopes: ScopeSet::parse(["gist"]).unwrap(),
            administrator_epoch: None,
            note: Some(Note::from_stored("testing".to_owned())),
            note_url: Some(NoteUrl::from_stored(String::new())),
            fingerprint: None,
            token: KeptSecret {
                digest: SecretDigest::of("abcdefgh12345678"),
                last_eight: "12345678".to_owned(),
            },
            created_at: at,
            updated_at: at,
            expires_at: None,
            last_used_at: None,
        };
        let base = ApiBase::parse("http://localhost:8080").unwrap();
        let view = AuthorizationView::new(&authorization, None, &base);
        let expected = concat!(
            r#"{"id":168042708,"url":"http://localhost:8080/api/v3/authorizations/168042708","app":{"name":"testing","#,
            r#""url":"https://docs.github.com/enterprise/rest/enterprise-admin/users#list-personal-access-tokens","#,
            r#""client_id":"00000000000000000000"},"token":"","#,
            r#""hashed_token":"25f94a2a5c7fbaf499c665bc73d67c1c87e496da8985131633ee0a95819db2e8","#,
            r#""token_last_eight":"12345678","note":"testing","note_url":"","created_at":"2018-02-24T13:59:08Z","#,
            r#""updated_at":"2018-02-24T13:59:08Z","scopes":["gist"],"fingerprint":null,"expires_at":null}"#,
        );
        assert_eq!(serde_json::to_string(&view).unwrap(), expected);
    }
}

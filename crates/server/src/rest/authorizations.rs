//! `/authorizations` (wire contract, section 15)

use axum::extract::State;
use counterfoil_authority::{
    Caller, ClientClaim, CreateAuthorization, GetOrCreateAuthorization, GotOrIssued, Issued,
    RequestedPurpose,
};
use counterfoil_domain::authorization::Authorization;
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::page::Paged;
use counterfoil_domain::token::PlainToken;
use counterfoil_wire::header::Audience;
use counterfoil_wire::input::{
    self, ClientPair, GetOrCreate, GetOrCreatePath, TokenPurpose, UpdateAuthorization,
};
use counterfoil_wire::pagination::ClientFilter;
use counterfoil_wire::view::AuthorizationView;
use http::StatusCode;

use super::extract::{JsonObject, List, PasswordCaller, PathId, PathText, PathTexts};
use crate::answer::{Answer, CachedAnswer, Ready};
use crate::origins::PerOrigin;
use crate::problem::ApiProblem;
use crate::state::ServerState;

const LIST_PATH: &str = "/authorizations";

/// `GET /authorizations` (wire contract, section 15.1)
pub(super) async fn list(
    PasswordCaller(caller): PasswordCaller,
    State(state): State<ServerState>,
    list: List,
) -> Result<Answer, ApiProblem> {
    let (authority, page) = (state.authority(), list.page);
    let found = match &list.client {
        ClientFilter::Nothing => Paged::empty(),
        ClientFilter::All => authority.list_authorizations(&caller, None, page).await?,
        ClientFilter::Only(app) => {
            let of_app = authority.list_authorizations(&caller, Some(app.clone()), page);
            of_app.await?
        }
    };
    let reader = (&state, caller.account().id);
    Ok(list.answer(reader, LIST_PATH, &found, |authorization| {
        view(&state, authorization, None)
    }))
}

/// `GET /authorizations/{authorization_id}` (wire contract, section 15.4)
pub(super) async fn find(
    PasswordCaller(caller): PasswordCaller,
    State(state): State<ServerState>,
    PathId(id): PathId,
) -> Result<Ready, ApiProblem> {
    let found = state
        .authority()
        .find_authorization(&caller, AuthorizationId(id))
        .await?;
    let kept: &PerOrigin<CachedAnswer> = found.keep(|_| PerOrigin::default());
    let kept = kept.get(state.origin(), || {
        let record = found.record();
        let changed = Some(record.shown_changed_at());
        let view = view(&state, &record, None);
        CachedAnswer::new(record.owner, Audience::User, changed, &view)
    });
    Ok(kept.ready(&state))
}

/// `POST /authorizations` (wire contract, section 15.2)
pub(super) async fn create(
    PasswordCaller(caller): PasswordCaller,
    State(state): State<ServerState>,
    JsonObject(body): JsonObject,
) -> Result<Answer, ApiProblem> {
    let request = creation(input::CreateAuthorization::parse(body)?);
    let issued = state
        .authority()
        .create_authorization(&caller, request)
        .await?;
    Ok(created(&state, &caller, &issued))
}

/// `PUT /authorizations/clients/{client_id}` (wire contract, section 15.3)
pub(super) async fn get_or_create(
    PasswordCaller(caller): PasswordCaller,
    State(state): State<ServerState>,
    PathText(client_id): PathText,
    JsonObject(body): JsonObject,
) -> Result<Answer, ApiProblem> {
    let wanted = GetOrCreate::parse(
        body,
        GetOrCreatePath::Client {
            client_id: &client_id,
        },
    )?;
    got_or_created(&state, &caller, wanted).await
}

/// `PUT /authorizations/clients/{client_id}/{fingerprint}` (wire contract, section 15.3)
pub(super) async fn get_or_create_with_fingerprint(
    PasswordCaller(caller): PasswordCaller,
    State(state): State<ServerState>,
    PathTexts(client_id, fingerprint): PathTexts,
    JsonObject(body): JsonObject,
) -> Result<Answer, ApiProblem> {
    let path = GetOrCreatePath::ClientAndFingerprint {
        client_id: &client_id,
        fingerprint: &fingerprint,
    };
    let wanted = GetOrCreate::parse(body, path)?;
    got_or_created(&state, &caller, wanted).await
}

/// `PATCH /authorizations/{authorization_id}`, and `POST` for clients that cannot send it
/// (wire contract, section 15.5).
pub(super) async fn change(
    PasswordCaller(caller): PasswordCaller,
    State(state): State<ServerState>,
    PathId(id): PathId,
    JsonObject(body): JsonObject,
) -> Result<Answer, ApiProblem> {
    let UpdateAuthorization { change } = UpdateAuthorization::parse(body)?;
    let authorization = state
        .authority()
        .change_authorization(&caller, AuthorizationId(id), change)
        .await?;
    Ok(Answer::ok(
        caller.account().id,
        &view(&state, &authorization, None),
    ))
}

/// `DELETE /authorizations/{authorization_id}` (wire contract, section 15.6)
pub(super) async fn revoke(
    PasswordCaller(caller): PasswordCaller,
    State(state): State<ServerState>,
    PathId(id): PathId,
) -> Result<StatusCode, ApiProblem> {
    state
        .authority()
        .revoke_authorization(&caller, AuthorizationId(id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn got_or_created(
    state: &ServerState,
    caller: &Caller,
    wanted: GetOrCreate,
) -> Result<Answer, ApiProblem> {
    let request = GetOrCreateAuthorization {
        client: claim(wanted.client),
        scopes: wanted.scopes,
        note: wanted.note,
        note_url: wanted.note_url,
        fingerprint: wanted.fingerprint,
    };
    Ok(
        match state
            .authority()
            .get_or_create_authorization(caller, request)
            .await?
        {
            GotOrIssued::Existing(authorization) => {
                Answer::ok(caller.account().id, &view(state, &authorization, None))
            }
            GotOrIssued::Issued(issued) => created(state, caller, &issued),
        },
    )
}

/// 201 with the token, the only time that it is shown.
fn created(state: &ServerState, caller: &Caller, issued: &Issued) -> Answer {
    let location = state.base().authorization(issued.authorization.id);
    let view = view(state, &issued.authorization, Some(&issued.token));
    Answer::created_secret(caller.account().id, &view, &location)
}

fn view<'a>(
    state: &'a ServerState,
    authorization: &'a Authorization,
    token: Option<&'a PlainToken>,
) -> AuthorizationView<'a> {
    AuthorizationView::new(authorization, token, state.base())
}

fn creation(wanted: input::CreateAuthorization) -> CreateAuthorization {
    let purpose = match wanted.purpose {
        TokenPurpose::Personal { note } => RequestedPurpose::Personal { note },
        TokenPurpose::App {
            client,
            note,
            fingerprint,
        } => RequestedPurpose::App {
            client: claim(client),
            note,
            fingerprint,
        },
    };
    CreateAuthorization {
        purpose,
        scopes: wanted.scopes,
        note_url: wanted.note_url,
    }
}

fn claim(pair: ClientPair) -> ClientClaim {
    ClientClaim {
        client_id: pair.id,
        secret: pair.secret,
    }
}

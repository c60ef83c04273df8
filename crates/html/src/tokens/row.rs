//! A token as a row of a list.

use counterfoil_domain::authorization::{EndedToken, Kind, OwnToken, Provenance};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::scope::Scope;

use super::name_of;
use crate::components::Badge;
use crate::frame::Frame;
use crate::stranger::Stranger;
use crate::text::{Text, link};
use crate::words;

/// Scopes that a row names.
const SCOPES_SHOWN: usize = 3;
/// From how many days before it on an expiry is a warning.
const DAYS_OF_WARNING: i64 = 7;
/// After how many days without use a token is called unused.
const DAYS_UNUSED: i64 = 90;

/// What a row of a list shows.
pub(super) struct Row {
    pub(super) last_eight: String,
    pub(super) origin: Text,
    pub(super) name: Text,
    pub(super) used: Text,
    /// What else there is to say of it.
    pub(super) more: Option<Text>,
    pub(super) scopes: Vec<&'static str>,
    pub(super) more_scopes: Option<Text>,
    pub(super) badge: Option<Badge>,
    pub(super) date: Text,
}

impl Row {
    /// A token that lives.
    pub(super) fn live(frame: &Frame<'_>, token: &OwnToken) -> Self {
        let words = words::Tokens(frame.language);
        let name = if token.is_the_owners() {
            let path = format!("/settings/tokens/{}", token.authorization.id);
            link(&path, &name_of(token))
        } else {
            name_without_link(words, token)
        };
        let expiry = token.authorization.expires_at;
        let date = expiry.map_or_else(|| words.no_expiry(), |at| frame.short_date(at));
        Self {
            name,
            badge: badge_of(frame, token),
            date,
            ..Self::of(frame, token)
        }
    }

    /// A token that is over; `limit` is how many of one app may live at the same time.
    pub(super) fn ended(frame: &Frame<'_>, ended: &EndedToken, limit: u32) -> Self {
        let words = words::Tokens(frame.language);
        let app = ended.token.authorization.kind.app();
        let more = app
            .filter(|_| ended.reason == EndReason::MaxForApp)
            .map(|app| words.ended_too_many_more(Stranger(app.name.as_str())));
        Self {
            badge: Some(Badge::plain(reason(words, ended, limit))),
            date: frame.short_date(ended.ended_at),
            more,
            ..Self::of(frame, &ended.token)
        }
    }

    fn of(frame: &Frame<'_>, token: &OwnToken) -> Self {
        let words = words::Tokens(frame.language);
        let authorization = &token.authorization;
        let all = authorization.scopes.iter().count();
        let shown = authorization.scopes.iter().map(Scope::name);
        let more_scopes = match all {
            0 => Some(words.no_scopes()),
            _ if all > SCOPES_SHOWN => Some(words.more_scopes(all - SCOPES_SHOWN)),
            _ => None,
        };
        Self {
            last_eight: authorization.token.last_eight.clone(),
            origin: origin(words, token.provenance),
            name: name_without_link(words, token),
            used: used(frame, token),
            more: None,
            scopes: shown.take(SCOPES_SHOWN).collect(),
            more_scopes,
            badge: None,
            date: Text::empty(),
        }
    }
}

fn name_without_link(words: words::Tokens, token: &OwnToken) -> Text {
    match (&token.authorization.kind, &token.maker) {
        (Kind::Personal, _) => Text::of(&name_of(token)),
        (Kind::App(app), _) => words.of_app(Stranger(app.name.as_str())),
        (Kind::Impersonation { .. }, maker) => {
            words.acts_as_you(maker.as_ref().map_or("", |login| login.as_str()))
        }
    }
}

/// How a token was made.
pub(crate) fn origin(words: words::Tokens, provenance: Provenance) -> Text {
    match provenance {
        Provenance::PasswordApi => words.origin_password(),
        Provenance::Page => words.origin_page(),
        Provenance::CommandLine => words.origin_command_line(),
        Provenance::WebFlow => words.origin_web_flow(),
        Provenance::DeviceFlow => words.origin_device_flow(),
        Provenance::Impersonation => words.origin_administrator(),
        Provenance::Import => words.origin_import(),
    }
}

/// When and from where a token was last used, or since when it was not.
pub(crate) fn used(frame: &Frame<'_>, token: &OwnToken) -> Text {
    let words = words::Tokens(frame.language);
    let authorization = &token.authorization;
    match (authorization.last_used_at, token.last_used_from) {
        (Some(at), Some(from)) => words.used_from(from.to_string(), frame.when(at)),
        (Some(at), None) => words.used(frame.when(at)),
        (None, _) => words.never_used(frame.when(authorization.created_at)),
    }
}

/// An expiry that is near comes before long disuse, and that before an expiry that is far.
fn badge_of(frame: &Frame<'_>, token: &OwnToken) -> Option<Badge> {
    let words = words::Tokens(frame.language);
    let left = token
        .authorization
        .expires_at
        .map(|at| frame.days_until(at));
    let days = |days: i64| days.unsigned_abs();
    let unused = -frame.days_until(token.authorization.times().last_sign_of_life());
    match left {
        Some(0) => Some(Badge::warn(words.expires_today())),
        Some(left) if left <= DAYS_OF_WARNING => Some(Badge::warn(words.expires_in(days(left)))),
        _ if unused >= DAYS_UNUSED => Some(Badge::warn(words.unused_for(days(unused)))),
        Some(left) => Some(Badge::plain(words.expires_in(days(left)))),
        None => None,
    }
}

fn reason(words: words::Tokens, ended: &EndedToken, limit: u32) -> Text {
    match ended.reason {
        EndReason::Expired => words.ended_expired(),
        EndReason::DeletedByOwner => words.ended_by_you(),
        EndReason::Reset => words.ended_regenerated(),
        EndReason::Replaced => words.ended_replaced(),
        EndReason::RevokedByOperator => words.ended_by_operator(),
        EndReason::RevokedByAdministrator => match &ended.by {
            Some(login) => words.ended_by_login(login.as_str()),
            None => words.ended_by_administrator(),
        },
        EndReason::MaxForApp => words.ended_too_many(limit),
        EndReason::Idle => words.ended_idle(),
        EndReason::PasswordChanged => words.ended_password(),
        EndReason::MakerLostRights => words.ended_maker(),
        EndReason::Restored => words.ended_restored(),
        // What ends no token of these lists, or with it the account that could look.
        _ => words.ended_otherwise(),
    }
}

//! What the trail is sought by, and what is wrong with it.

use super::AuditTrail;
use crate::components::Field;
use crate::frame::Frame;
use crate::text::Text;
use crate::words;

/// Most characters of a field.
const LONGEST: u16 = 255;

/// What was typed into each field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// From when on.
    pub since: String,
    /// Until when.
    pub until: String,
    /// Who did it.
    pub actor: String,
    /// The login of the user that it is about.
    pub user: String,
    /// The client id of the app that it is about.
    pub app: String,
    /// The login of the organization that it is about.
    pub organization: String,
    /// Words of the trail.
    pub action: String,
    /// The client's address.
    pub address: String,
    /// The id of the request.
    pub request: String,
    /// The digest of a token in hexadecimal digits. Never anything else that was typed there: it
    /// may be the token.
    pub token_digest: String,
}

/// What is wrong with what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterProblem {
    /// No point in time.
    Since,
    /// The same of the other one.
    Until,
    /// Nobody who could have done something.
    Actor,
    /// A name that nobody has or had who could have.
    UnknownActor,
    /// No login.
    User,
    /// A login that no user has or had.
    UnknownUser,
    /// No client id.
    App,
    /// One that no app has or had.
    UnknownApp,
    /// No login.
    Organization,
    /// A login that no organization has or had.
    UnknownOrganization,
    /// No words of the trail.
    Action,
    /// No address.
    Address,
    /// No id of a request.
    Request,
    /// No digest.
    Digest,
    /// A token, wherever it was typed. It is not shown again.
    Token,
    /// The place in the list is gone.
    Cursor,
}

impl Filters {
    /// What each field has, by its name; no digest.
    pub fn of(text: impl Fn(&str) -> String) -> Self {
        Self {
            since: text("since"),
            until: text("until"),
            actor: text("actor"),
            user: text("user"),
            app: text("app"),
            organization: text("organization"),
            action: text("action"),
            address: text("address"),
            request: text("request"),
            token_digest: String::new(),
        }
    }

    /// The fields with their names, but for the digest.
    pub fn kept(&self) -> Vec<(&'static str, &str)> {
        let fields = [
            ("since", &self.since),
            ("until", &self.until),
            ("actor", &self.actor),
            ("user", &self.user),
            ("app", &self.app),
            ("organization", &self.organization),
            ("action", &self.action),
            ("address", &self.address),
            ("request", &self.request),
        ];
        let given = fields.into_iter().filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| (name, value.as_str())).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept().is_empty() && self.token_digest.is_empty()
    }
}

/// The fields of the form that is sent by its address.
pub(super) struct Fields([Field; 9]);

impl Fields {
    pub(super) fn of(view: &AuditTrail<'_>, frame: &Frame<'_>) -> Self {
        let words = words::AdminAudit(frame.language);
        let Filters {
            since,
            until,
            actor,
            user,
            app,
            organization,
            action,
            address,
            request,
            token_digest: _,
        } = view.filters;
        let zone = frame.zone.name();
        let field = |name, label, hint: Option<Text>, value: &str| {
            let field = Field::text(name, label).longest(LONGEST).value(value);
            let field = field.error(problem(view.problems, name, words));
            match hint {
                Some(hint) => field.hint(hint),
                None => field,
            }
        };
        Self([
            field("since", words.since(), Some(words.time_hint(zone)), since),
            field("until", words.until(), Some(words.until_hint()), until),
            field("actor", words.actor(), Some(words.actor_hint()), actor),
            field("user", words.user(), Some(words.user_hint()), user),
            field("app", words.app(), Some(words.app_hint()), app),
            field(
                "organization",
                words.organization(),
                Some(words.organization_hint()),
                organization,
            ),
            field("action", words.action(), Some(words.action_hint()), action),
            field("address", words.address(), None, address),
            field(
                "request",
                words.request(),
                Some(words.request_hint()),
                request,
            ),
        ])
    }

    pub(super) fn all(&self) -> &[Field] {
        &self.0
    }
}

/// The field that a digest is typed into. Its form is posted, since people paste the token itself,
/// and what is in an address is kept in many places.
pub(super) fn digest_field(view: &AuditTrail<'_>, frame: &Frame<'_>) -> Field {
    let words = words::AdminAudit(frame.language);
    Field::text("token_digest", words.digest())
        .hint(words.digest_hint())
        .value(&view.filters.token_digest)
        .error(problem(view.problems, "token_digest", words))
}

/// The first problem of a field.
fn problem(problems: &[FilterProblem], name: &str, words: words::AdminAudit) -> Option<Text> {
    let mut problems = problems.iter();
    problems.find_map(|problem| problem.said(name, words))
}

impl FilterProblem {
    /// The sentence beside the field of this name, if the problem is that field's.
    fn said(self, name: &str, words: words::AdminAudit) -> Option<Text> {
        let (field, sentence) = match self {
            Self::Since => ("since", words.bad_time()),
            Self::Until => ("until", words.bad_time()),
            Self::Actor => ("actor", words.bad_actor()),
            Self::UnknownActor => ("actor", words.unknown_actor()),
            Self::User => ("user", words.bad_login()),
            Self::UnknownUser => ("user", words.unknown_user()),
            Self::App => ("app", words.bad_app()),
            Self::UnknownApp => ("app", words.unknown_app()),
            Self::Organization => ("organization", words.bad_login()),
            Self::UnknownOrganization => ("organization", words.unknown_organization()),
            Self::Action => ("action", words.bad_action()),
            Self::Address => ("address", words.bad_address()),
            Self::Request => ("request", words.bad_request()),
            Self::Digest => ("token_digest", words.bad_digest()),
            Self::Token => ("token_digest", words.is_token()),
            Self::Cursor => return None,
        };
        (field == name).then_some(sentence)
    }
}

//! The search for tokens, and what it found.

use askama::Template;
use counterfoil_domain::authorization::{Authorization, Kind};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::page::Page as PageOf;
use counterfoil_domain::scope::Scope;
use counterfoil_domain::text::Note;
use counterfoil_domain::token_search::SoughtTokens;

use super::{FoundToken, SEARCH};
use crate::components::{Badge, Cell, Field, Pages, Summary, Table};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::stranger::Stranger;
use crate::text::{Text, link};
use crate::tokens::origin;
use crate::view::{View, filled};
use crate::words;

/// The form of the search, and what it found.
#[derive(Clone, Copy, Debug)]
pub struct TokenSearch<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// What is sought; nothing where that may be a token.
    pub sought: &'a str,
    /// The last eight characters beside it.
    pub last_eight: &'a str,
    /// What is wrong with them.
    pub problem: Option<SearchProblem>,
    /// What was found, once something was sought.
    pub found: Option<FoundTokens<'a>>,
}

/// Why nothing was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchProblem {
    /// It is none of what tokens are looked for by.
    Unknown,
    /// It is a token.
    Token,
    /// No token ends like this.
    LastEight,
    /// A digest was given, and last characters beside it.
    LastEightOfDigest,
    /// Nobody has the login.
    NoSuchUser,
    /// No app has the client id.
    NoSuchApp,
}

/// One page of what was found.
#[derive(Clone, Copy, Debug)]
pub struct FoundTokens<'a> {
    /// Where.
    pub sought: &'a SoughtTokens,
    /// The tokens of the page.
    pub tokens: &'a [FoundToken<'a>],
    /// How many there are.
    pub total: u64,
    /// Which page it is.
    pub page: PageOf,
    /// What is sought, as the query of an address.
    pub query: &'a str,
}

#[derive(Template)]
#[template(path = "admin/tokens/search.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AdminTokens,
    csrf: &'a str,
    search: &'static str,
    summary: Summary,
    fields: [Field; 2],
    found: Option<Found>,
}

struct Found {
    heading: Text,
    table: Table,
    none: Text,
    pages: Option<Pages>,
}

impl View for TokenSearch<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminTokens(frame.language);
        let fields = self.fields(words);
        let summary = fields
            .iter()
            .fold(Summary::new(frame.language), Summary::field);
        filled(&Page {
            layout: Layout::administration(frame, Entry::AllTokens, words.title())
                .with_problems_of(&summary),
            words,
            csrf: self.csrf,
            search: SEARCH,
            summary,
            fields,
            found: self.found.map(|found| found.shown(words, frame)),
        })
    }
}

impl TokenSearch<'_> {
    fn fields(&self, words: words::AdminTokens) -> [Field; 2] {
        let (sought, last_eight) = match self.problem {
            None => (None, None),
            Some(SearchProblem::Unknown) => (Some(words.enter_sought()), None),
            Some(SearchProblem::Token) => (Some(words.is_token()), None),
            Some(SearchProblem::NoSuchUser) => (Some(words.no_such_user()), None),
            Some(SearchProblem::NoSuchApp) => (Some(words.no_such_app()), None),
            Some(SearchProblem::LastEight) => (None, Some(words.enter_last_eight())),
            Some(SearchProblem::LastEightOfDigest) => (None, Some(words.last_eight_of_digest())),
        };
        [
            Field::text("sought", words.sought())
                .hint(words.sought_hint())
                .value(self.sought)
                .error(sought),
            Field::text("last_eight", words.last_eight())
                .hint(words.last_eight_hint())
                .value(self.last_eight)
                .error(last_eight),
        ]
    }
}

impl FoundTokens<'_> {
    fn shown(&self, words: words::AdminTokens, frame: &Frame<'_>) -> Found {
        let columns = [
            words.token(),
            words.owner(),
            words.purpose(),
            words.last_use(),
            words.state(),
        ];
        let mut table = Table::new(words.title(), columns);
        for token in self.tokens {
            table.add(row(words, token, frame));
        }
        let heading = match self.sought {
            SoughtTokens::User(login) => words.found_of_user(self.total, login.as_str()),
            SoughtTokens::App(client_id) => words.found_of_app(client_id.as_str(), self.total),
            SoughtTokens::Digest(digest) => words.found_of_digest(digest.to_hex()),
        };
        let path = format!("{SEARCH}?{}", self.query);
        Found {
            heading,
            none: match self.sought {
                SoughtTokens::App(_) => words.none_of_app(),
                SoughtTokens::User(_) | SoughtTokens::Digest(_) => words.none(),
            },
            pages: Pages::of(frame.language, &path, self.page, self.total),
            table,
        }
    }
}

fn row(words: words::AdminTokens, token: &FoundToken<'_>, frame: &Frame<'_>) -> [Cell; 5] {
    let authorization = token.authorization;
    let end = authorization.token.last_eight.as_str();
    let owner = token.owner.as_str();
    let mut badges = Vec::new();
    if token.owner_is_suspended {
        badges.push(Badge::warn(words.owner_suspended()));
    }
    let state = if let Some((at, reason)) = token.over {
        Cell::of(why(words, reason)).below(Some(frame.date_and_time(at)))
    } else {
        let revoke = format!("{SEARCH}/{}/revoke", authorization.id);
        Cell::of(end_of(words, authorization, frame))
            .below(Some(link(&revoke, &words.revoke_link())))
    };
    [
        Cell::of(Text::literal("…").with(end)).below(Some(origin(
            words::Tokens(frame.language),
            token.provenance,
        ))),
        Cell::of(link(&format!("/admin/users/{owner}"), &owner)).with_badges(badges),
        purpose(words, authorization).below(Some(scopes(authorization, frame))),
        Cell::of(last_use(authorization, frame)),
        state,
    ]
}

fn purpose(words: words::AdminTokens, authorization: &Authorization) -> Cell {
    let what = match &authorization.kind {
        Kind::Personal => words.personal(),
        Kind::App(app) => {
            let path = format!("/admin/apps/{}", app.client_id);
            link(&path, &Stranger(app.name.as_str()))
        }
        Kind::Impersonation { .. } => words.acts_as_owner(),
    };
    let name = authorization.note.as_ref().map(Note::as_str);
    Cell::of(what).below(name.map(|name| Text::of(&Stranger(name))))
}

/// The names of its scopes.
pub(super) fn scopes(authorization: &Authorization, frame: &Frame<'_>) -> Text {
    let names: Vec<_> = authorization.scopes.iter().map(Scope::name).collect();
    if names.is_empty() {
        words::Tokens(frame.language).no_scopes()
    } else {
        Text::of(names.join(", ").as_str())
    }
}

/// When it was last used, or since when it was not.
pub(super) fn last_use(authorization: &Authorization, frame: &Frame<'_>) -> Text {
    let words = words::Tokens(frame.language);
    match authorization.last_used_at {
        Some(at) => words.used(frame.when(at)),
        None => words.never_used(frame.when(authorization.created_at)),
    }
}

/// Until when it lives, if nobody ends it before.
pub(super) fn end_of(
    words: words::AdminTokens,
    authorization: &Authorization,
    frame: &Frame<'_>,
) -> Text {
    match authorization.expires_at {
        Some(at) => words.ends(frame.short_date(at)),
        None => words.no_end(),
    }
}

fn why(words: words::AdminTokens, reason: EndReason) -> Text {
    match reason {
        EndReason::Expired => words.ended_expired(),
        EndReason::DeletedByOwner => words.ended_by_owner(),
        EndReason::Reset | EndReason::Replaced | EndReason::Refreshed => words.ended_replaced(),
        EndReason::RevokedByOperator | EndReason::RevokedByAdministrator => {
            words.ended_by_operators()
        }
        EndReason::RevokedByApp => words.ended_by_app(),
        EndReason::GrantDeleted => words.ended_with_grant(),
        EndReason::AccountDeleted => words.ended_with_account(),
        EndReason::AppDeleted => words.ended_with_app(),
        EndReason::MaxForApp => words.ended_too_many(),
        EndReason::PasswordChanged => words.ended_password(),
        EndReason::Idle => words.ended_idle(),
        EndReason::SecondFactorOverdue => words.ended_second_factor(),
        EndReason::CodeRepeated | EndReason::RefreshRepeated => words.ended_repeated(),
        EndReason::Restored => words.ended_restored(),
        // What ends few tokens, or things of other kinds.
        _ => words.ended_otherwise(),
    }
}

//! Sample values for the tests of all pages.

use counterfoil_domain::audit::{Action, Value};

use super::{AuditTrail, EventActor, EventSubject, FilterProblem, Filters, TrailEvent};
use crate::frame::Frame;
use crate::tests::{NOW, Owning, Sample};
use crate::view::View;

const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const CURSOR: &str = "/admin/audit?user=mona&cursor=AQEBAQEBAQEBAQEBAQEBAQEB";

fn event(action: &str, actor: EventActor, about: Vec<EventSubject>) -> TrailEvent {
    TrailEvent {
        at: NOW,
        action: action.to_owned(),
        actor,
        about,
        details: Some(Vec::new()),
        form: 2,
        address: None,
        agent: None,
        request: None,
        token: None,
    }
}

fn made() -> TrailEvent {
    let scopes = ["repo", "admin:org"].map(str::to_owned).to_vec();
    let about = vec![
        EventSubject::User("mona".to_owned()),
        EventSubject::App("0123456789abcdef0123".to_owned()),
        EventSubject::Token(41),
        EventSubject::Grant(7),
    ];
    TrailEvent {
        details: Some(vec![
            ("provenance".to_owned(), Value::Text("<b>page".to_owned())),
            ("scopes".to_owned(), Value::List(scopes)),
            ("until".to_owned(), Value::Time(NOW)),
            ("count".to_owned(), Value::Number(3)),
            ("site_administrator".to_owned(), Value::Flag(true)),
            ("exact_match".to_owned(), Value::Flag(false)),
        ]),
        address: Some("2001:db8:41::7".to_owned()),
        agent: Some("\"><b>a program of somebody else".to_owned()),
        request: Some("7b1f4f0e-7a64-5c0b-9d5e-0f6a1c2d3e4f".to_owned()),
        token: Some(DIGEST.to_owned()),
        ..event(
            "authorization.created",
            EventActor::User("mona".to_owned()),
            about,
        )
    }
}

/// An event of each kind of actor and subject, and two that this program does not know.
fn all_kinds() -> Vec<TrailEvent> {
    let os_user = |name: Option<&str>| EventActor::OperatingSystemUser(name.map(str::to_owned));
    let unread = TrailEvent {
        details: None,
        form: 9,
        ..event(
            "user.teleported",
            EventActor::Other("robot:<b>".to_owned()),
            Vec::new(),
        )
    };
    vec![
        made(),
        event("user.unlocked", os_user(Some("<b>root")), Vec::new()),
        event("user.deleted", os_user(None), Vec::new()),
        event("sign_in.failed", EventActor::Anonymous, Vec::new()),
        event(
            "installation.ended_removed",
            EventActor::Program,
            Vec::new(),
        ),
        event(
            "team.member_added",
            EventActor::App("0123456789abcdef0123".to_owned()),
            vec![
                EventSubject::Organization("acme".to_owned()),
                EventSubject::Team("owners".to_owned()),
            ],
        ),
        unread,
    ]
}

/// As many events as a page has at most, each of another action.
fn full_page() -> Vec<TrailEvent> {
    let all = Action::ALL.iter().take(25);
    let events = all.map(|(action, _)| TrailEvent {
        action: action.as_str().to_owned(),
        ..made()
    });
    events.collect()
}

struct Shown {
    filters: Filters,
    problems: Vec<FilterProblem>,
    events: Vec<TrailEvent>,
    newest: Option<&'static str>,
    older: Option<&'static str>,
    is_cut_short: bool,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            filters: Filters::default(),
            problems: Vec::new(),
            events: all_kinds(),
            newest: None,
            older: None,
            is_cut_short: false,
        }
    }
}

fn page(shown: Shown) -> impl View {
    Owning(shown, |shown: &Shown, frame: &Frame<'_>| {
        let view = AuditTrail {
            filters: &shown.filters,
            problems: &shown.problems,
            csrf: "dG9rZW4",
            events: &shown.events,
            newest: shown.newest,
            older: shown.older,
            is_cut_short: shown.is_cut_short,
        };
        view.render(frame)
    })
}

/// What somebody typed who got everything wrong.
fn typed() -> Filters {
    let wrong = || "\"><b>".to_owned();
    Filters {
        since: wrong(),
        until: wrong(),
        actor: wrong(),
        user: wrong(),
        app: wrong(),
        organization: wrong(),
        action: wrong(),
        address: wrong(),
        request: wrong(),
        token_digest: String::new(),
    }
}

pub(crate) fn samples() -> Vec<Sample> {
    let sample = |name, shown| Sample::of_administrator(name, page(shown));
    let of_user = || Filters {
        user: "mona".to_owned(),
        token_digest: DIGEST.to_owned(),
        ..Filters::default()
    };
    let nothing = || Shown {
        events: Vec::new(),
        ..Shown::default()
    };
    let refused = |problems: &[FilterProblem]| Shown {
        filters: typed(),
        problems: problems.to_vec(),
        ..nothing()
    };
    let wrong = [
        FilterProblem::Since,
        FilterProblem::Until,
        FilterProblem::Actor,
        FilterProblem::User,
        FilterProblem::App,
        FilterProblem::Organization,
        FilterProblem::Action,
        FilterProblem::Address,
        FilterProblem::Request,
        FilterProblem::Digest,
        FilterProblem::Cursor,
    ];
    let unknown = [
        FilterProblem::UnknownActor,
        FilterProblem::UnknownUser,
        FilterProblem::UnknownApp,
        FilterProblem::UnknownOrganization,
        FilterProblem::Token,
    ];
    let full = Shown {
        events: full_page(),
        older: Some(CURSOR),
        ..Shown::default()
    };
    let second = Shown {
        filters: of_user(),
        newest: Some("/admin/audit?user=mona"),
        older: Some(CURSOR),
        is_cut_short: true,
        ..Shown::default()
    };
    let none = Shown {
        filters: of_user(),
        ..nothing()
    };
    vec![
        sample("audit trail, all kinds", Shown::default()),
        sample("audit trail, full", full),
        sample("audit trail, second page", second),
        sample("audit trail, nothing fits", none),
        sample("audit trail, empty", nothing()),
        sample("audit trail, wrong filters", refused(&wrong)),
        sample("audit trail, unknown names", refused(&unknown)),
    ]
}

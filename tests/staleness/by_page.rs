//! What people end in a browser: their sessions, and links by using them. Operators end both too.

use std::sync::Arc;

use counterfoil_testkit::process::Browser;

use super::changer::Changer;
use super::history::Fact;
use super::probe::{Kind, Probe, Question};

/// One thing after another.
pub(super) const SCENARIOS: &[fn(&mut Changer<'_>)] = &[
    sign_out,
    end_one_session_in_another,
    end_other_sessions,
    change_the_password,
    use_a_link,
    have_a_newer_link_made,
    end_a_session_by_command,
    suspend,
];

const LIST: &str = "/settings/sessions";
const PASSWORD: &str = "/settings/security/password";

/// Somebody signed in.
struct Session {
    browser: Browser,
    live: Arc<Fact>,
    probe: Arc<Probe>,
}

/// A link that somebody opened.
struct Link {
    browser: Browser,
    works: Arc<Fact>,
    probe: Arc<Probe>,
}

fn sign_in(me: &mut Changer<'_>) -> Session {
    let live = me.new_fact("session");
    let browser = me.lift("POST /login", &[&live], |me| {
        let mut browser = Browser::at(me.ground.base_url);
        let done = browser.sign_in(&me.user).expect("the server answers");
        done.assert_status(303);
        browser
    });
    let probe = probe(Kind::SessionPage, LIST, &browser, &[&live, &me.active]);
    Session {
        browser,
        live,
        probe,
    }
}

/// Has a link for another password made, and opens it.
fn open_link(me: &mut Changer<'_>) -> Link {
    let works = me.new_fact("link");
    let login = me.user.login.clone();
    let made = me.lift("counterfoil user reset", &[&works], |me| {
        me.command(&["user", "reset", &login])
    });
    let link = made["link"].as_str().expect("it is shown");
    let code = link.rsplit('/').next().expect("a code");
    let mut browser = Browser::at(me.ground.base_url);
    let asks = browser.open_link(code).expect("the server answers");
    asks.assert_status(200);
    let probe = probe(Kind::LinkPage, "/link", &browser, &[&works]);
    Link {
        browser,
        works,
        probe,
    }
}

fn probe(kind: Kind, target: &str, browser: &Browser, facts: &[&Arc<Fact>]) -> Arc<Probe> {
    let question = Question {
        kind,
        method: "GET",
        target,
        credential: ("cookie", &browser.cookie_header()),
        body: None,
    };
    Arc::new(Probe::new(&question, facts))
}

/// Sends a form of a page, which must be done.
fn submit(browser: &mut Browser, path: &str, action: &str, typed: &[(&str, &str)]) {
    let page = browser.get(path).expect("the server answers");
    let done = browser.submit(page.assert_status(200), action, typed);
    done.expect("the server answers").assert_status(303);
}

/// Has these checked, ends them, and has them checked on.
fn end_for_good(
    me: &mut Changer<'_>,
    change: &'static str,
    (facts, probes): (&[&Arc<Fact>], &[Arc<Probe>]),
    act: impl FnOnce(&mut Changer<'_>),
) {
    me.watch(probes);
    me.end(change, facts, act);
    me.ground.board.bury(probes);
}

fn sign_out(me: &mut Changer<'_>) {
    let session = sign_in(me);
    sign_out_of(me, session);
}

fn sign_out_of(me: &mut Changer<'_>, mut session: Session) {
    let ends = (&[&session.live][..], &[session.probe][..]);
    end_for_good(me, "POST /logout", ends, |_| {
        submit(&mut session.browser, LIST, "/logout", &[]);
    });
}

fn end_one_session_in_another(me: &mut Changer<'_>) {
    let (one, mut other) = (sign_in(me), sign_in(me));
    let ends = (&[&one.live][..], &[one.probe][..]);
    end_for_good(me, "POST /settings/sessions/end", ends, |_| {
        // The list has a form for each session but the one in use.
        submit(&mut other.browser, LIST, "/settings/sessions/end", &[]);
    });
    sign_out_of(me, other);
}

fn end_other_sessions(me: &mut Changer<'_>) {
    let (one, two, mut stays) = (sign_in(me), sign_in(me), sign_in(me));
    let probes = [one.probe, two.probe];
    let ends = (&[&one.live, &two.live][..], &probes[..]);
    end_for_good(me, "POST /settings/sessions/end-others", ends, |_| {
        let action = "/settings/sessions/end-others";
        submit(&mut stays.browser, LIST, action, &[]);
    });
    sign_out_of(me, stays);
}

/// The session in use goes on under another secret.
fn change_the_password(me: &mut Changer<'_>) {
    let (one, mut own) = (sign_in(me), sign_in(me));
    let new = me.new_name("password");
    let probes = [one.probe, own.probe];
    let ends = (&[&one.live, &own.live][..], &probes[..]);
    end_for_good(me, "POST /settings/security/password", ends, |_| {
        let typed = [("password", new.as_str())];
        submit(&mut own.browser, PASSWORD, PASSWORD, &typed);
    });
    me.user.password = new;
    let live = me.new_fact("session");
    live.hold_from(me.ground.board.now());
    let probe = probe(Kind::SessionPage, LIST, &own.browser, &[&live, &me.active]);
    let goes_on = Session {
        browser: own.browser,
        live,
        probe,
    };
    sign_out_of(me, goes_on);
}

fn use_a_link(me: &mut Changer<'_>) {
    let (session, mut link) = (sign_in(me), open_link(me));
    let new = me.new_name("password");
    let probes = [session.probe, link.probe];
    let ends = (&[&session.live, &link.works][..], &probes[..]);
    end_for_good(me, "POST /link", ends, |_| {
        let typed = [("password", new.as_str())];
        submit(&mut link.browser, "/link", "/link", &typed);
    });
    me.user.password = new;
}

fn have_a_newer_link_made(me: &mut Changer<'_>) {
    let older = open_link(me);
    let login = me.user.login.clone();
    let ends = (&[&older.works][..], &[older.probe][..]);
    end_for_good(me, "counterfoil user reset, anew", ends, |me| {
        me.run(&["user", "reset", &login]);
    });
}

fn end_a_session_by_command(me: &mut Changer<'_>) {
    let session = sign_in(me);
    let login = me.user.login.clone();
    let listed = me.command(&["session", "list", &login]);
    let id = listed[0]["id"].to_string();
    let ends = (&[&session.live][..], &[session.probe][..]);
    end_for_good(me, "counterfoil session end", ends, |me| {
        me.run(&["session", "end", &id]);
    });
}

/// A session does not come back with its user.
fn suspend(me: &mut Changer<'_>) {
    let session = sign_in(me);
    let (login, active) = (me.user.login.clone(), me.active.clone());
    let change = "counterfoil user suspend, with a session";
    let ends = (&[&active, &session.live][..], &[session.probe][..]);
    end_for_good(me, change, ends, |me| {
        me.run(&["user", "suspend", &login]);
    });
    me.lift("counterfoil user unsuspend", &[&active], |me| {
        me.run(&["user", "unsuspend", &login]);
    });
}

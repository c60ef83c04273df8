//! An answer that says "done" is sent after the disk has said so. `kill -9` cannot show it, since
//! the system keeps what was written; so the system calls between a request and its answer are
//! looked at.

mod apps_and_administrators;
mod routes;
mod trace;

use counterfoil_server::routes::Credential;
use counterfoil_testkit::process::{Program, unsynced};
use counterfoil_testkit::{REST_ROUTES, RestRoute, TestFolder};
use http::Method;

use self::routes::Rows;
use self::trace::{Traced, commands_under_strace, server_under_strace};

/// The routes on which a user signs in with a password. Those of apps and administrators are looked
/// at beside.
fn rows_for_passwords() -> impl Iterator<Item = &'static RestRoute> {
    REST_ROUTES
        .iter()
        .filter(|route| route.credential == Credential::Password)
}

#[test]
fn every_route_that_writes_syncs_before_it_answers() {
    let folder = TestFolder::on_disk();
    let program = Program::build_in(folder.path()).with_cheap_passwords();
    let user = program.add_user("octocat");
    let app = program.add_app(&user, "An app");
    let (program, trace) = server_under_strace(program, folder.path());
    let mut rows = Rows::new(Traced::new(program.start_serve(&[]), trace), &user, app);
    for route in rows_for_passwords().filter(|route| route.audit.is_some()) {
        assert!(
            rows.syncs_of(route) > 0,
            "{} {} syncs nothing",
            route.method,
            route.path
        );
    }
}

#[test]
fn routes_that_read_sync_nothing() {
    let folder = TestFolder::on_disk();
    let program = Program::build_in(folder.path()).with_cheap_passwords();
    let user = program.add_user("octocat");
    let app = program.add_app(&user, "An app");
    let (program, trace) = server_under_strace(program, folder.path());
    let mut rows = Rows::new(Traced::new(program.start_serve(&[]), trace), &user, app);
    for route in rows_for_passwords().filter(|route| route.audit.is_none()) {
        assert_eq!(
            route.method,
            Method::GET,
            "a route that writes names its event"
        );
        assert_eq!(
            rows.syncs_of(route),
            0,
            "{} {} syncs",
            route.method,
            route.path
        );
    }
}

/// Without this the first test would prove no more than that its numbers are large.
#[test]
fn a_database_that_syncs_nothing_is_found_out() {
    let folder = TestFolder::on_disk();
    let (program, trace) = server_under_strace(unsynced::program(folder.path()), folder.path());
    let server = program.start(&[folder.path().to_str().expect("the path is plain")]);
    let mut rows = Rows::new(
        Traced::new(server, trace),
        &unsynced::user(),
        unsynced::app(),
    );
    for route in rows_for_passwords().filter(|route| route.audit.is_some()) {
        assert_eq!(
            rows.syncs_of(route),
            0,
            "{} {} syncs",
            route.method,
            route.path
        );
    }
}

/// The exit of a command is an acknowledgement as well.
#[test]
fn commands_that_change_something_sync_before_they_end() {
    let folder = TestFolder::on_disk();
    let program = Program::build_in(folder.path()).with_cheap_passwords();
    program.add_user("octocat");
    let (program, trace) = commands_under_strace(program, folder.path());
    for (command, stdin) in [
        (["user", "suspend", "octocat"].as_slice(), ""),
        (&["user", "unsuspend", "octocat"], ""),
        (
            &["user", "passwd", "octocat", "--password-stdin"],
            "another password",
        ),
        (&["user", "otp", "enable", "octocat"], ""),
        (&["key", "add"], ""),
    ] {
        program.command(command, stdin).succeeded();
        assert!(trace.take_syncs() > 0, "{command:?} syncs nothing");
    }
}

#[test]
fn every_route_that_writes_is_looked_at() {
    for route in REST_ROUTES.iter().filter(|route| route.audit.is_some()) {
        let looked_at = match route.credential {
            Credential::Password
            | Credential::App
            | Credential::AppInBody
            | Credential::AppInPath
            | Credential::Administrator => true,
            Credential::Nothing
            | Credential::Visitor
            | Credential::Session
            | Credential::FreshSession
            | Credential::AdministratorSession
            | Credential::FreshAdministratorSession
            | Credential::PasswordOrToken
            | Credential::Token
            | Credential::TokenInPlaces
            | Credential::Optional => false,
        };
        assert!(looked_at, "{} {}", route.method, route.path);
    }
}

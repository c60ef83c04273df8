//! The table of routes names the scopes by which the rules decide.

use counterfoil_domain::access::Own;
use counterfoil_testkit::REST_ROUTES;

/// The table tells clients which scopes open a row; the rules refuse by them.
#[test]
fn rows_of_what_is_ones_own_list_the_scopes_that_open_it() {
    for (path, what) in [
        ("/user/emails", Own::Emails),
        ("/user/memberships/orgs", Own::Memberships),
        ("/user/memberships/orgs/{org}", Own::Memberships),
        ("/user/orgs", Own::Organizations),
        ("/user/teams", Own::Teams),
    ] {
        let row = REST_ROUTES.iter().find(|route| route.path == path);
        let scopes: Vec<_> = what.scopes().iter().map(|scope| scope.name()).collect();
        assert_eq!(row.expect("it is served").scopes, scopes, "{path}");
    }
}

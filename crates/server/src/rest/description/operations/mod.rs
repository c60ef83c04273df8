//! What each operation is called, takes and answers.

mod accounts;
mod administration;
mod organizations;
mod tokens;

use counterfoil_wire::documentation::Operation;
use counterfoil_wire::input::Shape;
use http::Method;
use serde_json::{Map, Value};

use super::query::{PAGE, PER_PAGE, Query};
use super::success::{Success, one};
use crate::route::Route;

/// What is said of an operation beside what the table of routes says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Described {
    operation: Option<Operation>,
    pub(super) summary: &'static str,
    pub(super) query: &'static [Query],
    pub(super) body: Option<&'static Shape>,
    pub(super) successes: &'static [Success],
    /// Statuses of refusals beside those that come with the path, the credential and the body.
    pub(super) refusals: &'static [u16],
}

impl Described {
    const fn new(
        operation: Operation,
        summary: &'static str,
        successes: &'static [Success],
    ) -> Self {
        Self {
            operation: Some(operation),
            summary,
            query: &[],
            body: None,
            successes,
            refusals: &[],
        }
    }

    /// A list, in pages.
    const fn list(
        operation: Operation,
        summary: &'static str,
        successes: &'static [Success],
    ) -> Self {
        Self::new(operation, summary, successes).asking(&[PER_PAGE, PAGE])
    }

    const fn asking(self, query: &'static [Query]) -> Self {
        Self { query, ..self }
    }

    const fn taking(self, body: &'static Shape) -> Self {
        let body = Some(body);
        Self { body, ..self }
    }

    const fn refusing(self, refusals: &'static [u16]) -> Self {
        Self { refusals, ..self }
    }

    /// Whether the answer is a list in pages.
    pub(super) fn is_list(&self) -> bool {
        self.query.iter().any(Query::is_of_pages)
    }
}

/// All rows, a file for each kind of resource.
fn rows() -> impl Iterator<Item = &'static Described> {
    let tables = [
        accounts::ROWS,
        administration::ROWS,
        organizations::ROWS,
        tokens::ROWS,
    ];
    tables.into_iter().flatten()
}

/// The one route that is no operation of the official description: what this module makes.
const OWN: Described = Described {
    operation: None,
    summary: "Describe the API",
    query: &[],
    body: None,
    successes: &[Success::ok(one::<Map<String, Value>>)],
    refusals: &[],
};
const OWN_ID: &str = "meta/get-api-description";

/// Other ways to an operation, with what ends their ids: ids are told apart.
const OTHER_WAYS: &[(&str, &str, &str)] = &[
    ("POST", "/admin/users/{username}", "-by-post"),
    ("POST", "/authorizations/{authorization_id}", "-by-post"),
    (
        "GET",
        "/orgs/{org}/teams/{team_slug}/members/{username}",
        "-by-slug",
    ),
    (
        "DELETE",
        "/applications/{client_id}/grants/{access_token}",
        "-in-path",
    ),
    (
        "GET",
        "/applications/{client_id}/tokens/{access_token}",
        "-in-path",
    ),
    (
        "POST",
        "/applications/{client_id}/tokens/{access_token}",
        "-in-path",
    ),
    (
        "DELETE",
        "/applications/{client_id}/tokens/{access_token}",
        "-in-path",
    ),
];

/// Below these all is there by ids that is elsewhere by names.
const BY_IDS: &str = "/organizations/{org_id}";

/// What is said of the operation of a route. A token in the path takes the place of the body.
pub(super) fn of(route: &Route) -> Described {
    let is_it = |described: &&Described| described.operation == route.operation;
    let described = rows().find(is_it).copied().unwrap_or(OWN);
    if route.path.ends_with("/{access_token}") {
        return Described {
            body: None,
            ..described
        };
    }
    described
}

/// The id of the operation of a route.
pub(super) fn id(route: &Route, method: &Method, described: &Described) -> String {
    let id = described.operation.map_or(OWN_ID, Operation::id);
    if route.path.starts_with(BY_IDS) {
        return format!("{id}-by-ids");
    }
    let way = OTHER_WAYS
        .iter()
        .find(|(other, path, _)| method == *other && route.path == *path);
    format!("{id}{}", way.map_or("", |(_, _, ending)| ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::routes::ROUTES;

    #[test]
    fn every_operation_is_described_once_and_one_route_is_no_operation() {
        for operation in Operation::ALL {
            let about_it = |row: &&Described| row.operation == Some(*operation);
            assert_eq!(rows().filter(about_it).count(), 1, "{operation:?}");
        }
        let own = ROUTES.iter().filter(|route| route.operation.is_none());
        let paths: Vec<_> = own.map(|route| route.path).collect();
        assert_eq!(paths, ["/openapi.json"]);
    }

    #[test]
    fn every_other_way_is_a_route() {
        for (method, path, _) in OTHER_WAYS {
            let is_it = |route: &&Route| {
                route.path == *path && route.method.as_ref().is_some_and(|have| have == *method)
            };
            assert_eq!(ROUTES.iter().filter(is_it).count(), 1, "{method} {path}");
        }
    }
}

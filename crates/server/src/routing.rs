//! From a request's path and method to its handler.
//!
//! The tables of routes are all there is: each template stands once, and its place among them is what requests are counted
//! under. A path that no template matches, and a method that a path does not have, are answered like each other: there is
//! nothing here.

use std::ops::Range;

use http::Method;
use http::request::Parts;

use crate::handler::Handler;
use crate::routes::{Credential, PLAIN_ROUTES, REST_ROOT, ROUTES, Route, is_rest};
use crate::state::LegacyTokenUrls;

/// The most parameters of a template.
const PARAMETERS: usize = 4;

/// Every path with what serves it.
pub(crate) struct Routing {
    paths: matchit::Router<usize>,
    endpoints: Vec<Endpoint>,
}

/// One template with its methods.
pub(crate) struct Endpoint {
    template: String,
    rest: bool,
    methods: Vec<(Option<Method>, Target)>,
    credential: Option<Credential>,
}

/// What serves a request.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) handler: Handler,
    /// The row of the REST API, if it is one.
    pub(crate) route: Option<&'static Route>,
}

/// Where a request leads.
pub(crate) struct Found<'r> {
    /// None if the path has nothing for this method.
    pub(crate) target: Option<&'r Target>,
    /// The number of the template, which is also that of its counters; none if no template matches.
    pub(crate) place: Option<usize>,
    /// Whether the path lies in the REST API, known or not.
    pub(crate) rest: bool,
    /// What the path asks for first, whatever the method.
    pub(crate) credential: Option<Credential>,
    pub(crate) parameters: Parameters,
}

/// Where the parameters of a template lie in a path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters {
    ranges: [Range<u32>; PARAMETERS],
    count: usize,
}

impl Routing {
    /// The routing of all tables.
    pub(crate) fn new(legacy_token_urls: LegacyTokenUrls) -> Self {
        let mut routing = Self {
            paths: matchit::Router::new(),
            endpoints: Vec::new(),
        };
        let hidden = |route: &&Route| {
            legacy_token_urls == LegacyTokenUrls::Absent
                && route.credential == Credential::AppInPath
        };
        for route in ROUTES.iter().filter(|route| !hidden(route)) {
            let target = Target {
                handler: route.handler(),
                route: Some(route),
            };
            let template = format!("{REST_ROOT}{}", route.path);
            let endpoint = routing.endpoint(&template);
            endpoint.credential = endpoint.credential.or(Some(route.credential));
            endpoint.methods.push((Some(route.method.clone()), target));
        }
        for route in PLAIN_ROUTES {
            let target = Target {
                handler: route.handler(),
                route: None,
            };
            let endpoint = routing.endpoint(route.path);
            endpoint.methods.push((route.method.clone(), target));
        }
        routing
    }

    /// The templates, in the order of their places.
    pub(crate) fn templates(&self) -> impl Iterator<Item = &str> {
        self.endpoints
            .iter()
            .map(|endpoint| endpoint.template.as_str())
    }

    /// The template at a place.
    pub(crate) fn template(&self, place: Option<usize>) -> Option<&str> {
        Some(self.endpoints.get(place?)?.template.as_str())
    }

    /// Where a request leads.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let Ok(found) = self.paths.at(path) else {
            return Found {
                target: None,
                place: None,
                rest: is_rest(path),
                credential: None,
                parameters: Parameters::default(),
            };
        };
        let place = *found.value;
        let endpoint = &self.endpoints[place];
        Found {
            target: endpoint.target(method),
            place: Some(place),
            rest: endpoint.rest,
            credential: endpoint.credential,
            parameters: Parameters::of(&found.params, path),
        }
    }

    fn endpoint(&mut self, template: &str) -> &mut Endpoint {
        let known = self
            .endpoints
            .iter()
            .position(|endpoint| endpoint.template == template);
        let place = known.unwrap_or_else(|| {
            let place = self.endpoints.len();
            self.endpoints.push(Endpoint {
                template: template.to_owned(),
                rest: is_rest(template),
                methods: Vec::new(),
                credential: None,
            });
            self.paths
                .insert(template, place)
                .expect("templates do not contradict each other");
            if template.strip_suffix('/') == Some(REST_ROOT) {
                // The root may do without the slash that it ends in.
                self.paths
                    .insert(REST_ROOT, place)
                    .expect("templates do not contradict each other");
            }
            place
        });
        &mut self.endpoints[place]
    }
}

impl Endpoint {
    fn target(&self, method: &Method) -> Option<&Target> {
        let serves =
            |(own, _): &&(Option<Method>, Target)| own.as_ref().is_none_or(|own| own == method);
        self.methods.iter().find(serves).map(|(_, target)| target)
    }
}

impl Parameters {
    fn of(found: &matchit::Params<'_, '_>, path: &str) -> Self {
        let mut parameters = Self::default();
        for (range, (_, value)) in parameters.ranges.iter_mut().zip(found.iter()) {
            // The router hands out parts of the path.
            let start = value.as_ptr().addr() - path.as_ptr().addr();
            *range = narrow(start)..narrow(start + value.len());
            parameters.count += 1;
        }
        parameters
    }

    /// The parameters as they stand in the path of the same request.
    pub(crate) fn texts<'p>(&'p self, parts: &'p Parts) -> impl ExactSizeIterator<Item = &'p str> {
        let path = parts.uri.path();
        self.ranges[..self.count].iter().map(move |range| {
            path.get(wide(range.start)..wide(range.end))
                .unwrap_or_default()
        })
    }
}

fn narrow(place: usize) -> u32 {
    u32::try_from(place).expect("a head is far smaller")
}

fn wide(place: u32) -> usize {
    usize::try_from(place).expect("32 bits fit into an address")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Option<String> {
        let routing = Routing::new(LegacyTokenUrls::Served);
        let found = routing.find(&Method::GET, path);
        routing.template(found.place).map(str::to_owned)
    }

    #[test]
    fn a_path_has_the_template_that_says_most() {
        let templates = [
            (
                "/api/v3/authorizations/7",
                Some("/api/v3/authorizations/{authorization_id}"),
            ),
            (
                "/api/v3/authorizations/clients/7",
                Some("/api/v3/authorizations/clients/{client_id}"),
            ),
            ("/api/v3/user", Some("/api/v3/user")),
            ("/healthz", Some("/healthz")),
        ];
        for (path, template) in templates {
            assert_eq!(place(path).as_deref(), template, "{path}");
        }
        for path in [
            "/api/v3/user/",
            "//api/v3/user",
            "/healthz/",
            "/",
            "",
            "/api/v3/authorizations/",
        ] {
            assert_eq!(place(path), None, "{path}");
        }
    }

    #[test]
    fn parameters_are_found_in_the_path() {
        let routing = Routing::new(LegacyTokenUrls::Served);
        let path = "/api/v3/authorizations/clients/abc/d%65f";
        let request = http::Request::builder().uri(path).body(()).unwrap();
        let (parts, ()) = request.into_parts();
        let found = routing.find(&Method::PUT, path);
        assert!(found.target.is_some() && found.rest);
        let texts: Vec<_> = found.parameters.texts(&parts).collect();
        assert_eq!(texts, ["abc", "d%65f"]);
    }

    #[test]
    fn no_template_has_more_parameters_than_there_is_room_for() {
        let routing = Routing::new(LegacyTokenUrls::Served);
        for template in routing.templates() {
            assert!(template.matches('{').count() <= PARAMETERS, "{template}");
        }
    }
}

//! From a request's path and method to its handler.
//!
//! The tables of the surfaces are all there is: each template stands once, and its place among them
//! is what requests are counted under. A path that no template matches, and a method that a path
//! does not have, are answered like each other: there is nothing here.

use http::{Method, Uri};

use crate::credential::Credential;
use crate::facts::Parameters;
use crate::route::Route;
use crate::routes::{SURFACES, surface_of};
use crate::state::LegacyTokenUrls;
use crate::surface::Surface;

/// Every path with what serves it.
pub(crate) struct Routing {
    paths: matchit::Router<usize>,
    endpoints: Vec<Endpoint>,
}

/// One template with its methods.
struct Endpoint {
    template: String,
    surface: &'static Surface,
    routes: Vec<&'static Route>,
    path: &'static str,
    credential: Credential,
    /// Whether it takes what nothing else takes, so that another spelling of the path may lead
    /// elsewhere.
    takes_the_rest: bool,
}

/// A template that only paths fit that end in digits: it stands beside others whose last segment is
/// a word, and a word that none of them has is no path.
const ONLY_DIGITS: &str = "/user/{account_id}";

/// Where a request leads.
pub(crate) struct Found {
    /// None if the path has nothing for this method.
    pub(crate) route: Option<&'static Route>,
    /// The number of the template, which is also that of its counters; none if no template matches.
    pub(crate) place: Option<usize>,
    /// The surface that the path lies in, known or not.
    pub(crate) surface: &'static Surface,
    /// What the path asks for first, whatever the method; none if no template matches.
    pub(crate) credential: Option<Credential>,
    pub(crate) parameters: Parameters,
    /// The template under the root of its surface; empty if no template matches.
    pub(crate) template: &'static str,
    /// The path in its plain spelling, if the request has another one: the parameters lie in this
    /// one.
    pub(crate) plain: Option<String>,
}

impl Routing {
    /// The routing of all surfaces.
    pub(crate) fn new(legacy_token_urls: LegacyTokenUrls) -> Self {
        let mut routing = Self {
            paths: matchit::Router::new(),
            endpoints: Vec::new(),
        };
        let is_hidden = |route: &Route| {
            legacy_token_urls == LegacyTokenUrls::Absent
                && route.credential == Credential::AppInPath
        };
        for &surface in SURFACES {
            for route in surface.routes.iter().filter(|route| !is_hidden(route)) {
                routing.add(surface, route);
            }
        }
        routing
    }

    fn add(&mut self, surface: &'static Surface, route: &'static Route) {
        let template = format!("{}{}", surface.root, route.path);
        let mut endpoints = self.endpoints.iter_mut();
        if let Some(known) = endpoints.find(|endpoint| endpoint.template == template) {
            known.routes.push(route);
            return;
        }
        let place = self.endpoints.len();
        let mut lead = |template: &str| {
            let led = self.paths.insert(template, place);
            led.expect("templates do not contradict each other");
        };
        lead(&template);
        if route.path == "/" && !surface.root.is_empty() {
            // The root may do without the slash that it ends in.
            lead(surface.root);
        }
        self.endpoints.push(Endpoint {
            template,
            surface,
            routes: vec![route],
            path: route.path,
            credential: route.credential,
            takes_the_rest: route.path == "/{*path}",
        });
    }

    /// The templates, in the order of their places.
    pub(crate) fn templates(&self) -> impl Iterator<Item = &str> {
        self.endpoints
            .iter()
            .map(|endpoint| endpoint.template.as_str())
    }

    /// Where a request leads. A letter may be spelled `%75` (RFC 3986, section 6.2.2.2); nobody
    /// pays for that whose path leads somewhere as it is. What such a spelling makes the value of a
    /// parameter may be a word that has a template of its own.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Found {
        let (place, parameters) = self.look_up(path);
        let settled = place.is_some_and(|place| !self.endpoints[place].takes_the_rest);
        if settled && !(parameters.are_any() && path.contains('%')) {
            return self.found(place, parameters, method, path);
        }
        let Some(plain) = plain_spelling(path) else {
            return self.found(place, parameters, method, path);
        };
        let (plain_place, plain_parameters) = self.look_up(&plain);
        if settled && plain_place == place {
            return self.found(place, parameters, method, path);
        }
        let mut found = self.found(plain_place, plain_parameters, method, &plain);
        found.plain = Some(plain);
        found
    }

    /// The number of the template that a path is one of, and where its parameters lie.
    #[inline]
    fn look_up(&self, path: &str) -> (Option<usize>, Parameters) {
        match self.paths.at(path) {
            Ok(found) if self.endpoints[*found.value].takes(path) => {
                (Some(*found.value), Parameters::of(&found.params, path))
            }
            Ok(_) | Err(_) => (None, Parameters::default()),
        }
    }

    /// What a template is to a request by this method.
    #[inline]
    fn found(
        &self,
        place: Option<usize>,
        parameters: Parameters,
        method: &Method,
        path: &str,
    ) -> Found {
        let endpoint = place.map(|place| &self.endpoints[place]);
        Found {
            route: endpoint.and_then(|endpoint| endpoint.route(method)),
            place,
            surface: endpoint.map_or_else(|| surface_of(path), |endpoint| endpoint.surface),
            credential: endpoint.map(|endpoint| endpoint.credential),
            parameters,
            template: endpoint.map_or("", |endpoint| endpoint.path),
            plain: None,
        }
    }
}

impl Endpoint {
    /// Whether a path that fits the template is one.
    #[inline]
    fn takes(&self, path: &str) -> bool {
        let digits = || {
            let segment = path.rsplit('/').next().unwrap_or_default();
            segment.bytes().all(|byte| byte.is_ascii_digit())
        };
        self.path != ONLY_DIGITS || digits()
    }

    fn route(&self, method: &Method) -> Option<&'static Route> {
        let serves = |route: &&&'static Route| {
            let own = route.method.as_ref();
            own.is_none_or(|own| own == method)
        };
        self.routes.iter().find(serves).copied()
    }
}

/// The path with its letters, digits, hyphens and underscores written as themselves, if some were
/// not. Nothing else is decoded, and so no slash appears that was none, and nothing is decoded
/// twice when a parameter is read.
fn plain_spelling(path: &str) -> Option<String> {
    let mut parts = path.split('%');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let decoded = part
            .get(..2)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if let Some(byte) = decoded {
            plain.push(byte.into());
            plain.push_str(&part[2..]);
        } else {
            plain.push('%');
            plain.push_str(part);
        }
    }
    (plain.len() < path.len()).then_some(plain)
}

/// The address with another path and the same query.
pub(crate) fn with_path(uri: &Uri, path: String) -> Uri {
    let path_and_query = match uri.query() {
        Some(query) => path + "?" + query,
        None => path,
    };
    // Only the path is looked at from here on.
    path_and_query
        .parse()
        .expect("what was a path with percent signs is one without")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::PARAMETERS;

    fn place(path: &str) -> Option<String> {
        let routing = Routing::new(LegacyTokenUrls::Served);
        let found = routing.find(&Method::GET, path);
        template(&routing, found.place).map(str::to_owned)
    }

    fn template(routing: &Routing, place: Option<usize>) -> Option<&str> {
        routing.templates().nth(place?)
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
            ("/api/v3/user/7", Some("/api/v3/user/{account_id}")),
            ("/api/v3/user/emails", Some("/api/v3/user/emails")),
        ];
        for (path, template) in templates {
            assert_eq!(place(path).as_deref(), template, "{path}");
        }
        for path in [
            "/api/v3/user/",
            "//api/v3/user",
            "/healthz/",
            "",
            "/api/v3/authorizations/",
            "/api/v3/user/repos",
            "/api/v3/user/7x",
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
        assert!(found.route.is_some() && found.surface.policy.negotiates);
        let texts: Vec<_> = found.parameters.texts(&parts).collect();
        assert_eq!(texts, ["abc", "d%65f"]);
    }

    #[test]
    fn a_path_that_leads_nowhere_lies_in_the_surface_of_its_root() {
        let routing = Routing::new(LegacyTokenUrls::Absent);
        for (path, surface) in [
            ("/api/v3", "The REST API"),
            ("/api/v3/nothing", "The REST API"),
            ("/api/v30", "Nowhere"),
            ("/api/graphql/more", "Nowhere"),
            ("/gateway", "The gateway check"),
            ("/", "Pages"),
            ("/settings/nothing", "Pages"),
            ("/login", "Pages"),
            ("/loginx", "Nowhere"),
            ("/nothing", "Nowhere"),
        ] {
            let found = routing.find(&Method::GET, path);
            assert_eq!(found.surface.name, surface, "{path}");
        }
    }

    #[test]
    fn every_letter_of_every_path_may_be_spelled_in_percent_signs() {
        let routing = Routing::new(LegacyTokenUrls::Served);
        let templates: Vec<_> = routing.templates().map(str::to_owned).collect();
        for template in templates {
            // What this one is filled with are digits.
            let filled = template.replace("{account_id}", "7");
            let literal = literal_bytes(&filled);
            for place in (0..filled.len()).filter(|place| literal[*place]) {
                let byte = filled.as_bytes()[place];
                if !byte.is_ascii_alphanumeric() {
                    continue;
                }
                let spelled = format!("{}%{byte:02x}{}", &filled[..place], &filled[place + 1..]);
                let path = spelled.replace(['{', '}', '*'], "");
                let found = routing.find(&Method::GET, &path);
                assert_eq!(
                    self::template(&routing, found.place),
                    Some(&*template),
                    "{path}"
                );
                let plain = filled.replace(['{', '}', '*'], "");
                assert_eq!(found.plain, Some(plain), "{path}");
            }
        }
    }

    /// Which bytes of a template stand for themselves.
    fn literal_bytes(template: &str) -> Vec<bool> {
        let mut inside = false;
        let mut literal = Vec::new();
        for byte in template.bytes() {
            inside |= byte == b'{';
            literal.push(!inside);
            inside &= byte != b'}';
        }
        literal
    }

    #[test]
    fn only_letters_are_decoded_and_only_once() {
        for (path, plain) in [
            ("/%75ser", Some("/user")),
            ("/%55%5F%2d%39", Some("/U_-9")),
            ("/%25%37%35ser", Some("/%2575ser")),
            ("/%2575ser", None),
            ("/user%2Femails", None),
            ("/%2e%2E/user", None),
            ("/user%00", None),
            ("/user%", None),
            ("/user%7", None),
            ("/user%+5", None),
            ("/user%é5", None),
            ("/user", None),
        ] {
            assert_eq!(plain_spelling(path).as_deref(), plain, "{path}");
        }
    }

    #[test]
    fn a_parameter_keeps_what_is_not_a_letter_as_it_came() {
        let routing = Routing::new(LegacyTokenUrls::Served);
        let uri: Uri = "/api/v3/authorizations/%63lients/a%62c/d%2Fe?x=%41"
            .parse()
            .unwrap();
        let found = routing.find(&Method::PUT, uri.path());
        let uri = with_path(&uri, found.plain.clone().unwrap());
        assert_eq!(uri.query(), Some("x=%41"));
        let (parts, ()) = http::Request::builder()
            .uri(uri)
            .body(())
            .unwrap()
            .into_parts();
        let texts: Vec<_> = found.parameters.texts(&parts).collect();
        assert_eq!(texts, ["abc", "d%2Fe"]);
    }

    #[test]
    fn no_template_has_more_parameters_than_there_is_room_for() {
        let routing = Routing::new(LegacyTokenUrls::Served);
        for template in routing.templates() {
            assert!(template.matches('{').count() <= PARAMETERS, "{template}");
        }
    }
}

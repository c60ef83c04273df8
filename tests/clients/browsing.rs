//! Somebody at a browser who goes wherever an app leads them, signs in where they are asked who
//! they are, and answers what is asked of them: curl with its cookie jar, inside a network of the
//! test's own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use counterfoil_testkit::PageForm;
use counterfoil_testkit::installed;
use counterfoil_testkit::process::{NetworkNamespace, Person, Program, Reply, finish};

/// How long one step may take, the waiting for an app that starts included.
const STEP_LIMIT: Duration = Duration::from_mins(2);

/// How often somebody is led on until they have gone in a circle.
const STEPS_MAX: usize = 20;

const SIGN_IN: &str = "/login";
const CONSENT: &str = "/login/oauth/authorize";
/// Where a code of a device is typed, and where what it asks is answered.
const DEVICE: &str = "/login/device";
const DEVICE_CONSENT: &str = "/login/device/confirm";

/// See the module.
pub(super) struct Browsing<'s> {
    /// What they sign in to.
    program: &'s Program,
    server: String,
    namespace: &'s NetworkNamespace,
    person: Person,
    jar: PathBuf,
    certificate: Option<PathBuf>,
    allows: bool,
}

/// What the server asked on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Who they are.
    Who,
    /// Whether the app may have access.
    Whether,
    /// What a device shows.
    Code,
}

/// Where somebody came to.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) url: String,
    /// The page there, or the redirect that led there.
    pub(super) reply: Reply,
    /// What they were asked on their way.
    pub(super) asked: Vec<Asked>,
}

impl<'s> Browsing<'s> {
    /// Somebody with a browser of theirs, which keeps its cookies until the test ends.
    pub(super) fn new(
        program: &'s Program,
        server: &str,
        namespace: &'s NetworkNamespace,
        person: &Person,
    ) -> Self {
        let jar = format!("{}.cookies", person.login);
        Self {
            program,
            server: server.to_owned(),
            namespace,
            person: person.clone(),
            jar: program.folder().join(jar),
            certificate: None,
            allows: true,
        }
    }

    /// A browser that trusts this certificate.
    #[must_use]
    pub(super) fn trusting(mut self, certificate: &Path) -> Self {
        self.certificate = Some(certificate.to_path_buf());
        self
    }

    /// Somebody who lets no app in.
    #[must_use]
    pub(super) fn cancelling(mut self) -> Self {
        self.allows = false;
        self
    }

    /// Waits until somebody answers there.
    pub(super) fn wait_for(&self, url: &str) -> Reply {
        let patience = [
            "--retry",
            "60",
            "--retry-delay",
            "1",
            "--retry-max-time",
            "60",
            "--retry-connrefused",
        ];
        self.request(url, &[], &patience)
    }

    /// Asks for one address with this header, and goes nowhere from there.
    pub(super) fn ask(&self, method: &str, url: &str, header: &str) -> Reply {
        self.request(url, &[], &["--request", method, "--header", header])
    }

    /// Opens an address and goes on until a page asks nothing.
    pub(super) fn opens(&self, url: &str) -> Arrival {
        self.travel(url, None, None)
    }

    /// Types the code of a device, and goes on until a page asks nothing.
    pub(super) fn types(&self, code: &str) -> Arrival {
        self.program.hold_secret(code);
        self.travel(&format!("{}{DEVICE}", self.server), None, Some(code))
    }

    /// Opens an address and goes on until the browser is led to one that begins so, which is not
    /// opened.
    pub(super) fn is_led(&self, url: &str, to: &str) -> Arrival {
        let arrival = self.travel(url, Some(to), None);
        let Arrival { url, reply, .. } = &arrival;
        assert!(url.starts_with(to), "{url}: {}", reply.text());
        arrival
    }

    fn travel(&self, url: &str, to: Option<&str>, code: Option<&str>) -> Arrival {
        let mut url = url.to_owned();
        let mut asked = Vec::new();
        let mut reply = self.request(&url, &[], &[]);
        for _ in 0..STEPS_MAX {
            let location = reply.header("location");
            if let Some(location) = location.filter(|_| (300..400).contains(&reply.status)) {
                url = absolute(&url, location);
                if !to.is_some_and(|end| url.starts_with(end)) {
                    reply = self.request(&url, &[], &[]);
                    continue;
                }
            } else if let Some((question, form)) = self.question(&url, &reply, code) {
                asked.push(question);
                url = format!("{}{}", self.server, form.action);
                let fields = self.filled_in(question, form, code.unwrap_or_default());
                reply = self.request(&url, &fields, &[]);
                continue;
            }
            return Arrival { url, reply, asked };
        }
        panic!("led in a circle, at last to {url}");
    }

    /// What a page of the server asks, who was given this code by a device.
    fn question(&self, url: &str, reply: &Reply, code: Option<&str>) -> Option<(Asked, PageForm)> {
        if reply.status != 200 || !url.starts_with(&self.server) {
            return None;
        }
        let mut forms = reply.forms().into_iter();
        forms.find_map(|form| match form.action.as_str() {
            SIGN_IN => Some((Asked::Who, form)),
            CONSENT | DEVICE_CONSENT => Some((Asked::Whether, form)),
            DEVICE if code.is_some() => Some((Asked::Code, form)),
            _ => None,
        })
    }

    fn filled_in(&self, question: Asked, form: PageForm, code: &str) -> Vec<(String, String)> {
        let answer = match (self.allows, form.action.as_str()) {
            (true, _) => "allow",
            (false, DEVICE_CONSENT) => "refuse",
            (false, _) => "cancel",
        };
        let typed: &[(&str, &str)] = match question {
            Asked::Who => &[
                ("login", self.person.login.as_str()),
                ("password", self.person.password.as_str()),
            ],
            Asked::Whether => &[("answer", answer)],
            Asked::Code => &[("code", code)],
        };
        let typed = typed
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let hidden = form.hidden.into_iter();
        hidden.chain(typed).collect()
    }

    /// One request of curl's; with fields it is a form that is sent.
    fn request(&self, url: &str, fields: &[(String, String)], more: &[&str]) -> Reply {
        let curl = installed::tool("curl");
        let mut command = self.namespace.command(curl, self.program.folder());
        command.args(["--silent", "--show-error", "--include", "--http1.1"]);
        command.arg("--cookie").arg(&self.jar);
        command.arg("--cookie-jar").arg(&self.jar);
        if let Some(certificate) = &self.certificate {
            command.arg("--cacert").arg(certificate);
        }
        for (name, value) in fields {
            command.arg("--data-urlencode");
            command.arg(format!("{name}={value}"));
        }
        let child = command
            .args(more)
            .arg(url)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("curl can be started");
        let reply = reply_in(&finish(child, url, STEP_LIMIT).succeeded().stdout);
        if url.starts_with(&self.server) {
            self.hold_secrets(&reply);
        }
        reply
    }

    /// Puts the cookies that the server gave, and the code that it sent an app, on the list of
    /// secrets.
    fn hold_secrets(&self, reply: &Reply) {
        for (name, value) in &reply.headers {
            let secret = match name.as_str() {
                "set-cookie" => value.split(['=', ';']).nth(1),
                "location" => parameter(value, "code"),
                _ => None,
            };
            if let Some(secret) = secret {
                self.program.hold_secret(secret);
            }
        }
    }
}

/// The value of a parameter in an address, as it is written.
pub(super) fn parameter<'u>(url: &'u str, name: &str) -> Option<&'u str> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let found = pairs.find(|(found, _)| *found == name);
    found.map(|(_, value)| value)
}

/// Where a redirect from an address leads.
fn absolute(from: &str, location: &str) -> String {
    if location.contains("://") {
        return location.to_owned();
    }
    let (scheme, rest) = from.split_once("://").expect("an address has a scheme");
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    format!("{scheme}://{host}{location}")
}

/// The answer in what curl printed, after interim ones and those that made it try again.
fn reply_in(said: &str) -> Reply {
    let mut rest = said;
    loop {
        let (head, body) = rest.split_once("\r\n\r\n").expect("an answer has a head");
        if body.starts_with("HTTP/1.1 ") {
            rest = body;
            continue;
        }
        let mut lines = head.lines();
        let mut first = lines.next().unwrap_or_default().split(' ');
        let version = first.next().unwrap_or_default().to_owned();
        let status = first.next().and_then(|status| status.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()));
        return Reply {
            version,
            status: status.expect("an answer has a status"),
            headers: headers.collect(),
            body: body.as_bytes().to_vec(),
        };
    }
}

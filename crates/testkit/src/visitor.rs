//! Somebody with a browser: keeps cookies, reads forms, and sends them as browsers do.

use std::collections::BTreeMap;

use http::Method;
use http::header::{LOCATION, SET_COOKIE};
use parking_lot::Mutex;

use crate::actors::UserActor;
use crate::answer::Answer;
use crate::request::RequestBuilder;
use crate::world::{World, WorldOptions};

/// Where the pages of a world for browsers are.
const ORIGIN: &str = "https://counterfoil.test";

/// See the module.
pub struct Visitor<'w> {
    world: &'w World,
    cookies: Mutex<BTreeMap<String, String>>,
    address: String,
    agent: String,
    language: Option<String>,
}

/// A form of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageForm {
    /// Where it is sent to.
    pub action: String,
    /// Its hidden fields, in their order.
    pub hidden: Vec<(String, String)>,
}

impl World {
    /// A world that browsers reach encrypted, so that people sign in there.
    pub async fn for_browsers() -> Self {
        Self::with(WorldOptions::for_browsers()).await
    }

    /// Somebody with a browser that was never here.
    pub fn visitor(&self) -> Visitor<'_> {
        Visitor {
            world: self,
            cookies: Mutex::default(),
            address: "192.0.2.1".to_owned(),
            agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
                .to_owned(),
            language: None,
        }
    }
}

impl WorldOptions {
    /// What a world wants that browsers reach encrypted.
    pub fn for_browsers() -> Self {
        let base = counterfoil_wire::base::ApiBase::parse(ORIGIN).expect("it is an origin");
        Self {
            origins: counterfoil_server::Origins::public(base),
            ..Self::default()
        }
    }
}

impl Visitor<'_> {
    /// The same browser at another address.
    #[must_use]
    pub fn from_address(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// A browser that calls itself this.
    #[must_use]
    pub fn called(mut self, agent: &str) -> Self {
        agent.clone_into(&mut self.agent);
        self
    }

    /// A browser that wants pages in these languages.
    #[must_use]
    pub fn speaking(mut self, accept_language: &str) -> Self {
        self.language = Some(accept_language.to_owned());
        self
    }

    /// A request with the browser's cookies and headers, which are kept from no answer unless
    /// [`Visitor::take`] is asked to.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder<'_> {
        let mut request = RequestBuilder::new(self.world, method, path.to_owned())
            .from_address(&self.address)
            .header("user-agent", &self.agent);
        let cookies = self.cookies.lock();
        if !cookies.is_empty() {
            let pairs = cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            let pairs: Vec<_> = pairs.collect();
            request = request.header("cookie", &pairs.join("; "));
        }
        match &self.language {
            Some(language) => request.header("accept-language", language),
            None => request,
        }
    }

    /// Keeps the cookies of an answer.
    pub fn take(&self, answer: &Answer) {
        let mut cookies = self.cookies.lock();
        for set in answer.headers.get_all(SET_COOKIE) {
            let set = set.to_str().expect("a cookie is ASCII");
            let (pair, attributes) = set.split_once(';').expect("a cookie has attributes");
            let (name, value) = pair.split_once('=').expect("a cookie has a value");
            if attributes.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// The value of the cookie whose name has this word in it.
    pub fn cookie(&self, word: &str) -> Option<String> {
        let cookies = self.cookies.lock();
        let mut cookies = cookies.iter();
        let found = cookies.find(|(name, _)| name.contains(word));
        found.map(|(_, value)| value.clone())
    }

    /// Has the cookie whose name has this word in it another value.
    pub fn set_cookie(&self, word: &str, value: &str) {
        let mut cookies = self.cookies.lock();
        let mut cookies = cookies.iter_mut();
        let found = cookies.find(|(name, _)| name.contains(word));
        value.clone_into(found.expect("there is such a cookie").1);
    }

    /// Opens a page. A redirect is not followed.
    pub async fn get(&self, path: &str) -> Answer {
        let answer = self.request(Method::GET, path).send_unchecked().await;
        self.take(&answer);
        answer
    }

    /// Opens the page that a redirect leads to.
    pub async fn follow(&self, answer: &Answer) -> Answer {
        answer.assert_status(303);
        let path = answer.headers[LOCATION]
            .to_str()
            .expect("a path")
            .to_owned();
        self.get(&path).await
    }

    /// Sends fields to a path as a page of the same origin does.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.form(path, fields).send_unchecked().await;
        self.take(&answer);
        answer
    }

    /// The request that sends fields to a path.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder<'_> {
        let pairs = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let body: Vec<_> = pairs.collect();
        self.request(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", ORIGIN)
            .header("sec-fetch-site", "same-origin")
            .bytes(body.join("&").as_bytes())
    }

    /// Fills in the form of a page that goes to this path, and sends it with its hidden fields.
    pub async fn submit(&self, page: &Answer, action: &str, typed: &[(&str, &str)]) -> Answer {
        let form = page.form(action);
        let hidden = form.hidden.iter();
        let hidden = hidden.map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<_> = hidden
            .filter(|(name, _)| !typed.iter().any(|(other, _)| other == name))
            .chain(typed.iter().copied())
            .collect();
        self.post(action, &fields).await
    }

    /// Opens the sign-in page and signs a user in, who has one factor.
    pub async fn sign_in(&self, user: &UserActor<'_>) -> Answer {
        let page = self.get("/login").await;
        let typed = [
            ("login", user.account.login.as_str()),
            ("password", user.password.as_str()),
        ];
        let answer = self.submit(&page, "/login", &typed).await;
        answer.assert_status(303);
        answer
    }
}

impl Answer {
    /// The form of a page that goes to this path.
    #[track_caller]
    pub fn form(&self, action: &str) -> PageForm {
        let forms = self.forms();
        let found = forms.iter().find(|form| form.action == action);
        let actions: Vec<_> = forms.iter().map(|form| &form.action).collect();
        found
            .unwrap_or_else(|| {
                panic!(
                    "no form goes to {action}, only to {actions:?}: {}",
                    self.text()
                )
            })
            .clone()
    }

    /// All forms of a page.
    pub fn forms(&self) -> Vec<PageForm> {
        let html = self.text();
        let mut forms = Vec::new();
        for part in html.split("<form").skip(1) {
            let (form, _) = part.split_once("</form>").expect("a form has an end");
            let (tag, content) = form.split_once('>').expect("a tag has an end");
            let hidden = content.split("<input").skip(1).filter_map(|input| {
                let (tag, _) = input.split_once('>')?;
                if attribute(tag, "type")? != "hidden" {
                    return None;
                }
                Some((attribute(tag, "name")?, attribute(tag, "value")?))
            });
            forms.push(PageForm {
                action: attribute(tag, "action").unwrap_or_default(),
                hidden: hidden.collect(),
            });
        }
        forms
    }

    /// The value of the first hidden field of this name, wherever it stands.
    #[track_caller]
    pub fn hidden(&self, name: &str) -> String {
        let forms = self.forms();
        let mut fields = forms.iter().flat_map(|form| &form.hidden);
        let found = fields.find(|(field, _)| field == name);
        found
            .unwrap_or_else(|| panic!("no hidden field is called {name}: {}", self.text()))
            .1
            .clone()
    }
}

/// The value of an attribute in a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let (value, _) = tag[start..].split_once('"')?;
    Some(unescaped(value))
}

fn unescaped(text: &str) -> String {
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#38;", "&"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&amp;", "&"),
    ];
    let mut text = text.to_owned();
    for (entity, character) in entities {
        text = text.replace(entity, character);
    }
    text
}

fn encoded(text: &str) -> String {
    let bytes = text.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        b' ' => "+".to_owned(),
        byte => format!("%{byte:02X}"),
    });
    bytes.collect()
}

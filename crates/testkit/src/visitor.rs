//! Somebody with a browser: keeps cookies, reads forms, and sends them as browsers do.

use std::collections::BTreeMap;

use http::Method;
use http::header::{LOCATION, SET_COOKIE};
use parking_lot::Mutex;

use crate::actors::UserActor;
use crate::answer::Answer;
use crate::forms::{self, PageForm};
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

    /// Puts a cookie into the browser, as somebody can who has it in their hands.
    pub fn plant(&self, name: &str, value: &str) {
        let mut cookies = self.cookies.lock();
        cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Another browser with the cookies that this one has now.
    #[must_use]
    pub fn copied(&self) -> Self {
        Self {
            world: self.world,
            cookies: Mutex::new(self.cookies.lock().clone()),
            address: self.address.clone(),
            agent: self.agent.clone(),
            language: self.language.clone(),
        }
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
        self.request(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", ORIGIN)
            .header("sec-fetch-site", "same-origin")
            .bytes(forms::encoded(fields).as_bytes())
    }

    /// Fills in the form of a page that goes to this path, and sends it with its hidden fields.
    pub async fn submit(&self, page: &Answer, action: &str, typed: &[(&str, &str)]) -> Answer {
        let form = page.form(action);
        self.post(action, &form.filled_in(typed)).await
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
        forms::that_goes_to(action, &self.text())
    }

    /// All forms of a page.
    pub fn forms(&self) -> Vec<PageForm> {
        forms::of_page(&self.text())
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

//! What apps and their users send in the flows for apps, to a program that is a process of its own.

use std::io;

use serde_json::{Map, Value};

use super::browser::Browser;
use super::connection::{Connection, Reply};
use super::setup::OauthApp;

const AUTHORIZE: &str = "/login/oauth/authorize";
const DEVICE: &str = "/login/device";
const CONFIRM: &str = "/login/device/confirm";

impl Browser {
    /// Lets an app in on its page, which is shown also to who let it in before. The answer leads
    /// to the app; [`Reply::code`] reads what it brings there.
    pub fn allow(&mut self, app: &OauthApp, scope: &str) -> io::Result<Reply> {
        let id = &app.client_id;
        let path = format!("{AUTHORIZE}?client_id={id}&scope={scope}&prompt=select_account");
        let page = self.get(&path)?;
        self.answer(&page, AUTHORIZE, &[("answer", "allow")])
    }

    /// Types the code of a device, and lets it in.
    pub fn allow_device(&mut self, user_code: &str) -> io::Result<Reply> {
        let page = self.get(DEVICE)?;
        let asks = self.answer(&page, DEVICE, &[("code", user_code)])?;
        self.answer(&asks, CONFIRM, &[("answer", "allow")])
    }

    /// Answers a page that came; what came in its place is the answer otherwise.
    fn answer(&mut self, page: &Reply, action: &str, typed: &[(&str, &str)]) -> io::Result<Reply> {
        if page.status == 200 {
            self.submit(page, action, typed)
        } else {
            Ok(page.clone())
        }
    }
}

impl Reply {
    /// The code that it brings to an app.
    #[track_caller]
    pub fn code(&self) -> String {
        let location = self.assert_status(303).header("location");
        let (_, code) = location
            .and_then(|location| location.split_once("code="))
            .unwrap_or_else(|| panic!("no code: {location:?}"));
        code.to_owned()
    }
}

impl OauthApp {
    /// Sends these members to an endpoint for apps, in JSON, with the app's id and secret.
    pub fn ask(&self, base_url: &str, path: &str, members: &[(&str, &str)]) -> io::Result<Reply> {
        let own = [
            ("client_id", self.client_id.as_str()),
            ("client_secret", &self.client_secret),
        ];
        let body: Map<String, Value> = own
            .iter()
            .chain(members)
            .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
            .collect();
        let headers = [
            ("accept", "application/json"),
            ("content-type", "application/json"),
        ];
        Connection::open(base_url)?.ask("POST", path, &headers, Some(&Value::Object(body)))
    }

    /// [`OauthApp::ask`] at the token endpoint.
    pub fn ask_for_token(&self, base_url: &str, members: &[(&str, &str)]) -> io::Result<Reply> {
        self.ask(base_url, "/login/oauth/access_token", members)
    }
}

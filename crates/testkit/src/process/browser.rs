//! Somebody with a browser at a program that runs as a process of its own.

use std::collections::BTreeMap;
use std::io;

use super::connection::{Connection, Reply};
use super::setup::Person;
use crate::forms::{self, PageForm};
use crate::secrets;

/// Fields that hold what only its owner may know.
const SECRET_FIELDS: [&str; 3] = ["password", "new_password", "code"];
/// Where the code of a link stands in its path.
const LINK: &str = "/link/";

/// A browser: it keeps cookies, and one connection as long as the server does.
#[derive(Debug)]
pub struct Browser {
    base_url: String,
    connection: Option<Connection>,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    /// One that was never here.
    pub fn at(base_url: &str) -> Self {
        Self {
            base_url: base_url.to_owned(),
            connection: None,
            cookies: BTreeMap::new(),
        }
    }

    /// One with the same cookies, which another server answers.
    #[must_use]
    pub fn moved_to(&self, base_url: &str) -> Self {
        Self {
            cookies: self.cookies.clone(),
            ..Self::at(base_url)
        }
    }

    /// The server that answers it.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Puts the values of another browser's cookies in the places of its own, whose names may end
    /// in other digits: those of an installation.
    pub fn take_over(&mut self, other: &Self) {
        fn word(name: &str) -> &str {
            name.rsplit_once('-').map_or(name, |(word, _)| word)
        }
        for (name, value) in &mut self.cookies {
            let mut theirs = other.cookies.iter();
            if let Some((_, their)) = theirs.find(|(their, _)| word(their) == word(name)) {
                their.clone_into(value);
            }
        }
    }

    /// The `Cookie` header that it sends.
    pub fn cookie_header(&self) -> String {
        let pairs = self.cookies.iter();
        let pairs = pairs.map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// Opens a page. A redirect is not followed.
    pub fn get(&mut self, path: &str) -> io::Result<Reply> {
        if let Some(code) = path.strip_prefix(LINK) {
            self.hold_secret(code);
        }
        self.send("GET", path, "")
    }

    /// Fills in the form of a page that goes to this path, and sends it with its hidden fields.
    pub fn submit(
        &mut self,
        page: &Reply,
        action: &str,
        typed: &[(&str, &str)],
    ) -> io::Result<Reply> {
        let form = forms::that_goes_to(action, &page.text());
        for (name, value) in typed {
            if SECRET_FIELDS.contains(name) {
                self.hold_secret(value);
            }
        }
        self.send("POST", action, &forms::encoded(&form.filled_in(typed)))
    }

    /// Opens the sign-in page and sends who this is.
    pub fn sign_in(&mut self, person: &Person) -> io::Result<Reply> {
        let page = self.get("/login")?;
        let typed = [
            ("login", person.login.as_str()),
            ("password", person.password.as_str()),
        ];
        if page.status == 200 {
            self.submit(&page, "/login", &typed)
        } else {
            Ok(page)
        }
    }

    /// Opens a link, and the page that asks what is to be done by it.
    pub fn open_link(&mut self, code: &str) -> io::Result<Reply> {
        let moved = self.get(&format!("{LINK}{code}"))?;
        if moved.status == 303 {
            self.get("/link")
        } else {
            Ok(moved)
        }
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> io::Result<Reply> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::open(&self.base_url)?,
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncookie: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            self.cookie_header(),
            body.len()
        );
        connection.send(head.as_bytes())?;
        let reply = connection.reply()?;
        if reply.header("connection") != Some("close") {
            self.connection = Some(connection);
        }
        self.take(&reply);
        Ok(reply)
    }

    /// Keeps the cookies of an answer.
    fn take(&mut self, reply: &Reply) {
        let set = reply.headers.iter();
        let set = set.filter(|(name, _)| name == "set-cookie");
        for (_, set) in set {
            let (pair, attributes) = set.split_once(';').expect("a cookie has attributes");
            let (name, value) = pair.split_once('=').expect("a cookie has a value");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.hold_secret(value);
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn hold_secret(&self, secret: &str) {
        if let Some(folder) = secrets::folder_at(&self.base_url) {
            secrets::hold(&folder, secret);
        }
    }
}

impl Reply {
    /// All forms of a page.
    pub fn forms(&self) -> Vec<PageForm> {
        forms::of_page(&self.text())
    }
}

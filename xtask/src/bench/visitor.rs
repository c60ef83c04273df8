//! Somebody with a browser, one request at a time.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};

use crate::bench::http::{Answer, Asked};
use crate::bench::process::Server;
use crate::bench::scene::PASSWORD;

/// Somebody whom a server knows by a cookie.
pub(crate) struct Visitor<'s> {
    server: &'s Server,
    cookies: String,
}

impl<'s> Visitor<'s> {
    /// One who signed in as a browser does.
    pub(crate) fn signed_in(server: &'s Server, login: &str) -> Result<Self> {
        let nobody = Self {
            server,
            cookies: "none=none".to_owned(),
        };
        let form = nobody.page("/login").expect(server.address(), 200)?;
        let visitor = Self {
            server,
            cookies: cookies(&form)?,
        };
        let csrf = hidden(&form.body, "csrf")?;
        let typed = [("csrf", csrf), ("login", login), ("password", PASSWORD)];
        let done = visitor.submit("/login", &typed)?;
        ensure!(done.status == 303, "nobody signed in: {}", done.status);
        Ok(Self {
            server,
            cookies: cookies(&done)?,
        })
    }

    /// A page as this visitor asks for it.
    pub(crate) fn page(&self, path: &str) -> Asked {
        Asked {
            method: "GET",
            path: path.to_owned(),
            headers: vec![("cookie", self.cookies.clone())],
            body: None,
        }
    }

    /// Sends a form.
    pub(crate) fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let mut sent = self.page(path);
        sent.method = "POST";
        let origin = format!("http://{}", self.server.address());
        let form = "application/x-www-form-urlencoded".to_owned();
        sent.headers
            .extend([("origin", origin), ("content-type", form)]);
        sent.body = Some(form_of(fields));
        sent.ask(self.server.address())
    }
}

/// Fields as a form sends them, whose values have no other characters than these.
pub(crate) fn form_of(fields: &[(&str, &str)]) -> String {
    let mut form = String::new();
    for (name, value) in fields {
        let separator = if form.is_empty() { "" } else { "&" };
        let encoded = value.replace('+', "%2B").replace(' ', "+");
        let _ = write!(form, "{separator}{name}={encoded}");
    }
    form
}

/// The cookies that an answer sets, as a browser sends them back.
fn cookies(answer: &Answer) -> Result<String> {
    let set = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie");
    let pairs = set.filter_map(|(_, value)| {
        let pair = value.split(';').next()?;
        // One that is taken away has no value.
        (!pair.ends_with('=')).then_some(pair)
    });
    let cookies: Vec<_> = pairs.collect();
    ensure!(!cookies.is_empty(), "no cookie was set");
    Ok(cookies.join("; "))
}

/// The value of a hidden field.
pub(crate) fn hidden<'b>(body: &'b str, name: &str) -> Result<&'b str> {
    let field = format!("name=\"{name}\" value=\"");
    let rest = body
        .split_once(&field)
        .context("the form has no such field")?
        .1;
    Ok(rest.split_once('"').context("the page is cut off")?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_that_are_set_are_sent_back_and_those_taken_away_are_not() {
        let set = |value: &str| ("set-cookie".to_owned(), value.to_owned());
        let answer = Answer {
            status: 303,
            headers: vec![set("a=1; Path=/"), set("b=; Max-Age=0"), set("c=3")],
            body: String::new(),
        };
        assert_eq!(cookies(&answer).unwrap(), "a=1; c=3");
        let page = "<input type=\"hidden\" name=\"csrf\" value=\"abc\">";
        assert_eq!(hidden(page, "csrf").unwrap(), "abc");
    }
}

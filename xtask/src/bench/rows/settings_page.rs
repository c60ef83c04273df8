//! A page of somebody who is signed in: the list of their tokens, read anew for each request. How
//! many a second, and how long the slowest take among many tokens of others.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};

use crate::bench::Bench;
use crate::bench::database::{Passwords, copy, filled, login};
use crate::bench::http::{Answer, Asked};
use crate::bench::process::{Cores, Server};
use crate::bench::results::Reading;
use crate::bench::rows::against_bare::{in_turns, told};
use crate::bench::scene::{Installation, LOGIN, PASSWORD};
use crate::bench::sides::nginx;
use crate::bench::slices::{median_of, ratios};
use crate::bench::tools::{Load, Pace};

/// Tokens on the page.
const TOKENS: u32 = 30;
const PATH: &str = "/settings/tokens";
/// Tokens in the store when the slowest are looked for, and how many ask for the page in a second.
const STORED: u64 = 100_000;
const RATE: f64 = 20.0;

pub(crate) fn tokens(bench: &Bench) -> Result<Vec<Reading>> {
    let installation = Installation::empty(bench, "settings")?;
    installation.add_user()?;
    for number in 1..=TOKENS {
        let note = format!("token {number}");
        let create = ["token", "create", LOGIN, "--scopes", "repo,gist"];
        installation.run(&[&create[..], &["--note", &note]].concat(), "")?;
    }
    let ours = installation.serve(bench, Cores::One)?;
    let page = signed_in(&ours, LOGIN)?;
    let answer = page.expect(ours.address(), 200)?;
    let rows = answer.body.matches("class=\"stub\"").count();
    ensure!(rows == TOKENS as usize, "the page has {rows} tokens");
    let theirs = nginx::start(bench, answer.body.len(), Cores::One)?;
    let text = Asked::get(nginx::PATH, "none");
    text.expect(theirs.address(), 200)?;
    let how = (Cores::One, bench.length());
    let pairs = in_turns(bench, how, (&ours, &page), (&theirs, &text))?;
    Ok(vec![Reading::of(
        Cores::One.name(),
        ratios(&pairs, |slice| slice.per_second),
        told(&pairs, "nginx"),
    )])
}

pub(crate) fn tail(bench: &Bench) -> Result<Vec<Reading>> {
    let filled = filled(bench, STORED, Passwords::Shipped)?;
    let folder = copy(&filled.folder, bench, "settings-tail")?;
    let server = Installation::at(bench, &folder).serve(bench, Cores::One)?;
    let page = signed_in(&server, &login(0))?;
    page.expect(server.address(), 200)?;
    let load = Load::of(page);
    let length = bench.length();
    let mut slices = Vec::new();
    for _ in 0..length.slices {
        let how = (Cores::One, Pace::Fixed(RATE), length.seconds);
        slices.push(
            bench
                .profiling
                .watch(&server, || load.run(bench, server.address(), how))?,
        );
    }
    let p50 = median_of(&slices, |slice| slice.p50);
    let detail = format!("{RATE} requests/s, half of them within {p50:.2} ms");
    let samples = slices.iter().map(|slice| slice.p99).collect();
    Ok(vec![Reading::of(Cores::One.name(), samples, detail)])
}

/// The page with the cookie of somebody who signed in as a browser does.
fn signed_in(server: &Server, login: &str) -> Result<Asked> {
    let origin = format!("http://{}", server.address());
    let get = |path: &str, cookie: &str| Asked {
        method: "GET",
        path: path.to_owned(),
        headers: vec![("cookie", cookie.to_owned())],
        body: None,
    };
    let form = get("/login", "none=none").expect(server.address(), 200)?;
    let visitor = cookies(&form)?;
    let csrf = hidden(&form.body, "csrf")?;
    let mut body = String::new();
    for (name, value) in [("csrf", csrf), ("login", login), ("password", PASSWORD)] {
        let separator = if body.is_empty() { "" } else { "&" };
        let encoded = value.replace('+', "%2B").replace(' ', "+");
        let _ = write!(body, "{separator}{name}={encoded}");
    }
    let sent = Asked {
        method: "POST",
        path: "/login".to_owned(),
        headers: vec![
            ("cookie", visitor),
            ("origin", origin),
            (
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            ),
        ],
        body: Some(body),
    };
    let done = sent.expect(server.address(), 303)?;
    Ok(get(PATH, &cookies(&done)?))
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
fn hidden<'b>(body: &'b str, name: &str) -> Result<&'b str> {
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

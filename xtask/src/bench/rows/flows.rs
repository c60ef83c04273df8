//! The flows by which apps get tokens: the question, the exchange of a code, and devices that poll.

use std::fs;

use anyhow::{Context, Result};

use super::settings_page::slowest;
use crate::bench::Bench;
use crate::bench::http::{Asked, basic};
use crate::bench::process::{Cores, Server};
use crate::bench::results::Reading;
use crate::bench::scene::{Installation, LOGIN, PASSWORD, text};
use crate::bench::slices::{Side, alternate, medians, ratios};
use crate::bench::tools::{Load, Pace, Slice};
use crate::bench::visitor::{Visitor, form_of, hidden};

const AUTHORIZE: &str = "/login/oauth/authorize";
const EXCHANGE: &str = "/login/oauth/access_token";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const CALLBACK: &str = "https://app.example.com/callback";

/// Apps with codes, and how many live codes one has of a user: the most that there may be.
const APPS: usize = 100;
const CODES_OF_APP: usize = 10;

/// Devices that wait, how far apart the polls of each are in seconds, and how many may wait of one
/// address.
const DEVICES: usize = 1_000;
const INTERVAL: f64 = 5.0;
const DEVICES_OF_ADDRESS: usize = 25;

/// An app by which a flow is measured.
struct FlowApp {
    id: String,
    secret: String,
}

impl FlowApp {
    fn make(installation: &Installation, name: &str) -> Result<Self> {
        let create = ["app", "create", name, "--owner", LOGIN, "--device-flow"];
        let urls = [
            "--url",
            "https://app.example.com",
            "--callback-url",
            CALLBACK,
        ];
        let made = installation.run(&[&create[..], &urls].concat(), "")?;
        Ok(Self {
            id: text(&made, "client_id")?,
            secret: text(&made, "client_secret")?,
        })
    }

    /// Where a user is asked, also one who let the app in before.
    fn question(&self) -> String {
        let id = &self.id;
        format!("{AUTHORIZE}?client_id={id}&scope=repo&prompt=select_account")
    }

    /// A code that a user lets the app have.
    fn code(&self, user: &Visitor<'_>, server: &Server) -> Result<String> {
        let page = user.page(&self.question()).expect(server.address(), 200)?;
        let form = format!("action=\"{AUTHORIZE}\"");
        let (_, form) = page.body.split_once(&form).context("nothing is asked")?;
        let fields = [
            ("csrf", hidden(form, "csrf")?),
            ("request", hidden(form, "request")?),
            ("answer", "allow"),
        ];
        let answer = user.submit(AUTHORIZE, &fields)?;
        let location = answer.headers.iter().find(|(name, _)| name == "location");
        let code = location.and_then(|(_, to)| to.split_once("code="));
        let (_, code) = code.with_context(|| format!("no code: {}", answer.status))?;
        Ok(code.to_owned())
    }
}

pub(crate) fn consent(bench: &Bench) -> Result<Vec<Reading>> {
    let installation = Installation::empty(bench, "consent")?;
    installation.add_user()?;
    let app = FlowApp::make(&installation, "Board")?;
    let server = installation.serve(bench, Cores::One)?;
    let page = Visitor::signed_in(&server, LOGIN)?.page(&app.question());
    slowest(bench, &server, page)
}

/// Exchanges in turns with tokens that the same user makes by a password that is remembered.
pub(crate) fn exchange(bench: &Bench) -> Result<Vec<Reading>> {
    let installation = Installation::empty(bench, "exchange")?;
    installation.add_user()?;
    let apps = (0..APPS).map(|number| FlowApp::make(&installation, &format!("Board {number}")));
    let apps = apps.collect::<Result<Vec<_>>>()?;
    let server = installation.serve(bench, Cores::One)?;
    let user = Visitor::signed_in(&server, LOGIN)?;
    let mut number = 0;
    let pairs = alternate(bench.length(), |side| match side {
        Side::Ours => {
            let load = exchanges(bench, &apps, (&user, &server))?;
            let how = (Cores::One, Pace::Once, 60);
            let work = || load.run(bench, server.address(), how);
            bench.profiling.watch(&server, work)
        }
        Side::Theirs => {
            number += 1;
            issues(bench, &apps, number)?.run(bench, server.address(), (Cores::One, Pace::Once, 60))
        }
    })?;
    let (ours, theirs) = medians(&pairs, |slice: &Slice| slice.per_second);
    let detail = format!("{ours:.0} codes/s, {theirs:.0} tokens/s by password");
    let ratios = ratios(&pairs, |slice| slice.per_second);
    Ok(vec![Reading::of(Cores::One.name(), ratios, detail)])
}

/// The exchange of codes that were just given, each once, in an order that lets few wait for
/// another of the same app.
fn exchanges(
    bench: &Bench,
    apps: &[FlowApp],
    (user, server): (&Visitor<'_>, &Server),
) -> Result<Load> {
    let mut lines = String::new();
    for _ in 0..CODES_OF_APP {
        for app in apps {
            let code = app.code(user, server)?;
            let fields = [
                ("client_id", app.id.as_str()),
                ("client_secret", &app.secret),
                ("code", &code),
            ];
            lines.push_str(&form_of(&fields));
            lines.push('\n');
        }
    }
    let file = bench.file("codes");
    let length = lines.lines().next().map(str::len);
    fs::write(&file, lines)?;
    let mut load = Load::of(form("{item}".to_owned()));
    load.body_bytes = length;
    load.lines = Some(file);
    Ok(load)
}

/// As many tokens of the same apps, made by the user's password.
fn issues(bench: &Bench, apps: &[FlowApp], slice: usize) -> Result<Load> {
    let lines: String = (0..CODES_OF_APP)
        .flat_map(|number| {
            apps.iter().map(move |app| {
                format!(
                    "{{\"client_id\":\"{}\",\"client_secret\":\"{}\",\"scopes\":[\"repo\"],\"fingerprint\":\"{slice:06}-{number:02}\"}}\n",
                    app.id, app.secret
                )
            })
        })
        .collect();
    let file = bench.file("issues");
    let length = lines.lines().next().map(str::len);
    fs::write(&file, &lines)?;
    let password = basic(LOGIN, PASSWORD);
    let mut load = Load::of(Asked::post("/api/v3/authorizations", password, "{item}"));
    load.body_bytes = length;
    load.lines = Some(file);
    load.status = 201;
    Ok(load)
}

/// A thousand devices that nobody lets in, each at its interval.
pub(crate) fn devices(bench: &Bench) -> Result<Vec<Reading>> {
    let installation =
        Installation::empty(bench, "devices")?.with("COUNTERFOIL_TRUSTED_PROXIES", "127.0.0.1/32");
    installation.add_user()?;
    let app = FlowApp::make(&installation, "Board")?;
    let server = installation.serve(bench, Cores::One)?;
    let codes = (0..DEVICES).map(|number| waiting(&server, &app, number));
    let codes = codes.collect::<Result<Vec<_>>>()?;
    let file = bench.file("device-codes");
    fs::write(&file, codes.join("\n") + "\n")?;
    let body = |code: &str| {
        let grant = ("grant_type", DEVICE_GRANT);
        form_of(&[("client_id", &app.id), grant, ("device_code", code)])
    };
    let mut load = Load::of(form(body("{item}")));
    load.body_bytes = Some(body(&codes[0]).len());
    load.lines = Some(file);
    let rate = f64::from(u32::try_from(DEVICES)?) / INTERVAL;
    let length = bench.length();
    let mut samples = Vec::new();
    for _ in 0..length.slices {
        let how = (Cores::One, Pace::FixedFromEverywhere(rate), length.seconds);
        let before = server.cpu_seconds()?;
        let work = || load.run(bench, server.address(), how);
        bench.profiling.watch(&server, work)?;
        let taken = server.cpu_seconds()? - before;
        samples.push(taken / f64::from(length.seconds));
    }
    let detail = format!("{rate:.0} polls/s");
    Ok(vec![Reading::of(Cores::One.name(), samples, detail)])
}

/// The code of a device that asked at an address which few share.
fn waiting(server: &Server, app: &FlowApp, number: usize) -> Result<String> {
    let block = number / DEVICES_OF_ADDRESS;
    let address = format!("198.18.{}.{}", block / 250, block % 250 + 1);
    let mut asked = form(form_of(&[("client_id", &app.id), ("scope", "repo")]));
    "/login/device/code".clone_into(&mut asked.path);
    asked.headers.push(("x-forwarded-for", address));
    let answer = asked.expect(server.address(), 200)?;
    text(&serde_json::from_str(&answer.body)?, "device_code")
}

/// A form for the token endpoint, whose answer is JSON.
fn form(body: String) -> Asked {
    let form = "application/x-www-form-urlencoded".to_owned();
    Asked {
        method: "POST",
        path: EXCHANGE.to_owned(),
        headers: vec![
            ("content-type", form),
            ("accept", "application/json".to_owned()),
        ],
        body: Some(body),
    }
}

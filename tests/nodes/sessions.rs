//! A session is one on all nodes, and its end holds on each of them at once.

use counterfoil_testkit::process::{Connection, Reply, Running};

use super::stage::Stage;

const LIST: &str = "/settings/sessions";

/// A browser that goes to one node.
struct Browser<'n> {
    node: &'n Running,
    cookies: Vec<String>,
}

impl<'n> Browser<'n> {
    fn at(node: &'n Running) -> Self {
        let cookies = Vec::new();
        Self { node, cookies }
    }

    /// The same browser, which another node answers.
    fn moved_to<'m>(&self, node: &'m Running) -> Browser<'m> {
        let cookies = self.cookies.clone();
        Browser { node, cookies }
    }

    fn ask(&mut self, method: &str, path: &str, body: &str) -> Reply {
        let mut connection = Connection::open(&self.node.base_url).expect("the node accepts");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncookie: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            self.cookies.join("; "),
            body.len()
        );
        connection.send(head.as_bytes()).expect("the node reads");
        let reply = connection.reply().expect("the node answers");
        let set = reply
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie");
        for (_, set) in set {
            let pair = set.split(';').next().expect("a pair").to_owned();
            let name = pair.split('=').next().expect("a name").to_owned() + "=";
            self.cookies.retain(|kept| !kept.starts_with(&name));
            self.cookies.push(pair);
        }
        reply
    }

    fn sign_in(&mut self, login: &str, password: &str) {
        let page = self.ask("GET", "/login", "").assert_status(200).text();
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("a form");
        let csrf = rest.split('"').next().expect("a token");
        let typed = |text: &str| text.replace(' ', "+").replace('\'', "%27");
        let (login, password) = (typed(login), typed(password));
        let body = format!("csrf={csrf}&login={login}&password={password}");
        self.ask("POST", "/login", &body).assert_status(303);
    }
}

#[test]
fn a_session_of_one_node_is_one_of_all_until_any_of_them_or_a_command_ends_it() {
    let stage = Stage::set();
    let nodes = ["one", "other"].map(|name| stage.node(name).start_serve(&[]));
    let elsewhere = stage.node("elsewhere");
    let mut here = Browser::at(&nodes[0]);
    here.sign_in(&stage.user.login, &stage.user.password);
    let mut there = here.moved_to(&nodes[1]);
    there.ask("GET", LIST, "").assert_status(200);
    let listed = elsewhere.json(&["session", "list", "mona"], "");
    let id = listed[0]["id"].to_string();
    elsewhere.command(&["session", "end", &id], "").succeeded();
    here.ask("GET", LIST, "").assert_status(303);
    there.ask("GET", LIST, "").assert_status(303);
    // What one node signs out, the other has never heard of.
    let mut here = Browser::at(&nodes[0]);
    here.sign_in(&stage.user.login, &stage.user.password);
    let mut there = here.moved_to(&nodes[1]);
    let page = there.ask("GET", LIST, "").assert_status(200).text();
    let (_, form) = page.split_once("action=\"/logout\"").expect("a way out");
    let (_, rest) = form.split_once("name=\"csrf\" value=\"").expect("a token");
    let csrf = rest.split('"').next().expect("a token").to_owned();
    let out = there.ask("POST", "/logout", &format!("csrf={csrf}"));
    out.assert_status(303);
    here.ask("GET", LIST, "").assert_status(303);
}

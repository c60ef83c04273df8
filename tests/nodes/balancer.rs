//! Debian's `HAProxy` before several nodes, with the configuration of the page that tells how to
//! run them.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use counterfoil_testkit::installed;
use counterfoil_testkit::process::{Connection, Running};

use super::stage::{LIMIT, Stage};
use crate::pages::Page;

/// See the module. It ends when it is dropped.
pub(super) struct Balancer {
    process: Child,
    pub(super) url: String,
}

impl Balancer {
    /// Starts before three nodes, and waits until it passes requests on.
    pub(super) fn before(stage: &Stage, nodes: [&Running; 3]) -> Self {
        let socket = stage.file("haproxy.sock");
        let mut configuration = Page::read("several-nodes.md").block("haproxy");
        let mut put = |written: &str, meant: &str| {
            assert!(configuration.contains(written), "the page has no {written}");
            configuration = configuration.replace(written, meant);
        };
        put("bind 127.0.0.1:8080", &format!("bind {}", socket.display()));
        for (written, node) in ["127.0.0.1:8081", "127.0.0.1:8082", "127.0.0.1:8083"]
            .into_iter()
            .zip(nodes)
        {
            let address = node.base_url.strip_prefix("http://");
            put(written, address.expect("a node listens on an address"));
        }
        let file = stage.file("haproxy.cfg");
        fs::write(&file, configuration).expect("the folder is the test's");
        let process = Command::new(installed::tool("haproxy"))
            .arg("-db")
            .arg("-f")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let balancer = Self {
            process: process.expect("HAProxy can be started"),
            url: format!("unix:{}", socket.display()),
        };
        balancer.wait_until_it_serves();
        balancer
    }

    fn wait_until_it_serves(&self) {
        let begun = Instant::now();
        loop {
            let answered = Connection::open(&self.url)
                .and_then(|mut connection| connection.ask("GET", "/healthz", &[], None));
            if answered.is_ok_and(|reply| reply.status == 200) {
                return;
            }
            assert!(begun.elapsed() < LIMIT, "HAProxy does not serve");
            std::thread::yield_now();
        }
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to be done about either failure here.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

//! Debian's Caddy.

use super::stage::{Stage, proves_itself};
use crate::pages::Page;

#[test]
fn caddy_refuses_and_admits_with_the_configuration_of_the_page() {
    let stage = Stage::set();
    stage.write("Caddyfile", &Page::read("gateways.md").block("caddyfile"));
    let arguments = ["run", "--adapter", "caddyfile", "--config", "Caddyfile"];
    let gateway = stage.start("caddy", &arguments);
    proves_itself(stage, &gateway);
}

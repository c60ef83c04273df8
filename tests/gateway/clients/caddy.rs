//! Debian's Caddy.

use super::page::Page;
use super::stage::{Stage, proves_itself};

#[test]
fn caddy_refuses_and_admits_with_the_configuration_of_the_page() {
    let stage = Stage::set();
    stage.write("Caddyfile", &Page::read().block("caddyfile"));
    let arguments = ["run", "--adapter", "caddyfile", "--config", "Caddyfile"];
    let gateway = stage.start("caddy", &arguments);
    proves_itself(stage, &gateway);
}

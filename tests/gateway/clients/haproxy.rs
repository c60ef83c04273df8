//! Debian's `HAProxy`.

use super::stage::{Stage, proves_itself};
use crate::pages::Page;

#[test]
fn haproxy_refuses_and_admits_with_the_configuration_of_the_page() {
    let stage = Stage::set();
    let page = Page::read("gateways.md");
    stage.write("counterfoil.lua", &page.block("lua"));
    stage.write("haproxy.cfg", &page.block("haproxy"));
    let gateway = stage.start("haproxy", &["-f", "haproxy.cfg"]);
    proves_itself(stage, &gateway);
}

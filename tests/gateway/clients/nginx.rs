//! Debian's nginx.

use super::stage::{Stage, proves_itself};
use crate::pages::Page;

#[test]
fn nginx_refuses_and_admits_with_the_configuration_of_the_page() {
    let stage = Stage::set();
    stage.write("nginx.conf", &Page::read("gateways.md").block("nginx"));
    std::fs::create_dir(stage.folder.path().join("tmp")).expect("a folder of ours");
    let folder = stage
        .folder
        .path()
        .to_str()
        .expect("a path of ours")
        .to_owned();
    // The page's command; in the foreground, so that it can be stopped.
    let arguments = [
        "-p",
        &folder,
        "-c",
        "nginx.conf",
        "-e",
        "error.log",
        "-g",
        "daemon off;",
    ];
    let gateway = stage.start("nginx", &arguments);
    proves_itself(stage, &gateway);
}

//! What a newcomer does in a browser by the README's first screen.

use counterfoil_testkit::process::{ApiClient, Program};
use counterfoil_testkit::{TestFolder, engine};

use super::window::{Look, Window};
use crate::command_line::quickstart::Quickstart;
use crate::pages::Page;

/// The words in bold of the paragraph that begins so, in order.
fn bold_words(beginning: &str) -> Vec<String> {
    let paragraph = Page::readme().paragraph(beginning);
    let parts = paragraph.split("**");
    parts.skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn a_newcomer_makes_a_token_by_the_readme_and_uses_it() {
    let folder = TestFolder::in_memory();
    let file = engine::sqlite_only("quickstart keeps to a file");
    let program = Program::build_in(folder.path()).on(file);
    let quickstart = Quickstart::of(&program, &["--listen", "127.0.0.1:0"]);
    let fact = |name| quickstart.fact(name).expect("it is printed");
    for secret in ["password", "client secret"] {
        program.hold_secret(fact(secret));
    }
    let address = fact("address");
    let window = Window::open(address, Look::default());
    let sign_in = fact("sign in").strip_prefix(address);
    window.go(sign_in.expect("it is a page of this server"));
    window.fill("Login or e-mail address", fact("login"));
    window.fill("Password", fact("password"));
    window.press("Sign in");
    let [section, new, create] = bold_words("Or open the address")
        .try_into()
        .expect("three words to press");
    window.press(&section);
    window.press(&new);
    window.fill("Name", "laptop");
    window.unfold("Account");
    window.tick("Read your profile, private parts included");
    window.press(&create);
    let token = window.value("Token");
    program.hold_secret(&token);
    let mut client = ApiClient::with_token(address, &token).expect("it serves");
    let user = client.must("GET", "/user", None);
    user.assert_status(200);
    assert_eq!(user.header("x-oauth-scopes"), Some("read:user"));
}

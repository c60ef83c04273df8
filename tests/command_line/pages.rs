//! The settings of pages, on the real program: what it is called, its colour, its logo and its
//! language.

use counterfoil_testkit::process::Connection;

use super::Desk;

const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"/>";

#[test]
fn an_installation_has_its_own_name_colour_logo_and_language() {
    let desk = Desk::with_user();
    desk.folder_file("logo.svg", LOGO);
    let Desk { program, folder } = desk;
    let logo = folder.path().join("logo.svg");
    let program = program
        .with_environment("COUNTERFOIL_PAGES__BRAND", "Acme <tokens>")
        .with_environment("COUNTERFOIL_PAGES__COLOUR", "#4b2e83")
        .with_environment("COUNTERFOIL_PAGES__LOGO", logo.to_str().expect("UTF-8"))
        .with_environment("COUNTERFOIL_ACCOUNTS__LANGUAGE", "ko");
    let server = program.start_serve(&[]);
    let mut connection = Connection::open(&server.base_url).expect("a connection");
    let mut get = |path: &str| {
        let reply = connection.ask("GET", path, &[], None);
        reply.expect("the server answers")
    };
    let page = get("/");
    page.assert_status(200);
    let page = page.text();
    assert!(page.contains("<html lang=\"ko\">"), "{page}");
    assert!(
        page.contains("<title>Acme &lt;tokens&gt;</title>"),
        "{page}"
    );
    let linked = |stem: &str| {
        let begin = format!("/assets/{stem}.");
        let after = page.split_once(&begin).expect("the page loads it").1;
        let rest = after.split('"').next().unwrap_or_default();
        format!("{begin}{rest}")
    };
    let style = get(&linked("brand"));
    assert!(style.text().starts_with(":root{--accent:#4b2e83;"));
    let picture = get(&linked("logo"));
    assert_eq!(picture.text(), LOGO);
    assert_eq!(picture.header("content-type"), Some("image/svg+xml"));
    for kept in [style, picture] {
        let control = kept.header("cache-control").expect("it may be kept");
        assert!(control.contains("immutable"), "{control}");
    }
}

#[test]
fn a_logo_that_is_missing_or_no_picture_is_told_by_the_check_and_stops_the_start() {
    for (name, reason) in [
        (
            "notes.txt",
            " cannot be used: it is neither an SVG nor a PNG file",
        ),
        ("missing.svg", ": No such file or directory (os error 2)"),
    ] {
        let desk = Desk::with_installation();
        desk.folder_file("notes.txt", "no picture");
        let Desk { program, folder } = desk;
        let file = folder.path().join(name).display().to_string();
        let program = program.with_environment("COUNTERFOIL_PAGES__LOGO", &file);
        let desk = Desk { program, folder };
        let sentence = format!("pages.logo: {file}{reason}");
        for command in [
            &["config", "check"][..],
            &["serve", "--listen", "127.0.0.1:0"],
        ] {
            assert_eq!(desk.settings_refused(command), sentence);
        }
    }
}

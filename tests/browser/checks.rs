//! What every page is held to, in the window that shows it.

use std::fs;

use counterfoil_testkit::TestFolder;

use super::window::{Look, Window};

/// The width of the smallest window that pages are made for.
const NARROWEST: u32 = 320;

/// What is wrong with the page that the window shows, in sentences.
pub(super) fn judge(window: &Window) -> Vec<String> {
    let mut found = window.complaints();
    let check = |found: &mut Vec<String>, width: u32, names: &[&str]| {
        for name in names {
            let at_width = |fault| format!("{name} at {width}: {fault}");
            found.extend(window.own_check(name).into_iter().map(at_width));
        }
    };
    for (dark, name) in [(true, "dark"), (false, "light")] {
        window.look(dark, 1280);
        let in_scheme = |fault| format!("axe in {name}: {fault}");
        found.extend(window.axe().into_iter().map(in_scheme));
    }
    check(&mut found, 1280, &["shape", "fields", "targets", "spacing"]);
    found.extend(window.tabs());
    window.look(false, NARROWEST);
    check(&mut found, NARROWEST, &["reflow", "targets", "spacing"]);
    let narrow = |fault| format!("at {NARROWEST}: {fault}");
    found.extend(window.tabs().into_iter().map(narrow));
    window.look(false, 1280);
    // What only came up while it was looked at.
    found.extend(window.complaints());
    found
}

/// A page with this style and body, in a window.
struct Sample {
    window: Window,
    _folder: TestFolder,
}

impl Sample {
    fn show(style: &str, body: &str) -> Self {
        let folder = TestFolder::in_memory();
        let file = folder.path().join("sample.html");
        let html = format!(
            "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>
            <title>Sample</title><style>
            * {{ font: 16px/1.5 sans-serif }}
            button, input {{ min-height: 44px; min-width: 44px; max-width: 100% }}
            a {{ display: inline-block; min-height: 24px }}
            :focus-visible {{ outline: 3px solid #b4430a; outline-offset: 2px }}
            {style}</style><main>{body}</main></html>"
        );
        fs::write(&file, html).expect("the folder is the test's");
        let window = Window::open("file://", Look::default());
        window.go(file.to_str().expect("the path is text"));
        Self {
            window,
            _folder: folder,
        }
    }

    /// Demands that this is all that is wrong.
    #[track_caller]
    fn is_judged(style: &str, body: &str, expected: &[&str]) {
        let found = judge(&Self::show(style, body).window);
        let is_expected = |fault: &String| expected.iter().any(|part| fault.contains(part));
        let surprises: Vec<_> = found.iter().filter(|fault| !is_expected(fault)).collect();
        assert!(surprises.is_empty(), "{surprises:#?}");
        for part in expected {
            let is_found = found.iter().any(|fault| fault.contains(part));
            assert!(is_found, "{part:?} is not among {found:#?}");
        }
    }
}

const GOOD: &str = "<h1>Sign in</h1><form>
    <p><label for=a>Login</label> <input id=a name=login autocomplete=username></p>
    <p><label for=b>Password</label> <input id=b type=password autocomplete=current-password></p>
    <p><button class='button primary'>Sign in</button> <a href='#'>Forgotten password?</a></p></form>";

#[test]
fn nothing_is_wrong_with_a_good_page() {
    Sample::is_judged("", GOOD, &[]);
}

#[test]
fn a_page_has_one_heading_and_one_primary_button() {
    let second = "<h1>Another question</h1><button class='button primary'>Another</button>";
    let expected = ["there are 2 h1", "there are 2 primary buttons"];
    Sample::is_judged("", &format!("{GOOD}{second}"), &expected);
}

#[test]
fn contrast_is_looked_at_in_light_and_in_dark() {
    let only_dark = "@media (prefers-color-scheme: dark) { p { color: #eee } }";
    Sample::is_judged(only_dark, GOOD, &["axe in dark: color-contrast"]);
}

#[test]
fn a_field_can_be_filled_by_a_password_manager_and_pasted_into() {
    let fields =
        "<h1>Sign in</h1><label>Password <input name=secret type=password autocomplete=off></label>
        <label>Code <input name=code autocomplete=one-time-code onpaste='return false'></label>";
    let expected = [
        "has autocomplete “off”",
        "code refuses to be pasted into",
        "has code or style of its own",
    ];
    Sample::is_judged("", fields, &expected);
}

#[test]
fn a_button_is_large_enough_for_a_finger() {
    let small = "button { min-height: 20px; padding: 0 }";
    Sample::is_judged(small, GOOD, &["less than 36"]);
}

#[test]
fn a_page_fits_into_the_narrowest_window() {
    let wide = "p { min-width: 400px }";
    let expected = ["reflow at 320: the page is", "spacing at 320: the page is"];
    Sample::is_judged(wide, GOOD, &expected);
}

#[test]
fn text_may_be_spaced_out() {
    let tight = "h1 { height: 24px; overflow: hidden; width: 66px; white-space: nowrap }";
    Sample::is_judged(tight, GOOD, &["is cut when its text is spaced out"]);
}

#[test]
fn the_focus_shows_wherever_it_is() {
    let hidden = "button:focus-visible { outline: none }";
    let expected = ["the focus on <button> “Sign in” does not show"];
    Sample::is_judged(hidden, GOOD, &expected);
}

#[test]
fn the_focus_goes_as_the_page_is_read() {
    let upside_down = "form { display: flex; flex-direction: column-reverse }";
    Sample::is_judged(upside_down, GOOD, &["the focus goes up to"]);
}

#[test]
fn what_has_the_focus_is_covered_by_nothing() {
    let bar = "main::after { content: ''; position: fixed; inset: 0 0 0 0; background: #fff }";
    Sample::is_judged(bar, GOOD, &["is covered when it has the focus"]);
}

#[test]
fn what_can_be_pressed_can_be_reached_by_keys() {
    let unreachable = format!("{GOOD}<p><a href='#' tabindex=2>First</a></p>");
    Sample::is_judged(
        "",
        &unreachable,
        &["tabindex greater than zero", "is not reached"],
    );
}

#[test]
fn what_a_page_lacks_is_complained_of() {
    let body = format!("{GOOD}<script>nothing()</script>");
    Sample::is_judged("", &body, &["a script failed"]);
}

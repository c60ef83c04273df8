//! What every page is held to, in the window that shows it.

use std::fs;

use counterfoil_testkit::TestFolder;

use super::window::{Look, Medium, Window};

/// The width of the smallest window that pages are made for.
const NARROWEST: u32 = 320;

/// The width of a sheet of A4 with margins.
const PAPER: u32 = 720;

/// What axe-core finds otherwise when the colours are others: all else it looks at once.
const OF_COLOURS: &[&str] = &["color-contrast", "link-in-text-block"];

/// What of a page is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Everything,
    /// What other words could change, of a page that was looked at in another language: its colours
    /// and the order of its controls are the same.
    Words,
}

/// What is wrong with the page that the window shows, in sentences.
pub(super) fn judge(window: &Window, extent: Extent) -> Vec<String> {
    let is_first = extent == Extent::Everything;
    let mut found = window.complaints();
    let check = |found: &mut Vec<String>, width: u32, names: &[&str]| {
        for (name, faults) in names.iter().zip(window.own_checks(names)) {
            let at_width = |fault| format!("{name} at {width}: {fault}");
            found.extend(faults.into_iter().map(at_width));
        }
    };
    let schemes = [(true, "dark", OF_COLOURS), (false, "light", &[])];
    for (dark, name, rules) in schemes.into_iter().filter(|(dark, ..)| is_first || !dark) {
        window.look(dark, 1280);
        let in_scheme = |fault| format!("axe in {name}: {fault}");
        found.extend(window.axe(rules).into_iter().map(in_scheme));
    }
    let desk = ["shape", "fields", "targets", "large", "spacing"];
    check(&mut found, 1280, &desk);
    if is_first {
        found.extend(window.tabs());
        window.own_checks(&["beforeForced"]);
        window.through(Medium::ForcedColours);
        check(&mut found, 1280, &["forced"]);
    }
    // What is printed is light, however the screen is.
    window.look(true, PAPER);
    window.through(Medium::Paper);
    check(&mut found, PAPER, &["printed"]);
    window.through(Medium::Screen);
    window.look(true, NARROWEST);
    check(&mut found, NARROWEST, &["reflow", "targets", "spacing"]);
    let narrow = |fault| format!("in the dark at {NARROWEST}: {fault}");
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
            :root {{ color-scheme: light dark; background: light-dark(#fff, #111); color: light-dark(#000, #eee) }}
            button, input {{ min-height: 44px; min-width: 44px; max-width: 100% }}
            a {{ display: inline-block; min-height: 24px }}
            :focus-visible {{ outline: 3px solid light-dark(#b4430a, #ffab66); outline-offset: 2px }}
            @media print {{ :root {{ color-scheme: light }} button {{ display: none }} }}
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
        let found = judge(&Self::show(style, body).window, Extent::Everything);
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
    let only_dark = "@media (prefers-color-scheme: dark) { p { color: #333 } }";
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
fn the_focus_shows_in_the_dark() {
    let dark = "@media (prefers-color-scheme: dark) { :focus-visible { outline-color: #222 } }";
    let expected = ["in the dark at 320: the focus on"];
    Sample::is_judged(dark, GOOD, &expected);
}

#[test]
fn text_may_be_twice_as_large() {
    let fixed = "form { min-width: 80rem }";
    let wide = ["large at 1280: the page is", "the page is 1"];
    Sample::is_judged(fixed, GOOD, &wide);
}

#[test]
fn a_part_shows_where_the_system_chooses_the_colours() {
    let parts = format!(
        "{GOOD}<p class=note>Only its ground makes it a part.</p>
        <p><button class=button>Cancel</button> <a href='#' aria-current=page>Here</a>
        <svg role=img aria-label=Code width=24 height=24></svg></p>"
    );
    let expected = [
        "“Only its ground makes it a part.” has no border",
        "“Sign in” is as any other",
        "that <a> “Here” is current does not show",
        "a picture loses its colours",
    ];
    let style = ".note { background: #eee; color: #000 } .button { border: 2px solid }";
    Sample::is_judged(style, &parts, &expected);
}

#[test]
fn a_printed_page_has_no_buttons_and_is_light_and_whole() {
    let style = "@media print { button { display: inline !important } h1 { background: #000; color: #fff } }
        textarea { height: 24px }";
    let secret = "<label>Token <textarea readonly>one\ntwo\nthree\nfour\nfive</textarea></label>";
    let expected = [
        "“Sign in” is printed",
        "“Sign in” is printed on a dark ground",
        "is printed in part",
        "less than 36",
    ];
    Sample::is_judged(style, &format!("{GOOD}{secret}"), &expected);
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

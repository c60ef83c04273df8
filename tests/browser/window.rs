//! A browser window, as the person before it uses it: by what stands on the page.

use std::path::Path;

use serde_json::{Value, json};

use super::driver;

/// How a person looks at pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// What the browser asks for in `Accept-Language`.
    pub(super) language: &'static str,
    pub(super) dark: bool,
    pub(super) width: u32,
    pub(super) scripts: bool,
    /// What the browser says it is, where it is another one than the one that there is.
    pub(super) agent: Option<&'static str>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            language: "en",
            dark: false,
            width: 1280,
            scripts: true,
            agent: None,
        }
    }
}

/// What a page is looked at through.
#[derive(Clone, Copy, Debug)]
pub(super) enum Medium {
    Screen,
    /// A screen whose colours the system chooses.
    ForcedColours,
    Paper,
}

impl Medium {
    fn word(self) -> &'static str {
        match self {
            Self::Screen => "screen",
            Self::ForcedColours => "forced colours",
            Self::Paper => "print",
        }
    }
}

/// The height that goes with a width.
fn height(width: u32) -> u32 {
    if width < 768 { 844 } else { 800 }
}

fn scheme(dark: bool) -> &'static str {
    if dark { "dark" } else { "light" }
}

/// See the module. Closed with everything in it when it is dropped.
pub(super) struct Window {
    number: u64,
    base_url: String,
}

/// A cookie that a window holds.
#[derive(Debug)]
pub(super) struct Cookie {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) http_only: bool,
    pub(super) same_site: String,
}

impl Window {
    /// Opens one onto the site at this address.
    pub(super) fn open(base_url: &str, look: Look) -> Self {
        let number = driver::next_number();
        let window = Self {
            number,
            base_url: base_url.to_owned(),
        };
        let look = json!({
            "language": look.language,
            "scheme": scheme(look.dark),
            "width": look.width,
            "height": height(look.width),
            "scripts": look.scripts,
            "reduced_motion": true,
            "agent": look.agent,
        });
        window.call("open", &json!({ "look": look }));
        window
    }

    #[track_caller]
    fn call(&self, name: &str, parameters: &Value) -> Value {
        match driver::call(self.number, name, parameters) {
            Ok(value) => value,
            Err(error) => panic!("{name} {parameters}: {error}\n{}", self.described()),
        }
    }

    /// Where the window is, for whoever reads a failure.
    fn described(&self) -> String {
        let ask = |name| driver::call(self.number, name, &json!({})).unwrap_or_default();
        let state = ask("state");
        let text = ask("text");
        format!(
            "at {} ({}), which says:\n{}",
            state["url"],
            state["status"],
            text.as_str().unwrap_or_default()
        )
    }

    /// Goes to a path of the site.
    #[track_caller]
    pub(super) fn go(&self, path: &str) {
        let url = format!("{}{path}", self.base_url);
        self.call("go", &json!({ "url": url }));
    }

    /// Goes to a path of another node of the same site, and stays there.
    #[track_caller]
    pub(super) fn go_to_node(&mut self, base_url: &str, path: &str) {
        base_url.clone_into(&mut self.base_url);
        self.go(path);
    }

    /// Presses the browser's back button.
    #[track_caller]
    pub(super) fn back(&self) {
        self.call("back", &json!({}));
    }

    /// Types into the field with this label, in place of what is there.
    #[track_caller]
    pub(super) fn fill(&self, label: &str, text: &str) {
        self.call("fill", &json!({ "label": label, "text": text }));
    }

    /// Types into the field with this name, whatever its label is in this window's language.
    #[track_caller]
    pub(super) fn fill_named(&self, name: &str, text: &str) {
        self.call("fill_named", &json!({ "name": name, "text": text }));
    }

    /// Presses the button that the page is about.
    #[track_caller]
    pub(super) fn press_main_button(&self) {
        let selector = "main form .button.primary, main form .button.danger";
        self.call("press_selected", &json!({ "selector": selector }));
    }

    /// Presses the button of another form of the page.
    #[track_caller]
    pub(super) fn press_in(&self, form: &str) {
        let selector = format!("{form} button");
        self.call("press_selected", &json!({ "selector": selector }));
    }

    /// Follows the first link that this selects, whatever its words are.
    #[track_caller]
    pub(super) fn follow(&self, selector: &str) {
        self.call("press_selected", &json!({ "selector": selector }));
    }

    /// Sets a hidden field, as nobody's browser does.
    #[track_caller]
    pub(super) fn set_hidden(&self, name: &str, value: &str) {
        self.call("set_hidden", &json!({ "name": name, "value": value }));
    }

    /// Cuts what stands in a field out into the clipboard.
    #[track_caller]
    pub(super) fn cut(&self, label: &str) {
        self.focus(label);
        self.key("Control+A");
        self.key("Control+X");
    }

    /// Pastes the clipboard into a field.
    #[track_caller]
    pub(super) fn paste(&self, label: &str) {
        self.focus(label);
        self.key("Control+V");
    }

    #[track_caller]
    fn focus(&self, label: &str) {
        self.call("focus", &json!({ "label": label }));
    }

    /// Presses Tab until the focus is on the field or button with these words.
    #[track_caller]
    pub(super) fn tab_to(&self, words: &str) {
        self.call("tab_to", &json!({ "words": words }));
    }

    /// Ticks the box, or picks the choice, with this label.
    #[track_caller]
    pub(super) fn tick(&self, label: &str) {
        self.call("tick", &json!({ "label": label }));
    }

    /// Picks a choice by the field's name and its value.
    #[track_caller]
    pub(super) fn tick_named(&self, name: &str, value: &str) {
        self.call("tick_named", &json!({ "name": name, "value": value }));
    }

    /// Unfolds a group of fields by a word of its summary.
    #[track_caller]
    pub(super) fn unfold(&self, summary: &str) {
        self.call("unfold", &json!({ "summary": summary }));
    }

    /// Whether the page has a field with this name.
    #[track_caller]
    pub(super) fn has_field(&self, name: &str) -> bool {
        let code = format!("() => document.querySelector('main [name={name}]') !== null");
        self.evaluate(&code) == json!(true)
    }

    /// What stands in the field with this label.
    #[track_caller]
    pub(super) fn value(&self, label: &str) -> String {
        text_of(&self.call("value", &json!({ "label": label })))
    }

    /// Presses a button or follows a link by its words, and waits for the page that it leads to.
    #[track_caller]
    pub(super) fn press(&self, name: &str) {
        self.call("press", &json!({ "name": name }));
    }

    /// Presses a button, and once more before the answer is there: what a double click does on a
    /// slow line. The browser drops the first answer.
    #[track_caller]
    pub(super) fn press_twice(&self, name: &str) {
        self.call("press_twice", &json!({ "name": name }));
    }

    /// Presses a button, and once more while what it sent is on its way: how often the browser
    /// sent it. What is there afterwards is the last answer.
    #[track_caller]
    pub(super) fn press_again(&self, name: &str) -> u64 {
        let sent = self.call("press_again", &json!({ "name": name }));
        sent.as_u64().expect("a number")
    }

    /// Presses one that leads to no other page.
    #[track_caller]
    pub(super) fn click(&self, name: &str) {
        self.call("click", &json!({ "name": name }));
    }

    /// Presses a key, such as `Tab`.
    #[track_caller]
    pub(super) fn key(&self, key: &str) {
        self.call("key", &json!({ "key": key }));
    }

    /// Presses a key that leads to another page, and waits for that.
    #[track_caller]
    pub(super) fn key_that_leads_on(&self, key: &str) {
        self.call("key_leads_on", &json!({ "key": key }));
    }

    /// Types where the focus is.
    #[track_caller]
    pub(super) fn write(&self, text: &str) {
        self.call("write", &json!({ "text": text }));
    }

    /// Looks at the same page otherwise.
    #[track_caller]
    pub(super) fn look(&self, dark: bool, width: u32) {
        let look = json!({ "scheme": scheme(dark), "width": width, "height": height(width) });
        self.call("look", &look);
    }

    /// Looks at the same page through another medium, until it is told otherwise.
    #[track_caller]
    pub(super) fn through(&self, medium: Medium) {
        self.call("medium", &json!({ "medium": medium.word() }));
    }

    /// How many sheets of paper the page takes when it is printed.
    #[track_caller]
    pub(super) fn sheets_of_paper(&self) -> u64 {
        let sheets = self.call("sheets", &json!({}));
        sheets.as_u64().expect("a number")
    }

    /// All that the page says.
    #[track_caller]
    pub(super) fn text(&self) -> String {
        text_of(&self.call("text", &json!({})))
    }

    /// Demands that the page says this, in one piece.
    #[track_caller]
    pub(super) fn reads(&self, words: &str) {
        let text = self.text();
        assert!(text.contains(words), "no {words:?} {}", self.described());
    }

    /// Demands that it does not.
    #[track_caller]
    pub(super) fn does_not_read(&self, words: &str) {
        let text = self.text();
        assert!(!text.contains(words), "{words:?} {}", self.described());
    }

    /// Demands that this is where the window is, by the path, and how the page was answered.
    #[track_caller]
    pub(super) fn is_at(&self, path: &str, status: u16) {
        let state = self.call("state", &json!({}));
        let url = text_of(&state["url"]);
        let there = url.strip_prefix(&self.base_url).unwrap_or(&url);
        let there = (there, state["status"].as_u64());
        assert_eq!(
            there,
            (path, Some(u64::from(status))),
            "{}",
            self.described()
        );
    }

    /// The path of the page that the window shows, if it is the page of a `GET` of that path: what
    /// that is answered with, or the form again that was sent to it, with what is wrong.
    #[track_caller]
    pub(super) fn path_of_page(&self) -> Option<String> {
        let state = self.call("state", &json!({}));
        if state["method"] != "GET" && state["status"] != 422 {
            return None;
        }
        let url = text_of(&state["url"]);
        let path = url.strip_prefix(&self.base_url)?;
        path.split(['?', '#']).next().map(str::to_owned)
    }

    /// A header of the page's answer.
    #[track_caller]
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let state = self.call("state", &json!({}));
        state["headers"][name].as_str().map(str::to_owned)
    }

    /// The page as the server sent it.
    #[track_caller]
    pub(super) fn html(&self) -> String {
        text_of(&self.call("html", &json!({})))
    }

    /// The cookies that the window holds.
    #[track_caller]
    pub(super) fn cookies(&self) -> Vec<Cookie> {
        let cookies = self.call("cookies", &json!({}));
        let cookies = cookies.as_array().expect("a list of cookies");
        let read = |cookie: &Value| Cookie {
            name: text_of(&cookie["name"]),
            value: text_of(&cookie["value"]),
            http_only: cookie["httpOnly"] == json!(true),
            same_site: text_of(&cookie["sameSite"]),
        };
        cookies.iter().map(read).collect()
    }

    /// Waits until something is on the page that is not there yet, as behind a page that leads on
    /// by itself.
    #[track_caller]
    pub(super) fn wait_for(&self, selector: &str) {
        self.call("wait_for", &json!({ "selector": selector }));
    }

    /// Gives the window a device that keeps passkeys and recognises whoever uses it.
    #[track_caller]
    pub(super) fn add_authenticator(&self) {
        self.call("add_authenticator", &json!({}));
    }

    /// What a function of JavaScript returns in the page.
    #[track_caller]
    pub(super) fn evaluate(&self, code: &str) -> Value {
        self.call("evaluate", &json!({ "code": code }))
    }

    /// What the browser complained of since this was last asked: scripts that failed, what a policy
    /// forbade, files that are missing, other sites that were asked.
    #[track_caller]
    pub(super) fn complaints(&self) -> Vec<String> {
        list_of(self.call("faults", &json!({})))
    }

    /// What axe-core finds serious, by these of its rules; by all of them where none is named.
    #[track_caller]
    pub(super) fn axe(&self, rules: &[&str]) -> Vec<String> {
        list_of(self.call("axe", &json!({ "rules": rules })))
    }

    /// What each of these checks of our own finds (`checks.js`).
    #[track_caller]
    pub(super) fn own_checks(&self, checks: &[&str]) -> Vec<Vec<String>> {
        let found = self.call("own", &json!({ "checks": checks }));
        let found = found.as_array().expect("a list for each check");
        found.iter().cloned().map(list_of).collect()
    }

    /// What is wrong with a walk through the page by the Tab key alone.
    #[track_caller]
    pub(super) fn tabs(&self) -> Vec<String> {
        list_of(self.call("tabs", &json!({})))
    }

    /// Takes a picture of the whole page.
    #[track_caller]
    pub(super) fn picture(&self, file: &Path) {
        self.call("picture", &json!({ "file": file, "full": true }));
    }

    /// Takes a picture of what is in view.
    #[track_caller]
    pub(super) fn picture_of_view(&self, file: &Path) {
        self.call("picture", &json!({ "file": file, "full": false }));
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn list_of(value: Value) -> Vec<String> {
    serde_json::from_value(value).expect("a list of texts")
}

impl Drop for Window {
    fn drop(&mut self) {
        // A browser that is gone has no windows.
        let _ = driver::call(self.number, "close", &json!({}));
    }
}

//! A browser window, as the person before it uses it: by what stands on the page.

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
    pub(super) forced_colours: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            language: "en",
            dark: false,
            width: 1280,
            scripts: true,
            forced_colours: false,
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
            "forced_colours": look.forced_colours,
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

    /// Looks at the same page otherwise.
    #[track_caller]
    pub(super) fn look(&self, dark: bool, width: u32) {
        let look = json!({ "scheme": scheme(dark), "width": width, "height": height(width) });
        self.call("look", &look);
    }

    /// What the browser complained of since this was last asked: scripts that failed, what a policy
    /// forbade, files that are missing, other sites that were asked.
    #[track_caller]
    pub(super) fn complaints(&self) -> Vec<String> {
        list_of(self.call("faults", &json!({})))
    }

    /// What axe-core finds serious.
    #[track_caller]
    pub(super) fn axe(&self) -> Vec<String> {
        list_of(self.call("axe", &json!({})))
    }

    /// What a check of our own finds (`checks.js`).
    #[track_caller]
    pub(super) fn own_check(&self, check: &str) -> Vec<String> {
        list_of(self.call("own", &json!({ "check": check })))
    }

    /// What is wrong with a walk through the page by the Tab key alone.
    #[track_caller]
    pub(super) fn tabs(&self) -> Vec<String> {
        list_of(self.call("tabs", &json!({})))
    }
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

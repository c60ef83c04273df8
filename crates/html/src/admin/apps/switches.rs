//! What an administrator turns on or off for an app: the app itself, and whether it is a resource
//! server.

use counterfoil_domain::administered::AppInUse;

use super::list::is_of_installation;
use super::{name_of, path_of};
use crate::admin::question::{Question, Weight};
use crate::frame::Frame;
use crate::layout::Entry;
use crate::text::Text;
use crate::view::View;
use crate::words;

/// The page that asks whether an app is to be suspended.
#[derive(Clone, Copy, Debug)]
pub struct SuspendApp<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The app.
    pub used: &'a AppInUse,
}

/// The page that asks whether the suspension of an app is to be lifted.
#[derive(Clone, Copy, Debug)]
pub struct UnsuspendApp<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The app.
    pub used: &'a AppInUse,
}

/// The page that asks whether an app is to be a resource server, or none any more if it is one.
#[derive(Clone, Copy, Debug)]
pub struct MarkResourceServer<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The app.
    pub used: &'a AppInUse,
}

impl View for SuspendApp<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminApps(frame.language);
        let name = name_of(&self.used.app);
        let (title, button) = if is_of_installation(self.used) {
            (words.suspend_built_in_title(name), words.turn_off())
        } else {
            (words.suspend_title(name), words.suspend())
        };
        let said = Said {
            end: "suspend",
            title,
            intro: vec![
                words.suspend_stops(),
                words.suspend_users(self.used.users),
                words.suspend_tokens(self.used.tokens),
            ],
            button,
            weight: Weight::Danger,
        };
        ask(frame, self.csrf, self.used, said)
    }
}

impl View for UnsuspendApp<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminApps(frame.language);
        let name = name_of(&self.used.app);
        let (title, button) = if is_of_installation(self.used) {
            (words.unsuspend_built_in_title(name), words.turn_on())
        } else {
            (words.unsuspend_title(name), words.unsuspend())
        };
        let said = Said {
            end: "unsuspend",
            title,
            intro: vec![words.unsuspend_intro()],
            button,
            weight: Weight::Primary,
        };
        ask(frame, self.csrf, self.used, said)
    }
}

impl View for MarkResourceServer<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminApps(frame.language);
        let name = name_of(&self.used.app);
        let said = if self.used.app.seen_tokens.are_all() {
            Said {
                end: "resource-server/take-back",
                title: words.unmark_title(name),
                intro: vec![words.unmark_intro()],
                button: words.unmark(),
                weight: Weight::Danger,
            }
        } else {
            Said {
                end: "resource-server",
                title: words.mark_title(name),
                intro: vec![words.mark_intro()],
                button: words.mark(),
                weight: Weight::Primary,
            }
        };
        ask(frame, self.csrf, self.used, said)
    }
}

/// In what these differ.
struct Said {
    end: &'static str,
    title: Text,
    intro: Vec<Text>,
    button: Text,
    weight: Weight,
}

fn ask(frame: &Frame<'_>, csrf: &str, used: &AppInUse, said: Said) -> String {
    let words = words::AdminApps(frame.language);
    let path = path_of(&used.app);
    Question {
        entry: Entry::AllApps,
        csrf,
        action: format!("{path}/{}", said.end),
        back: path,
        back_name: words.one_title(name_of(&used.app)),
        title: said.title,
        intro: said.intro,
        banner: None,
        fields: Vec::new(),
        radios: None,
        problem: None,
        button: said.button,
        weight: said.weight,
        cancel: words.cancel(),
    }
    .render(frame)
}

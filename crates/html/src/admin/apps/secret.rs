//! A secret that everybody may know.

use counterfoil_domain::administered::AppInUse;
use counterfoil_domain::app::AppSecret;

use super::{name_of, path_of};
use crate::admin::question::{Question, Weight};
use crate::frame::Frame;
use crate::layout::Entry;
use crate::view::View;
use crate::words;

/// The page that asks whether a secret is to count as published.
#[derive(Clone, Copy, Debug)]
pub struct PublishSecret<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The app.
    pub used: &'a AppInUse,
    /// Which secret.
    pub secret: &'a AppSecret,
}

impl View for PublishSecret<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminApps(frame.language);
        let (path, name) = (path_of(&self.used.app), name_of(&self.used.app));
        let used = match self.secret.last_used_at {
            Some(at) => words.publish_used(frame.date_and_time(at)),
            None => words.publish_never_used(),
        };
        Question {
            entry: Entry::AllApps,
            csrf: self.csrf,
            action: format!("{path}/secrets/{}/publish", self.secret.id),
            back: path,
            back_name: words.one_title(name),
            title: words.publish_title(self.secret.last_eight.as_str(), name),
            intro: vec![words.publish_stops(), words.publish_forever(), used],
            banner: None,
            fields: Vec::new(),
            radios: None,
            problem: None,
            button: words.publish(),
            weight: Weight::Danger,
            cancel: words.cancel(),
        }
        .render(frame)
    }
}

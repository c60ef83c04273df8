//! Why an app that led somebody here may not ask, and what became of a question that was asked.

use askama::Template;
use counterfoil_domain::oauth::Destination;

use super::back;
use crate::frame::Frame;
use crate::layout::Layout;
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// Why there is no question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowProblem<'a> {
    /// 404: there is no such app. Its id, if it could be one.
    UnknownApp(Option<&'a str>),
    /// 400: the redirect URI fits no callback.
    ReturnAddress,
    /// 400: the app may do nothing for the time being.
    Suspended,
    /// 400: a parameter is missing, stands there twice, or is none that can be.
    Incomplete(&'static str),
    /// 400: the address is longer than any that an app needs.
    TooLong,
    /// 403: the page was fetched, or stands in another one.
    NotByItself,
    /// 409: the question has had its answer.
    Answered,
    /// 403: its time is over, or it was asked elsewhere.
    Over,
}

/// The page that says so.
#[derive(Clone, Copy, Debug)]
pub struct FlowProblemPage<'a> {
    /// What it says.
    pub problem: FlowProblem<'a>,
    /// Where the app is, with the address that leads there.
    pub back: Option<(Destination<'a>, &'a str)>,
}

/// The page for an answer to a question that somebody else was asked.
#[derive(Clone, Copy, Debug)]
pub struct OtherAccount<'a> {
    /// Who is signed in.
    pub now: &'a str,
    /// Who was asked.
    pub before: &'a str,
    /// Where the same question is asked of who is signed in.
    pub anew: &'a str,
}

#[derive(Template)]
#[template(path = "oauth/problem.html")]
struct Page<'a> {
    layout: Layout<'a>,
    title: Text,
    texts: Vec<Text>,
    link: Option<(&'a str, Text)>,
}

impl View for FlowProblemPage<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Oauth(frame.language);
        let nothing = || vec![words.nothing_shared()];
        let (title, texts) = match self.problem {
            FlowProblem::UnknownApp(id) => {
                let mut texts = nothing();
                texts.extend(id.map(|id| words.client_id(id)));
                (words.unknown_app(), texts)
            }
            FlowProblem::ReturnAddress => (words.return_address(), nothing()),
            FlowProblem::Suspended => (words.suspended(), nothing()),
            FlowProblem::Incomplete(parameter) => (words.incomplete(parameter), nothing()),
            FlowProblem::TooLong => (words.too_long(), nothing()),
            FlowProblem::NotByItself => {
                let texts = vec![words.not_by_itself_more(), words.nothing_shared()];
                (words.not_by_itself(), texts)
            }
            FlowProblem::Answered => (words.answered(), Vec::new()),
            FlowProblem::Over => (words.over(), vec![words.over_more()]),
        };
        filled(&Page {
            layout: Layout::slim(frame, title.clone()),
            title,
            texts,
            link: self
                .back
                .map(|(destination, address)| (address, back(words, destination))),
        })
    }
}

impl View for OtherAccount<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Oauth(frame.language);
        let title = words.other_account(self.before, self.now);
        filled(&Page {
            layout: Layout::slim(frame, title.clone()),
            title,
            texts: Vec::new(),
            link: Some((self.anew, words.continue_as(self.now))),
        })
    }
}

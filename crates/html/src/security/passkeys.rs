//! The passkeys of an account: the list, one more, another name, and the end of one.

use askama::Template;
use counterfoil_domain::id::PasskeyId;
use counterfoil_domain::language::Language;
use counterfoil_domain::passkey::{LONGEST_PASSKEY_NAME, PasskeyNameRefused};
use counterfoil_domain::timestamp::Timestamp;

use super::place::SetUpPlace;
use crate::components::{Banner, Field, Summary};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::sign_in::PASSKEY_TIMEOUT_MS;
use crate::stranger::Stranger;
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

/// A passkey as a row of a list.
#[derive(Clone, Copy, Debug)]
pub struct PasskeyRow<'a> {
    /// The id, by which its page is found.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: &'a str,
    /// When it was added.
    pub made: Timestamp,
    /// When it was used last.
    pub last_used: Option<Timestamp>,
    /// The host that it works at, if the page is reached by another one.
    pub elsewhere: Option<&'a str>,
}

/// A row in words.
pub(super) struct Row<'a> {
    pub(super) path: String,
    pub(super) name: Stranger<'a>,
    pub(super) facts: Vec<Text>,
}

impl<'a> Row<'a> {
    pub(super) fn of(passkey: &PasskeyRow<'a>, frame: &Frame<'_>) -> Self {
        let words = words::Passkeys(frame.language);
        let elsewhere = passkey.elsewhere.map(|host| words.elsewhere(host));
        Self {
            path: format!("/settings/security/passkeys/{}", passkey.id),
            name: Stranger(passkey.name),
            facts: [used(passkey, frame), words.made(frame.when(passkey.made))]
                .into_iter()
                .chain(elsewhere)
                .collect(),
        }
    }
}

pub(super) fn used(passkey: &PasskeyRow<'_>, frame: &Frame<'_>) -> Text {
    let words = words::Passkeys(frame.language);
    match passkey.last_used {
        Some(at) => words.last_used(frame.when(at)),
        None => words.never_used(),
    }
}

/// The list of somebody's passkeys, with the form for one more.
#[derive(Clone, Copy, Debug)]
pub struct Passkeys<'a> {
    /// The token of its form, which goes to `/settings/security/passkeys`.
    pub csrf: &'a str,
    /// The passkeys, the newest first.
    pub passkeys: &'a [PasskeyRow<'a>],
    /// Whether passkeys are made where this page is.
    pub place: PasskeyPlace,
    /// Whether there is no other second factor.
    pub is_first_factor: bool,
    /// What was typed as the name.
    pub name: &'a str,
    /// Why the form comes again.
    pub problem: Option<PasskeyProblem>,
}

/// Whether passkeys are made under the address by which a page was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyPlace {
    /// They are.
    Here,
    /// It is an IP address, which browsers bind none to.
    Address,
    /// Passkeys of this installation are for another host, or an encrypted one.
    OtherHost,
}

/// Why a passkey was not added, or did not get a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyProblem {
    /// The name may not be one.
    Name(PasskeyNameRefused),
    /// There are as many as there may be.
    TooMany(u64),
    /// A program of an earlier version still runs, which would not ask for it.
    TooEarly,
    /// Too many are being asked for.
    Busy,
    /// What the browser sent does not fit what it was asked for.
    NotMade,
    /// It belongs to somebody already.
    Taken,
}

/// The field for the name of a passkey, with what was typed, and the summary of what is wrong.
pub(super) fn name_and_summary(
    typed: &str,
    refused: Option<PasskeyProblem>,
    frame: &Frame<'_>,
) -> (Field, Summary) {
    let words = words::Passkeys(frame.language);
    let (of_name, whole) = refused.map_or((None, None), |it| problem(it, words));
    let name = Field::text("name", words.name())
        .hint(words.name_hint())
        .longest(100)
        .value(typed)
        .error(of_name);
    let summary = Summary::new(frame.language).field(&name);
    let summary = match whole {
        Some(problem) => summary.problem(problem),
        None => summary,
    };
    (name, summary)
}

/// The problem of the name, or of the page as a whole.
fn problem(problem: PasskeyProblem, words: words::Passkeys) -> (Option<Text>, Option<Text>) {
    match problem {
        PasskeyProblem::Name(refused) => {
            let problem = match refused {
                PasskeyNameRefused::Empty => words.enter_name(),
                PasskeyNameRefused::TooLong => words.name_too_long(LONGEST_PASSKEY_NAME),
                PasskeyNameRefused::Control => words.name_control(),
            };
            (Some(problem), None)
        }
        PasskeyProblem::TooMany(count) => (None, Some(words.too_many(count))),
        PasskeyProblem::TooEarly => (None, Some(words.too_early())),
        PasskeyProblem::Busy => (None, Some(words.busy())),
        PasskeyProblem::NotMade => (None, Some(words.not_made())),
        PasskeyProblem::Taken => (None, Some(words.another_account())),
    }
}

#[derive(Template)]
#[template(path = "passkeys/list.html")]
struct ListPage<'a> {
    layout: Layout<'a>,
    words: words::Passkeys,
    passkey_words: words::Passkey,
    view: &'a Passkeys<'a>,
    summary: Summary,
    none_here: Option<Banner>,
    rows: Vec<Row<'a>>,
    name: Field,
}

impl View for Passkeys<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Passkeys(frame.language);
        let (name, summary) = name_and_summary(self.name, self.problem, frame);
        filled(&ListPage {
            layout: Layout::settings(frame, Entry::Security, words.title())
                .with_script(crate::assets::PASSKEY_JS)
                .with_problems_of(&summary),
            words,
            passkey_words: words::Passkey(frame.language),
            view: self,
            summary,
            none_here: match self.place {
                PasskeyPlace::Here => None,
                PasskeyPlace::Address => Some(Banner::info(words.no_name())),
                PasskeyPlace::OtherHost => Some(Banner::info(words.other_host())),
            },
            rows: self
                .passkeys
                .iter()
                .map(|row| Row::of(row, frame))
                .collect(),
            name,
        })
    }
}

/// The page that has the browser make a passkey. Its form is filled in and sent by a script;
/// nothing else can.
#[derive(Clone, Copy, Debug)]
pub struct AddPasskey<'a> {
    /// Where it is made: its form goes to `/settings/security/passkeys/add`, or to the link.
    pub place: SetUpPlace,
    /// The token of its form.
    pub csrf: &'a str,
    /// What it is to be called.
    pub name: &'a str,
    /// The login.
    pub login: &'a str,
    /// What the user is called.
    pub display_name: &'a str,
    /// The challenge, in base64 of URLs.
    pub challenge: &'a str,
    /// The host that the passkey is for.
    pub rp_id: &'a str,
    /// What stands for the user, in base64 of URLs.
    pub user_handle: &'a str,
    /// The passkeys that are there, as the field `known` of
    /// [`UsePasskey`](crate::sign_in::UsePasskey) has them.
    pub known: &'a [String],
    /// The numbers of the kinds of keys that are accepted, the best first.
    pub algorithms: &'a [i64],
}

#[derive(Template)]
#[template(path = "passkeys/add.html")]
struct AddPage<'a> {
    layout: Layout<'a>,
    parts: AddParts<'a>,
}

#[derive(Template)]
#[template(path = "passkeys/add_by_link.html")]
struct AddByLinkPage<'a> {
    layout: Layout<'a>,
    parts: AddParts<'a>,
}

/// What both show.
struct AddParts<'a> {
    words: words::Passkeys,
    passkey_words: words::Passkey,
    view: &'a AddPasskey<'a>,
    action: &'static str,
    back: &'static str,
    title: Text,
    known: String,
    algorithms: String,
    timeout: u32,
}

impl View for AddPasskey<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::Passkeys(frame.language);
        let title = words.add_title(Stranger(self.name));
        let algorithms = self.algorithms.iter().map(i64::to_string);
        let (layout, action, back) = match self.place {
            SetUpPlace::Security => (
                Layout::settings(frame, Entry::Security, title.clone()),
                "/settings/security/passkeys/add",
                "/settings/security/passkeys",
            ),
            SetUpPlace::Link => (Layout::flow(frame, title.clone()), "/link", "/link"),
        };
        let layout = layout.with_script(crate::assets::PASSKEY_JS);
        let parts = AddParts {
            words,
            passkey_words: words::Passkey(frame.language),
            view: self,
            action,
            back,
            title,
            known: self.known.join(" "),
            algorithms: algorithms.collect::<Vec<_>>().join(" "),
            timeout: PASSKEY_TIMEOUT_MS,
        };
        match self.place {
            SetUpPlace::Security => filled(&AddPage { layout, parts }),
            SetUpPlace::Link => filled(&AddByLinkPage { layout, parts }),
        }
    }
}

/// What is said when a passkey was added.
pub fn passkey_added(language: Language, name: &str) -> String {
    words::Passkeys(language)
        .status_added(Stranger(name))
        .plain()
}

//! A member of an organization: added, given another role, removed.

use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Organization, Role};

use super::path_of;
use crate::admin::question::{Question, Weight};
use crate::components::{Banner, Choice, Field, Radios};
use crate::frame::Frame;
use crate::layout::Entry;
use crate::stranger::Stranger;
use crate::text::{Text, link};
use crate::view::View;
use crate::words;

/// The name of the field in which the role is chosen.
const ROLE: &str = "role";

/// The page that adds a member.
#[derive(Clone, Copy, Debug)]
pub struct AddMember<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// To which organization.
    pub organization: &'a Organization,
    /// The login that was typed.
    pub login: &'a str,
    /// The role that was chosen.
    pub role: Option<Role>,
    /// What is wrong with it.
    pub problem: Option<MemberProblem>,
}

/// Why somebody gets no role in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberProblem {
    /// No login was typed.
    NoLogin,
    /// Nobody has the login.
    NoSuchUser,
    /// No role was chosen.
    NoRole,
    /// The organization would have no owner.
    LastOwner,
}

/// The page that gives a member another role.
#[derive(Clone, Copy, Debug)]
pub struct ChangeRole<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// In which organization.
    pub organization: &'a Organization,
    /// Who it is.
    pub login: &'a Login,
    /// What they are, or what was chosen.
    pub role: Option<Role>,
    /// What is wrong with it.
    pub problem: Option<MemberProblem>,
}

/// The page that asks whether somebody is to leave an organization.
#[derive(Clone, Copy, Debug)]
pub struct RemoveMember<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// Which organization.
    pub organization: &'a Organization,
    /// Who it is.
    pub login: &'a Login,
    /// What they are.
    pub role: Role,
    /// What is in the way.
    pub problem: Option<MemberProblem>,
}

impl View for AddMember<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminOrganizations(frame.language);
        let organization = self.organization.login.as_str();
        let wrong_login = match self.problem {
            Some(MemberProblem::NoLogin) => Some(words.enter_user()),
            Some(MemberProblem::NoSuchUser) => Some(words.no_such_user(Stranger(self.login))),
            Some(MemberProblem::LastOwner) => {
                Some(words.last_owner(Stranger(self.login), organization))
            }
            Some(MemberProblem::NoRole) | None => None,
        };
        let wrong_role =
            || (self.problem == Some(MemberProblem::NoRole)).then(|| words.choose_role());
        Question {
            entry: Entry::Organizations,
            csrf: self.csrf,
            action: format!("{}/members", path_of(self.organization)),
            back: path_of(self.organization),
            back_name: words.one_title(organization),
            title: words.add_title(organization),
            intro: vec![words.add_intro()],
            banner: None,
            fields: vec![
                Field::text("user", words.user_login())
                    .value(self.login)
                    .error(wrong_login),
            ],
            radios: Some(roles(words, self.role).error(wrong_role())),
            problem: wrong_role().map(|problem| (Some(ROLE), problem)),
            button: words.add(),
            weight: Weight::Primary,
            cancel: words.cancel(),
        }
        .render(frame)
    }
}

impl View for ChangeRole<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminOrganizations(frame.language);
        let organization = self.organization.login.as_str();
        let (login, path) = (self.login.as_str(), path_of(self.organization));
        let wrong = || match self.problem {
            Some(MemberProblem::LastOwner) => Some(words.last_owner(login, organization)),
            Some(_) => Some(words.choose_role()),
            None => None,
        };
        let action = format!("{path}/members/{login}");
        let remove = link(&format!("{action}/remove"), &words.remove_link());
        Question {
            entry: Entry::Organizations,
            csrf: self.csrf,
            action,
            back: path,
            back_name: words.one_title(organization),
            title: words.role_title(login, organization),
            intro: vec![words.role_intro(), remove],
            banner: None,
            fields: Vec::new(),
            radios: Some(roles(words, self.role).error(wrong())),
            problem: wrong().map(|problem| (Some(ROLE), problem)),
            button: words.save(),
            weight: Weight::Primary,
            cancel: words.cancel(),
        }
        .render(frame)
    }
}

impl View for RemoveMember<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminOrganizations(frame.language);
        let organization = self.organization.login.as_str();
        let (login, path) = (self.login.as_str(), path_of(self.organization));
        let owner = (self.role == Role::Admin).then(|| words.remove_owner(login));
        Question {
            entry: Entry::Organizations,
            csrf: self.csrf,
            action: format!("{path}/members/{login}/remove"),
            back: format!("{path}/members/{login}"),
            back_name: words.role_title(login, organization),
            title: words.remove_title(login, organization),
            intro: vec![words.remove_intro(login)],
            banner: owner.map(Banner::warn),
            fields: Vec::new(),
            radios: None,
            problem: self
                .problem
                .map(|_| (None, words.last_owner(login, organization))),
            button: words.remove(),
            weight: Weight::Danger,
            cancel: words.cancel(),
        }
        .render(frame)
    }
}

fn roles(words: words::AdminOrganizations, chosen: Option<Role>) -> Radios {
    let choice = |role: Role, label: Text, aside: Text| Choice {
        value: role.as_str().to_owned(),
        label,
        aside: Some(aside),
        is_chosen: chosen == Some(role),
    };
    let choices = vec![
        choice(Role::Member, words.ordinary(), words.ordinary_aside()),
        choice(Role::Admin, words.owner(), words.owner_aside()),
    ];
    Radios::new(ROLE, words.as_what(), choices)
}

//! The end of an organization.

use counterfoil_domain::organization::{Organization, OrganizationUse};

use super::path_of;
use crate::admin::question::{Question, Weight};
use crate::components::Field;
use crate::frame::Frame;
use crate::layout::Entry;
use crate::view::View;
use crate::words;

/// The page that asks whether an organization is to be deleted.
#[derive(Clone, Copy, Debug)]
pub struct DeleteOrganization<'a> {
    /// The token of its form.
    pub csrf: &'a str,
    /// The organization.
    pub organization: &'a Organization,
    /// What ends with it.
    pub used: OrganizationUse,
    /// What was typed, if it is another login.
    pub typed: Option<&'a str>,
}

impl View for DeleteOrganization<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminOrganizations(frame.language);
        let (organization, path) = (self.organization.login.as_str(), path_of(self.organization));
        let login = Field::text("organization", words.type_login())
            .hint(words.type_login_hint(organization))
            .value(self.typed.unwrap_or_default())
            .error(self.typed.map(|_| words.enter_organization(organization)));
        Question {
            entry: Entry::Organizations,
            csrf: self.csrf,
            action: format!("{path}/delete"),
            back: path,
            back_name: words.one_title(organization),
            title: words.delete_title(organization),
            intro: vec![
                words.delete_members(self.used.members),
                words.delete_apps(self.used.apps),
                words.delete_tokens(self.used.tokens),
            ],
            banner: None,
            fields: vec![login],
            radios: None,
            problem: None,
            button: words.delete(),
            weight: Weight::Danger,
            cancel: words.cancel(),
        }
        .render(frame)
    }
}

//! The scopes to choose from: in groups, each scope with what it lets somebody do, and below it
//! what it includes.

use askama::Template;
use askama::filters::HtmlSafe;
use counterfoil_domain::language::Language;
use counterfoil_domain::scope::{Scope, Standing};

use crate::components::{Badge, Icon};
use crate::scopes::{Group, ScopeInWords};
use crate::text::Text;
use crate::words;

/// The older name of a scope, which clients still send: nobody need choose it.
const OLDER_NAME: &str = "admin:business";

/// The fieldset of scopes.
#[derive(Template)]
#[template(path = "tokens/scope_tree.html")]
pub(super) struct ScopeTree {
    words: words::Tokens,
    error: Option<(Icon, Text)>,
    groups: Vec<GroupOfScopes>,
}

struct GroupOfScopes {
    name: Text,
    hint: Option<Text>,
    chosen: Option<Badge>,
    scopes: Vec<Node>,
}

/// A scope with those that it includes.
#[derive(Template)]
#[template(path = "tokens/scope.html")]
struct Node {
    name: &'static str,
    sentence: Text,
    risk: Badge,
    /// Shown while a scope above it is ticked.
    included: Option<Badge>,
    is_ticked: bool,
    below: Vec<Node>,
}

impl HtmlSafe for ScopeTree {}
impl HtmlSafe for Node {}

impl ScopeTree {
    /// What a person of this standing may choose, with these ticked. Those for administrators are
    /// offered to nobody else; one that is ticked is shown all the same, so that it can be taken
    /// away.
    pub(super) fn new(
        language: Language,
        standing: Standing,
        ticked: &[Scope],
        error: Option<Text>,
    ) -> Self {
        let words = words::Tokens(language);
        let is_offered = |scope: Scope| {
            let is_allowed =
                standing == Standing::SiteAdministrator || !scope.is_for_administrators();
            ticked.contains(&scope) || (is_allowed && scope.name() != OLDER_NAME)
        };
        let offered: Vec<Scope> = Scope::all().filter(|scope| is_offered(*scope)).collect();
        let groups = Group::ALL.into_iter().filter_map(|group| {
            let is_here = |scope: Scope| ScopeInWords::of(scope).group == group;
            // One whose parent is not offered stands at the top itself.
            let at_top = |scope: &Scope| {
                is_here(*scope) && scope.parent().is_none_or(|above| !offered.contains(&above))
            };
            let tops = offered.iter().copied().filter(at_top);
            let scopes: Vec<Node> = tops
                .map(|scope| Node::new(language, scope, &offered, ticked, Place::Top))
                .collect();
            let chosen = ticked.iter().filter(|scope| is_here(**scope)).count();
            (!scopes.is_empty()).then(|| GroupOfScopes {
                name: group.name(language),
                hint: group.hint(language),
                chosen: (chosen > 0).then(|| Badge::plain(words.chosen(chosen))),
                scopes,
            })
        });
        Self {
            words,
            error: error.map(|error| (Icon::Warn, error)),
            groups: groups.collect(),
        }
    }
}

/// Whether a scope stands below another one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Below,
}

impl Node {
    fn new(
        language: Language,
        scope: Scope,
        offered: &[Scope],
        ticked: &[Scope],
        place: Place,
    ) -> Self {
        let in_words = ScopeInWords::of(scope);
        let included = || Badge::included(words::Tokens(language).included());
        let children = offered.iter().filter(|other| other.parent() == Some(scope));
        let below =
            children.map(|child| Self::new(language, *child, offered, ticked, Place::Below));
        Self {
            name: scope.name(),
            sentence: in_words.sentence(language),
            risk: Badge::risk(in_words.risk, in_words.risk.word(language)),
            included: (place == Place::Below).then(included),
            is_ticked: ticked.contains(&scope),
            below: below.collect(),
        }
    }
}

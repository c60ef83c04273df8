//! What an app can do: its scopes in words, those first that give the most away.

use std::cmp::Reverse;

use askama::Template;
use askama::filters::HtmlSafe;
use counterfoil_domain::language::Language;
use counterfoil_domain::scope::ScopeSet;

use crate::components::{Badge, Icon};
use crate::scopes::{Risk, ScopeInWords};
use crate::text::Text;
use crate::words;

/// A list of scopes in words; of none it says what is left.
#[derive(Template)]
#[template(path = "components/powers.html")]
pub struct Powers {
    powers: Vec<Power>,
}

struct Power {
    icon: Icon,
    sentence: Text,
    /// The name that programs use.
    scope: Option<&'static str>,
    risk: Badge,
}

impl Powers {
    /// What these scopes let an app do.
    pub fn of(language: Language, scopes: &ScopeSet) -> Self {
        let mut in_words: Vec<_> = scopes.iter().map(ScopeInWords::of).collect();
        in_words.sort_by_key(|scope| Reverse(scope.risk));
        if in_words.is_empty() {
            let sentence = words::Scopes(language).public_only();
            return Self {
                powers: vec![Power::new(language, Risk::Read, sentence, None)],
            };
        }
        let power = |scope: &ScopeInWords| {
            let sentence = scope.sentence(language);
            Power::new(language, scope.risk, sentence, Some(scope.name))
        };
        Self {
            powers: in_words.into_iter().map(power).collect(),
        }
    }
}

impl Power {
    fn new(language: Language, risk: Risk, sentence: Text, scope: Option<&'static str>) -> Self {
        Self {
            icon: match risk {
                Risk::Read => Icon::Eye,
                Risk::Write => Icon::Pencil,
                Risk::Administer => Icon::Gear,
            },
            sentence,
            scope,
            risk: Badge::risk(risk, risk.word(language)),
        }
    }
}

impl HtmlSafe for Powers {}

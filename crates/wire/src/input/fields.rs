//! Turns texts of a body into types of the domain, and gathers what is wrong with them as errors of
//! fields.

use counterfoil_domain::scope::{Scope, ScopeSet};
use counterfoil_domain::text::{Fingerprint, Note, NoteUrl, TextRefused};

use crate::problem::{Field, FieldError, Problem};

/// Unknown names that are gathered at most: one more than an error repeats.
const GATHERED_NAMES: usize = 11;

/// Converts fields and remembers refusals.
#[derive(Default)]
pub(super) struct Fields(Vec<FieldError>);

impl Fields {
    pub(super) fn note(&mut self, text: &str) -> Option<Note> {
        self.text(Field::Description, Note::parse(text))
    }

    pub(super) fn note_url(&mut self, text: &str) -> Option<NoteUrl> {
        self.text(Field::NoteUrl, NoteUrl::parse(text))
    }

    pub(super) fn fingerprint(&mut self, text: &str) -> Option<Fingerprint> {
        self.text(Field::Fingerprint, Fingerprint::parse(text))
    }

    fn text<T>(&mut self, field: Field, parsed: Result<T, TextRefused>) -> Option<T> {
        parsed
            .map_err(|refused| self.refuse(FieldError::text(field, refused)))
            .ok()
    }

    pub(super) fn scope_set(&mut self, names: &[&str]) -> ScopeSet {
        ScopeSet::from_scopes(self.scopes(names))
    }

    /// The scopes of these names, each once. However many names there are, each is compared with a
    /// bounded number of scopes and of unknown names.
    pub(super) fn scopes(&mut self, names: &[&str]) -> Vec<Scope> {
        let mut scopes = Vec::new();
        let mut unknown: Vec<&str> = Vec::new();
        for &name in names {
            match Scope::find(name) {
                Some(scope) if scopes.contains(&scope) => {}
                Some(scope) => scopes.push(scope),
                None if unknown.len() < GATHERED_NAMES && !unknown.contains(&name) => {
                    unknown.push(name);
                }
                None => {}
            }
        }
        if !unknown.is_empty() {
            self.refuse(FieldError::unknown_scopes(unknown));
        }
        scopes
    }

    pub(super) fn refuse(&mut self, error: FieldError) {
        self.0.push(error);
    }

    /// The problem that was gathered.
    pub(super) fn into_problem(self) -> Problem {
        Problem::ValidationFailed(self.0)
    }

    pub(super) fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.into_problem())
        }
    }
}

//! What the checks look at and what they answer.

use std::fmt;
use std::fs;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// The text files of the workspace, held in memory.
pub(crate) struct Tree {
    files: Vec<File>,
}

pub(crate) struct File {
    /// Relative to the root, with `/` between its parts.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Something to put right.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    path: String,
    /// From 1; absent when the whole file is meant.
    line: Option<usize>,
    message: String,
}

impl Tree {
    /// Reads every file that git knows or would add; those that are not UTF-8 are left out.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        let mut files = Vec::new();
        for path in workspace.files()? {
            let bytes = fs::read(workspace.root().join(&path))
                .with_context(|| format!("{} could not be read", path.display()))?;
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(File {
                    path: path.to_string_lossy().into_owned(),
                    text,
                });
            }
        }
        Ok(Self { files })
    }

    /// A tree made of samples.
    #[cfg(test)]
    pub(crate) fn of(samples: &[(&str, &str)]) -> Self {
        let files = samples
            .iter()
            .map(|(path, text)| File {
                path: (*path).to_owned(),
                text: (*text).to_owned(),
            })
            .collect();
        Self { files }
    }

    /// All files, sorted by path.
    pub(crate) fn files(&self) -> &[File] {
        &self.files
    }

    /// The files whose path has this ending.
    pub(crate) fn ending(&self, ending: &'static str) -> impl Iterator<Item = &File> {
        self.files
            .iter()
            .filter(move |file| file.path.ends_with(ending))
    }

    /// Whether a file or a folder is there. The root is the empty path.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        path.is_empty()
            || self
                .files
                .iter()
                .any(|file| file.path == path || file.path.starts_with(&folder))
    }
}

impl File {
    /// The lines with their numbers from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    /// A finding on one line of this file.
    pub(crate) fn finding_at(&self, line: usize, message: impl Into<String>) -> Finding {
        Finding {
            path: self.path.clone(),
            line: Some(line),
            message: message.into(),
        }
    }

    /// A finding on the whole of this file.
    pub(crate) fn finding(&self, message: impl Into<String>) -> Finding {
        Finding::on(&self.path, message)
    }
}

impl Finding {
    /// A finding on a file or folder that may not be in the tree.
    pub(crate) fn on(path: &str, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line: None,
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(out, "{}:{line}: {}", self.path, self.message),
            None => write!(out, "{}: {}", self.path, self.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_reads_as_an_editor_expects() {
        let tree = Tree::of(&[("a/b.rs", "one\ntwo\n")]);
        let file = &tree.files()[0];
        assert_eq!(file.finding_at(2, "no").to_string(), "a/b.rs:2: no");
        assert_eq!(file.finding("no").to_string(), "a/b.rs: no");
    }

    #[test]
    fn a_folder_is_held_when_a_file_is_in_it() {
        let tree = Tree::of(&[("a/b.rs", "")]);
        assert!(tree.holds("a"));
        assert!(tree.holds("a/b.rs"));
        assert!(tree.holds(""));
        assert!(!tree.holds("a/b"));
    }
}

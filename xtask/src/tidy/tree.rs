//! What the checks look at and what they answer.

use std::fmt;
use std::fs;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// The text files of the workspace, held in memory.
pub(crate) struct Tree {
    files: Vec<File>,
    /// The paths of what is no text, such as pictures.
    others: Vec<String>,
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
    /// Reads every file that git knows or would add; of those that are not UTF-8, the paths.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        let (mut files, mut others) = (Vec::new(), Vec::new());
        for path in workspace.files()? {
            let bytes = fs::read(workspace.root().join(&path))
                .with_context(|| format!("{} could not be read", path.display()))?;
            let path = path.to_string_lossy().into_owned();
            match String::from_utf8(bytes) {
                Ok(text) => files.push(File { path, text }),
                Err(_) => others.push(path),
            }
        }
        Ok(Self { files, others })
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
        let others = Vec::new();
        Self { files, others }
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
        let texts = self.files.iter().map(|file| &file.path);
        path.is_empty()
            || texts
                .chain(&self.others)
                .any(|held| held == path || held.starts_with(&folder))
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
    fn a_picture_is_held_though_it_is_no_text() {
        let mut tree = Tree::of(&[("a.md", "")]);
        tree.others.push("images/b.png".to_owned());
        assert!(tree.holds("images/b.png"));
        assert!(tree.holds("images"));
        assert!(!tree.holds("images/c.png"));
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

//! The pages under `docs/run` and the README, for tests that run what they print.

use std::fs;
use std::path::Path;

pub(crate) struct Page(String);

impl Page {
    /// The page in this file under `docs/run`.
    pub(crate) fn read(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/run");
        Self(fs::read_to_string(folder.join(name)).expect("the page is there"))
    }

    /// The README.
    pub(crate) fn readme() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        Self(fs::read_to_string(root.join("README.md")).expect("there is a README"))
    }

    /// The part under a heading, up to the next one.
    pub(crate) fn section(&self, heading: &str) -> Self {
        let (_, rest) = self
            .0
            .split_once(&format!("\n{heading}\n"))
            .expect("the page has this heading");
        let (section, _) = rest.split_once("\n#").unwrap_or((rest, ""));
        Self(section.to_owned())
    }

    /// All blocks of a language, in order.
    pub(crate) fn blocks(&self, language: &str) -> Vec<String> {
        let fence = format!("```{language}\n");
        let mut blocks = Vec::new();
        let mut rest = self.0.as_str();
        while let Some((_, after)) = rest.split_once(&fence) {
            let (block, after) = after.split_once("```\n").expect("a block has an end");
            blocks.push(block.to_owned());
            rest = after;
        }
        assert!(!blocks.is_empty(), "the page has no {language}");
        blocks
    }

    /// The only block of a language.
    pub(crate) fn block(&self, language: &str) -> String {
        let mut blocks = self.blocks(language);
        assert_eq!(blocks.len(), 1, "the page has one {language}");
        blocks.remove(0)
    }

    /// The paragraph that begins so.
    pub(crate) fn paragraph(&self, beginning: &str) -> String {
        let mut paragraphs = self.0.split("\n\n");
        let found = paragraphs.find(|paragraph| paragraph.starts_with(beginning));
        found.expect("the page has this paragraph").to_owned()
    }
}

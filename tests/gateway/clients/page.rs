//! The page that the configurations come from.

use std::fs;
use std::path::Path;

/// The page under `docs/run`.
pub(super) struct Page(String);

impl Page {
    pub(super) fn read() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/run/gateways.md");
        Self(fs::read_to_string(file).expect("the page is there"))
    }

    /// All blocks of a language, in order.
    pub(super) fn blocks(&self, language: &str) -> Vec<String> {
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
    pub(super) fn block(&self, language: &str) -> String {
        let mut blocks = self.blocks(language);
        assert_eq!(blocks.len(), 1, "the page has one {language}");
        blocks.remove(0)
    }
}

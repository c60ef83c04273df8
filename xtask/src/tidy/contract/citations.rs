//! Where comments and pages cite the contract, and in which form: one that a program can read, so
//! that a section that is gone is noticed.

use crate::tidy::tree::File;

const NAME: &str = "contract";

/// A place that cites the contract.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Citation {
    /// In the form that all have, with the numbers of the sections.
    Sections(Vec<String>),
    /// In another one.
    Malformed,
}

/// The citations in the comments of a Rust file or in the text of a page, each with its line.
pub(super) fn citations(file: &File) -> Vec<(usize, Citation)> {
    let prose = match file.path.rsplit_once('.') {
        Some((_, "rs")) => Prose::of(file, comment),
        Some((_, "md")) => Prose::of(file, |line| Some(line.trim())),
        _ => return Vec::new(),
    };
    let places = prose.text.match_indices(NAME);
    places
        .filter_map(|(at, _)| {
            let (before, after) = (&prose.text[..at], &prose.text[at + NAME.len()..]);
            Some((prose.line_at(at), citation(before, after)?))
        })
        .collect()
}

/// What a line says if it is a comment.
fn comment(line: &str) -> Option<&str> {
    let text = line.trim_start().strip_prefix("//")?;
    Some(text.trim_start_matches(['/', '!']).trim())
}

/// Sentences without their line breaks, so that a citation may go over the end of a line.
struct Prose {
    text: String,
    /// Where in the text each line begins.
    lines: Vec<(usize, usize)>,
}

impl Prose {
    /// The lines of a file of which something is left. Those of which nothing is end a citation.
    fn of(file: &File, left: impl Fn(&str) -> Option<&str>) -> Self {
        let mut prose = Self {
            text: String::new(),
            lines: Vec::new(),
        };
        for (number, line) in file.lines() {
            match left(line) {
                Some(text) if !text.is_empty() => {
                    prose.lines.push((prose.text.len(), number));
                    prose.text.push_str(text);
                    prose.text.push(' ');
                }
                _ => prose.text.push('\n'),
            }
        }
        prose
    }

    fn line_at(&self, at: usize) -> usize {
        let after = self.lines.partition_point(|(start, _)| *start <= at);
        self.lines[after - 1].1
    }
}

/// The citation between these two texts, if the word between them is one.
fn citation(before: &str, after: &str) -> Option<Citation> {
    let is_named = before.ends_with("wire ") || before.ends_with("Wire ");
    let strict = [(", section ", false), (", sections ", true)];
    let list = strict
        .iter()
        .find_map(|(words, several)| Some((after.strip_prefix(words)?, *several)));
    if let Some((list, several)) = list {
        let numbers = numbers(list).filter(|numbers| is_named && several == (numbers.len() > 1));
        return Some(numbers.map_or(Citation::Malformed, Citation::Sections));
    }
    let follows = after.trim_start_matches([' ', ',', ':', '(']);
    let is_cited = follows.starts_with("section") || follows.starts_with(is_digit);
    (is_cited || is_cited_behind(before)).then_some(Citation::Malformed)
}

/// The numbers in a list such as `4, 7 and 15.2`, up to whatever is none.
fn numbers(list: &str) -> Option<Vec<String>> {
    let mut numbers = Vec::new();
    let mut rest = list;
    loop {
        let end = rest.find(|one| !(is_digit(one) || one == '.'));
        let number = rest[..end.unwrap_or(rest.len())].trim_end_matches('.');
        if number.is_empty() {
            return None;
        }
        numbers.push(number.to_owned());
        rest = &rest[number.len()..];
        let next = [", ", " and "]
            .iter()
            .find_map(|joint| rest.strip_prefix(joint));
        match next.filter(|next| next.starts_with(is_digit)) {
            Some(next) => rest = next,
            None => return Some(numbers),
        }
    }
}

/// Whether a number stands before the name, as in "section 9 of the" and then it.
fn is_cited_behind(before: &str) -> bool {
    let before = before.trim_end();
    let before = before.strip_suffix(" wire").unwrap_or(before);
    let number = before.strip_suffix(" of the");
    number.is_some_and(|number| number.ends_with(is_digit))
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_comment(text: &str) -> Vec<(usize, Citation)> {
        let path = "crates/wire/src/a.rs".to_owned();
        let text = text.to_owned();
        citations(&File { path, text })
    }

    fn sections(numbers: &[&str]) -> Citation {
        Citation::Sections(numbers.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn one_section_or_several_are_cited_in_one_form() {
        for (text, expected) in [
            ("// See wire contract, section 15.2.\n", &["15.2"][..]),
            (
                "/// (wire contract, section 10, with its departures)\n",
                &["10"],
            ),
            (
                "//! (wire contract, sections 5 and 15). Errors of\n",
                &["5", "15"],
            ),
            (
                "//! (wire contract, sections 8, 15.1 and 15.4)\n",
                &["8", "15.1", "15.4"],
            ),
            (
                "//! (wire contract, section 3; RFC 9110, section 5)\n",
                &["3"],
            ),
        ] {
            assert_eq!(in_comment(text), [(1, sections(expected))], "{text}");
        }
    }

    #[test]
    fn a_citation_may_go_over_the_end_of_a_line() {
        let text = "fn a() {}\n/// Shared (wire contract,\n/// section 16).\n";
        assert_eq!(in_comment(text), [(2, sections(&["16"]))]);
    }

    #[test]
    fn citations_in_other_forms_are_found() {
        for text in [
            "// contract 22\n",
            "// the contract, section 5\n",
            "// wire contract (section 5)\n",
            "// wire contract section 5\n",
            "// section 9 of the wire contract\n",
            "// wire contract, section 5 and 6\n",
            "// wire contract, sections 5\n",
            "// wire contract, section five\n",
        ] {
            assert_eq!(in_comment(text), [(1, Citation::Malformed)], "{text}");
        }
    }

    #[test]
    fn what_cites_no_section_is_free() {
        for text in [
            "// what the wire contract says\n",
            "// exactly what the contract says. Section 5 of RFC 9110 does not.\n",
            "let text = \"wire contract, section 99\";\n",
        ] {
            assert_eq!(in_comment(text), [], "{text}");
        }
    }
}

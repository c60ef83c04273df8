//! As much of Rust's syntax as the checks need: less than a parser, more than a search for words.

/// A path that the text names. Groups in braces are opened: `a::{b, c}` is two paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedPath {
    /// Where the path begins, or the outermost group that it stands in, from 1.
    pub(crate) line: usize,
    pub(crate) segments: Vec<String>,
    /// The name that the path has in its module, if it stands in a `use`.
    pub(crate) brought_in_as: Option<String>,
}

/// Every path of a `use`, and every other one of at least two segments, in the order of the text.
pub(crate) fn named_paths(text: &str) -> Vec<NamedPath> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut rest = text;
    let mut before = '\n';
    let mut is_line_start = true;
    while let Some(character) = rest.chars().next() {
        let first = found.len();
        let length = if let Some(tree) = is_line_start.then(|| tree_of_use(rest)).flatten() {
            rest.len() - tree.len() + open_tree(tree, &[], &mut found)
        } else if !is_of_word(before) && before != ':' && starts_path(rest) {
            let length = open_tree(rest, &[], &mut found);
            found[first..]
                .iter_mut()
                .for_each(|path| path.brought_in_as = None);
            length
        } else {
            character.len_utf8()
        };
        found[first..].iter_mut().for_each(|path| path.line = line);
        let (passed, following) = rest.split_at(length);
        line += passed.matches('\n').count();
        is_line_start = character == '\n' || (is_line_start && character.is_whitespace());
        before = passed.chars().next_back().unwrap_or(before);
        rest = following;
    }
    found
}

/// Whether a path of several segments begins here.
fn starts_path(text: &str) -> bool {
    let first = first_word(text);
    !first.is_empty() && text[first.len()..].starts_with("::")
}

/// What stands after the word `use`, if the text begins with one, be it private or not.
fn tree_of_use(text: &str) -> Option<&str> {
    let statement = match text.strip_prefix("pub") {
        Some(rest) => match rest.strip_prefix('(') {
            Some(restricted) => restricted.split_once(") ")?.1,
            None => rest.strip_prefix(' ')?,
        },
        None => text,
    };
    statement.strip_prefix("use ")
}

/// Adds the paths of the tree that begins here, below `head`, and says how many bytes it takes.
fn open_tree(text: &str, head: &[String], found: &mut Vec<NamedPath>) -> usize {
    let mut segments = head.to_vec();
    let mut at = 0;
    loop {
        if let Some(group) = text[at..].strip_prefix('{') {
            return at + 1 + open_group(group, &segments, found);
        }
        let word = first_word(&text[at..]);
        at += word.len();
        if !word.is_empty() {
            segments.push(word);
        }
        match text[at..].strip_prefix("::") {
            Some(_) => at += 2,
            None => break,
        }
    }
    if segments.len() > head.len() {
        let renamed = text[at..].strip_prefix(" as ").map(first_word);
        at += renamed.as_ref().map_or(0, |name| " as ".len() + name.len());
        found.push(NamedPath {
            line: 0,
            brought_in_as: renamed.or_else(|| segments.last().cloned()),
            segments,
        });
    }
    at
}

/// Adds the paths of a group whose brace stands before the text; the brace that ends it is passed.
fn open_group(text: &str, head: &[String], found: &mut Vec<NamedPath>) -> usize {
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        match character {
            '}' => return at + 1,
            ',' => at += 1,
            blank if blank.is_whitespace() => at += blank.len_utf8(),
            _ => {
                let length = open_tree(&text[at..], head, found);
                // Whatever is no tree (a comment, say) is passed over.
                at += length.max(character.len_utf8());
            }
        }
    }
    at
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The word at the beginning, or the star that stands for all names.
fn first_word(text: &str) -> String {
    if text.starts_with('*') {
        return "*".to_owned();
    }
    text.chars()
        .take_while(|character| is_of_word(*character))
        .collect()
}

/// How many lines stand before the tests of a file: the code that a reader must hold in mind.
pub(crate) fn lines_of_code(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| {
        pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
    });
    tests.unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        named_paths(text)
            .into_iter()
            .map(|path| path.segments.join("::"))
            .collect()
    }

    #[test]
    fn every_entry_of_a_group_is_a_path() {
        assert_eq!(
            paths("pub(crate) use crate::{\n    a::{x, y},\n    b,\n    c::d::*,\n};"),
            ["crate::a::x", "crate::a::y", "crate::b", "crate::c::d::*"]
        );
    }

    #[test]
    fn a_path_in_an_expression_counts_with_its_line() {
        let found = named_paths("\n\n let x = super::super::oauth::y(crate::z);");
        let lines: Vec<usize> = found.iter().map(|path| path.line).collect();
        assert_eq!(lines, [3, 3]);
        assert_eq!(found[0].segments, ["super", "super", "oauth", "y"]);
        assert_eq!(found[0].brought_in_as, None);
    }

    #[test]
    fn a_use_brings_in_the_last_segment_or_the_name_that_it_gives() {
        let names: Vec<Option<String>> = named_paths("use a::B as C;\npub use d::E;\n")
            .into_iter()
            .map(|path| path.brought_in_as)
            .collect();
        assert_eq!(names, [Some("C".to_owned()), Some("E".to_owned())]);
        assert_eq!(paths("use a::B as C;\n"), ["a::B"]);
    }

    #[test]
    fn a_path_begins_where_its_first_word_begins() {
        assert_eq!(
            paths("let x = mycrate::y; // because we use it"),
            ["mycrate::y"]
        );
    }

    #[test]
    fn tests_at_the_end_of_a_file_are_no_lines_of_code() {
        assert_eq!(lines_of_code("a\nb\n#[cfg(test)]\nmod tests {\n}\n"), 2);
        assert_eq!(lines_of_code("a\n#[cfg(test)]\nmod tests;\n"), 3);
    }
}

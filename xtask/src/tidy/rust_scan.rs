//! As much of Rust's syntax as the checks need: less than a parser, more than a search for words.

/// The first segment after each `crate::` in the text, with its line; groups in braces are opened.
pub(crate) fn crate_paths(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, matched) in text.match_indices("crate::") {
        let line = 1 + text[..at].matches('\n').count();
        let rest = &text[at + matched.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            found.extend(heads_of_group(group).into_iter().map(|head| (line, head)));
        } else {
            found.push((line, first_word(rest)));
        }
    }
    found
}

/// The first segment of each entry of `a::B, c::{d, e}, f}`, up to the brace that closes the group.
fn heads_of_group(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let mut depth = 0_usize;
    let mut entry = String::new();
    for character in group.chars() {
        match character {
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            '{' => depth += 1,
            ',' if depth == 0 => heads.push(first_word(std::mem::take(&mut entry).trim())),
            _ if depth == 0 => entry.push(character),
            _ => {}
        }
    }
    heads.push(first_word(entry.trim()));
    heads.retain(|head| !head.is_empty());
    heads
}

fn first_word(text: &str) -> String {
    text.chars()
        .take_while(|character| character.is_alphanumeric() || *character == '_')
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

    fn heads(text: &str) -> Vec<String> {
        crate_paths(text)
            .into_iter()
            .map(|(_, head)| head)
            .collect()
    }

    #[test]
    fn the_head_of_a_plain_path_is_its_first_segment() {
        assert_eq!(heads("use crate::rest::Problem;"), ["rest"]);
    }

    #[test]
    fn every_entry_of_a_group_has_a_head() {
        assert_eq!(
            heads("use crate::{a::{x, y}, b, c::d::*};"),
            ["a", "b", "c"]
        );
    }

    #[test]
    fn a_path_in_an_expression_counts_with_its_line() {
        assert_eq!(
            crate_paths("\n\n let x = crate::oauth::y();"),
            [(3, "oauth".to_owned())]
        );
    }

    #[test]
    fn tests_at_the_end_of_a_file_are_no_lines_of_code() {
        assert_eq!(lines_of_code("a\nb\n#[cfg(test)]\nmod tests {\n}\n"), 2);
        assert_eq!(lines_of_code("a\n#[cfg(test)]\nmod tests;\n"), 3);
    }
}

//! Which names a Rust file declares for everybody, and which words its code uses.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The keywords that a name is declared after.
const KINDS: [&str; 7] = ["fn", "struct", "enum", "const", "static", "type", "trait"];
/// What may stand between `pub` and the kind.
const QUALIFIERS: [&str; 4] = ["async", "const", "extern", "unsafe"];
/// Kinds of items that end with a semicolon, whatever braces stand in them.
const ENDED_BY_SEMICOLON: [&str; 5] = ["const", "let", "static", "type", "use"];

/// What one file says, comments and tests apart.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Names that are `pub` without a restriction, each with its line.
    pub(super) declared: Vec<(String, usize)>,
    /// Every word of the code, but where it is declared, re-exported by `pub use`, or the type of
    /// the `impl` that it stands in.
    pub(super) used: BTreeSet<String>,
    /// Modules for tests alone that have files of their own.
    pub(super) test_modules: Vec<String>,
    /// The types whose `impl` is being read.
    implemented: Vec<String>,
}

impl Words {
    /// Reads a file; an error says where it is no Rust.
    pub(super) fn of(text: &str) -> Result<Self, proc_macro2::LexError> {
        let mut words = Self::default();
        words.read(text.parse()?);
        Ok(words)
    }

    fn read(&mut self, stream: TokenStream) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = self.step(&tokens, at);
        }
    }

    /// Reads what begins at a token, and says where the next begins.
    fn step(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        if let Some(attribute) = attribute_at(tokens, at) {
            if is_for_tests(attribute) {
                return self.pass_over_item(tokens, at);
            }
            self.read_attribute(attribute);
            return at + 2;
        }
        let Some(word) = word_at(tokens, at) else {
            match &tokens[at] {
                TokenTree::Group(group) => self.read(group.stream()),
                TokenTree::Literal(literal) => self.used.extend(captured(&literal.to_string())),
                _ => {}
            }
            return at + 1;
        };
        match word.as_str() {
            "pub" if group_at(tokens, at + 1, Delimiter::Parenthesis).is_none() => {
                self.read_public(tokens, at + 1)
            }
            "impl" if begins_item(tokens, at) => self.read_impl(tokens, at + 1),
            kind if KINDS.contains(&kind) && !is_lifetime(tokens, at) => {
                // The name after it is declared here, not used.
                at + 1 + usize::from(word_at(tokens, at + 1).is_some_and(|word| is_name(&word)))
            }
            _ => {
                if !self.implemented.contains(&word) {
                    self.used.insert(word);
                }
                at + 1
            }
        }
    }

    /// After a `pub` without restriction: a re-export, an item, or a field.
    fn read_public(&mut self, tokens: &[TokenTree], mut at: usize) -> usize {
        if word_at(tokens, at).as_deref() == Some("use") {
            return end_of_statement(tokens, at);
        }
        let begin = at;
        let is_qualifier = |at: usize| {
            let word = word_at(tokens, at).unwrap_or_default();
            let next = word_at(tokens, at + 1).unwrap_or_default();
            let is_before_abi = matches!(tokens.get(at + 1), Some(TokenTree::Literal(_)));
            QUALIFIERS.contains(&word.as_str()) && (is_before_abi || !is_name(&next))
                || matches!(tokens.get(at), Some(TokenTree::Literal(_)))
        };
        while is_qualifier(at) {
            at += 1;
        }
        let is_item = word_at(tokens, at).is_some_and(|word| KINDS.contains(&word.as_str()));
        if let (true, Some(TokenTree::Ident(name))) = (is_item, tokens.get(at + 1)) {
            self.declared
                .push((name.to_string(), name.span().start().line));
            return at + 2;
        }
        begin
    }

    /// After `impl`: the type that it is for is no use of that type, in its head or its body.
    fn read_impl(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let is_body = |token: &TokenTree| match token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        let head = tokens[at..].iter().take_while(|token| !is_body(token));
        let end = tokens.len().min(at + head.count() + 1);
        self.implemented.extend(type_of_impl(&tokens[at..end]));
        let mut inside = at;
        while inside < end {
            inside = self.step(tokens, inside);
        }
        self.implemented.pop();
        end
    }

    /// Documentation uses nothing; what other attributes say in texts may be paths.
    fn read_attribute(&mut self, attribute: &Group) {
        let tokens: Vec<TokenTree> = attribute.stream().into_iter().collect();
        if word_at(&tokens, 0).as_deref() == Some("doc") {
            return;
        }
        let text = attribute.to_string();
        let words = text.split(|letter: char| !is_of_word(letter));
        self.used.extend(words.map(str::to_owned));
    }

    /// Where the item after an attribute ends; a module in a file of its own is noted.
    fn pass_over_item(&mut self, tokens: &[TokenTree], mut at: usize) -> usize {
        while attribute_at(tokens, at).is_some() {
            at += 2;
        }
        let begin = at;
        if word_at(tokens, at).as_deref() == Some("pub") {
            at += 1;
            at += usize::from(group_at(tokens, at, Delimiter::Parenthesis).is_some());
        }
        let kind = word_at(tokens, at).unwrap_or_default();
        let is_function = word_at(tokens, at + 1).as_deref() == Some("fn");
        if ENDED_BY_SEMICOLON.contains(&kind.as_str()) && !is_function {
            return end_of_statement(tokens, begin);
        }
        let is_end = |token: &TokenTree| match token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            other => is_punct(other, ';'),
        };
        let length = tokens[at..].iter().position(is_end);
        let end = length.map_or(tokens.len(), |length| at + length);
        let is_elsewhere = tokens.get(end).is_some_and(|token| is_punct(token, ';'));
        if kind == "mod" && is_elsewhere {
            self.test_modules.extend(word_at(tokens, at + 1));
        }
        end + 1
    }
}

fn word_at(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(TokenTree::Ident(word)) => Some(word.to_string()),
        _ => None,
    }
}

fn group_at(tokens: &[TokenTree], at: usize, delimiter: Delimiter) -> Option<&Group> {
    match tokens.get(at) {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

/// The group in brackets of `#[…]`.
fn attribute_at(tokens: &[TokenTree], at: usize) -> Option<&Group> {
    let is_hash = tokens.get(at).is_some_and(|token| is_punct(token, '#'));
    let group = group_at(tokens, at + 1, Delimiter::Bracket);
    group.filter(|_| is_hash)
}

/// Whether it is `cfg(test)`, or `cfg(all(test, …))` and the like.
fn is_for_tests(attribute: &Group) -> bool {
    let tokens: Vec<TokenTree> = attribute.stream().into_iter().collect();
    let is_cfg = word_at(&tokens, 0).as_deref() == Some("cfg");
    let condition = group_at(&tokens, 1, Delimiter::Parenthesis);
    is_cfg && condition.is_some_and(|condition| asks_for_tests(condition.stream()))
}

fn asks_for_tests(condition: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = condition.into_iter().collect();
    (0..tokens.len()).any(|at| match word_at(&tokens, at).as_deref() {
        Some("test") => true,
        Some("all") => group_at(&tokens, at + 1, Delimiter::Parenthesis)
            .is_some_and(|group| asks_for_tests(group.stream())),
        _ => false,
    })
}

/// Whether an `impl` is an item of its own rather than part of a type.
fn begins_item(tokens: &[TokenTree], at: usize) -> bool {
    match at.checked_sub(1).map(|before| &tokens[before]) {
        None => true,
        Some(TokenTree::Group(group)) => group.delimiter() != Delimiter::Parenthesis,
        Some(TokenTree::Ident(word)) => word == "unsafe",
        Some(token) => is_punct(token, ';'),
    }
}

fn is_lifetime(tokens: &[TokenTree], at: usize) -> bool {
    at.checked_sub(1)
        .is_some_and(|before| is_punct(&tokens[before], '\''))
}

/// Whether a word after a keyword is a name, and not one more keyword.
fn is_name(word: &str) -> bool {
    !word.is_empty() && !KINDS.contains(&word) && !QUALIFIERS.contains(&word) && word != "mut"
}

/// After the semicolon that ends the statement.
fn end_of_statement(tokens: &[TokenTree], at: usize) -> usize {
    let length = tokens[at..].iter().position(|token| is_punct(token, ';'));
    length.map_or(tokens.len(), |length| at + length + 1)
}

/// The name of the type in `<T> Trait<T> for path::Type<T> where …`, the `impl` itself left out.
fn type_of_impl(head: &[TokenTree]) -> Option<String> {
    let mut depth = 0_usize;
    let mut name = None;
    for (at, token) in head.iter().enumerate() {
        let is_arrow = at > 0 && is_punct(&head[at - 1], '-');
        match token {
            token if is_punct(token, '<') => depth += 1,
            token if is_punct(token, '>') && !is_arrow => depth = depth.saturating_sub(1),
            TokenTree::Ident(word) if depth == 0 && word == "where" => break,
            TokenTree::Ident(word) if depth == 0 && word != "for" => name = Some(word.to_string()),
            _ => {}
        }
    }
    name
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The words that a text to be filled in takes from around it: `{LIMIT}` and `{LIMIT:?}`.
fn captured(literal: &str) -> Vec<String> {
    let pieces = literal.split('{').skip(1);
    let words = pieces.map(|piece| piece.chars().take_while(|letter| is_of_word(*letter)));
    words.map(Iterator::collect).collect()
}

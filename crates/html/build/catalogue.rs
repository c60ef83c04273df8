//! The messages of all languages, read and held against each other: a message, or a placeholder of
//! one, that a language lacks is an error of the build, and so is what Korean grammar forbids.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey,
};
use fluent_syntax::parser;

/// The folders of the languages; the first is the one whose words stand in the docs of a function.
pub(crate) const LANGUAGES: [&str; 2] = ["en", "ko"];
/// Markup that a message may have: it is written as it stands, everything else is escaped.
const TAGS: [&str; 4] = ["<strong>", "</strong>", "<code>", "</code>"];
/// Korean particles. Which of two forms is right depends on the sound before it, so none may follow
/// what is not known until it is filled in; a noun goes between.
const PARTICLES: [&str; 10] = ["은", "는", "이", "가", "을", "를", "와", "과", "로", "으로"];

/// A Fluent file as it was found.
pub(crate) struct Source {
    /// The folder that it lies in: `en`, `ko`.
    pub(crate) language: &'static str,
    /// Its name without ending, which is the name of the subject.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// The messages of one subject as they are found, each with its languages.
type Found<'a> = BTreeMap<String, Vec<(&'a str, Body)>>;

/// The messages of every subject.
#[derive(Debug)]
pub(crate) struct Catalogue {
    pub(crate) subjects: BTreeMap<String, BTreeMap<String, Message>>,
}

/// A message in every language.
#[derive(Debug)]
pub(crate) struct Message {
    /// In the order of their names.
    pub(crate) parameters: BTreeMap<String, Kind>,
    /// In the order of [`LANGUAGES`].
    pub(crate) bodies: Vec<Body>,
}

/// What may be filled in for a placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Anything that can be shown.
    Shown,
    /// A number that decides between variants.
    Count,
}

/// A message in one language.
#[derive(Debug)]
pub(crate) enum Body {
    One(Vec<Piece>),
    /// Variants by a number. The last one is for all others.
    By {
        parameter: String,
        variants: Vec<(u64, Vec<Piece>)>,
        other: Vec<Piece>,
    },
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// As HTML.
    Text(String),
    Placeholder(String),
}

impl Catalogue {
    /// Reads and compares all files; says everything that is wrong with them.
    pub(crate) fn of(sources: &[Source]) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut found: BTreeMap<&str, Found<'_>> = BTreeMap::new();
        for source in sources {
            let place = format!("locales/{}/{}.ftl", source.language, source.name);
            let subject = found.entry(&source.name).or_default();
            match bodies(&source.text) {
                Ok(bodies) => {
                    for (id, body) in bodies {
                        problems.extend(told(&place, &id, faults(source.language, &body)));
                        let languages = subject.entry(id.clone()).or_default();
                        if languages
                            .iter()
                            .any(|(language, _)| *language == source.language)
                        {
                            problems.push(format!("{place}: {id} stands there twice"));
                        }
                        languages.push((source.language, body));
                    }
                }
                Err(errors) => problems.extend(errors.into_iter().map(|e| format!("{place}: {e}"))),
            }
        }
        let mut subjects = BTreeMap::new();
        for (name, messages) in found {
            let mut of_subject = BTreeMap::new();
            for (id, languages) in messages {
                match together(languages) {
                    Ok(message) => {
                        of_subject.insert(id, message);
                    }
                    Err(error) => problems.push(format!("{name}.ftl: {id}: {error}")),
                }
            }
            subjects.insert(name.to_owned(), of_subject);
        }
        if problems.is_empty() {
            Ok(Self { subjects })
        } else {
            Err(problems)
        }
    }
}

fn told(place: &str, id: &str, faults: Vec<String>) -> Vec<String> {
    let said = faults
        .into_iter()
        .map(|fault| format!("{place}: {id}: {fault}"));
    said.collect()
}

/// One message out of its languages, if all have it with the same placeholders.
fn together(languages: Vec<(&str, Body)>) -> Result<Message, String> {
    for wanted in LANGUAGES {
        if !languages.iter().any(|(language, _)| *language == wanted) {
            return Err(format!("there is none in {wanted}"));
        }
    }
    let used: Vec<BTreeSet<&str>> = languages
        .iter()
        .map(|(_, body)| body.parameters())
        .collect();
    for (index, (language, _)) in languages.iter().enumerate() {
        for name in &used[0] {
            if !used[index].contains(name) {
                return Err(format!("the placeholder {name} is missing in {language}"));
            }
        }
        for name in &used[index] {
            if !used[0].contains(name) {
                return Err(format!(
                    "the placeholder {name} is missing in {}",
                    languages[0].0
                ));
            }
        }
    }
    let counts: BTreeSet<&str> = languages
        .iter()
        .filter_map(|(_, body)| match body {
            Body::One(_) => None,
            Body::By { parameter, .. } => Some(parameter.as_str()),
        })
        .collect();
    let kind = |name: &&str| {
        if counts.contains(name) {
            Kind::Count
        } else {
            Kind::Shown
        }
    };
    let parameters = used[0]
        .iter()
        .map(|name| ((*name).to_owned(), kind(name)))
        .collect();
    let mut bodies: Vec<(&str, Body)> = languages;
    bodies.sort_by_key(|(language, _)| LANGUAGES.iter().position(|known| known == language));
    let bodies = bodies.into_iter().map(|(_, body)| body).collect();
    Ok(Message { parameters, bodies })
}

impl Body {
    /// Every text of it: its variants, or itself.
    pub(crate) fn texts(&self) -> Vec<&[Piece]> {
        match self {
            Self::One(pieces) => vec![pieces],
            Self::By {
                variants, other, ..
            } => {
                let first = variants.iter().map(|(_, pieces)| pieces.as_slice());
                first.chain([other.as_slice()]).collect()
            }
        }
    }

    /// The placeholders of any of its texts, and what decides between them.
    fn parameters(&self) -> BTreeSet<&str> {
        let mut names: BTreeSet<&str> = self
            .texts()
            .into_iter()
            .flatten()
            .filter_map(|piece| match piece {
                Piece::Text(_) => None,
                Piece::Placeholder(name) => Some(name.as_str()),
            })
            .collect();
        if let Self::By { parameter, .. } = self {
            names.insert(parameter);
        }
        names
    }
}

/// What is wrong with a message by itself.
fn faults(language: &str, body: &Body) -> Vec<String> {
    let mut faults = Vec::new();
    for pieces in body.texts() {
        let whole = joined(pieces);
        for (open, close) in [("<strong>", "</strong>"), ("<code>", "</code>")] {
            if whole.matches(open).count() != whole.matches(close).count() {
                faults.push(format!("{open} is not closed"));
            }
        }
        if language == "ko" {
            let particle = pieces.windows(2).find_map(|pair| match pair {
                [Piece::Placeholder(name), Piece::Text(text)] => {
                    particle_at(text).map(|particle| (name, particle))
                }
                _ => None,
            });
            if let Some((name, particle)) = particle {
                faults.push(format!(
                    "the particle {particle} follows the placeholder {name}; put a noun between them"
                ));
            }
        }
    }
    faults
}

/// The particle that a text begins with, past a closing quotation mark or tag.
fn particle_at(text: &str) -> Option<&'static str> {
    let mut rest = text;
    loop {
        let quoted = ["’", "”", "'", "&quot;", "</strong>", "</code>"];
        match quoted.iter().find_map(|quote| rest.strip_prefix(quote)) {
            Some(after) => rest = after,
            None => break,
        }
    }
    PARTICLES
        .into_iter()
        .find(|particle| rest.starts_with(particle))
}

fn joined(pieces: &[Piece]) -> String {
    let texts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.as_str(),
        Piece::Placeholder(_) => "",
    });
    texts.collect()
}

/// Every message of a file in its order, or what the file has that no catalogue may have.
fn bodies(text: &str) -> Result<Vec<(String, Body)>, Vec<String>> {
    let resource = parser::parse(text).map_err(|(_, errors)| {
        let said = errors.iter().map(|error| {
            let line = text[..error.pos.start.min(text.len())].lines().count();
            format!("line {line}: {error}")
        });
        said.collect::<Vec<_>>()
    })?;
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for entry in resource.body {
        match entry {
            Entry::Message(message) => {
                let id = message.id.name.to_owned();
                let body = match &message.value {
                    Some(pattern) if message.attributes.is_empty() => body(pattern),
                    _ => Err("has attributes, or no text".to_owned()),
                };
                match body {
                    Ok(body) => found.push((id, body)),
                    Err(error) => problems.push(format!("{id}: {error}")),
                }
            }
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
            Entry::Term(term) => problems.push(format!("{}: terms are not used", term.id.name)),
            Entry::Junk { content } => problems.push(format!("cannot be read: {content}")),
        }
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(problems)
    }
}

fn body(pattern: &Pattern<&str>) -> Result<Body, String> {
    let [
        PatternElement::Placeable {
            expression: Expression::Select { selector, variants },
        },
    ] = pattern.elements.as_slice()
    else {
        return pieces(pattern).map(Body::One);
    };
    let InlineExpression::VariableReference { id } = selector else {
        return Err("only a placeholder can decide between variants".to_owned());
    };
    let mut numbered = Vec::new();
    let mut other = None;
    for variant in variants {
        let text = pieces(&variant.value)?;
        match variant.key {
            VariantKey::Identifier { name: "other" } if variant.default => other = Some(text),
            VariantKey::Identifier { name: "one" } if !variant.default => numbered.push((1, text)),
            VariantKey::NumberLiteral { value } if !variant.default => {
                let number = value
                    .parse()
                    .map_err(|_| format!("{value} is no whole number"))?;
                numbered.push((number, text));
            }
            _ => return Err("variants are one, whole numbers, and *other".to_owned()),
        }
    }
    Ok(Body::By {
        parameter: id.name.to_owned(),
        variants: numbered,
        other: other.ok_or("there is no variant *other")?,
    })
}

fn pieces(pattern: &Pattern<&str>) -> Result<Vec<Piece>, String> {
    let mut pieces: Vec<Piece> = Vec::new();
    for element in &pattern.elements {
        let piece = match element {
            PatternElement::TextElement { value }
            | PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::StringLiteral { value }),
            } => Piece::Text(html(value)?),
            PatternElement::Placeable {
                expression: Expression::Inline(InlineExpression::VariableReference { id }),
            } => Piece::Placeholder(id.name.to_owned()),
            PatternElement::Placeable { .. } => {
                return Err(
                    "only placeholders stand within a text; variants are whole sentences"
                        .to_owned(),
                );
            }
        };
        match (pieces.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (_, piece) => pieces.push(piece),
        }
    }
    Ok(pieces)
}

/// A text as HTML: escaped but for the few tags, with one blank for each line feed.
fn html(text: &str) -> Result<String, String> {
    let mut html = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some(tag) = TAGS.into_iter().find(|tag| rest.starts_with(tag)) {
            html.push_str(tag);
            rest = &rest[tag.len()..];
            continue;
        }
        match character {
            '<' | '>' => return Err("tags other than strong and code are not used".to_owned()),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            '\n' | '\r' => html.push(' '),
            other => html.push(other),
        }
        rest = &rest[character.len_utf8()..];
    }
    Ok(html)
}

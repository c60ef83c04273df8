//! A function of Rust for each message, so that a template that asks for one that is not there, or
//! without one of its placeholders, does not compile.

use std::fmt::Write as _;

use super::catalogue::{Body, Catalogue, Kind, LANGUAGES, Message, Piece};

/// A struct for each subject with a function for each of its messages.
pub(crate) fn functions(catalogue: &Catalogue) -> String {
    let mut out = String::new();
    for (subject, messages) in &catalogue.subjects {
        let name = camel(subject);
        let _ = writeln!(
            out,
            "#[derive(Clone, Copy)]\npub(crate) struct {name}(pub(crate) Language);\nimpl {name} {{"
        );
        for (id, message) in messages {
            function(&mut out, id, message);
        }
        out.push_str("}\n");
    }
    out
}

fn function(out: &mut String, id: &str, message: &Message) {
    for pieces in message.bodies[0].texts() {
        let _ = writeln!(out, "    // {}", shown(pieces));
    }
    let arguments = message.parameters.iter().map(|(name, kind)| {
        let bound = match kind {
            Kind::Shown => "Shown",
            Kind::Count => "Count",
        };
        format!(", {}: impl {bound}", snake(name))
    });
    let arguments: String = arguments.collect();
    let name = snake(id);
    let _ = writeln!(out, "    pub(crate) fn {name}(self{arguments}) -> Text {{");
    for (name, kind) in &message.parameters {
        if *kind == Kind::Count {
            let name = snake(name);
            let _ = writeln!(out, "        let {name} = {name}.count();");
        }
    }
    let expressions: Vec<String> = message.bodies.iter().map(expression).collect();
    if let Some(same) = expressions.first()
        && expressions.iter().all(|expression| expression == same)
    {
        let _ = writeln!(out, "        let _ = self.0;\n        {same}\n    }}");
        return;
    }
    out.push_str("        match self.0 {\n");
    for (tag, expression) in LANGUAGES.into_iter().zip(expressions) {
        let language = match tag {
            "en" => "English",
            _ => "Korean",
        };
        let _ = writeln!(out, "            Language::{language} => {expression},");
    }
    out.push_str("        }\n    }\n");
}

/// What makes the text of one language.
fn expression(body: &Body) -> String {
    match body {
        Body::One(pieces) => text(pieces),
        Body::By {
            parameter,
            variants,
            other,
        } => {
            let arms = variants
                .iter()
                .map(|(number, pieces)| format!("{number} => {}, ", text(pieces)));
            let arms: String = arms.collect();
            if arms.is_empty() {
                return text(other);
            }
            format!(
                "match {} {{ {arms}_ => {} }}",
                snake(parameter),
                text(other)
            )
        }
    }
}

fn text(pieces: &[Piece]) -> String {
    match pieces {
        [] => "Text::literal(\"\")".to_owned(),
        [Piece::Text(only)] => format!("Text::literal({only:?})"),
        pieces => {
            let parts = pieces.iter().map(|piece| match piece {
                Piece::Text(text) => format!(".with_literal({text:?})"),
                Piece::Placeholder(name) => format!(".with(&{})", snake(name)),
            });
            let parts: String = parts.collect();
            format!("Text::empty(){parts}")
        }
    }
}

/// A text as the docs of its function show it.
fn shown(pieces: &[Piece]) -> String {
    let parts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Placeholder(name) => format!("{{{name}}}"),
    });
    parts.collect()
}

fn snake(id: &str) -> String {
    id.replace('-', "_")
}

fn camel(subject: &str) -> String {
    let parts = subject.split(['_', '-']).map(|part| {
        let mut characters = part.chars();
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(characters).collect::<String>()
    });
    parts.collect()
}

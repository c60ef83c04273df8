//! How much a query may ask for.
//!
//! Fragments may use fragments, so a few hundred bytes can stand for billions of fields. The
//! library's own limits follow every use of a fragment and would be busy for as long as the query
//! is large; here each fragment is measured once.

use std::collections::HashMap;

use async_graphql::Positioned;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    ExecutableDocument, FragmentDefinition, Selection, SelectionSet,
};

use super::errors::Errors;

/// Most bytes of a query.
const LONGEST: usize = 32 * 1024;
/// How deep brackets of any kind may nest in the text, which the parser follows.
const DEEPEST_TEXT: usize = 64;
/// How deep selections may nest, with fragments in their places. The usual query for the whole
/// schema has 13.
const DEEPEST: usize = 25;
/// Most fields, with fragments in their places.
const MOST_FIELDS: usize = 500;

/// The query in `text`, if it is no larger than may be.
pub(super) fn measured(text: &str) -> Result<ExecutableDocument, Errors> {
    if text.len() > LONGEST {
        let sentence = format!("The query is longer than {LONGEST} bytes.");
        return Err(Errors::sentence(sentence));
    }
    if nesting(text) > DEEPEST_TEXT {
        return Err(too_deep());
    }
    let document = parse_query(text).map_err(|error| Errors::of_parser(&error))?;
    Measure::of(&document)?;
    Ok(document)
}

fn too_deep() -> Errors {
    Errors::sentence(format!("The query is deeper than {DEEPEST} levels."))
}

/// How deep brackets nest. Those in texts and comments open and close nothing.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = match byte {
            b'"' => after_text(after),
            b'#' => after_comment(after),
            _ => after,
        };
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// What follows a text whose first quotation mark was taken: one of a line, or a block between
/// three marks each. A text that does not end ends the query.
fn after_text(text: &[u8]) -> &[u8] {
    let (mut rest, end): (_, &[u8]) = match text {
        [b'"', b'"', block @ ..] => (block, b"\"\"\""),
        line => (line, b"\""),
    };
    loop {
        match rest {
            [] => return rest,
            _ if rest.starts_with(end) => return &rest[end.len()..],
            [b'\\', _, after @ ..] | [_, after @ ..] => rest = after,
        }
    }
}

fn after_comment(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    end.map_or(&[], |end| &text[end..])
}

/// How large a selection is, with fragments in their places.
#[derive(Clone, Copy, Default)]
struct Size {
    fields: usize,
    depth: usize,
}

/// The sizes of fragments so far; one that is being measured has none.
struct Measure<'d> {
    document: &'d ExecutableDocument,
    fragments: HashMap<&'d str, Option<Size>>,
}

impl<'d> Measure<'d> {
    fn of(document: &'d ExecutableDocument) -> Result<(), Errors> {
        let mut measure = Self {
            document,
            fragments: HashMap::new(),
        };
        let mut fields = 0_usize;
        for (_, operation) in document.operations.iter() {
            let size = measure.selection(&operation.node.selection_set, 0)?;
            fields = fields.saturating_add(size.fields);
        }
        refuse_many(fields)?;
        // Fragments that nothing uses are looked at too, in the order of their places: the same
        // query is always refused with the same words.
        let mut fragments: Vec<_> = document.fragments.iter().collect();
        fragments.sort_by_key(|(_, fragment)| fragment.pos);
        for (name, fragment) in fragments {
            measure.fragment(name, fragment, 0)?;
        }
        Ok(())
    }

    fn fragment(
        &mut self,
        name: &'d str,
        fragment: &'d Positioned<FragmentDefinition>,
        level: usize,
    ) -> Result<Size, Errors> {
        match self.fragments.get(name) {
            Some(Some(size)) => Ok(*size),
            Some(None) => Err(Errors::sentence(format!(
                "Fragment {name} contains an infinite loop"
            ))),
            None => {
                self.fragments.insert(name, None);
                let size = self.selection(&fragment.node.selection_set, level)?;
                self.fragments.insert(name, Some(size));
                Ok(size)
            }
        }
    }

    fn selection(
        &mut self,
        set: &'d Positioned<SelectionSet>,
        level: usize,
    ) -> Result<Size, Errors> {
        if level > DEEPEST {
            return Err(too_deep());
        }
        let mut whole = Size::default();
        for selection in &set.node.items {
            let size = match &selection.node {
                Selection::Field(field) => {
                    let below = self.selection(&field.node.selection_set, level + 1)?;
                    Size {
                        fields: below.fields.saturating_add(1),
                        depth: below.depth + 1,
                    }
                }
                Selection::InlineFragment(inline) => {
                    self.selection(&inline.node.selection_set, level + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    match self.document.fragments.get(name) {
                        Some(fragment) => self.fragment(name, fragment, level + 1)?,
                        // The library says that it is not there. It counts all the same: the
                        // library follows every use of what uses it.
                        None => Size {
                            fields: 1,
                            depth: 1,
                        },
                    }
                }
            };
            whole.fields = whole.fields.saturating_add(size.fields);
            whole.depth = whole.depth.max(size.depth);
        }
        refuse_many(whole.fields)?;
        if level + whole.depth > DEEPEST {
            return Err(too_deep());
        }
        Ok(whole)
    }
}

fn refuse_many(fields: usize) -> Result<(), Errors> {
    if fields > MOST_FIELDS {
        let sentence = format!("The query asks for more than {MOST_FIELDS} fields.");
        Err(Errors::sentence(sentence))
    } else {
        Ok(())
    }
}

//! How errors write a value of the request: `nil`, `"text"`, `[1, 2]`, `{"a"=>1}` (wire contract,
//! section 5).

use serde_json::Value;

use crate::text::LONGEST_ECHO;

/// The value as errors write it, cut to a bounded length. The work is bounded with it, however
/// large the value.
pub(super) fn inspect(value: &Value) -> String {
    let mut out = Clipping {
        text: String::new(),
        left: LONGEST_ECHO,
    };
    if out.value(value).is_none() {
        out.text.push('…');
    }
    out.text
}

/// A text in quotes, as [`inspect`] writes it.
pub(crate) fn inspect_text(text: &str) -> String {
    let mut out = Clipping {
        text: String::new(),
        left: LONGEST_ECHO,
    };
    if out.quoted(text).is_none() {
        out.text.push('…');
    }
    out.text
}

/// A text that stops growing. Its methods answer `None` from there on, so that `?` ends all work.
struct Clipping {
    text: String,
    left: usize,
}

impl Clipping {
    fn push(&mut self, text: &str) -> Option<()> {
        for character in text.chars() {
            self.left = self.left.checked_sub(1)?;
            self.text.push(character);
        }
        Some(())
    }

    fn value(&mut self, value: &Value) -> Option<()> {
        match value {
            Value::Null => self.push("nil"),
            Value::Bool(truth) => self.push(if *truth { "true" } else { "false" }),
            Value::Number(number) => self.push(&number.to_string()),
            Value::String(text) => self.quoted(text),
            Value::Array(items) => {
                self.push("[")?;
                for (place, item) in items.iter().enumerate() {
                    self.push(if place > 0 { ", " } else { "" })?;
                    self.value(item)?;
                }
                self.push("]")
            }
            Value::Object(members) => {
                self.push("{")?;
                for (place, (name, member)) in members.iter().enumerate() {
                    self.push(if place > 0 { ", " } else { "" })?;
                    self.quoted(name)?;
                    self.push("=>")?;
                    self.value(member)?;
                }
                self.push("}")
            }
        }
    }

    fn quoted(&mut self, text: &str) -> Option<()> {
        self.push("\"")?;
        for character in text.chars() {
            match character {
                '"' => self.push("\\\"")?,
                '\\' => self.push("\\\\")?,
                '\n' => self.push("\\n")?,
                '\r' => self.push("\\r")?,
                '\t' => self.push("\\t")?,
                _ if character.is_control() => {
                    self.push(&format!("\\u{:04X}", u32::from(character)))?;
                }
                _ => self.push(character.encode_utf8(&mut [0; 4]))?,
            }
        }
        self.push("\"")
    }
}

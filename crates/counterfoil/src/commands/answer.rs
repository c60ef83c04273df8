//! What a command answers: data on standard output, everything else on standard error. With
//! `--json` standard output is exactly one JSON document.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

/// The answer of a command that succeeded, in both forms.
#[derive(Debug)]
pub(crate) struct Answer {
    document: Value,
    text: Text,
    notes: Vec<String>,
    complaint: bool,
}

/// The answer for people.
#[derive(Debug)]
enum Text {
    /// Data: standard output.
    Data(String),
    /// A sentence that says what was done: standard error, since nobody pipes it anywhere.
    Done(String),
    /// The command printed all that there was to print.
    Nothing,
}

impl Answer {
    /// No answer, not even a document: the command has said what it had to say.
    pub(crate) fn nothing() -> Self {
        Self::new(Value::Null, Text::Nothing)
    }

    /// Data, for people and as a document.
    pub(crate) fn data(document: impl Serialize, text: impl Into<String>) -> Self {
        Self::new(document, Text::Data(text.into()))
    }

    /// What was done, for people as a sentence and as a document.
    pub(crate) fn done(document: impl Serialize, sentence: impl Into<String>) -> Self {
        Self::new(document, Text::Done(sentence.into()))
    }

    fn new(document: impl Serialize, text: Text) -> Self {
        let document = serde_json::to_value(document)
            .expect("views have string keys and nothing that JSON cannot hold");
        Self {
            document,
            text,
            notes: Vec::new(),
            complaint: false,
        }
    }

    /// The same with a sentence on standard error, in both forms.
    #[must_use]
    pub(crate) fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same answer, of a command that found what it should not find: it is printed, and the
    /// exit status is 1.
    #[must_use]
    pub(crate) fn complaining(mut self) -> Self {
        self.complaint = true;
        self
    }

    /// Whether the exit status is 1 although there is an answer.
    pub(crate) fn is_complaint(&self) -> bool {
        self.complaint
    }

    /// Prints the answer, with what colours it has only where a terminal shows them. A reader that
    /// went away (`| head`) is no error.
    pub(crate) fn print(&self, json: bool) -> io::Result<()> {
        let outcome = self.print_to(
            json,
            &mut anstream::stdout().lock(),
            &mut anstream::stderr().lock(),
        );
        match outcome {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            outcome => outcome,
        }
    }

    fn print_to(&self, json: bool, out: &mut impl Write, err: &mut impl Write) -> io::Result<()> {
        match &self.text {
            Text::Nothing => {}
            Text::Data(_) | Text::Done(_) if json => writeln!(out, "{:#}", self.document)?,
            Text::Data(text) if text.is_empty() => {}
            Text::Data(text) => writeln!(out, "{}", text.trim_end_matches('\n'))?,
            Text::Done(sentence) => writeln!(err, "{sentence}")?,
        }
        for note in &self.notes {
            writeln!(err, "note: {note}")?;
        }
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn printed(answer: &Answer, json: bool) -> (String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        answer.print_to(json, &mut out, &mut err).unwrap();
        [out, err]
            .map(|bytes| String::from_utf8(bytes).unwrap())
            .into()
    }

    #[test]
    fn what_was_done_is_said_on_standard_error_and_documented_on_standard_output() {
        let answer = Answer::done(json!({"login": "mona"}), "suspended mona").with_note("a note");
        assert_eq!(
            printed(&answer, false),
            (String::new(), "suspended mona\nnote: a note\n".to_owned())
        );
        assert_eq!(
            printed(&answer, true),
            (
                "{\n  \"login\": \"mona\"\n}\n".to_owned(),
                "note: a note\n".to_owned()
            )
        );
    }

    #[test]
    fn an_empty_list_prints_nothing_for_people_and_an_empty_array_for_programs() {
        let answer = Answer::data(json!([]), "");
        assert_eq!(printed(&answer, false).0, "");
        assert_eq!(printed(&answer, true).0, "[]\n");
    }
}

//! What the page of audit events says that events may tell.

use std::collections::BTreeSet;

use counterfoil_domain::audit::{Action, reading};
use counterfoil_store::StoredEvent;

/// What the page of audit events says that events may tell, and none of these does. That none tells
/// more is seen to where events are written.
pub(super) fn never_told(events: &[StoredEvent]) -> Vec<(&'static str, &'static str)> {
    let told = events.iter().flat_map(|event| {
        let read = reading::read(event.format, &event.bytes).expect("form 2");
        let personal = event.personal.iter().map(|(word, _)| word.clone());
        let lasting = read.details.into_iter().map(|(word, _)| word);
        let words: Vec<String> = lasting.chain(personal).collect();
        words.into_iter().map(|word| (event.action.clone(), word))
    });
    let told: BTreeSet<(String, String)> = told.collect();
    let may_tell = Action::ALL.iter().flat_map(|(action, _)| {
        let details = action.told().details.iter();
        details.map(|word| (action.as_str(), *word))
    });
    let may_tell: BTreeSet<(&str, &str)> = may_tell.collect();
    let untold =
        |(action, word): &(&str, &str)| !told.contains(&((*action).to_owned(), (*word).to_owned()));
    may_tell.into_iter().filter(untold).collect()
}

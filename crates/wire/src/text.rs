//! Bounds on what an answer repeats of a request.

/// Most characters of one name or value of a request that an error repeats.
pub(crate) const LONGEST_ECHO: usize = 100;

/// The first [`LONGEST_ECHO`] characters of `text`, with an ellipsis when there were more.
pub(crate) fn clipped(text: &str) -> String {
    match text.char_indices().nth(LONGEST_ECHO) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

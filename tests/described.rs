//! Answers as a whole, held against what they promise: every address in them leads somewhere, and
//! every documented parameter is obeyed. What is not so is on a list with the reason.

mod addresses;
mod parameters;

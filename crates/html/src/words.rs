//! The functions that the build makes of `locales/`: one for each message. Their arguments stand in
//! the order of the placeholders' names, whatever their order in the sentence.

use counterfoil_domain::language::Language;

use crate::text::{Count, Shown, Text};

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

#[cfg(test)]
mod tests;

//! Links that work once: their rows, and what is done by them.

mod make;
mod rows;
mod spend;

pub use crate::links::make::NewLink;
pub(crate) use crate::links::make::{issue, made, maker, refuse_for, told};
pub(crate) use crate::links::rows::{
    FreshLink, end_after_password, end_all_of_account, end_enrolments, end_later_undos, insert,
    old, remove, stamp, waiting,
};
pub use crate::links::spend::{LinkPassword, SetUpAccount};
pub(crate) use crate::links::spend::{answered, gone, spend_of, spend_of_account};

#[cfg(test)]
pub(crate) const STATEMENTS: [&[crate::statement::Statement]; 2] =
    [rows::STATEMENTS, spend::STATEMENTS];

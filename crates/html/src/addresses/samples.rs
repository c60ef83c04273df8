//! Sample values for the tests of all pages.

use super::{AddressProblem, AddressRow, Addresses};
use crate::tests::Sample;

pub(crate) fn samples() -> Vec<Sample> {
    let row = |address, is_primary, is_verified| AddressRow {
        address,
        is_primary,
        is_verified,
    };
    let page = |csrf, typed, problem, addresses| Addresses {
        csrf,
        choose_csrf: "dG9rZW4",
        remove_csrf: "dG9rZW4",
        addresses,
        typed,
        problem,
    };
    let several = || {
        vec![
            row("mina@example.org", true, true),
            row(
                "a-very-long-name-of-somebody-with-many-letters@mail.example.org",
                false,
                true,
            ),
            row("\"<b>\"@example.org", false, false),
        ]
    };
    let (csrf, gone) = (Some("dG9rZW4"), Some(AddressProblem::Gone));
    vec![
        Sample::of_person("addresses", page(csrf, "", None, several())),
        Sample::of_person("addresses, none", page(csrf, "", None, Vec::new())),
        Sample::of_person("addresses, without mail", page(None, "", None, several())),
        Sample::of_person(
            "addresses, refused",
            page(csrf, "mina", Some(AddressProblem::Form), several()),
        ),
        Sample::of_person("addresses, gone", page(csrf, "", gone, several())),
    ]
}

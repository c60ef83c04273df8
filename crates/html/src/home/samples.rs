//! Sample values for the tests of all pages.

use std::time::Duration;

use super::{Attention, Home, Welcome};
use crate::stranger::Stranger;
use crate::tests::{NOW, Sample};

pub(crate) fn samples() -> Vec<Sample> {
    let welcome = Welcome {
        api: "https://tokens.example.org/api/v3",
        is_set_up: true,
    };
    vec![
        Sample::of_visitor("welcome", welcome),
        Sample::of_visitor(
            "welcome, before set-up",
            Welcome {
                is_set_up: false,
                ..welcome
            },
        ),
        Sample::of_person("home, empty", Home { items: Vec::new() }),
        Sample::of_person(
            "home, all",
            Home {
                items: vec![
                    Attention::TokenExpires {
                        id: 1,
                        name: Stranger("deploy-bot <b>on ci-3"),
                        at: NOW.plus(Duration::from_hours(24 * 5)),
                    },
                    Attention::TokenUnused {
                        id: 2,
                        name: Stranger("nightly backup of the wiki and of the package registry"),
                        days: 162,
                    },
                    Attention::NoSecondFactor,
                    Attention::FewRecoveryCodes(1),
                    Attention::UnverifiedAddress("mina<b>@example.org"),
                ],
            },
        ),
    ]
}

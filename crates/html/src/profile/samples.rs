//! Sample values for the tests of all pages.

use std::sync::LazyLock;

use counterfoil_domain::language::Language;
use counterfoil_domain::text::TextRefused;
use counterfoil_domain::time_zone::Zone;

use super::{Profile, ProfileProblem};
use crate::addresses::AddressRow;
use crate::tests::Sample;

const ADDRESSES: [AddressRow<'static>; 2] = [
    AddressRow {
        address: "mina@example.org",
        is_primary: true,
        is_verified: true,
    },
    AddressRow {
        address: "\"<b>\"@example.org",
        is_primary: false,
        is_verified: false,
    },
];
static SERVER: LazyLock<Zone> = LazyLock::new(Zone::utc);

pub(crate) fn samples() -> Vec<Sample> {
    let plain = Profile {
        csrf: "dG9rZW4",
        login: "mina-park",
        addresses: &[],
        name: "",
        language: None,
        time_zone: "",
        server_zone: &SERVER,
        problem: ProfileProblem::default(),
    };
    let chosen = Profile {
        addresses: &ADDRESSES,
        name: "\"><b>Mina",
        language: Some(Language::Korean),
        time_zone: "Asia/Seoul",
        ..plain
    };
    let refused = Profile {
        problem: ProfileProblem {
            name: Some(TextRefused::Control),
            no_such_zone: true,
        },
        ..chosen
    };
    let too_long = Profile {
        problem: ProfileProblem {
            name: Some(TextRefused::TooLong),
            no_such_zone: false,
        },
        ..chosen
    };
    vec![
        Sample::of_person("profile, new", plain),
        Sample::of_person("profile, filled", chosen),
        Sample::of_person("profile, refused", refused),
        Sample::of_person("profile, too long", too_long),
    ]
}

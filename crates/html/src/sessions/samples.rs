//! Sample values for the tests of all pages.

use std::time::Duration;

use super::{SessionRow, Sessions};
use crate::tests::{NOW, Sample};

pub(crate) fn samples() -> Vec<Sample> {
    let this = SessionRow {
        id: "41".to_owned(),
        agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        address: "192.0.2.14".to_owned(),
        made: NOW.minus(Duration::from_hours(50)),
        last_used: NOW,
        is_this: true,
    };
    let other = SessionRow {
        id: "17".to_owned(),
        agent: "\"><b>curl with a name of more than eighty characters, which nobody wants to read to its end",
        address: "2001:db8:41::7".to_owned(),
        made: NOW.minus(Duration::from_hours(24 * 20)),
        last_used: NOW.minus(Duration::from_mins(4)),
        is_this: false,
    };
    let page = |sessions| Sessions {
        end_csrf: "dG9rZW4",
        end_others_csrf: "dG9rZW4",
        sessions,
    };
    vec![
        Sample::of_person("sessions, one", page(vec![this.clone()])),
        Sample::of_person(
            "sessions, some",
            page(vec![this, other.clone(), SessionRow { agent: "", ..other }]),
        ),
    ]
}

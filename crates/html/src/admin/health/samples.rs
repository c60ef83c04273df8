//! Sample values for the tests of all pages.

use std::time::Duration;

use counterfoil_domain::health::{
    CertificateHealth, ClockHealth, DatabaseHealth, DatabaseSize, FeedHealth, Health, KeysHealth,
    MailHealth, NodesHealth, PasswordQueueHealth, SecondFactorHealth, TrailHealth,
};
use counterfoil_domain::key::KeyId;

use super::HealthPage;
use crate::frame::Frame;
use crate::tests::{NOW, Owning, Sample};
use crate::view::View;

fn good() -> Health {
    Health {
        database: DatabaseHealth::Good,
        database_size: Some(DatabaseSize {
            bytes: 41 * 1024 * 1024,
            at: NOW.minus(Duration::from_mins(4)),
        }),
        trail: TrailHealth::Good {
            newest: Some(NOW.minus(Duration::from_mins(1))),
        },
        feed: FeedHealth::Good {
            age: Duration::from_millis(140),
        },
        clock: ClockHealth::Good,
        nodes: NodesHealth::Good { count: 3 },
        mail: MailHealth::Good {
            waiting: 0,
            tried: 0,
        },
        certificate: CertificateHealth::Good {
            until: NOW.plus(Duration::from_hours(24 * 60)),
        },
        keys: KeysHealth::Good { count: 1 },
        passwords: PasswordQueueHealth::Good { waiting: 0 },
        second_factor: SecondFactorHealth::NotRequired,
    }
}

/// Everything that can be wrong at the same time.
fn bad() -> Health {
    Health {
        database: DatabaseHealth::TakesNoWrites,
        database_size: None,
        trail: TrailHealth::CommitsFailed { count: 2 },
        feed: FeedHealth::Lost,
        clock: ClockHealth::Apart {
            by: Duration::from_secs(41),
            is_ahead: true,
        },
        nodes: NodesHealth::SomeOlder { count: 3, older: 1 },
        mail: MailHealth::Paused { waiting: 12 },
        certificate: CertificateHealth::EndsSoon {
            until: NOW.plus(Duration::from_hours(24 * 6)),
        },
        keys: KeysHealth::Missing(KeyId::parse("0a1b2c3d").unwrap()),
        passwords: PasswordQueueHealth::Crowded {
            waiting: 40,
            most: 64,
        },
        second_factor: SecondFactorHealth::Overdue {
            count: 1,
            or_more: false,
        },
    }
}

fn bad_otherwise() -> Health {
    Health {
        database: DatabaseHealth::Silent,
        trail: TrailHealth::CommitsFailed { count: 1 },
        clock: ClockHealth::EventsToCome {
            at: NOW.plus(Duration::from_hours(24 * 400)),
        },
        nodes: NodesHealth::SomeNewer { count: 2, newer: 1 },
        mail: MailHealth::Stuck {
            waiting: 3,
            oldest: NOW.minus(Duration::from_hours(5)),
        },
        certificate: CertificateHealth::Ended {
            at: NOW.minus(Duration::from_hours(1)),
        },
        second_factor: SecondFactorHealth::Overdue {
            count: 300,
            or_more: true,
        },
        ..good()
    }
}

fn new() -> Health {
    Health {
        database_size: None,
        trail: TrailHealth::Good { newest: None },
        clock: ClockHealth::Apart {
            by: Duration::from_secs(8),
            is_ahead: false,
        },
        nodes: NodesHealth::Unseen,
        mail: MailHealth::NoServer { waiting: 1 },
        certificate: CertificateHealth::Unreadable,
        second_factor: SecondFactorHealth::Good,
        ..good()
    }
}

fn small() -> Health {
    Health {
        nodes: NodesHealth::Good { count: 1 },
        mail: MailHealth::Off,
        certificate: CertificateHealth::Absent,
        second_factor: SecondFactorHealth::GoodSoFar { looked_to: 5000 },
        passwords: PasswordQueueHealth::Good { waiting: 1 },
        ..good()
    }
}

fn busy() -> Health {
    Health {
        mail: MailHealth::Good {
            waiting: 4,
            tried: 2,
        },
        ..good()
    }
}

fn page(health: Health) -> impl View {
    Owning(health, |health: &Health, frame: &Frame<'_>| {
        HealthPage { health }.render(frame)
    })
}

pub(crate) fn samples() -> Vec<Sample> {
    vec![
        Sample::of_administrator("health, good", page(good())),
        Sample::of_administrator("health, good alone", page(small())),
        Sample::of_administrator("health, busy", page(busy())),
        Sample::of_administrator("health, new", page(new())),
        Sample::of_administrator("health, bad", page(bad())),
        Sample::of_administrator("health, bad otherwise", page(bad_otherwise())),
    ]
}

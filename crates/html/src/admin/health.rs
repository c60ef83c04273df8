//! How each part of an installation is, and what to do where it is not good.

#[cfg(test)]
mod samples;

use std::time::Duration;

use askama::Template;
use counterfoil_domain::health::{
    CertificateHealth, ClockHealth, DatabaseHealth, DatabaseSize, FeedHealth, Health, KeysHealth,
    MailHealth, NodesHealth, PasswordQueueHealth, SecondFactorHealth, TrailHealth,
};

use crate::components::{Badge, Banner, Cell, Table};
use crate::frame::Frame;
use crate::layout::{Entry, Layout};
use crate::text::Text;
use crate::view::{View, filled};
use crate::words;

#[cfg(test)]
pub(crate) use samples::samples;

/// All parts of an installation.
#[derive(Clone, Copy, Debug)]
pub struct HealthPage<'a> {
    /// How they are.
    pub health: &'a Health,
}

#[derive(Template)]
#[template(path = "admin/health.html")]
struct Page<'a> {
    layout: Layout<'a>,
    words: words::AdminHealth,
    banner: Banner,
    table: Table,
}

/// How a part is, in a sentence. What is to be done says that.
enum Said {
    Good(Text),
    ToDo(Text),
}

use Said::{Good, ToDo};

const MEBIBYTE: u64 = 1024 * 1024;

impl View for HealthPage<'_> {
    fn render(&self, frame: &Frame<'_>) -> String {
        let words = words::AdminHealth(frame.language);
        let mut table = Table::new(words.title(), [words.part(), words.state(), words.about()]);
        let mut to_do: u64 = 0;
        for (part, said) in parts(self.health, frame) {
            let (badge, about) = match said {
                Good(about) => (Badge::ok(words.good()), about),
                ToDo(about) => {
                    to_do += 1;
                    (Badge::warn(words.to_do()), about)
                }
            };
            table.add([Cell::of(part), Cell::badges(vec![badge]), Cell::of(about)]);
        }
        let banner = match to_do {
            0 => Banner::ok(words.all_good()),
            count => Banner::warn(words.some_to_do(count)),
        };
        filled(&Page {
            layout: Layout::administration(frame, Entry::Health, words.title()),
            words,
            banner,
            table,
        })
    }
}

/// Each part with its name.
fn parts(health: &Health, frame: &Frame<'_>) -> [(Text, Said); 11] {
    let words = words::AdminHealth(frame.language);
    [
        (words.database(), database(words, health.database)),
        (words.trail(), trail(frame, health.trail)),
        (words.feed(), feed(words, health.feed)),
        (words.clock(), clock(frame, health.clock)),
        (words.nodes(), nodes(words, health.nodes)),
        (words.keys(), keys(words, &health.keys)),
        (words.certificate(), certificate(frame, health.certificate)),
        (words.mail(), mail(frame, health.mail)),
        (words.passwords(), passwords(words, health.passwords)),
        (
            words.second_factor(),
            second_factor(words, health.second_factor),
        ),
        (words.size(), size(frame, health.database_size)),
    ]
}

fn database(words: words::AdminHealth, health: DatabaseHealth) -> Said {
    match health {
        DatabaseHealth::Good => Good(words.database_good()),
        DatabaseHealth::TakesNoWrites => ToDo(words.database_takes_no_writes()),
        DatabaseHealth::Silent => ToDo(words.database_silent()),
    }
}

fn size(frame: &Frame<'_>, size: Option<DatabaseSize>) -> Said {
    let words = words::AdminHealth(frame.language);
    Good(match size {
        Some(DatabaseSize { bytes, at }) => {
            words.size_counted(bytes.div_ceil(MEBIBYTE), frame.when(at))
        }
        None => words.size_uncounted(),
    })
}

fn trail(frame: &Frame<'_>, health: TrailHealth) -> Said {
    let words = words::AdminHealth(frame.language);
    match health {
        TrailHealth::Good { newest: None } => Good(words.trail_empty()),
        TrailHealth::Good {
            newest: Some(newest),
        } => Good(words.trail_good(frame.date_and_time(newest))),
        TrailHealth::CommitsFailed { count } => ToDo(words.trail_failed(count)),
    }
}

fn feed(words: words::AdminHealth, health: FeedHealth) -> Said {
    match health {
        FeedHealth::Good { age } => Good(words.feed_good(milliseconds(age))),
        FeedHealth::Lost => ToDo(words.feed_lost()),
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn clock(frame: &Frame<'_>, health: ClockHealth) -> Said {
    let words = words::AdminHealth(frame.language);
    match health {
        ClockHealth::Good => Good(words.clock_good()),
        ClockHealth::Apart { by, is_ahead: true } => ToDo(words.clock_ahead(by.as_secs())),
        ClockHealth::Apart {
            by,
            is_ahead: false,
        } => ToDo(words.clock_behind(by.as_secs())),
        ClockHealth::EventsToCome { at } => ToDo(words.clock_events(frame.date_and_time(at))),
    }
}

fn nodes(words: words::AdminHealth, health: NodesHealth) -> Said {
    match health {
        NodesHealth::Good { count } => Good(words.nodes_good(count)),
        NodesHealth::Unseen => ToDo(words.nodes_unseen()),
        NodesHealth::SomeOlder { count, older } => ToDo(words.nodes_older(count, older)),
        NodesHealth::SomeNewer { count, newer } => ToDo(words.nodes_newer(count, newer)),
    }
}

fn keys(words: words::AdminHealth, health: &KeysHealth) -> Said {
    match health {
        KeysHealth::Good { count } => Good(words.keys_good(*count)),
        KeysHealth::Missing(id) => ToDo(words.keys_missing(id.as_str())),
    }
}

fn certificate(frame: &Frame<'_>, health: CertificateHealth) -> Said {
    let words = words::AdminHealth(frame.language);
    match health {
        CertificateHealth::Absent => Good(words.certificate_absent()),
        CertificateHealth::Unreadable => ToDo(words.certificate_unreadable()),
        CertificateHealth::Good { until } => Good(words.certificate_good(frame.date(until))),
        CertificateHealth::EndsSoon { until } => {
            ToDo(words.certificate_ends_soon(frame.date_and_time(until)))
        }
        CertificateHealth::Ended { at } => ToDo(words.certificate_ended(frame.date_and_time(at))),
    }
}

fn mail(frame: &Frame<'_>, health: MailHealth) -> Said {
    let words = words::AdminHealth(frame.language);
    match health {
        MailHealth::Off => Good(words.mail_off()),
        MailHealth::Good { waiting, tried: 0 } => Good(words.mail_good(waiting)),
        MailHealth::Good { waiting, tried } => Good(words.mail_tried(waiting, tried)),
        MailHealth::NoServer { waiting } => ToDo(words.mail_no_server(waiting)),
        MailHealth::Paused { waiting } => ToDo(words.mail_paused(waiting)),
        MailHealth::Stuck { waiting, oldest } => {
            ToDo(words.mail_stuck(waiting, frame.date_and_time(oldest)))
        }
    }
}

fn passwords(words: words::AdminHealth, health: PasswordQueueHealth) -> Said {
    match health {
        PasswordQueueHealth::Good { waiting } => Good(words.passwords_good(waiting)),
        PasswordQueueHealth::Crowded { waiting, most } => {
            ToDo(words.passwords_crowded(most, waiting))
        }
    }
}

fn second_factor(words: words::AdminHealth, health: SecondFactorHealth) -> Said {
    match health {
        SecondFactorHealth::NotRequired => Good(words.second_factor_not_required()),
        SecondFactorHealth::Good => Good(words.second_factor_good()),
        SecondFactorHealth::GoodSoFar { looked_to } => {
            Good(words.second_factor_good_so_far(looked_to.unsigned_abs()))
        }
        SecondFactorHealth::Overdue {
            count,
            or_more: false,
        } => ToDo(words.second_factor_overdue(count)),
        SecondFactorHealth::Overdue {
            count,
            or_more: true,
        } => ToDo(words.second_factor_overdue_or_more(count)),
    }
}

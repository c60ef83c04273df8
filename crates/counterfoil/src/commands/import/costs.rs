//! What it costs on this machine to verify passwords by the hashes of an import. Everybody who is
//! refused waits as long as the slowest of them takes, and it holds a thread for as long: so it is
//! measured before anything is taken over.

use std::time::Duration;

use counterfoil_domain::password::{HashClass, LONGEST_VERIFICATION, PasswordHash};
use counterfoil_store::{ImportLine, ImportRecord, PROBLEMS_TOLD};

/// What was measured: the slowest class of each algorithm that may be taken over.
pub(super) type Measured = Vec<(HashClass, Duration)>;

/// Measures the classes of hashes in an import, from the one with the most work down to the first
/// that is fast enough: what has less work is faster. Refuses the lines of those that are not.
pub(super) async fn measure<E>(
    lines: &[ImportLine],
    take_time: impl AsyncFn(HashClass) -> Result<Duration, E>,
) -> Result<Result<Measured, Vec<(u64, String)>>, E> {
    let hashes = lines
        .iter()
        .filter_map(|line| Some((line.number, class_in(&line.record)?)));
    let hashes: Vec<(u64, HashClass)> = hashes.collect();
    let mut classes: Vec<_> = hashes.iter().map(|(_, class)| *class).collect();
    classes.sort_by_key(|class| std::cmp::Reverse(class.work()));
    classes.dedup();
    let mut fast = Measured::new();
    let mut slow = Measured::new();
    for class in classes {
        if fast.iter().any(|(measured, _)| measured.is_like(class)) {
            continue;
        }
        let takes = take_time(class).await?;
        if takes <= LONGEST_VERIFICATION {
            fast.push((class, takes));
        } else {
            slow.push((class, takes));
        }
    }
    if slow.is_empty() {
        return Ok(Ok(fast));
    }
    let problems = hashes.iter().filter_map(|(number, class)| {
        let (_, takes) = slow.iter().find(|(slow, _)| slow == class)?;
        Some((*number, too_slow(*class, *takes)))
    });
    Ok(Err(problems.take(PROBLEMS_TOLD).collect()))
}

fn class_in(record: &ImportRecord) -> Option<HashClass> {
    match record {
        ImportRecord::User(user) => user.account.password.as_ref().and_then(PasswordHash::class),
        ImportRecord::App(_) | ImportRecord::Token(_) => None,
    }
}

fn too_slow(class: HashClass, takes: Duration) -> String {
    format!(
        "its password hash ({class}) takes {:.1} seconds of a processor to verify on this machine: at most {} are allowed",
        takes.as_secs_f64(),
        LONGEST_VERIFICATION.as_secs()
    )
}

/// What is told of one that may be taken over.
pub(super) fn note((class, takes): &(HashClass, Duration)) -> String {
    format!(
        "a password kept as {class} takes {:.3} seconds of a processor to verify on this machine, and refusals take as long until its owner \
         signs in",
        takes.as_secs_f64()
    )
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::commands::import::lines;

    fn file(hashes: &[String]) -> Vec<ImportLine> {
        let users = hashes.iter().zip('a'..).map(|(hash, login)| {
            format!("{{\"type\":\"user\",\"login\":\"{login}\",\"password_hash\":\"{hash}\"}}\n")
        });
        let others = "{\"type\":\"user\",\"login\":\"without\"}\n";
        lines::read((users.collect::<String>() + others).as_bytes()).expect("it can be read")
    }

    fn bcrypt(cost: u32) -> String {
        format!("$2b${cost:02}${}", "a".repeat(53))
    }

    fn argon2id(memory_kib: u32) -> String {
        let (salt, hash) = ("A".repeat(22), "A".repeat(43));
        format!("$argon2id$v=19$m={memory_kib},t=3,p=1${salt}${hash}")
    }

    /// A machine on which bcrypt at cost 13 takes three seconds, and Argon2id a second for 100 MiB.
    async fn machine(class: HashClass) -> Result<Duration, ()> {
        Ok(match class {
            HashClass::Bcrypt(cost) => Duration::from_millis((3_000 << cost) >> 13),
            HashClass::Argon2id(cost) => Duration::from_micros(u64::from(cost.memory_kib) * 10),
        })
    }

    #[tokio::test]
    async fn what_takes_too_long_here_is_refused_by_its_line_with_what_is_allowed() {
        let hashes = [
            bcrypt(13),
            bcrypt(14),
            argon2id(65_536),
            bcrypt(15),
            bcrypt(14),
        ];
        let problems = measure(&file(&hashes), machine).await.unwrap().unwrap_err();
        let sentence = |cost: u32, seconds: &str| {
            format!(
                "its password hash (bcrypt at cost {cost}) takes {seconds} seconds of a processor to verify on this machine: at most 3 are \
                 allowed"
            )
        };
        let expected = [
            (2, sentence(14, "6.0")),
            (4, sentence(15, "12.0")),
            (5, sentence(14, "6.0")),
        ];
        assert_eq!(problems, expected);
    }

    #[tokio::test]
    async fn only_the_slowest_of_each_algorithm_is_measured_when_it_is_fast_enough() {
        let hashes = [
            argon2id(8_192),
            bcrypt(10),
            argon2id(65_536),
            bcrypt(12),
            bcrypt(4),
        ];
        let asked = RefCell::new(Vec::new());
        let watched = async |class| {
            asked.borrow_mut().push(class);
            machine(class).await
        };
        let measured = measure(&file(&hashes), watched).await.unwrap().unwrap();
        assert_eq!(asked.take().len(), 2);
        assert_eq!(measured.len(), 2);
        assert!(measured.contains(&(HashClass::Bcrypt(12), Duration::from_millis(1_500))));
        let sentence = note(&measured[0]);
        assert!(sentence.starts_with(
            "a password kept as Argon2id with m=65536,t=3,p=1 takes 0.655 seconds of a"
        ));
        assert!(
            measure(&file(&[]), machine)
                .await
                .unwrap()
                .unwrap()
                .is_empty()
        );
    }
}

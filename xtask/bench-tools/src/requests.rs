//! What is asked: the bytes of a request, in which one place may differ from request to request.
//!
//! What differs was made beforehand, so that a request costs the generator no more than a copy.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Where the item stands in a template.
const PLACE: &str = "{item}";

/// Digits of a counter: every request has the same length, and so the same `Content-Length`.
const COUNTER_DIGITS: usize = 12;

/// The requests of a run, in their order.
#[derive(Debug)]
pub struct Requests {
    before: Vec<u8>,
    after: Vec<u8>,
    items: Items,
    asked: u64,
}

/// What stands in the place that differs.
#[derive(Debug)]
enum Items {
    /// Nothing differs.
    None,
    /// One line of a file after another, in a scattered order.
    Lines {
        text: Vec<u8>,
        length: usize,
        count: u64,
        step: u64,
    },
    /// A number that is never used twice.
    Counter { next: u64 },
}

impl Requests {
    /// Reads a description: a JSON object with the request as `template`, and `lines` (a file whose lines all have one
    /// length) or `counter` (the first number) for what stands at `{item}` in it.
    pub fn read(file: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let description: Value = serde_json::from_str(&text).context("requests are no JSON")?;
        let template = description["template"].as_str().context("no template")?;
        let items = if let Some(lines) = description["lines"].as_str() {
            lines_of(&PathBuf::from(lines))?
        } else if let Some(first) = description["counter"].as_u64() {
            Items::Counter { next: first }
        } else {
            Items::None
        };
        Self::of(template, items)
    }

    fn of(template: &str, items: Items) -> Result<Self> {
        let (before, after) = match &items {
            Items::None => (template, ""),
            Items::Lines { .. } | Items::Counter { .. } => template
                .split_once(PLACE)
                .context("the template has no place for an item")?,
        };
        Ok(Self {
            before: before.as_bytes().to_vec(),
            after: after.as_bytes().to_vec(),
            items,
            asked: 0,
        })
    }

    /// How many there are, if they end.
    pub fn count(&self) -> Option<u64> {
        match &self.items {
            Items::None | Items::Counter { .. } => None,
            Items::Lines { count, .. } => Some(*count),
        }
    }

    /// Writes the next request behind what is in `buffer`.
    pub fn write_next(&mut self, buffer: &mut Vec<u8>) {
        buffer.extend_from_slice(&self.before);
        match &mut self.items {
            Items::None => {}
            Items::Lines {
                text,
                length,
                count,
                step,
            } => {
                let index = (u128::from(self.asked) * u128::from(*step)) % u128::from(*count);
                let index = usize::try_from(index).expect("below the count of lines in memory");
                let start = index * (*length + 1);
                buffer.extend_from_slice(&text[start..start + *length]);
            }
            Items::Counter { next } => {
                let mut digits = [b'0'; COUNTER_DIGITS];
                let mut rest = *next;
                for digit in digits.iter_mut().rev() {
                    *digit = b'0' + u8::try_from(rest % 10).expect("a digit");
                    rest /= 10;
                }
                buffer.extend_from_slice(&digits);
                *next += 1;
            }
        }
        buffer.extend_from_slice(&self.after);
        self.asked += 1;
    }
}

fn lines_of(file: &Path) -> Result<Items> {
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let length = text
        .iter()
        .position(|byte| *byte == b'\n')
        .context("a file of items has lines")?;
    ensure!(
        length > 0 && text.len() % (length + 1) == 0,
        "the lines of {} do not all have one length",
        file.display()
    );
    let count = u64::try_from(text.len() / (length + 1))?;
    Ok(Items::Lines {
        text,
        length,
        count,
        step: scattering_step(count)?,
    })
}

/// A step that visits every one of `count` lines once before it comes back, and neighbours never in a row: a server
/// whose memory holds neighbours together gains nothing.
fn scattering_step(count: u64) -> Result<u64> {
    // About the golden section of the count.
    let about = count / 1_000 * 618 + count % 1_000 * 618 / 1_000;
    (about.max(1)..about + 1_000)
        .find(|step| greatest_common_divisor(*step, count) == 1)
        .with_context(|| format!("no step for {count} lines"))
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_asked_once_before_one_is_asked_again() {
        let count = 50_u64;
        let text: Vec<u8> = (0..count)
            .flat_map(|n| format!("{n:04}\n").into_bytes())
            .collect();
        let items = Items::Lines {
            text,
            length: 4,
            count,
            step: scattering_step(count).unwrap(),
        };
        let mut requests = Requests::of("<{item}>", items).unwrap();
        let mut asked: Vec<Vec<u8>> = Vec::new();
        for _ in 0..count {
            let mut buffer = Vec::new();
            requests.write_next(&mut buffer);
            asked.push(buffer);
        }
        asked.sort();
        asked.dedup();
        assert_eq!(asked.len(), 50);
        assert_eq!(asked[7], b"<0007>");
    }

    #[test]
    fn a_counter_has_one_length_and_never_repeats() {
        let mut requests = Requests::of("n{item}.", Items::Counter { next: 9 }).unwrap();
        let mut buffer = Vec::new();
        requests.write_next(&mut buffer);
        requests.write_next(&mut buffer);
        assert_eq!(buffer, b"n000000000009.n000000000010.");
    }
}

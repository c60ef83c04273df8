//! What is asked: the bytes of a request, in which two places may differ from request to request.
//!
//! What differs was made beforehand, so that a request costs the generator no more than a copy.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Where the item of a list stands in a template.
const ITEM: &str = "{item}";
/// Where a number that is never used twice stands in a template.
const NUMBER: &str = "{number}";

/// Digits of a number: every request has the same length, and so the same `Content-Length`.
const NUMBER_DIGITS: usize = 18;

/// The requests of a run, in their order.
#[derive(Debug)]
pub struct Requests {
    pieces: Vec<Piece>,
    items: Option<Items>,
    number: u64,
    asked: u64,
}

/// A part of a request.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(Vec<u8>),
    Item,
    Number,
}

/// The lines of a file, asked in a scattered order.
#[derive(Debug)]
struct Items {
    text: Vec<u8>,
    length: usize,
    count: u64,
    step: u64,
}

impl Requests {
    /// Reads a description: a JSON object with the request as `template`, for `{item}` in it the
    /// file `lines`, whose lines all have one length, and for `{number}` in it the first `number`.
    pub fn read(file: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let description: Value = serde_json::from_str(&text).context("requests are no JSON")?;
        let template = description["template"].as_str().context("no template")?;
        let items = match description["lines"].as_str() {
            Some(lines) => Some(Items::read(Path::new(lines))?),
            None => None,
        };
        Self::of(template, items, description["number"].as_u64().unwrap_or(0))
    }

    fn of(template: &str, items: Option<Items>, number: u64) -> Result<Self> {
        let pieces = pieces(template);
        ensure!(
            items.is_some() || !pieces.contains(&Piece::Item),
            "the template has a place for an item, and there is no list"
        );
        Ok(Self {
            pieces,
            items,
            number,
            asked: 0,
        })
    }

    /// How many there are, if they end.
    pub fn count(&self) -> Option<u64> {
        self.items.as_ref().map(|items| items.count)
    }

    /// Writes the next request behind what is in `buffer`.
    pub fn write_next(&mut self, buffer: &mut Vec<u8>) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => buffer.extend_from_slice(text),
                Piece::Item => {
                    let item = self.items.as_ref().map(|items| items.line(self.asked));
                    buffer.extend_from_slice(item.unwrap_or_default());
                }
                Piece::Number => write_number(self.number + self.asked, buffer),
            }
        }
        self.asked += 1;
    }
}

fn pieces(template: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let next = [(ITEM, Piece::Item), (NUMBER, Piece::Number)]
            .into_iter()
            .filter_map(|(mark, piece)| Some((rest.find(mark)?, mark, piece)))
            .min_by_key(|(at, _, _)| *at);
        let Some((at, mark, piece)) = next else {
            pieces.push(Piece::Text(rest.as_bytes().to_vec()));
            break;
        };
        pieces.push(Piece::Text(rest.as_bytes()[..at].to_vec()));
        pieces.push(piece);
        rest = &rest[at + mark.len()..];
    }
    pieces
}

fn write_number(number: u64, buffer: &mut Vec<u8>) {
    let mut digits = [b'0'; NUMBER_DIGITS];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).expect("a digit");
        rest /= 10;
    }
    buffer.extend_from_slice(&digits);
}

impl Items {
    fn read(file: &Path) -> Result<Self> {
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
        Ok(Self {
            text,
            length,
            count,
            step: scattering_step(count)?,
        })
    }

    fn line(&self, number: u64) -> &[u8] {
        let index = (u128::from(number) * u128::from(self.step)) % u128::from(self.count);
        let index = usize::try_from(index).expect("below the count of lines in memory");
        let start = index * (self.length + 1);
        &self.text[start..start + self.length]
    }
}

/// A step that visits every one of `count` lines once before it comes back, and neighbours never in
/// a row: a server whose memory holds neighbours together gains nothing.
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
        let items = Items {
            text,
            length: 4,
            count,
            step: scattering_step(count).unwrap(),
        };
        let mut requests = Requests::of("<{item}>", Some(items), 0).unwrap();
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
    fn a_number_has_one_length_and_never_repeats() {
        let mut requests = Requests::of("n{number}.", None, 9).unwrap();
        let mut buffer = Vec::new();
        requests.write_next(&mut buffer);
        requests.write_next(&mut buffer);
        assert_eq!(buffer, b"n000000000000000009.n000000000000000010.");
    }

    #[test]
    fn an_item_without_a_list_is_refused() {
        assert!(Requests::of("{item}", None, 0).is_err());
    }
}

//! Events as lines for people. What an event is about can be long, so it stands last, where it
//! makes no other line wide; at a terminal that is too narrow for it, it stands below.

use std::io;

use terminal_size::{Width, terminal_size_of};

use crate::commands::audit::view::EventView;

const HEADINGS: [&str; COLUMNS] = ["TIME", "ACTION", "ACTOR", "FROM"];

/// Columns before what an event is about.
const COLUMNS: usize = 4;

/// What most values fit into. A longer one moves the rest of its own line.
const MOST: [usize; COLUMNS] = [20, 27, 20, 15];

/// What columns have where the lines to come are not known.
const USUAL: [usize; COLUMNS] = [20, 22, 12, 15];

/// What stands before what did not fit.
const INDENT: &str = "    ";

/// How lines are laid out.
#[derive(Debug)]
pub(super) struct Lines {
    widths: [usize; COLUMNS],
    /// How wide the terminal is; none where lines may be as long as they are.
    terminal: Option<usize>,
}

impl Lines {
    /// For these events and no others.
    pub(super) fn for_all(views: &[EventView]) -> Self {
        let cells: Vec<_> = views.iter().map(cells).collect();
        Self {
            widths: widths(&cells),
            terminal: terminal(),
        }
    }

    /// For events that are still to come.
    pub(super) fn to_come() -> Self {
        Self {
            widths: USUAL,
            terminal: terminal(),
        }
    }

    /// The line above all.
    pub(super) fn headings(&self) -> String {
        self.laid_out(&HEADINGS, "ABOUT")
    }

    /// An event's line, or lines.
    pub(super) fn line(&self, view: &EventView) -> String {
        let cells = cells(view);
        self.laid_out(&cells.each_ref().map(String::as_str), &view.about())
    }

    fn laid_out(&self, cells: &[&str; COLUMNS], about: &str) -> String {
        let padded = cells.iter().zip(self.widths);
        let padded: Vec<String> = padded
            .map(|(cell, width)| format!("{cell:width$}  "))
            .collect();
        let line = padded.concat();
        let whole = line.chars().count() + about.chars().count();
        match self.terminal {
            Some(width) if whole > width => {
                let mut text = line.trim_end().to_owned() + "\n";
                for part in wrapped(about, width.saturating_sub(INDENT.len())) {
                    text.push_str(INDENT);
                    text.push_str(&part);
                    text.push('\n');
                }
                text
            }
            _ => line + about + "\n",
        }
    }
}

fn cells(view: &EventView) -> [String; COLUMNS] {
    [
        view.at.clone(),
        view.action.clone(),
        view.actor_in_words().to_owned(),
        view.address.clone().unwrap_or_else(|| "-".to_owned()),
    ]
}

/// As wide as what stands there, within bounds.
fn widths(rows: &[[String; COLUMNS]]) -> [usize; COLUMNS] {
    std::array::from_fn(|column| {
        let of_cells = rows.iter().map(|row| row[column].chars().count());
        let widest = of_cells.filter(|width| *width <= MOST[column]).max();
        widest.unwrap_or(0).max(HEADINGS[column].len())
    })
}

/// The words in lines of so many characters; a longer word is a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// How wide the terminal is that standard output leads to.
fn terminal() -> Option<usize> {
    terminal_size_of(io::stdout()).map(|(Width(width), _)| usize::from(width))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELLS: [&str; COLUMNS] = ["2026-11-30T02:00:00Z", "user.created", "os_user:root", "-"];
    const ABOUT: &str = "user mona login=mona site_administrator=false";

    fn lines(terminal: Option<usize>) -> Lines {
        let cells = CELLS.map(str::to_owned);
        let long = ["x", "installation.administrator_scopes_kept", "y", "z"].map(str::to_owned);
        Lines {
            widths: widths(&[cells, long]),
            terminal,
        }
    }

    #[test]
    fn a_long_value_widens_its_own_line_alone() {
        let lines = lines(None);
        assert_eq!(
            lines.headings(),
            "TIME                  ACTION        ACTOR         FROM  ABOUT\n"
        );
        assert_eq!(
            lines.laid_out(&CELLS, ABOUT),
            format!("2026-11-30T02:00:00Z  user.created  os_user:root  -     {ABOUT}\n")
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [60, 80, 100, 120] {
            let lines = lines(Some(width));
            let long = format!("{ABOUT} {ABOUT} {ABOUT}");
            let text = lines.laid_out(&CELLS, &long);
            assert!(text.lines().count() > 1, "{text}");
            for line in text.lines() {
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
            let words: Vec<&str> = text.split_whitespace().skip(COLUMNS).collect();
            assert_eq!(words.join(" "), long);
        }
        let short = lines(Some(120)).laid_out(&CELLS, ABOUT);
        assert_eq!(short.lines().count(), 1, "{short}");
    }
}

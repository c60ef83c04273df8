//! A page of the trail.

use counterfoil_store::{BadCursor, EventFilter, Order, ReadFrom, TrailCursor, TrailError};

use crate::authority::Authority;
use crate::principal::Operator;
use crate::trail::named::NamedEvent;

/// How often one page looks for more, each time at a bounded number of events: what is wanted may
/// be rare.
const LOOKS: u32 = 5;

/// Events of the trail, the newest first.
#[derive(Clone, Debug)]
pub struct TrailPage {
    /// Those that are wanted.
    pub events: Vec<NamedEvent>,
    /// Where older ones follow; nothing where there are none.
    pub next: Option<TrailCursor>,
    /// Whether it was given up to look for more: older events that are wanted may follow although
    /// the page is not full.
    pub is_cut_short: bool,
}

/// The cursor that an earlier page gave. Those of lists that begin with the oldest event lead
/// elsewhere.
///
/// # Errors
///
/// The text is none.
pub fn page_cursor(text: &str) -> Result<TrailCursor, BadCursor> {
    let cursor = TrailCursor::parse(text)?;
    match cursor.order() {
        Order::NewestFirst => Ok(cursor),
        Order::OldestFirst => Err(BadCursor),
    }
}

impl Authority {
    /// The newest events that are wanted, at most `most`, or those behind a cursor that an earlier
    /// page gave.
    pub async fn trail_page(
        &self,
        from: Option<TrailCursor>,
        filter: &EventFilter,
        most: usize,
        _operator: &Operator,
    ) -> Result<TrailPage, TrailError> {
        let from = from.map_or(ReadFrom::End(Order::NewestFirst), ReadFrom::Cursor);
        let mut reading = self.begin_reading(from).await?;
        let mut events = Vec::new();
        let mut looks = 0;
        while events.len() < most && !reading.is_at_end() && looks < LOOKS {
            let left = most - events.len();
            events.extend(self.read_on(&mut reading, filter, left).await?);
            looks += 1;
            // Where the database is a file this thread has read it, and others wait for it.
            tokio::task::yield_now().await;
        }
        let is_cut_short = events.len() < most && !reading.is_at_end();
        let next = if reading.is_at_end() {
            None
        } else if looks == LOOKS {
            reading.cursor()
        } else {
            // A page that is full may be the last one.
            let mut further = reading.clone();
            let more = self.read_on(&mut further, filter, 1).await?;
            let is_over = more.is_empty() && further.is_at_end();
            reading.cursor().filter(|_| !is_over)
        };
        Ok(TrailPage {
            events: self.name_events(events).await?,
            next,
            is_cut_short,
        })
    }
}

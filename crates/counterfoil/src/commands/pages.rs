//! Lists that the use cases give page by page, and commands show as a whole.

use counterfoil_domain::page::{Page, Paged};

/// All pages of a list.
pub(super) async fn every_page<T, E: Into<anyhow::Error>>(
    mut page: impl AsyncFnMut(Page) -> Result<Paged<T>, E>,
) -> anyhow::Result<Vec<T>> {
    let mut all = Vec::new();
    for number in 1.. {
        let next = page(Page::new(number, Page::LARGEST_SIZE)).await;
        let next = next.map_err(Into::into)?;
        let is_last = next.items.is_empty();
        all.extend(next.items);
        if is_last || all.len() as u64 >= next.total {
            break;
        }
    }
    Ok(all)
}

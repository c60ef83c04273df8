//! Pages of a list (wire contract, section 8).

/// One page: which, and how many items it holds at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    number: u32,
    size: u32,
}

impl Page {
    /// Items on a page unless the request says otherwise.
    const DEFAULT_SIZE: u32 = 30;
    /// Most items on a page; a larger wish is cut to this without an error.
    pub const LARGEST_SIZE: u32 = 100;

    /// Page `number`, counted from 1, of `size` items. Zero means the default, as does what could
    /// not be read.
    pub fn new(number: u32, size: u32) -> Self {
        let size = if size == 0 {
            Self::DEFAULT_SIZE
        } else {
            size.min(Self::LARGEST_SIZE)
        };
        Self {
            number: number.max(1),
            size,
        }
    }

    /// Which page, from 1.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// Most items on it, 1 to [`Page::LARGEST_SIZE`].
    pub const fn size(self) -> u32 {
        self.size
    }

    /// How many items stand before it.
    pub fn offset(self) -> u64 {
        u64::from(self.number - 1) * u64::from(self.size)
    }

    /// How many pages `total` items fill.
    pub fn count_for(self, total: u64) -> u64 {
        total.div_ceil(u64::from(self.size))
    }
}

/// The items of a page, with how many there are on all pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    /// The items of the page.
    pub items: Vec<T>,
    /// How many items the whole list has.
    pub total: u64,
}

impl<T> Paged<T> {
    /// A page of an empty list.
    pub const fn empty() -> Self {
        Self {
            items: Vec::new(),
            total: 0,
        }
    }
}

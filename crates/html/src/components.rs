//! The parts that pages are put together from. Each is a value that its template writes; a page's
//! template names it where it belongs.

mod badge;
mod banner;
mod choice;
mod field;
mod icon;
mod pages;
mod powers;
mod secret;
mod summary;
mod table;

pub use badge::Badge;
pub use banner::Banner;
pub use choice::{Checkbox, Choice, Radios};
pub use field::Field;
pub use icon::Icon;
pub use pages::Pages;
pub use powers::Powers;
pub use secret::Secret;
pub use summary::Summary;
pub use table::{Cell, Table};

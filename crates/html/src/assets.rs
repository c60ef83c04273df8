//! What browsers load beside a page: the stylesheet, the icons, the mark, the scripts. Names
//! hold a digest of the bytes, so an answer may be kept for ever.

/// A file that a browser loads beside a page, at `/assets/` and its name.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// With a digest of the bytes in it: `counterfoil.0f3a….css`.
    pub name: &'static str,
    /// Its media type, with the character set where it is text.
    pub content_type: &'static str,
    /// What is sent.
    pub bytes: &'static [u8],
}

/// All of them. A page needs `style-src`, `script-src` and `img-src` of its own origin for them.
pub fn assets() -> &'static [Asset] {
    ASSETS
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

//! Enums whose variants have a word each in the store, the audit trail or on the wire. Variants and
//! words stand in one list, so that none is forgotten where words are read.

macro_rules! words {
    (
        $(#[$about:meta])*
        pub enum $Name:ident {
            $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?
        }
    ) => {
        $(#[$about])*
        pub enum $Name {
            $($(#[$doc])* $variant),+
        }

        impl $Name {
            /// The word that is kept and shown.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What a kept word stands for; `None` for a word of none.
            pub fn from_stored(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

pub(crate) use words;

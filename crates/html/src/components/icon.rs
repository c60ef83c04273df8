//! Icons out of the one sprite. They stand beside words and never for them.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::assets;

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $id:literal),+ $(,)?) => {
        /// An icon of `assets/icons.svg`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Icon {
            $($(#[$doc])* $name,)+
        }

        impl Icon {
            const fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)+
                }
            }

            /// All of them, for the test that looks them up in the sprite.
            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

icons! {
    /// The program's mark.
    Mark = "mark",
    /// Tokens.
    Key = "key",
    /// An app.
    App = "app",
    /// Apps that somebody makes.
    Code = "code",
    /// The protection of an account.
    Shield = "shield",
    /// A session.
    Screen = "screen",
    /// Somebody.
    Person = "person",
    /// To read.
    Eye = "eye",
    /// To write.
    Pencil = "pencil",
    /// To administer.
    Gear = "gear",
    /// A problem or a danger.
    Warn = "warn",
    /// Done, or included.
    Check = "check",
    /// Not done, or not included.
    Cross = "cross",
    /// A fact worth knowing.
    Info = "info",
    /// A letter.
    Mail = "mail",
    /// How a server is.
    Pulse = "pulse",
    /// Several people.
    Group = "group",
    /// A passkey.
    Passkey = "passkey",
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<svg class=\"i\" aria-hidden=\"true\"><use href=\"{}#{}\"/></svg>",
            assets::ICONS_SVG,
            self.id()
        )
    }
}

impl HtmlSafe for Icon {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_is_in_the_sprite_and_nothing_else_is() {
        let sprite = include_str!("../../assets/icons.svg");
        for icon in Icon::ALL {
            let symbol = format!("<symbol id=\"{}\" viewBox=\"0 0 24 24\">", icon.id());
            assert!(sprite.contains(&symbol), "{icon:?}");
        }
        assert_eq!(sprite.matches("<symbol").count(), Icon::ALL.len());
    }
}

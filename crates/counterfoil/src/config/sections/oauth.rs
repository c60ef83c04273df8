//! The flows in which apps get tokens, as they are for all apps.

use counterfoil_domain::app::SendIss;

use crate::config::rule::OneOf;
use crate::config::section::section;

section! {
    /// The flows in which apps get tokens.
    pub struct Oauth = "oauth", "oauth." {
        /// Which apps are told by the parameter `iss` which server answers them (RFC 9207): those
        /// that want it, or every app. With `every_app` the metadata says so, and clients that read
        /// it refuse an answer without `iss`. Some clients refuse an answer that has it.
        iss: SendIss = SendIss::PerApp,
            OneOf(&[("per_app", SendIss::PerApp), ("every_app", SendIss::EveryApp)]), Restart;
    }
}

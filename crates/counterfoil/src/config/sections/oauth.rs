//! The flows by which apps get tokens, as they are for all apps.

use counterfoil_domain::app::SendIss;
use counterfoil_domain::oauth::CodeReplay;

use crate::config::rule::OneOf;
use crate::config::section::section;

section! {
    /// The web application flow and the device flow.
    pub struct Oauth = "oauth", "oauth." {
        /// Which apps are told by the parameter `iss` which server answers them (RFC 9207): those
        /// that want it, or every app. With `every_app` the metadata says so, and clients that read
        /// it refuse an answer without `iss`. Some clients refuse an answer that has it.
        iss: SendIss = SendIss::PerApp,
            OneOf(&[("per_app", SendIss::PerApp), ("every_app", SendIss::EveryApp)]), Restart;
        /// What becomes of a token when its app brings the same code once more, within the code's
        /// ten minutes and with everything right. The code is refused either way. `tolerated`
        /// leaves the token alone, since clients run their callback twice; `strict` ends it, as
        /// RFC 6749 wants. With a wrong verifier or redirect URI it always ends.
        code_replay: CodeReplay = CodeReplay::Tolerated,
            OneOf(&[("tolerated", CodeReplay::Tolerated), ("strict", CodeReplay::Strict)]), Restart;
    }
}

//! Names of apps that could be taken for the name of the installation, or for an app that comes
//! with it: who reads "Allow … to use your account?" goes by the name.
//!
//! Names are alike when they are read alike, whatever letters they are written with. That is told
//! by skeletons (Unicode Technical Standard #39, section 4), in which a letter stands for all that
//! look like it, and by what a hurried reader passes over: capitals, marks above letters, blanks
//! and what is neither letter nor digit.

use unicode_normalization::UnicodeNormalization as _;
use unicode_security::confusable_detection::skeleton;

use crate::built_in::BuiltInApp;
use crate::text::DisplayName;

/// Whether a name could be taken for that of the installation, `brand`, or of an app that comes
/// with it.
pub fn could_be_taken_for_ours(name: &DisplayName, brand: &str) -> bool {
    let alike = likeness(name.as_str());
    let is_alike = |ours: &str| likeness(ours) == alike;
    is_alike(brand) || BuiltInApp::ALL.iter().any(|app| is_alike(app.name))
}

/// Equal for names that are read alike.
fn likeness(name: &str) -> String {
    let plain: String = name.nfkc().collect();
    // Capitals look like other letters than small ones do, and both are compared.
    let capitals: String = skeleton(&plain).collect();
    let small = capitals.to_lowercase();
    let letters = skeleton(&small).filter(|letter| letter.is_alphanumeric());
    // The small form of a capital that looks like an l.
    let letters: String = letters
        .map(|letter| if letter == 'i' { 'l' } else { letter })
        .collect();
    // A name without letters is compared as it is.
    if letters.is_empty() { small } else { letters }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_alike(name: &str, brand: &str) -> bool {
        could_be_taken_for_ours(&DisplayName::parse(name).expect("a name"), brand)
    }

    #[test]
    fn a_name_that_is_read_like_ours_is_alike() {
        for name in [
            "Counterfoil",
            "counterfoil",
            "COUNTERFOIL",
            "Counter foil",
            "Counter-Foil!",
            "C0unterf0il",
            "Counterfoi1",
            "CounterfoiI",
            "Counterf\u{43e}il",
            "\u{421}ounterfoil",
            "\u{ff23}\u{ff4f}\u{ff55}\u{ff4e}\u{ff54}\u{ff45}\u{ff52}\u{ff46}\u{ff4f}\u{ff49}\u{ff4c}",
            "\u{1d402}ounterfoil",
            "Co\u{308}unterf\u{f6}il",
            "Counter\u{200b}foil",
            "Counter\u{ad}foil",
            "Github cli",
            "GITHUB CLI",
            "GlTHUB CL1",
            "Git Credentia\u{217c} Manager",
            "Git Credential Rnanager",
            "git-credential-manager",
        ] {
            assert!(is_alike(name, "Counterfoil"), "{name}");
        }
        for (name, brand) in [
            (
                "\u{c544}\u{d06c}\u{bbf8} \u{d1a0}\u{d070}",
                "\u{c544}\u{d06c}\u{bbf8}\u{d1a0}\u{d070}",
            ),
            ("\u{2605}", "\u{2605}"),
        ] {
            assert!(is_alike(name, brand), "{name}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for name in [
            "",
            "Deployer",
            "Counterfoil board",
            "Counter",
            "My Git Credential Manager",
            "\u{2605}\u{2605}",
            "\u{1f600}",
        ] {
            assert!(!is_alike(name, "Counterfoil"), "{name}");
        }
        assert!(!is_alike("\u{2605}\u{2605}", "\u{2605}"));
        assert!(!is_alike("Counterfoil", "Acme tokens"));
    }
}

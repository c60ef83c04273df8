//! The forms in which a secret may be written down.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use data_encoding::{BASE64, BASE64URL};

/// All the ways in which the secrets of a program may have been written.
pub(super) struct Forms {
    sought: AhoCorasick,
    /// What each form is called; as many as are sought.
    names: Vec<&'static str>,
}

impl Forms {
    pub(super) fn of(secrets: &BTreeSet<Vec<u8>>) -> Self {
        let mut forms: Vec<(&'static str, Vec<u8>)> = Vec::new();
        for secret in secrets {
            forms.push(("as it is", secret.clone()));
            for form in in_base_64(secret) {
                forms.push(("in base 64", form));
            }
            for form in in_urls(secret) {
                if form != *secret {
                    forms.push(("as URLs spell it", form));
                }
            }
        }
        let (names, patterns): (Vec<_>, Vec<_>) = forms.into_iter().unzip();
        let sought = AhoCorasick::new(patterns).expect("a machine that looks for a few thousand");
        Self { sought, names }
    }

    /// What is found in these bytes, each kind once.
    pub(super) fn found_in(&self, bytes: &[u8], place: &str) -> BTreeSet<String> {
        let found = self.sought.find_iter(bytes);
        found
            .map(|found| {
                let name = self.names[found.pattern().as_usize()];
                let length = found.end() - found.start();
                let at = found.start();
                format!("a secret stands {name} in {place}, {length} bytes at {at}")
            })
            .collect()
    }
}

/// The base 64 of whatever has the secret in it: three forms, by where it begins, each without what
/// depends on its neighbours.
fn in_base_64(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for before in 0..3 {
        let bytes = [&vec![0; before], secret].concat();
        let whole = bytes.len() / 3 * 3;
        let skipped = before.div_ceil(3) * 4;
        for encoding in [BASE64, BASE64URL] {
            let form = encoding.encode(&bytes[..whole]).into_bytes();
            forms.push(form[skipped..].to_vec());
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

fn in_urls(secret: &[u8]) -> [Vec<u8>; 2] {
    let spell = |blank: &str| {
        let mut spelled = Vec::new();
        for byte in secret {
            match byte {
                b' ' => spelled.extend_from_slice(blank.as_bytes()),
                byte if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) => {
                    spelled.push(*byte);
                }
                byte => spelled.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            }
        }
        spelled
    };
    [spell("%20"), spell("+")]
}

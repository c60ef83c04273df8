//! Where packages are fetched from is for each machine's own configuration to say: a lock file or a
//! page that names a registry's host breaks everyone behind a mirror.

use crate::tidy::tree::{File, Finding, Tree};

/// First labels of the hosts that packages come from, of any registry.
const FIRST_LABELS: &[&str] = &["registry", "index", "proxy", "mirror", "mirrors"];

/// Looks at every text file.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> = tree.files().iter().flat_map(check_urls).collect();
    for file in tree.ending("package-lock.json") {
        for (number, line) in file.lines() {
            if line.trim_start().starts_with("\"resolved\"") {
                findings.push(file.finding_at(number, "names where a package came from; write the lock file without (see CONTRIBUTING.md)"));
            }
        }
    }
    findings
}

fn check_urls(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.lines() {
        for scheme in ["https://", "http://"] {
            for (at, _) in line.match_indices(scheme) {
                let host = &line[at + scheme.len()..];
                let is_registry = FIRST_LABELS.iter().any(|label| {
                    host.strip_prefix(label)
                        .is_some_and(|rest| rest.starts_with('.'))
                });
                if is_registry {
                    findings.push(file.finding_at(number, "names the host of a package registry"));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn the_host_of_a_registry_is_found() {
        let url = format!("see https://{}.example.org/x\n", "registry");
        assert_eq!(found("a.md", &url), 1);
        assert_eq!(found("a.md", "see https://example.org/registry\n"), 0);
    }

    #[test]
    fn a_lock_file_with_addresses_is_found() {
        assert_eq!(
            found(
                "tests/clients/package-lock.json",
                "{\n  \"resolved\": \"x\"\n}\n"
            ),
            1
        );
    }
}

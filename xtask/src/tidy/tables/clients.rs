//! The page of other people's programs: each version is that of the list that set-up installs from,
//! nothing on these lists is missing, and no module of tests is.

use std::collections::BTreeSet;

use crate::rows::{Row, quoted};
use crate::tidy::test_names::Tests;
use crate::tidy::tree::{File, Finding, Tree};

/// Where a program comes from, as the page calls it, and the files that say which version.
const LISTS: &[(&str, &[&str])] = &[
    ("npm", &["tests/clients/package.json"]),
    (
        "PyPI",
        &[
            "tests/clients/drivers/requirements.txt",
            "tests/schemathesis/requirements.txt",
        ],
    ),
    (
        "Go",
        &[
            "tests/clients/go_github/go.mod",
            "tests/clients/oauth2_proxy/go.mod",
            "tests/acme/pebble/go.mod",
        ],
    ),
    ("Maven", &["tests/clients/java/pom.xml"]),
    ("cargo", &["Cargo.lock"]),
    (
        DEBIAN,
        &["xtask/src/setup/debian.rs", "xtask/src/setup/promtool.rs"],
    ),
];
/// The distribution, whose release has one version of each program.
const DEBIAN: &str = "Debian";
/// What a row says in the place of that version.
const OF_DEBIAN: &str = "Debian's";
/// What a row says, in the places of list and version, of a program that cannot be installed here:
/// what it would send or read is looked at without it.
const NOT_RUN: (&str, &str) = ("not run", "–");
/// Lists on which nothing stands that is only there for something else.
const WHOLE: [&str; 2] = ["npm", "Maven"];

/// Where clients of others are run.
const MODULES: [&str; 2] = ["clients::", "gateway::clients::"];
/// Modules there that test what asks the clients.
const NO_CLIENTS: [&str; 1] = ["clients::driver"];

/// Looks at the page and at the lists.
pub(super) fn check(tree: &Tree, page: &File, rows: &[Row<'_>], tests: &Tests<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in rows {
        let said = refusal(tree, row).into_iter();
        findings
            .extend(said.map(|said| page.finding_at(row.line, format!("{}: {said}", row.id()))));
    }
    let told: BTreeSet<_> = rows.iter().filter_map(program).collect();
    for (list, _) in LISTS.iter().filter(|(list, _)| WHOLE.contains(list)) {
        let pinned = pinned(tree, list).into_iter();
        let missing =
            pinned.filter(|(name, version)| !told.contains(&(name.as_str(), version.as_str())));
        findings.extend(
            missing
                .map(|(name, version)| page.finding(format!("lacks {name} {version} of {list}"))),
        );
    }
    let named: BTreeSet<_> = rows
        .iter()
        .flat_map(Row::tests)
        .filter_map(|test| Some(test.rsplit_once("::")?.0))
        .collect();
    let modules = MODULES.iter().flat_map(|below| tests.modules_below(below));
    let missing = modules.filter(|module| !named.contains(module) && !NO_CLIENTS.contains(module));
    findings.extend(missing.map(|module| page.finding(format!("names no test of {module}"))));
    findings
}

/// The name and the version of the program that a row is about.
fn program<'p>(row: &Row<'p>) -> Option<(&'p str, &'p str)> {
    let name = quoted(row.id()).first().copied()?;
    Some((name, row.cells.get(1).copied()?))
}

fn refusal(tree: &Tree, row: &Row<'_>) -> Option<String> {
    let [_, version, list, exercised, lacking, _] = row.cells.as_slice() else {
        return Some("a row has six cells".to_owned());
    };
    if exercised.is_empty() || lacking.is_empty() {
        return Some("a cell is empty".to_owned());
    }
    let Some((name, _)) = program(row) else {
        return Some("its name stands between back quotes".to_owned());
    };
    if (*list, *version) == NOT_RUN {
        return None;
    }
    let pinned = pinned(tree, list);
    let is_pinned = pinned.contains(&(name.to_owned(), (*version).to_owned()));
    (!is_pinned).then(|| format!("{version} is not what {list} has"))
}

/// What the files of a list pin: names with their versions.
fn pinned(tree: &Tree, list: &str) -> BTreeSet<(String, String)> {
    let paths = LISTS.iter().find(|(known, _)| *known == list);
    let paths = paths.map_or(&[][..], |(_, paths)| *paths);
    let files = tree.files().iter();
    let files = files.filter(|file| paths.contains(&file.path.as_str()));
    files
        .flat_map(|file| {
            let lines = file.text.lines().map(str::trim);
            match list {
                "npm" => in_package(&file.text),
                "PyPI" => lines
                    .filter_map(|line| line.split_once("=="))
                    .map(owned)
                    .collect(),
                "Go" => lines.filter_map(in_module).collect(),
                "Maven" => in_pom(&file.text),
                "cargo" => in_lock(&file.text),
                _ => lines.filter_map(in_debian).collect::<Vec<_>>(),
            }
        })
        .collect()
}

fn owned((name, version): (&str, &str)) -> (String, String) {
    (name.to_owned(), version.to_owned())
}

/// The dependencies of `package.json`; one under another name (`npm:name@version`) is what it is.
fn in_package(text: &str) -> Vec<(String, String)> {
    let package: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let dependencies = package["dependencies"].as_object().into_iter().flatten();
    dependencies
        .filter_map(|(name, version)| {
            let version = version.as_str()?;
            let real = version.strip_prefix("npm:");
            let real = real.and_then(|real| real.rsplit_once('@'));
            Some(owned(real.unwrap_or((name.as_str(), version))))
        })
        .collect()
}

/// A requirement of `go.mod`, such as `example.org/name/v7 v7.1.2 // indirect`.
fn in_module(line: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("require ").unwrap_or(line);
    let mut words = line.split_whitespace();
    let (name, version) = (words.next()?, words.next()?);
    Some(owned((name, version.strip_prefix('v')?)))
}

/// The dependencies of a Maven project. The plugins stand behind them.
fn in_pom(text: &str) -> Vec<(String, String)> {
    let dependencies = text.split("</dependencies>").next().unwrap_or_default();
    let between = |part: &str, tag: &str| {
        let (_, rest) = part.split_once(&format!("<{tag}>"))?;
        let (value, _) = rest.split_once(&format!("</{tag}>"))?;
        Some(value.to_owned())
    };
    let parts = dependencies.split("<dependency>").skip(1);
    parts
        .filter_map(|part| Some((between(part, "artifactId")?, between(part, "version")?)))
        .collect()
}

/// The packages of `Cargo.lock`.
fn in_lock(text: &str) -> Vec<(String, String)> {
    let value = |part: &str, key: &str| {
        let mut lines = part.lines();
        let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "))?;
        Some(value.trim_matches('"').to_owned())
    };
    let parts = text.split("[[package]]").skip(1);
    parts
        .filter_map(|part| Some((value(part, "name")?, value(part, "version")?)))
        .collect()
}

/// A package that set-up installs or unpacks: `package: "git",` or a constant of this kind.
fn in_debian(line: &str) -> Option<(String, String)> {
    let named = line
        .strip_prefix("package: \"")
        .or_else(|| line.strip_prefix("const PACKAGE: &str = \""))?;
    let (name, _) = named.split_once('"')?;
    Some(owned((name, OF_DEBIAN)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::rows;

    const NPM: &str = "{\"dependencies\": {\"passport\": \"0.7.0\", \"old\": \"npm:@a/b@1.2.3\"}}";
    const PYPI: &str = "# What is pinned.\nPyGithub==2.10.0\n";
    const GO: &str = "module a\n\nrequire (\n\texample.org/b/v7 v7.1.2 // indirect\n)\n";
    const MAVEN: &str = "<dependencies><dependency><artifactId>api</artifactId>\n\
                         <version>1.3</version></dependency></dependencies><plugin><version>3</version></plugin>";
    const CARGO: &str = "[[package]]\nname = \"oauth2\"\nversion = \"5.0.0\"\n";
    const SET_UP: &str =
        "    Needed {\n        program: \"gh\",\n        package: \"gh\",\n    },\n";
    const TEST: &str = "#[test]\nfn it_signs_in() {}\n";

    const COMPLETE: [&str; 8] = [
        "| `passport` | 0.7.0 | npm | signs in | nothing known | `clients::passport::it_signs_in` |",
        "| `@a/b` | 1.2.3 | npm | signs in | nothing known | `clients::passport::it_signs_in` |",
        "| `PyGithub` 2 | 2.10.0 | PyPI | signs in | nothing known | `clients::passport::it_signs_in` |",
        "| `example.org/b/v7` | 7.1.2 | Go | signs in | nothing known | `clients::passport::it_signs_in` |",
        "| `api` | 1.3 | Maven | signs in | nothing known | `clients::passport::it_signs_in` |",
        "| `oauth2` | 5.0.0 | cargo | signs in | nothing known | `clients::passport::it_signs_in` |",
        "| `gh` | Debian's | Debian | signs in | nothing known | `clients::passport::it_signs_in` |",
        "| `Grafana` | – | not run | its form | it is on no list | `clients::passport::it_signs_in` |",
    ];

    fn found(rows_of_page: &[&str]) -> Vec<String> {
        let head = "| program | version |\n| --- | --- |\n";
        let page = format!("{head}{}\n", rows_of_page.join("\n"));
        let tree = Tree::of(&[
            ("docs/reference/clients.md", &page),
            ("tests/clients/package.json", NPM),
            ("tests/clients/drivers/requirements.txt", PYPI),
            ("tests/clients/oauth2_proxy/go.mod", GO),
            ("tests/clients/java/pom.xml", MAVEN),
            ("Cargo.lock", CARGO),
            ("xtask/src/setup/debian.rs", SET_UP),
            ("tests/clients/passport.rs", TEST),
            ("tests/clients/driver.rs", TEST),
        ]);
        let page = &tree.files()[0];
        let findings = check(&tree, page, &rows(&page.text), &Tests::of(&tree));
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_page_with_every_program_at_its_version_is_complete() {
        assert!(found(&COMPLETE).is_empty(), "{:?}", found(&COMPLETE));
    }

    #[test]
    fn another_version_than_the_lists_is_found() {
        for (place, right, wrong) in [
            (2, "2.10.0", "2.9.0"),
            (3, "7.1.2", "7.1.1"),
            (5, "5.0.0", "4.4.2"),
            (6, "`gh`", "`glab`"),
            (7, "–", "12.0"),
        ] {
            let mut page = COMPLETE.map(str::to_owned);
            page[place] = page[place].replace(right, wrong);
            let page: Vec<_> = page.iter().map(String::as_str).collect();
            assert_eq!(found(&page).len(), 1, "{wrong}");
        }
    }

    #[test]
    fn a_program_or_a_module_of_tests_that_is_missing_is_found() {
        let without = |place: usize| {
            let mut page = COMPLETE.to_vec();
            page.remove(place);
            found(&page)
        };
        assert_eq!(
            without(0),
            ["docs/reference/clients.md: lacks passport 0.7.0 of npm"]
        );
        assert_eq!(
            without(4),
            ["docs/reference/clients.md: lacks api 1.3 of Maven"]
        );
        let page = COMPLETE.map(|row| row.replace("clients::passport", "clients::driver"));
        let page: Vec<_> = page.iter().map(String::as_str).collect();
        assert_eq!(
            found(&page),
            ["docs/reference/clients.md: names no test of clients::passport"]
        );
    }
}

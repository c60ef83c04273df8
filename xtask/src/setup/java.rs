//! The clients in Java: their jars at the versions of the committed pom, and a program of ours
//! compiled against them, in a folder of the build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::say;
use crate::workspace::{Workspace, succeed};

/// Where the pom and the program's sources are committed.
const SOURCE: &str = "tests/clients/java";

const POM: &str = "pom.xml";

/// Where they are installed, below the folder that cargo builds in. The tests look there.
const INSTALLED: &str = "clients-java";

/// A copy of the pom and the sources that is written last, so that an installation cut short is not
/// taken for a whole one.
const DONE: &str = "installed-sources";

/// The oldest Java that Debian ships and the clients run on.
const RELEASE: &str = "11";

/// Installs the jars and compiles the program, unless both are there as the pom and the sources are
/// now.
pub(crate) fn install(workspace: &Workspace) -> Result<()> {
    let source = workspace.root().join(SOURCE);
    let installed = workspace.target_folder()?.join(INSTALLED);
    let sources = sources(&source)?;
    let wanted = together(&source.join(POM), &sources)?;
    let done = installed.join(DONE);
    if fs::read(&done).is_ok_and(|have| have == wanted) {
        say::line("clients in Java: nothing is missing");
        return Ok(());
    }
    say::line("clients in Java: installing");
    let (jars, classes) = (installed.join("jars"), installed.join("classes"));
    for folder in [&jars, &classes] {
        // A jar of another version beside the new one would be found first by chance.
        if folder.exists() {
            fs::remove_dir_all(folder)
                .with_context(|| format!("{} could not be emptied", folder.display()))?;
        }
        fs::create_dir_all(folder)
            .with_context(|| format!("{} could not be made", folder.display()))?;
    }
    copy_jars(&source, &installed, &jars)?;
    compile(&sources, &jars, &classes)?;
    fs::write(&done, wanted).with_context(|| format!("{} could not be written", done.display()))
}

fn copy_jars(source: &Path, installed: &Path, jars: &Path) -> Result<()> {
    let mut command = Command::new("mvn");
    command
        // A jar whose sum is not the published one is refused.
        .args(["--batch-mode", "--quiet", "--strict-checksums", "--file"])
        .arg(source.join(POM))
        // What is downloaded can be removed like everything else that was built.
        .arg(property("maven.repo.local", &installed.join("repository")))
        .arg("dependency:copy-dependencies")
        .arg(property("outputDirectory", jars))
        .arg("-DincludeScope=runtime")
        .stdin(Stdio::null());
    succeed(command, "mvn dependency:copy-dependencies")
}

fn property(name: &str, path: &Path) -> String {
    format!("-D{name}={}", path.display())
}

fn compile(sources: &[PathBuf], jars: &Path, classes: &Path) -> Result<()> {
    let mut command = Command::new("javac");
    command
        .args([
            "--release",
            RELEASE,
            "-Xlint:all,-classfile",
            "-Werror",
            "-d",
        ])
        .arg(classes)
        .arg("-cp")
        .arg(jars.join("*"))
        .args(sources)
        .stdin(Stdio::null());
    succeed(command, "javac")
}

/// The program's sources, in the order of their names.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{SOURCE} could not be read"))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "java")
        {
            sources.push(path);
        }
    }
    sources.sort();
    Ok(sources)
}

/// All that decides what is installed.
fn together(pom: &Path, sources: &[PathBuf]) -> Result<Vec<u8>> {
    let mut together = Vec::new();
    for file in std::iter::once(pom).chain(sources.iter().map(PathBuf::as_path)) {
        let text =
            fs::read(file).with_context(|| format!("{} could not be read", file.display()))?;
        together.extend(text);
    }
    Ok(together)
}

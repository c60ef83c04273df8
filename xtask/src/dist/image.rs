//! The container image, as an OCI image layout in an archive: an archive for each layer and three
//! documents (<https://github.com/opencontainers/image-spec>).
//!
//! Its first layer is what the program needs of an operating system and no more: the libraries that
//! it is linked with and the certificates of public authorities. There is no shell in it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::files::{Tree, set_modes};
use super::{Release, sums, tar};
use crate::workspace::output;

/// The user of the program, as in the Containerfile. Kubernetes wants a number.
const USER: &str = "10001:10001";
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// Nanoseconds, as Docker wants them.
const SECOND: u64 = 1_000_000_000;

/// An archive in the image.
struct Layer {
    /// Of the archive as it is stored.
    blob: Blob,
    /// Of the archive before it was compressed.
    unpacked: String,
    made_by: &'static str,
}

struct Blob {
    digest: String,
    size: u64,
}

/// Makes the image.
pub(super) fn image(release: &Release, tree: &Tree, work: &Path, to: &Path) -> Result<PathBuf> {
    let layout = work.join("image");
    fs::create_dir_all(layout.join("blobs/sha256"))?;
    let (base, program) = (work.join("base"), work.join("program"));
    lay_base(&tree.program(), &base)?;
    fs::create_dir_all(program.join("usr/bin"))?;
    fs::copy(tree.program(), program.join("usr/bin/counterfoil"))?;
    let documents = program.join("usr/share/doc/counterfoil");
    fs::create_dir_all(&documents)?;
    for name in ["LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY-LICENSES.gz"] {
        fs::copy(tree.document(name)?, documents.join(name))?;
    }
    let layers = [
        layer(release, &base, &layout, "the libraries of Debian")?,
        layer(release, &program, &layout, "cargo xtask dist")?,
    ];
    let config = document(&layout, &config(release, &layers)?)?;
    let manifest = document(&layout, &manifest(&config, &layers))?;
    let index = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [{
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": manifest.digest,
            "size": manifest.size,
            "platform": {"architecture": release.architecture, "os": "linux"},
            "annotations": {"org.opencontainers.image.ref.name": release.version},
        }],
    });
    fs::write(layout.join("index.json"), index.to_string())?;
    let version = json!({"imageLayoutVersion": "1.0.0"});
    fs::write(layout.join("oci-layout"), version.to_string())?;
    let archive = release.file(to, ".oci.tar");
    tar::write(&layout, &archive, release)?;
    Ok(archive)
}

/// Lays out what the program needs of the system, as this machine has it.
fn lay_base(program: &Path, base: &Path) -> Result<()> {
    let mut ldd = Command::new("ldd");
    ldd.arg(program);
    let said = output(ldd, "ldd")?;
    // `name => path (address)`, or `path (address)` for the loader.
    let libraries = said.lines().filter_map(|line| {
        let path = line.split_whitespace().find(|word| word.starts_with('/'))?;
        Some(PathBuf::from(path))
    });
    for library in libraries {
        copy_into(base, &library)?;
    }
    copy_into(base, Path::new(CERTIFICATES))?;
    for package in ["libc6", "libgcc-s1", "ca-certificates"] {
        copy_into(
            base,
            &Path::new("/usr/share/doc").join(package).join("copyright"),
        )?;
    }
    let etc = base.join("etc");
    let users = "root:x:0:0:root:/:/nonexistent\n\
                 counterfoil:x:10001:10001::/var/lib/counterfoil:/nonexistent\n";
    fs::write(etc.join("passwd"), users)?;
    fs::write(etc.join("group"), "root:x:0:\ncounterfoil:x:10001:\n")?;
    fs::write(etc.join("nsswitch.conf"), "hosts: files dns\n")?;
    // What engines mount, and cannot make where the root is read-only.
    for folder in ["dev", "proc", "sys", "tmp", "var/lib/counterfoil"] {
        fs::create_dir_all(base.join(folder))?;
    }
    // Where they are kept today.
    for folder in ["bin", "lib", "lib64"] {
        fs::create_dir_all(base.join("usr").join(folder))?;
        symlink(format!("usr/{folder}"), base.join(folder))?;
    }
    Ok(())
}

/// Copies a file to the same path, below `usr` where it would be there by a link.
fn copy_into(base: &Path, file: &Path) -> Result<()> {
    let inside = file
        .strip_prefix("/")
        .context("the path begins at the root")?;
    let inside = if inside.starts_with("lib") || inside.starts_with("lib64") {
        Path::new("usr").join(inside)
    } else {
        inside.to_owned()
    };
    let to = base.join(inside);
    fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
    fs::copy(file, to).with_context(|| format!("{} cannot be copied", file.display()))?;
    Ok(())
}

fn layer(release: &Release, folder: &Path, layout: &Path, made_by: &'static str) -> Result<Layer> {
    set_modes(folder)?;
    let archive = layout.join("layer.tar");
    tar::write(folder, &archive, release)?;
    let unpacked = sums::of_file(&archive)?;
    tar::compress(&archive, release.compression)?;
    let blob = keep(layout, &layout.join("layer.tar.gz"))?;
    Ok(Layer {
        blob,
        unpacked: format!("sha256:{unpacked}"),
        made_by,
    })
}

fn config(release: &Release, layers: &[Layer]) -> Result<Value> {
    let mut date = Command::new("date");
    date.args(["--utc", "+%Y-%m-%dT%H:%M:%SZ"])
        .arg(format!("--date=@{}", release.epoch));
    let created = output(date, "date")?.trim().to_owned();
    let history = layers
        .iter()
        .map(|layer| json!({"created": created, "created_by": layer.made_by}));
    Ok(json!({
        "created": created,
        "architecture": release.architecture,
        "os": "linux",
        "config": {
            "User": USER,
            "ExposedPorts": {"8080/tcp": {}},
            "Env": [
                "PATH=/usr/bin",
                "COUNTERFOIL_DATA_DIR=/var/lib/counterfoil/data",
            ],
            "Entrypoint": ["counterfoil"],
            "Cmd": ["serve"],
            "Volumes": {"/var/lib/counterfoil": {}},
            "WorkingDir": "/var/lib/counterfoil",
            // Docker's, beside the specification: others ignore it.
            "Healthcheck": {
                "Test": ["CMD", "counterfoil", "health"],
                "Interval": 30 * SECOND,
                "Timeout": 10 * SECOND,
                "StartPeriod": 60 * SECOND,
                "Retries": 3,
            },
            "Labels": {
                "org.opencontainers.image.title": "Counterfoil",
                "org.opencontainers.image.description":
                    "A token authority with the OAuth authorizations API of GitHub Enterprise Server",
                "org.opencontainers.image.version": release.version,
                "org.opencontainers.image.created": created,
                "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
            },
        },
        "rootfs": {
            "type": "layers",
            "diff_ids": layers.iter().map(|layer| &layer.unpacked).collect::<Vec<_>>(),
        },
        "history": history.collect::<Vec<_>>(),
    }))
}

fn manifest(config: &Blob, layers: &[Layer]) -> Value {
    let layers = layers.iter().map(|layer| {
        json!({
            "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
            "digest": layer.blob.digest,
            "size": layer.blob.size,
        })
    });
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": config.digest,
            "size": config.size,
        },
        "layers": layers.collect::<Vec<_>>(),
    })
}

fn document(layout: &Path, document: &Value) -> Result<Blob> {
    let file = layout.join("document.json");
    fs::write(&file, document.to_string())?;
    keep(layout, &file)
}

/// Gives a file its place by its digest.
fn keep(layout: &Path, file: &Path) -> Result<Blob> {
    let digest = sums::of_file(file)?;
    let size = fs::metadata(file)?.len();
    fs::rename(file, layout.join("blobs/sha256").join(&digest))?;
    Ok(Blob {
        digest: format!("sha256:{digest}"),
        size,
    })
}

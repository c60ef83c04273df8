//! The container image, and the files that say how to run one.

use std::fs;
use std::path::Path;
use std::process::Command;

use counterfoil_testkit::{TestFolder, installed};
use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::Value;

use super::release;

/// Runs the program of an image as a container engine does, without one: its root read-only, its
/// volume a disk of its own, as its user. `$1` is the folder with the image's
/// files.
const CONTAINER: &str = r#"
set -eu
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
mount -t tmpfs -o mode=700,uid=10001,gid=10001 tmpfs "$1/var/lib/counterfoil"
ip link set lo up
mount -o remount,bind,ro "$1"
inside() {
    exec env -i PATH=/usr/bin COUNTERFOIL_DATA_DIR=/var/lib/counterfoil/data \
        /usr/sbin/chroot --userspec=10001:10001 --groups=10001 "$root" "$@"
}
root=$1
if (inside counterfoil health); then echo "healthy without a server"; exit 1; fi
(inside counterfoil serve >"$1/tmp/log" 2>&1) & server=$!
until grep -q "the server is ready" "$1/tmp/log"; do kill -0 "$server" || { cat "$1/tmp/log"; exit 1; }; done
(inside counterfoil health)
echo "a good password" | (inside counterfoil user create mona --password-stdin)
stat --format "%u %a" "$1/var/lib/counterfoil/data"
kill "$server"
wait "$server"
if (inside counterfoil health); then echo "healthy without a server"; exit 1; fi
"#;

#[test]
fn the_image_is_read_back_and_its_program_serves_without_rights() {
    let folder = TestFolder::on_disk();
    let source = format!("oci-archive:{}", release::file(".oci.tar").display());
    let config = inspected(&source);
    assert_eq!(config["config"]["User"], "10001:10001");
    assert_eq!(config["config"]["Healthcheck"]["Test"][2], "health");
    let labels = &config["config"]["Labels"];
    assert_eq!(labels["org.opencontainers.image.title"], "Counterfoil");
    assert_eq!(
        labels["org.opencontainers.image.version"],
        env!("CARGO_PKG_VERSION")
    );
    // It compares every digest on the way.
    let copy = folder.path().join("copy");
    let mut skopeo = Command::new(installed::tool("skopeo"));
    skopeo.args(["copy", "--quiet", "--insecure-policy", &source]);
    skopeo.arg(format!("dir:{}", copy.display()));
    release::run(skopeo, "skopeo copy").succeeded();
    let root = folder.path().join("root");
    unpack(&copy, &root);
    let mut container = Command::new(installed::tool("unshare"));
    container.args(["--mount", "--net", "--propagation", "private"]);
    // Whatever the script leaves running ends with it.
    container.args(["--pid", "--fork", "--kill-child"]);
    container.args(["bash", "-c", CONTAINER, "bash"]).arg(&root);
    let output = release::run(container, "the container").succeeded();
    assert!(output.stdout.ends_with("10001 700\n"), "{}", output.stdout);
    assert!(output.stderr.contains("user mona"), "{}", output.stderr);
}

fn inspected(source: &str) -> Value {
    let mut skopeo = Command::new(installed::tool("skopeo"));
    skopeo.args(["inspect", "--raw", "--config", source]);
    release::run(skopeo, "skopeo inspect").succeeded().json()
}

/// Unpacks the layers in their order.
fn unpack(image: &Path, root: &Path) {
    fs::create_dir_all(root).expect("a test can make a folder");
    let manifest = fs::read_to_string(image.join("manifest.json"));
    let manifest: Value = serde_json::from_str(&manifest.expect("a manifest")).expect("JSON");
    for layer in manifest["layers"].as_array().expect("layers") {
        let digest = layer["digest"].as_str().expect("a digest");
        let digest = digest.strip_prefix("sha256:").expect("of SHA-256");
        let mut tar = Command::new("tar");
        tar.args(["--extract", "--gzip", "--file"]);
        tar.arg(image.join(digest)).arg("--directory").arg(root);
        release::run(tar, "tar").succeeded();
    }
}

/// The two ways to an image lead to the same one.
#[test]
fn the_containerfile_says_what_the_image_says() {
    let source = format!("oci-archive:{}", release::file(".oci.tar").display());
    let config = &inspected(&source)["config"];
    let file = checkout("packaging/container/Containerfile");
    let has = |line: &str| assert!(file.lines().any(|found| found == line), "{line}\n{file}");
    has(&format!("USER {}", config["User"].as_str().unwrap()));
    has(&format!(
        "WORKDIR {}",
        config["WorkingDir"].as_str().unwrap()
    ));
    has(&format!("ENTRYPOINT {}", config["Entrypoint"]));
    has(&format!("CMD {}", config["Cmd"]));
    has("VOLUME /var/lib/counterfoil");
    assert!(config["Volumes"]["/var/lib/counterfoil"].is_object());
    has("EXPOSE 8080");
    assert!(config["ExposedPorts"]["8080/tcp"].is_object());
    let folder = config["Env"][1].as_str().unwrap();
    has(&format!("ENV {folder}"));
    assert!(file.contains(r#"CMD ["counterfoil", "health"]"#), "{file}");
    for label in config["Labels"].as_object().unwrap().keys() {
        let built_in = ["version", "created"]
            .iter()
            .any(|end| label.ends_with(end));
        assert!(built_in || file.contains(label), "{label}");
    }
}

#[test]
fn what_must_not_reach_an_image_is_left_out_of_its_build() {
    let ignored = checkout(".dockerignore");
    for path in ["**/counterfoil-data", ".git", "target"] {
        assert!(ignored.lines().any(|line| line == path), "{path}");
    }
}

#[test]
fn the_example_for_kubernetes_is_yaml_and_runs_without_rights() {
    let text = checkout("packaging/kubernetes/counterfoil.yaml");
    let documents = Yaml::load_from_str(&text).expect("YAML");
    let kinds: Vec<_> = documents
        .iter()
        .map(|document| document["kind"].as_str().expect("each has a kind"))
        .collect();
    assert_eq!(kinds, ["Service", "StatefulSet"]);
    let pod = &documents[1]["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let context = &container["securityContext"];
    assert_eq!(context["readOnlyRootFilesystem"].as_bool(), Some(true));
    assert_eq!(context["allowPrivilegeEscalation"].as_bool(), Some(false));
    assert_eq!(context["capabilities"]["drop"][0].as_str(), Some("ALL"));
    assert_eq!(
        pod["securityContext"]["runAsUser"].as_integer(),
        Some(10001)
    );
    let mounted = container["volumeMounts"][0]["mountPath"].as_str();
    assert_eq!(mounted, Some("/var/lib/counterfoil"));
}

fn checkout(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let file = root.join(path);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

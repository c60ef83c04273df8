//! Links in the data folder, as a service's user who went astray would put them where root's
//! commands write: none leads a command to another file.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use super::Desk;

const CONTENT: &str = "somebody's own\n";
const MODE: u32 = 0o640;

/// A desk with an installation, its data folder, and a file that is none of its own.
fn set() -> (Desk, PathBuf, PathBuf) {
    let desk = Desk::with_installation();
    let data = desk.folder.path().join("counterfoil-data");
    desk.folder_file("own", CONTENT);
    let own = desk.folder.path().join("own");
    fs::set_permissions(&own, fs::Permissions::from_mode(MODE)).expect("it is ours");
    (desk, data, own)
}

fn assert_untouched(own: &Path) {
    assert_eq!(fs::read_to_string(own).expect("it is there"), CONTENT);
    let metadata = fs::metadata(own).expect("it is there");
    assert_eq!(metadata.permissions().mode() & 0o7777, MODE);
    let folder = fs::metadata(own.parent().expect("a file lies in a folder")).expect("it is there");
    assert_eq!(metadata.uid(), folder.uid());
}

#[test]
fn a_key_is_not_written_through_a_link() {
    let (desk, data, own) = set();
    symlink(&own, data.join("keys.new")).unwrap();
    desk.json(&["key", "add"], "");
    assert_untouched(&own);
    let keys = fs::symlink_metadata(data.join("keys")).unwrap();
    assert!(keys.is_file(), "{keys:?}");
    assert_eq!(keys.permissions().mode() & 0o7777, 0o600);
    assert!(!data.join("keys.new").exists());
}

#[test]
fn no_start_locks_or_makes_what_a_link_leads_to() {
    let (desk, data, own) = set();
    let lock = data.join("serve.lock");
    if lock.exists() {
        fs::remove_file(&lock).unwrap();
    }
    symlink(&own, &lock).unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let sentence = desk.refused(&serve, "");
    assert!(sentence.contains("serve.lock"), "{sentence}");
    assert_untouched(&own);
    fs::remove_file(&lock).unwrap();
    // The same with one that leads to nothing.
    let nothing = desk.folder.path().join("nothing");
    symlink(&nothing, &lock).unwrap();
    desk.refused(&serve, "");
    assert!(!nothing.exists());
}

#[test]
fn no_certificate_is_made_in_a_folder_that_a_link_leads_to() {
    let (desk, data, own) = set();
    let elsewhere = desk.folder.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--tls-self-signed"];
    symlink(&elsewhere, data.join("tls")).unwrap();
    let sentence = desk.settings_refused(&serve);
    assert!(sentence.contains("cannot write"), "{sentence}");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    fs::remove_file(data.join("tls")).unwrap();

    fs::create_dir(data.join("tls")).unwrap();
    for name in ["self-signed.key.new", "self-signed.crt.new"] {
        symlink(&own, data.join("tls").join(name)).unwrap();
    }
    drop(desk.program.start_serve(&["--tls-self-signed"]));
    assert_untouched(&own);
}

#[test]
fn root_reads_no_key_file_by_a_link_of_somebody_else() {
    let (desk, data, _) = set();
    let (keys, moved) = (data.join("keys"), desk.folder.path().join("moved"));
    fs::rename(&keys, &moved).unwrap();
    symlink(&moved, &keys).unwrap();
    desk.json(&["key", "list"], "");
    // Only root can make a link somebody else's.
    if fs::symlink_metadata(&keys).unwrap().uid() == 0 {
        lchown(&keys, Some(65_534), None).unwrap();
        let sentence = desk.refused(&["key", "list"], "");
        assert!(sentence.contains("root does not follow it"), "{sentence}");
    }
}

//! The data folder and the database in it: what is made, what is refused, and `counterfoil db`.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use serde_json::json;

use super::{Desk, PASSWORD};

/// Why these tests are about SQLite.
const FILES: &str = "the database is a file of the data folder";

fn mode(path: &Path) -> u32 {
    let metadata = fs::metadata(path).expect("it is there");
    metadata.permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    let permissions = fs::Permissions::from_mode(mode);
    fs::set_permissions(path, permissions).expect("a test may change what it made");
}

#[test]
fn only_the_owner_may_read_what_is_made() {
    let desk = Desk::with_files(FILES).and_user();
    let server = desk.program.start_serve(&[]);
    let data = desk.folder.path().join("counterfoil-data");
    assert_eq!(mode(&data), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&data).unwrap() {
        let entry = entry.unwrap();
        names.push(entry.file_name().into_string().unwrap());
        assert_eq!(mode(&entry.path()), 0o600, "{names:?}");
    }
    names.sort();
    assert_eq!(
        names,
        [
            "control.sock",
            "counterfoil.db",
            "counterfoil.db-shm",
            "counterfoil.db-wal",
            "keys",
            "serve.lock"
        ]
    );
    drop(server);
}

/// What every command says that finds no installation in a folder of the desk.
fn nothing_in(desk: &Desk, folder: &str) -> String {
    format!(
        "there is no installation in {}; name its folder with --data-dir, COUNTERFOIL_DATA_DIR or a settings file (--config, \
         COUNTERFOIL_CONFIG), or make a new one with `counterfoil init`",
        desk.folder.path().join(folder).display()
    )
}

#[test]
fn no_command_but_init_quickstart_and_serve_makes_an_installation() {
    let desk = Desk::with_files(FILES);
    desk.folder_file("users.jsonl", "{\"type\":\"user\",\"login\":\"mona\"}\n");
    for command in [
        &["user", "create", "mona"][..],
        &["user", "list"],
        &["org", "create", "acme"],
        &["app", "list"],
        &["token", "create", "mona", "--note", "n", "--scopes", "repo"],
        &["import", "users.jsonl"],
        &["audit", "list"],
        &["db", "migrate"],
        &["db", "backup", "copy.db"],
        &["db", "copy", "--to", "sqlite:copy.db"],
        &["db", "after-restore", "--end-all-tokens"],
        &["key", "add"],
    ] {
        let said = desk.refused(command, PASSWORD);
        assert_eq!(said, nothing_in(&desk, "counterfoil-data"), "{command:?}");
        let mistyped = [command, &["--data-dir", "dta"]].concat();
        assert_eq!(desk.refused(&mistyped, PASSWORD), nothing_in(&desk, "dta"));
    }
    let doctor = desk.run(&["doctor"], "");
    assert_eq!(doctor.status.code(), Some(1));
    assert!(
        doctor
            .stdout
            .contains(&nothing_in(&desk, "counterfoil-data")),
        "{}",
        doctor.stdout
    );
    // Nothing but what the test put there.
    assert_eq!(fs::read_dir(desk.folder.path()).unwrap().count(), 1);
}

#[test]
fn init_makes_an_installation_once_and_says_where_it_is() {
    let desk = Desk::with_files(FILES);
    let data = desk.folder.path().join("counterfoil-data");
    let keys = data.join("keys");
    let made = desk.run(&["init"], "").succeeded();
    let database = format!("sqlite:{}", data.join("counterfoil.db").display());
    assert_eq!(
        made.stdout,
        format!(
            "data folder  {}\ndatabase     {database}\nkey          {}\n",
            data.display(),
            keys.display()
        )
    );
    assert_eq!(
        made.stderr,
        format!(
            "note: back up {} now, apart from the database: without it the database opens nowhere\n",
            keys.display()
        )
    );
    assert_eq!(mode(&data), 0o700);
    let before = fs::read(&keys).unwrap();
    assert_eq!(
        desk.refused(&["init"], ""),
        "there is an installation in sqlite:./counterfoil-data/counterfoil.db already; nothing was changed"
    );
    assert_eq!(fs::read(&keys).unwrap(), before);
    assert_eq!(desk.json(&["user", "list"], ""), json!([]));
    let other = desk.json(&["init", "--data-dir", "other"], "");
    let other_data = desk.folder.path().join("other");
    assert_eq!(
        other,
        json!({
            "data_dir": other_data,
            "database": format!("sqlite:{}", other_data.join("counterfoil.db").display()),
            "key_file": other_data.join("keys"),
        })
    );
}

#[test]
fn a_server_that_makes_an_installation_says_so_and_where() {
    let desk = Desk::with_files(FILES);
    let said = |arguments: &[&str]| desk.program.start_serve(arguments).terminate_and_hear().1;
    let made = "there was no installation here; a new one was made";
    let first = said(&[]);
    let keys = desk.folder.path().join("counterfoil-data/keys");
    assert!(
        first.contains(made) && first.contains(&format!("back up {} now", keys.display())),
        "{first}"
    );
    let second = said(&[]);
    assert!(!second.contains(made), "{second}");
}

#[test]
fn a_folder_of_other_things_gets_no_advice_and_nothing_is_put_into_it() {
    let desk = Desk::with_files(FILES);
    let etc = desk.folder.path().join("etc");
    fs::create_dir(&etc).unwrap();
    set_mode(&etc, 0o755);
    fs::write(etc.join("passwd"), "").unwrap();
    let sentence = format!(
        "{} holds other things and no data of Counterfoil; name a folder of its own with --data-dir, COUNTERFOIL_DATA_DIR or a \
         settings file (--config, COUNTERFOIL_CONFIG)",
        etc.display()
    );
    for command in [
        &["user", "list"][..],
        &["init"],
        &["serve", "--listen", "127.0.0.1:0"],
        &["quickstart", "--listen", "127.0.0.1:0"],
        &["db", "restore", "backup.db"],
    ] {
        let command = [command, &["--data-dir", "etc"]].concat();
        assert_eq!(desk.refused(&command, ""), sentence, "{command:?}");
    }
    let doctor = desk.run(&["doctor", "--data-dir", "etc"], "").stdout;
    assert!(
        doctor.contains(&sentence) && !doctor.contains("chmod"),
        "{doctor}"
    );
    assert_eq!(fs::read_dir(&etc).unwrap().count(), 1);
}

#[test]
fn an_empty_folder_that_others_may_look_into_is_used_only_once_it_is_closed() {
    let desk = Desk::with_files(FILES);
    let data = desk.folder.path().join("counterfoil-data");
    fs::create_dir(&data).unwrap();
    set_mode(&data, 0o755);
    assert_eq!(
        desk.refused(&["user", "list"], ""),
        nothing_in(&desk, "counterfoil-data")
    );
    let sentence = desk.refused(&["init"], "");
    assert_eq!(
        sentence,
        format!(
            "{0} is open to other users (mode 0755); if it is for Counterfoil alone, run `chmod 700 {0}`, else name a folder that \
             is not there yet",
            data.display()
        )
    );
    set_mode(&data, 0o700);
    // A disk of its own begins with this.
    fs::create_dir(data.join("lost+found")).unwrap();
    desk.json(&["init"], "");
}

#[test]
fn keys_whose_database_is_gone_are_no_place_for_a_new_one() {
    let desk = Desk::with_files(FILES).and_user();
    desk.done(&["db", "backup", "copy.db"], "");
    let data = desk.folder.path().join("counterfoil-data");
    for name in ["counterfoil.db", "counterfoil.db-wal", "counterfoil.db-shm"] {
        drop(fs::remove_file(data.join(name)));
    }
    let sentence = desk.refused(&["serve", "--listen", "127.0.0.1:0"], "");
    assert_eq!(
        sentence,
        format!(
            "{} is there and the database {} is not; put the database back (`counterfoil db restore`), or make an empty one under \
             these keys with `counterfoil init`",
            data.join("keys").display(),
            data.join("counterfoil.db").display()
        )
    );
    assert!(!data.join("counterfoil.db").exists());
    desk.done(&["db", "restore", "copy.db"], "");
    drop(desk.program.start_serve(&[]));
}

#[test]
fn who_may_not_look_into_the_folder_is_told_so() {
    let desk = Desk::with_files(FILES).and_user();
    let data = desk.folder.path().join("counterfoil-data");
    let program = desk.program.as_somebody_else(&data);
    for command in [
        &["user", "list"][..],
        &["user", "suspend", "mona"],
        &["db", "backup", "copy.db"],
        &["doctor"],
        &["init"],
    ] {
        let output = program.command(command, "");
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        let said = output.stdout + &output.stderr;
        assert!(
            said.contains(&format!(
                "cannot look into {}: permission denied",
                data.display()
            )) && said.contains("run it as the folder's owner or as root"),
            "{command:?} said {said}"
        );
        assert!(!said.contains("no installation") && !said.contains("no `counterfoil serve`"));
    }
    set_mode(&data, 0o700);
}

#[test]
fn what_others_may_read_is_refused_with_what_mends_it() {
    let desk = Desk::with_files(FILES).and_user();
    let data = desk.folder.path().join("counterfoil-data");
    for (name, open, closed) in [
        ("", 0o750, 0o700),
        ("counterfoil.db", 0o644, 0o600),
        ("keys", 0o640, 0o600),
    ] {
        let path = data.join(name);
        set_mode(&path, open);
        for command in [&["user", "list"][..], &["serve", "--listen", "127.0.0.1:0"]] {
            let sentence = desk.refused(command, "");
            let shown = Path::new("./counterfoil-data").join(name);
            let shown = shown.to_str().unwrap().trim_end_matches('/');
            let expected = format!(
                "{shown} is open to other users (mode {open:04o}); run `chmod {closed:o} {shown}`"
            );
            assert!(sentence.ends_with(&expected), "{sentence}");
        }
        set_mode(&path, closed);
    }
    desk.json(&["user", "list"], "");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let desk = Desk::with_files(FILES);
    assert_eq!(
        desk.refused(&["init", "--data-dir", "no/such"], ""),
        format!(
            "cannot make the data folder {}: No such file or directory (os error 2)",
            desk.folder.path().join("no/such").display()
        )
    );
    desk.folder_file("file", "");
    assert_eq!(
        desk.refused(&["init", "--data-dir", "file"], ""),
        format!(
            "{} is no folder; name another with --data-dir",
            desk.folder.path().join("file").display()
        )
    );
}

#[test]
fn a_database_that_is_none_of_ours_is_left_alone() {
    let desk = Desk::with_files(FILES).and_user();
    let database = desk.folder.path().join("counterfoil-data/counterfoil.db");
    fs::write(
        &database,
        "this is no database, only text that somebody keeps here",
    )
    .unwrap();
    let sentence = desk.refused(&["user", "list"], "");
    assert!(sentence.contains("counterfoil.db"), "{sentence}");
    assert!(
        fs::read_to_string(&database)
            .unwrap()
            .starts_with("this is no database")
    );
}

#[test]
fn a_database_that_is_newer_than_the_program_is_refused() {
    let desk = Desk::with_files(FILES).and_user();
    let database = desk.folder.path().join("counterfoil-data/counterfoil.db");
    let connection = rusqlite::Connection::open(&database).unwrap();
    let newer = "INSERT INTO schema_migrations SELECT number + 1, 'newer', '99.0.0', applied_at FROM schema_migrations ORDER BY number DESC LIMIT 1";
    connection.execute(newer, []).unwrap();
    drop(connection);
    for command in [
        &["user", "list"][..],
        &["serve", "--listen", "127.0.0.1:0"],
        &["db", "migrate"],
    ] {
        let sentence = desk.refused(command, "");
        assert!(
            sentence.starts_with("the database needs counterfoil 99.0.0 or newer"),
            "{sentence}"
        );
    }
}

#[test]
fn db_migrate_says_where_the_database_stands() {
    let desk = Desk::with_files(FILES).and_user();
    let migrated = desk.json(&["db", "migrate"], "");
    assert_eq!(
        migrated["database"],
        "sqlite:./counterfoil-data/counterfoil.db"
    );
    assert!(migrated["schema"]["number"].as_i64().unwrap() >= 1);
    assert_eq!(desk.json(&["db", "migrate"], ""), migrated);
}

#[test]
fn a_backup_is_whole_private_and_never_replaces_a_file() {
    let desk = Desk::with_files(FILES).and_user();
    let server = desk.program.start_serve(&[]);
    let said = desk.done(&["db", "backup", "copy.db"], "");
    assert!(
        said.contains("the keys are not in it, back up ./counterfoil-data/keys too"),
        "{said}"
    );
    drop(server);
    let copy = desk.folder.path().join("copy.db");
    assert_eq!(mode(&copy), 0o600);
    let listed = desk.json(&["user", "list", "--database-url", "sqlite:copy.db"], "");
    assert_eq!(listed[0]["login"], "mona");
    assert_eq!(
        desk.refused(&["db", "backup", "copy.db"], ""),
        "copy.db exists; a backup never replaces a file"
    );
    let sentence = desk.refused(&["db", "backup", "no/such/copy.db"], "");
    assert!(
        sentence.starts_with("cannot write no/such/copy.db"),
        "{sentence}"
    );
}

#[test]
fn what_root_makes_belongs_to_the_owner_of_the_folder() {
    let desk = Desk::with_files(FILES);
    let data = desk.folder.path().join("counterfoil-data");
    fs::create_dir(&data).unwrap();
    set_mode(&data, 0o700);
    let own = fs::metadata(&data).unwrap().uid();
    // Anybody else may give nothing away, so then everything is their own.
    let owner = if own == 0 { 65_534 } else { own };
    let group = fs::metadata(&data).unwrap().gid();
    let group = if own == 0 { owner } else { group };
    chown(&data, Some(owner), Some(group)).unwrap();
    desk.json(&["init"], "");
    desk.json(&["key", "add"], "");
    drop(desk.program.start_serve(&[]));
    for entry in fs::read_dir(&data).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().uid(), owner, "{entry:?}");
    }
}

#[test]
fn a_start_that_was_cut_short_before_it_made_a_database_is_begun_again() {
    let desk = Desk::with_files(FILES);
    let data = desk.folder.path().join("counterfoil-data");
    fs::create_dir(&data).unwrap();
    set_mode(&data, 0o700);
    desk.data_file("counterfoil.db", "");
    let sentence = desk.refused(&["user", "list"], "");
    assert!(sentence.starts_with("there is no database"), "{sentence}");
    desk.json(&["init"], "");
    desk.done(&["user", "create", "mona"], PASSWORD);
}

//! PostgreSQL as an operator meets it: what the settings may say, what is refused and how,
//! encryption, passwords, and the key that several nodes share.

mod access;
mod advice;
mod encryption;
mod keys;
mod refusals;
mod schemas;

use std::fs;
use std::path::{Path, PathBuf};

use counterfoil_testkit::postgres::{Database, shared};
use counterfoil_testkit::process::{Output, Program};
use counterfoil_testkit::{TestFolder, engine};

use super::PASSWORD;

/// The program in a folder of its own. Which database it uses is up to the test.
struct Node {
    program: Program,
    folder: TestFolder,
}

impl Node {
    fn on(url: &str) -> Self {
        Self::without_database().with("COUNTERFOIL_DATABASE_URL", url)
    }

    fn without_database() -> Self {
        let folder = TestFolder::in_memory();
        let engine = engine::sqlite_only("the test names the database itself");
        let program = Program::build_in(folder.path())
            .on(engine)
            .with_cheap_passwords();
        Self { program, folder }
    }

    fn with(self, variable: &str, value: &str) -> Self {
        let Self { program, folder } = self;
        let program = program.with_environment(variable, value);
        Self { program, folder }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.program.command(arguments, PASSWORD)
    }

    /// Makes an installation with a user called mona.
    fn add_user(&self) {
        self.program.init();
        self.run(&["user", "create", "mona", "--password-stdin"])
            .succeeded();
    }

    /// Demands that a command ends with status 1 and one sentence, and gives it without what every
    /// such sentence begins with.
    #[track_caller]
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        // `serve` tells settings, which stay refused, from a database, which may not.
        let known: &[i32] = if arguments.contains(&"serve") {
            &[1, 78]
        } else {
            &[1]
        };
        let status = output.status.code();
        let is_known = status.is_some_and(|status| known.contains(&status));
        assert!(is_known, "{status:?}: {}", output.stderr);
        assert_eq!(output.stdout, "");
        assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
        let sentence = output.stderr.trim_end().strip_prefix("error: ");
        sentence.expect("it begins so").to_owned()
    }

    /// Demands that `serve` does not start, and that a command that would make an installation says
    /// the same.
    #[track_caller]
    fn does_not_start(&self) -> String {
        let sentence = self.refused(&["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(self.refused(&["init"]), sentence);
        // A key is invented for an empty database that can be used, and for nothing else.
        assert!(!self.key_file().exists());
        sentence
    }

    /// Makes the data folder, as it is where an installation uses another database.
    fn make_data_folder(&self) {
        let folder = self.folder.path().join("counterfoil-data");
        fs::create_dir(&folder).expect("the folder is the test's own");
        set_mode(&folder, 0o700);
    }

    fn key_file(&self) -> PathBuf {
        self.folder.path().join("counterfoil-data/keys")
    }

    /// Writes a file that only its owner may read, and gives its path.
    fn private_file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, content).expect("the folder is the test's own");
        set_mode(&path, 0o600);
        path.to_str().expect("tests have plain names").to_owned()
    }
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .expect("the file is the test's own");
}

/// Everything that somebody made in a database.
fn everything_in(database: &Database) -> Vec<Vec<Option<String>>> {
    database.rows(
        "SELECT n.nspname::text, c.relname::text, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT LIKE 'pg_%' AND n.nspname <> 'information_schema' ORDER BY 1, 2",
    )
}

/// The URL of a database in the shared server, for this user.
fn url_of(database: &Database, user: &str) -> String {
    format!(
        "postgres://{user}@127.0.0.1:{}/{}",
        shared().port(),
        database.name()
    )
}

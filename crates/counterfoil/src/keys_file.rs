//! Where the installation's keys are kept: a file for its owner only, and beside it a key from the
//! environment.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use counterfoil_authority::{KeySource, KeySourceError};
use counterfoil_domain::key::{InstallationKey, KeyId};
use counterfoil_server::private_files::{folder_of, replace_file};
use zeroize::Zeroizing;

use crate::data_folder::check_file;

/// Keys in a file, one `ID:BASE64` on each line; empty lines and those that begin with `#` are left
/// alone.
#[derive(Clone, Debug)]
pub struct FileKeys {
    path: PathBuf,
}

impl FileKeys {
    /// The keys in this file, which need not exist yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn read(&self) -> Result<Zeroizing<String>, KeySourceError> {
        check_file(&self.path).map_err(|error| KeySourceError(with_cause(&error)))?;
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(Zeroizing::new(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Zeroizing::default()),
            Err(error) => Err(self.unusable("read", &error)),
        }
    }

    fn parse(&self, text: &str) -> Result<Vec<InstallationKey>, KeySourceError> {
        let lines = text.lines().zip(1..);
        let keys = lines.filter(|(line, _)| is_key_line(line));
        keys.map(|(line, number)| {
            InstallationKey::parse(line).ok_or_else(|| {
                let path = self.path.display();
                KeySourceError(format!(
                    "line {number} of {path} is no key; a key is ID:BASE64, eight hexadecimal digits and 32 bytes in base 64"
                ))
            })
        })
        .collect()
    }

    /// Replaces the file by what `edit` makes of its lines. Two commands at once go one after
    /// another: the lock on the folder is held until the new file is in place.
    fn rewrite(
        &self,
        edit: impl FnOnce(&str) -> Result<Zeroizing<String>, KeySourceError>,
    ) -> Result<(), KeySourceError> {
        let folder = folder_of(&self.path);
        let lock = File::open(folder).map_err(|error| self.unusable("write", &error))?;
        lock.lock()
            .map_err(|error| self.unusable("write", &error))?;
        let text = edit(&self.read()?)?;
        if text.is_empty() {
            return self.delete(folder);
        }
        replace_file(&self.path, text.as_bytes()).map_err(|error| self.unusable("write", &error))
    }

    /// A file without a line is as good as none, and does not look as if something were missing
    /// from it.
    fn delete(&self, folder: &Path) -> Result<(), KeySourceError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.unusable("write", &error))
            }
            _ => File::open(folder)
                .and_then(|folder| folder.sync_all())
                .map_err(|error| self.unusable("write", &error)),
        }
    }

    fn unusable(&self, what: &str, error: &io::Error) -> KeySourceError {
        let path = self.path.display();
        KeySourceError(format!("cannot {what} the key file {path}: {error}"))
    }
}

impl KeySource for FileKeys {
    fn load(&self) -> Result<Vec<InstallationKey>, KeySourceError> {
        self.parse(&self.read()?)
    }

    fn append(&self, key: &InstallationKey) -> Result<(), KeySourceError> {
        self.rewrite(|text| {
            let known = self
                .parse(text)?
                .into_iter()
                .find(|known| known.id() == key.id());
            match known {
                Some(known) if known.check_value() == key.check_value() => {
                    Ok(Zeroizing::new(text.to_owned()))
                }
                Some(known) => Err(KeySourceError(format!(
                    "{} holds another key {} already; give the new one another id",
                    self.path.display(),
                    known.id()
                ))),
                None => Ok(with_line(text, &key.expose())),
            }
        })
    }

    fn remove(&self, id: &KeyId) -> Result<(), KeySourceError> {
        self.rewrite(|text| {
            // What is no key file is not written anew: its content would change hands where root
            // was led here by a link.
            self.parse(text)?;
            let kept = text
                .lines()
                .filter(|line| !is_key_line(line) || id_of(line) != id.as_str());
            let nothing = Zeroizing::new(String::new());
            let kept = kept.fold(nothing, |text, line| with_line(&text, line));
            Ok(kept)
        })
    }
}

/// A key that the environment gives, beside those in the file. A key that is added goes into the
/// file.
#[derive(Clone, Debug)]
pub struct EnvironmentKey {
    key: InstallationKey,
    file: FileKeys,
}

impl EnvironmentKey {
    /// The key beside the keys in this file.
    pub fn new(key: InstallationKey, file: FileKeys) -> Self {
        Self { key, file }
    }
}

impl KeySource for EnvironmentKey {
    /// The environment's key comes last: it is the one that a new database is given.
    fn load(&self) -> Result<Vec<InstallationKey>, KeySourceError> {
        let mut keys = self.file.load()?;
        keys.retain(|key| key.id() != self.key.id());
        keys.push(self.key.clone());
        Ok(keys)
    }

    fn append(&self, key: &InstallationKey) -> Result<(), KeySourceError> {
        if key.id() != self.key.id() {
            self.file.append(key)
        } else if key.check_value() == self.key.check_value() {
            Ok(())
        } else {
            Err(KeySourceError(format!(
                "COUNTERFOIL_KEY holds another key {} already; give the new one another id",
                key.id()
            )))
        }
    }

    /// Only the file can be changed: whoever set the variable takes the key out of it.
    fn remove(&self, id: &KeyId) -> Result<(), KeySourceError> {
        self.file.remove(id)
    }
}

fn is_key_line(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with('#')
}

fn id_of(line: &str) -> &str {
    line.trim().split(':').next().unwrap_or_default()
}

fn with_line(text: &str, line: &str) -> Zeroizing<String> {
    let line_end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    Zeroizing::new(format!("{text}{line_end}{line}\n"))
}

/// An error with what caused it, in one sentence.
fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", with_cause(cause)),
        None => error.to_string(),
    }
}

/// The path of the key file, for messages.
impl AsRef<Path> for FileKeys {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::clock::SystemEntropy;

    fn file(name: &str) -> FileKeys {
        let folder =
            std::env::temp_dir().join(format!("counterfoil-keys-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("keys");
        let _ = fs::remove_file(&path);
        FileKeys::new(path)
    }

    fn ids(source: &impl KeySource) -> Vec<String> {
        let keys = source.load().unwrap();
        keys.iter().map(|key| key.id().to_string()).collect()
    }

    #[test]
    fn keys_are_kept_in_the_order_they_came_for_their_owner_only() {
        let file = file("order");
        assert_eq!(ids(&file), Vec::<String>::new());
        let keys = [(); 2].map(|()| InstallationKey::generate(&SystemEntropy));
        for key in &keys {
            file.append(key).unwrap();
            file.append(key).unwrap();
        }
        assert_eq!(ids(&file), keys.each_ref().map(|key| key.id().to_string()));
        let mode = fs::metadata(&file.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        file.remove(keys[0].id()).unwrap();
        assert_eq!(ids(&file), [keys[1].id().to_string()]);
    }

    #[test]
    fn remarks_survive_every_change_of_the_file() {
        let file = file("remarks");
        replace_file(&file.path, b"# of the first server\n\n").unwrap();
        let key = InstallationKey::generate(&SystemEntropy);
        file.append(&key).unwrap();
        file.remove(key.id()).unwrap();
        assert_eq!(
            fs::read_to_string(&file.path).unwrap(),
            "# of the first server\n\n"
        );
    }

    #[test]
    fn a_key_file_that_others_may_read_is_refused() {
        let file = file("open");
        file.append(&InstallationKey::generate(&SystemEntropy))
            .unwrap();
        fs::set_permissions(&file.path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = file.load().unwrap_err().to_string();
        assert!(
            error.ends_with(&format!(
                "(mode 0640); run `chmod 600 {}`",
                file.path.display()
            )),
            "{error}"
        );
    }

    #[test]
    fn a_line_that_is_no_key_is_named_by_its_number_and_not_repeated() {
        let file = file("broken");
        replace_file(&file.path, b"# a remark\nsecret that is no key\n").unwrap();
        let error = file.load().unwrap_err().to_string();
        assert!(
            error.starts_with("line 2 of ") && !error.contains("secret"),
            "{error}"
        );
    }

    #[test]
    fn the_key_of_the_environment_is_the_one_a_new_database_is_given() {
        let file = file("environment");
        let [in_file, in_environment] = [(); 2].map(|()| InstallationKey::generate(&SystemEntropy));
        file.append(&in_file).unwrap();
        let both = EnvironmentKey::new(in_environment.clone(), file);
        assert_eq!(
            ids(&both),
            [in_file.id().to_string(), in_environment.id().to_string()]
        );
    }
}

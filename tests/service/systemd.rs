//! The package under a real systemd: installed as the README says, and looked at from its first
//! start to its purge. One boot serves all of it, so that it takes seconds.

use std::fs;

use super::machine::Machine;
use super::release;
use crate::pages::Page;

/// The password that the README's third command sets.
const PASSWORD: &str = "correct horse battery staple";
const SETTINGS: &str = "/etc/counterfoil/counterfoil.toml";
const READY: &str = "curl --silent --fail http://localhost:8080/readyz";
/// Beside the unit, so that the test need not wait as long as people do.
const IMPATIENT: &str = "[Service]\nRestartSec=100ms\nWatchdogSec=1s\n";

#[test]
fn the_package_works_under_systemd_as_the_pages_say() {
    let machine = Machine::boot();
    four_commands_lead_to_a_token(&machine);
    what_root_made_belongs_to_the_service(&machine);
    the_unit_is_valid_and_closed(&machine);
    a_reload_says_what_it_did_and_fails_when_it_is_refused(&machine);
    a_server_that_hangs_is_killed_and_started_anew(&machine);
    refused_settings_are_tried_once(&machine);
    the_doctor_sees_what_the_service_cannot_read(&machine);
    a_credential_reaches_the_service_and_satisfies_the_doctor(&machine);
    the_password_of_postgresql_reaches_service_and_commands(&machine);
    an_upgrade_restarts_the_service_and_keeps_everything(&machine);
    a_purge_leaves_nothing(&machine);
}

/// Acceptance: as printed in the README.
fn four_commands_lead_to_a_token(machine: &Machine) {
    let package = release::file(".deb");
    let name = package.file_name().and_then(|name| name.to_str());
    let name = name.expect("the package has a name");
    let bytes = fs::read(&package).expect("the package can be read");
    machine.write(&format!("/root/{name}"), bytes);
    let commands = commands_of_the_readme();
    assert_eq!(commands.len(), 4, "{commands:?}");
    assert!(commands[0].starts_with("apt install"), "{commands:?}");
    machine.shell(&commands[0]);
    // Whoever installs it chooses the database first.
    assert_eq!(machine.property("ActiveState"), "inactive");
    assert_eq!(machine.property("UnitFileState"), "disabled");
    assert!(!machine.path("/var/lib/private/counterfoil").exists());
    machine.shell(&commands[1]);
    // No waiting, no second try: it is started when it serves.
    assert_eq!(machine.shell(READY), "ready\n");
    assert_eq!(machine.property("ActiveState"), "active");
    assert_eq!(machine.property("UnitFileState"), "enabled");
    let status = machine.property("StatusText");
    assert!(status.starts_with("serving on http://"), "{status}");
    machine.shell(&commands[2]);
    let token = machine.shell(&commands[3]);
    assert!(token.contains("\"token\": \"ghp_"), "{token}");
    // What came with it is where people look.
    machine.shell("test -s /usr/share/man/man1/counterfoil.1.gz");
    machine.shell("bash -n /usr/share/bash-completion/completions/counterfoil");
}

/// The commands of the README's block for Debian, without their prompt.
fn commands_of_the_readme() -> Vec<String> {
    let blocks = Page::readme().blocks("console");
    let block = blocks.iter().find(|block| block.contains("apt install"));
    let block = block.expect("the README says how to install");
    let commands = block.lines().filter_map(|line| line.strip_prefix("# "));
    commands.map(str::to_owned).collect()
}

/// The third command was root's, in a folder that is the service's.
fn what_root_made_belongs_to_the_service(machine: &Machine) {
    let folder = "/var/lib/private/counterfoil";
    machine.shell("counterfoil user list && counterfoil db backup /root/backup.db");
    let owner = machine.shell(&format!("stat --format %u {folder}"));
    let owner = owner.trim();
    assert_ne!(owner, "0");
    let foreign = machine.shell(&format!("find {folder} ! -uid {owner} -o ! -gid {owner}"));
    assert_eq!(foreign, "", "not the service's");
    let open = machine.shell(&format!("find {folder} -perm /077 ! -type l"));
    assert_eq!(open, "", "open to others");
    // While it is stopped too, when nobody else has the database's other files open.
    machine.shell("systemctl stop counterfoil && counterfoil user list");
    machine.shell(&format!(
        "echo '{PASSWORD}' | counterfoil user create hubot --password-stdin"
    ));
    let foreign = machine.shell(&format!("find {folder} ! -uid {owner} -o ! -gid {owner}"));
    assert_eq!(foreign, "", "not the service's");
    machine.shell("systemctl start counterfoil");
    machine.shell(READY);
}

fn the_unit_is_valid_and_closed(machine: &Machine) {
    // Nobody reads pages here; that they are there was seen above.
    let said = machine
        .shell("systemd-analyze verify --man=no counterfoil.service counterfoil.socket 2>&1");
    assert_eq!(said, "");
    // Ten times the exposure that it may have.
    machine.shell("systemd-analyze security --no-pager --threshold=16 counterfoil.service");
}

fn a_reload_says_what_it_did_and_fails_when_it_is_refused(machine: &Machine) {
    let settings = fs::read_to_string(machine.path(SETTINGS)).expect("the settings");
    let process = machine.property("MainPID");
    machine.write(
        SETTINGS,
        format!("{settings}\n[logging]\nlevel = \"debug\"\n"),
    );
    machine.shell("systemctl reload counterfoil");
    assert!(
        machine.log().contains("in force now: logging.level"),
        "{}",
        machine.log()
    );
    machine.write(SETTINGS, "listen = \"everywhere\"\n");
    machine.fails("systemctl reload counterfoil");
    assert!(
        machine.log().contains("listen is \"everywhere\""),
        "{}",
        machine.log()
    );
    assert_eq!(machine.property("ActiveState"), "active");
    assert_eq!(machine.property("MainPID"), process, "the same process");
    machine.shell(READY);
    let said = machine.fails("counterfoil reload --data-dir /var/lib/counterfoil");
    assert!(said.contains("listen is \"everywhere\""), "{said}");
    machine.write(SETTINGS, settings);
    machine.shell("systemctl reload counterfoil");
}

fn a_server_that_hangs_is_killed_and_started_anew(machine: &Machine) {
    machine.write(
        "/etc/systemd/system/counterfoil.service.d/impatient.conf",
        IMPATIENT,
    );
    machine.shell("systemctl daemon-reload && systemctl restart counterfoil");
    assert_eq!(machine.property("NRestarts"), "0");
    let process = machine.property("MainPID");
    machine.shell(&format!("kill -s STOP {process}"));
    machine.wait_until("NRestarts", "1");
    machine.wait_until("ActiveState", "active");
    assert_ne!(machine.property("MainPID"), process);
    machine.shell(READY);
}

fn refused_settings_are_tried_once(machine: &Machine) {
    let settings = fs::read_to_string(machine.path(SETTINGS)).expect("the settings");
    machine.write(SETTINGS, "listen = \"everywhere\"\n");
    machine.fails("systemctl restart counterfoil");
    assert_eq!(machine.property("ExecMainStatus"), "78");
    // Neither running nor waiting to be tried again.
    assert_eq!(machine.property("SubState"), "failed");
    assert_eq!(machine.property("NRestarts"), "0");
    machine.write(SETTINGS, settings);
    machine.shell("systemctl start counterfoil");
}

fn the_doctor_sees_what_the_service_cannot_read(machine: &Machine) {
    machine.shell("counterfoil doctor");
    machine.shell(
        "cd /etc/counterfoil && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
         -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout tls.key -out tls.crt 2>/dev/null \
         && chmod 0600 tls.key && chmod 0644 tls.crt",
    );
    machine.write(
        SETTINGS,
        "data_dir = \"/var/lib/counterfoil\"\n\n[tls]\ncert = \"/etc/counterfoil/tls.crt\"\n\
         key = \"/etc/counterfoil/tls.key\"\n",
    );
    for running in [true, false] {
        let said = machine.fails("counterfoil doctor");
        assert!(
            said.contains("problem  service      /etc/counterfoil/tls.key cannot be read by the service's user (uid "),
            "{said}"
        );
        if running {
            machine.fails("systemctl restart counterfoil");
            assert_eq!(machine.property("ExecMainStatus"), "78");
        }
    }
}

/// As the pages print it.
fn a_credential_reaches_the_service_and_satisfies_the_doctor(machine: &Machine) {
    machine.write(
        "/etc/systemd/system/counterfoil.service.d/tls.conf",
        page_block("one-node.md", "ini", "LoadCredential=tls.key"),
    );
    machine.shell("systemctl daemon-reload && systemctl start counterfoil");
    let ready =
        "curl --silent --fail --cacert /etc/counterfoil/tls.crt https://localhost:8080/readyz";
    assert_eq!(machine.shell(ready), "ready\n");
    machine.shell("counterfoil doctor");
    machine.shell("counterfoil health");
}

/// There is no PostgreSQL here: that the password was read shows in what fails then.
fn the_password_of_postgresql_reaches_service_and_commands(machine: &Machine) {
    machine.shell("(umask 077 && echo secret > /etc/counterfoil/database-password)");
    machine.write(
        SETTINGS,
        page_block("postgresql.md", "toml", "password_file = "),
    );
    let said = machine.fails("counterfoil user list");
    assert!(said.contains("Connection refused"), "{said}");
    machine.fails("systemctl restart counterfoil");
    let log = machine.log();
    assert!(log.contains("database-password cannot be read"), "{log}");
    machine.write(
        "/etc/systemd/system/counterfoil.service.d/postgresql.conf",
        page_block("postgresql.md", "ini", "LoadCredential="),
    );
    machine.shell("rm /etc/systemd/system/counterfoil.service.d/tls.conf");
    machine.shell("systemctl daemon-reload");
    // It waits for a database: each try fails in the same way, and the next one follows.
    machine.fails("systemctl restart counterfoil");
    let log = machine.shell("journalctl --no-pager --output cat --unit counterfoil --lines 20");
    assert!(log.contains("Connection refused"), "{log}");
    machine.shell("systemctl stop counterfoil");
}

/// The block of a page under `docs/run` that has this text.
fn page_block(page: &str, language: &str, text: &str) -> String {
    let mut blocks = Page::read(page).blocks(language).into_iter();
    let block = blocks.find(|block| block.contains(text));
    block.unwrap_or_else(|| panic!("no block of {page} has {text}"))
}

fn an_upgrade_restarts_the_service_and_keeps_everything(machine: &Machine) {
    machine.write(SETTINGS, "data_dir = \"/var/lib/counterfoil\"\n");
    machine.shell("rm /etc/systemd/system/counterfoil.service.d/postgresql.conf");
    machine.shell("systemctl daemon-reload && systemctl start counterfoil");
    let process = machine.property("MainPID");
    machine.shell(
        "mkdir newer && dpkg-deb --raw-extract counterfoil_*.deb newer/tree \
         && sed -i 's/^Version: .*/Version: 999.0-1/' newer/tree/DEBIAN/control \
         && dpkg-deb -Zgzip -z1 --build newer/tree newer && apt-get install ./newer/*.deb",
    );
    machine.wait_until("ActiveState", "active");
    assert_ne!(machine.property("MainPID"), process);
    assert_eq!(machine.property("UnitFileState"), "enabled");
    machine.shell(READY);
    let users = machine.shell("counterfoil user list");
    assert!(users.contains("mona") && users.contains("hubot"), "{users}");
    // What the administrator wrote is kept.
    let settings = fs::read_to_string(machine.path(SETTINGS)).expect("the settings");
    assert_eq!(settings, "data_dir = \"/var/lib/counterfoil\"\n");
}

fn a_purge_leaves_nothing(machine: &Machine) {
    machine.shell("apt-get remove --yes counterfoil");
    machine.fails("systemctl is-active counterfoil");
    machine.fails(READY);
    machine.shell("test -e /var/lib/private/counterfoil/counterfoil.db");
    machine.shell("test -e /etc/counterfoil/counterfoil.toml");
    machine.shell("apt-get install ./counterfoil_*.deb");
    assert_eq!(machine.property("UnitFileState"), "enabled", "as it was");
    machine.shell("systemctl start counterfoil");
    assert!(machine.shell("counterfoil user list").contains("mona"));
    machine.shell("apt-get purge --yes counterfoil");
    machine.shell("rm -r /etc/systemd/system/counterfoil.service.d");
    let left = machine.shell(
        "find /etc /lib/systemd /var/lib /usr /run/systemd -name '*counterfoil*' ! -path '*/journal/*'",
    );
    assert_eq!(left, "");
}

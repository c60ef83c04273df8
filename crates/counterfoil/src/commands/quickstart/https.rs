//! What `--https` adds to a quickstart: a name, port 443, and an authority that clients can be told
//! to trust.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use counterfoil_domain::timestamp::Timestamp;
use counterfoil_server::listen::{ListenAddress, LocalAuthority, Prepared, TlsError};

use super::host_name::HostName;
use super::quoting::quoted;
use crate::commands::UsageError;
use crate::commands::console::Console;
use crate::config::{Overrides, Settings};
use crate::data_folder::shown;

/// Where it listens unless it is told otherwise: `gh` knows no other port.
const ADDRESS: &str = "localhost:443";
const PORT: u16 = 443;

/// HTTPS under one name.
pub(super) struct Https {
    name: HostName,
    /// Where the name has to lead.
    address: IpAddr,
    port: u16,
    authority: LocalAuthority,
}

impl Https {
    /// HTTPS under this name, at this address if one was given, with the flags that `serve` would
    /// need for it.
    pub(super) fn plan(
        name: HostName,
        listen: Option<String>,
        console: &Console,
    ) -> anyhow::Result<(Self, Overrides)> {
        let listen = listen.unwrap_or_else(|| ADDRESS.to_owned());
        let (address, port) = match listen.parse::<ListenAddress>()? {
            ListenAddress::Ip(address) => (address.ip(), address.port()),
            ListenAddress::Name { port, .. } => (IpAddr::V4(Ipv4Addr::LOCALHOST), port),
            address @ (ListenAddress::Unix(_) | ListenAddress::Systemd) => {
                return Err(UsageError::of(format!(
                    "--https needs an address with a port, and {address} has none"
                )));
            }
        };
        if port == 0 {
            return Err(UsageError::of(
                "with --https the port is a part of every link, so it cannot be left to the system; give --listen one",
            ));
        }
        let mut overrides = Overrides {
            listen: vec![listen],
            public_url: Some(origin(&name, port)),
            ..Overrides::default()
        };
        let settings = console.settings_with(overrides.clone())?;
        refuse_another_certificate(&settings)?;
        let authority = LocalAuthority {
            folder: settings.general.data_dir.join("tls").join(name.as_str()),
            name: name.to_string(),
        };
        let files = authority.server_files();
        overrides.tls_cert = Some(files.certificate);
        overrides.tls_key = Some(files.key);
        let https = Self {
            name,
            address,
            port,
            authority,
        };
        Ok((https, overrides))
    }

    /// Has the certificates there. The data folder must be.
    pub(super) fn prepare(&self, now: Timestamp) -> Result<Prepared, TlsError> {
        self.authority.make_or_keep(now)
    }

    /// Who vouches for the certificate, also for the next ones.
    pub(super) fn authority(&self) -> LocalAuthority {
        self.authority.clone()
    }

    /// What every address of this server begins with.
    pub(super) fn origin(&self) -> String {
        origin(&self.name, self.port)
    }

    /// The file that clients are told to trust.
    pub(super) fn authority_file(&self) -> PathBuf {
        shown(&self.authority.authority_files().certificate)
    }

    /// The file, as a shell takes it.
    pub(super) fn quoted_file(&self) -> String {
        quoted(&self.authority_file().to_string_lossy())
    }

    /// What this machine's hosts file has to say.
    pub(super) fn hosts_line(&self) -> String {
        format!("{} {}", self.address, self.name)
    }

    /// What has to be typed once for clients to find this server and trust it, and how `gh` signs
    /// in: remarks and the lines under them.
    pub(super) fn commands(&self) -> Vec<(&'static str, String)> {
        let (name, file) = (&self.name, self.quoted_file());
        let mut commands = Vec::new();
        if name.as_str() != "localhost" {
            commands.push((
                "once: have this machine find the server by its name",
                format!("echo '{}' | sudo tee -a /etc/hosts", self.hosts_line()),
            ));
        }
        if self.serves_gh() {
            commands.push((
                "sign in with gh, which trusts the authority in this file",
                format!("SSL_CERT_FILE={file} gh auth login --hostname {name} --web"),
            ));
        }
        commands.push((
            "once: have git trust it, for this server alone",
            format!(
                "git config --global http.{}.sslCAInfo {file}",
                self.origin()
            ),
        ));
        commands
    }

    /// What clients need that is no command.
    pub(super) fn notes(&self) -> Vec<String> {
        let file = self.authority_file();
        let mut notes = vec![format!(
            "A browser trusts the server once {} is imported there, as an authority for websites.",
            file.display()
        )];
        if !self.serves_gh() {
            notes.push(format!(
                "gh reaches servers at port {PORT} alone, and not this one."
            ));
        }
        notes
    }

    fn serves_gh(&self) -> bool {
        self.port == PORT
    }
}

fn origin(name: &HostName, port: u16) -> String {
    if port == PORT {
        format!("https://{name}")
    } else {
        format!("https://{name}:{port}")
    }
}

/// Of two certificates one would be ignored.
fn refuse_another_certificate(settings: &Settings) -> anyhow::Result<()> {
    let tls = &settings.tls;
    anyhow::ensure!(
        settings.acme.directory_url.is_none(),
        "quickstart --https makes a certificate, and the settings order one (acme.directory_url); take [acme] out of them, or \
         use `counterfoil serve`"
    );
    anyhow::ensure!(
        tls.cert.is_none() && !tls.self_signed,
        "quickstart --https makes a certificate, and the settings have one already (tls.cert or tls.self_signed); take that \
         out of them, or use `counterfoil serve`"
    );
    Ok(())
}

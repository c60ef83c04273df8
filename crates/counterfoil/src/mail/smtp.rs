//! SMTP: one connection for each letter, encrypted as the settings say.

use std::fs;
use std::pin::Pin;

use anyhow::Context;
use counterfoil_authority::{Letter, MailError, Mailer};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::length_of_time;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::config::{MailEncryption, Settings};
use crate::mail::words::{self, Links, Written};

/// Answers by which a server says that it does not let us in, or does not serve at all: nothing is
/// wrong with the letter.
const NOT_LET_IN: [u16; 8] = [421, 454, 521, 530, 534, 535, 538, 539];
/// Answers to which a letter that is refused may owe it to what the server thinks of us today.
const MAYBE_LATER: [u16; 1] = [554];

/// The way to a mail server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Mailbox,
    timeout: std::time::Duration,
    links: Links,
    server: String,
}

/// Why a letter did not go, with all that the server said: for whoever asked for it at a terminal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsent {
    /// It cannot be written as a mail: an address that no mail can have.
    #[error("no mail can be written to this address: {0}")]
    Unwritable(String),
    /// The server took longer than the settings allow.
    #[error("the mail server did not answer within {0}")]
    Silent(String),
    /// The server, or the connection to it.
    #[error(transparent)]
    Server(#[from] lettre::transport::smtp::Error),
}

impl Smtp {
    /// The mail server of the settings; none if they name none.
    pub(crate) fn of(settings: &Settings, links: Links) -> anyhow::Result<Option<Self>> {
        let mail = &settings.mail;
        let (Some(host), Some(sender)) = (&mail.server, &mail.sender) else {
            return Ok(None);
        };
        let sender: Address = sender
            .as_str()
            .parse()
            .context("mail.sender is no address that mail can come from")?;
        let port = mail.port.and_then(|port| u16::try_from(port).ok());
        let port = port.unwrap_or(mail.encryption.usual_port());
        // Servers judge who greets them by this name.
        let greeting = settings.public_host().unwrap_or(sender.domain());
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .timeout(Some(mail.timeout))
            .hello_name(greeting_of(greeting))
            .tls(encryption(settings, host)?);
        if let (Some(user), Some(password)) = (&mail.user, &settings.mail_password) {
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            builder = builder.credentials(credentials);
        }
        Ok(Some(Self {
            transport: builder.build(),
            sender: Mailbox::new(Some(links.name().to_owned()), sender),
            timeout: mail.timeout,
            links,
            server: format!("{host}:{port}"),
        }))
    }

    /// Host and port of the server.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Sends what was written, and waits for the server's last word.
    pub(crate) async fn carry(&self, to: &EmailAddress, written: Written) -> Result<(), Unsent> {
        let message = self.message(to, written)?;
        let sending = self.transport.send(message);
        match tokio::time::timeout(self.timeout, sending).await {
            Ok(sent) => Ok(sent.map(drop)?),
            Err(_) => Err(Unsent::Silent(length_of_time::write(self.timeout))),
        }
    }

    fn message(&self, to: &EmailAddress, written: Written) -> Result<Message, Unsent> {
        let unwritable = |error: &dyn std::error::Error| Unsent::Unwritable(error.to_string());
        let to: Address = to.as_str().parse().map_err(|error| unwritable(&error))?;
        let id = format!("<{}@{}>", written.id, self.sender.email.domain());
        Message::builder()
            .from(self.sender.clone())
            .to(Mailbox::new(None, to))
            .subject(written.subject)
            .message_id(Some(id))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(written.body)
            .map_err(|error| unwritable(&error))
    }
}

impl Mailer for Smtp {
    fn send(&self, letter: Letter) -> Pin<Box<dyn Future<Output = Result<(), MailError>> + Send>> {
        let this = self.clone();
        Box::pin(async move {
            let written = words::write(&letter, &this.links);
            this.carry(&letter.to, written)
                .await
                .map_err(|unsent| judged(&unsent))
        })
    }
}

/// What a failure means for the letter. What a server says may have an address in it, so no more
/// than its number is told further.
fn judged(unsent: &Unsent) -> MailError {
    let error = match unsent {
        Unsent::Unwritable(_) => {
            return MailError::Refused("no mail can have this address".to_owned());
        }
        Unsent::Silent(_) => return MailError::Server(unsent.to_string()),
        Unsent::Server(error) => error,
    };
    let Some(code) = error.status() else {
        // Also a server that lacks what the address needs.
        return if error.is_client() {
            MailError::Refused("it lacks what this mail needs".to_owned())
        } else if error.is_timeout() {
            MailError::Server("it did not answer in time".to_owned())
        } else if error.is_tls() {
            MailError::Server("the connection cannot be encrypted".to_owned())
        } else {
            MailError::Server("no connection, or it broke off".to_owned())
        };
    };
    let number: u16 = code.to_string().parse().unwrap_or_default();
    let said = format!("status {number}");
    if NOT_LET_IN.contains(&number) {
        MailError::Server(said)
    } else if error.is_permanent() && !MAYBE_LATER.contains(&number) {
        MailError::Refused(said)
    } else {
        MailError::Later(said)
    }
}

fn encryption(settings: &Settings, host: &str) -> anyhow::Result<Tls> {
    let mail = &settings.mail;
    if mail.encryption == MailEncryption::None {
        return Ok(Tls::None);
    }
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(file) = &mail.tls_ca_file {
        let pem = fs::read(file);
        let pem = pem.with_context(|| format!("cannot read {}", file.display()))?;
        let authorities = Certificate::from_pem(&pem);
        let authorities = authorities
            .with_context(|| format!("{} holds no certificates in PEM", file.display()))?;
        parameters = parameters
            .certificate_store(CertificateStore::None)
            .add_root_certificate(authorities);
    }
    let parameters = parameters.build_rustls();
    let parameters = parameters.context("the mail server's certificate cannot be verified")?;
    Ok(match mail.encryption {
        MailEncryption::Tls => Tls::Wrapper(parameters),
        MailEncryption::StartTls | MailEncryption::None => Tls::Required(parameters),
    })
}

/// How this program greets the server.
fn greeting_of(host: &str) -> ClientId {
    match host.parse() {
        Ok(std::net::IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(std::net::IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(host.to_owned()),
    }
}

/// Tells programs that answer mail, such as those of people on holiday, not to (RFC 3834).
#[derive(Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

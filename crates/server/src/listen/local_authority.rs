//! A certificate authority of our own for one host name, and a server's certificate under it: for
//! trying things out with programs that insist on HTTPS.
//!
//! Whoever tells a browser or a whole system to trust an authority gives its key the power to
//! speak as any host. So the authority says in its own certificate, in a critical extension (RFC
//! 5280 section 4.2.1.10), that it vouches for this name, with the names under it, and for no
//! address; a client that does not know the extension has to refuse the authority altogether.
//!
//! The authority is kept for years, so that clients are told of it once. The server's certificate
//! lives for as long as browsers allow and is made anew under the same authority.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use counterfoil_domain::timestamp::Timestamp;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, date_time_ymd,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::certificate::{
    CertificateFiles, TlsError, certified_key, unwritable, validity, write_both,
};
use crate::private_files::PrivateFolder;

/// How long an authority is trusted: clients have to be told of the next one.
const AUTHORITY_LIFE: Duration = Duration::from_hours(3650 * 24);
/// The longest life of a server's certificate that browsers put up with.
const SERVER_LIFE: Duration = Duration::from_hours(397 * 24);
/// How long before it was made a certificate is valid: clocks of virtual machines differ.
const BACKDATED: Duration = Duration::from_hours(24);
/// What is valid for less than this is made anew.
const NEAR_END: Duration = Duration::from_hours(30 * 24);
/// The longest common name (RFC 5280 appendix A.1, `ub-common-name`).
const COMMON_NAME_BYTES_MAX: usize = 64;

/// An authority for one name, and where to keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalAuthority {
    /// The folder for its files, made if it is missing (the parent of its parent must exist).
    pub folder: PathBuf,
    /// The host name that it vouches for, with the names under it. Whoever chooses one sees to it
    /// that these are nobody else's.
    pub name: String,
}

/// What [`LocalAuthority::make_or_keep`] found to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// There was no authority that can be used: clients must be told to trust the new one.
    NewAuthority,
    /// The authority was kept, and vouches for a new certificate.
    NewCertificate,
    /// Nothing.
    Kept,
}

/// An authority in use.
struct Authority {
    certificate: CertificateDer<'static>,
    key: KeyPair,
    /// When it expires, in seconds since 1970.
    ends_at: i64,
}

impl LocalAuthority {
    /// The files of the authority, whether they exist or not. The certificate's is what clients
    /// need to trust us.
    pub fn authority_files(&self) -> CertificateFiles {
        self.files("authority")
    }

    /// The files that a server serves with.
    pub fn server_files(&self) -> CertificateFiles {
        self.files("server")
    }

    fn files(&self, of: &str) -> CertificateFiles {
        CertificateFiles {
            certificate: self.folder.join(format!("{of}.crt")),
            key: self.folder.join(format!("{of}.key")),
        }
    }

    /// Has all files there, with a certificate that clients who trust the authority take now and
    /// for some time.
    pub fn make_or_keep(&self, now: Timestamp) -> Result<Prepared, TlsError> {
        if let Some(authority) = self.find_authority(now)? {
            if self.is_vouched_for(&authority, now) {
                return Ok(Prepared::Kept);
            }
            self.make_server_certificate(&authority, now)?;
            // It is not where the folder was made for another name.
            if self.is_vouched_for(&authority, now) {
                return Ok(Prepared::NewCertificate);
            }
        }
        let authority = self.make_authority(now)?;
        self.make_server_certificate(&authority, now)?;
        Ok(Prepared::NewAuthority)
    }

    /// The authority in the folder, if there is one that is not near its end. One that cannot be
    /// read is no reason to make another, which nobody would trust.
    fn find_authority(&self, now: Timestamp) -> Result<Option<Authority>, TlsError> {
        let files = self.authority_files();
        let certified = match certified_key(&files, &ring::default_provider()) {
            Ok(certified) => certified,
            Err(TlsError::Read { path, source }) if source.kind() != io::ErrorKind::NotFound => {
                return Err(TlsError::Read { path, source });
            }
            Err(_) => return Ok(None),
        };
        let key = fs::read_to_string(&files.key).map_err(|source| TlsError::Read {
            path: files.key,
            source,
        })?;
        let found = certified.cert.first().and_then(|certificate| {
            let (begins_at, ends_at) = validity(certificate)?;
            let is_usable = begins_at <= now.seconds() && now.plus(NEAR_END).seconds() < ends_at;
            let key = KeyPair::from_pem(&key).ok().filter(|_| is_usable)?;
            Some(Authority {
                certificate: certificate.clone(),
                key,
                ends_at,
            })
        });
        Ok(found)
    }

    fn is_vouched_for(&self, authority: &Authority, now: Timestamp) -> bool {
        let Ok(server) = certified_key(&self.server_files(), &ring::default_provider()) else {
            return false;
        };
        let Some(certificate) = server.cert.first() else {
            return false;
        };
        let taken = |at| verify(&authority.certificate, certificate, &self.name, at).is_ok();
        taken(now) && taken(now.plus(NEAR_END))
    }

    fn make_authority(&self, now: Timestamp) -> Result<Authority, TlsError> {
        let (begins, ends) = life(now, AUTHORITY_LIFE);
        let made = self.generate_authority(begins, ends);
        let (certificate, key) = made.map_err(|source| self.cannot_make(source))?;
        self.write(&self.authority_files(), &certificate, &key)?;
        Ok(Authority {
            certificate: certificate.der().clone(),
            key,
            ends_at: ends.seconds(),
        })
    }

    fn generate_authority(
        &self,
        begins: Timestamp,
        ends: Timestamp,
    ) -> Result<(Certificate, KeyPair), rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut parameters = self.authority_parameters();
        parameters.not_before = date_time_ymd(1970, 1, 1) + since_1970(begins);
        parameters.not_after = date_time_ymd(1970, 1, 1) + since_1970(ends);
        let certificate = parameters.self_signed(&key)?;
        Ok((certificate, key))
    }

    fn authority_parameters(&self) -> CertificateParams {
        let mut parameters = CertificateParams::default();
        let mut subject = DistinguishedName::new();
        subject.push(DnType::OrganizationName, "Counterfoil local authority");
        if self.name.len() <= COMMON_NAME_BYTES_MAX {
            subject.push(DnType::CommonName, self.name.as_str());
        }
        parameters.distinguished_name = subject;
        // It vouches for no other authority.
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Kinds of names that are not mentioned would be free, so every address is excluded.
        parameters.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName(self.name.clone())],
            excluded_subtrees: vec![
                GeneralSubtree::IpAddress(CidrSubnet::V4([0; 4], [0; 4])),
                GeneralSubtree::IpAddress(CidrSubnet::V6([0; 16], [0; 16])),
            ],
        });
        parameters
    }

    /// Makes the server's certificate, which does not outlive the authority.
    fn make_server_certificate(
        &self,
        authority: &Authority,
        now: Timestamp,
    ) -> Result<(), TlsError> {
        let made = self.sign(authority, &self.name, now);
        let (certificate, key) = made.map_err(|source| self.cannot_make(source))?;
        self.write(&self.server_files(), &certificate, &key)
    }

    /// The folder and the one around it are reached without following links: both lie in the data
    /// folder, whose owner may not be who runs this.
    fn write(
        &self,
        files: &CertificateFiles,
        certificate: &Certificate,
        key: &KeyPair,
    ) -> Result<(), TlsError> {
        let folder = match (self.folder.parent(), self.folder.file_name()) {
            (Some(parent), Some(name)) => {
                PrivateFolder::open_or_make(parent).and_then(|parent| parent.open_or_make_in(name))
            }
            _ => PrivateFolder::open(&self.folder),
        };
        let folder = folder.map_err(unwritable(&self.folder))?;
        write_both(&folder, files, &certificate.pem(), &key.serialize_pem())
    }

    /// A certificate for this name or address.
    fn sign(
        &self,
        authority: &Authority,
        name: &str,
        now: Timestamp,
    ) -> Result<(Certificate, KeyPair), rcgen::Error> {
        let (begins, ends) = life(now, SERVER_LIFE);
        let ends = ends.min(Timestamp::from_seconds(authority.ends_at));
        let key = KeyPair::generate()?;
        let mut parameters = CertificateParams::new(vec![name.to_owned()])?;
        let mut subject = DistinguishedName::new();
        // Not the host's name: some clients would hold it against the authority's constraints.
        subject.push(DnType::CommonName, "counterfoil quickstart");
        parameters.distinguished_name = subject;
        parameters.is_ca = IsCa::ExplicitNoCa;
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.use_authority_key_identifier_extension = true;
        parameters.not_before = date_time_ymd(1970, 1, 1) + since_1970(begins);
        parameters.not_after = date_time_ymd(1970, 1, 1) + since_1970(ends);
        let issuer = Issuer::new(self.authority_parameters(), &authority.key);
        let certificate = parameters.signed_by(&key, &issuer)?;
        Ok((certificate, key))
    }

    fn cannot_make(&self, source: rcgen::Error) -> TlsError {
        TlsError::Make {
            names: vec![self.name.clone()],
            source,
        }
    }
}

/// From when to when a certificate is valid that is made now. Both ends count (RFC 5280 section
/// 4.1.2.5).
fn life(now: Timestamp, length: Duration) -> (Timestamp, Timestamp) {
    let begins = now.minus(BACKDATED);
    (begins, begins.plus(length).minus(Duration::from_secs(1)))
}

fn since_1970(at: Timestamp) -> Duration {
    Duration::from_secs(u64::try_from(at.seconds()).unwrap_or(0))
}

/// Holds a server's certificate against an authority's as a client does that trusts it.
fn verify(
    authority: &CertificateDer<'_>,
    server: &CertificateDer<'_>,
    name: &str,
    at: Timestamp,
) -> Result<(), rustls::Error> {
    let other = |what: &str| rustls::Error::General(what.to_owned());
    let name = ServerName::try_from(name).map_err(|_| other("no name of a server"))?;
    let mut roots = RootCertStore::empty();
    roots.add(authority.clone())?;
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| other(&error.to_string()))?;
    let at = UnixTime::since_unix_epoch(since_1970(at));
    verifier
        .verify_server_cert(server, &[], &name, &[], at)
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::super::test_folder::TestFolder;
    use super::*;

    const NAME: &str = "counterfoil.test";
    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn own(folder: &TestFolder) -> LocalAuthority {
        LocalAuthority {
            folder: folder.join("tls").join(NAME),
            name: NAME.to_owned(),
        }
    }

    fn days(number: u64) -> Duration {
        Duration::from_hours(number * 24)
    }

    fn certificate(file: &Path) -> CertificateDer<'static> {
        use rustls::pki_types::pem::PemObject as _;
        CertificateDer::from_pem_file(file).unwrap()
    }

    /// From when to when the certificate in a file is valid.
    fn validity_of(file: &Path) -> (i64, i64) {
        validity(&certificate(file)).unwrap()
    }

    /// The bytes of the authority's files and of the server's.
    fn contents(own: &LocalAuthority) -> [Vec<u8>; 4] {
        let (authority, server) = (own.authority_files(), own.server_files());
        [
            authority.certificate,
            authority.key,
            server.certificate,
            server.key,
        ]
        .map(|file| fs::read(file).unwrap())
    }

    #[test]
    fn its_files_are_for_the_owner_only() {
        let folder = TestFolder::new();
        let own = own(&folder);
        own.make_or_keep(NOW).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.join("tls")), 0o700);
        assert_eq!(mode(&own.folder), 0o700);
        for files in [own.authority_files(), own.server_files()] {
            assert_eq!(mode(&files.key), 0o600);
            assert_eq!(mode(&files.certificate), 0o600);
        }
    }

    #[test]
    fn a_later_start_keeps_all_of_it() {
        let folder = TestFolder::new();
        let own = own(&folder);
        assert_eq!(own.make_or_keep(NOW).unwrap(), Prepared::NewAuthority);
        let first = contents(&own);
        let later = own.make_or_keep(NOW.plus(days(360))).unwrap();
        assert_eq!(later, Prepared::Kept);
        assert_eq!(contents(&own), first);
    }

    #[test]
    fn the_servers_certificate_is_renewed_near_its_end_under_the_same_authority() {
        let folder = TestFolder::new();
        let own = own(&folder);
        own.make_or_keep(NOW).unwrap();
        let first = contents(&own);
        let near_end = NOW.plus(days(370));
        let later = own.make_or_keep(near_end).unwrap();
        assert_eq!(later, Prepared::NewCertificate);
        let second = contents(&own);
        assert_eq!(second[..2], first[..2]);
        assert!(second[2] != first[2] && second[3] != first[3]);
        let (_, ends) = validity_of(&own.server_files().certificate);
        assert!(ends > near_end.plus(days(360)).seconds());
    }

    #[test]
    fn the_servers_certificate_is_valid_for_397_days_at_most() {
        let folder = TestFolder::new();
        let own = own(&folder);
        own.make_or_keep(NOW).unwrap();
        let (begins, ends) = validity_of(&own.server_files().certificate);
        // Both ends count.
        assert_eq!(ends - begins + 1, 397 * 24 * 60 * 60);
    }

    #[test]
    fn an_authority_near_its_end_is_made_anew_and_outlived_by_nothing() {
        let folder = TestFolder::new();
        let own = own(&folder);
        own.make_or_keep(NOW).unwrap();
        let first = contents(&own);
        let (_, end) = validity_of(&own.authority_files().certificate);
        let last_year = Timestamp::from_seconds(end).minus(days(100));
        let renewed = own.make_or_keep(last_year).unwrap();
        assert_eq!(renewed, Prepared::NewCertificate);
        assert_eq!(validity_of(&own.server_files().certificate).1, end);
        assert_eq!(own.make_or_keep(last_year).unwrap(), Prepared::Kept);
        let last_month = Timestamp::from_seconds(end).minus(days(30));
        let renewed = own.make_or_keep(last_month).unwrap();
        assert_eq!(renewed, Prepared::NewAuthority);
        assert_ne!(contents(&own)[0], first[0]);
        assert_eq!(own.make_or_keep(last_month).unwrap(), Prepared::Kept);
    }

    #[test]
    fn what_it_signs_for_another_name_is_refused() {
        let folder = TestFolder::new();
        let own = own(&folder);
        own.make_or_keep(NOW).unwrap();
        let authority = own.find_authority(NOW).unwrap().unwrap();
        let outcome = |name: &str| {
            let (certificate, _) = own.sign(&authority, name, NOW).unwrap();
            verify(&authority.certificate, certificate.der(), name, NOW)
        };
        assert_eq!(outcome(NAME), Ok(()));
        for name in [
            "github.com",
            "test",
            "other.test",
            "xcounterfoil.test",
            "127.0.0.1",
            "::1",
        ] {
            let refused = outcome(name).unwrap_err();
            let why = format!("{refused:?}");
            assert!(why.contains("NameConstraintViolation"), "{name}: {why}");
        }
    }

    #[test]
    fn an_authority_for_another_name_is_replaced() {
        let folder = TestFolder::new();
        let own = own(&folder);
        own.make_or_keep(NOW).unwrap();
        let renamed = LocalAuthority {
            name: "other.test".to_owned(),
            ..own
        };
        let prepared = renamed.make_or_keep(NOW).unwrap();
        assert_eq!(prepared, Prepared::NewAuthority);
        assert_eq!(renamed.make_or_keep(NOW).unwrap(), Prepared::Kept);
    }

    #[test]
    fn half_a_pair_is_replaced_and_one_that_cannot_be_read_is_not() {
        let folder = TestFolder::new();
        let own = own(&folder);
        own.make_or_keep(NOW).unwrap();
        fs::remove_file(own.authority_files().certificate).unwrap();
        let prepared = own.make_or_keep(NOW).unwrap();
        assert_eq!(prepared, Prepared::NewAuthority);
        let key = own.authority_files().key;
        fs::remove_file(&key).unwrap();
        fs::create_dir(&key).unwrap();
        let error = own.make_or_keep(NOW).unwrap_err();
        assert!(matches!(error, TlsError::Read { path, .. } if path == key));
    }
}

//! Who is who: a centre's authority, the centre's certificate, one for each unit.
//!
//! X.509 v3 with ECDSA on P-256 (FIPS 186-5). A unit is named by a URI among its alternative names,
//! `urn:golden-hour:unit:A103`; a unit's certificate is good for clients only, a centre's for
//! servers only (RFC 5280, section 4.2.1.12). There is no revocation list: a certificate that was
//! lost ends with its validity, or with a new authority.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ems_model::{Timestamp, UnitId};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What an authority's certificate is called, and where it lies in its folder.
const AUTHORITY_NAME: &str = "Golden Hour authority";
/// The name under which gateways ask for their centre.
pub(crate) const CENTRE_NAME: &str = "centre.golden-hour.invalid";
const UNIT_URI: &str = "urn:golden-hour:unit:";
/// Clocks that are so much behind the authority's still take what it has just issued.
const BEFORE: Duration = Duration::from_hours(24);

/// What is wrong with certificates.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read or written.
    #[error("{}: {source}: give the folder that golden-hour certs wrote", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is there already.
    #[error("{} is there already: move it aside, what it signed ends with it", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file is no certificate or key.
    #[error("{} cannot be read ({what}): make it anew with golden-hour certs", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A certificate could not be made, or cannot be used.
    #[error("the certificate is refused: {0}: make it anew with golden-hour certs")]
    Refused(String),
}

/// A certificate with its key, PEM, and the certificate of the authority that signed it.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// Its key: it stays with its owner.
    pub key: String,
    /// The authority's certificate.
    pub authority: String,
}

/// Signs certificates. Its key belongs on a machine of its own.
#[derive(Debug)]
pub struct Authority {
    certificate: String,
    key: KeyPair,
}

impl Authority {
    /// Makes one that is good from `now` for `days`.
    pub fn make(now: Timestamp, days: u32) -> Result<Self, CertificateError> {
        let key = KeyPair::generate().map_err(refused)?;
        let mut params = Self::params();
        between(&mut params, now, days);
        let certificate = params.self_signed(&key).map_err(refused)?.pem();
        Ok(Self { certificate, key })
    }

    /// Reads the one in a folder.
    pub fn read(folder: &Path) -> Result<Self, CertificateError> {
        let certificate = read(&folder.join("authority.pem"))?;
        let path = folder.join("authority.key");
        let unreadable = |error: rcgen::Error| unreadable(&path, &error);
        let key = KeyPair::from_pem(&read(&path)?).map_err(unreadable)?;
        Ok(Self { certificate, key })
    }

    /// Writes it into a folder, whose key only its owner may read.
    pub fn write(&self, folder: &Path) -> Result<(), CertificateError> {
        write_new(&folder.join("authority.key"), &self.key.serialize_pem())?;
        write_new(&folder.join("authority.pem"), &self.certificate)
    }

    /// A centre's certificate.
    pub fn centre(&self, now: Timestamp, days: u32) -> Result<Issued, CertificateError> {
        let name = CENTRE_NAME.try_into().map_err(refused)?;
        let server = ExtendedKeyUsagePurpose::ServerAuth;
        self.issue("centre", SanType::DnsName(name), server, now, days)
    }

    /// A unit's certificate.
    pub fn unit(
        &self,
        unit: &UnitId,
        now: Timestamp,
        days: u32,
    ) -> Result<Issued, CertificateError> {
        let uri = format!("{UNIT_URI}{unit}").try_into().map_err(refused)?;
        let client = ExtendedKeyUsagePurpose::ClientAuth;
        self.issue(unit.as_str(), SanType::URI(uri), client, now, days)
    }

    fn issue(
        &self,
        name: &str,
        alternative: SanType,
        usage: ExtendedKeyUsagePurpose,
        now: Timestamp,
        days: u32,
    ) -> Result<Issued, CertificateError> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.subject_alt_names = vec![alternative];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        between(&mut params, now, days);
        let key = KeyPair::generate().map_err(refused)?;
        let authority = Self::params();
        let issuer = Issuer::from_params(&authority, &self.key);
        let certificate = params.signed_by(&key, &issuer).map_err(refused)?.pem();
        let authority = self.certificate.clone();
        Ok(Issued { certificate, key: key.serialize_pem(), authority })
    }

    fn params() -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, AUTHORITY_NAME);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
    }
}

impl Issued {
    /// Writes `NAME.pem`, `NAME.key`, which only its owner may read, and `authority.pem` into a
    /// folder.
    pub fn write(&self, folder: &Path, name: &str) -> Result<(), CertificateError> {
        write_new(&folder.join(format!("{name}.key")), &self.key)?;
        write_new(&folder.join(format!("{name}.pem")), &self.certificate)?;
        let authority = folder.join("authority.pem");
        if authority.exists() { Ok(()) } else { write_new(&authority, &self.authority) }
    }
}

/// What one end shows, and whom it believes.
#[derive(Debug)]
pub struct Credentials {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
    pub(crate) roots: RootCertStore,
}

impl Credentials {
    /// Reads `NAME.pem`, `NAME.key` and `authority.pem` of a folder.
    pub fn read(folder: &Path, name: &str) -> Result<Self, CertificateError> {
        let at = |file: &str| folder.join(file);
        let issued = Issued {
            certificate: read(&at(&format!("{name}.pem")))?,
            key: read(&at(&format!("{name}.key")))?,
            authority: read(&at("authority.pem"))?,
        };
        Self::of(&issued).map_err(|error| unreadable(&at(&format!("{name}.pem")), &error))
    }

    /// Those of an issued certificate.
    pub fn of(issued: &Issued) -> Result<Self, CertificateError> {
        let chain = CertificateDer::pem_slice_iter(issued.certificate.as_bytes());
        let chain = chain.collect::<Result<Vec<_>, _>>().map_err(refused)?;
        let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).map_err(refused)?;
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(issued.authority.as_bytes()) {
            roots.add(root.map_err(refused)?).map_err(refused)?;
        }
        Ok(Self { chain, key, roots })
    }
}

/// The unit that a certificate names; `None` for another.
pub(crate) fn unit_of(certificate: &CertificateDer<'_>) -> Option<UnitId> {
    let certificate = webpki::EndEntityCert::try_from(certificate).ok()?;
    let mut names = certificate.valid_uri_names().filter_map(|uri| uri.strip_prefix(UNIT_URI));
    let name = names.next()?;
    names.next().is_none().then(|| UnitId::new(name).ok())?
}

fn between(params: &mut CertificateParams, now: Timestamp, days: u32) {
    let since_1970 = Duration::from_micros(u64::try_from(now.as_micros()).unwrap_or(0));
    let now = date_time_ymd(1970, 1, 1) + since_1970;
    params.not_before = now - BEFORE;
    params.not_after = now + Duration::from_hours(24) * days;
}

fn read(path: &Path) -> Result<String, CertificateError> {
    fs::read_to_string(path)
        .map_err(|source| CertificateError::File { path: path.to_owned(), source })
}

/// Writes a file that was not there; only its owner may read it.
fn write_new(path: &Path, text: &str) -> Result<(), CertificateError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => CertificateError::Exists { path: path.to_owned() },
        _ => CertificateError::File { path: path.to_owned(), source },
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

fn refused(error: impl std::fmt::Display) -> CertificateError {
    CertificateError::Refused(error.to_string())
}

fn unreadable(path: &Path, error: &impl std::fmt::Display) -> CertificateError {
    CertificateError::Unreadable { path: path.to_owned(), what: error.to_string() }
}

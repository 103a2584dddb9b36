//! `golden-hour certs`: who is who on the links, and the options that name them.

use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Subcommand, value_parser};
use ems_host::{Authority, Clock, Credentials, GatewayHost, LinkSpec, Links, RelayTo, system_time};
use ems_model::UnitId;
use ems_store::ShelfLimits;

use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour certs authority --out var/authority
  golden-hour certs centre --authority var/authority --out var/centre-certs
  golden-hour certs unit A103 --authority var/authority --out var/a103-certs

Keep the authority's folder on a machine of its own. A unit's folder goes to its gateway (--certs), the centre's to
the centre (--certs with --uplink-listen). A unit speaks for the name in its certificate and for no other.";

/// The most links of a gateway.
const LINKS_MAX: usize = 8;

/// Make the certificates of a centre and its units.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CertsArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// An authority, which signs the others.
    Authority {
        /// The folder to write authority.pem and authority.key to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// How long it is good, 1 to 7300 days.
        #[arg(long, default_value_t = 3650, value_parser = value_parser!(u32).range(1..=7300))]
        days: u32,
    },
    /// A centre's certificate.
    Centre(IssueArgs),
    /// A unit's certificate.
    Unit {
        /// The unit's call sign.
        unit: String,
        #[command(flatten)]
        issue: IssueArgs,
    },
}

#[derive(Debug, Args)]
struct IssueArgs {
    /// The authority's folder.
    #[arg(long, value_name = "DIR")]
    authority: PathBuf,
    /// The folder to write the certificate, its key and authority.pem to.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How long it is good, 1 to 3650 days.
    #[arg(long, default_value_t = 730, value_parser = value_parser!(u32).range(1..=3650))]
    days: u32,
}

impl CertsArgs {
    /// Makes what is asked for.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let now = system_time();
        match self.what {
            What::Authority { out, days } => {
                Authority::make(now, days)?.write(&out)?;
                say::line(format!("the authority is in {}", out.display()));
            }
            What::Centre(IssueArgs { authority, out, days }) => {
                Authority::read(&authority)?.centre(now, days)?.write(&out, "centre")?;
                say::line(format!("the centre's certificate is in {}", out.display()));
            }
            What::Unit { unit, issue: IssueArgs { authority, out, days } } => {
                let unit = UnitId::new(&unit)?;
                let issued = Authority::read(&authority)?.unit(&unit, now, days)?;
                issued.write(&out, "unit")?;
                say::line(format!("unit {unit}'s certificate is in {}", out.display()));
            }
        }
        Ok(())
    }
}

/// The links of a gateway.
#[derive(Debug, Args)]
pub(crate) struct LinksArgs {
    /// The centre's uplink port (UDP, its --uplink-listen); needs --certs and --link.
    #[arg(long, value_name = "HOST:PORT", requires_all = ["certs", "link"])]
    uplink: Option<String>,
    /// The folder with unit.pem, unit.key and authority.pem (`golden-hour certs unit`).
    #[arg(long, value_name = "DIR", requires = "uplink")]
    certs: Option<PathBuf>,
    /// A link and the address or interface of the modem that it begins at; give one for each, up
    /// to 8, always in the same order.
    #[arg(long, value_name = "NAME=ADDRESS|INTERFACE", requires = "uplink")]
    link: Vec<LinkSpec>,
    #[command(flatten)]
    relay: RelayArgs,
}

/// Frames that go by other ambulances.
#[derive(Debug, Args)]
#[expect(clippy::struct_field_names, reason = "they are named as the options are")]
struct RelayArgs {
    /// Where to take bundles of other ambulances (UDP): they lie in --data until the centre has
    /// them, at most 64 MiB of a unit and 256 MiB of all.
    #[arg(long, value_name = "ADDRESS:PORT", requires = "uplink")]
    relay_listen: Option<SocketAddr>,
    /// The --relay-listen of an ambulance to give the backlog to while no link reaches the centre.
    #[arg(long, value_name = "HOST:PORT", requires = "uplink")]
    relay_to: Option<String>,
    /// After how many seconds without an answer of the centre, 1 to 3600.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, requires = "relay_to")]
    #[arg(value_parser = value_parser!(u64).range(1..=3600))]
    relay_after: u64,
}

impl LinksArgs {
    /// Starts the links, if there are any; needs a runtime.
    pub(crate) fn start(&self, unit: &UnitId, clock: Clock) -> anyhow::Result<Option<Links>> {
        let (Some(centre), Some(folder)) = (&self.uplink, &self.certs) else { return Ok(None) };
        if self.link.len() > LINKS_MAX {
            bail!("{} links are more than {LINKS_MAX}: leave some out", self.link.len());
        }
        let credentials = Credentials::read(folder, "unit").context("--certs")?;
        Ok(Some(Links::start(unit, centre, self.link.clone(), credentials, clock)?))
    }

    /// Starts giving frames to other ambulances and carrying theirs, as far as it is asked for.
    pub(crate) fn relay(&self, host: &mut GatewayHost, data: &Path) -> anyhow::Result<()> {
        let Some(folder) = &self.certs else { return Ok(()) };
        let credentials = Credentials::read(folder, "unit").context("--certs")?;
        if let Some(address) = self.relay.relay_listen {
            let socket = UdpSocket::bind(address)
                .with_context(|| format!("--relay-listen {address} cannot be used"))?;
            let (shelf, limits) = (data.join("carried"), ShelfLimits::default());
            let address = host.carry_for_others(socket, &credentials, &shelf, limits)?;
            let address = address.map_or_else(String::new, |address| address.to_string());
            say::line(format!("bundles of other ambulances are taken at {address} (UDP)"));
        }
        if let Some(neighbour) = &self.relay.relay_to {
            let after = Duration::from_secs(self.relay.relay_after);
            host.relay_to(RelayTo { neighbour: neighbour.clone(), after }, &credentials)?;
        }
        Ok(())
    }
}

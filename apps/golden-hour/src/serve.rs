//! `golden-hour serve`: the command centre.

use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use ems_centre::CentreConfig;
use ems_host::{
    CentreParts, CentreUrl, Clock, Credentials, Patience, Peers, Server, ServerParts, UplinkPort,
    listen, system_time,
};
use ems_model::{CentreName, Timestamp};
use ems_store::{EventLog, Photos, SqliteLog, Telemetry, TrafficStore};
use tokio::net::TcpListener;

use crate::drive_times::DriveTimesArgs;
use crate::packs::{OpenedCity, centre_config, open_city};
use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour serve --city var/malta --data var/centre
  golden-hour serve --city var/malta --data /srv/golden-hour --listen 0.0.0.0:8080 --scheme arp
  golden-hour serve --city var/malta --uplink-listen 0.0.0.0:8443 --certs /etc/golden-hour
  golden-hour serve --city var/malta --name Malta --peer Gozo=http://10.0.0.7:8080

Everything that was acknowledged is in --data and is there again after a restart or power cut.
There is no login yet: listen on an address that only your own people reach.";

/// Run the command centre.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ServeArgs {
    /// The city pack; without it, var/malta.
    #[arg(long, value_name = "DIR")]
    city: Option<PathBuf>,
    /// Where the event log, the telemetry and the live traffic are kept.
    #[arg(long, value_name = "DIR", default_value = "var/centre")]
    data: PathBuf,
    /// Where to listen for consoles and gateways.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: String,
    /// The priority scheme: china, arp or esi.
    #[arg(long, default_value = "china")]
    scheme: String,
    /// The policy that a new log begins with, as keep-cover/1 (`golden-hour policy list`).
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// How many seconds pass in one, 0.01 to 1000: for rehearsals.
    #[arg(long, default_value_t = 1.0, value_parser = parse_speed)]
    speed: f64,
    /// Where to hear the links of gateways (UDP); needs --certs.
    #[arg(long, value_name = "ADDRESS:PORT", requires = "certs")]
    uplink_listen: Option<SocketAddr>,
    /// The folder with centre.pem, centre.key and authority.pem (`golden-hour certs centre`).
    #[arg(long, value_name = "DIR", requires = "uplink_listen")]
    certs: Option<PathBuf>,
    #[command(flatten)]
    drive_times: DriveTimesArgs,
    #[command(flatten)]
    aid: AidArgs,
}

/// Mutual aid with neighbouring centres.
#[derive(Debug, Args)]
struct AidArgs {
    /// What neighbours call this centre, 1 to 24 characters of A-Z a-z 0-9 . _ -
    #[arg(long, value_name = "NAME", requires = "peer", value_parser = parse_name)]
    name: Option<CentreName>,
    /// A neighbour to ask for units and to lend units to; give one for each.
    #[arg(long, value_name = "NAME=URL", requires = "name", value_parser = parse_peer)]
    peer: Vec<(CentreName, CentreUrl)>,
}

impl AidArgs {
    fn peers(self) -> Option<Peers> {
        Some(Peers { name: self.name?, others: self.peer.into_iter().collect() })
    }
}

/// Keys of messages hold the name, and have 64 bytes at most.
const NAME_BYTES_MAX: usize = 24;

fn parse_name(text: &str) -> Result<CentreName, String> {
    if text.len() > NAME_BYTES_MAX {
        return Err(format!("it has {} bytes, over {NAME_BYTES_MAX}: shorten it", text.len()));
    }
    CentreName::new(text).map_err(|error| error.to_string())
}

fn parse_peer(text: &str) -> Result<(CentreName, CentreUrl), String> {
    let (name, url) =
        text.split_once('=').ok_or("it is not NAME=URL: give Gozo=http://HOST:PORT")?;
    Ok((parse_name(name)?, CentreUrl::parse(url).map_err(|error| error.to_string())?))
}

impl ServeArgs {
    /// Serves until the program is told to stop.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let config = centre_config(&self.scheme, self.policy.as_deref())?;
        runtime()?.block_on(async {
            let listener = listen(&self.listen).await?;
            let city = open_city(
                self.city.as_deref(),
                self.drive_times.read()?,
                self.drive_times.demand()?,
            )?;
            let mut server = start(listener, &city, config, &self.data, self.speed)?.server;
            say::lives_at(&city.city.name, server.address());
            let port = match (self.uplink_listen, &self.certs) {
                (Some(address), Some(folder)) => Some(hear_links(&server, address, folder)?),
                _ => None,
            };
            if let Some(peers) = self.aid.peers() {
                server.carry_aid(peers);
            }
            let result = tokio::select! {
                error = server.failed() => Err(error.into()),
                result = told_to_stop() => result,
            };
            server.stop().await;
            drop(port);
            result
        })
    }
}

fn hear_links(server: &Server, address: SocketAddr, folder: &Path) -> anyhow::Result<UplinkPort> {
    let credentials = Credentials::read(folder, "centre").context("--certs")?;
    let socket = UdpSocket::bind(address)
        .with_context(|| format!("--uplink-listen {address} cannot be used"))?;
    let port = server.hear_links(socket, credentials)?;
    say::line(format!("links of gateways are heard at {} (UDP)", port.address()));
    Ok(port)
}

/// Reads `--speed`.
pub(crate) fn parse_speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed| (0.01..=1000.0).contains(speed));
    speed.ok_or_else(|| {
        "it is no number in 0.01..=1000: give how many seconds pass in one".to_owned()
    })
}

/// A running centre.
pub(crate) struct Started {
    pub(crate) server: Server,
    pub(crate) clock: Clock,
}

/// Opens the stores in `data` and starts a centre on them.
pub(crate) fn start(
    listener: TcpListener,
    city: &OpenedCity,
    config: CentreConfig,
    data: &Path,
    speed: f64,
) -> anyhow::Result<Started> {
    let log: Arc<dyn EventLog> = Arc::new(SqliteLog::open(&data.join("events.db"))?);
    let telemetry = Arc::new(Telemetry::open(&data.join("telemetry.db"))?);
    let clock = Clock::scaled(start_time(log.as_ref())?, speed);
    let traffic = Arc::new(TrafficStore::open(&data.join("traffic.db"))?);
    let city_of_centre = Arc::clone(&city.city);
    let centre = CentreParts { config, city: city_of_centre, log, traffic, clock: clock.clone() };
    let (tiles, patience) = (Some(Arc::clone(&city.pack)), Patience::default());
    let photos = Photos::open(&data.join("photos"))?;
    let parts = ServerParts { centre, telemetry, photos, tiles, patience };
    let server = Server::start(parts, listener).context("the server did not start")?;
    Ok(Started { server, clock })
}

/// The present, or the log's last time where that is later: a fast twin runs ahead of the world.
fn start_time(log: &dyn EventLog) -> anyhow::Result<Timestamp> {
    let last = log.last_seq()?;
    let newest = log.read_after(last.saturating_sub(1), 1)?;
    Ok(newest.iter().map(|recorded| recorded.recorded_at).fold(system_time(), Timestamp::max))
}

pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the system gives no threads: raise its limits")
}

/// Waits for Ctrl-C or SIGTERM.
pub(crate) async fn told_to_stop() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result.context("Ctrl-C cannot be heard"),
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_number_from_a_hundredth_to_a_thousand() {
        for (text, ok) in [
            ("1", true),
            ("0.01", true),
            ("1000", true),
            ("0", false),
            ("1001", false),
            ("-1", false),
            ("nan", false),
            ("fast", false),
        ] {
            assert_eq!(parse_speed(text).is_ok(), ok, "{text}");
        }
    }
}

//! `golden-hour up`: a centre and a living city on it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use ems_centre::CentreConfig;
use ems_host::{CentreClient, CentreUrl, Clock, listen};
use ems_model::{Millis, Timestamp};
use ems_sim::{CallList, CallSource, City, CityPlan, MajorPlan, Mode, Recording};
use ems_store::Outbox;
use serde::Deserialize;

use crate::drive_times::DriveTimesArgs;
use crate::packs::{OpenedCity, centre_config, open_city};
use crate::recordings::{headers_in, read_leads};
use crate::say;
use crate::serve::{parse_speed, runtime, start, told_to_stop};
use crate::twin::{Twin, announce};

const EXAMPLES: &str = "\
Examples:
  golden-hour up                                    the demo city at http://127.0.0.1:8080
  golden-hour up --city var/malta --speed 10 --seed 7 --units 40
  golden-hour up --rate 0 --dispatcher manual       only your own calls; you dispatch
  golden-hour up --calls calls.csv --ecg mitdb      your calls, real ECGs
  golden-hour up --centre http://10.0.0.5:8080      only the city, on a centre that runs elsewhere

CSV of --calls: a header line `time,lat,lon,complaint`; time in seconds after the start or ISO 8601.
Same seed: same calls, patients and chances.";

/// Run a centre with a living city on it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct UpArgs {
    #[command(flatten)]
    city: CityArgs,
    /// Where everything is kept.
    #[arg(long, value_name = "DIR", default_value = "var/centre")]
    data: PathBuf,
    /// Where to listen for consoles and gateways.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: String,
    /// How many seconds pass in one, 0.01 to 1000.
    #[arg(long, default_value_t = 1.0, value_parser = parse_speed)]
    speed: f64,
    /// The policy that a new log begins with, as keep-cover/1 (`golden-hour policy list`).
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Run only the city, on the centre at this address.
    #[arg(long, value_name = "URL", conflicts_with_all = ["listen", "speed", "policy"])]
    centre: Option<String>,
}

/// What a living city is made of; `simulate` takes the same.
#[derive(Debug, Args)]
pub(crate) struct CityArgs {
    /// The city pack; without it, var/malta.
    #[arg(long, value_name = "DIR")]
    pub(crate) city: Option<PathBuf>,
    /// Decides calls, patients and chances.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Units of the fleet, 1 to 5000.
    #[arg(long, default_value_t = 30)]
    pub(crate) units: usize,
    /// Calls an hour, averaged over the day; 0 for none; without it, what the city's size suggests.
    #[arg(long, value_name = "CALLS_PER_HOUR", conflicts_with = "calls")]
    pub(crate) rate: Option<f64>,
    /// Play these calls.
    #[arg(long, value_name = "FILE")]
    pub(crate) calls: Option<PathBuf>,
    /// Play real ECGs from this folder of WFDB recordings instead of the model's.
    #[arg(long, value_name = "DIR")]
    pub(crate) ecg: Option<PathBuf>,
    /// Who triages and sends units.
    #[arg(long, value_enum, default_value_t = Who::Auto)]
    pub(crate) dispatcher: Who,
    /// Who answers for hospitals.
    #[arg(long, value_enum, default_value_t = Who::Auto)]
    pub(crate) hospitals: Who,
    /// The priority scheme: china, arp or esi.
    #[arg(long, default_value = "china")]
    pub(crate) scheme: String,
    /// Rehearse a major incident with so many casualties, 1 to 500, two minutes after the start.
    #[arg(long, value_name = "CASUALTIES")]
    pub(crate) major: Option<u32>,
    #[command(flatten)]
    pub(crate) drive_times: DriveTimesArgs,
}

/// When the major incident of `--major` is called in.
const MAJOR_AFTER: Millis = Millis::from_mins(2);

/// Who does a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Who {
    /// The simulated city.
    Auto,
    /// People at a console.
    Manual,
}

impl From<Who> for Mode {
    fn from(who: Who) -> Self {
        match who {
            Who::Auto => Self::Auto,
            Who::Manual => Self::Manual,
        }
    }
}

impl CityArgs {
    /// Opens the pack with all that is known beside it.
    pub(crate) fn open(&self) -> anyhow::Result<OpenedCity> {
        let (drive_times, demand) = (self.drive_times.read()?, self.drive_times.demand()?);
        open_city(self.city.as_deref(), drive_times, demand)
    }

    /// The plan of a city that starts at `start`; `run` tells its commands from earlier runs'.
    pub(crate) fn plan(
        &self,
        start: Timestamp,
        run: u64,
        config: &CentreConfig,
    ) -> anyhow::Result<CityPlan> {
        if !(1..=5000).contains(&self.units) {
            bail!("--units {} is outside 1..=5000: give a fleet of that size", self.units);
        }
        if let Some(n) = self.major.filter(|n| !(1..=500).contains(n)) {
            bail!("--major {n} is outside 1..=500: give a number of casualties");
        }
        let mut plan = CityPlan::new(self.seed, start);
        plan.major = self.major.map(|n| MajorPlan { n_casualties: n, after: MAJOR_AFTER });
        plan.run = run;
        plan.n_units = self.units;
        plan.calls = self.call_source(config)?;
        plan.dispatcher = self.dispatcher.into();
        plan.hospitals = self.hospitals.into();
        if let Some(folder) = &self.ecg {
            plan.recordings = read_recordings(folder)?;
        }
        Ok(plan)
    }

    fn call_source(&self, config: &CentreConfig) -> anyhow::Result<CallSource> {
        if let Some(path) = &self.calls {
            let shown = path.display();
            let bytes = std::fs::read(path)
                .with_context(|| format!("{shown} cannot be read: give --calls a CSV file"))?;
            let cards = config.reference.cards().iter().map(|card| card.id.as_str());
            let known: Vec<_> = cards.collect();
            let list = CallList::parse(&bytes, &known).with_context(|| shown.to_string())?;
            return Ok(CallSource::Listed(Arc::new(list)));
        }
        match self.rate {
            Some(rate) if !(0.0..=10_000.0).contains(&rate) => {
                bail!("--rate {rate} is outside 0..=10000 calls an hour: correct it")
            }
            Some(rate) if rate <= 0.0 => Ok(CallSource::Silent),
            per_hour => Ok(CallSource::Poisson { per_hour }),
        }
    }
}

fn read_recordings(folder: &Path) -> anyhow::Result<Vec<Recording>> {
    let mut recordings = Vec::new();
    for path in headers_in(folder)? {
        match read_leads(&path) {
            Ok(leads) => recordings.extend(leads.into_iter().next().map(|it| Recording {
                lead: it.lead,
                hz: it.hz,
                microvolts: it.microvolts.into(),
            })),
            Err(error) => say::line(format!("left out: {error:#}")),
        }
    }
    if recordings.is_empty() {
        bail!("{} has no recording that can be played: see the lines above", folder.display());
    }
    say::line(format!("{} recordings from {}", recordings.len(), folder.display()));
    Ok(recordings)
}

impl UpArgs {
    /// Lives until the program is told to stop.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let config = centre_config(&self.city.scheme, self.policy.as_deref())?;
        runtime()?.block_on(async {
            match &self.centre {
                None => self.run_all(config).await,
                Some(url) => {
                    let url = CentreUrl::parse(url).context("--centre")?;
                    self.run_city_only(url, &config).await
                }
            }
        })
    }

    async fn run_all(&self, config: CentreConfig) -> anyhow::Result<()> {
        let listener = listen(&self.listen).await?;
        let opened = self.city.open()?;
        let mut started = start(listener, &opened, config.clone(), &self.data, self.speed)?;
        let address = started.server.address();
        say::lives_at(&opened.city.name, address);
        let url = CentreUrl::parse(&format!("http://{}", reachable(address)))?;
        let twin = self.twin(&opened, url, started.clock.clone(), &config)?;
        let result = tokio::select! {
            error = started.server.failed() => Err(error.into()),
            result = twin.run() => result,
            result = told_to_stop() => result,
        };
        started.server.stop().await;
        result
    }

    async fn run_city_only(&self, url: CentreUrl, config: &CentreConfig) -> anyhow::Result<()> {
        let opened = self.city.open()?;
        let time = centre_time(&url).await?;
        let clock = Clock::scaled(time.now, time.speed);
        say::line(format!("the city {} lives on {url} (Ctrl-C stops it)", opened.city.name));
        let twin = self.twin(&opened, url, clock, config)?;
        tokio::select! {
            result = twin.run() => result,
            result = told_to_stop() => result,
        }
    }

    fn twin(
        &self,
        opened: &OpenedCity,
        centre: CentreUrl,
        clock: Clock,
        config: &CentreConfig,
    ) -> anyhow::Result<Twin> {
        let start = clock.now();
        let run = start.as_micros().unsigned_abs() / 1_000_000;
        let mut plan = self.city.plan(start, run, config)?;
        plan.settings.at_speed(whole_speed(clock.speed()));
        announce(plan.n_units, plan.seed, clock.speed());
        let city = City::new(plan, Arc::clone(&opened.city), Arc::clone(&config.reference))?;
        let outbox = Arc::new(Outbox::open(&self.data.join("outbox.db"))?);
        Twin::new(city, centre, outbox, clock)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a clock's speed is 0.01..=1000"
)]
fn whole_speed(speed: f64) -> u32 {
    speed.ceil() as u32
}

/// Where this machine reaches a server: one that listens everywhere, by the loopback.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}

/// How often a centre that does not answer is asked again, a second apart.
const ATTEMPTS_MAX: u32 = 30;

/// Asks the centre for its time; one that is just starting is waited for.
async fn centre_time(url: &CentreUrl) -> anyhow::Result<CentreTime> {
    let client = CentreClient::new(url.clone());
    for attempt in 1.. {
        match client.get("/api/state").await {
            Ok(time) => return Ok(time),
            Err(error) if attempt == ATTEMPTS_MAX => return Err(error.into()),
            Err(error) if attempt == 1 => say::line(format!("waiting: {error}")),
            Err(_) => {}
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    unreachable!("the last attempt returns")
}

/// The part of the snapshot that sets the clock.
#[derive(Deserialize)]
struct CentreTime {
    now: Timestamp,
    speed: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_city_reaches_its_centre_wherever_it_listens() {
        for (listening, reached) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("127.0.0.2:8080", "127.0.0.2:8080"),
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("[::1]:80", "[::1]:80"),
            ("10.0.0.5:80", "10.0.0.5:80"),
        ] {
            assert_eq!(reachable(listening.parse().unwrap()).to_string(), reached);
        }
    }
}

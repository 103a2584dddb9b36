//! `golden-hour traffic`: tells a running centre how the roads flow.

use std::fs;
use std::path::PathBuf;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use ems_host::{CallError, CentreClient, CentreUrl, TrafficAck};

use crate::say;
use crate::serve::runtime;

const EXAMPLES: &str = "\
Examples:
  golden-hour traffic apply jams.csv
  golden-hour traffic apply closures.csv --centre http://10.0.0.5:8080 --actor police:control

A file that slows one street until half past eight and closes another until noon:

  from_lat,from_lon,to_lat,to_lon,speed_kmh,until
  35.9033,14.4584,35.9046,14.4631,12,2026-11-25T08:30:00Z
  35.9046,14.4635,35.9039,14.4666,closed,2026-11-25T12:00:00+01:00

A stretch is the way from the first place to the second, in that direction only. speed_kmh is
1 to 200, closed, or free (as the map says again). until is a time with its zone. Who knows the
edges of the city pack writes edge,direction in place of the four columns; direction is forward,
backward or both. The later word on a stretch counts; a wrong row refuses the whole file.";

/// Tries before giving up on a centre that does not answer; the key makes each safe.
const TRIES: u32 = 3;

/// Tell a running centre how the roads flow.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TrafficArgs {
    #[command(subcommand)]
    command: TrafficCommand,
}

#[derive(Debug, Subcommand)]
enum TrafficCommand {
    /// Apply a file of speeds and closures.
    Apply(ApplyArgs),
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct ApplyArgs {
    /// The speeds and closures (CSV).
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    /// The centre, as it printed it.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    centre: String,
    /// Who says so: it is in the centre's log.
    #[arg(long, value_name = "NAME", default_value = "traffic")]
    actor: String,
    /// A key of your own, 1 to 64 bytes: the same file under it again is applied once.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

impl TrafficArgs {
    /// Does what was asked and prints the result.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            TrafficCommand::Apply(args) => args.run(),
        }
    }
}

impl ApplyArgs {
    fn run(self) -> anyhow::Result<()> {
        let centre = CentreUrl::parse(&self.centre).context("--centre")?;
        let path = self.file.display().to_string();
        let csv = fs::read(&self.file).with_context(|| format!("{path} cannot be read"))?;
        let key = self.key.unwrap_or_else(new_key);
        let start = Instant::now();
        let client = CentreClient::new(centre);
        match runtime()?.block_on(apply(&client, &key, &self.actor, csv)) {
            Ok(ack) => say::line(told(&path, &ack, start.elapsed().as_millis())),
            Err(CallError::Refused { message, .. }) => bail!("{path}: {message}"),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

async fn apply(
    client: &CentreClient,
    key: &str,
    actor: &str,
    csv: Vec<u8>,
) -> Result<TrafficAck, CallError> {
    for _ in 1..TRIES {
        match client.apply_traffic(key, actor, csv.clone()).await {
            Err(CallError::NoAnswer { .. }) => {}
            answered => return answered,
        }
    }
    client.apply_traffic(key, actor, csv).await
}

/// A key that no other call has: the time and the process.
fn new_key() -> String {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("traffic-{}-{}", since_epoch.as_nanos(), std::process::id())
}

fn told(path: &str, ack: &TrafficAck, took_ms: u128) -> String {
    let TrafficAck { n_rows, n_over, n_stated, n_arcs, n_closed, is_repeated, .. } = ack;
    let over = if *n_over > 0 { format!(", {n_over} of them over already") } else { String::new() };
    let again = if *is_repeated { " (under this key before: nothing was done now)" } else { "" };
    format!(
        "{path}: {n_rows} rows{over}, {n_stated} directions of stretches stated{again}\n\
         the centre drives under {n_arcs} of them now, {n_closed} closed ({took_ms} ms)"
    )
}

//! `golden-hour bundle`: frames as files that anybody may carry to the centre.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand, value_parser};
use ems_bundle::{Content, Draft, FRAMES_MAX, Kind, Sealed, Signer};
use ems_host::{CentreClient, CentreUrl, Credentials, Notary, system_time};
use ems_model::{Frame, Millis, UnitId};
use ems_store::Outbox;
use serde_json::json;

use crate::say;
use crate::serve::runtime;

const EXAMPLES: &str = "\
Examples:
  golden-hour bundle pack --outbox var/gateway-A103/outbox.db --unit A103 --certs var/a103-certs --out var/stick
  golden-hour bundle show var/stick/A103-17-1040.bundle
  golden-hour bundle take var/stick/*.bundle --centre http://10.0.0.5:8080 --receipts var/stick
  golden-hour bundle settle var/stick/A103-17.receipt --outbox var/gateway-A103/outbox.db --unit A103 --certs var/a103-certs

A bundle (RFC 9171, version 7) holds frames that the centre has not stored, signed by their unit; who carries it can
change nothing, but can read it. Packing takes nothing out of the outbox: that is done by the centre's receipt, which
is signed, too, or by the gateway's own links. The gateway must not run meanwhile; a running one hands bundles to a
neighbour with --relay-to.";

/// Pack frames into bundles that others carry, and bring them to a centre.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct BundleArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Pack a unit's frames into files, oldest first.
    Pack(PackArgs),
    /// Show what is on a bundle and in it (JSON).
    Show {
        /// The bundle.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Check its signature by the authority in this folder.
        #[arg(long, value_name = "DIR")]
        certs: Option<PathBuf>,
    },
    /// Bring bundles to a centre, and keep its receipts.
    Take {
        /// The bundles.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// The centre, as it printed it.
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
        centre: String,
        /// The folder to write receipts to.
        #[arg(long, value_name = "DIR", default_value = ".")]
        receipts: PathBuf,
    },
    /// Take frames out of an outbox for which the centre has given a receipt.
    Settle {
        /// The receipts.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        of: OutboxArgs,
    },
}

#[derive(Debug, Args)]
struct PackArgs {
    #[command(flatten)]
    of: OutboxArgs,
    /// The folder to write UNIT-FIRST-LAST.bundle to.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How long they may be carried, 1 to 720 hours.
    #[arg(long, default_value_t = 168, value_parser = value_parser!(u32).range(1..=720))]
    hours: u32,
}

/// A unit's outbox.
#[derive(Debug, Args)]
struct OutboxArgs {
    /// The outbox of a gateway that does not run: DATA/outbox.db.
    #[arg(long, value_name = "FILE")]
    outbox: PathBuf,
    /// The unit's call sign.
    #[arg(long)]
    unit: String,
    /// The folder with unit.pem, unit.key and authority.pem (`golden-hour certs unit`).
    #[arg(long, value_name = "DIR")]
    certs: PathBuf,
}

impl BundleArgs {
    /// Does what is asked for.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.what {
            What::Pack(args) => args.run(),
            What::Show { file, certs } => show(&file, certs.as_deref()),
            What::Take { files, centre, receipts } => take(&files, &centre, &receipts),
            What::Settle { files, of } => settle(&files, &of),
        }
    }
}

impl OutboxArgs {
    fn open(&self) -> anyhow::Result<(UnitId, Outbox, Notary)> {
        let unit = UnitId::new(&self.unit).context("--unit")?;
        if !self.outbox.exists() {
            bail!("{} is not there: give the outbox.db of a gateway", self.outbox.display());
        }
        let notary = Notary::of(&Credentials::read(&self.certs, "unit").context("--certs")?)?;
        if notary.unit() != Some(&unit) {
            bail!("--certs is not unit {unit}'s: give the folder of golden-hour certs unit {unit}");
        }
        Ok((unit, Outbox::open(&self.outbox)?, notary))
    }
}

impl PackArgs {
    fn run(self) -> anyhow::Result<()> {
        let (unit, outbox, notary) = self.of.open()?;
        let resume = outbox.resume(&unit)?;
        let lifetime = Millis::from_mins(60 * i64::from(self.hours));
        fs::create_dir_all(&self.out).with_context(|| format!("--out {}", self.out.display()))?;
        let (mut next, mut n_frames, mut n_files) = (resume.acked + 1, 0, 0);
        loop {
            let frames = outbox.read(&unit, next, resume.last, FRAMES_MAX)?;
            if frames.is_empty() {
                break;
            }
            let (draft, n) = Draft::frames(&unit, &frames, system_time(), lifetime)?;
            let (first, last) = ends(&frames[..n]);
            let file = self.out.join(format!("{unit}-{first}-{last}.bundle"));
            write(&file, &notary.seal(&draft)?)?;
            (next, n_frames, n_files) = (last + 1, n_frames + n, n_files + 1);
        }
        say::line(format!("{n_frames} frames of unit {unit} are in {n_files} bundles"));
        Ok(())
    }
}

fn ends(frames: &[Frame]) -> (u64, u64) {
    let seq = |frame: Option<&Frame>| frame.map_or(0, |frame| frame.seq);
    (seq(frames.first()), seq(frames.last()))
}

fn show(file: &Path, certs: Option<&Path>) -> anyhow::Result<()> {
    let bytes = read(file)?;
    let sealed = Sealed::read_any(&bytes).with_context(|| file.display().to_string())?;
    let label = sealed.label();
    let signature = match certs {
        None => "not checked: give --certs".to_owned(),
        Some(folder) => match checker(folder)?.open(&bytes, system_time()) {
            Ok(_) => "right".to_owned(),
            Err(error) => error.to_string(),
        },
    };
    let author = match label.kind {
        Kind::Frames => Signer::Unit(label.unit.clone()),
        Kind::Receipt => Signer::Centre,
    };
    let shown = json!({
        "kind": label.kind.to_string(),
        "unit": label.unit,
        "source": label.source(),
        "destination": label.destination(),
        "created": label.created,
        "expires": label.expires(),
        "hops": sealed.hops().count,
        "hops_max": sealed.hops().limit,
        "n_bytes": bytes.len(),
        "signature": signature,
        "numbers": numbers(&sealed.open(&author)?),
    });
    say::line(serde_json::to_string_pretty(&shown)?);
    Ok(())
}

/// Ranges of the frames' numbers.
fn numbers(content: &Content) -> Vec<(u64, u64)> {
    match content {
        Content::Receipt(stored) => stored.clone(),
        Content::Frames(frames) => {
            let mut ranges = ems_uplink::Ranges::default();
            for frame in frames {
                ranges.insert(frame.seq, frame.seq);
            }
            ranges.iter().collect()
        }
    }
}

/// A unit's or a centre's folder will do.
fn checker(folder: &Path) -> anyhow::Result<Notary> {
    let of_unit = Credentials::read(folder, "unit");
    let credentials =
        of_unit.or_else(|_| Credentials::read(folder, "centre")).context("--certs")?;
    Ok(Notary::of(&credentials)?)
}

fn take(files: &[PathBuf], centre: &str, receipts: &Path) -> anyhow::Result<()> {
    let client = CentreClient::new(CentreUrl::parse(centre).context("--centre")?);
    fs::create_dir_all(receipts).with_context(|| format!("--receipts {}", receipts.display()))?;
    let runtime = runtime()?;
    for file in files {
        let answer = runtime.block_on(client.take_bundle(read(file)?));
        let receipt = answer.with_context(|| file.display().to_string())?;
        let sealed = Sealed::read_any(&receipt).context("the centre's receipt")?;
        let label = sealed.label();
        let path = receipts.join(format!("{}-{}.receipt", label.unit, label.number));
        write(&path, &receipt)?;
        let n_stored = n_numbers(&numbers(&sealed.open(&Signer::Centre)?));
        say::line(format!(
            "{n_stored} frames of unit {} are stored: {}",
            label.unit,
            path.display()
        ));
    }
    Ok(())
}

fn n_numbers(ranges: &[(u64, u64)]) -> u64 {
    ranges.iter().map(|(first, last)| last - first + 1).sum()
}

fn settle(files: &[PathBuf], of: &OutboxArgs) -> anyhow::Result<()> {
    let (unit, outbox, notary) = of.open()?;
    let resume = outbox.resume(&unit)?;
    for file in files {
        let opened = notary.open(&read(file)?, system_time());
        let opened = opened.with_context(|| file.display().to_string())?;
        let stored = match opened.content {
            Content::Receipt(stored) if opened.label.unit == unit => stored,
            _ => bail!("{} is no receipt for unit {unit}", file.display()),
        };
        if let Some((_, last)) = stored.last().filter(|(_, last)| *last > resume.last) {
            bail!(
                "{} tells of frame {last}, the outbox ends at {}: give that unit's own outbox",
                file.display(),
                resume.last
            );
        }
        for (first, last) in &stored {
            outbox.forget(unit.clone(), *first, *last);
        }
        say::line(format!("the centre has {} frames of unit {unit}", n_numbers(&stored)));
    }
    Ok(outbox.settle()?)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// Writes a file that is durable when this returns.
fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write;
    let write = || {
        let mut to = fs::File::create(file)?;
        to.write_all(bytes)?;
        to.sync_all()
    };
    write().with_context(|| format!("{} cannot be written", file.display()))
}

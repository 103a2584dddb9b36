//! Cleans a recording and judges its leads.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use ems_device::encode_leads;
use ems_signal::{
    Cleaned, Lanes, LeadState, Mains, Monitor, PlacementWatch, Quality, Reversal, Sample,
};

use super::header_path;
use crate::recordings::{LeadSamples, read_leads};
use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour ecg clean 100.hea --out clean.csv                         cleaned leads
  golden-hour ecg clean 100 --out clean.csv --quality quality.csv       and each second's quality
  golden-hour ecg clean 100 --out clean.csv --mains off                 and the hum left in
  golden-hour ecg clean 100 --wfdb cleaned                              as cleaned/100.hea and 100.dat

FILE gets sample,LEAD,LEAD_sd,...: microvolts (0.5 to 40 Hz, for monitoring, not for ST segments),
on the recording's own samples. LEAD_sd is empty where the lead was measured; where samples were
missing for up to a second it is the standard deviation of the guess beside it, which is no
measurement; where they were missing for longer both are empty. In a WFDB recording (format 16, 1 uV)
samples that were missing are missing.";

/// Which recording, and what of it is written where.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CleanArgs {
    /// The recording's header.
    #[arg(value_name = "RECORD")]
    record: PathBuf,
    /// Where the cleaned leads are written (CSV).
    #[arg(long, value_name = "FILE", required_unless_present = "wfdb")]
    out: Option<PathBuf>,
    /// The folder in which the cleaned leads are written as a WFDB recording of the same name.
    #[arg(long, value_name = "DIR")]
    wfdb: Option<PathBuf>,
    /// Where each second's quality is written, as CSV: second, lead, state, noise, index.
    #[arg(long, value_name = "FILE")]
    quality: Option<PathBuf>,
    /// The mains whose hum is taken out.
    #[arg(long, value_enum, default_value_t = MainsArg::Auto)]
    mains: MainsArg,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum MainsArg {
    Auto,
    #[value(name = "50")]
    Hz50,
    #[value(name = "60")]
    Hz60,
    Off,
}

/// Groups of four leads: up to 16.
const QUADS: usize = 4;

/// What came of a recording.
struct Findings {
    cleaned: Vec<Cleaned<QUADS>>,
    /// Each second of each lead.
    seconds: Vec<Vec<Quality>>,
    spikes: Lanes<QUADS>,
    mains_hz: Option<f64>,
    n_beats: usize,
    chosen: Vec<usize>,
}

impl CleanArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let path = header_path(&self.record);
        let leads = read_leads(&path)?;
        check(&leads, &path)?;
        let found = clean(&leads, self.mains)?;
        if let Some(out) = &self.out {
            write(out, &table(&leads, &found.cleaned))?;
        }
        if let Some(folder) = &self.wfdb {
            write_wfdb(folder, &path, &leads, &found.cleaned)?;
        }
        if let Some(path) = &self.quality {
            write(path, &quality_table(&leads, &found.seconds))?;
        }
        for (lead, samples) in leads.iter().enumerate() {
            say::line(lead_line(lead, samples, &found));
        }
        let names = found.chosen.iter().map(|&lead| leads[lead].lead.as_str()).collect::<Vec<_>>();
        let hum = found.mains_hz.map_or("none taken out".to_owned(), |hz| format!("{hz:.2} Hz"));
        say::line(format!(
            "hum {hum}; {} beats, at the end told by {}; cleaned leads in {}",
            found.n_beats,
            names.join(" and "),
            [&self.out, &self.wfdb]
                .into_iter()
                .flatten()
                .map(|it| it.display().to_string())
                .collect::<Vec<_>>()
                .join(" and ")
        ));
        for line in reversals(&leads, &found.cleaned)? {
            say::line(line);
        }
        Ok(())
    }
}

fn check(leads: &[LeadSamples], path: &Path) -> anyhow::Result<()> {
    let (hz, shown) = (leads[0].hz, path.display());
    if let Some(other) = leads.iter().find(|lead| lead.hz != hz) {
        bail!("{shown} has leads of {hz} and {} samples a second: give one with one", other.hz);
    }
    if leads.len() > Lanes::<QUADS>::N_LEADS {
        let most = Lanes::<QUADS>::N_LEADS;
        bail!("{shown} has {} leads, at most {most} are cleaned: split it", leads.len());
    }
    Ok(())
}

fn clean(leads: &[LeadSamples], mains: MainsArg) -> anyhow::Result<Findings> {
    let mut monitor = Monitor::<QUADS>::new(leads[0].hz, leads.len(), mains.into())?;
    let n_samples = leads.iter().map(|lead| lead.microvolts.len()).max().unwrap_or(0);
    let delay = monitor.delay_samples();
    let mut cleaned = Vec::with_capacity(n_samples + delay);
    let mut seconds = vec![];
    // What is cleaned comes out late: nothing is measured after the end.
    for at in 0..n_samples + delay {
        let sample = |lead: &LeadSamples| lead.microvolts.get(at).copied().unwrap_or(f32::NAN);
        let samples: Vec<f32> = leads.iter().map(sample).collect();
        monitor.push(&mut [Lanes::of(&samples)], &mut cleaned);
        seconds.extend(monitor.poll_quality().filter(|_| at < n_samples));
    }
    monitor.finish();
    Ok(Findings {
        cleaned: cleaned.split_off(delay),
        seconds,
        spikes: monitor.take_spikes(),
        mains_hz: monitor.mains_hz(),
        n_beats: std::iter::from_fn(|| monitor.poll_beat()).count(),
        chosen: monitor.chosen().to_vec(),
    })
}

fn table(leads: &[LeadSamples], cleaned: &[Cleaned<QUADS>]) -> String {
    let mut table = "sample".to_owned();
    for LeadSamples { lead, .. } in leads {
        let _ = write!(table, ",{lead},{lead}_sd");
    }
    for (at, sample) in cleaned.iter().enumerate() {
        let _ = write!(table, "\n{at}");
        for lead in 0..leads.len() {
            let _ = match sample.lead(lead) {
                Sample::Measured(microvolts) => write!(table, ",{microvolts:.1},"),
                Sample::Bridged { microvolts, sd_microvolts } => {
                    write!(table, ",{microvolts:.1},{sd_microvolts:.1}")
                }
                Sample::Missing => write!(table, ",,"),
            };
        }
    }
    table.push('\n');
    table
}

/// Writes the measured samples as a recording of the same name in another folder.
fn write_wfdb(
    folder: &Path,
    record: &Path,
    leads: &[LeadSamples],
    cleaned: &[Cleaned<QUADS>],
) -> anyhow::Result<()> {
    let name = record.file_stem().unwrap_or_default().to_string_lossy();
    let samples = |lead: usize| cleaned.iter().map(|it| it.measured(lead)).collect();
    let samples: Vec<Vec<f32>> = (0..leads.len()).map(samples).collect();
    let named: Vec<(&str, &[f32])> =
        leads.iter().zip(&samples).map(|(it, own)| (it.lead.as_str(), own.as_slice())).collect();
    let (header, bytes) = encode_leads(&name, leads[0].hz, &named)?;
    let file = |ending: &str| folder.join(format!("{name}.{ending}"));
    if file("hea").canonicalize().is_ok_and(|it| record.canonicalize().is_ok_and(|own| own == it)) {
        bail!("{} is the recording itself: give another folder", file("hea").display());
    }
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    std::fs::write(file("dat"), bytes)
        .with_context(|| format!("{} cannot be written", file("dat").display()))?;
    write(&file("hea"), &header)
}

/// From when on which electrodes seem to be on each other's places.
fn reversals(leads: &[LeadSamples], cleaned: &[Cleaned<QUADS>]) -> anyhow::Result<Vec<String>> {
    let place = |name: &&str| leads.iter().position(|it| it.lead.eq_ignore_ascii_case(name));
    let names = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"];
    let places: Vec<usize> = names.iter().filter_map(place).collect();
    let Ok(places) = <[usize; 8]>::try_from(places) else { return Ok(vec![]) };
    let hz = leads[0].hz;
    let (mut watch, mut lines, mut before) = (PlacementWatch::new(hz)?, vec![], None);
    for sample in cleaned {
        watch.push(places.map(|lead| sample.measured(lead)));
        let Some(placement) = watch.poll_output() else { continue };
        if let Some(reversal) = placement.reversal.filter(|_| placement.reversal != before) {
            let second = placement.until_sample / u64::from(hz);
            lines.push(format!("at {second} s {}: check them", reversed(reversal)));
        }
        before = placement.reversal;
    }
    Ok(lines)
}

fn reversed(reversal: Reversal) -> String {
    match reversal {
        Reversal::Arms => "the electrodes of the right and left arm seem exchanged".to_owned(),
        Reversal::RightArmLeg => {
            "the electrodes of the right arm and left leg seem exchanged".to_owned()
        }
        Reversal::Chest(lower) => {
            format!("the electrodes V{lower} and V{} seem exchanged", lower + 1)
        }
    }
}

fn quality_table(leads: &[LeadSamples], seconds: &[Vec<Quality>]) -> String {
    let mut table = "second,lead,state,noise_microvolts,index\n".to_owned();
    for (second, judged) in seconds.iter().enumerate() {
        for (lead, it) in leads.iter().zip(judged) {
            let (lead, state, noise, index) =
                (&lead.lead, state(it.state), it.noise_microvolts, it.index);
            let _ = writeln!(table, "{second},{lead},{state},{noise:.1},{index:.3}");
        }
    }
    table
}

fn lead_line(lead: usize, samples: &LeadSamples, found: &Findings) -> String {
    let seconds = || found.seconds.iter().map(|leads| leads[lead]);
    let mut line = format!("{:>6}:", samples.lead);
    for wanted in
        [LeadState::Good, LeadState::Noisy, LeadState::Flat, LeadState::Saturated, LeadState::Off]
    {
        let count = seconds().filter(|it| it.state == wanted).count();
        if count > 0 {
            let _ = write!(line, " {count} s {},", state(wanted));
        }
    }
    let count = |is_counted: fn(Sample) -> bool| {
        found.cleaned.iter().filter(|it| is_counted(it.lead(lead))).count()
    };
    let index = seconds().map(|it| it.index).sum::<f32>() / seconds().map(|_| 1.0).sum::<f32>();
    let _ = write!(
        line,
        " quality {index:.2}; samples: {} taken out as spikes, {} bridged, {} missing",
        found.spikes.lead(lead),
        count(|it| matches!(it, Sample::Bridged { .. })),
        count(|it| it == Sample::Missing),
    );
    line
}

const fn state(state: LeadState) -> &'static str {
    match state {
        LeadState::Good => "good",
        LeadState::Noisy => "noisy",
        LeadState::Flat => "flat",
        LeadState::Saturated => "saturated",
        LeadState::Off => "off",
    }
}

fn write(path: &Path, table: &str) -> anyhow::Result<()> {
    std::fs::write(path, table).with_context(|| format!("{} cannot be written", path.display()))
}

impl From<MainsArg> for Mains {
    fn from(mains: MainsArg) -> Self {
        match mains {
            MainsArg::Auto => Self::Auto,
            MainsArg::Hz50 => Self::Hz50,
            MainsArg::Hz60 => Self::Hz60,
            MainsArg::Off => Self::Off,
        }
    }
}

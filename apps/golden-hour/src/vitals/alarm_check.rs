//! `golden-hour vitals alarm-check`: a monitor's arrhythmia alarm against its other channels.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, ValueEnum};
use ems_clinical::{Arrhythmia, Channel, Contradiction, Judged};
use ems_device::Recording;
use ems_signal::{BeatFinder, find_pulses};
use serde_json::json;

use crate::recordings::{leads_of, read_recording};
use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour vitals alarm-check --record a103l.hea --kind asystole --at 300
  golden-hour vitals alarm-check --record v102s.hea --kind ventricular-tachycardia --at 300 --json

The alarms are those of the PhysioNet/CinC Challenge 2015. An alarm is held false only where a channel
shows steadily, over the 14 s before it, what cannot be during the arrhythmia.";

/// Signals that show pulses of blood.
const PULSES: [&str; 4] = ["PLETH", "PPG", "ABP", "ART"];

/// Check a monitor's arrhythmia alarm in a recording against its other channels.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct AlarmCheckArgs {
    /// The .hea file of a WFDB recording.
    #[arg(long, value_name = "RECORD.hea")]
    record: PathBuf,
    /// Which alarm the monitor raised.
    #[arg(long)]
    kind: Kind,
    /// When, in seconds from the start.
    #[arg(long, value_name = "SECONDS")]
    at: f64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Asystole,
    ExtremeBradycardia,
    ExtremeTachycardia,
    VentricularTachycardia,
    VentricularFibrillation,
}

impl AlarmCheckArgs {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        if !(20.0..=1e6).contains(&self.at) {
            bail!("--at {} is not 20 s or later: give when the alarm was raised", self.at);
        }
        let recording = read_recording(&self.record)?;
        let channels = channels(&recording)?;
        let judged = self.kind.arrhythmia().judge(self.at, &channels);
        let names: Vec<_> = channels.iter().map(|channel| channel.name.as_str()).collect();
        if self.json {
            let (channel, why) = match &judged {
                Judged::Holds => (None, None),
                Judged::Suppressed { channel, why } => (Some(channel), Some(said(*why))),
            };
            let holds = judged == Judged::Holds;
            say::line(json!({ "holds": holds, "channel": channel, "why": why, "channels": names }));
        } else {
            say::line(match &judged {
                Judged::Holds => format!("holds: none of {} contradicts it", names.join(", ")),
                Judged::Suppressed { channel, why } => {
                    format!("suppressed: {channel} shows {}", said(*why))
                }
            });
        }
        Ok(())
    }
}

impl Kind {
    fn arrhythmia(self) -> Arrhythmia {
        match self {
            Self::Asystole => Arrhythmia::Asystole,
            Self::ExtremeBradycardia => Arrhythmia::ExtremeBradycardia,
            Self::ExtremeTachycardia => Arrhythmia::ExtremeTachycardia,
            Self::VentricularTachycardia => Arrhythmia::VentricularTachycardia,
            Self::VentricularFibrillation => Arrhythmia::VentricularFibrillation,
        }
    }
}

fn said(why: Contradiction) -> String {
    match why {
        Contradiction::LongestPause(secs) => format!("no pause longer than {secs:.1} s"),
        Contradiction::SlowestFive(rate) => format!("no five beats slower than {rate:.0}/min"),
        Contradiction::FastestBeat(rate) => format!("no beat faster than {rate:.0}/min"),
        Contradiction::SteadyPulse(rate) => format!("a steady pulse of {rate:.0}/min"),
    }
}

/// Pulses first: they are the farther from the ECG that raised the alarm.
fn channels(recording: &Recording) -> anyhow::Result<Vec<Channel>> {
    let is_pulse = |name: &str| PULSES.iter().any(|it| name.eq_ignore_ascii_case(it));
    let pulses = recording.signals.iter().filter(|signal| is_pulse(signal.lead()));
    let mut channels: Vec<_> = pulses
        .map(|signal| Channel {
            name: signal.lead().to_owned(),
            is_pulse: true,
            beats: find_pulses(&signal.physical(), signal.hz()),
        })
        .collect();
    for lead in leads_of(recording) {
        let beats = beats(&lead.microvolts, lead.hz)?;
        channels.push(Channel { name: lead.lead, is_pulse: false, beats });
    }
    if channels.is_empty() {
        bail!("the recording has neither an ECG nor a pulse wave: give one that has");
    }
    Ok(channels)
}

#[expect(clippy::cast_precision_loss, reason = "samples are counted in millions")]
fn beats(microvolts: &[f32], hz: u32) -> anyhow::Result<Vec<f64>> {
    let mut finder = BeatFinder::new(hz)?;
    for sample in microvolts {
        finder.push(*sample);
    }
    finder.finish();
    let beats = std::iter::from_fn(|| finder.poll_output());
    Ok(beats.map(|beat| beat.sample as f64 / f64::from(hz)).collect())
}

//! The pulse of a face in a video.

use anyhow::bail;
use clap::Args;
use ems_model::{Millis, Timestamp};
use ems_vision::{PulseMeter, PulseMethod, PulseRefusal, WINDOW, find_rate};

use super::frames::Source;
use crate::say;

const NOTE: &str = "\
Each line looks back on 20 s at most: the rate by POS, which CHROM must confirm, the range that it
lies in 19 times of 20, and how far it stands out. Where it cannot be trusted the line says why.";

/// Every so often a pulse is told.
const STEP: Millis = Millis::from_secs(5);

/// Which video.
#[derive(Debug, Args)]
#[command(after_help = NOTE)]
pub(super) struct PulseArgs {
    #[command(flatten)]
    source: Source,
    /// Print the rates of all three methods, refused or not.
    #[arg(long)]
    all_methods: bool,
}

impl PulseArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let mut meter = PulseMeter::default();
        let mut due = Timestamp::default() + STEP;
        let mut last = None;
        self.source.each(&mut |mosaic| {
            meter.push(&mosaic);
            last = Some(mosaic.at);
            if mosaic.at >= due {
                self.tell(&mut meter, mosaic.at);
                due = due + STEP;
            }
        })?;
        let Some(last) = last else { bail!("the video has no picture: give another one") };
        if last + STEP != due {
            self.tell(&mut meter, last);
        }
        Ok(())
    }

    fn tell(&self, meter: &mut PulseMeter, at: Timestamp) {
        let secs = at.since(Timestamp::default()).as_secs_f64();
        say::line(match meter.pulse() {
            Ok(pulse) => format!(
                "{secs:6.1} s  {:5.1}/min  ±{:.1}  {:4.1} dB",
                pulse.bpm, pulse.within_bpm, pulse.snr_db
            ),
            Err(refusal) => format!("{secs:6.1} s  no pulse: {refusal}"),
        });
        if self.all_methods {
            for method in PulseMethod::ALL {
                tell_method(meter, method);
            }
        }
    }
}

fn tell_method(meter: &mut PulseMeter, method: PulseMethod) {
    let rate: Result<_, PulseRefusal> = find_rate(meter.samples(), method);
    say::line(match rate {
        Ok(it) => format!("          {method:?} {:.1}/min, {:.1} dB", it.bpm, it.snr_db),
        Err(refusal) => format!("          {method:?} {refusal}"),
    });
}

const _: () = assert!(STEP.get() <= WINDOW.get(), "every picture is looked at");

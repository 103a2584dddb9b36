//! `golden-hour vitals derive`: a recording through the gateway's virtual sensors.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context;
use clap::Args;
use ems_ambulance::{Gateway, GatewayConfig};
use ems_device::VitalsReading;
use ems_model::{
    ChainLink, Derived, DerivedOutcome, Millis, MmHg, Timestamp, UnitId, Vitals, WhyMissing,
};
use serde_json::json;

use crate::played::{PIECE, Played};
use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour vitals derive --record 03700181.hea
  golden-hour vitals derive --record 03700181.hea --cuff 60:118/64 --cuff 360:131/70 --every 60
  golden-hour vitals derive --record a103l.hea --json

The recording is played through the gateway as if it came from a monitor: ECG leads, and signals named
PLETH or PPG, RED and IR, ABP or ART in mmHg, RESP, CO2 in mmHg. Each line has the value, one standard
deviation, and the inputs with their ages. No score and no alarm uses what is derived.";

/// The recording's first sample is taken to be at this time.
const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Play a recording through the gateway's virtual sensors, and print what they say.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct DeriveArgs {
    /// The .hea file of a WFDB recording.
    #[arg(long, value_name = "RECORD.hea")]
    record: PathBuf,
    /// A cuff reading at a time of the recording; may be given again.
    #[arg(long, value_name = "SECONDS:SYSTOLIC/DIASTOLIC")]
    cuff: Vec<Cuff>,
    /// Print every so many seconds; without it, at the end.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    every: Option<u32>,
    /// Print JSON, a line for each time.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy)]
struct Cuff {
    at: Millis,
    systolic: MmHg,
    diastolic: MmHg,
}

impl FromStr for Cuff {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || format!("{text} is not SECONDS:SYSTOLIC/DIASTOLIC, such as 60:118/64");
        let (at, pressures) = text.split_once(':').ok_or_else(wanted)?;
        let (systolic, diastolic) = pressures.split_once('/').ok_or_else(wanted)?;
        let number = |part: &str| part.parse::<u16>().map_err(|_| wanted());
        let pressure = |part| MmHg::new(number(part)?).map_err(|error| error.to_string());
        let at = Millis::from_secs(at.parse::<u32>().map_err(|_| wanted())?.into());
        Ok(Self { at, systolic: pressure(systolic)?, diastolic: pressure(diastolic)? })
    }
}

impl DeriveArgs {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let played = Played::read(&self.record)?;
        let unit = UnitId::new("recording").context("a name of the program's own")?;
        let mut gateway = Gateway::new(unit, GatewayConfig::default(), 0);
        let every = self.every.map(|secs| Millis::from_secs(secs.into()));
        let mut told_at = START;
        let n_pieces = played.n_pieces();
        for idx in 0..n_pieces {
            let now = self.step(&mut gateway, &played, idx);
            let is_due = every.is_some_and(|every| now.since(told_at) >= every);
            if is_due || idx + 1 == n_pieces {
                told_at = now;
                self.tell(now, &gateway.view(now).derived);
            }
        }
        Ok(())
    }

    /// Lets the gateway hear a piece of each channel; gives the time after it.
    fn step(&self, gateway: &mut Gateway, played: &Played, idx: u64) -> Timestamp {
        let from = START + Millis::new(PIECE.get() * idx.cast_signed());
        let now = from + PIECE;
        for cuff in self.cuff.iter().filter(|cuff| (from..now).contains(&(START + cuff.at))) {
            let (systolic, diastolic) = (Some(cuff.systolic), Some(cuff.diastolic));
            let vitals = Vitals { systolic, diastolic, ..Vitals::default() };
            gateway.on_reading(now, &VitalsReading { at: START + cuff.at, vitals });
        }
        played.leads(idx, START, false).for_each(|chunk| gateway.on_ecg(now, &chunk));
        played.waves(idx, START, false).for_each(|piece| gateway.on_wave(now, &piece));
        gateway.on_wake(now);
        // Frames and complaints are a centre's and a crew's.
        while gateway.poll_output().is_some() || gateway.poll_complaint().is_some() {}
        now
    }

    fn tell(&self, now: Timestamp, derived: &[Derived]) {
        let secs = now.since(START).as_secs_f64();
        if self.json {
            let derived: Vec<_> = derived
                .iter()
                .map(|it| {
                    let unit = it.quantity.unit();
                    json!({ "quantity": it.quantity, "unit": unit, "outcome": it.outcome, "chain": it.chain })
                })
                .collect();
            return say::line(json!({ "seconds": secs, "derived": derived }));
        }
        say::line(format!("after {secs:.0} s"));
        derived.iter().map(line).for_each(say::line);
    }
}

fn line(derived: &Derived) -> String {
    let name = json!(derived.quantity).as_str().unwrap_or_default().replace('_', " ");
    let said = match derived.outcome {
        DerivedOutcome::Known(estimate) => {
            let unit = derived.quantity.unit();
            format!("{:.2} ± {:.2} {unit}", estimate.value, estimate.sd)
        }
        DerivedOutcome::Missing { why } => format!("missing: {}", reason(why)),
    };
    let chain: Vec<_> = derived.chain.iter().map(input).collect();
    format!("  {name:24} {said:28} from {}", chain.join(", "))
}

fn input(link: &ChainLink) -> String {
    match link.age {
        Some(age) => format!("{} ({:.1} s old)", link.id, age.as_secs_f64()),
        None => format!("{} (missing)", link.id),
    }
}

const fn reason(why: WhyMissing) -> &'static str {
    match why {
        WhyMissing::NoInput => "an input was not measured",
        WhyMissing::TooOld => "an input is too old",
        WhyMissing::BadQuality => "an input is no clean wave",
        WhyMissing::TooShort => "an input has not been there for long enough",
        WhyMissing::Disagree => "ways of finding it disagree",
        WhyMissing::NotCalibrated => "no reference was measured",
    }
}

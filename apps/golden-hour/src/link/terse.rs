//! What is left to say where a bearer carries a kilobit a second.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use ems_model::{Bpm, BreathsPerMin, Micros, MmHg, OxygenSaturation, Timestamp, Vitals};
use ems_uplink::{Bearer, Teller, Terse, TerseContext, TersePlace};

use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour link terse readings.csv                       bytes of a patient-minute, each bearer
  golden-hour link terse readings.csv --bearer lorawan      and each message, in hex
  golden-hour link terse --decode 200100... --near 1700000000

The columns are t_s,heart_rate,spo2,respiratory_rate,systolic,diastolic: seconds since 1970, rising;
an empty field was not measured.";
const COLUMNS: &str = "t_s,heart_rate,spo2,respiratory_rate,systolic,diastolic";
/// The longest file: a week.
const SECONDS_MAX: i64 = 7 * 86_400;

/// What is told, or read.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct TerseArgs {
    /// Readings of one patient.
    #[arg(required_unless_present = "decode", conflicts_with = "decode")]
    readings: Option<PathBuf>,
    /// One bearer, and each of its messages.
    #[arg(long, value_enum, conflicts_with = "decode")]
    bearer: Option<BearerName>,
    /// A message to read, in hex.
    #[arg(long, value_name = "HEX")]
    decode: Option<String>,
    /// The time within 18 hours of the message, in seconds since 1970.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, requires = "decode")]
    near: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum BearerName {
    Lorawan,
    Satellite,
    Sms,
    Kilobit,
}

/// One reading, and when.
type Row = (i64, Vitals);

impl TerseArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        if let Some(hex) = &self.decode {
            return decode(hex, self.near);
        }
        let path = self.readings.context("give a file of readings")?;
        let rows = read(&path)?;
        say::line("bearer      messages     bytes   bytes/min   largest");
        for name in BearerName::value_variants() {
            if self.bearer.is_none_or(|wanted| wanted == *name) {
                let messages = tell(&rows, name.bearer())?;
                say::line(summary(*name, &rows, &messages));
                if self.bearer.is_some() {
                    for (at, bytes) in &messages {
                        say::line(format!("{at} {}", hex(bytes)));
                    }
                }
            }
        }
        Ok(())
    }
}

impl BearerName {
    const fn bearer(self) -> Bearer {
        match self {
            Self::Lorawan => Bearer::LORAWAN,
            Self::Satellite => Bearer::SATELLITE,
            Self::Sms => Bearer::SMS,
            Self::Kilobit => Bearer::KILOBIT,
        }
    }
}

/// The messages, and when each goes, until a minute after the last reading.
fn tell(rows: &[Row], bearer: Bearer) -> anyhow::Result<Vec<(i64, Vec<u8>)>> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(vec![]) };
    let mut teller = Teller::new(second(first.0), bearer);
    let mut rest = rows.iter().peekable();
    let mut messages = Vec::new();
    for now in first.0..last.0 + 60 {
        while let Some((at, vitals)) = rest.next_if(|row| row.0 <= now) {
            teller.push(known(*at, vitals));
        }
        while let Some(bytes) = teller.poll_output(second(now))? {
            messages.push((now, bytes));
        }
    }
    Ok(messages)
}

fn known(at: i64, vitals: &Vitals) -> Terse {
    Terse {
        unit: 1,
        seq: 0,
        at: second(at),
        vitals: *vitals,
        gcs: None,
        etco2: None,
        alarms: vec![],
        place: TersePlace::Untold,
    }
}

#[expect(clippy::cast_precision_loss, reason = "bytes and seconds of a week")]
fn summary(name: BearerName, rows: &[Row], messages: &[(i64, Vec<u8>)]) -> String {
    let seconds = rows.last().map_or(0, |last| last.0 - rows[0].0 + 60);
    let n_bytes: usize = messages.iter().map(|message| message.1.len()).sum();
    let largest = messages.iter().map(|message| message.1.len()).max().unwrap_or(0);
    let per_minute = n_bytes as f64 * 60.0 / seconds.max(1) as f64;
    let name = format!("{name:?}").to_lowercase();
    format!("{name:<10}{:>10}{n_bytes:>10}{per_minute:>12.2}{largest:>10}", messages.len())
}

fn decode(text: &str, near: i64) -> anyhow::Result<()> {
    let context = TerseContext { now: second(near), position: None };
    let terse = Terse::decode(&unhex(text)?, &context)?;
    let vitals = &terse.vitals;
    say::line(format!("unit {}, message {}, at {} s", terse.unit, terse.seq, seconds_of(terse.at)));
    let told = |name: &str, value: Option<u16>| {
        if let Some(value) = value {
            say::line(format!("{name} {value}"));
        }
    };
    told("heart rate", vitals.heart_rate.map(Bpm::get));
    told("SpO2", vitals.spo2.map(OxygenSaturation::get));
    told("breaths", vitals.respiratory_rate.map(BreathsPerMin::get));
    told("systolic", vitals.systolic.map(MmHg::get));
    told("diastolic", vitals.diastolic.map(MmHg::get));
    for alarm in &terse.alarms {
        let begins = if alarm.is_active { "begins" } else { "ends" };
        say::line(format!("alarm {:?} {:?} {begins}", alarm.kind, alarm.priority));
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Vec<Row>> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{shown} cannot be read: give a file of readings"))?;
    let mut lines = text.lines();
    ensure!(lines.next() == Some(COLUMNS), "{shown} does not begin with {COLUMNS}");
    let rows = lines.enumerate().map(|(idx, line)| {
        row(line).with_context(|| format!("{shown}, line {}: \"{line}\"", idx + 2))
    });
    let rows: Vec<Row> = rows.collect::<anyhow::Result<_>>()?;
    ensure!(rows.is_sorted_by_key(|row| row.0), "{shown}: t_s does not rise");
    let span = rows.last().map_or(0, |last| last.0 - rows[0].0);
    ensure!(span <= SECONDS_MAX, "{shown} spans {span} s, more than {SECONDS_MAX}: cut it");
    Ok(rows)
}

fn row(line: &str) -> anyhow::Result<Row> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    let [at, rate, spo2, breaths, systolic, diastolic] = fields[..] else {
        bail!("{} fields, not 6", fields.len());
    };
    let vitals = Vitals {
        heart_rate: measured(rate)?.map(Bpm::new).transpose()?,
        spo2: measured(spo2)?.map(OxygenSaturation::new).transpose()?,
        respiratory_rate: measured(breaths)?.map(BreathsPerMin::new).transpose()?,
        systolic: measured(systolic)?.map(MmHg::new).transpose()?,
        diastolic: measured(diastolic)?.map(MmHg::new).transpose()?,
        ..Vitals::default()
    };
    let at: i64 = at.parse().context("t_s is no whole number")?;
    ensure!((0..=1 << 40).contains(&at), "t_s {at} is outside 0..=2^40");
    Ok((at, vitals))
}

fn measured(field: &str) -> anyhow::Result<Option<u16>> {
    if field.is_empty() { Ok(None) } else { Ok(Some(field.parse()?)) }
}

fn second(at: i64) -> Timestamp {
    Timestamp::from_millis(0) + Micros::from_millis(at.saturating_mul(1000))
}

fn seconds_of(at: Timestamp) -> i64 {
    at.as_micros() / 1_000_000
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> anyhow::Result<Vec<u8>> {
    let digits = text.as_bytes();
    ensure!(digits.len().is_multiple_of(2), "{} digits are not whole bytes", digits.len());
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).ok();
        pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).context("not hex")
    };
    digits.chunks_exact(2).map(byte).collect()
}

//! What a patient costs on bearers that carry little.

use ems_model::{
    AlarmKind, AlarmPriority, Bpm, BreathsPerMin, Micros, MmHg, OxygenSaturation, Timestamp, Vitals,
};
use ems_uplink::{Bearer, Teller, Terse, TerseAlarm, TerseContext, TersePlace};

use crate::data;

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A patient of MIMIC II with a reading a minute: rates, pressures, saturation.
pub(crate) fn run() -> anyhow::Result<()> {
    let minutes = data::numerics()?;
    println!("low rate: {} minutes of a patient's numerics", minutes.len());
    println!(
        "bearer       messages     bytes   bytes/min   biggest   mean age s   alarm wait s, max"
    );
    for (name, bearer) in [
        ("LoRaWAN", Bearer::LORAWAN),
        ("satellite", Bearer::SATELLITE),
        ("SMS", Bearer::SMS),
        ("1 kbit/s", Bearer::KILOBIT),
    ] {
        let told = tell(&minutes, bearer)?;
        let per_minute = told.n_bytes as f64 / minutes.len() as f64;
        println!(
            "{name:<10}{:>11}{:>10}{per_minute:>12.2}{:>10}{:>13.0}{:>16.0}",
            told.n_messages,
            told.n_bytes,
            told.n_bytes_max,
            told.age_s / (minutes.len() * 60) as f64,
            told.alarm_wait_s,
        );
    }
    Ok(())
}

#[derive(Default)]
struct Told {
    n_messages: usize,
    n_bytes: usize,
    n_bytes_max: usize,
    /// The sum over seconds of how old the last message was.
    age_s: f64,
    alarm_wait_s: f64,
}

fn tell(minutes: &[[Option<u16>; 5]], bearer: Bearer) -> anyhow::Result<Told> {
    let mut teller = Teller::new(START, bearer);
    let (mut told, mut told_at, mut waits_since) = (Told::default(), 0, None);
    let mut before = Vec::new();
    for second in 0..minutes.len() * 60 {
        let now = START + Micros::from_millis(1000 * second as i64);
        if second % 60 == 0 {
            let (terse, active) = known(now, &minutes[second / 60], &before)?;
            if !terse.alarms.is_empty() {
                waits_since.get_or_insert(second);
            }
            before = active;
            teller.push(terse);
        }
        while let Some(bytes) = teller.poll_output(now)? {
            let read = Terse::decode(&bytes, &TerseContext { now, position: None })?;
            if !read.alarms.is_empty() {
                let wait = second - waits_since.take().unwrap_or(second);
                told.alarm_wait_s = told.alarm_wait_s.max(wait as f64);
            }
            told.n_messages += 1;
            told.n_bytes += bytes.len();
            told.n_bytes_max = told.n_bytes_max.max(bytes.len());
            told_at = second;
        }
        told.age_s += (second - told_at) as f64;
    }
    Ok(told)
}

/// A minute's vitals, alarms that began or ended with it, and those that last.
fn known(
    at: Timestamp,
    [rate, spo2, breaths, systolic, diastolic]: &[Option<u16>; 5],
    before: &[AlarmKind],
) -> anyhow::Result<(Terse, Vec<AlarmKind>)> {
    let vitals = Vitals {
        heart_rate: rate.and_then(|it| Bpm::new(it).ok()),
        spo2: spo2.and_then(|it| OxygenSaturation::new(it).ok()),
        respiratory_rate: breaths.and_then(|it| BreathsPerMin::new(it).ok()),
        systolic: systolic.and_then(|it| MmHg::new(it).ok()),
        diastolic: diastolic.and_then(|it| MmHg::new(it).ok()),
        ..Vitals::default()
    };
    // The bounds of NEWS2 at 3 points (RCP 2017, chart 1).
    let limits = [
        (AlarmKind::HeartRateHigh, rate.is_some_and(|it| it > 130)),
        (AlarmKind::HeartRateLow, rate.is_some_and(|it| it <= 40)),
        (AlarmKind::Spo2Low, spo2.is_some_and(|it| it <= 91)),
        (AlarmKind::RespirationHigh, breaths.is_some_and(|it| it > 24)),
        (AlarmKind::RespirationLow, breaths.is_some_and(|it| it <= 8)),
        (AlarmKind::SystolicLow, systolic.is_some_and(|it| it <= 90)),
    ];
    let active: Vec<_> = limits.iter().filter(|it| it.1).map(|it| it.0).collect();
    let changed = limits.iter().filter(|(kind, is_on)| before.contains(kind) != *is_on);
    let alarm = |(kind, is_active): &(AlarmKind, bool)| TerseAlarm {
        kind: *kind,
        priority: AlarmPriority::High,
        is_active: *is_active,
    };
    let alarms = changed.map(alarm).collect();
    let place = TersePlace::Untold;
    let terse = Terse { unit: 1, seq: 0, at, vitals, gcs: None, etco2: None, alarms, place };
    Ok((terse, active))
}

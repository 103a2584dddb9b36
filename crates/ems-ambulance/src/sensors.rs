//! The gateway's virtual sensors: what follows from waves and readings together.

use std::collections::BTreeMap;

use ems_clinical::{Sensed, shock_index, told};
use ems_device::{WaveKind, WavePiece};
use ems_model::{ChainLink, Derived, DerivedQuantity, Estimate, Millis, Timestamp, WhyMissing};

use crate::body_wave::BodyWave;
use crate::complaint::GatewayComplaint;
use crate::timeline::Joint;

/// The most waves of one patient beside the ECG.
pub const MAX_WAVES: usize = 8;
/// A wave that was not heard for so long was put away.
const PUT_AWAY: Millis = Millis::from_secs(60);

/// What the readings say that virtual sensors start from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Signs {
    pub(crate) heart_rate: Sensed,
    pub(crate) systolic: Sensed,
}

/// Waves beside the ECG, and what is derived from all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sensors {
    waves: BTreeMap<String, BodyWave>,
}

impl Sensors {
    /// Takes a piece of a wave; gives what was wrong with it.
    pub(crate) fn on_wave(&mut self, now: Timestamp, piece: &WavePiece) -> Vec<GatewayComplaint> {
        let name = || piece.channel.clone();
        let Some(mut wave) = self.waves.remove(&piece.channel).filter(|it| it.is_of(piece)) else {
            return self.start(now, piece);
        };
        let complaint = match wave.join(now, piece) {
            Joint::Seamless => None,
            Joint::Afresh => return self.start(now, piece),
            Joint::Repeated => {
                self.waves.insert(name(), wave);
                return vec![GatewayComplaint::Repeated { lead: name() }];
            }
            Joint::Stepped(by) => Some(stepped(piece, by)),
            Joint::Gap(n_samples) => {
                let gap = wave.skip(now, n_samples);
                Some(GatewayComplaint::Gap { lead: name(), gap })
            }
        };
        wave.take(now, piece.samples.iter().copied());
        self.waves.insert(name(), wave);
        complaint.into_iter().collect()
    }

    /// Everything that is derived now, each quantity once; one of which no input came is left out.
    pub(crate) fn derive(&self, now: Timestamp, signs: &Signs) -> Vec<Derived> {
        let mut derived = vec![];
        if signs.heart_rate.reading.is_ok() || signs.systolic.reading.is_ok() {
            derived.push(shock_index(&signs.heart_rate, &signs.systolic));
        }
        if let Some((name, wave)) = self.pulse_wave(now) {
            derived.push(pulse_rate(now, name, wave));
        }
        derived
    }

    /// Another patient.
    pub(crate) fn forget(&mut self) {
        self.waves.clear();
    }

    /// Forgets the waves that were put away.
    pub(crate) fn end_silent(&mut self, now: Timestamp) {
        self.waves.retain(|_, wave| wave.unheard(now) <= PUT_AWAY);
    }

    /// The wave whose pulses count: a pressure before light, a clean one before another.
    fn pulse_wave(&self, now: Timestamp) -> Option<(&str, &BodyWave)> {
        let waves = self.waves.iter().filter(|(_, wave)| shows_pulses(wave.kind()));
        let waves = waves.map(|(name, wave)| (name.as_str(), wave));
        waves.max_by_key(|(_, wave)| {
            let is_clean = !wave.is_silent(now) && wave.train().check(wave.end_secs()).is_ok();
            (is_clean, wave.kind() == WaveKind::ArterialPressure)
        })
    }

    fn start(&mut self, now: Timestamp, piece: &WavePiece) -> Vec<GatewayComplaint> {
        if self.waves.len() >= MAX_WAVES {
            return vec![GatewayComplaint::TooManyWaves { channel: piece.channel.clone() }];
        }
        match BodyWave::new(now, piece) {
            Err(complaint) => vec![complaint],
            Ok((mut wave, off)) => {
                wave.take(now, piece.samples.iter().copied());
                self.waves.insert(piece.channel.clone(), wave);
                off.map(|by| stepped(piece, by)).into_iter().collect()
            }
        }
    }
}

fn stepped(piece: &WavePiece, by: Millis) -> GatewayComplaint {
    GatewayComplaint::ClockStepped { source_name: format!("wave {}", piece.channel), by }
}

fn shows_pulses(kind: WaveKind) -> bool {
    match kind {
        WaveKind::Pleth
        | WaveKind::PlethRed
        | WaveKind::PlethInfrared
        | WaveKind::ArterialPressure => true,
        WaveKind::Respiration | WaveKind::Co2 => false,
    }
}

fn pulse_rate(now: Timestamp, name: &str, wave: &BodyWave) -> Derived {
    of_wave(DerivedQuantity::PulseRate, now, name, wave, wave.train().rate(wave.end_secs()))
}

/// A quantity of one wave alone; a wave that fell silent gives none.
fn of_wave(
    quantity: DerivedQuantity,
    now: Timestamp,
    name: &str,
    wave: &BodyWave,
    estimate: Result<Estimate, WhyMissing>,
) -> Derived {
    let estimate = if wave.is_silent(now) { Err(WhyMissing::TooOld) } else { estimate };
    Derived { quantity, outcome: told(estimate), chain: vec![link(now, name, wave)] }
}

fn link(now: Timestamp, name: &str, wave: &BodyWave) -> ChainLink {
    ChainLink { id: format!("wave {name}"), age: Some(wave.age(now)) }
}

//! The gateway's virtual sensors: what follows from waves, beats and readings together.

use std::collections::{BTreeMap, VecDeque};

use ems_clinical::{Channel, Sensed, Witness, derive, shock_index};
use ems_device::{WaveKind, WavePiece};
use ems_model::{
    ChainLink, Derived, DerivedQuantity as Quantity, Estimate, Millis, Timestamp, WhyMissing,
};
use ems_signal::{
    BREATHS_LOOK_S, HeartBeat, OximeterCurve, Pulse, PulseTrain, breath_rate, ecg_breaths,
    perfusion_index, pulse_breaths, ratio_of_ratios, relative_output, transit_time,
};

use crate::body_wave::BodyWave;
use crate::complaint::GatewayComplaint;
use crate::reference::{CuffReference, OutputReference};
use crate::timeline::Joint;

/// The most waves of one patient beside the ECG.
pub const MAX_WAVES: usize = 8;
/// A wave that was not heard for so long was put away.
const PUT_AWAY: Millis = Millis::from_secs(60);
/// Transit times and depths of pulses are looked at over this.
const PULSES_LOOK_S: f64 = 20.0;
/// An alarm is looked at over this before it.
const WITNESS_LOOK_S: f64 = 20.0;

/// What the readings say that virtual sensors start from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Signs {
    pub(crate) heart_rate: Sensed,
    pub(crate) systolic: Sensed,
    /// When the systolic pressure was measured.
    pub(crate) systolic_at: Option<Timestamp>,
    /// The best usable ECG lead.
    pub(crate) lead: Option<String>,
}

/// A beat of a lead: when, and the size of its complex, µV.
pub(crate) type LeadBeat = (Timestamp, f32);

/// Waves beside the ECG, and what is derived from all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sensors {
    waves: BTreeMap<String, BodyWave>,
    beats: BTreeMap<String, VecDeque<LeadBeat>>,
    cuff: CuffReference,
    output: OutputReference,
}

/// A wave by its name.
type Named<'a> = (&'a str, &'a BodyWave);

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
        wave.take_piece(now, &piece.samples);
        self.waves.insert(name(), wave);
        complaint.into_iter().collect()
    }

    /// Takes new beats of a lead.
    pub(crate) fn on_beats(&mut self, lead: &str, new: Vec<LeadBeat>) {
        let Some((last, _)) = new.last().copied() else { return };
        let beats = self.beats.entry(lead.to_owned()).or_default();
        beats.extend(new);
        beats.retain(|beat| last.since(beat.0).as_secs_f64() <= BREATHS_LOOK_S + 2.0);
    }

    /// Once a second: takes the references of trends, and forgets waves that were put away.
    pub(crate) fn on_second(&mut self, now: Timestamp, signs: &Signs) {
        self.waves.retain(|_, wave| wave.unheard(now) <= PUT_AWAY);
        if let Some(transit) = self.transit(now, signs) {
            self.cuff.note(now, signs.systolic_at, &transit);
        }
        if let Some((name, wave)) = self.wave(WaveKind::ArterialPressure) {
            let (name, output) = (name.to_owned(), output(now, wave));
            self.output.note(&name, output);
        }
    }

    /// Everything that is derived now, each quantity once; one of which no input came is left out.
    pub(crate) fn derive(&self, now: Timestamp, signs: &Signs) -> Vec<Derived> {
        let mut derived = vec![];
        if signs.heart_rate.reading.is_ok() || signs.systolic.reading.is_ok() {
            derived.push(shock_index(&signs.heart_rate, &signs.systolic));
        }
        let transit = self.transit(now, signs);
        let change = transit.as_ref().map(|transit| self.cuff.change(now, transit));
        let named = [
            (Quantity::PulseRate, self.of_pulses(now, PulseTrain::rate)),
            (Quantity::ImpedanceBreaths, self.impedance_breaths(now)),
            (Quantity::PulseBreaths, self.of_pulses(now, pulse_breaths)),
            (Quantity::EcgBreaths, self.ecg_breaths(now, signs)),
            (Quantity::PulseTransitTime, transit),
            (Quantity::SystolicChange, change),
            (Quantity::RelativeCardiacOutput, self.relative_output(now)),
            (Quantity::PerfusionIndex, self.perfusion(now)),
            (Quantity::UncalibratedSpo2, self.saturation(now)),
        ];
        let known = named.into_iter().filter_map(|(quantity, it)| it.map(|it| (quantity, it)));
        derived.extend(known.chain(self.airway(now)).map(|(quantity, it)| as_is(quantity, &it)));
        derived
    }

    /// What the clean pulse waves show, for alarms of the ECG.
    pub(crate) fn witness(&self, now: Timestamp, is_rate_of_ecg: bool) -> Witness {
        let channels = self.waves.iter().filter(|(_, wave)| is_clean(now, wave));
        let channels = channels.filter_map(|(name, wave)| {
            let end = wave.end();
            let beats = wave.train()?.last(end, WITNESS_LOOK_S).map(|(foot, _)| foot - end);
            Some(Channel { name: name.clone(), is_pulse: true, beats: beats.collect() })
        });
        Witness { channels: channels.collect(), is_rate_of_ecg }
    }

    /// Another patient.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    fn start(&mut self, now: Timestamp, piece: &WavePiece) -> Vec<GatewayComplaint> {
        if self.waves.len() >= MAX_WAVES {
            return vec![GatewayComplaint::TooManyWaves { channel: piece.channel.clone() }];
        }
        match BodyWave::new(now, piece) {
            Err(complaint) => vec![complaint],
            Ok((mut wave, off)) => {
                wave.take_piece(now, &piece.samples);
                self.waves.insert(piece.channel.clone(), wave);
                off.map(|by| stepped(piece, by)).into_iter().collect()
            }
        }
    }

    fn wave(&self, kind: WaveKind) -> Option<Named<'_>> {
        let wave = self.waves.iter().find(|(_, wave)| wave.kind() == kind);
        wave.map(|(name, wave)| (name.as_str(), wave))
    }

    /// The wave whose pulses count: a clean one before another, a pressure before light.
    fn pulse_wave(&self, now: Timestamp) -> Option<Named<'_>> {
        let waves = self.waves.iter().filter(|(_, wave)| wave.train().is_some());
        let waves = waves.map(|(name, wave)| (name.as_str(), wave));
        waves.max_by_key(|(_, wave)| {
            (is_clean(now, wave), wave.kind() == WaveKind::ArterialPressure)
        })
    }

    fn of_pulses(
        &self,
        now: Timestamp,
        formula: impl FnOnce(&PulseTrain, f64) -> Result<Estimate, WhyMissing>,
    ) -> Option<Sensed> {
        let (name, wave) = self.pulse_wave(now)?;
        Some(of_wave(now, name, wave, formula(wave.train()?, wave.end())))
    }

    fn impedance_breaths(&self, now: Timestamp) -> Option<Sensed> {
        let (name, wave) = self.wave(WaveKind::Respiration)?;
        Some(of_wave(now, name, wave, breath_rate(&wave.chest()?.points())))
    }

    fn ecg_breaths(&self, now: Timestamp, signs: &Signs) -> Option<Sensed> {
        let (lead, beats) = self.lead_beats(signs)?;
        let at = |beat: Timestamp| -now.since(beat).as_secs_f64();
        let beats =
            beats.iter().map(|(beat, size)| HeartBeat { at: at(*beat), size: f64::from(*size) });
        let chain = vec![beats_link(now, lead, self.beats.get(lead)?)];
        Some(Sensed { chain, reading: ecg_breaths(&beats.collect::<Vec<_>>()) })
    }

    /// From R waves of the best lead to feet of the best pulse wave, ms.
    fn transit(&self, now: Timestamp, signs: &Signs) -> Option<Sensed> {
        let (lead, beats) = self.lead_beats(signs)?;
        let (name, wave) = self.pulse_wave(now)?;
        let end = wave.end();
        let train = wave.train()?;
        let feet: Vec<f64> = train.last(end, PULSES_LOOK_S).map(|(foot, _)| foot).collect();
        let beats_at: Vec<f64> = beats.iter().map(|(at, _)| wave.seconds_at(*at)).collect();
        let reading = train.check(end).and_then(|()| transit_time(&beats_at, &feet));
        let mut sensed = of_wave(now, name, wave, reading);
        sensed.chain.insert(0, beats_link(now, lead, beats));
        Some(sensed)
    }

    fn relative_output(&self, now: Timestamp) -> Option<Sensed> {
        let (name, wave) = self.wave(WaveKind::ArterialPressure)?;
        Some(of_wave(now, name, wave, self.output.ratio(output(now, wave))))
    }

    fn perfusion(&self, now: Timestamp) -> Option<Sensed> {
        let (name, wave) = self.wave(WaveKind::PlethInfrared)?;
        Some(of_wave(now, name, wave, perfusion_index(pulses(wave)?)))
    }

    fn saturation(&self, now: Timestamp) -> Option<Sensed> {
        let (red_name, red) = self.wave(WaveKind::PlethRed)?;
        let (name, infrared) = self.wave(WaveKind::PlethInfrared)?;
        let lag = red.seconds_at(now) - infrared.seconds_at(now);
        let in_infrared = pulses(red)?.map(|(foot, pulse)| (foot - lag, pulse));
        let ratio = ratio_of_ratios(in_infrared, pulses(infrared)?);
        let mut sensed =
            of_wave(now, name, infrared, ratio.map(|it| OximeterCurve::TEXTBOOK.saturation(it)));
        sensed.chain.insert(0, link(now, red_name, red));
        Some(sensed)
    }

    fn airway(&self, now: Timestamp) -> Vec<(Quantity, Sensed)> {
        let Some((name, wave)) = self.wave(WaveKind::Co2) else { return vec![] };
        let Some(airway) = wave.airway() else { return vec![] };
        let since = airway.since_last().map(|value| Estimate { value, sd: 0.1 });
        let readings = [
            (Quantity::EndTidalCo2, airway.end_tidal()),
            (Quantity::InspiredCo2, airway.inspired()),
            (Quantity::CapnogramBreaths, airway.rate()),
            (Quantity::PlateauSlope, airway.slope()),
            (Quantity::SinceLastBreath, since.ok_or(WhyMissing::TooShort)),
        ];
        readings.map(|(quantity, reading)| (quantity, of_wave(now, name, wave, reading))).into()
    }

    fn lead_beats<'a>(&'a self, signs: &'a Signs) -> Option<(&'a str, &'a VecDeque<LeadBeat>)> {
        let lead = signs.lead.as_deref()?;
        Some((lead, self.beats.get(lead)?))
    }
}

fn stepped(piece: &WavePiece, by: Millis) -> GatewayComplaint {
    GatewayComplaint::ClockStepped { source_name: format!("wave {}", piece.channel), by }
}

fn is_clean(now: Timestamp, wave: &BodyWave) -> bool {
    let is_clean = |train: &PulseTrain| train.check(wave.end()).is_ok();
    !wave.is_silent(now) && wave.train().is_some_and(is_clean)
}

/// Its last pulses by their feet.
fn pulses(wave: &BodyWave) -> Option<impl Iterator<Item = (f64, &Pulse)>> {
    Some(wave.train()?.last(wave.end(), PULSES_LOOK_S))
}

fn output(now: Timestamp, wave: &BodyWave) -> Result<Estimate, WhyMissing> {
    let train = wave.train().filter(|_| !wave.is_silent(now)).ok_or(WhyMissing::TooOld)?;
    relative_output(train, wave.end())
}

/// A quantity of one wave alone; a wave that fell silent gives none.
fn of_wave(
    now: Timestamp,
    name: &str,
    wave: &BodyWave,
    reading: Result<Estimate, WhyMissing>,
) -> Sensed {
    let reading = if wave.is_silent(now) { Err(WhyMissing::TooOld) } else { reading };
    Sensed { chain: vec![link(now, name, wave)], reading }
}

fn as_is(quantity: Quantity, sensed: &Sensed) -> Derived {
    derive(quantity, [sensed], |[estimate]| Some(estimate))
}

fn link(now: Timestamp, name: &str, wave: &BodyWave) -> ChainLink {
    ChainLink { id: format!("wave {name}"), age: Some(wave.age(now)) }
}

fn beats_link(now: Timestamp, lead: &str, beats: &VecDeque<LeadBeat>) -> ChainLink {
    let age = beats.back().map(|(at, _)| now.since(*at));
    ChainLink { id: format!("beats of ecg {lead}"), age }
}

//! A message as bits, and back.

use ems_model::{
    AlarmKind, AlarmPriority, Bpm, BreathsPerMin, Celsius, Consciousness, HeartRhythm, MmHg,
    OxygenSaturation, Position, Timestamp, Vitals,
};

use super::bits::{BitReader, BitWriter, crc16};
use super::{
    Grain, TERSE_ALARMS_MAX, TERSE_UNIT_MAX, Terse, TerseAlarm, TerseContext, TerseError,
    TersePlace,
};

const VERSION: u32 = 1;
/// The seconds of a message count modulo this power of two: 36 hours.
const TIME_BITS: u8 = 17;
/// A near position has so many bits each way.
const NEAR_BITS: u8 = 12;
const ETCO2_MAX: u16 = 120;
/// The order is the code: append, never change.
const KINDS: [AlarmKind; 12] = [
    AlarmKind::Asystole,
    AlarmKind::HeartRateHigh,
    AlarmKind::HeartRateLow,
    AlarmKind::Spo2Low,
    AlarmKind::RespirationHigh,
    AlarmKind::RespirationLow,
    AlarmKind::SystolicLow,
    AlarmKind::SystolicHigh,
    AlarmKind::News2High,
    AlarmKind::LeadOff,
    AlarmKind::VentricularFibrillation,
    AlarmKind::VentricularTachycardia,
];
const PRIORITIES: [AlarmPriority; 3] =
    [AlarmPriority::Low, AlarmPriority::Medium, AlarmPriority::High];
const CONSCIOUSNESS: [Consciousness; 5] = [
    Consciousness::Alert,
    Consciousness::Confusion,
    Consciousness::Voice,
    Consciousness::Pain,
    Consciousness::Unresponsive,
];
const RHYTHMS: [HeartRhythm; 12] = [
    HeartRhythm::Unknown,
    HeartRhythm::UsualRate,
    HeartRhythm::Bradycardia,
    HeartRhythm::Tachycardia,
    HeartRhythm::SupraventricularTachycardia,
    HeartRhythm::AtrialFibrillation,
    HeartRhythm::VentricularBigeminy,
    HeartRhythm::VentricularTrigeminy,
    HeartRhythm::Idioventricular,
    HeartRhythm::VentricularTachycardia,
    HeartRhythm::VentricularFibrillation,
    HeartRhythm::Asystole,
];
const GRAINS: [Grain; 3] = [Grain::Thousandth, Grain::TenThousandth, Grain::HundredThousandth];

impl Terse {
    /// Writes the message: 9 to 32 bytes.
    pub fn encode(&self) -> Result<Vec<u8>, TerseError> {
        within("unit", i64::from(self.unit), 0, i64::from(TERSE_UNIT_MAX))?;
        let [n_alarms, max] = [self.alarms.len(), TERSE_ALARMS_MAX];
        let [n_alarms, max] = [n_alarms, max].map(|n| i64::try_from(n).unwrap_or(i64::MAX));
        within("number of alarms", n_alarms, 0, max)?;
        let mut bits = BitWriter::default();
        bits.put(VERSION, 3);
        bits.put(u32::from(self.unit), 12);
        bits.put(u32::from(self.seq), 8);
        bits.put(low_bits(self.at.as_micros().div_euclid(1_000_000)), TIME_BITS);
        self.put_measured(&mut bits)?;
        self.put_alarms(&mut bits);
        self.place.put(&mut bits);
        let mut bytes = bits.into_bytes();
        bytes.extend(crc16(&bytes).to_be_bytes());
        Ok(bytes)
    }

    fn put_measured(&self, bits: &mut BitWriter) -> Result<(), TerseError> {
        let vitals = &self.vitals;
        if let Some(gcs) = self.gcs {
            within("GCS", i64::from(gcs), 3, 15)?;
        }
        if let Some(etco2) = self.etco2 {
            within("EtCO2", i64::from(etco2.get()), 0, i64::from(ETCO2_MAX))?;
        }
        bits.put_option(vitals.heart_rate.map(|it| it.get().into()), 9);
        bits.put_option(vitals.spo2.map(|it| it.get().into()), 7);
        bits.put_option(vitals.respiratory_rate.map(|it| it.get().into()), 7);
        bits.put_option(vitals.systolic.map(|it| it.get().into()), 9);
        bits.put_option(vitals.diastolic.map(|it| it.get().into()), 9);
        bits.put_option(vitals.temperature.map(tenths), 9);
        bits.put_option(self.gcs.map(|gcs| u32::from(gcs) - 3), 4);
        bits.put_option(self.etco2.map(|it| it.get().into()), 7);
        bits.put_option(vitals.consciousness.map(|it| code(&CONSCIOUSNESS, &it)), 3);
        bits.put_option(vitals.on_oxygen.map(u32::from), 1);
        bits.put_option(vitals.rhythm.map(|it| code(&RHYTHMS, &it)), 4);
        Ok(())
    }

    #[expect(clippy::cast_possible_truncation, reason = "at most 7")]
    fn put_alarms(&self, bits: &mut BitWriter) {
        bits.put(self.alarms.len() as u32, 3);
        for alarm in &self.alarms {
            bits.put(code(&KINDS, &alarm.kind), 5);
            bits.put(code(&PRIORITIES, &alarm.priority), 2);
            bits.put(u32::from(alarm.is_active), 1);
        }
    }

    /// Reads a message. Any bytes give a message or an error.
    pub fn decode(bytes: &[u8], context: &TerseContext) -> Result<Self, TerseError> {
        let n_bytes = bytes.len();
        let (content, sum) = bytes.split_last_chunk().ok_or(TerseError::Length { n_bytes })?;
        let (found, expected) = (u16::from_be_bytes(*sum), crc16(content));
        if found != expected {
            return Err(TerseError::Damaged { found, expected });
        }
        let mut bits = Bits { bits: BitReader::new(content), n_bytes };
        let terse = bits.terse(context)?;
        if bits.bits.is_done() { Ok(terse) } else { Err(TerseError::Length { n_bytes }) }
    }
}

impl TersePlace {
    fn put(self, bits: &mut BitWriter) {
        match self {
            Self::Untold | Self::Unresolved => bits.put(0, 2),
            Self::Absolute(position, grain) => {
                bits.put(1, 2);
                bits.put(code(&GRAINS, &grain), 2);
                let (lat, lon) = grain.of(position);
                let (lat_bits, lon_bits) = grain.bits();
                bits.put(low_bits(lat + grain.steps(90)), lat_bits);
                bits.put(low_bits(lon + grain.steps(180)), lon_bits);
            }
            Self::Near(position, grain) => {
                bits.put(2, 2);
                bits.put(code(&GRAINS, &grain), 2);
                let (lat, lon) = grain.of(position);
                bits.put(low_bits(lat), NEAR_BITS);
                bits.put(low_bits(lon), NEAR_BITS);
            }
        }
    }
}

impl Grain {
    /// A position in grains, rounded.
    fn of(self, position: Position) -> (i64, i64) {
        let e7 = self.e7();
        let grains = |value: i32| (i64::from(value) + e7 / 2).div_euclid(e7);
        (grains(position.lat_e7()), grains(position.lon_e7()))
    }

    /// A grain in ten-millionths of a degree.
    pub(super) const fn e7(self) -> i64 {
        match self {
            Self::Thousandth => 10_000,
            Self::TenThousandth => 1_000,
            Self::HundredThousandth => 100,
        }
    }

    const fn steps(self, degrees: i64) -> i64 {
        degrees * 10_000_000 / self.e7()
    }

    /// How many bits a latitude and a longitude have.
    const fn bits(self) -> (u8, u8) {
        match self {
            Self::Thousandth => (18, 19),
            Self::TenThousandth => (21, 22),
            Self::HundredThousandth => (25, 26),
        }
    }

    /// The position of so many grains.
    fn at(self, lat: i64, lon: i64) -> Result<Position, TerseError> {
        let e7 = |what, grains: i64, degrees: i64| {
            within(what, grains, -self.steps(degrees), self.steps(degrees))?;
            Ok(i32::try_from(grains * self.e7()).expect("180 degrees fit"))
        };
        let (lat, lon) = (e7("latitude", lat, 90)?, e7("longitude", lon, 180)?);
        Ok(Position::from_e7(lat, lon).expect("both were checked"))
    }
}

/// Reads the parts of a message.
struct Bits<'a> {
    bits: BitReader<'a>,
    n_bytes: usize,
}

impl Bits<'_> {
    fn terse(&mut self, context: &TerseContext) -> Result<Terse, TerseError> {
        let version = self.take(3)?;
        if version != VERSION {
            return Err(TerseError::Version { version: low_byte(version) });
        }
        let unit = self.short(12)?;
        let seq = low_byte(self.take(8)?);
        let at = self.time(context.now)?;
        let mut vitals = Vitals {
            heart_rate: self.measured("heart rate", 9, 300, Bpm::new)?,
            spo2: self.measured("SpO2", 7, 100, OxygenSaturation::new)?,
            respiratory_rate: self.measured("respiratory rate", 7, 120, BreathsPerMin::new)?,
            systolic: self.measured("systolic", 9, 350, MmHg::new)?,
            diastolic: self.measured("diastolic", 9, 350, MmHg::new)?,
            temperature: self.measured("temperature", 9, 370, celsius)?,
            ..Vitals::default()
        };
        let gcs =
            self.measured("GCS less 3", 4, 12, |gcs| Ok::<_, ()>(low_byte(gcs.into()) + 3))?;
        let etco2 = self.measured("EtCO2", 7, ETCO2_MAX, MmHg::new)?;
        vitals.consciousness = self.listed("consciousness", 3, &CONSCIOUSNESS)?;
        vitals.on_oxygen = self.option(1)?.map(|it| it == 1);
        vitals.rhythm = self.listed("rhythm", 4, &RHYTHMS)?;
        let alarms = (0..self.take(3)?).map(|_| self.alarm()).collect::<Result<_, _>>()?;
        let place = self.place(context.position)?;
        Ok(Terse { unit, seq, at, vitals, gcs, etco2, alarms, place })
    }

    fn time(&mut self, now: Timestamp) -> Result<Timestamp, TerseError> {
        let now_s = now.as_micros().div_euclid(1_000_000);
        let at_s = nearest(now_s, self.take(TIME_BITS)?, TIME_BITS);
        Ok(Timestamp::from_micros(at_s.saturating_mul(1_000_000)))
    }

    fn alarm(&mut self) -> Result<TerseAlarm, TerseError> {
        Ok(TerseAlarm {
            kind: one_of("alarm kind", &KINDS, self.take(5)?)?,
            priority: one_of("alarm priority", &PRIORITIES, self.take(2)?)?,
            is_active: self.take(1)? == 1,
        })
    }

    fn place(&mut self, known: Option<Position>) -> Result<TersePlace, TerseError> {
        let form = self.take(2)?;
        if form == 0 {
            return Ok(TersePlace::Untold);
        }
        let grain = one_of("grain", &GRAINS, self.take(2)?)?;
        let (lat_bits, lon_bits) = if form == 1 { grain.bits() } else { (NEAR_BITS, NEAR_BITS) };
        let (lat, lon) = (self.take(lat_bits)?, self.take(lon_bits)?);
        match (form, known) {
            (1, _) => {
                let lat = i64::from(lat) - grain.steps(90);
                let lon = i64::from(lon) - grain.steps(180);
                Ok(TersePlace::Absolute(grain.at(lat, lon)?, grain))
            }
            (2, Some(known)) => {
                let (near_lat, near_lon) = grain.of(known);
                let lat = nearest(near_lat, lat, NEAR_BITS);
                let lon = nearest(near_lon, lon, NEAR_BITS);
                Ok(TersePlace::Near(grain.at(lat, grain.wrapped(lon))?, grain))
            }
            (2, None) => Ok(TersePlace::Unresolved),
            (code, _) => Err(TerseError::Code { what: "form of position", code }),
        }
    }

    fn measured<T, E>(
        &mut self,
        what: &'static str,
        n_bits: u8,
        max: u16,
        make: fn(u16) -> Result<T, E>,
    ) -> Result<Option<T>, TerseError> {
        let Some(raw) = self.option(n_bits)? else { return Ok(None) };
        let wrong = TerseError::Range { what, value: raw.into(), min: 0, max: max.into() };
        let raw = u16::try_from(raw).ok().filter(|raw| *raw <= max).ok_or(wrong.clone())?;
        make(raw).map(Some).map_err(|_| wrong)
    }

    fn listed<T: Copy>(
        &mut self,
        what: &'static str,
        n_bits: u8,
        all: &[T],
    ) -> Result<Option<T>, TerseError> {
        self.option(n_bits)?.map(|code| one_of(what, all, code)).transpose()
    }

    fn option(&mut self, n_bits: u8) -> Result<Option<u32>, TerseError> {
        if self.take(1)? == 0 { Ok(None) } else { self.take(n_bits).map(Some) }
    }

    fn short(&mut self, n_bits: u8) -> Result<u16, TerseError> {
        let value = self.take(n_bits)?;
        Ok(u16::try_from(value).expect("at most 16 bits are asked for"))
    }

    fn take(&mut self, n_bits: u8) -> Result<u32, TerseError> {
        self.bits.take(n_bits).ok_or(TerseError::Length { n_bytes: self.n_bytes })
    }
}

impl Grain {
    /// A longitude beyond the date line, on its other side.
    const fn wrapped(self, lon: i64) -> i64 {
        let half = self.steps(180);
        (lon + half).rem_euclid(2 * half) - half
    }
}

/// The number nearest to `near` that ends in these bits.
fn nearest(near: i64, bits: u32, n_bits: u8) -> i64 {
    let span = 1_i64 << n_bits;
    let off = (i64::from(bits) - near).rem_euclid(span);
    near.saturating_add(if off >= span / 2 { off - span } else { off })
}

fn code<T: PartialEq>(all: &[T], one: &T) -> u32 {
    let idx = all.iter().position(|it| it == one).expect("the list is whole");
    u32::try_from(idx).expect("lists are short")
}

fn one_of<T: Copy>(what: &'static str, all: &[T], code: u32) -> Result<T, TerseError> {
    let found = usize::try_from(code).ok().and_then(|idx| all.get(idx)).copied();
    found.ok_or(TerseError::Code { what, code })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 370")]
fn tenths(temperature: Celsius) -> u32 {
    ((temperature.get() - 10.0) * 10.0).round() as u32
}

fn celsius(tenths: u16) -> Result<Celsius, ems_model::OutOfRange> {
    Celsius::new(f64::from(tenths + 100) / 10.0)
}

fn within(what: &'static str, value: i64, min: i64, max: i64) -> Result<(), TerseError> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(TerseError::Range { what, value, min, max })
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the last 32 bits")]
fn low_bits(value: i64) -> u32 {
    value as u32
}

#[expect(clippy::cast_possible_truncation, reason = "the last 8 bits")]
fn low_byte(value: u32) -> u8 {
    value as u8
}

//! When a bearer that carries little is used.

use ems_model::{Micros, Position, Timestamp};

use super::changes::is_worth_telling;
use super::{Grain, TERSE_ALARMS_MAX, Terse, TerseAlarm, TerseError, TersePlace};

/// A position is told in full in the first message and each so many later.
const ABSOLUTE_EVERY: u8 = 8;
/// Alarms that wait, at most; of one kind the newest counts.
const WAITING_MAX: usize = 64;

/// What a bearer carries, and what a message costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer {
    /// How long it is taken by a message without content.
    pub base: Micros,
    /// How much longer by each byte.
    pub per_byte: Micros,
    /// The part of the time that it may be taken, in thousandths: 1 to 1000.
    pub permille: u16,
    /// How far ahead of that part alarms may go.
    pub debt_max: Micros,
    /// How long nothing need be told where nothing changes.
    pub quiet_max: Micros,
}

impl Bearer {
    /// `LoRaWAN` in Europe at its slowest (SF12, 125 kHz, 51 bytes, one part in a hundred): 1.3 s
    /// and 33 ms a byte, by the formula of Semtech's SX1276 (from memory, unverified). Alarms may
    /// take a quarter of an hour's 36 s ahead.
    pub const LORAWAN: Self = Self {
        base: Micros::from_millis(1_320),
        per_byte: Micros::new(32_768),
        permille: 10,
        debt_max: Micros::from_millis(900_000),
        quiet_max: Micros::from_millis(600_000),
    };
    /// A satellite's messages, one a minute; three alarms ahead.
    pub const SATELLITE: Self = Self {
        base: Micros::from_millis(60_000),
        per_byte: Micros::ZERO,
        permille: 1000,
        debt_max: Micros::from_millis(180_000),
        quiet_max: Micros::from_millis(600_000),
    };
    /// Short messages of 140 bytes: one in two minutes, as they are paid for; ten alarms ahead.
    pub const SMS: Self = Self {
        base: Micros::from_millis(120_000),
        per_byte: Micros::ZERO,
        permille: 1000,
        debt_max: Micros::from_millis(1_200_000),
        quiet_max: Micros::from_millis(600_000),
    };
    /// A kilobit a second, of which a quarter is taken; headers of 40 bytes.
    pub const KILOBIT: Self = Self {
        base: Micros::from_millis(320),
        per_byte: Micros::from_millis(8),
        permille: 250,
        debt_max: Micros::from_millis(30_000),
        quiet_max: Micros::from_millis(60_000),
    };

    /// How much of its time a message takes, waiting included.
    pub fn cost(&self, n_bytes: usize) -> Micros {
        let n_bytes = i64::try_from(n_bytes).unwrap_or(i64::MAX);
        let taken = self.base.get().saturating_add(self.per_byte.get().saturating_mul(n_bytes));
        Micros::new(taken.saturating_mul(1000) / i64::from(self.permille.clamp(1, 1000)))
    }
}

/// Tells vitals when they change and alarms at once, within what a bearer carries.
///
/// Whatever is told is told of one moment: an alarm takes the newest vitals with it.
#[derive(Debug)]
pub struct Teller {
    bearer: Bearer,
    /// Until when the bearer is taken.
    free_at: Timestamp,
    newest: Option<Terse>,
    told: Option<Terse>,
    waiting: Vec<TerseAlarm>,
    seq: u8,
}

/// Why to wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TellerWake {
    /// Alarms wait for the bearer.
    Alarm,
    /// Vitals that have changed wait for the bearer.
    Change,
    /// Nothing was told for long.
    Quiet,
}

impl Teller {
    /// Begins at `now`, with a bearer that is free.
    pub fn new(now: Timestamp, bearer: Bearer) -> Self {
        let (newest, told, waiting) = (None, None, Vec::new());
        Self { bearer, free_at: now, newest, told, waiting, seq: 0 }
    }

    /// What is known of the patient now; its alarms are new. Its number is given by the teller, and
    /// a position becomes near where a reader can follow.
    pub fn push(&mut self, mut newest: Terse) {
        for alarm in std::mem::take(&mut newest.alarms) {
            self.waiting.retain(|waiting| waiting.kind != alarm.kind);
            self.waiting.push(alarm);
        }
        self.waiting.sort_by_key(|alarm| std::cmp::Reverse(alarm.priority));
        self.waiting.truncate(WAITING_MAX);
        self.newest = Some(newest);
    }

    /// The next message, if it may go now. One that cannot be written is an error, and dropped.
    pub fn poll_output(&mut self, now: Timestamp) -> Result<Option<Vec<u8>>, TerseError> {
        let is_due = self.next_wake().is_some_and(|wake| wake.0 <= now);
        let Some(mut terse) = self.newest.clone().filter(|_| is_due) else { return Ok(None) };
        let n_alarms = self.waiting.len().min(TERSE_ALARMS_MAX);
        terse.alarms = self.waiting.drain(..n_alarms).collect();
        terse.seq = self.seq;
        terse.place = self.place(terse.place);
        self.told = Some(terse.clone());
        let bytes = terse.encode()?;
        self.seq = self.seq.wrapping_add(1);
        self.free_at = self.free_at.max(now) + self.bearer.cost(bytes.len());
        Ok(Some(bytes))
    }

    /// When to poll, and why; a time that is past means now.
    pub fn next_wake(&self) -> Option<(Timestamp, TellerWake)> {
        let newest = self.newest.as_ref()?;
        if !self.waiting.is_empty() {
            return Some((self.free_at - self.bearer.debt_max, TellerWake::Alarm));
        }
        let Some(told) = &self.told else { return Some((self.free_at, TellerWake::Change)) };
        if is_worth_telling(told, newest) {
            return Some((self.free_at, TellerWake::Change));
        }
        Some((self.free_at.max(told.at + self.bearer.quiet_max), TellerWake::Quiet))
    }

    /// In full in the first message and each eighth; else by its last bits, where the one before is
    /// not far.
    fn place(&self, place: TersePlace) -> TersePlace {
        let (TersePlace::Absolute(position, grain) | TersePlace::Near(position, grain)) = place
        else {
            return place;
        };
        let told = self.told.as_ref().and_then(|told| match told.place {
            TersePlace::Absolute(at, _) | TersePlace::Near(at, _) => Some(at),
            _ => None,
        });
        let is_near = told.is_some_and(|told| is_near(told, position, grain));
        if !self.seq.is_multiple_of(ABSOLUTE_EVERY) && is_near {
            TersePlace::Near(position, grain)
        } else {
            TersePlace::Absolute(position, grain)
        }
    }
}

/// Whether the last bits tell it: half of what they span, so that a lost message does no harm.
fn is_near(told: Position, now: Position, grain: Grain) -> bool {
    let far =
        |told: i32, now: i32| i64::from(told).abs_diff(i64::from(now)) / grain.e7().unsigned_abs();
    far(told.lat_e7(), now.lat_e7()) < 1_000 && far(told.lon_e7(), now.lon_e7()) < 1_000
}

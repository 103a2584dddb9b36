//! A conversation with one Bluetooth health device: what it is asked to tell, and how a meter hands
//! out what it has stored (GLS 1.0, 3.4; the limit of 30 s is from memory, unverified).

use std::collections::VecDeque;

use ems_model::{Millis, Timestamp};

use super::racp::{Racp, RacpError, Records};
use super::sheet::Sheet;
use super::{Filter, decode_characteristic};
use crate::fault::Fault;
use crate::reading::{Moment, Reading, Readings};

/// What is subscribed to where a device has it: the control point after what it makes the meter
/// tell.
const TOLD: [u16; 10] =
    [0x2a37, 0x2a5f, 0x2a5e, 0x2a35, 0x2a36, 0x2a1c, 0x2a1e, GLUCOSE, GLUCOSE_CONTEXT, ACCESS];
const GLUCOSE: u16 = 0x2a18;
const GLUCOSE_CONTEXT: u16 = 0x2a34;
const ACCESS: u16 = 0x2a52;
/// Current Time and Date Time: both begin with the clock's seven bytes.
const CLOCKS: [u16; 2] = [0x2a2b, 0x2a08];
/// A meter that was asked and says nothing for so long is asked no longer.
const SILENT_MAX: Millis = Millis::from_secs(30);
/// Devices send what they stored earlier as soon as they are connected: that is no vital sign of
/// now.
const AGE_MAX: Millis = Millis::from_mins(5);

/// What the host does next, over the air.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GattStep {
    /// Asks for notifications or indications of a characteristic.
    Subscribe(u16),
    /// Reads a characteristic and hands its value to [`GattDialogue::on_value`].
    Read(u16),
    /// Writes a value, with response.
    Write {
        /// The characteristic.
        uuid: u16,
        /// The value.
        value: Vec<u8>,
    },
}

/// What is known of one connection.
#[derive(Debug, Clone)]
pub struct GattDialogue {
    steps: VecDeque<GattStep>,
    access: Access,
    newest: Option<u16>,
    /// How much is added to the device's clock for the shared timeline, µs.
    clock_off_us: Option<i64>,
}

#[derive(Debug, Clone, PartialEq)]
enum Access {
    /// Nothing was asked, or it is over.
    Over,
    /// The meter is sending records; it was heard last at that time.
    Asked { records: Records, heard_at: Timestamp },
}

impl GattDialogue {
    /// Starts with the characteristics that a device has, by the 16 bits of their UUIDs. A meter is
    /// asked for the records after `newest`, or for all.
    pub fn new(
        now: Timestamp,
        characteristics: &[u16],
        newest: Option<u16>,
    ) -> Result<Self, Fault> {
        let has = |uuid: &u16| characteristics.contains(uuid);
        if !TOLD[..TOLD.len() - 1].iter().any(has) {
            let found = format!("{characteristics:04X?}");
            let remedy = "leave this device out";
            return Err(Fault::new("characteristics", found, super::KNOWN, remedy));
        }
        let clock = CLOCKS.into_iter().find(has).map(GattStep::Read);
        let told = TOLD.into_iter().filter(has).map(GattStep::Subscribe);
        let steps = clock.into_iter().chain(told).collect();
        let mut dialogue = Self { steps, access: Access::Over, newest, clock_off_us: None };
        if has(&GLUCOSE) && has(&ACCESS) {
            let after = newest.and_then(|it| it.checked_add(1));
            let from = |number| Records::From(Filter::Sequence(number));
            dialogue.ask(now, after.map_or(Records::All, from));
        }
        Ok(dialogue)
    }

    /// What to do next; `None` until something is heard.
    pub fn poll_output(&mut self) -> Option<GattStep> {
        self.steps.pop_front()
    }

    /// The number of the newest record that a meter sent: what to start with next time.
    pub const fn newest(&self) -> Option<u16> {
        self.newest
    }

    /// When to wake: a meter that was asked has been silent for too long.
    pub fn next_wake(&self) -> Option<Timestamp> {
        match self.access {
            Access::Over => None,
            Access::Asked { heard_at, .. } => Some(heard_at + SILENT_MAX),
        }
    }

    /// That time has come; early calls do nothing.
    pub fn on_wake(&mut self, now: Timestamp) -> Readings {
        if self.next_wake().is_none_or(|at| now < at) {
            return Readings::default();
        }
        self.access = Access::Over;
        self.steps.push_back(GattStep::Write { uuid: ACCESS, value: Racp::Abort.encode() });
        let found = "silent for 30 s";
        let fault = Fault::new("meter", found, "sending its records", "bring it nearer, try again");
        (vec![], vec![fault.into()])
    }

    /// Takes a value that was read, notified or indicated. Measurements of a device whose clock was
    /// read are put on the shared timeline; what is older than 5 minutes then is left out, with a
    /// complaint.
    pub fn on_value(&mut self, now: Timestamp, uuid: u16, value: &[u8]) -> Result<Readings, Fault> {
        if CLOCKS.contains(&uuid) {
            return self.on_clock(now, uuid, value).map(|()| Readings::default());
        }
        if uuid == ACCESS {
            return self.on_access(now, &Racp::decode(value)?);
        }
        if let Access::Asked { heard_at, .. } = &mut self.access {
            *heard_at = now;
        }
        if let (GLUCOSE, [_, low, high, ..]) = (uuid, value) {
            self.newest = Some(u16::from_le_bytes([*low, *high]));
        }
        let (readings, mut complaints) = decode_characteristic(uuid, value)?;
        let readings: Vec<_> = readings.into_iter().map(|it| self.timed(it)).collect();
        let oldest =
            |it: &Reading| matches!(it.at, Some(Moment::Utc(at)) if now.since(at) > AGE_MAX);
        match readings.iter().find(|it| oldest(it)) {
            Some(old) if uuid != GLUCOSE && uuid != GLUCOSE_CONTEXT => {
                let at = old.at.map_or_else(String::new, |at| at.to_string());
                let expected = "of the last 5 minutes";
                let place = format!("measurement of {}", old.metric.name);
                complaints.push(Fault::new(place, at, expected, "measure again").into());
                Ok((vec![], complaints))
            }
            _ => Ok((readings, complaints)),
        }
    }

    fn on_clock(&mut self, now: Timestamp, uuid: u16, value: &[u8]) -> Result<(), Fault> {
        // What follows the seven bytes are the weekday and why the clock was set.
        let value = value.get(..7).unwrap_or(value);
        if let Some(Moment::Local(clock)) = Sheet::new(uuid, value).date_time()? {
            self.clock_off_us = Some(now.as_micros() - clock.as_micros());
        }
        Ok(())
    }

    fn timed(&self, mut reading: Reading) -> Reading {
        if let (Some(off), Some(local @ Moment::Local(_))) = (self.clock_off_us, reading.at)
            && let Moment::Local(at) = local.after(off)
        {
            reading.at = Some(Moment::Utc(at));
        }
        reading
    }

    fn ask(&mut self, now: Timestamp, records: Records) {
        let value = Racp::Report(records.clone()).encode();
        self.steps.push_back(GattStep::Write { uuid: ACCESS, value });
        self.access = Access::Asked { records, heard_at: now };
    }

    /// A meter that does not know how to start at a record is asked for all.
    fn on_access(&mut self, now: Timestamp, answer: &Racp) -> Result<Readings, Fault> {
        let Racp::Done { result, .. } = answer else { return Ok(Readings::default()) };
        let before = std::mem::replace(&mut self.access, Access::Over);
        match (result, before) {
            (Ok(()) | Err(RacpError::NO_RECORDS), _) | (_, Access::Over) => {}
            (Err(RacpError::OPERATOR | RacpError::OPERAND), Access::Asked { records, .. })
                if records != Records::All =>
            {
                self.ask(now, Records::All);
            }
            (Err(error), _) => {
                let remedy = "switch it off and on, try again";
                return Err(Fault::new("record access", error, "done", remedy));
            }
        }
        Ok(Readings::default())
    }
}

#[cfg(test)]
mod tests {
    use ems_model::Date;

    use super::*;
    use crate::reading::Value;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn steps(dialogue: &mut GattDialogue) -> Vec<GattStep> {
        std::iter::from_fn(|| dialogue.poll_output()).collect()
    }

    fn write(value: &[u8]) -> GattStep {
        GattStep::Write { uuid: ACCESS, value: value.to_vec() }
    }

    #[test]
    fn a_meter_is_asked_for_what_is_new_and_for_all_where_it_knows_no_other_way() {
        use GattStep::Subscribe;
        let has = [ACCESS, 0x2a00, GLUCOSE_CONTEXT, GLUCOSE];
        let mut dialogue = GattDialogue::new(NOW, &has, Some(299)).unwrap();
        let subscribed = [Subscribe(GLUCOSE), Subscribe(GLUCOSE_CONTEXT), Subscribe(ACCESS)];
        let all = steps(&mut dialogue);
        assert_eq!(all[..3], subscribed);
        assert_eq!(all[3..], [write(&[1, 3, 1, 0x2c, 0x01])]);
        // Operator not supported.
        assert_eq!(dialogue.on_value(NOW, ACCESS, &[6, 0, 1, 4]), Ok(Readings::default()));
        assert_eq!(steps(&mut dialogue), [write(&[1, 1])]);
        // Record 300: 90 mg/dL; the meter is heard, so that it is waited for longer.
        let record = [0x02, 0x2c, 0x01, 0xe6, 0x07, 1, 31, 10, 30, 0, 0x5a, 0xb0, 0x11];
        let later = NOW + Millis::from_secs(20);
        let (readings, complaints) = dialogue.on_value(later, GLUCOSE, &record).unwrap();
        assert_eq!((&readings[0].value, complaints), (&Value::Number(90.0), vec![]));
        assert_eq!(
            (dialogue.newest(), dialogue.next_wake()),
            (Some(300), Some(later + SILENT_MAX))
        );
        assert_eq!(dialogue.on_value(later, ACCESS, &[6, 0, 1, 1]), Ok(Readings::default()));
        assert_eq!((dialogue.next_wake(), steps(&mut dialogue)), (None, vec![]));
    }

    #[test]
    fn an_answer_that_never_comes_or_says_no_ends_the_request() {
        let start = || GattDialogue::new(NOW, &[GLUCOSE, ACCESS], None).unwrap();
        let mut dialogue = start();
        assert_eq!(steps(&mut dialogue)[2], write(&[1, 1]));
        assert_eq!(dialogue.on_wake(NOW + Millis::from_secs(29)), Readings::default());
        let (_, complaints) = dialogue.on_wake(NOW + SILENT_MAX);
        assert_eq!(complaints.len(), 1);
        assert_eq!((steps(&mut dialogue), dialogue.next_wake()), (vec![write(&[3, 0])], None));
        for (code, is_told) in [(1, false), (6, false), (3, true), (8, true), (99, true)] {
            let mut dialogue = start();
            let _ = steps(&mut dialogue);
            let answer = dialogue.on_value(NOW, ACCESS, &[6, 0, 1, code]);
            assert_eq!(answer.is_err(), is_told, "{code}");
            assert_eq!((steps(&mut dialogue), dialogue.next_wake()), (vec![], None), "{code}");
        }
    }

    #[test]
    fn what_a_cuff_stored_hours_ago_is_no_vital_sign_of_now() {
        let mut dialogue = GattDialogue::new(NOW, &[0x2a35, 0x2a08, ACCESS], None).unwrap();
        let expected = [GattStep::Read(0x2a08), GattStep::Subscribe(0x2a35)];
        assert_eq!(steps(&mut dialogue)[..2], expected);
        assert_eq!(dialogue.next_wake(), None, "a cuff has no records to ask for");
        // The cuff's clock says 2026-01-31 10:30:00.
        dialogue.on_value(NOW, 0x2a08, &[0xea, 0x07, 1, 31, 10, 30, 0]).unwrap();
        let at = |hour, minute| [0x02, 120, 0, 80, 0, 93, 0, 0xea, 0x07, 1, 31, hour, minute, 0];
        let (readings, complaints) = dialogue.on_value(NOW, 0x2a35, &at(10, 28)).unwrap();
        assert_eq!((readings.len(), complaints.len()), (3, 0));
        assert_eq!(readings[0].at, Some(Moment::Utc(NOW + Millis::from_mins(-2))));
        let (readings, complaints) = dialogue.on_value(NOW, 0x2a35, &at(7, 30)).unwrap();
        assert_eq!((readings.len(), complaints.len()), (0, 1));
        // Without a clock of its own nothing is known of its times but what they say.
        let mut dialogue = GattDialogue::new(NOW, &[0x2a35], None).unwrap();
        let (readings, _) = dialogue.on_value(NOW, 0x2a35, &at(7, 30)).unwrap();
        let date = Date::new(2026, 1, 31).unwrap();
        assert_eq!(readings[0].at, Some(Moment::local(date, 27_000_000_000)));
    }

    #[test]
    fn a_device_that_tells_nothing_we_read_is_refused() {
        assert!(GattDialogue::new(NOW, &[0x2a00, ACCESS], None).is_err());
    }
}

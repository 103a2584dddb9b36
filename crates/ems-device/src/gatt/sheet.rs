//! One characteristic's value on its way to readings.

use ems_model::Date;

use crate::bytes::Bytes;
use crate::complaint::Complaint;
use crate::fault::Fault;
use crate::medical_float::MedicalFloat;
use crate::reading::{
    Absence, Metric, Moment, Reading, Readings, Source, Value, metric, time_of_day_us,
};

/// What the kinds of values share.
pub(super) struct Sheet<'a> {
    pub(super) bytes: Bytes<'a>,
    /// When the readings were taken.
    pub(super) at: Option<Moment>,
    place: String,
    readings: Vec<Reading>,
    complaints: Vec<Complaint>,
}

const NAMES: [(u16, &str); 9] = [
    (0x2a18, "characteristic 2A18"),
    (0x2a1c, "characteristic 2A1C"),
    (0x2a1e, "characteristic 2A1E"),
    (0x2a34, "characteristic 2A34"),
    (0x2a35, "characteristic 2A35"),
    (0x2a36, "characteristic 2A36"),
    (0x2a37, "characteristic 2A37"),
    (0x2a5e, "characteristic 2A5E"),
    (0x2a5f, "characteristic 2A5F"),
];

impl<'a> Sheet<'a> {
    pub(super) fn new(uuid: u16, value: &'a [u8]) -> Self {
        let name = NAMES.iter().find(|(it, _)| *it == uuid).map_or("characteristic", |(_, it)| it);
        let bytes = Bytes::new(name, value);
        let place = format!("{uuid:04X}");
        Self { bytes, at: None, place, readings: vec![], complaints: vec![] }
    }

    /// Names the record that the value is of.
    pub(super) fn of_record(&mut self, number: u16) {
        self.place = format!("{} record {number}", self.place);
    }

    /// The readings; bytes that nobody took are complained about.
    pub(super) fn finish(mut self) -> Readings {
        if !self.bytes.is_empty() {
            let found = format!("followed by {} more bytes", self.bytes.len());
            let remedy = "check the flags that the device sends";
            self.complaints.push(self.bytes.fault(found, "the end of the value", remedy).into());
        }
        (self.readings, self.complaints)
    }

    pub(super) fn put(&mut self, metric: Metric, value: Value, unit: Option<&str>) {
        let source = Source { protocol: "GATT", device: None, place: self.place.clone() };
        let unit = unit.map(str::to_owned);
        self.readings.push(Reading { metric, value, unit, at: self.at, source });
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.put(Metric::named(name), Value::Text(text.to_owned()), None);
    }

    /// The names of the bits that are set, or nothing.
    pub(super) fn bits(&mut self, name: &str, bits: u32, names: &[&str]) {
        let set: Vec<_> = names.iter().zip(0..).filter(|&(_, bit)| bits >> bit & 1 == 1).collect();
        let set: Vec<_> =
            set.into_iter().map(|(name, _)| *name).filter(|it| !it.is_empty()).collect();
        if !set.is_empty() {
            self.text(name, &set.join(", "));
        }
    }

    /// The name of a code; nothing for 0, a complaint for one that is not named.
    pub(super) fn code(&mut self, name: &str, code: u8, names: &[&str]) {
        match (code, names.get(usize::from(code).wrapping_sub(1))) {
            (0, _) => {}
            (_, Some(text)) => self.text(name, text),
            (_, None) => {
                let expected = format!("1 to {}", names.len());
                let fault = Fault::new(name, code, expected, "tell the device's maker");
                self.complaints.push(fault.into());
            }
        }
    }

    pub(super) fn sfloat(&mut self) -> Result<MedicalFloat, Fault> {
        self.bytes.u16_le().map(MedicalFloat::from_sfloat)
    }

    pub(super) fn put_sfloat(&mut self, code: u32, unit: &str) -> Result<(), Fault> {
        let number = self.sfloat()?;
        self.put(Metric::mdc(code), number.value(), Some(unit));
        Ok(())
    }

    /// Saturation and pulse.
    pub(super) fn put_oximetry(&mut self, modality: Option<&str>) -> Result<(), Fault> {
        for (code, unit) in [(metric::SPO2, "%"), (metric::OXIMETER_PULSE, "{beat}/min")] {
            let number = self.sfloat()?;
            let mut metric = Metric::mdc(code);
            if let Some(modality) = modality {
                metric.name = format!("{} {modality}", metric.name);
            }
            self.put(metric, number.value(), Some(unit));
        }
        Ok(())
    }

    /// Takes the numbers back that the device itself does not trust.
    pub(super) fn invalidate(&mut self) {
        for reading in &mut self.readings {
            if matches!(reading.value, Value::Number(_)) {
                reading.value = Value::Missing(Absence::Invalid);
            }
        }
    }

    /// Readings that came before their time are given it.
    pub(super) fn timed(&mut self, at: Option<Moment>) {
        self.at = at;
        for reading in &mut self.readings {
            reading.at = at;
        }
    }

    /// The Date Time characteristic: a clock whose zone is not known, zeros where it is not.
    pub(super) fn date_time(&mut self) -> Result<Option<Moment>, Fault> {
        let year = self.bytes.u16_le()?;
        let [month, day, hour, minute, second] = self.bytes.array()?;
        let date = Date::new(year.into(), month, day);
        let time = date.zip(time_of_day_us(hour, minute, second));
        let is_unknown = year == 0 || month == 0 || day == 0;
        if time.is_none() && !is_unknown {
            let found = format!("{year}-{month}-{day} {hour}:{minute}:{second}");
            let fault =
                Fault::new("time", found, "a date from 1970 to 2199", "set the device's clock");
            self.complaints.push(fault.into());
        }
        Ok(time.map(|(date, of_day)| Moment::local(date, of_day)))
    }
}

//! A conversation with one device: what it is, what it measures, what it reports.

use super::apdu::{Apdu, CONFIRMED_EVENT, EVENT, Service};
use super::association::Protocol;
use super::attribute::{self, Attribute, Said};
use super::config::{self, Object};
use super::report::{self, Content, Observation};
use crate::bytes::Bytes;
use crate::complaint::Complaint;
use crate::fault::Fault;
use crate::medical_float::MedicalFloat;
use crate::reading::{Absence, Metric, Moment, Reading, Readings, Source, Value, mdc_unit};

const PROTOCOL: &str = "IEEE 11073-20601";
const CONFIGURE: &str = "let the device send its configuration first";
/// Bits of the measurement status: invalid, not available, for test, for demonstration.
const UNUSABLE: u16 = 0xac00;

/// What is known of a device, from its messages so far. Takes as much memory as its configuration.
#[derive(Debug, Clone, Default)]
pub struct PhdSession {
    device: Option<String>,
    objects: Vec<Object>,
}

impl PhdSession {
    /// Reads messages that follow each other; one that cannot be read is the error, and ends it.
    pub fn decode(&mut self, mut bytes: &[u8]) -> Result<Readings, Fault> {
        let (mut readings, mut complaints) = Readings::default();
        while !bytes.is_empty() {
            let (apdu, n_bytes) = Apdu::decode(bytes)?;
            let (more, wrong) = self.on_apdu(&apdu);
            readings.extend(more);
            complaints.extend(wrong);
            bytes = &bytes[n_bytes..];
        }
        Ok((readings, complaints))
    }

    /// Takes a message from the device.
    pub fn on_apdu(&mut self, apdu: &Apdu) -> Readings {
        match apdu {
            Apdu::AssociationRequest { protocols, .. } => {
                *self = Self::default();
                for protocol in protocols {
                    self.meet(protocol);
                }
            }
            Apdu::Data { service: Service::Event { role, event_type, info, .. }, .. }
                if [EVENT, CONFIRMED_EVENT].contains(role) =>
            {
                return self.on_event(*event_type, info);
            }
            _ => {}
        }
        Readings::default()
    }

    fn meet(&mut self, protocol: &Protocol) {
        let Protocol::Phd(association) = protocol else { return };
        // An EUI-64 has 8 bytes, the most significant one first.
        let id: Result<[u8; 8], _> = association.system_id[..].try_into();
        self.device = id.ok().map(|id| format!("{:016x}", u64::from_be_bytes(id)));
        self.objects = config::standard(association.config_id).unwrap_or_default();
    }

    fn on_event(&mut self, event_type: u16, info: &[u8]) -> Readings {
        let mut info = Bytes::new("event report", info);
        let result = match (event_type, report::layout(event_type)) {
            (report::CONFIG, _) => config::report(&mut info).map(|objects| {
                self.objects = objects;
                Readings::default()
            }),
            (_, Some(layout)) => self.on_report(layout, &mut info),
            (other, None) => {
                let expected = "a configuration or a fixed or variable scan report";
                let remedy = "switch off grouped reports and segments in the device";
                Err(Fault::new("event type", other, expected, remedy))
            }
        };
        result.unwrap_or_else(|fault| (vec![], vec![fault.into()]))
    }

    fn on_report(&self, layout: report::Layout, info: &mut Bytes<'_>) -> Result<Readings, Fault> {
        let mut sheet = Sheet { session: self, readings: vec![], complaints: vec![] };
        for observation in report::observations(layout, info, &mut sheet.complaints)? {
            sheet.observe(&observation);
        }
        Ok((sheet.readings, sheet.complaints))
    }
}

/// What one report gives.
struct Sheet<'a> {
    session: &'a PhdSession,
    readings: Vec<Reading>,
    complaints: Vec<Complaint>,
}

impl Sheet<'_> {
    fn observe(&mut self, observation: &Observation<'_>) {
        let handle = observation.handle;
        let Some(object) = self.session.objects.iter().find(|it| it.handle == handle) else {
            let fault =
                Fault::new(format!("object {handle}"), "not known", "configured", CONFIGURE);
            return self.complaints.push(fault.into());
        };
        let person = observation.person.map(|person| format!(", person {person}"));
        let place = format!("object {handle}{}", person.unwrap_or_default());
        let said = match &observation.content {
            Content::Fixed(values) => fixed(object, *values),
            Content::Variable(attributes) => variable(attributes),
        };
        match said {
            Ok((said, skipped)) => {
                for id in skipped {
                    let found = format!("attribute {id}");
                    let expected = "a number, code, text, bits, time, unit or status";
                    let remedy = "read it with software for this device";
                    self.complaints.push(Fault::new(&place, found, expected, remedy).into());
                }
                let values = Values { object, said: &said, device: &self.session.device, place };
                self.readings.extend(values.readings());
            }
            Err(fault) => self.complaints.push(fault.into()),
        }
    }
}

/// What was said, and the attributes that are not read.
type Heard = (Vec<Said>, Vec<u16>);

fn fixed(object: &Object, mut values: Bytes<'_>) -> Result<Heard, Fault> {
    let mut heard = Heard::default();
    for &(id, n_bytes) in &object.layout {
        hear(id, &mut values.part(n_bytes.into())?, &mut heard)?;
    }
    Ok(heard)
}

fn variable(attributes: &[Attribute]) -> Result<Heard, Fault> {
    let mut heard = Heard::default();
    for attribute in attributes {
        hear(attribute.id, &mut Bytes::new("attribute", &attribute.value), &mut heard)?;
    }
    Ok(heard)
}

fn hear(id: u16, value: &mut Bytes<'_>, heard: &mut Heard) -> Result<(), Fault> {
    match attribute::read(id, value)? {
        Some(said) => heard.0.push(said),
        None => heard.1.push(id),
    }
    Ok(())
}

/// What one object said at one time.
struct Values<'a> {
    object: &'a Object,
    said: &'a [Said],
    device: &'a Option<String>,
    place: String,
}

impl Values<'_> {
    fn readings(&self) -> Vec<Reading> {
        self.said.iter().flat_map(|said| self.readings_of(said)).collect()
    }

    fn readings_of(&self, said: &Said) -> Vec<Reading> {
        let one = |metric, value| vec![self.reading(metric, value, self.unit())];
        match said {
            Said::Number(number) => one(self.metric(), number.value()),
            Said::Compound(numbers) => self.compound(numbers),
            Said::Whole { metric, status, unit, number } => {
                let value = usable(*status, number.value());
                vec![self.reading(self.object.in_partition(*metric), value, Some(*unit))]
            }
            Said::Code(term) => {
                one(self.metric(), Value::Text(Metric::mdc(self.object.in_partition(*term)).name))
            }
            Said::Other(value) => one(self.metric(), value.clone()),
            Said::Time(_) | Said::Status(_) | Said::Unit(_) | Said::Physio(_) => vec![],
        }
    }

    /// A metric that is not listed is the object's own.
    fn compound(&self, numbers: &[MedicalFloat]) -> Vec<Reading> {
        let parts = self.object.parts.iter().copied().chain(std::iter::repeat(self.metric()));
        let numbers = parts.zip(numbers);
        numbers.map(|(metric, it)| self.reading(metric, it.value(), self.unit())).collect()
    }

    fn reading(&self, metric: u32, value: Value, unit: Option<u16>) -> Reading {
        let status =
            self.last(|said| if let Said::Status(bits) = said { Some(*bits) } else { None });
        let source =
            Source { protocol: PROTOCOL, device: self.device.clone(), place: self.place.clone() };
        Reading {
            metric: Metric::mdc(metric),
            value: usable(status.unwrap_or(0), value),
            unit: unit.map(mdc_unit),
            at: self.at(),
            source,
        }
    }

    fn last<T>(&self, of: impl Fn(&Said) -> Option<T>) -> Option<T> {
        self.said.iter().rev().find_map(of)
    }

    fn at(&self) -> Option<Moment> {
        self.last(|said| if let Said::Time(at) = said { Some(*at) } else { None }).flatten()
    }

    fn unit(&self) -> Option<u16> {
        let said = self.last(|said| if let Said::Unit(unit) = said { Some(*unit) } else { None });
        said.or(self.object.unit)
    }

    fn metric(&self) -> u32 {
        let said = self.last(|said| if let Said::Physio(term) = said { Some(*term) } else { None });
        said.map_or(self.object.metric, |term| self.object.in_partition(term))
    }
}

fn usable(status: u16, value: Value) -> Value {
    if status & UNUSABLE == 0 { value } else { Value::Missing(Absence::Invalid) }
}

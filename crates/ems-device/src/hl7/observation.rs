//! Observations of ORU^R01 and ORU^R40 as readings (IHE PCD TF-2, appendix B.8).

use std::collections::BTreeMap;

use super::alarm::{Alarm, Facets};
use super::message::{Message, Segment};
use super::wave::Array;
use crate::complaint::Complaint;
use crate::fault::Fault;
use crate::reading::{Absence, Metric, Moment, Reading, Source, Value, clock_time, unit_name};
use crate::wfdb::shorten;

const PROTOCOL: &str = "HL7 v2";

/// What a message holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observations {
    /// What was measured.
    pub readings: Vec<Reading>,
    /// What monitors alarm about.
    pub alarms: Vec<Alarm>,
    /// What was wrong.
    pub complaints: Vec<Complaint>,
}

/// Reads the observations of a message; one of another kind has none, and is complained about.
pub fn decode_observations(message: &Message) -> Observations {
    let mut sheet = Sheet {
        message,
        at: None,
        devices: BTreeMap::new(),
        facets: None,
        array: None,
        found: Observations::default(),
    };
    let kind = (message.header().component(9, 1), message.header().component(9, 2));
    if kind.0 != "ORU" {
        let found = format!("{}^{}", kind.0, kind.1);
        sheet.complain(
            "message type",
            &found,
            "ORU^R01 or ORU^R40",
            "send observations to this port",
        );
        return sheet.found;
    }
    let is_alarm = kind.1 == "R40";
    for segment in message.segments() {
        match segment.name() {
            "OBR" => sheet.on_request(segment, is_alarm),
            "OBX" => sheet.on_observation(segment),
            _ => {}
        }
    }
    sheet.end_array();
    sheet.end_alarm();
    sheet.found
}

struct Sheet<'a> {
    message: &'a Message,
    /// When the current request's observations were made.
    at: Option<Moment>,
    /// The devices named so far, by the first number of the containment.
    devices: BTreeMap<String, String>,
    /// The alarm that the current request tells of.
    facets: Option<Facets>,
    /// The wave whose attributes may still come.
    array: Option<Array>,
    found: Observations,
}

impl Sheet<'_> {
    fn complain(&mut self, place: &str, found: &str, expected: &'static str, remedy: &'static str) {
        let found = if found.is_empty() { "empty".to_owned() } else { format!("\"{found}\"") };
        self.found.complaints.push(Fault::new(place, found, expected, remedy).into());
    }

    fn on_request(&mut self, segment: &Segment, is_alarm: bool) {
        self.end_array();
        self.end_alarm();
        self.at = self.time(segment, 7, "OBR-7");
        self.facets = is_alarm.then(|| Facets::new(segment.component(3, 1)));
    }

    fn end_alarm(&mut self) {
        let device = shorten(&self.message.header().component(3, 1));
        if let Some(facets) = self.facets.take() {
            self.found
                .alarms
                .extend(facets.finish(self.at, Some(device).filter(|it| !it.is_empty())));
        }
    }

    fn end_array(&mut self) {
        match self.array.take().map(Array::finish) {
            Some(Ok(reading)) => self.found.readings.push(reading),
            Some(Err(fault)) => self.found.complaints.push(fault.into()),
            None => {}
        }
    }

    fn time(&mut self, segment: &Segment, field: usize, place: &str) -> Option<Moment> {
        let text = segment.component(field, 1);
        let at = clock_time(&text);
        if at.is_none() && !text.is_empty() {
            self.complain(
                place,
                &text,
                "YYYYMMDDHHMM or finer, years 1970 to 2199",
                "send whole times",
            );
        }
        at
    }

    fn on_observation(&mut self, segment: &Segment) {
        let containment = shorten(&segment.component(4, 1));
        let system = containment.split('.').next().unwrap_or_default().to_owned();
        let device = shorten(&segment.component(18, 1));
        if !device.is_empty() {
            self.devices.insert(system.clone(), device);
        }
        let metric = metric(segment);
        if let Some(facets) = &mut self.facets
            && facets.take(&metric.name, segment)
        {
            return;
        }
        if self.array.as_mut().is_some_and(|array| array.take(&metric.name, segment)) {
            return;
        }
        self.end_array();
        let sender = shorten(&self.message.header().component(3, 1));
        let device =
            self.devices.get(&system).cloned().or(Some(sender).filter(|it| !it.is_empty()));
        let source = Source { protocol: PROTOCOL, device, place: format!("OBX {containment}") };
        if segment.field(2) == "NA" {
            let at = self.time(segment, 14, "OBX-14").or(self.at);
            match Array::new(segment, metric, at, source) {
                Ok(array) => self.array = Some(array),
                Err(fault) => self.found.complaints.push(fault.into()),
            }
            return;
        }
        let Some(value) = self.value(segment, &metric) else { return };
        let at = self.time(segment, 14, "OBX-14").or(self.at);
        self.found.readings.push(Reading { metric, value, unit: unit(segment), at, source });
    }

    /// `None` for what is no measurement: a device or channel, or what is not read.
    fn value(&mut self, segment: &Segment, metric: &Metric) -> Option<Value> {
        let status = segment.component(11, 1);
        let text = segment.component(5, 1);
        let place = format!("OBX-5 of {}", metric.name);
        let value = match segment.field(2) {
            "" if text.is_empty() => return None,
            "NM" => self.number(&place, &text)?,
            "ST" | "TX" | "FT" | "IS" | "ID" | "DT" | "TM" | "DTM" | "TS" | "SI" => {
                Value::text(&text)
            }
            "CWE" | "CNE" | "CE" | "CF" => coded(segment),
            "SN" => self.structured(&place, segment)?,
            other => {
                let expected = "NM, SN, NA, ST, TX, FT, IS, ID, a time or a coded type";
                let remedy = "send this another way";
                self.complain(&format!("OBX-2 of {}", metric.name), other, expected, remedy);
                return None;
            }
        };
        Some(match status.as_str() {
            "W" | "D" => Value::Missing(Absence::Invalid),
            "X" | "N" => Value::Missing(Absence::NotGiven),
            _ => value,
        })
    }

    fn number(&mut self, place: &str, text: &str) -> Option<Value> {
        if text.is_empty() {
            return Some(Value::Missing(Absence::NotGiven));
        }
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        match text.parse() {
            Ok(number) if is_plain && f64::is_finite(number) => Some(Value::Number(number)),
            _ => {
                self.complain(place, text, "a number", "correct the value");
                None
            }
        }
    }

    /// A number with a comparator or a range is no plain number; a lone one is.
    fn structured(&mut self, place: &str, segment: &Segment) -> Option<Value> {
        let parts = [1, 2, 3, 4].map(|number| segment.component(5, number));
        let [comparator, number, separator, second] = &parts;
        if ["", "="].contains(&comparator.as_str()) && separator.is_empty() && second.is_empty() {
            return self.number(place, number);
        }
        Some(Value::text(&parts.concat()))
    }
}

fn coded(segment: &Segment) -> Value {
    let (code, text) = (segment.component(5, 1), segment.component(5, 2));
    Value::text(if text.is_empty() { &code } else { &text })
}

/// The name in the nomenclature of IEEE 11073-10101, if it is one of the two, else the first.
pub(super) fn metric(segment: &Segment) -> Metric {
    let part = |number| segment.component(3, number);
    for first in [1, 4] {
        let (code, name, system) = (part(first), part(first + 1), part(first + 2));
        let code = code.parse().ok().filter(|code| *code != 0 && system == "MDC");
        if let Some(code) = code {
            let metric = Metric::mdc(code);
            // What we have no name for has one in the message.
            let is_named = metric.name.starts_with("MDC_") || name.is_empty();
            return if is_named {
                metric
            } else {
                Metric { code: Some(code), ..Metric::named(&name) }
            };
        }
    }
    let (code, name) = (part(1), part(2));
    Metric::named(if name.is_empty() { &code } else { &name })
}

pub(super) fn unit(segment: &Segment) -> Option<String> {
    let part = |number| segment.component(6, number);
    let (code, name, system) = (part(1), part(2), part(3));
    match (code.is_empty(), system.as_str()) {
        (true, _) => None,
        (false, "UCUM") => Some(shorten(&code)),
        (false, _) => Some(unit_name(&code, &name)),
    }
}

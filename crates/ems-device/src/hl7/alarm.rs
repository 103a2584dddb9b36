//! Alarms of PCD-04: what one request's observations say of one alarm (IHE PCD TF-2, 3.4 and B.8.5;
//! facets are known by their names, for their codes differ between senders).

use super::message::Segment;
use super::observation::metric;
use crate::reading::{Metric, Moment};

/// An alarm as a monitor tells it; what it does not tell is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// What happened.
    pub event: Metric,
    /// What the monitor writes about it.
    pub text: String,
    /// What it is about.
    pub source: String,
    /// `start`, `continue`, `update`, `end`, …
    pub phase: String,
    /// `inactive`, `active` or `latched`.
    pub state: String,
    /// `enabled`, `audio-paused`, …
    pub inactivation: String,
    /// `PN`, `PL`, `PM` or `PH`: none, low, medium, high.
    pub priority: String,
    /// `SP`, `ST` or `SA`: physiological, technical, advisory.
    pub kind: String,
    /// The alarm's own number.
    pub id: String,
    /// When it was told.
    pub at: Option<Moment>,
    /// The device, or else the sender.
    pub device: Option<String>,
}

/// An alarm as far as its observations have come.
pub(super) struct Facets {
    alarm: Option<Alarm>,
    id: String,
}

/// The event whose observation holds the event itself.
const ANY_ALARM: &str = "MDC_EVT_ALARM";

impl Facets {
    pub(super) const fn new(id: String) -> Self {
        Self { alarm: None, id }
    }

    /// Takes an observation that tells of the alarm; `false` for one that is a measurement.
    pub(super) fn take(&mut self, name: &str, segment: &Segment) -> bool {
        if name.starts_with("MDC_EVT_") || name.starts_with("MDCX_EVT_") {
            self.on_event(name, segment);
            return true;
        }
        let text = || {
            let text = segment.component(5, 2);
            if text.is_empty() { segment.component(5, 1) } else { text }
        };
        let Some(alarm) = &mut self.alarm else { return false };
        let facet = match name {
            "MDC_ATTR_ALERT_SOURCE" => &mut alarm.source,
            "MDC_ATTR_EVENT_PHASE" => &mut alarm.phase,
            "MDC_ATTR_ALARM_STATE" | "MDC_ATTR_ALERT_STATE" => &mut alarm.state,
            "MDC_ATTR_ALARM_INACTIVATION_STATE" => &mut alarm.inactivation,
            "MDC_ATTR_ALARM_PRIORITY" => &mut alarm.priority,
            "MDC_ATTR_ALERT_TYPE" => &mut alarm.kind,
            "MDC_ATTR_ALERT_TEXT" => &mut alarm.text,
            _ => return false,
        };
        *facet = crate::wfdb::shorten(&text());
        true
    }

    fn on_event(&mut self, name: &str, segment: &Segment) {
        let (code, text) = (segment.component(5, 1), segment.component(5, 2));
        let coded =
            code.parse().ok().filter(|_| name == ANY_ALARM && segment.component(5, 3) == "MDC");
        let event = match coded {
            Some(code) => Metric { code: Some(code), ..Metric::named(&text) },
            None => metric(segment),
        };
        let device = crate::wfdb::shorten(&segment.component(18, 1));
        let interpretations = segment.repetitions(8);
        let one_of = |known: &[&str]| {
            let found = interpretations.iter().find(|it| known.contains(&it.as_str()));
            found.cloned().unwrap_or_default()
        };
        self.alarm = Some(Alarm {
            event,
            text: crate::wfdb::shorten(if coded.is_some() { "" } else { &code }),
            source: String::new(),
            phase: String::new(),
            state: String::new(),
            inactivation: String::new(),
            priority: one_of(&["PN", "PL", "PM", "PH"]),
            kind: one_of(&["SP", "ST", "SA"]),
            id: crate::wfdb::shorten(&self.id),
            at: None,
            device: Some(device).filter(|it| !it.is_empty()),
        });
    }

    pub(super) fn finish(self, at: Option<Moment>, sender: Option<String>) -> Option<Alarm> {
        self.alarm.map(|alarm| Alarm { at, device: alarm.device.or(sender), ..alarm })
    }
}

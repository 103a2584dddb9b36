//! Findings in words, in English and in Chinese as written in mainland China.

mod en;
mod zh;

use crate::finding::{Finding, Measure, Reason, Statement, Test};
use crate::lead::Lead;
use crate::measure::Missing;

/// A language that findings are told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Chinese as written in mainland China.
    Zh,
}

impl Language {
    /// What is said.
    pub const fn statement(self, statement: Statement) -> &'static str {
        match self {
            Self::En => en::statement(statement),
            Self::Zh => zh::statement(statement),
        }
    }

    /// What was measured.
    pub const fn measure(self, measure: Measure) -> &'static str {
        match self {
            Self::En => en::measure(measure),
            Self::Zh => zh::measure(measure),
        }
    }

    /// What could not be measured or judged, and why.
    pub fn missing(self, missing: Missing) -> String {
        match self {
            Self::En => en::missing(missing),
            Self::Zh => zh::missing(missing),
        }
    }

    /// A finding with its leads: `ST elevation ... (II, III, aVF)`.
    pub fn finding(self, finding: &Finding) -> String {
        let words = self.statement(finding.statement);
        let names: Vec<_> = finding.leads.iter().map(|lead| lead.name()).collect();
        if names.is_empty() { words.to_owned() } else { format!("{words} ({})", names.join(", ")) }
    }

    /// A reason: `V2 ST at J 0.31 mV ≥ 0.20`.
    pub fn reason(self, reason: &Reason) -> String {
        let test = match reason.test {
            Test::AtLeast => "≥",
            Test::Above => ">",
            Test::AtMost => "≤",
            Test::Below => "<",
        };
        let (unit, digits) = unit(reason.measure);
        let lead = reason.lead.map_or(String::new(), |lead| format!("{} ", lead.name()));
        let measure = self.measure(reason.measure);
        let (value, limit) = (reason.value, reason.limit);
        format!("{lead}{measure} {value:.digits$}{unit} {test} {limit:.digits$}")
    }

    /// The reasons of a finding in a row.
    pub fn reasons(self, finding: &Finding) -> String {
        let reasons: Vec<_> = finding.reasons.iter().map(|reason| self.reason(reason)).collect();
        reasons.join(", ")
    }
}

/// The unit with its space, and how many digits mean something.
const fn unit(measure: Measure) -> (&'static str, usize) {
    use Measure as M;
    match measure {
        M::Rate | M::AtrialRate => ("/min", 0),
        M::PrSpread | M::PrGrowth | M::Pr | M::Qrs | M::Qtc | M::SDuration | M::RPeak => (" ms", 0),
        M::Axis | M::PAxis => ("°", 0),
        M::Irregularity
        | M::PShare
        | M::SpikeShare
        | M::StOverS
        | M::FlutterShare
        | M::WholeShare
        | M::IntervalSpread
        | M::LateralCorrelation
        | M::ChestOrder => ("", 2),
        M::BlockedP | M::BlockedInARow | M::PrematureBeats | M::AlternateBeats | M::Points => {
            ("", 0)
        }
        _ => (" mV", 2),
    }
}

/// Names of missing leads and what is missing else, one text each.
pub fn missing_lines(language: Language, missing: &[Missing]) -> Vec<String> {
    let lead = |it: &Missing| if let Missing::NoLead(lead) = it { Some(*lead) } else { None };
    let leads: Vec<_> = missing.iter().filter_map(lead).map(Lead::name).collect();
    let others = missing.iter().filter(|it| lead(it).is_none());
    let mut lines: Vec<String> = others.map(|it| language.missing(*it)).collect();
    if !leads.is_empty() {
        let names = leads.join(", ");
        lines.push(match language {
            Language::En => format!("not recorded or flat: {names}"),
            Language::Zh => format!("未记录或平直：{names}"),
        });
    }
    lines
}

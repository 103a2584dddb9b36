//! Whole responses: what the run card lacks is sent, and what the patient does not need turns back.

use ems_model::{Command, IncidentId, Phase, Timestamp, UnitId};

use super::case::Case;
use super::{Advice, City, DISPATCHER};
use crate::mix::Severity;

impl City {
    /// Sends all units that the run card lacks and that can be sent.
    pub(crate) fn send_response(&mut self, now: Timestamp, incident: IncidentId, advice: &Advice) {
        let Some(case) = self.cases.get_mut(&incident) else { return };
        let Some(response) = advice.response.as_ref().filter(|_| !case.is_over()) else { return };
        let turn = case.turn(incident);
        let has_none = case.units.is_empty();
        // Units go to whoever has waited longest among the most urgent, and to all with none first.
        let is_next = match self.waiting.first() {
            Some(first) => has_none && *first >= turn,
            None => has_none || self.short.first().is_none_or(|first| *first >= turn),
        };
        let units: Vec<UnitId> = response.to_send().filter(|_| is_next).cloned().collect();
        let brings_crew = response.first_crew.is_some();
        if has_none && (units.is_empty() || !brings_crew) {
            return self.wait(now, incident);
        }
        self.waiting.remove(&turn);
        if response.unmet().next().is_some() {
            self.short.insert(turn);
        } else if is_next {
            self.short.remove(&turn);
        }
        if units.is_empty() {
            return;
        }
        case.n_assigns += 1;
        let what = format!("{}-assign-{}", case.label, case.n_assigns);
        let (expected_version, diverted) = (Some(advice.version), response.to_divert());
        let command =
            Command::SendResponse { incident, expected_version, units, diverted, overrule: None };
        self.send(now, &what, DISPATCHER.to_owned(), command);
    }

    /// The crew with a patient who is not in danger sends back whoever is still under way, if it
    /// can take the patient along itself.
    pub(crate) fn trim_response(&mut self, now: Timestamp, incident: IncidentId) {
        let Some(case) = self.cases.get(&incident) else { return };
        let is_well = case.severity == Severity::Minor && !case.has_left();
        let Some(by) = case.carer.clone().filter(|by| is_well && self.can_transport(by)) else {
            return;
        };
        let units = self.under_way(case);
        if units.is_empty() || self.scenes.contains_key(&incident) {
            return;
        }
        let (what, actor) = (format!("{}-trim", case.label), format!("unit:{by}"));
        let command = Command::TrimResponse { incident, expected_version: None, by, units };
        self.send(now, &what, actor, command);
    }

    fn can_transport(&self, unit: &UnitId) -> bool {
        self.crews.get(unit).is_some_and(|crew| crew.kind.can_transport())
    }

    fn under_way(&self, case: &Case) -> Vec<UnitId> {
        let phase = |unit: &UnitId| Some(self.crews.get(unit)?.job?.phase);
        let is_coming = |unit: &&UnitId| phase(unit).is_some_and(|it| it < Phase::OnScene);
        case.units.iter().filter(is_coming).cloned().collect()
    }
}

//! Units that leave a call, and where they wait then.

use ems_model::{Command, IncidentId, StationId, Timestamp, UnitId};

use super::case::Progress;
use super::crew::Crew;
use super::{City, DISPATCHER, Mode, Wake};

impl City {
    /// The unit leaves the call to which it drives for another one, which it is told of next.
    pub(crate) fn on_diverted_unit(&mut self, at: Timestamp, unit: &UnitId, from: IncidentId) {
        if let Some(crew) = self.crews.get_mut(unit) {
            crew.job = None;
        }
        self.leave_case(at, unit, from);
        let Some(case) = self.cases.get(&from) else { return };
        if !case.units.is_empty() && case.progress == Progress::Triaged {
            self.short.insert(case.turn(from));
            self.look_again(at, from);
        }
    }

    /// The unit is to wait at another station from now on.
    pub(crate) fn on_posted(&mut self, at: Timestamp, unit: &UnitId, station: &StationId) {
        let known = self.pack.stations.iter().find(|known| known.id == *station);
        let Some(crew) = self.crews.get_mut(unit) else { return };
        let is_home = crew.station.as_ref() == Some(station);
        crew.post = known.map(|known| known.position).filter(|_| !is_home);
        if crew.job.is_none() {
            self.drive_home(at, unit);
        }
    }

    /// The dispatcher exchanges units as the centre proposes.
    pub(crate) fn on_exchange_proposed(
        &mut self,
        now: Timestamp,
        incident: IncidentId,
        unit: &UnitId,
        instead_of: &UnitId,
    ) {
        let is_followed = self.plan.dispatcher == Mode::Auto && now >= self.plan.start;
        let Some(case) = self.cases.get_mut(&incident).filter(|_| is_followed) else { return };
        case.n_assigns += 1;
        let what = format!("{}-exchange-{}", case.label, case.n_assigns);
        let (expected_version, unit, instead_of) = (None, unit.clone(), instead_of.clone());
        let command = Command::ExchangeUnit { incident, expected_version, unit, instead_of };
        self.send(now, &what, DISPATCHER.to_owned(), command);
    }

    /// A case without units looks for one again, unless it is over.
    pub(crate) fn leave_case(&mut self, at: Timestamp, unit: &UnitId, incident: IncidentId) {
        if let Some(case) = self.cases.get_mut(&incident) {
            case.units.remove(unit);
            let is_waiting = case.units.is_empty() && case.progress == Progress::Triaged;
            if case.carer.as_ref() == Some(unit) && !case.is_over() {
                case.pass_to(None);
            }
            if is_waiting {
                self.look_again(at, incident);
            }
        }
        self.forget_if_done(incident);
    }

    /// To where it waits.
    pub(crate) fn drive_home(&mut self, at: Timestamp, unit: &UnitId) {
        let Some(home) = self.crews.get(unit).map(Crew::waits_at) else { return };
        let factor = f64::from(self.plan.settings.crew.drive_home_percent) / 100.0;
        let home_at = self.depart(at, unit, home, factor);
        self.agenda.set(Wake::Crew(unit.clone()), home_at);
    }
}

//! How hospitals answer and prepare.

use std::collections::BTreeMap;

use ems_model::{
    Event, HospitalId, IncidentId, Millis, ReceptionAnswer, Task, TaskId, TaskStep, Timestamp,
    UnitStep,
};

use super::spread::Spread;

/// How a hospital answered and prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HospitalReport {
    /// Which.
    pub hospital: HospitalId,
    /// Patients that were announced.
    pub n_requested: u32,
    /// Announcements that were seen by a person before any other answer.
    pub n_acknowledged: u32,
    /// Patients that were accepted.
    pub n_accepted: u32,
    /// Patients that were refused.
    pub n_diverted: u32,
    /// Patients that went elsewhere or nowhere.
    pub n_withdrawn: u32,
    /// Patients that arrived.
    pub n_arrived: u32,
    /// Patients that arrived without having been accepted.
    pub n_unanswered: u32,
    /// How it prepared.
    pub tasks: TaskReport,
}

/// How a hospital prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TaskReport {
    /// Tasks of all announced patients.
    pub n: u32,
    /// Reported done.
    pub n_ready: u32,
    /// Reported done after they were due.
    pub n_late: u32,
    /// Not done when the patient arrived.
    pub n_missed: u32,
    /// How late the late ones were; `None` where none was.
    pub lateness: Option<Spread>,
}

/// The receptions as the log tells them.
#[derive(Debug, Default)]
pub(super) struct Receptions {
    hospitals: BTreeMap<HospitalId, HospitalFacts>,
    /// Those that still expect a patient.
    open: BTreeMap<(HospitalId, IncidentId), OpenReception>,
}

#[derive(Debug, Default)]
struct HospitalFacts {
    n_requested: u32,
    n_acknowledged: u32,
    n_accepted: u32,
    n_diverted: u32,
    n_withdrawn: u32,
    n_arrived: u32,
    n_unanswered: u32,
    tasks: TaskReport,
    latenesses: Vec<Millis>,
}

#[derive(Debug)]
struct OpenReception {
    is_accepted: bool,
    has_arrived: bool,
    /// Tasks not done yet, with the time they are due.
    due: BTreeMap<TaskId, Timestamp>,
}

impl Receptions {
    pub(super) fn hear(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::ReceptionRequested { incident, hospital, tasks, .. } => {
                self.request(hospital, *incident, tasks);
            }
            Event::ReceptionAnswered { incident, hospital, answer } => {
                self.answer(hospital, *incident, answer);
            }
            Event::ReceptionWithdrawn { incident, hospital, .. } => {
                let was_open = self.open.remove(&(hospital.clone(), *incident)).is_some();
                self.facts(hospital).n_withdrawn += u32::from(was_open);
            }
            Event::TasksMoved { incident, hospital, tasks, to, .. } => {
                if let Some(open) = self.open.get_mut(&(hospital.clone(), *incident)) {
                    for (_, due) in open.due.iter_mut().filter(|(task, _)| tasks.contains(task)) {
                        *due = *to;
                    }
                }
            }
            Event::TaskStepped { hospital, incident, task, step: TaskStep::Finish } => {
                self.finish(hospital, *incident, *task, at);
            }
            Event::UnitStepped { incident, step: UnitStep::ArriveAtHospital, .. } => {
                self.arrive(*incident);
            }
            _ => {}
        }
    }

    fn request(&mut self, hospital: &HospitalId, incident: IncidentId, tasks: &[Task]) {
        let facts = self.facts(hospital);
        facts.n_requested += 1;
        facts.tasks.n += count(tasks.len());
        let due = tasks.iter().map(|task| (task.id, task.due)).collect();
        let open = OpenReception { is_accepted: false, has_arrived: false, due };
        self.open.insert((hospital.clone(), incident), open);
    }

    fn answer(&mut self, hospital: &HospitalId, incident: IncidentId, answer: &ReceptionAnswer) {
        let key = (hospital.clone(), incident);
        match answer {
            ReceptionAnswer::Acknowledge => self.facts(hospital).n_acknowledged += 1,
            ReceptionAnswer::Accept => {
                self.facts(hospital).n_accepted += 1;
                if let Some(open) = self.open.get_mut(&key) {
                    open.is_accepted = true;
                }
            }
            ReceptionAnswer::Divert { .. } => {
                self.facts(hospital).n_diverted += 1;
                self.open.remove(&key);
            }
        }
    }

    fn finish(&mut self, hospital: &HospitalId, incident: IncidentId, task: TaskId, at: Timestamp) {
        let Some(open) = self.open.get_mut(&(hospital.clone(), incident)) else { return };
        let Some(due) = open.due.remove(&task) else { return };
        let lateness = at.since(due);
        let facts = self.facts(hospital);
        facts.tasks.n_ready += 1;
        if lateness > Millis::ZERO {
            facts.tasks.n_late += 1;
            facts.latenesses.push(lateness);
        }
    }

    /// The reception stays, so that a task finished after the patient counts as late.
    fn arrive(&mut self, incident: IncidentId) {
        let expecting = |((_, of), open): &(&(HospitalId, IncidentId), &mut OpenReception)| {
            *of == incident && !open.has_arrived
        };
        let Some(((hospital, _), open)) = self.open.iter_mut().find(expecting) else { return };
        open.has_arrived = true;
        let facts = self.hospitals.entry(hospital.clone()).or_default();
        facts.n_arrived += 1;
        facts.n_unanswered += u32::from(!open.is_accepted);
        facts.tasks.n_missed += count(open.due.len());
    }

    fn facts(&mut self, hospital: &HospitalId) -> &mut HospitalFacts {
        self.hospitals.entry(hospital.clone()).or_default()
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).expect("a log holds fewer than 2^32 tasks")
}

/// Each hospital that was ever asked.
pub(super) fn report(receptions: &Receptions) -> Vec<HospitalReport> {
    let one = |(hospital, facts): (&HospitalId, &HospitalFacts)| {
        let mut latenesses = facts.latenesses.clone();
        latenesses.sort_unstable();
        HospitalReport {
            hospital: hospital.clone(),
            n_requested: facts.n_requested,
            n_acknowledged: facts.n_acknowledged,
            n_accepted: facts.n_accepted,
            n_diverted: facts.n_diverted,
            n_withdrawn: facts.n_withdrawn,
            n_arrived: facts.n_arrived,
            n_unanswered: facts.n_unanswered,
            tasks: TaskReport { lateness: Spread::of(&latenesses), ..facts.tasks },
        }
    };
    receptions.hospitals.iter().map(one).collect()
}

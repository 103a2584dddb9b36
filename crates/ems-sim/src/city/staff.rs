//! Hospital staff: how full they are, and what they do about announced patients.

use std::collections::BTreeMap;

use ems_centre::City as Pack;
use ems_model::{
    Command, Doors, HospitalId, IncidentId, Millis, ReceptionAnswer, Task, TaskId, TaskStep,
    Timestamp,
};
use rand_pcg::Pcg64Mcg;

use super::{City, CityPlan, Mode, Wake};
use crate::chance::{Purpose, normal, share, stream};
use crate::settings::HospitalSettings;

/// An emergency department.
#[derive(Debug)]
pub(crate) struct Staff {
    rng: Pcg64Mcg,
    beds: u32,
    /// Occupancy that it returns to, share of its places.
    usual: f64,
    /// How far from it it has wandered, share of its places.
    wander: f64,
    /// Patients whom ambulances brought and nobody made room for yet, share of its places.
    brought: f64,
    looked_at: Option<Timestamp>,
    /// Whether it takes patients from ambulances, and so says how full it is.
    has_emergency: bool,
    is_closed: bool,
    n_reports: u32,
    n_door_changes: u32,
    /// Announced patients and how far their answer has come.
    answers: BTreeMap<IncidentId, Answering>,
}

/// What comes next about an announced patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answering {
    Unseen,
    Seen,
}

/// A task that staff will take on or finish.
#[derive(Debug)]
pub(crate) struct TaskWork {
    hospital: HospitalId,
    incident: IncidentId,
    takes: Millis,
    next: TaskStep,
}

/// The staff of every hospital of the pack.
pub(crate) fn staff(plan: &CityPlan, pack: &Pack) -> BTreeMap<HospitalId, Staff> {
    let settings = &plan.settings.hospital;
    let [low, high] = settings.usual_percent.map(|percent| f64::from(percent) / 100.0);
    let of = |(idx, profile): (u64, &ems_model::HospitalProfile)| {
        let mut rng = stream(plan.seed, Purpose::Occupancy, idx);
        let usual = low + (high - low) * share(&mut rng);
        let wander = f64::from(settings.wander_percent) / 100.0 * normal(&mut rng);
        let staff = Staff {
            rng,
            beds: profile.emergency_beds.unwrap_or(settings.beds).max(1),
            usual,
            wander,
            brought: 0.0,
            looked_at: None,
            has_emergency: !profile.capabilities.is_empty(),
            is_closed: false,
            n_reports: 0,
            n_door_changes: 0,
            answers: BTreeMap::new(),
        };
        (profile.id.clone(), staff)
    };
    (0..).zip(&pack.hospitals).map(of).collect()
}

impl City {
    /// The first reports, within a minute of the start.
    pub(crate) fn start_reports(&mut self, now: Timestamp) {
        let reporting = self.staff.iter().filter(|(_, staff)| staff.has_emergency);
        for (n, (hospital, _)) in (1..).zip(reporting) {
            let pause = Millis::new(2000 + 137 * n % 50_000);
            self.agenda.set(Wake::Crowding(hospital.clone()), now + pause);
        }
    }

    /// Says how full it is, and opens or closes the doors to ambulances.
    pub(crate) fn report_crowding(&mut self, now: Timestamp, id: &HospitalId) {
        let Some(staff) = self.staff.get_mut(id) else { return };
        let settings = &self.plan.settings.hospital;
        staff.wander_until(now, settings);
        let [from, to] = settings.report_s.map(i64::from);
        let next = Millis::new(1000 * from + staff.within(1000 * (to - from)));
        staff.n_reports += 1;
        let percent = staff.percent();
        let wants_closed = if staff.is_closed {
            percent >= settings.open_doors_percent
        } else {
            percent >= settings.close_doors_percent
        };
        let (occupied, beds, n) = (staff.occupied(), staff.beds, staff.n_reports);
        let is_change = wants_closed != staff.is_closed;
        let until = now + Millis::from_mins(settings.closed_min.into());
        self.agenda.set(Wake::Crowding(id.clone()), now + next);
        let command =
            Command::ReportCrowding { hospital: id.clone(), occupied, beds, census: None };
        let actor = format!("hospital:{id}");
        self.send(now, &format!("{id}-crowding-{n}"), actor, command);
        if is_change {
            self.change_doors(now, id, wants_closed.then_some(until));
        }
    }

    pub(crate) fn on_doors(&mut self, hospital: &HospitalId, doors: &Doors) {
        if let Some(staff) = self.staff.get_mut(hospital) {
            staff.is_closed = matches!(doors, Doors::Diverting { .. });
        }
    }

    pub(crate) fn on_reception_requested(
        &mut self,
        at: Timestamp,
        incident: IncidentId,
        hospital: &HospitalId,
        tasks: &[Task],
    ) {
        self.on_reception_withdrawn(incident);
        if self.plan.hospitals == Mode::Manual {
            return;
        }
        let Some(case) = self.cases.get(&incident) else { return };
        let Some(staff) = self.staff.get_mut(hospital) else { return };
        staff.answers.insert(incident, Answering::Unseen);
        self.agenda.set(Wake::Reception(incident), at + case.chances.reception_seen);
        for (n, task) in (1..).zip(tasks) {
            let takes = scaled(task.lead, case.chances.task);
            let hospital = hospital.clone();
            let work = TaskWork { hospital, incident, takes, next: TaskStep::Acknowledge };
            self.tasks.insert(task.id, work);
            // Several people share the list: each next task is taken a little later.
            let take_at = at
                + case.chances.reception_seen
                + scaled(case.chances.take_task, 0.4 * f64::from(n));
            self.agenda.set(Wake::Task(task.id), take_at);
        }
    }

    /// Says that the patient was seen, and then whether they are taken.
    pub(crate) fn answer_reception(&mut self, now: Timestamp, incident: IncidentId) {
        let answering = |staff: &Staff| staff.answers.get(&incident).copied();
        let found = self.staff.iter().find_map(|(id, staff)| Some((id.clone(), answering(staff)?)));
        let Some((hospital, answering)) = found else { return };
        let answer = match answering {
            Answering::Unseen => ReceptionAnswer::Acknowledge,
            Answering::Seen if self.passes_on(incident, &hospital) => {
                ReceptionAnswer::Divert { reason: "no emergency place free".to_owned() }
            }
            Answering::Seen => ReceptionAnswer::Accept,
        };
        let Some(case) = self.cases.get(&incident) else { return };
        let word = match answer {
            ReceptionAnswer::Acknowledge => "seen",
            ReceptionAnswer::Accept => "accept",
            ReceptionAnswer::Divert { .. } => "divert",
        };
        let what = format!("{}-{hospital}-{}-{word}", case.label, case.n_choices);
        let actor = format!("hospital:{hospital}");
        let command = Command::AnswerReception { hospital, incident, answer };
        self.send(now, &what, actor, command);
    }

    pub(crate) fn on_reception_answered(
        &mut self,
        at: Timestamp,
        incident: IncidentId,
        hospital: &HospitalId,
        answer: &ReceptionAnswer,
    ) {
        if let ReceptionAnswer::Divert { .. } = answer {
            self.on_reception_withdrawn(incident);
            self.on_diverted(at, incident);
            return;
        }
        let Some(staff) = self.staff.get_mut(hospital) else { return };
        if *answer == ReceptionAnswer::Accept {
            staff.answers.remove(&incident);
            staff.take_in();
            return;
        }
        let Some(case) = self.cases.get(&incident) else { return };
        if let Some(answering) = staff.answers.get_mut(&incident) {
            *answering = Answering::Seen;
            self.agenda.set(Wake::Reception(incident), at + case.chances.reception_answer);
        }
    }

    /// The patient goes elsewhere: nothing is left to answer or prepare.
    pub(crate) fn on_reception_withdrawn(&mut self, incident: IncidentId) {
        for staff in self.staff.values_mut() {
            staff.answers.remove(&incident);
        }
        self.agenda.cancel(&Wake::Reception(incident));
        let dropped = self.tasks.extract_if(.., |_, work| work.incident == incident);
        for (task, _) in dropped {
            self.agenda.cancel(&Wake::Task(task));
        }
    }

    pub(crate) fn work_on_task(&mut self, now: Timestamp, task: TaskId) {
        let Some(work) = self.tasks.get(&task) else { return };
        let word = if work.next == TaskStep::Finish { "done" } else { "take" };
        let (hospital, step) = (work.hospital.clone(), work.next);
        let actor = format!("hospital:{hospital}");
        let command = Command::StepTask { hospital, task, step };
        self.send(now, &format!("task{task}-{word}"), actor, command);
    }

    pub(crate) fn on_task_stepped(&mut self, at: Timestamp, task: TaskId, step: TaskStep) {
        match step {
            TaskStep::Finish => {
                self.tasks.remove(&task);
                self.agenda.cancel(&Wake::Task(task));
            }
            TaskStep::Acknowledge => {
                let Some(work) = self.tasks.get_mut(&task) else { return };
                work.next = TaskStep::Finish;
                self.agenda.set(Wake::Task(task), at + work.takes);
            }
        }
    }

    /// Only the first hospital asked passes a patient on, and never the only one there is.
    fn passes_on(&self, incident: IncidentId, hospital: &HospitalId) -> bool {
        let Some(case) = self.cases.get(&incident) else { return false };
        let Some(staff) = self.staff.get(hospital) else { return false };
        let settings = &self.plan.settings.hospital;
        let percent = if staff.percent() >= settings.crowded_percent {
            settings.divert_crowded_percent
        } else {
            settings.divert_percent
        };
        case.n_diverts == 0
            && self.staff.len() > 1
            && case.chances.divert < f64::from(percent) / 100.0
    }

    fn change_doors(&mut self, now: Timestamp, id: &HospitalId, closed_until: Option<Timestamp>) {
        let Some(staff) = self.staff.get_mut(id) else { return };
        staff.n_door_changes += 1;
        let what = format!("{id}-doors-{}", staff.n_door_changes);
        let hospital = id.clone();
        let command = match closed_until {
            Some(until) => {
                let reason = "emergency department full".to_owned();
                Command::DivertAmbulances { hospital, reason, until: Some(until) }
            }
            None => Command::OpenDoors { hospital },
        };
        self.send(now, &what, format!("hospital:{id}"), command);
    }
}

impl Staff {
    /// One more patient lies in the department.
    pub(crate) fn take_in(&mut self) {
        self.brought += 1.0 / f64::from(self.beds);
    }

    /// Lets the occupancy wander (Ornstein-Uhlenbeck), and room be made for those brought.
    fn wander_until(&mut self, now: Timestamp, settings: &HospitalSettings) {
        let hours = self.looked_at.map_or(0.0, |at| now.since(at).as_secs_f64() / 3600.0);
        self.looked_at = Some(now);
        let keep = (-hours / settings.wander_h).exp();
        let sd = f64::from(settings.wander_percent) / 100.0;
        self.wander = self.wander * keep + sd * (1.0 - keep * keep).sqrt() * normal(&mut self.rng);
        self.brought *= (-hours * 60.0 / f64::from(settings.make_room_min)).exp();
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few times the number of beds, never negative"
    )]
    fn occupied(&self) -> u32 {
        let share = (self.usual + self.wander + self.brought).max(0.0);
        (share * f64::from(self.beds)).round() as u32
    }

    fn percent(&self) -> u32 {
        self.occupied() * 100 / self.beds
    }

    /// A whole number from 0 to `limit`.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "some minutes in milliseconds"
    )]
    fn within(&mut self, limit: i64) -> i64 {
        (share(&mut self.rng) * limit as f64) as i64
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "tasks take minutes"
)]
fn scaled(span: Millis, factor: f64) -> Millis {
    Millis::new((span.get() as f64 * factor).round() as i64)
}

//! How long people take over one call: drawn once, before anything happens, so that nothing that
//! happens can change it.

use ems_model::Millis;

use crate::chance::{Purpose, lognormal, share, stream};
use crate::mix::{ComplaintMix, Severity};
use crate::settings::Settings;

/// What chance decides about the people of one call.
#[derive(Debug, Clone)]
pub(crate) struct Chances {
    pub(crate) answer: Millis,
    pub(crate) question: Millis,
    pub(crate) triage: Millis,
    pub(crate) assign: Millis,
    pub(crate) again: Millis,
    pub(crate) acknowledge: Millis,
    pub(crate) turn_out_at_station: Millis,
    pub(crate) turn_out_on_road: Millis,
    /// What the drives take, over the road profile's time.
    pub(crate) to_scene: f64,
    pub(crate) to_hospital: f64,
    pub(crate) walk: Millis,
    pub(crate) connect: Millis,
    pub(crate) assess: Millis,
    pub(crate) on_scene: Millis,
    pub(crate) is_released: bool,
    pub(crate) hand_over: Millis,
    pub(crate) clear: Millis,
    pub(crate) reception_seen: Millis,
    pub(crate) reception_answer: Millis,
    /// Compared with the hospital's chance of passing the patient on.
    pub(crate) divert: f64,
    pub(crate) take_task: Millis,
    /// What the hospital's tasks take, over their lead.
    pub(crate) task: f64,
    pub(crate) expert: Millis,
}

impl Chances {
    /// What the seed has to say about a call.
    pub(crate) fn draw(
        seed: u64,
        call_idx: u64,
        settings: &Settings,
        complaint: &ComplaintMix,
        severity: Severity,
    ) -> Self {
        let mut rng = stream(seed, Purpose::People, call_idx);
        let rng = &mut rng;
        let (desk, crew, hospital) = (&settings.dispatcher, &settings.crew, &settings.hospital);
        let drive = (crew.drive_percent_median, crew.drive_percent_p90);
        let task = (hospital.task_percent_median, hospital.task_percent_p90);
        let percent = |(median, p90): (u32, u32), rng: &mut _| {
            lognormal(f64::from(median) / 100.0, f64::from(p90) / 100.0, rng)
        };
        Self {
            answer: desk.answer.draw(rng),
            question: desk.question.draw(rng),
            triage: desk.triage.draw(rng),
            assign: desk.assign.draw(rng),
            again: desk.again.draw(rng),
            acknowledge: crew.acknowledge.draw(rng),
            turn_out_at_station: crew.turn_out_at_station.draw(rng),
            turn_out_on_road: crew.turn_out_on_road.draw(rng),
            to_scene: percent(drive, rng),
            to_hospital: percent(drive, rng),
            walk: crew.walk.draw(rng),
            connect: settings.devices.connect.draw(rng),
            assess: crew.assess.draw(rng),
            on_scene: complaint.on_scene.draw(rng),
            is_released: share(rng) < complaint.released && severity == Severity::Minor,
            hand_over: crew.hand_over.draw(rng),
            clear: crew.clear.draw(rng),
            reception_seen: hospital.acknowledge.draw(rng),
            reception_answer: hospital.answer.draw(rng),
            divert: share(rng),
            take_task: hospital.take_task.draw(rng),
            task: percent(task, rng),
            expert: settings.expert.answer.draw(rng),
        }
    }
}

//! A recorded day: what of a log would have come to pass under any policy, and what was decided.

mod reader;

use std::collections::BTreeMap;

use ems_dispatch::Reference;
use ems_model::{
    Call, Choice, Command, Findings, HospitalCandidate, HospitalId, IncidentId, Millis, Outcome,
    Position, Priority, Recorded, Timestamp, UnitCandidate, UnitId, UnitReason, UnitStep,
};

/// What happened on a day and is told to each rerun of it.
#[derive(Debug)]
pub(super) struct RecordedDay {
    /// What others than dispatchers and crews did: shifts, breaks, hospitals, switches of policy.
    pub(super) inputs: Vec<(Timestamp, Command)>,
    /// In the order in which they were taken.
    pub(super) calls: Vec<RecordedCall>,
    /// The policy that was in force at first; `None` where the log does not tell.
    pub(super) policy: Option<String>,
    /// From the last triage to the first unit, where units were free; the median.
    pub(super) decides_within: Millis,
    /// Ways home that the log tells from end to end.
    pub(super) returns: Vec<Return>,
    /// Posts that people chose otherwise than the policy.
    pub(super) n_posts_overruled: u32,
    pub(super) end: Timestamp,
}

/// A call with what was decided about it.
#[derive(Debug, Clone)]
pub(super) struct RecordedCall {
    pub(super) incident: IncidentId,
    pub(super) taken_at: Timestamp,
    pub(super) call: Call,
    pub(super) suggested: Priority,
    pub(super) triages: Vec<Triaged>,
    pub(super) sent: Vec<Sent>,
    pub(super) chosen: Vec<Chosen>,
    /// What crews found, and when.
    pub(super) found: Vec<(Timestamp, Findings)>,
    pub(super) refusals: BTreeMap<HospitalId, Refusal>,
    /// No unit was free when one was to be sent.
    pub(super) has_waited: bool,
    pub(super) trims: Vec<Trimmed>,
    pub(super) end: Option<(Timestamp, End)>,
}

#[derive(Debug, Clone)]
pub(super) struct Triaged {
    pub(super) at: Timestamp,
    pub(super) priority: Priority,
    pub(super) reason: Option<String>,
}

/// A unit on a call.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) at: Timestamp,
    pub(super) unit: UnitId,
    pub(super) choice: Choice<UnitCandidate>,
    /// When it took each step first.
    pub(super) steps: BTreeMap<UnitStep, Timestamp>,
    /// When it was free again.
    pub(super) free_at: Option<Timestamp>,
    /// From a unit's coming free until it was sent.
    pub(super) after_freed: Option<Millis>,
}

/// A crew on scene told which places nobody needs to take.
#[derive(Debug, Clone)]
pub(super) struct Trimmed {
    pub(super) at: Timestamp,
    pub(super) slots: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub(super) at: Timestamp,
    pub(super) hospital: HospitalId,
    pub(super) choice: Choice<HospitalCandidate>,
}

/// A hospital passed the patient on.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// From its being chosen.
    pub(super) after: Millis,
    pub(super) reason: String,
}

#[derive(Debug, Clone)]
pub(super) enum End {
    Closed(Outcome),
    Cancelled(String),
}

/// A unit's way from where it became free to where it waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Return {
    pub(super) from: Place,
    pub(super) to: Position,
    pub(super) took: Millis,
}

/// A place that the log names by what is there.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    Scene(Position),
    /// The hospital of that place in the city's list.
    Hospital(usize),
}

impl RecordedCall {
    /// The unit that brought the patient, else the one that came first, else the last one sent.
    pub(super) fn lead(&self) -> Option<&Sent> {
        let took = |step| self.sent.iter().find(|sent| sent.steps.contains_key(&step));
        took(UnitStep::LeaveScene).or_else(|| self.first_there()).or(self.sent.last())
    }

    /// The crew that was on scene first.
    pub(super) fn first_there(&self) -> Option<&Sent> {
        let crews = self.sent.iter().filter(|sent| sent.choice.chosen.kind.is_crewed());
        let arrived = crews.filter(|sent| sent.arrived_at().is_some());
        arrived.min_by_key(|sent| sent.arrived_at())
    }

    pub(super) fn triaged_at(&self) -> Option<Timestamp> {
        self.triages.first().map(|triaged| triaged.at)
    }

    pub(super) fn priority(&self) -> &Priority {
        self.triages.last().map_or(&self.suggested, |triaged| &triaged.priority)
    }

    /// Whether the patient was, or would have been, brought to a hospital.
    pub(super) fn is_transport(&self) -> bool {
        let stays = |outcome| outcome != Outcome::HandedOver;
        !matches!(self.end, Some((_, End::Closed(outcome))) if stays(outcome))
    }

    /// Units by the decision that sent them, each of which may have sent several at once.
    pub(super) fn responses(&self) -> impl Iterator<Item = &[Sent]> {
        self.sent.chunk_by(|one, next| one.at == next.at)
    }

    /// When the patient left the scene, or was found to stay.
    pub(super) fn left_at(&self) -> Option<Timestamp> {
        let left = self.lead().and_then(|lead| lead.steps.get(&UnitStep::LeaveScene).copied());
        left.or(self.end.as_ref().map(|(at, _)| *at))
    }

    /// From the first crew's arrival until then.
    pub(super) fn after_arrival(&self, at: Timestamp) -> Option<Millis> {
        Some(at.since(self.first_there()?.arrived_at()?))
    }
}

impl Sent {
    /// The place of the run card that it took; `None` in a log without run cards.
    pub(super) fn slot(&self) -> Option<&str> {
        self.choice.chosen.pros.iter().find_map(|reason| match reason {
            UnitReason::Fills { slot } => Some(slot.as_str()),
            _ => None,
        })
    }

    pub(super) fn arrived_at(&self) -> Option<Timestamp> {
        self.steps.get(&UnitStep::ArriveOnScene).copied()
    }

    /// How long it took from one step to another.
    pub(super) fn span(&self, from: UnitStep, to: UnitStep) -> Option<Millis> {
        let span = self.steps.get(&to)?.since(*self.steps.get(&from)?);
        Some(span.max(Millis::ZERO))
    }

    pub(super) fn turn_out(&self) -> Option<Millis> {
        let left_at = self.steps.get(&UnitStep::GoEnRoute)?;
        Some(left_at.since(self.at).max(Millis::ZERO))
    }

    /// How long the drive to the scene took, and was expected to take; `None` where the log does
    /// not tell both.
    pub(super) fn drive(&self, reference: &Reference) -> Option<(Millis, Millis)> {
        let policy = reference.policy_named(&self.choice.policy).unwrap_or(reference.policy());
        let expected = self.choice.chosen.eta? - policy.units.turn_out;
        Some((self.span(UnitStep::GoEnRoute, UnitStep::ArriveOnScene)?, expected))
    }

    /// The drive to the hospital over what was expected of it.
    pub(super) fn hospital_factor(&self, expected: Option<Millis>) -> Option<f64> {
        factor(self.span(UnitStep::LeaveScene, UnitStep::ArriveAtHospital)?, expected?)
    }
}

/// Drives expected to be shorter than this tell nothing of their speed.
const TELLING: Millis = Millis::from_secs(30);

/// What a drive took over what was expected of it, within 0.2..=5; `None` where that tells nothing.
pub(super) fn factor(took: Millis, expected: Millis) -> Option<f64> {
    let is_telling = expected >= TELLING;
    is_telling.then(|| (took.as_secs_f64() / expected.as_secs_f64()).clamp(0.2, 5.0))
}

impl RecordedDay {
    /// Of a log that [`ems_centre::Centre::replay`] has accepted.
    pub(super) fn read(log: &[Recorded], city: &ems_centre::City) -> Self {
        let mut reader = reader::Reader::default();
        for recorded in log {
            reader.end = recorded.recorded_at;
            reader.read(recorded, city);
        }
        let decides_within = reader.decides_within();
        Self {
            inputs: reader.inputs,
            calls: reader.calls,
            policy: reader.policy,
            decides_within,
            returns: reader.returns,
            n_posts_overruled: reader.n_posts_overruled,
            end: reader.end,
        }
    }

    /// The same from `start` on: who is on duty then signs on, hospitals are as they were last, and
    /// calls before are left out.
    pub(super) fn since(mut self, start: Timestamp) -> Self {
        let (before, after): (Vec<_>, Vec<_>) =
            self.inputs.into_iter().partition(|(at, _)| *at < start);
        let mut inputs = standing(before, start, &mut self.policy);
        inputs.extend(after);
        self.inputs = inputs;
        self.calls.retain(|call| call.taken_at >= start);
        self
    }

    /// When it begins.
    pub(super) fn start(&self) -> Option<Timestamp> {
        let calls = self.calls.first().map(|call| call.taken_at);
        self.inputs.first().map(|(at, _)| *at).into_iter().chain(calls).min()
    }

    /// The call that a unit was with at some time.
    pub(super) fn busy_with(&self, unit: &UnitId, at: Timestamp) -> Option<IncidentId> {
        let with = |sent: &Sent| {
            sent.unit == *unit && sent.at <= at && sent.free_at.is_none_or(|free| at < free)
        };
        self.calls.iter().find(|call| call.sent.iter().any(with)).map(|call| call.incident)
    }

    /// The last call that a unit had been with before some time.
    pub(super) fn last_call(&self, unit: &UnitId, at: Timestamp) -> Option<IncidentId> {
        let sent =
            self.calls.iter().flat_map(|call| call.sent.iter().map(move |sent| (call, sent)));
        let earlier = sent.filter(|(_, sent)| sent.unit == *unit && sent.at < at);
        earlier.max_by_key(|(_, sent)| sent.at).map(|(call, _)| call.incident)
    }
}

/// What of these still holds at `start`, told then.
fn standing(
    before: Vec<(Timestamp, Command)>,
    start: Timestamp,
    policy: &mut Option<String>,
) -> Vec<(Timestamp, Command)> {
    let mut holds: BTreeMap<(u8, String), Command> = BTreeMap::new();
    for (_, command) in before {
        match &command {
            Command::SignOnUnit { unit, .. } => drop(holds.insert((0, unit.to_string()), command)),
            Command::SignOffUnit { unit } => {
                holds.remove(&(0, unit.to_string()));
                holds.remove(&(1, unit.to_string()));
            }
            Command::RestCrew { unit, until } if *until > start => {
                holds.insert((1, unit.to_string()), command);
            }
            Command::ReportCrowding { hospital, .. } => {
                holds.insert((2, hospital.to_string()), command);
            }
            Command::DivertAmbulances { hospital, until, .. }
                if until.is_none_or(|until| until > start) =>
            {
                holds.insert((3, hospital.to_string()), command);
            }
            Command::OpenDoors { hospital } | Command::DivertAmbulances { hospital, .. } => {
                holds.remove(&(3, hospital.to_string()));
            }
            Command::SwitchPolicy { policy: to, .. } => *policy = Some(to.clone()),
            _ => {}
        }
    }
    holds.into_values().map(|command| (start, lengthened(command, start))).collect()
}

/// A shift that should have ended by then goes on for an hour: its unit is still on duty.
fn lengthened(mut command: Command, start: Timestamp) -> Command {
    if let Command::SignOnUnit { shift_until, .. } = &mut command {
        *shift_until = (*shift_until).max(start + Millis::from_mins(60));
    }
    command
}

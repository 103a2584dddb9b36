//! A major incident as the city's people live it: crews tag and carry, a dispatcher declares,
//! spreads and stands down.

use std::collections::BTreeMap;

use ems_dispatch::{Next, TagTree, Tagging};
use ems_model::{
    AgeGroup, Areas, CasualtyId, CasualtyPlace, Command, HospitalId, IncidentId, MajorEvent,
    MajorOrder, Millis, Outcome, Phase, SceneEnd, StagingArea, Tag, Timestamp, UnitId, UnitStep,
};

use super::{City, DISPATCHER, Mode, Wake};
use crate::calls::PlannedCall;
use crate::chance::{Purpose, pick, share, stream};
use crate::mix::Severity;

/// A major incident to rehearse. What chance decides is the project's own estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MajorPlan {
    /// How many casualties there are to find, 1..=500.
    pub n_casualties: u32,
    /// When it is called in, from the start of the rehearsal.
    pub after: Millis,
}

/// The place of its call beside those of the calls that chance or a list gives.
const CALL_IDX: u64 = 1 << 39;
/// Of a hundred casualties: immediate, delayed, minor, deceased.
const TAGS: [(Tag, f64); 4] =
    [(Tag::Immediate, 20.0), (Tag::Delayed, 30.0), (Tag::Minor, 45.0), (Tag::Deceased, 5.0)];
/// Share of casualties that look like children.
const CHILDREN: f64 = 0.15;
/// How long a tagging and a loading take.
const TAGGING: Millis = Millis::from_secs(40);
const LOADING: Millis = Millis::from_mins(3);
/// How often a crew without work, and the dispatcher, look again.
const LOOK: Millis = Millis::from_secs(30);
/// Units that wait at staging.
const STAGED_MAX: u32 = 12;

/// A declared major incident.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    /// Who is really there, in the order in which they are found; nobody where people declared it.
    truths: Vec<(Tag, AgeGroup)>,
    found: BTreeMap<CasualtyId, Found>,
    is_over: bool,
    wants_places: bool,
    n_orders: u32,
}

#[derive(Debug)]
struct Found {
    tag: Tag,
    at: At,
}

#[derive(Debug, PartialEq, Eq)]
enum At {
    Scene,
    Allotted(HospitalId),
    Loaded(UnitId, HospitalId),
    Over,
}

/// What a crew does at a major incident.
pub(crate) enum MajorAct {
    Tag,
    End(CasualtyId),
    Load(CasualtyId),
    Step(UnitStep),
    Wait,
}

impl Scene {
    fn new(seed: u64, n_casualties: u32) -> Self {
        let mut rng = stream(seed, Purpose::Call, CALL_IDX + 1);
        let mut truth = |_| {
            let weights = TAGS.iter().map(|(_, weight)| *weight);
            let tag = TAGS[pick(share(&mut rng), weights).unwrap_or_default()].0;
            let is_child = share(&mut rng) < CHILDREN;
            (tag, if is_child { AgeGroup::Child } else { AgeGroup::Adult })
        };
        Self { truths: (0..n_casualties.min(500)).map(&mut truth).collect(), ..Self::default() }
    }

    /// How many casualties are still to be carried, as far as anybody can tell.
    fn n_waiting(&self) -> usize {
        let on_scene = self.found.values().filter(|it| it.is_waiting()).count();
        on_scene + self.truths.len().saturating_sub(self.found.len())
    }

    fn aboard<'a>(&'a self, unit: &'a UnitId) -> impl Iterator<Item = (&'a Found, &'a HospitalId)> {
        self.found.values().filter_map(move |it| match &it.at {
            At::Loaded(by, hospital) if by == unit => Some((it, hospital)),
            _ => None,
        })
    }

    pub(crate) fn goal(&self, unit: &UnitId) -> Option<HospitalId> {
        self.aboard(unit).next().map(|(_, hospital)| hospital.clone())
    }

    fn is_cleared(&self) -> bool {
        self.found.len() >= self.truths.len() && self.found.values().all(|it| it.at == At::Over)
    }
}

impl Found {
    fn is_waiting(&self) -> bool {
        self.tag != Tag::Deceased && matches!(self.at, At::Scene | At::Allotted(_))
    }
}

impl City {
    /// Plans the call of the major incident that is to be rehearsed.
    pub(crate) fn plan_major(&mut self) {
        if let Some(plan) = self.plan.major {
            self.agenda.set(Wake::MajorRings, self.plan.start + plan.after);
        }
    }

    pub(crate) fn ring_major(&mut self, now: Timestamp) {
        let mut rng = stream(self.plan.seed, Purpose::Call, CALL_IDX);
        let call = PlannedCall {
            idx: CALL_IDX,
            rings_after: now.since(self.plan.start),
            position: self.pack.roads.somewhere(share(&mut rng)).position(),
            address: "many injured".to_owned(),
            complaint: "trauma".to_owned(),
            age: 40,
            severity: Severity::Critical,
        };
        let chances = self.chances(call.idx, &call.complaint, call.severity);
        self.agenda.set(Wake::CallTaken(CALL_IDX), now + chances.answer + chances.question);
        self.ringing.insert(CALL_IDX, call);
    }

    /// The incident of that planned call is the major one.
    pub(crate) fn note_major(&mut self, idx: Option<u64>, incident: IncidentId) {
        if idx == Some(CALL_IDX) {
            self.major_call = Some(incident);
        }
    }

    /// Declares it once it has a priority.
    pub(crate) fn declare(&mut self, now: Timestamp, incident: IncidentId) {
        let is_due = self.major_call == Some(incident) && !self.scenes.contains_key(&incident);
        let Some(case) = self.cases.get(&incident) else { return };
        if !is_due || self.plan.dispatcher == Mode::Manual {
            return;
        }
        let position = case.position;
        let area = StagingArea { name: "Staging".to_owned(), position, n_units_max: STAGED_MAX };
        let areas = Areas { staging: vec![area], collection: None };
        let order = MajorOrder::Declare { areas, methane: None };
        self.order(now, incident, "declare", DISPATCHER.to_owned(), order);
    }

    pub(crate) fn on_major(&mut self, at: Timestamp, incident: IncidentId, what: &MajorEvent) {
        if let MajorEvent::Declared { .. } = what {
            let own = self.plan.major.filter(|_| self.major_call == Some(incident));
            let scene = own.map(|plan| Scene::new(self.plan.seed, plan.n_casualties));
            self.scenes.insert(incident, scene.unwrap_or_default());
            self.plan_for_scene(at, incident);
            return;
        }
        if let MajorEvent::CasualtyBrought { hospital, .. } = what
            && let Some(staff) = self.staff.get_mut(hospital)
        {
            staff.take_in();
        }
        let Some(scene) = self.scenes.get_mut(&incident) else { return };
        scene.take(what);
        if scene.is_over && self.major_call == Some(incident) {
            let command = Command::CloseIncident { incident, outcome: Outcome::HandedOver };
            self.send(at, &format!("major{incident}-close"), DISPATCHER.to_owned(), command);
        }
        self.turn_with(at, incident, what);
    }

    /// An ambulance under way whose people were given another hospital turns there.
    fn turn_with(&mut self, at: Timestamp, incident: IncidentId, what: &MajorEvent) {
        let MajorEvent::CasualtyAllotted { casualty, .. } = what else { return };
        let found = self.scenes.get(&incident).and_then(|scene| scene.found.get(casualty));
        let Some(Found { at: At::Loaded(unit, _), .. }) = found else { return };
        let unit = unit.clone();
        let job = self.crews.get(&unit).and_then(|crew| crew.job);
        if job.is_some_and(|job| job.phase == Phase::Transporting) {
            let act_at = self.depart_with_casualties(at, &unit, incident);
            self.agenda.set(Wake::Crew(unit), act_at);
        }
    }

    /// The dispatcher of a major incident looks at it again.
    pub(crate) fn look_at_scene(&mut self, now: Timestamp, incident: IncidentId) {
        let Some(scene) = self.scenes.get_mut(&incident).filter(|scene| !scene.is_over) else {
            return;
        };
        if self.plan.dispatcher == Mode::Manual {
            return;
        }
        let is_rehearsed = self.major_call == Some(incident);
        if scene.is_cleared() && is_rehearsed {
            self.order(now, incident, "stand-down", DISPATCHER.to_owned(), MajorOrder::StandDown);
        } else if scene.found.values().any(|it| it.at == At::Scene && it.is_waiting()) {
            scene.wants_places = true;
            self.client.ask(now, incident, &mut self.agenda, &mut self.outbox);
        }
        if self.wants_unit(incident) {
            self.look_for_unit(now, incident);
        }
        self.plan_for_scene(now, incident);
    }

    fn plan_for_scene(&mut self, now: Timestamp, incident: IncidentId) {
        let at = now.max(self.plan.start) + LOOK;
        self.agenda.set(Wake::Major(incident), at);
    }

    /// Allots as the centre recommends.
    pub(crate) fn allot(&mut self, now: Timestamp, incident: IncidentId, places: &[CasualtyPlace]) {
        let Some(scene) = self.scenes.get_mut(&incident) else { return };
        if !std::mem::take(&mut scene.wants_places) || places.is_empty() {
            return;
        }
        scene.n_orders += 1;
        let what = format!("allot-{}", scene.n_orders);
        let order = MajorOrder::Allot { places: places.to_vec(), overrule: None };
        self.order(now, incident, &what, DISPATCHER.to_owned(), order);
    }

    /// Whether the case needs one more unit: a first one, or, at a major incident, one for each
    /// casualty who waits, up to half the fleet.
    pub(crate) fn wants_unit(&self, incident: IncidentId) -> bool {
        let Some(case) = self.cases.get(&incident).filter(|case| !case.is_over()) else {
            return false;
        };
        match self.scenes.get(&incident) {
            None => case.units.is_empty(),
            Some(scene) => {
                let is_free = |unit: &&UnitId| {
                    let crew = self.crews.get(*unit);
                    crew.is_some_and(|crew| crew.kind.can_transport())
                        && scene.aboard(unit).next().is_none()
                };
                let n_units = case.units.iter().filter(is_free).count();
                case.units.len() < self.crews.len() / 2 && n_units < scene.n_waiting()
            }
        }
    }

    /// What a crew does there; `None` where it does what it would at any incident.
    pub(crate) fn major_act(
        &self,
        unit: &UnitId,
        incident: IncidentId,
        phase: Phase,
    ) -> Option<MajorAct> {
        let scene = self.scenes.get(&incident)?;
        match phase {
            Phase::OnScene | Phase::AtPatient if scene.is_over => {
                Some(MajorAct::Step(UnitStep::ReturnToService))
            }
            Phase::OnScene if !self.crews.get(unit)?.kind.is_crewed() => {
                Some(MajorAct::Step(UnitStep::ReturnToService))
            }
            Phase::OnScene => Some(MajorAct::Step(UnitStep::ReachPatient)),
            Phase::AtPatient => Some(self.on_scene_act(unit, scene)),
            Phase::Transporting => Some(MajorAct::Step(UnitStep::ArriveAtHospital)),
            _ => None,
        }
    }

    fn on_scene_act(&self, unit: &UnitId, scene: &Scene) -> MajorAct {
        let is_empty = scene.aboard(unit).next().is_none();
        if is_empty && scene.found.len() < scene.truths.len() {
            return MajorAct::Tag;
        }
        let is_dead = |it: &Found| it.tag == Tag::Deceased && it.at == At::Scene;
        if let Some((id, _)) = scene.found.iter().find(|(_, it)| is_dead(it)) {
            return MajorAct::End(*id);
        }
        if let Some(id) = self.next_aboard(unit, scene) {
            return MajorAct::Load(id);
        }
        if !is_empty {
            MajorAct::Step(UnitStep::LeaveScene)
        } else if scene.n_waiting() > 0 || scene.truths.is_empty() {
            MajorAct::Wait
        } else {
            MajorAct::Step(UnitStep::ReturnToService)
        }
    }

    /// The most urgent casualty whom the unit can still take along.
    fn next_aboard(&self, unit: &UnitId, scene: &Scene) -> Option<CasualtyId> {
        let load = self.reference.mass_casualty().load(self.crews.get(unit)?.kind);
        let goal = scene.goal(unit);
        let lies = |it: &Found| it.tag != Tag::Minor;
        let n_lying = scene.aboard(unit).filter(|(it, _)| lies(it)).count();
        if scene.aboard(unit).count() >= load.n_max as usize {
            return None;
        }
        let fits = |it: &Found| match &it.at {
            At::Allotted(hospital) => {
                goal.as_ref().is_none_or(|goal| goal == hospital)
                    && (!lies(it) || n_lying < load.n_lying_max as usize)
            }
            _ => false,
        };
        let fitting = scene.found.iter().filter(|(_, it)| fits(it));
        fitting.min_by_key(|(id, it)| (it.tag, **id)).map(|(id, _)| *id)
    }

    pub(crate) fn act_on_scene(
        &mut self,
        now: Timestamp,
        unit: &UnitId,
        incident: IncidentId,
        act: &MajorAct,
    ) {
        let (takes, what, order) = match act {
            MajorAct::Tag => match self.next_tag(incident) {
                Some((n, order)) => (TAGGING, format!("tag-{n}"), order),
                None => return,
            },
            MajorAct::End(casualty) => {
                let order = MajorOrder::EndOnScene { casualty: *casualty, how: SceneEnd::Dead };
                (TAGGING, format!("end-{casualty}"), order)
            }
            MajorAct::Load(casualty) => {
                let order = MajorOrder::Load { casualty: *casualty, unit: unit.clone() };
                (LOADING, format!("load-{casualty}-{unit}"), order)
            }
            MajorAct::Step(step) => return self.step(now, unit, incident, *step),
            MajorAct::Wait => {
                self.agenda.set(Wake::Crew(unit.clone()), now + LOOK);
                return;
            }
        };
        self.order(now, incident, &what, format!("unit:{unit}"), order);
        self.agenda.set(Wake::Crew(unit.clone()), now + takes);
    }

    /// The tagging of the next casualty, with the answers that are true of them.
    fn next_tag(&self, incident: IncidentId) -> Option<(usize, MajorOrder)> {
        let scene = self.scenes.get(&incident)?;
        let n = scene.found.len();
        let (tag, age_group) = *scene.truths.get(n)?;
        let fits = |tree: &&TagTree| tree.ages.contains(&age_group);
        let mut trees = self.reference.tag_trees().iter().filter(fits);
        let (tree, answers) = trees.find_map(|tree| Some((tree, answers_for(tree, tag)?)))?;
        let (tree, needs) = (tree.name.clone(), Vec::new());
        let order =
            MajorOrder::Tag { casualty: None, age_group, tree, answers, overrule: None, needs };
        Some((n + 1, order))
    }

    pub(crate) fn depart_with_casualties(
        &mut self,
        at: Timestamp,
        unit: &UnitId,
        incident: IncidentId,
    ) -> Timestamp {
        let goal = self.scenes.get(&incident).and_then(|scene| scene.goal(unit));
        let hospital = self.pack.hospitals.iter().find(|it| Some(&it.id) == goal.as_ref());
        let factor = self.cases.get(&incident).map(|case| case.chances.to_hospital);
        match hospital.map(|it| it.position).zip(factor) {
            Some((goal, factor)) => self.depart(at, unit, goal, factor),
            None => at + LOOK,
        }
    }

    fn order(
        &mut self,
        now: Timestamp,
        incident: IncidentId,
        what: &str,
        actor: String,
        order: MajorOrder,
    ) {
        let command = Command::MajorIncident { incident, order };
        self.send(now, &format!("major{incident}-{what}"), actor, command);
    }
}

impl Scene {
    fn take(&mut self, what: &MajorEvent) {
        match what {
            MajorEvent::CasualtyTagged { casualty, finding } => {
                let found = Found { tag: finding.tag, at: At::Scene };
                self.found.entry(*casualty).or_insert(found).tag = finding.tag;
            }
            MajorEvent::CasualtyAllotted { casualty, hospital, .. } => {
                self.put(*casualty, |at| match at {
                    At::Loaded(unit, _) => At::Loaded(unit, hospital.clone()),
                    _ => At::Allotted(hospital.clone()),
                });
            }
            MajorEvent::CasualtyLoaded { casualty, unit } => self.put(*casualty, |at| match at {
                At::Allotted(hospital) => At::Loaded(unit.clone(), hospital),
                other => other,
            }),
            MajorEvent::CasualtyUnloaded { casualty, .. } => self.put(*casualty, |at| match at {
                At::Loaded(_, hospital) => At::Allotted(hospital),
                other => other,
            }),
            MajorEvent::CasualtyBrought { casualty, .. }
            | MajorEvent::CasualtyEnded { casualty, .. } => self.put(*casualty, |_| At::Over),
            MajorEvent::StoodDown => self.is_over = true,
            MajorEvent::Declared { .. }
            | MajorEvent::Reported { .. }
            | MajorEvent::UnitStaged { .. }
            | MajorEvent::UnitCalledForward { .. } => {}
        }
    }

    fn put(&mut self, casualty: CasualtyId, change: impl FnOnce(At) -> At) {
        if let Some(found) = self.found.get_mut(&casualty) {
            found.at = change(std::mem::replace(&mut found.at, At::Over));
        }
    }
}

/// Answers that lead through the tree to a tag; `None` where no way does.
fn answers_for(tree: &TagTree, tag: Tag) -> Option<BTreeMap<String, bool>> {
    let mut ways = vec![BTreeMap::new()];
    while let Some(answers) = ways.pop() {
        match tree.follow(&answers) {
            Tagging::Tagged(found) if found == tag => return Some(answers),
            Tagging::Tagged(_) => {}
            Tagging::Ask(step) => {
                for (is_yes, next) in [(true, &step.yes), (false, &step.no)] {
                    if matches!(next, Next::Tag(other) if *other != tag) {
                        continue;
                    }
                    let mut way = answers.clone();
                    way.insert(step.id.clone(), is_yes);
                    ways.push(way);
                }
            }
        }
    }
    None
}

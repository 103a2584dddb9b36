/** A toy centre: enough of the API's behaviour to look at every screen. */
import { ALARMS, CHUNK_US, derived, vitals, wave } from './body.mjs';
import { CITY, HOSPITALS, makeUnits, SCHEME, STATIONS } from './city.mjs';
import { makeReport } from './report.mjs';

const TASKS = [['drug', 'tenecteplase', 300_000], ['equipment', 'cath-lab', 900_000], ['people', 'cardiologist', 600_000], ['equipment', 'resus-bay', 120_000]];
const PHASES = { acknowledge: 'acknowledged', go_en_route: 'en_route', arrive_on_scene: 'on_scene', reach_patient: 'at_patient', leave_scene: 'transporting', arrive_at_hospital: 'at_hospital', transfer_care: 'care_transferred' };
const ETIMES = { reach_patient: 'eTimes.07' };
const copy = (value) => structuredClone(value);

export class Refused extends Error {
  constructor(status, code, message, won_by = null) {
    super(message);
    Object.assign(this, { status, code, won_by });
  }
}

export class MockCentre {
  constructor({ speed = 4, units = 12, start = Date.now() * 1000 } = {}) {
    Object.assign(this, { speed, now: start, seq: 0, frames: 0, incidents: new Map(), log: [], answers: new Map(), listeners: new Set() });
    this.units = new Map(makeUnits(units, start).map((unit) => [unit.id, unit]));
    this.hospitals = new Map(copy(HOSPITALS).map((hospital) => [hospital.id, hospital]));
    this.plans = new Map();
    this.taskIds = 0;
    this.seed();
  }

  seed() {
    const call = (complaint, lat, lon, address, age, agoS, answers = {}) => ({
      position: { lat, lon }, address, caller: null, complaint, answers, age, rang_at: this.now - agoS * 1e6,
    });
    const take = (body, priority) => this.command({ key: `seed${this.seq}`, actor: 'dispatcher:wang', command: { type: 'take_call', call: body, priority } }).incident;
    const sick = take(call('chest-pain', 35.912, 14.485, 'Triq il-Kbira 18, Birkirkara', 58, 40, { sweat: 'yes' }), 'I');
    take(call('abdominal-pain', 35.892, 14.44, '复兴路 22 号', 31, 300), 'III');
    take(call('minor-injury', 35.938, 14.5, 'Triq San Gwann 5', 19, 900), 'IV');
    const crash = take(call('trauma-road', 35.87, 14.47, 'Regional road, junction 7', null, 120, { trapped: 'no' }), 'II');
    this.command({ key: 'a', actor: 'dispatcher:wang', command: { type: 'assign_unit', incident: sick, expected_version: null, unit: 'A101', overrule: null } });
    this.command({ key: 'b', actor: 'dispatcher:wang', command: { type: 'choose_hospital', incident: sick, expected_version: null, hospital: 'n1', overrule: null } });
    this.command({ key: 'c', actor: 'dispatcher:wang', command: { type: 'assign_unit', incident: crash, expected_version: null, unit: 'A104', overrule: 'Local knowledge of the roads' } });
    for (const step of ['acknowledge', 'go_en_route', 'arrive_on_scene', 'reach_patient']) this.step('A101', step);
    this.plans.set('A101', { dueAt: this.now + 200e6, steps: ['leave_scene', 'arrive_at_hospital', 'transfer_care', 'return_to_service'] });
    this.incidents.get(sick).alarms = ALARMS.map((alarm) => ({ unit: 'A101', alarm, at: this.now }));
    Object.assign(this.hospitals.get('n2'), { crowding: { occupied: 14, beds: 12, reported_at: this.now - 4e8 } });
    this.hospitals.get('n3').doors = { state: 'diverting', reason: 'CT out of order', until: this.now + 3.6e9 };
  }

  snapshot() {
    const { seq, now, speed } = this;
    return { seq, now, speed, city: CITY, scheme: SCHEME, incidents: [...this.incidents.values()], units: [...this.units.values()], vitals: this.monitored().map((unit) => vitals(unit.id, this.frames, this.now, unit.state.incident)), hospitals: [...this.hospitals.values()], stations: STATIONS, traffic: this.trafficSummary() };
  }

  trafficSummary() {
    return { n_arcs: 0, n_closed: 0, n_fleet: 0, newest: null, next_end: null };
  }

  traffic() {
    return { now: this.now, ...this.trafficSummary(), stretches: [] };
  }

  triage({ complaint, answers, age }) {
    const urgent = Object.values(answers).includes('yes');
    const rank = complaint === 'cardiac-arrest' ? 1 : complaint === 'minor-injury' ? 4 : urgent ? 1 : 2;
    const because = urgent && complaint === 'chest-pain' ? ['chest-pain.cold-sweat'] : [`${complaint}.default`];
    if (age === null) because.push(`${complaint}.unknown-age`);
    return { suggested: { rank, code: SCHEME.levels[rank - 1].code }, because, needs: ['emergency'] };
  }

  recommendation(id) {
    const incident = this.incident(id);
    const weigh = (unit) => {
      const eta = Math.round(this.metres(unit.position, incident.call.position) / 0.014);
      const isFree = unit.state.state === 'available';
      const target = SCHEME.levels[incident.suggested.rank - 1].target;
      const cons = [];
      if (unit.state.state === 'engaged') cons.push({ reason: 'busy', incident: unit.state.incident });
      if (unit.state.state === 'off_duty') cons.push({ reason: 'off_duty' });
      if (unit.crew.state.state === 'resting') cons.push({ reason: 'crew_rest', until: unit.crew.state.until });
      if (target !== null && eta > target) cons.push({ reason: 'too_far', eta, target });
      const age = Math.round((this.now - unit.position_at) / 1000);
      if (age > 30_000) cons.push({ reason: 'stale_position', age, limit: 30_000 });
      if (unit.kind === 'bls' && incident.suggested.rank < 3) cons.push({ reason: 'wrong_capability', has: 'bls', needs: 'als' });
      if (unit.id === 'A103') cons.push({ reason: 'would_uncover_area', station: 's3', next_cover: 610_000 });
      const pros = target !== null && eta <= target ? [{ reason: 'within_target', eta, target }] : [];
      return { unit: unit.id, kind: unit.kind, eta, cost: eta + 120_000 * cons.length, is_eligible: isFree && unit.crew.state.state === 'on_shift', pros, cons };
    };
    const units = [...this.units.values()].map(weigh).sort((a, b) => b.is_eligible - a.is_eligible || a.cost - b.cost);
    units[0].pros.unshift({ reason: 'nearest' });
    const hospitals = [...this.hospitals.values()].map((hospital) => {
      const drive = Math.round(this.metres(hospital.position, incident.call.position) / 0.013);
      const has = hospital.capabilities.includes('pci');
      const cons = has ? [] : [{ reason: 'lacks_capability', capability: 'pci' }];
      if (hospital.doors.state === 'diverting') cons.push({ reason: 'diverting', why: hospital.doors.reason });
      if (hospital.crowding) cons.push({ reason: 'crowded', percent: 116, limit: 100 });
      else cons.push({ reason: 'crowding_unknown' });
      return { hospital: hospital.id, drive, cost: drive + 900_000 * cons.length, is_suitable: has, pros: has ? [{ reason: 'has_capability', capability: 'pci' }] : [], cons };
    }).sort((a, b) => a.cost - b.cost);
    return { incident: id, version: incident.version, at: this.now, units: { policy: 'closest-eta/1', candidates: units }, hospitals: { policy: 'hospital/1', needs: ['emergency', 'pci'], prefers: [], judgements: [], window: 5_400_000, candidates: hospitals }, remote_care: null };
  }

  command({ key, actor, command }) {
    if (this.answers.has(key)) return { ...this.answers.get(key), is_repeated: true };
    const act = this[`do_${command.type}`];
    if (!act) throw new Refused(400, 'malformed', `command "${command.type}" is not known: see docs/api.md`);
    this.actor = actor;
    const incident = act.call(this, command) ?? command.incident ?? null;
    const ack = { seq: this.seq, incident, is_repeated: false };
    this.answers.set(key, ack);
    return ack;
  }

  incident(id, expected = null) {
    const incident = this.incidents.get(id);
    if (!incident) throw new Refused(404, 'unknown', `incident ${id} does not exist: reload the list`);
    if (expected !== null && expected !== incident.version) {
      throw new Refused(409, 'conflict', `incident ${id} is at version ${incident.version}, not ${expected}: look again`, incident.last_change);
    }
    return incident;
  }

  do_take_call({ call, priority }) {
    const { suggested, because } = this.triage(call);
    const id = this.incidents.size + 1;
    const level = SCHEME.levels.find(({ code }) => code === priority);
    this.incidents.set(id, {
      id, version: 0, state: level ? 'triaged' : 'received', priority: level ? { rank: level.rank, code: level.code } : null, suggested, because, call, units: [], hospital: null,
      outcome: null, patient: { id, state: 'waiting' }, opened_at: this.now, last_change: null, etas: [], reception: null, remote_care: null, alarms: [], times: [], findings: [], camera: [],
    });
    this.record({ type: 'call_received', incident: id, patient: id, call, suggested, because });
    if (level) this.record({ type: 'incident_triaged', incident: id, priority: { rank: level.rank, code: level.code }, suggested, reason: null });
    return id;
  }

  do_triage({ incident: id, expected_version, priority, reason }) {
    const incident = this.incident(id, expected_version);
    const level = SCHEME.levels.find(({ code }) => code === priority);
    if (!level) throw new Refused(422, 'refused', `priority "${priority}" is not one of I, II, III, IV: choose one of them`);
    incident.priority = { rank: level.rank, code: level.code };
    if (incident.state === 'received') incident.state = 'triaged';
    this.record({ type: 'incident_triaged', incident: id, priority: incident.priority, suggested: incident.suggested, reason });
  }

  do_assign_unit({ incident: id, expected_version, unit: name, overrule }) {
    const incident = this.incident(id, expected_version);
    const unit = this.units.get(name);
    if (unit?.state.state !== 'available') throw new Refused(409, 'illegal_step', `unit ${name} is busy and cannot take a call: it must be available`);
    const { candidates, policy } = this.recommendation(id).units;
    const rank = candidates.findIndex((candidate) => candidate.unit === name) + 1;
    if (rank > 1 && !overrule) throw new Refused(422, 'refused', `unit ${name} is no. ${rank} of the ranking: give a reason`);
    unit.state = { state: 'engaged', incident: id, phase: 'notified' };
    incident.units.push(name);
    if (incident.state === 'triaged') incident.state = 'assigned';
    const eta = this.now + candidates[rank - 1].eta * 1000;
    incident.etas.push({ unit: name, leg: 'to_scene', eta, cause: { cause: 'planned' } });
    this.plans.set(name, { dueAt: this.now + 4e6, steps: ['acknowledge', 'go_en_route', 'arrive_on_scene', 'reach_patient', 'leave_scene', 'arrive_at_hospital', 'transfer_care', 'return_to_service'] });
    this.record({ type: 'unit_assigned', incident: id, unit: name, choice: { policy, rank, chosen: candidates[rank - 1], passed_over: [], overrule } }, { unit });
  }

  do_choose_hospital({ incident: id, expected_version, hospital: name, overrule }) {
    const incident = this.incident(id, expected_version);
    const hospital = this.hospitals.get(name);
    const { candidates, policy } = this.recommendation(id).hospitals;
    const rank = candidates.findIndex((candidate) => candidate.hospital === name) + 1;
    incident.hospital = name;
    this.record({ type: 'hospital_chosen', incident: id, hospital: name, choice: { policy, rank, chosen: candidates[rank - 1], passed_over: [], overrule } });
    const eta = this.now + 840e6;
    const tasks = TASKS.map(([kind, what, lead]) => ({ id: ++this.taskIds, kind, what, lead, due: eta, start_by: eta - lead * 1000, state: 'planned' }));
    incident.reception = { incident: id, hospital: name, state: { state: 'requested' }, eta, tasks };
    hospital.receptions.push(incident.reception);
    const seen = { unit: incident.units[0] ?? 'A101', actor: 'crew', at: this.now };
    incident.camera = [
      { ...seen, what: 'wound', photo: 'a'.repeat(64), size: [4000, 3000], flaws: ['blurred'] },
      { ...seen, what: 'refill', time: 2400, within: 400 },
    ];
    this.record({ type: 'reception_requested', incident: id, hospital: name, eta, tasks: copy(tasks) }, { hospital });
    const moved = { type: 'tasks_moved', incident: id, hospital: name, tasks: tasks.map((task) => task.id), from: eta - 12e7, to: eta, cause: { cause: 'scene_time_overrun', on_scene: 1_260_000 } };
    this.record(moved, { hospital });
  }

  do_answer_reception({ hospital: name, incident: id, answer }) {
    const hospital = this.hospitals.get(name);
    const states = { acknowledge: { state: 'acknowledged' }, accept: { state: 'accepted' }, divert: { state: 'diverted', reason: answer.reason } };
    this.incident(id).reception.state = states[answer.answer];
    this.record({ type: 'reception_answered', incident: id, hospital: name, answer }, { hospital });
  }

  do_step_task({ hospital: name, task: id, step }) {
    const hospital = this.hospitals.get(name);
    const reception = hospital.receptions.find(({ tasks }) => tasks.some((task) => task.id === id));
    const task = reception.tasks.find((task) => task.id === id);
    if (task.state === 'ready') throw new Refused(409, 'illegal_step', `task ${id} is ready and cannot be finished: it must be planned or acknowledged`);
    task.state = step === 'acknowledge' ? 'acknowledged' : 'ready';
    this.record({ type: 'task_stepped', hospital: name, incident: reception.incident, task: id, step }, { hospital });
  }

  do_report_crowding({ hospital: name, occupied, beds }) {
    const hospital = this.hospitals.get(name);
    hospital.crowding = { occupied, beds, reported_at: this.now };
    this.record({ type: 'crowding_reported', hospital: name, crowding: hospital.crowding }, { hospital });
  }

  do_divert_ambulances({ hospital: name, reason, until }) {
    this.setDoors(name, { state: 'diverting', reason, until });
  }

  do_open_doors({ hospital: name }) {
    this.setDoors(name, { state: 'open' });
  }

  setDoors(name, doors) {
    const hospital = this.hospitals.get(name);
    hospital.doors = doors;
    this.record({ type: 'doors_changed', hospital: name, doors }, { hospital });
  }

  do_cancel_incident({ incident: id, expected_version, reason }) {
    this.incident(id, expected_version).state = 'cancelled';
    this.record({ type: 'incident_cancelled', incident: id, reason });
  }

  step(name, step) {
    const unit = this.units.get(name);
    const incident = this.incidents.get(unit.state.incident);
    const phase = PHASES[step];
    unit.state = phase ? { ...unit.state, phase } : { state: 'available', last: incident.id };
    const state = { on_scene: 'attended', transporting: 'transporting', at_hospital: 'at_hospital' }[phase];
    if (state) incident.state = state;
    if (step === 'arrive_at_hospital' && incident.reception) incident.reception.state = { state: 'arrived' };
    if (step === 'reach_patient') incident.patient = { ...incident.patient, state: 'in_care', unit: name };
    if (step === 'return_to_service') Object.assign(incident, { state: 'closed', outcome: 'handed_over', units: [] });
    if (ETIMES[step]) incident.times.push({ etimes: ETIMES[step], unit: name, at: this.now });
    this.actor = `unit:${name}`;
    const hospital = this.hospitals.get(incident.hospital) ?? null;
    this.record({ type: 'unit_stepped', unit: name, incident: incident.id, step }, { unit, hospital });
  }

  record(event, { unit = null, hospital = null } = {}) {
    this.seq += 1;
    const recorded = { seq: this.seq, occurred_at: this.now, recorded_at: this.now, actor: this.actor, key: null, event };
    this.log.push(recorded);
    const incident = this.incidents.get(event.incident) ?? null;
    if (incident) {
      incident.version += 1;
      incident.last_change = { actor: this.actor, at: this.now, what: event.type };
    }
    this.send({ type: 'event', recorded, incident, unit, hospital });
  }

  timeline(id) {
    return this.log.filter(({ event }) => event.incident === id);
  }

  route(name) {
    const unit = this.units.get(name);
    const target = unit && this.targetOf(unit);
    if (!target) throw new Refused(404, 'unknown', `unit ${name} is not driving: there is no route`);
    const { lat, lon } = unit.position;
    return { points: [[lon, lat], [target.lon, lat], [target.lon, target.lat]], duration: 60_000, metres: 900, leg: 'to_scene', incident: unit.state.incident };
  }

  report() {
    return makeReport(this.now, [...this.units.values()], [...this.hospitals.values()]);
  }

  targetOf({ state }) {
    if (state.state !== 'engaged') return null;
    const incident = this.incidents.get(state.incident);
    if (state.phase === 'en_route') return incident.call.position;
    if (state.phase === 'transporting') return this.hospitals.get(incident.hospital ?? 'n1').position;
    return null;
  }

  metres(a, b) {
    return Math.hypot((a.lat - b.lat) * 111_320, (a.lon - b.lon) * 90_000);
  }

  /** Lets `us` of the centre's time pass. */
  pass(us) {
    this.now += us;
    const positions = [];
    for (const unit of this.units.values()) {
      const target = this.targetOf(unit);
      if (target) this.drive(unit, target, us);
      if (unit.id !== 'A105') unit.position_at = this.now;
      if (target) positions.push([unit.id, unit.position.lat, unit.position.lon, this.now]);
      const plan = this.plans.get(unit.id);
      if (plan?.steps.length > 0 && this.now >= plan.dueAt && !(target && this.metres(unit.position, target) > 30)) {
        this.step(unit.id, plan.steps.shift());
        plan.dueAt = this.now + (unit.state.phase === 'at_patient' ? 60e6 : 6e6);
      }
    }
    this.send({ type: 'positions', now: this.now, positions });
    this.send({ type: 'tick', now: this.now, seq: this.seq });
    for (const unit of this.monitored()) {
      this.send(vitals(unit.id, ++this.frames, this.now, unit.state.incident));
      this.send(derived(unit.id, ++this.frames, this.now, unit.state.incident));
    }
  }

  drive(unit, target, us) {
    const metres = this.metres(unit.position, target);
    const fraction = Math.min(1, (us / 1e6) * 14 / Math.max(metres, 1));
    const mix = (a, b) => a + (b - a) * fraction;
    unit.position = { lat: mix(unit.position.lat, target.lat), lon: mix(unit.position.lon, target.lon) };
  }

  monitored() {
    return [...this.units.values()].filter(({ state }) => ['at_patient', 'transporting', 'at_hospital'].includes(state.phase));
  }

  waves(atUs) {
    return this.monitored().map(({ id }) => wave(id, ++this.frames, atUs - CHUNK_US, 118));
  }

  send(message) {
    for (const listener of this.listeners) listener(message);
  }
}

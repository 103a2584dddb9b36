import { describe, expect, it } from 'vitest';
import type { Event } from '../api/events';
import type { Call, HospitalCandidate, UnitCandidate } from '../api/model';
import { clockShort } from '../time/format';
import { en } from './en';
import { sayActor, sayEvent, type EventSpeech } from './events';
import { zh } from './zh';

const AT = 1_700_000_000_000_000;
const speech = (t: EventSpeech['t']): EventSpeech => ({
  t,
  stationName: (id) => id,
  hospitalName: (id) => (id === 'n1' ? 'Luke' : id),
  complaintName: (id) => id,
  taskName: (what) => what,
  taskOf: (id) => (id === 1 ? 'cath lab' : null),
  clock: (at) => clockShort(at, 'UTC'),
  criterionName: (kind, id) => `${kind}.${id}`,
});

const position = { lat: 35.9, lon: 14.5 };
const call: Call = { position, address: '', caller: null, complaint: 'stroke', answers: {}, age: null, rang_at: AT };
const [I, II] = [{ rank: 1, code: 'I' }, { rank: 2, code: 'II' }];
const unit: UnitCandidate = { unit: 'A1', kind: 'als', eta: 1, cost: 1, is_eligible: true, pros: [], cons: [] };
const place: HospitalCandidate = { hospital: 'n1', drive: 1, cost: 1, is_suitable: true, pros: [], cons: [] };
const choice = <T>(chosen: T, rank: number, overrule: string | null) => ({ policy: 'closest-eta/1', rank, chosen, passed_over: [], overrule });
const remote = { reason: 'no_suitable_hospital', needs: ['burns' as const], window: 60_000, nearest: null } as const;
const alarm = { kind: 'spo2_low', priority: 'high', is_active: true, value: 80, limit: 90 } as const;
const of = { incident: 1, hospital: 'n1' };

const ROWS: { [K in Event['type']]: [Extract<Event, { type: K }>, string][] } = {
  unit_signed_on: [[{ type: 'unit_signed_on', unit: 'A1', kind: 'als', home: position, station: null, crew: 'c', shift_until: AT }, 'A1 signed on (ALS)']],
  unit_signed_off: [[{ type: 'unit_signed_off', unit: 'A1' }, 'A1 signed off']],
  crew_rested: [[{ type: 'crew_rested', unit: 'A1', until: AT }, 'Crew of A1 rests until 22:13']],
  crew_rest_ended: [[{ type: 'crew_rest_ended', unit: 'A1' }, 'Crew of A1 is rested']],
  call_received: [[{ type: 'call_received', incident: 1, patient: 1, call, suggested: I, because: [] }, 'Call received: stroke; priority I suggested']],
  incident_triaged: [
    [{ type: 'incident_triaged', incident: 1, priority: I, suggested: I, reason: null }, 'Priority I'],
    [{ type: 'incident_triaged', incident: 1, priority: II, suggested: I, reason: 'known patient' }, 'Priority II instead of I: known patient'],
  ],
  unit_assigned: [
    [{ type: 'unit_assigned', incident: 1, unit: 'A1', choice: choice(unit, 1, null) }, 'A1 sent (recommended first by closest-eta/1)'],
    [{ type: 'unit_assigned', incident: 1, unit: 'A1', choice: choice(unit, 3, 'roadworks') }, 'A1 sent (recommended as no. 3): roadworks'],
  ],
  unit_stepped: [[{ type: 'unit_stepped', unit: 'A1', incident: 1, step: 'reach_patient' }, 'A1 reached the patient']],
  eta_revised: [[{ type: 'eta_revised', incident: 1, unit: 'A1', leg: 'to_scene', eta: AT, cause: { cause: 'planned' } }, 'A1 to scene: arrival 22:13 (first estimate)'],
    [{ type: 'eta_revised', incident: 1, unit: 'A1', leg: 'to_scene', eta: AT, likely: [AT - 6e7, AT + 12e7], cause: { cause: 'planned' } }, 'A1 to scene: arrival 22:13, likely 22:12–22:15 (first estimate)']],
  hospital_chosen: [
    [{ type: 'hospital_chosen', ...of, choice: choice(place, 1, null) }, 'Luke chosen'],
    [{ type: 'hospital_chosen', ...of, choice: choice(place, 2, 'wish') }, 'Luke chosen (recommended as no. 2): wish'],
  ],
  reception_requested: [[{ type: 'reception_requested', ...of, eta: AT, tasks: [] }, 'Luke asked to prepare 0 tasks for 22:13']],
  reception_answered: [
    [{ type: 'reception_answered', ...of, answer: { answer: 'acknowledge' } }, 'Luke has seen the announcement'],
    [{ type: 'reception_answered', ...of, answer: { answer: 'accept' } }, 'Luke accepts the patient'],
    [{ type: 'reception_answered', ...of, answer: { answer: 'divert', reason: 'full' } }, 'Luke diverts the patient: full'],
  ],
  reception_withdrawn: [[{ type: 'reception_withdrawn', ...of, reason: 'other hospital' }, 'Announcement at Luke withdrawn: other hospital']],
  tasks_moved: [[{ type: 'tasks_moved', ...of, tasks: [1, 2], from: AT, to: AT + 6e7, cause: { cause: 'position_reported' } }, '2 tasks moved from 22:13 to 22:14 (unit’s position)']],
  task_stepped: [
    [{ type: 'task_stepped', ...of, task: 1, step: 'acknowledge' }, 'Luke has task “cath lab” in hand'],
    [{ type: 'task_stepped', ...of, task: 2, step: 'finish' }, 'Luke: “task 2” is ready'],
  ],
  crowding_reported: [[{ type: 'crowding_reported', hospital: 'n1', crowding: { occupied: 3, beds: 9, reported_at: AT } }, 'Luke: 3 of 9 places taken']],
  doors_changed: [
    [{ type: 'doors_changed', hospital: 'n1', doors: { state: 'open' } }, 'Luke takes ambulances again'],
    [{ type: 'doors_changed', hospital: 'n1', doors: { state: 'diverting', reason: 'CT', until: null } }, 'Luke diverts ambulances: CT'],
  ],
  remote_care_proposed: [[{ type: 'remote_care_proposed', incident: 1, reason: { ...remote, needs: ['burns'] } }, 'Remote care proposed. No hospital with burns within 1:00, nor beyond.']],
  remote_care_answered: [
    [{ type: 'remote_care_answered', incident: 1, expert: 'Dr Li', is_accepted: true }, 'Dr Li takes over remote care'],
    [{ type: 'remote_care_answered', incident: 1, expert: 'Dr Li', is_accepted: false }, 'Dr Li declines remote care'],
  ],
  alarm_acknowledged: [[{ type: 'alarm_acknowledged', incident: 1, unit: 'A1', kind: 'spo2_low' }, 'Alarm acknowledged: SpO₂ low']],
  alarm_reported: [
    [{ type: 'alarm_reported', incident: 1, unit: 'A1', alarm }, 'Alarm HIGH: SpO₂ low'],
    [{ type: 'alarm_reported', incident: 1, unit: 'A1', alarm: { ...alarm, is_active: false } }, 'Alarm over: SpO₂ low'],
  ],
  incident_closed: [[{ type: 'incident_closed', incident: 1, outcome: 'handed_over' }, 'Closed: handed over to hospital']],
  incident_cancelled: [[{ type: 'incident_cancelled', incident: 1, reason: 'false call' }, 'Cancelled: false call']],
  findings_recorded: [
    [{ type: 'findings_recorded', incident: 1, unit: 'A1', findings: { kind: 'stroke', race: { face: 1, arm: 2, leg: null, gaze: 0, cortex: 2 }, last_known_well: AT } }, 'A1 found (Stroke): face 1, arm 2, leg –, gaze 0, speech or neglect 2, last known well 22:13'],
    [{ type: 'findings_recorded', incident: 1, unit: 'A1', findings: { kind: 'ecg', is_stemi: true, recorded_at: AT, onset: null, crew_gives_lysis: null } }, 'A1 found (ECG): ST elevation, 22:13'],
    [{ type: 'findings_recorded', incident: 1, unit: 'A1', findings: { kind: 'injury', motor: null, breaths: 12, saturation: null, systolic: 0, pulse: 90, criteria: ['pelvis'] } }, 'A1 found (Injury): injury.pelvis, breaths 12, systolic 0, pulse 90'],
    [{ type: 'findings_recorded', incident: 1, unit: 'A1', findings: { kind: 'burn', tbsa_percent: 12, depth: 'full', criteria: [] } }, 'A1 found (Burn): 12 % of the body surface, leathery, charred'],
    [{ type: 'findings_recorded', incident: 1, unit: 'A1', findings: { kind: 'child', appearance: false, breathing: null, circulation: true } }, 'A1 found (Sick child): Circulation to skin abnormal'],
  ],
  major_incident: [
    [{ type: 'major_incident', incident: 1, what: { type: 'declared', areas: { staging: [] } } }, 'Major incident declared'],
    [{ type: 'major_incident', incident: 1, what: { type: 'casualty_tagged', casualty: 4, finding: { age_group: 'child', tree: 'x/1', answers: {}, by_tree: 'minor', tag: 'delayed', overrule: 'burnt arm' } } }, 'Casualty 4: Delayed instead of Minor (burnt arm)'],
    [{ type: 'major_incident', incident: 1, what: { type: 'casualty_allotted', casualty: 4, hospital: 'n1', policy: 'x/1', advised: 'n1', drive: 1, reasons: [] } }, 'Casualty 4 to Luke'],
    [{ type: 'major_incident', incident: 1, what: { type: 'casualty_brought', casualty: 4, unit: 'A1', hospital: 'n1' } }, 'Casualty 4 at Luke, by A1'],
    [{ type: 'major_incident', incident: 1, what: { type: 'casualty_ended', casualty: 5, how: 'dead' } }, 'Casualty 5: dead on scene'],
  ],
  surge_declared: [[{ type: 'surge_declared', hospital: 'n1', surge: { places: [1, 2, 3], declared_at: AT } }, 'Luke promises places: 1 / 2 / 3']],
  aid: [
    [{ type: 'aid', what: { type: 'unit_lent', to: 'Gozo', aid: 1, unit: 'A1', until: AT } }, 'A1 lent to Gozo until 22:13'],
    [{ type: 'aid', what: { type: 'answered', side: 'asker', with: 'Gozo', aid: 1, round: 0, reply: { answer: 'decline', reason: 'none free' } } }, 'Aid with Gozo declined: none free'],
  ],
  response_trimmed: [[{ type: 'response_trimmed', incident: 1, unit: 'B2', card: 'cardiac-arrest', slots: ['physician', 'aed-drone'] }, 'B2 on scene: not needed any more: physician, aed-drone']],
  unit_diverted: [[{ type: 'unit_diverted', incident: 1, unit: 'A1', to: 2 }, 'A1 taken for call 2; this call waits again']],
  policy_switched: [[{ type: 'policy_switched', from: 'closest-eta/2', to: 'keep-cover/1', reason: 'marathon' }, 'Policy keep-cover/1 instead of closest-eta/2: marathon']],
  unit_posted: [
    [{ type: 'unit_posted', unit: 'A1', station: 's1', policy: 'keep-cover/1', reasons: [{ reason: 'cover_gained', share_ppm: 20_000 }], overrule: null }, 'A1 waits at s1: adds 2.0 % to the expected cover'],
    [{ type: 'unit_posted', unit: 'A1', station: 's1', policy: 'keep-cover/1', reasons: [{ reason: 'better_at', station: 's2', share_ppm: null }], overrule: 'bridge up' }, 'A1 waits at s1: bridge up (the policy says s2)'],
  ],
  range_reported: [[{ type: 'range_reported', unit: 'A1', km: 280 }, 'A1 goes 280 km']],
  exchange_proposed: [[{ type: 'exchange_proposed', incident: 1, unit: 'A2', instead_of: 'A1', now: 600_000, then: 300_000, policy: 'p/1' }, 'A2 may take over from A1: there 5:00 after ringing, not 10:00']],
  camera_recorded: [
    [{ type: 'camera_recorded', incident: 1, unit: 'A1', finding: { what: 'refill', time: 1840, within: 210 } }, 'A1 kept by camera: Capillary refill 1.8 s ±0.3'],
    [{ type: 'camera_recorded', incident: 1, unit: 'A1', finding: { what: 'wound', photo: 'ab', size: [1600, 1200], flaws: ['blurred', 'dark'] } }, 'A1 kept by camera: Wound photo, kept although: blurred, dark'],
    [{ type: 'camera_recorded', incident: 1, unit: 'A1', finding: { what: 'wound', photo: 'ab', size: [1600, 1200], flaws: [] } }, 'A1 kept by camera: Wound photo, no complaints'],
  ],
};

describe('events', () => {
  it.each(Object.values(ROWS).flat() as [Event, string][])('%j', (event, expected) => {
    expect(sayEvent({ event }, speech(en))).toBe(expected);
    const chinese = sayEvent({ event }, speech(zh));
    expect(chinese).toMatch(/[\u4e00-\u9fff]/);
    expect(chinese).not.toContain('undefined');
  });
});

it.each([
  ['dispatcher:li', 'dispatcher li', '调度员 li'], ['unit:A103', 'A103', 'A103'], ['hospital:n1', 'Luke', 'Luke'],
  ['expert:twin', 'expert twin', '专家 twin'], ['centre', 'computed by the centre', '中心自动计算'], ['script:x', 'script:x', 'script:x'],
])('%s is “%s”', (actor, english, chinese) => {
  expect([sayActor(actor, speech(en)), sayActor(actor, speech(zh))]).toEqual([english, chinese]);
});

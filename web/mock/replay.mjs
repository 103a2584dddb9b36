/** An invented replay in the shape of GET /api/replay; it is done at the second question. */

const POLICIES = [
  { name: 'closest-eta/3', about: { en: 'The unit that is there first by its live ETA.', zh: '按实时预计到达时间派最先到达的车辆。' } },
  { name: 'keep-cover/1', about: { en: 'Of the units that are there in time, the one with which least cover goes.', zh: '在能按时到达的车辆中，派对覆盖影响最小的一辆。' } },
];
let wish = null;
let nAsked = 0;

function side(call, unit, response, hospital, target) {
  const arrived = call.rang_at + response * 1000;
  return {
    sent_first: unit, unit, sent_at: call.rang_at + 90e6, sent_from: null, arrived_at: arrived,
    response, is_late: response > target, hospital, door_at: arrived + 1.9e9,
  };
}

function candidate(unit, eta, cons) {
  return { unit, kind: 'als', eta, cost: eta, is_eligible: true, pros: [], cons };
}

function changes(centre) {
  const hospitals = centre.snapshot().hospitals.map(({ id }) => id);
  return centre.snapshot().incidents.slice(0, 14).map(({ id, call }, n) => {
    const [before, after] = [(400 + 37 * n) * 1000, (400 + 37 * n + (n % 2 ? -1 : 1) * (150 - 9 * n)) * 1000];
    const taken = candidate(`A10${(n + 1) % 8}`, after, []);
    const instead = candidate(`A10${n % 8}`, before, [{ reason: 'would_uncover_area', station: 's1', next_cover: 900_000 }]);
    const why = n % 2
      ? [{ why: 'busy', unit: instead.unit, incident: 1 }]
      : [{ why: 'unit_preferred', taken, instead_of: instead }];
    return {
      incident: id, rang_at: call.rang_at, position: call.position, complaint: call.complaint,
      priority: { rank: 1 + (n % 4), code: ['I', 'II', 'III', 'IV'][n % 4] },
      recorded: side(call, instead.unit, before, hospitals[0] ?? null, 480_000),
      replayed: side(call, taken.unit, after, hospitals[n % 3 === 0 ? 1 : 0] ?? null, 480_000),
      response_change: after - before, door_change: after - before, is_changed: true, why, assumed: n % 3 ? [] : ['hospital_takes_patient'],
    };
  });
}

function result(centre) {
  return {
    policy: wish.policy, recorded_policies: ['closest-eta/3'], from: centre.now - 8.64e10, until: centre.now,
    summary: {
      n_calls: 264, n_other_unit: 71, n_other_hospital: 9, n_changed: 84, n_knock_on: 47, n_compared: 258,
      response_median: [498_000, 507_000], response_mean: [541_000, 536_000], response_change_s: { estimate: -5.2, ends: [-14.8, 4.1] },
      n_judged: 258, n_late: [47, 41], late_change_points: { estimate: -2.33, ends: [-4.6, -0.2] }, n_overruled: 3, n_posts_overruled: 0,
    },
    likeness: { n_units: 264, n_same_units: 264, n_hospitals: 233, n_same_hospitals: 233, response_off: 0, unknown_policies: [] },
    calls: changes(centre),
  };
}

export function showReplay(centre) {
  const state = wish === null ? 'none' : nAsked++ > 1 ? 'done' : 'running';
  return { state, policies: POLICIES, wish, n_done: 120, n_calls: 264, result: state === 'done' ? result(centre) : null, error: null };
}

export function startReplay(centre, asked) {
  [wish, nAsked] = [asked, 0];
  return showReplay(centre);
}

/** Two ways round a corner each, to where the call is. */
export function replayWays(centre, id) {
  const { lon, lat } = centre.snapshot().incidents.find((incident) => incident.id === id).call.position;
  const way = (dx, dy) => [[lon + dx, lat + dy], [lon + dx, lat], [lon, lat]];
  return { recorded: way(-0.02, 0.012), replayed: way(0.015, -0.02) };
}

import type { Millis, Micros } from '../api/model';
import type { IncidentView, Scheme, Level, UnitView } from '../api/views';
import { between } from '../time/format';

export const STALE_POSITION_MS: Millis = 30_000;
export const STALE_VITALS_MS: Millis = 5000;

export const isOver = (incident: IncidentView) =>
  incident.state === 'closed' || incident.state === 'cancelled';

export const isWaiting = (incident: IncidentView) =>
  incident.units.length === 0 && (incident.state === 'received' || incident.state === 'triaged');

/** Places that the call waits for and nobody takes, once somebody is on it. */
export const nMissing = ({ response, units }: IncidentView): number =>
  units.length === 0
    ? 0
    : (response?.slots ?? []).filter(({ need, unit }) => need === 'needed' && unit === null).length;

export const rankOf = (incident: IncidentView) =>
  incident.priority?.rank ?? incident.suggested.rank;

export const codeOf = (incident: IncidentView) =>
  incident.priority?.code ?? incident.suggested.code;

const reachedAt = ({ times }: IncidentView): Micros | undefined =>
  times.find(({ etimes }) => etimes === 'eTimes.07')?.at;

/** How long the caller has waited for a unit to reach the patient; stops when one has. */
export function waitOf(incident: IncidentView, now: Micros): Millis {
  return Math.max(0, between(incident.call.rang_at, reachedAt(incident) ?? now));
}

export function levelOf(scheme: Scheme | null, rank: number): Level | undefined {
  return scheme?.levels.find((level) => level.rank === rank);
}

/** Whether the caller still waits, and longer than the priority allows. */
export function isOverTarget(incident: IncidentView, scheme: Scheme | null, now: Micros): boolean {
  const target = levelOf(scheme, rankOf(incident))?.target ?? null;
  return target !== null && reachedAt(incident) === undefined && waitOf(incident, now) > target;
}

/** Whether a high alarm waits that nobody has acknowledged. */
export const hasHighAlarm = ({ alarms }: IncidentView): boolean =>
  alarms.some(({ alarm }) => alarm.is_active && alarm.priority === 'high' && alarm.signal !== 'acknowledged');

/** What needs the dispatcher first: those without a unit, then high alarms, then the others. */
function urgency(incident: IncidentView): number {
  if (isWaiting(incident)) return 0;
  return hasHighAlarm(incident) ? 1 : 2;
}

/** Those that wait for a unit first, then high alarms; within each by priority, longest first. */
export function inOrder(incidents: Iterable<IncidentView>): IncidentView[] {
  return [...incidents]
    .filter((incident) => !isOver(incident))
    .sort(
      (a, b) =>
        urgency(a) - urgency(b) ||
        rankOf(a) - rankOf(b) ||
        a.call.rang_at - b.call.rang_at ||
        a.id - b.id,
    );
}

const DRIVING_OUT = new Set(['notified', 'acknowledged', 'en_route', 'staged']);

export function counts(incidents: Iterable<IncidentView>, units: Iterable<UnitView>) {
  const fleet = [...units];
  return {
    waiting: [...incidents].filter(isWaiting).length,
    onTheWay: fleet.filter(({ state }) => state.state === 'engaged' && DRIVING_OUT.has(state.phase)).length,
    available: fleet.filter(({ state, crew }) => state.state === 'available' && crew.state.state === 'on_shift').length,
  };
}

/** Whether a unit has a way before it: to the scene or to the hospital. */
export function isOnLeg(unit: UnitView | undefined): boolean {
  const state = unit?.state;
  return state?.state === 'engaged' && (DRIVING_OUT.has(state.phase) || state.phase === 'transporting');
}

const WITH_PATIENT = new Set(['at_patient', 'transporting', 'at_landing_area', 'at_hospital']);

/** The unit whose monitor is on the patient: the one in care, else one at the patient. */
export function monitorUnitOf(
  incident: IncidentView,
  units: { get(id: string): UnitView | undefined },
): string | null {
  if (isOver(incident)) return null;
  if (incident.patient.state === 'in_care') return incident.patient.unit;
  const near = incident.units.find((id) => {
    const state = units.get(id)?.state;
    return state?.state === 'engaged' && WITH_PATIENT.has(state.phase);
  });
  return near ?? null;
}

/** The takeover that was proposed for a call, while its unit is free and the other one drives there. */
export function openTakeover(
  incident: IncidentView,
  units: { get(id: string): UnitView | undefined },
): NonNullable<IncidentView['takeover']> | null {
  const { takeover } = incident;
  if (!takeover) return null;
  const other = units.get(takeover.instead_of)?.state;
  const isDriving = other?.state === 'engaged' && other.incident === incident.id
    && DRIVING_OUT.has(other.phase);
  return isDriving && units.get(takeover.unit)?.state.state === 'available' ? takeover : null;
}

import type { Position } from '../api/model';
import type { HospitalView, IncidentView, StationProfile, UnitView } from '../api/views';
import type { Located } from '../centre/centre.svelte';
import { isOver, rankOf, STALE_POSITION_MS } from '../centre/derive';
import { between } from '../time/format';
import type { IncidentMark, Mark, Named, UnitMark } from './living';
import { RANK_MAX } from './signs';
import { bearing, formOf, isDriving } from './unit-form';

/** Remembers where units came from, so that their signs point where they drive. */
export class Headings {
  private readonly known = new Map<string, { at: Position; degrees: number | null }>();

  of(unit: string, at: Position): number | null {
    const before = this.known.get(unit);
    const hasMoved = before && Math.hypot(at.lat - before.at.lat, at.lon - before.at.lon) > 3e-5;
    if (!before || hasMoved) {
      const degrees = before ? bearing(before.at, at) : null;
      this.known.set(unit, { at: { lat: at.lat, lon: at.lon }, degrees });
      return degrees;
    }
    return before.degrees;
  }
}

/** The signs of units, the engaged ones last and so on top. */
export function unitMarks(
  units: Iterable<UnitView>,
  positions: { get(id: string): Located | undefined },
  now: number,
  headings: Headings,
): UnitMark[] {
  const [idle, engaged]: [UnitMark[], UnitMark[]] = [[], []];
  for (const unit of units) {
    const known = positions.get(unit.id);
    const at = known ?? unit.home;
    const isStale = !known || between(known.at, now) > STALE_POSITION_MS;
    const heading = headings.of(unit.id, at);
    (unit.state.state === 'engaged' ? engaged : idle).push({
      label: unit.id,
      ink: 'map-unit',
      at,
      sign: `unit:${formOf(unit)}:${unit.kind}:${isStale ? 'stale' : 'fresh'}`,
      heading: isDriving(unit) && !isStale ? heading : null,
    });
  }
  return [...idle, ...engaged];
}

/** The signs of open incidents, the most urgent last and so on top. */
export function incidentMarks(incidents: Iterable<IncidentView>, selected: number | null): IncidentMark[] {
  const open = [...incidents].filter((incident) => !isOver(incident));
  open.sort((a, b) => rankOf(b) - rankOf(a));
  return open.map((incident) => ({
    id: incident.id,
    at: incident.call.position,
    sign: `incident:${Math.min(rankOf(incident), RANK_MAX)}:${incident.id === selected ? 'selected' : 'plain'}`,
  }));
}

export function hospitalMarks(hospitals: Iterable<HospitalView>, name: (view: HospitalView) => string): Named[] {
  return [...hospitals].map((view) => ({
    at: view.position,
    sign: `hospital:${view.doors.state}`,
    label: name(view),
    ink: 'map-hospital',
  }));
}

export function stationMarks(stations: StationProfile[]): Mark[] {
  return stations.map(({ position }) => ({ at: position, sign: 'station' }));
}

import type { FeatureCollection, LineString } from 'geojson';
import type { Micros } from '../api/model';
import type { Stretch, Traffic, TrafficSummary } from '../api/views';
import type { Texts } from '../i18n/en';
import { between, clockShort, span } from '../time/format';

export type Flow = 'closed' | 'jam' | 'slow' | 'free';
export type TrafficLines = FeatureCollection<LineString, { flow: Flow; index: number }>;

/** Stretches drawn at most; the centre gives the worst ones. */
export const STRETCHES_MAX = 20_000;

/** Under this share of its speed a road is jammed, under the other slow. */
const JAM_BELOW = 0.35;
const SLOW_BELOW = 0.75;
const DAY_MS = 86_400_000;

export function flowOf({ kmh, free_kmh }: Pick<Stretch, 'kmh' | 'free_kmh'>): Flow {
  if (kmh === null) return 'closed';
  const share = kmh / free_kmh;
  return share < JAM_BELOW ? 'jam' : share < SLOW_BELOW ? 'slow' : 'free';
}

/** The stretches that are worth a colour; `index` leads back to the stretch. */
export function trafficLines(traffic: Traffic | null): TrafficLines {
  const features = (traffic?.stretches ?? []).map((stretch, index) => ({
    type: 'Feature' as const,
    properties: { flow: flowOf(stretch), index },
    geometry: { type: 'LineString' as const, coordinates: stretch.points },
  }));
  return { type: 'FeatureCollection', features: features.filter(({ properties }) => properties.flow !== 'free') };
}

/** A time to come: with its day where it is a day away. */
export function endAt(at: Micros, now: Micros, zone?: string): string {
  if (between(now, at) < DAY_MS) return clockShort(at, zone);
  const day = new Date(at / 1000).toLocaleDateString('sv-SE', { timeZone: zone });
  return `${day} ${clockShort(at, zone)}`;
}

/** What is known of the traffic and on what it lies: the map's speeds, or those of a week by hour. */
export function saySummary(summary: TrafficSummary, week: string | null, now: Micros, t: Texts, zone?: string): string {
  const parts = sayKnown(summary, now, t, zone);
  if (week === null) return parts.length > 0 ? parts.join(' · ') : t.traffic.none;
  return [...(parts.length > 0 ? parts : [t.traffic.none_by_hour]), t.traffic.by_hour(week)].join(' · ');
}

/** How much is known, how old it is and when the first of it ends. */
function sayKnown(summary: TrafficSummary, now: Micros, t: Texts, zone?: string): string[] {
  if (summary.n_arcs === 0 || summary.newest === null) return [];
  const parts = [t.traffic.sum(summary.n_arcs, summary.n_closed)];
  if (summary.n_fleet > 0) parts.push(t.traffic.sum_fleet(summary.n_fleet));
  parts.push(t.traffic.age(span(between(summary.newest, now))));
  if (summary.next_end !== null) parts.push(t.traffic.next_end(endAt(summary.next_end, now, zone)));
  if (summary.n_arcs > STRETCHES_MAX) parts.push(t.traffic.cut(STRETCHES_MAX));
  return parts;
}

/** One stretch: its street, speed, age and end. */
export function sayStretch(stretch: Stretch, now: Micros, t: Texts, zone?: string): string {
  const flow = stretch.kmh === null
    ? t.traffic.closed
    : t.traffic.speed(stretch.kmh.toFixed(0), stretch.free_kmh.toFixed(0));
  return [
    stretch.street ?? t.traffic.unnamed,
    flow,
    ...(stretch.source === 'fleet' ? [t.traffic.fleet] : []),
    t.traffic.age(span(between(stretch.since, now))),
    t.traffic.until(endAt(stretch.until, now, zone)),
  ].join(' · ');
}

import type { Coverage, Outlook } from '../api/views';
import type { Texts } from '../i18n/en';
import { span } from '../time/format';

/** From so many kbit/s on a square has the colour of its place; below the first is a hole. */
export const BANDS_KBPS = [100, 1_000, 5_000, 20_000] as const;

export function bandOf(kbps: number): number {
  return BANDS_KBPS.filter((least) => kbps >= least).length;
}

/** The squares of which something is known, with the band of each. */
export function coverageSquares(coverage: Coverage | null): GeoJSON.FeatureCollection {
  const known = (coverage?.features ?? []).flatMap((square) => {
    const { median_kbps, is_at_least } = square.properties;
    if (median_kbps === null) return [];
    return [{ ...square, properties: { ...square.properties, band: bandOf(median_kbps), is_at_least } }];
  });
  return { type: 'FeatureCollection', features: known };
}

export function sayRate(kbps: number): string {
  return kbps < 1000 ? `${Math.round(kbps)} kbit/s` : `${(kbps / 1000).toFixed(kbps < 10_000 ? 1 : 0)} Mbit/s`;
}

/** One square: what its network carries, how long a round trip takes, and of how many readings. */
export function saySquare(square: Coverage['features'][number]['properties'], t: Texts): string {
  const bound = (kbps: number | null, isAtLeast: boolean) =>
    kbps === null ? t.coverage.unknown : isAtLeast ? t.coverage.at_least(sayRate(kbps)) : sayRate(kbps);
  return [
    square.network,
    t.coverage.median(bound(square.median_kbps, square.is_at_least)),
    t.coverage.low(bound(square.low_kbps, square.is_low_at_least)),
    t.coverage.delay(square.delay_ms === null ? t.coverage.unknown : `${Math.round(square.delay_ms)} ms`),
    t.coverage.counts(square.n, square.n_at_least),
  ].join(' · ');
}

/** What a unit's way will carry, and what another costs; `null` where no network was ever read. */
export function sayOutlook(outlook: Outlook, t: Texts): string | null {
  const [fastest] = outlook.ways;
  if (!fastest || outlook.best === null) return null;
  const needs = sayRate(outlook.needs_kbps);
  const parts = [];
  if (fastest.lacking > 0) parts.push(t.coverage.lacks(needs, span(fastest.lacking)));
  if (fastest.unknown > 0) parts.push(t.coverage.not_known(needs, span(fastest.unknown)));
  const best = outlook.ways[outlook.best];
  if (best && outlook.best > 0) {
    const seconds = Math.round((best.duration - fastest.duration) / 1000);
    parts.push(best.lacking > 0 ? t.coverage.other_lacks(seconds, span(best.lacking)) : t.coverage.other(seconds));
  }
  return parts.length > 0 ? parts.join(' · ') : t.coverage.holds(needs);
}

import type { Bin } from '../lib/api/report';
import { span } from '../lib/time/format';

export const percent = (share: number | null): string =>
  share === null ? '–' : `${(share * 100).toFixed(1)} %`;

/** Minutes and seconds, or seconds with a tenth below a minute; `–` for none. */
export function shortSpan(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : span(ms);
}

/**
 * What a plot of a distribution needs: the end of each bin, its count, and the share up to there;
 * in front of them the start of the first bin, which has no count.
 */
export function distribution(
  bins: Bin[],
  perUnitMs: number,
): { x: number[]; n: (number | null)[]; share: number[] } {
  const total = bins.reduce((sum, { n }) => sum + n, 0);
  let sum = 0;
  const share = bins.map(({ n }) => (sum += n) / Math.max(total, 1));
  return {
    x: [bins[0]?.from_ms ?? 0, ...bins.map(({ to_ms }) => to_ms)].map((ms) => ms / perUnitMs),
    n: [null, ...bins.map(({ n }) => n)],
    share: [0, ...share],
  };
}

import type { ScoreTold } from '../api/model';

/** What a score is, or can still be. */
export type Figures =
  | { kind: 'value'; value: string }
  | { kind: 'range'; low: string; high: string }
  | { kind: 'or_more'; low: string };

/** `null` for whom the score was not made, or where it would divide by 0. */
export function figures({ low, high }: ScoreTold, decimals: number): Figures | null {
  if (low === null) return null;
  if (high === null) return { kind: 'or_more', low: low.toFixed(decimals) };
  if (low === high) return { kind: 'value', value: low.toFixed(decimals) };
  return { kind: 'range', low: low.toFixed(decimals), high: high.toFixed(decimals) };
}

const NAMES = [
  'map-ground', 'map-water', 'map-green', 'map-building', 'map-road', 'map-road-main',
  'map-road-trunk', 'map-label', 'map-place', 'map-halo', 'map-unit', 'map-unit-ground',
  'map-hospital', 'map-station', 'map-route', 'rank-1', 'rank-2', 'rank-3', 'rank-4', 'rank-5',
  'traffic-slow', 'traffic-jam', 'traffic-closed', 'coverage-0', 'coverage-1', 'coverage-2', 'coverage-3', 'coverage-4', 'accent', 'text', 'caution',
] as const;

export type Palette = Record<(typeof NAMES)[number], string>;

/** The colours of tokens.css, for drawing outside CSS. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(
    NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  ) as Palette;
}

export function rankColour(palette: Palette, rank: number): string {
  return palette[`rank-${Math.min(Math.max(rank, 1), 5)}` as keyof Palette];
}

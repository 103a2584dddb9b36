import type { GeoJSONSource, LayerSpecification, Map as MapLibre } from 'maplibre-gl';
import type { FeatureCollection } from 'geojson';
import type { Palette } from './palette';

const SOURCE = 'coverage';
export const COVERAGE_LAYER = 'coverage';
const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** Squares by band; what is only a lower bound is paler and has a broken edge. */
function layers(palette: Palette): LayerSpecification[] {
  const colour = ['match', ['get', 'band'],
    0, palette['coverage-0'], 1, palette['coverage-1'], 2, palette['coverage-2'], 3, palette['coverage-3'],
    palette['coverage-4']] as never;
  const isBound = ['get', 'is_at_least'] as never;
  return [
    {
      id: COVERAGE_LAYER, type: 'fill', source: SOURCE,
      paint: { 'fill-color': colour, 'fill-opacity': ['case', isBound, 0.18, 0.5] as never },
    },
    {
      id: 'coverage-bound', type: 'line', source: SOURCE, filter: isBound,
      paint: { 'line-color': colour, 'line-width': 1, 'line-dasharray': [2, 2] },
    },
  ];
}

/** Adds the squares, which lie under the names of streets. */
export function addCoverage(map: MapLibre, palette: Palette): void {
  map.addSource(SOURCE, { type: 'geojson', data: NOTHING });
  for (const layer of layers(palette)) map.addLayer(layer, 'road-names');
}

export function showCoverage(map: MapLibre, squares: FeatureCollection): void {
  map.getSource<GeoJSONSource>(SOURCE)?.setData(squares);
}

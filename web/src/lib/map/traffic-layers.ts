import type { GeoJSONSource, LayerSpecification, Map as MapLibre } from 'maplibre-gl';
import type { FeatureCollection } from 'geojson';
import type { Palette } from './palette';

const SOURCE = 'traffic';
/** The layers of this module, the topmost first. */
export const TRAFFIC_LAYERS = ['traffic-closed', 'traffic'];
const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] };

/** Both directions of a road side by side; what is closed is broken as well as coloured. */
function layers(palette: Palette): LayerSpecification[] {
  const width = (least: number, most: number) => ['interpolate', ['linear'], ['zoom'], 10, least, 16, most] as never;
  const beside = width(0.8, 4);
  const isClosed = ['==', ['get', 'flow'], 'closed'] as never;
  return [
    {
      id: 'traffic', type: 'line', source: SOURCE, filter: ['!', isClosed] as never,
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: {
        'line-color': ['match', ['get', 'flow'], 'jam', palette['traffic-jam'], palette['traffic-slow']],
        'line-width': width(1.6, 5), 'line-offset': beside,
      },
    },
    {
      id: 'traffic-closed', type: 'line', source: SOURCE, filter: isClosed,
      paint: {
        'line-color': palette['traffic-closed'], 'line-width': width(2.4, 6), 'line-offset': beside,
        'line-dasharray': [1.6, 0.8],
      },
    },
  ];
}

/** Adds the layers of traffic, which lie under the names of streets. */
export function addTraffic(map: MapLibre, palette: Palette): void {
  map.addSource(SOURCE, { type: 'geojson', data: NOTHING });
  for (const layer of layers(palette)) map.addLayer(layer, 'road-names');
}

export function showTraffic(map: MapLibre, lines: FeatureCollection): void {
  map.getSource<GeoJSONSource>(SOURCE)?.setData(lines);
}

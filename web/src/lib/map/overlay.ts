import type { GeoJSONSource, LayerSpecification, Map as MapLibre } from 'maplibre-gl';
import type { FeatureCollection } from 'geojson';
import type { Palette } from './palette';
import { placeSigns, SIGN_RATIO } from './signs';
import { MAP_FONT } from './style';

export const OVERLAYS = ['stations', 'hospitals'] as const;
export type Overlay = (typeof OVERLAYS)[number];

const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] };

function layers(palette: Palette): LayerSpecification[] {
  return [
    {
      id: 'stations', type: 'symbol', source: 'stations',
      layout: { 'icon-image': 'station', 'icon-allow-overlap': true },
    },
    {
      id: 'hospitals', type: 'symbol', source: 'hospitals',
      layout: {
        'icon-image': ['get', 'sign'], 'icon-allow-overlap': true, 'text-field': ['get', 'name'], 'text-size': 12,
        'text-font': MAP_FONT, 'text-anchor': 'top', 'text-offset': [0, 1.1], 'text-optional': true,
      },
      paint: { 'text-color': palette['map-hospital'], 'text-halo-color': palette['map-halo'], 'text-halo-width': 1.6 },
    },
  ];
}

/** Adds what stays in its place: stations and hospitals. */
export function addOverlays(map: MapLibre, palette: Palette): void {
  addSigns(map, palette);
  for (const id of OVERLAYS) map.addSource(id, { type: 'geojson', data: NOTHING });
  for (const layer of layers(palette)) map.addLayer(layer);
}

function addSigns(map: MapLibre, palette: Palette): void {
  for (const [name, sign] of placeSigns(palette)) {
    const pixels = sign.getContext('2d')?.getImageData(0, 0, sign.width, sign.height);
    if (pixels) map.addImage(name, pixels, { pixelRatio: SIGN_RATIO });
  }
}

/** Gives an overlay its features, if they are others than before. */
export class Painter {
  private readonly shown = new Map<Overlay, string>();

  constructor(private readonly map: MapLibre) {}

  paint(overlay: Overlay, data: FeatureCollection): void {
    const text = JSON.stringify(data);
    if (this.shown.get(overlay) === text) return;
    this.shown.set(overlay, text);
    this.map.getSource<GeoJSONSource>(overlay)?.setData(data);
  }
}

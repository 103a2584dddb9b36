import type { GeoJSONSource, LayerSpecification, Map as MapLibre } from 'maplibre-gl';
import type { FeatureCollection } from 'geojson';
import type { Palette } from './palette';
import { allSigns, SIGN_RATIO } from './signs';
import { MAP_FONT } from './style';

export const OVERLAYS = ['routes', 'stations', 'hospitals', 'units', 'incidents', 'picked'] as const;
export type Overlay = (typeof OVERLAYS)[number];

const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] };

function layers(palette: Palette): LayerSpecification[] {
  const halo = { 'text-halo-color': palette['map-halo'], 'text-halo-width': 1.6 };
  const below = {
    'text-font': MAP_FONT, 'text-anchor': 'top' as const, 'text-offset': [0, 1.1] as [number, number],
    'text-optional': true, 'icon-allow-overlap': true,
  };
  return [
    {
      id: 'routes', type: 'line', source: 'routes',
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': palette['map-route'], 'line-width': 4.5, 'line-opacity': 0.85 },
    },
    {
      id: 'stations', type: 'symbol', source: 'stations',
      layout: { 'icon-image': 'station', 'icon-allow-overlap': true },
    },
    {
      id: 'hospitals', type: 'symbol', source: 'hospitals',
      layout: { ...below, 'icon-image': ['get', 'sign'], 'text-field': ['get', 'name'], 'text-size': 12 },
      paint: { ...halo, 'text-color': palette['map-hospital'] },
    },
    {
      id: 'pointers', type: 'symbol', source: 'units', filter: ['!=', ['get', 'heading'], null],
      layout: {
        'icon-image': 'pointer', 'icon-rotate': ['get', 'heading'], 'icon-allow-overlap': true,
        'icon-rotation-alignment': 'map', 'icon-ignore-placement': true,
      },
    },
    {
      id: 'units', type: 'symbol', source: 'units',
      layout: {
        ...below, 'icon-image': ['get', 'sign'], 'text-field': ['get', 'id'], 'text-size': 12,
        'symbol-sort-key': ['get', 'order'],
      },
      paint: { ...halo, 'text-color': palette['map-unit'] },
    },
    {
      id: 'incidents', type: 'symbol', source: 'incidents',
      layout: {
        'icon-image': ['get', 'sign'], 'icon-anchor': 'bottom', 'icon-allow-overlap': true, 'icon-ignore-placement': true,
        'symbol-sort-key': ['get', 'order'],
      },
    },
    {
      id: 'picked', type: 'circle', source: 'picked',
      paint: {
        'circle-radius': 9, 'circle-color': 'transparent', 'circle-stroke-width': 3,
        'circle-stroke-color': palette.accent,
      },
    },
  ];
}

/** Adds what moves on the map: routes, stations, hospitals, units and incidents. */
export function addOverlays(map: MapLibre, palette: Palette): void {
  addSigns(map, palette);
  for (const id of OVERLAYS) map.addSource(id, { type: 'geojson', data: NOTHING });
  for (const layer of layers(palette)) map.addLayer(layer);
}

function addSigns(map: MapLibre, palette: Palette): void {
  for (const [name, sign] of allSigns(palette)) {
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

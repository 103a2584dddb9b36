import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { City } from '../api/views';
import type { Language } from '../i18n/language';
import type { Palette } from './palette';

/** Fonts that the page itself has loaded: without a glyph address MapLibre draws from these. */
export const MAP_FONT = ['Inter Variable', 'Noto Sans SC Variable'];

const TRUNK = ['motorway', 'motorway_link', 'trunk', 'trunk_link', 'primary', 'primary_link'];
const MAIN = ['secondary', 'secondary_link', 'tertiary', 'tertiary_link'];
const FOOT = ['footway', 'path', 'steps', 'cycleway', 'track', 'service', 'ferry'];

export function nameField(language: Language): ['coalesce', ...unknown[]] {
  const own = ['get', 'name'];
  return language === 'zh' ? ['coalesce', ['get', 'name_zh'], own] : ['coalesce', own, ''];
}

/** The night map: the city pack's tiles, drawn quietly so that units and incidents stand out. */
export function nightStyle(city: City, palette: Palette, language: Language): StyleSpecification {
  return {
    version: 8,
    sources: {
      city: {
        type: 'vector',
        tiles: [`${location.origin}/api/tiles/{z}/{x}/{y}`],
        minzoom: 9,
        maxzoom: 14,
        bounds: city.bounds,
        attribution: city.attribution,
      },
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': palette['map-water'] } },
      ...areas(palette),
      ...roads(palette),
      ...names(palette, language),
    ],
  };
}

function areas(palette: Palette): LayerSpecification[] {
  const area = (id: string, colour: string): LayerSpecification => ({
    id, type: 'fill', source: 'city', 'source-layer': id, paint: { 'fill-color': colour },
  });
  return [
    area('land', palette['map-ground']),
    {
      id: 'landuse', type: 'fill', source: 'city', 'source-layer': 'landuse',
      filter: ['in', ['get', 'kind'], ['literal', ['park', 'forest', 'grass', 'scrub', 'cemetery', 'sport']]],
      paint: { 'fill-color': palette['map-green'] },
    },
    area('water', palette['map-water']),
    {
      id: 'waterways', type: 'line', source: 'city', 'source-layer': 'waterways',
      paint: { 'line-color': palette['map-water'], 'line-width': 1.2 },
    },
    { ...area('buildings', palette['map-building']), minzoom: 13 } as LayerSpecification,
  ];
}

function roads(palette: Palette): LayerSpecification[] {
  return [
    {
      id: 'roads', type: 'line', source: 'city', 'source-layer': 'roads',
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: {
        'line-color': [
          'match', ['get', 'class'],
          TRUNK, palette['map-road-trunk'], MAIN, palette['map-road-main'], palette['map-road'],
        ],
        'line-width': [
          'interpolate', ['exponential', 1.5], ['zoom'],
          9, ['match', ['get', 'class'], TRUNK, 1, MAIN, 0.5, 0.2],
          13, ['match', ['get', 'class'], TRUNK, 3, MAIN, 2, FOOT, 0.4, 1],
          17, ['match', ['get', 'class'], TRUNK, 14, MAIN, 10, FOOT, 1.5, 6],
        ],
      },
    },
  ];
}

function names(palette: Palette, language: Language): LayerSpecification[] {
  const paint = { 'text-halo-color': palette['map-halo'], 'text-halo-width': 1.4 };
  return [
    {
      id: 'road-names', type: 'symbol', source: 'city', 'source-layer': 'roads', minzoom: 13,
      filter: ['all', ['has', 'name'], ['!=', ['get', 'class'], 'ferry']],
      layout: {
        'symbol-placement': 'line', 'text-field': nameField(language) as never,
        'text-font': MAP_FONT, 'text-size': 11,
      },
      paint: { ...paint, 'text-color': palette['map-label'] },
    },
    {
      id: 'place-names', type: 'symbol', source: 'city', 'source-layer': 'places',
      layout: {
        'text-field': nameField(language) as never, 'text-font': MAP_FONT,
        'text-size': ['match', ['get', 'kind'], ['city', 'town'], 14, 12],
      },
      paint: { ...paint, 'text-color': palette['map-label'] },
    },
  ];
}

import type { FeatureCollection, LineString } from 'geojson';
import { api } from '../api/client';

export type RouteLines = FeatureCollection<LineString>;

/** The roads that these units have before them. */
export async function fetchRoutes(units: string[]): Promise<RouteLines> {
  const routes = await Promise.all(units.map((unit) => api.route(unit).catch(() => null)));
  return {
    type: 'FeatureCollection',
    features: routes.flatMap((route) =>
      route && route.points.length > 1
        ? [{ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: route.points } }]
        : [],
    ),
  };
}

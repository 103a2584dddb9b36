import { api } from '../api/client';
import type { Position } from '../api/model';

/** The roads that these units have before them. */
export async function fetchRoutes(units: string[]): Promise<Position[][]> {
  const routes = await Promise.all(units.map((unit) => api.route(unit).catch(() => null)));
  const lines = routes.map((route) => route?.points.map(([lon, lat]) => ({ lon, lat })) ?? []);
  return lines.filter((line) => line.length > 1);
}

import type { UnitView } from '../api/views';

/** What a unit's sign looks like: the status is told by form alone, hue belongs to priorities. */
export type UnitForm =
  | 'ring' // available: empty circle
  | 'pause' // crew resting: empty circle with two bars
  | 'disc' // on the way: filled circle, with a pointer while it drives
  | 'square' // at the scene: filled square
  | 'disc_double' // patient on board: filled circle in a ring
  | 'square_double' // at hospital: filled square in a frame
  | 'frame' // care handed over, not yet free: empty square
  | 'dot'; // off duty, or lent to another centre

export const FORMS: UnitForm[] = [
  'ring', 'pause', 'disc', 'square', 'disc_double', 'square_double', 'frame', 'dot',
];

export function formOf({ state, crew }: Pick<UnitView, 'state' | 'crew'>): UnitForm {
  if (state.state === 'off_duty' || state.state === 'lent') return 'dot';
  if (state.state === 'available') return crew.state.state === 'resting' ? 'pause' : 'ring';
  switch (state.phase) {
    case 'notified':
    case 'acknowledged':
    case 'en_route':
    case 'staged': return 'disc';
    case 'on_scene':
    case 'at_patient': return 'square';
    case 'transporting': return 'disc_double';
    case 'at_landing_area':
    case 'at_hospital': return 'square_double';
    case 'care_handed_on':
    case 'care_transferred': return 'frame';
  }
}

export function isDriving({ state }: Pick<UnitView, 'state'>): boolean {
  return state.state === 'engaged' && ['en_route', 'transporting'].includes(state.phase);
}

/** Compass bearing in degrees from one point to another close by. */
export function bearing(
  from: { lat: number; lon: number },
  to: { lat: number; lon: number },
): number {
  const east = (to.lon - from.lon) * Math.cos((from.lat * Math.PI) / 180);
  return ((Math.atan2(east, to.lat - from.lat) * 180) / Math.PI + 360) % 360;
}

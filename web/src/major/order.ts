import { TAGS, type CasualtyView } from '../lib/api/major';

const PLACES: CasualtyView['state'][] = ['tagged', 'allotted', 'loaded', 'at_hospital', 'dead_on_scene', 'walked_away', 'released'];

/** Those who still need something first, the most urgent of them before the others. */
export function ranked(casualties: CasualtyView[]): CasualtyView[] {
  const key = ({ state, tag, id }: CasualtyView) => [PLACES.indexOf(state), TAGS.indexOf(tag), id] as const;
  return casualties.toSorted((a, b) => {
    const [left, right] = [key(a), key(b)];
    const at = left.findIndex((value, idx) => value !== right[idx]);
    return at < 0 ? 0 : left[at]! - right[at]!;
  });
}

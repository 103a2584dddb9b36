import type { EventSpeech } from '../i18n/events';
import { i18n } from '../i18n/i18n.svelte';
import type { HospitalView } from '../api/views';
import { centre } from './centre.svelte';

const readable = (id: string) => id.replaceAll(/[_-]+/g, ' ');

export function nameOfHospital(view: Pick<HospitalView, 'name' | 'name_zh'>): string {
  return i18n.language === 'zh' ? (view.name_zh ?? view.name) : view.name;
}

/** Names of this centre's things in the present language; unknown ones keep their id. */
export const speech: EventSpeech = {
  get t() {
    return i18n.t;
  },
  stationName: (id) => centre.stations.find((station) => station.id === id)?.name ?? id,
  hospitalName(id) {
    const view = centre.hospitals.get(id);
    return view ? nameOfHospital(view) : id;
  },
  complaintName(id) {
    const card = centre.reference.complaints.find((card) => card.id === id);
    return i18n.pick(card?.name, readable(id));
  },
  slotName(id) {
    const slots = (centre.reference.run_cards ?? []).flatMap((card) => card.slots);
    return i18n.pick(slots.find((slot) => slot.id === id)?.name, readable(id));
  },
  taskName: (what) => i18n.pick(centre.reference.tasks[what], readable(what)),
  taskOf(id) {
    for (const { receptions } of centre.hospitals.values())
      for (const { tasks } of receptions) {
        const task = tasks.find((task) => task.id === id);
        if (task) return task.what;
      }
    return null;
  },
  criterionName(kind, id) {
    const file = centre.reference.destination.find((file) => file.kind === kind);
    const criterion = file?.criteria.find((criterion) => criterion.id === id);
    return i18n.pick(criterion?.name, i18n.t.findings.criterion[id] ?? readable(id));
  },
};

/** A reason of a suggested priority in the present language. */
export const sayBecause = (key: string) => i18n.pick(centre.reference.rules[key], key);

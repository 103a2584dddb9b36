import { api } from '../lib/api/client';
import type { MajorIncident } from '../lib/api/major';
import { centre } from '../lib/centre/centre.svelte';
import { i18n } from '../lib/i18n/i18n.svelte';
import { describeFault, type Fault } from '../lib/parts/fault';

const REFRESH_MS = 5_000;
/** Events of one second are looked at together. */
const SOON_MS = 700;

/** A major incident as it is now, looked up again when something happens to it. */
export class Scene {
  major = $state.raw<MajorIncident | null>(null);
  fault = $state<Fault | null>(null);

  /** Follows it until the returned function is called. */
  follow(incident: number): () => void {
    let soon: ReturnType<typeof setTimeout> | undefined;
    const load = () => void this.load(incident);
    load();
    const timer = setInterval(load, REFRESH_MS);
    const stop = centre.onEvent(({ event }) => {
      const concerns = ('incident' in event && event.incident === incident) || event.type === 'surge_declared';
      if (!concerns || soon) return;
      soon = setTimeout(() => {
        soon = undefined;
        load();
      }, SOON_MS);
    });
    return () => {
      clearInterval(timer);
      clearTimeout(soon);
      stop();
    };
  }

  async load(incident: number): Promise<void> {
    try {
      this.major = await api.major(incident);
      this.fault = null;
    } catch (error) {
      this.fault = describeFault(error, i18n.t);
    }
  }
}

/** The major incident that is meant where none is named: the newest that is not stood down, else the newest. */
export function newestMajor(): number | null {
  const all = [...centre.incidents.values()].filter(({ major }) => major);
  const open = all.filter(({ major }) => major?.state === 'declared');
  return Math.max(...(open.length > 0 ? open : all).map(({ id }) => id), 0) || null;
}

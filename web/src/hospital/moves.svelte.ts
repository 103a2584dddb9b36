import { SvelteMap } from 'svelte/reactivity';
import { api } from '../lib/api/client';
import type { Event, Recorded } from '../lib/api/events';
import { centre } from '../lib/centre/centre.svelte';

export type Move = Extract<Event, { type: 'tasks_moved' }>;

/** The latest move of each incident's tasks, with its reason. */
class Moves {
  readonly latest = new SvelteMap<number, Move>();
  private readonly asked = new Set<number>();

  listen(hospital: string): () => void {
    return centre.onEvent(({ event }) => {
      if (event.type === 'tasks_moved' && event.hospital === hospital) this.latest.set(event.incident, event);
    });
  }

  /** Reads what moved before this page was opened. */
  async recall(incident: number, hospital: string): Promise<void> {
    if (this.asked.has(incident)) return;
    this.asked.add(incident);
    const past: Recorded[] = await api.timeline(incident).catch(() => []);
    const move = past.map(({ event }) => event).findLast(
      (event): event is Move => event.type === 'tasks_moved' && event.hospital === hospital,
    );
    if (move && !this.latest.has(incident)) this.latest.set(incident, move);
  }
}

export const moves = new Moves();

import type { Position } from '../lib/api/model';
import { centre } from '../lib/centre/centre.svelte';
import { inOrder } from '../lib/centre/derive';

export type Focus = 'units' | 'hospitals' | 'list';

/** What the dispatcher is looking at. */
class ConsoleState {
  selected = $state<number | null>(null);
  isTaking = $state(false);
  picked = $state.raw<Position | null>(null);
  /** What should have the keyboard as soon as it is there. */
  wants = $state<Focus | null>(null);

  select(incident: number | null, wants: Focus | null = null): void {
    this.selected = incident;
    this.isTaking = false;
    this.picked = null;
    this.wants = wants;
  }

  takeCall(): void {
    this.isTaking = true;
    this.picked = null;
  }

  dropCall(): void {
    this.isTaking = false;
    this.picked = null;
  }

  /** Selects the next or the previous incident of the list. */
  move(by: 1 | -1): void {
    const list = inOrder(centre.incidents.values());
    const at = list.findIndex(({ id }) => id === this.selected);
    const next = list[at < 0 ? 0 : Math.min(Math.max(at + by, 0), list.length - 1)];
    if (next) this.select(next.id);
  }
}

export const desk = new ConsoleState();

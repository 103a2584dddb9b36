import { api } from '../api/client';
import type { Aid } from '../api/aid';
import { centre } from './centre.svelte';

/** Mutual aid as the centre knows it, looked up again when something happens to it. */
class AidDesk {
  list = $state.raw<Aid[]>([]);
  /** Requests of other centres that wait for an answer of this one. */
  nDue = $derived(this.list.filter(isDue).length);

  follow(): () => void {
    void this.load();
    return centre.onEvent(({ event }) => {
      if (event.type === 'aid') void this.load();
    });
  }

  private async load(): Promise<void> {
    try {
      this.list = (await api.aid()).aid;
    } catch {
      // The next event, or the next page, asks again; the link's state is shown elsewhere.
    }
  }
}

export function isDue({ side, rounds, is_over: isOver }: Aid): boolean {
  return side === 'lender' && !isOver && rounds.at(-1)?.reply === null;
}

export const aids = new AidDesk();

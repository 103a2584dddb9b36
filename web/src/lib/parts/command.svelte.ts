import { command, Refusal } from '../api/client';
import type { Ack, Command } from '../api/commands';
import { i18n } from '../i18n/i18n.svelte';
import { describeFault, type Fault } from './fault';

/** One place on a screen from which commands are given: whether one is under way, what failed. */
export class Desk {
  isBusy = $state(false);
  fault = $state<Fault | null>(null);

  constructor(private readonly actor: () => string) {}

  /** Gives a command; `null` where it was refused, the reason then being in `fault`. */
  async give(wish: Command): Promise<Ack | null> {
    if (this.isBusy) return null;
    this.isBusy = true;
    this.fault = null;
    try {
      return await command(this.actor(), wish);
    } catch (error) {
      this.fault = describeFault(error, i18n.t);
      this.wasConflict = error instanceof Refusal && error.status === 409;
      return null;
    } finally {
      this.isBusy = false;
    }
  }

  wasConflict = false;

  dismiss = (): void => {
    this.fault = null;
  };
}

const STORED = 'golden-hour.dispatcher';

/** Who sits here: `?as=li` once, remembered afterwards. */
export function dispatcher(): string {
  const asked = new URLSearchParams(location.search).get('as');
  try {
    if (asked) localStorage.setItem(STORED, asked);
    return `dispatcher:${asked ?? localStorage.getItem(STORED) ?? 'desk-1'}`;
  } catch {
    return `dispatcher:${asked ?? 'desk-1'}`;
  }
}

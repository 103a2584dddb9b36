import { api, type TriageAnswer } from '../../lib/api/client';
import { i18n } from '../../lib/i18n/i18n.svelte';
import { describeFault, type Fault } from '../../lib/parts/fault';

const SETTLE_MS = 120;

/** The priority that the card suggests for what is known so far. */
export class Suggestion {
  answer = $state.raw<TriageAnswer | null>(null);
  fault = $state<Fault | null>(null);
  private turn = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  ask(complaint: string, answers: Record<string, string>, age: number | null): void {
    const turn = ++this.turn;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      api.triage(complaint, answers, age).then(
        (answer) => {
          if (turn !== this.turn) return;
          this.answer = answer;
          this.fault = null;
        },
        (error: unknown) => {
          if (turn === this.turn) this.fault = describeFault(error, i18n.t);
        },
      );
    }, SETTLE_MS);
  }
}

import { api } from '../lib/api/client';
import type { Recommendation } from '../lib/api/views';
import { i18n } from '../lib/i18n/i18n.svelte';
import { describeFault, type Fault } from '../lib/parts/fault';

/** The centre's recommendation for the incident on the screen. */
export class Advice {
  recommendation = $state.raw<Recommendation | null>(null);
  fault = $state<Fault | null>(null);
  private asked = 0;

  async load(incident: number): Promise<void> {
    const turn = ++this.asked;
    try {
      const answer = await api.recommendation(incident);
      if (turn !== this.asked) return;
      this.recommendation = answer;
      this.fault = null;
    } catch (error) {
      if (turn === this.asked) this.fault = describeFault(error, i18n.t);
    }
  }
}

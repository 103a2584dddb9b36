import type { NamedPiece } from '../lib/ecg/playout';
import { newPart, type LocalView } from './local-view';

const EVERY_MS = 250;
const ANSWER_WITHIN_MS = 2000;

/** Asks the gateway beside this screen four times a second. */
export class Poll {
  view = $state.raw<LocalView | null>(null);
  silentMs = $state(0);
  private heardAt = performance.now();
  private drawnUntil: number | null = null;
  private take: ((piece: NamedPiece) => void) | null = null;
  private isStopped = false;

  start(): () => void {
    void this.run();
    return () => {
      this.isStopped = true;
    };
  }

  subscribe = (take: (piece: NamedPiece) => void): (() => void) => {
    this.take = take;
    return () => {
      this.take = null;
    };
  };

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const due = performance.now() + EVERY_MS;
      await this.ask();
      this.silentMs = performance.now() - this.heardAt;
      await new Promise((resume) => setTimeout(resume, Math.max(20, due - performance.now())));
    }
  }

  private async ask(): Promise<void> {
    try {
      const answer = await fetch('/api/view', { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      if (!answer.ok) return;
      this.view = (await answer.json()) as LocalView;
      this.heardAt = performance.now();
      this.pass();
    } catch {
      return;
    }
  }

  private pass(): void {
    const wave = this.view?.wave;
    if (!wave || !this.take) return;
    const part = newPart(wave, this.drawnUntil);
    this.drawnUntil = part.endUs;
    if (part.microvolts.length > 0) this.take({ ...part, lead: wave.lead, hz: wave.hz });
  }
}

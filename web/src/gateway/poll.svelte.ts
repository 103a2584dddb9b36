import type { NamedPiece } from '../lib/ecg/playout';
import type { AlarmKind } from '../lib/api/model';
import type { ScoreTexts } from '../lib/api/reference';
import { newPart, type AlarmBudget, type LocalView } from './local-view';

const EVERY_MS = 250;
const ANSWER_WITHIN_MS = 2000;
/** Answers between two looks at what changes slowly. */
const BUDGET_EVERY = 40;

/** Asks the gateway beside this screen four times a second. */
export class Poll {
  view = $state.raw<LocalView | null>(null);
  silentMs = $state(0);
  texts = $state.raw<ScoreTexts[]>([]);
  budget = $state.raw<AlarmBudget | null>(null);
  private nAsked = 0;
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

  /** Somebody here sees an alarm now, and knows. */
  acknowledge(kind: AlarmKind): void {
    void this.tell('/api/alarms/acknowledge', { kind, seen_at: this.view?.now });
  }

  pauseAudio(): void {
    void this.tell('/api/alarms/pause');
  }

  private async tell(path: string, body?: unknown): Promise<void> {
    const json = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    // The next view shows whether it was heard.
    await fetch(path, { method: 'POST', headers: body ? json : {}, body: body ? JSON.stringify(body) : null, signal }).catch(() => undefined);
  }

  /** What changes slowly is asked for now and then. */
  private async askSlowly(): Promise<void> {
    if (this.nAsked++ % BUDGET_EVERY !== 0) return;
    const [budget, texts] = await Promise.all(
      ['/api/alarms/budget', '/api/scores'].map((path) => fetch(path, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })),
    );
    if (budget?.ok) this.budget = (await budget.json()) as AlarmBudget;
    if (texts?.ok) this.texts = (await texts.json()) as ScoreTexts[];
  }

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
      await this.askSlowly();
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

import { Eye, FACE, type Seen } from './eye';

const TELL_EVERY_MS = 1000;
const ANSWER_WITHIN_MS = 5000;

export const REFUSALS = [
  'too_short', 'too_few_pictures', 'gap', 'no_skin', 'too_dark', 'too_bright', 'clipped', 'motion', 'moves_alike', 'light_alike', 'weak', 'disagree', 'uncertain',
] as const;

/** What the gateway says of the pictures so far. */
export interface CameraAnswer {
  pulse: { bpm: number; within: number; snr_db: number } | null;
  refusal: (typeof REFUSALS)[number] | null;
  because: string | null;
}

type State = 'off' | 'starting' | 'on' | 'no_camera' | 'no_gateway';

/** Looks at a face, and tells the gateway mean colours once a second. */
export class FaceCamera {
  state = $state<State>('off');
  answer = $state.raw<CameraAnswer | null>(null);
  private readonly eye = new Eye(FACE);
  private name = '';
  private pictures: Seen[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;

  async start(video: HTMLVideoElement): Promise<void> {
    this.state = 'starting';
    if (!(await this.eye.open(video, 'user', (seen) => this.pictures.push(seen)))) {
      this.stop('no_camera');
      return;
    }
    // Not randomUUID: only pages that are secure have it.
    this.name = `${Date.now()}-${Math.random()}`;
    this.state = 'on';
    this.timer = setInterval(() => void this.tell(), TELL_EVERY_MS);
  }

  stop(state: State = 'off'): void {
    clearInterval(this.timer);
    this.eye.close();
    this.pictures = [];
    this.answer = null;
    this.state = state;
  }

  private async tell(): Promise<void> {
    const pictures = this.pictures.splice(0);
    if (pictures.length === 0) return;
    const body = JSON.stringify({ camera: this.name, pictures });
    const headers = { 'content-type': 'application/json' };
    try {
      const answer = await fetch('/api/camera', { method: 'POST', headers, body, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      if (!this.eye.isOpen) return;
      this.state = answer.ok ? 'on' : 'no_gateway';
      if (answer.ok) this.answer = (await answer.json()) as CameraAnswer;
    } catch {
      if (this.eye.isOpen) this.state = 'no_gateway';
    }
  }
}

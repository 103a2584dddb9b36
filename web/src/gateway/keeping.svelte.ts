import { Eye, NAIL, type Seen } from './eye';

const PRESS_S = 5;
const RELEASE_S = 9;
const ANSWER_WITHIN_MS = 30_000;

export type Flaw = 'small' | 'dark' | 'bright' | 'clipped' | 'black' | 'blurred';

/** What the gateway says of a photo. */
export interface PhotoAnswer {
  is_kept: boolean;
  no_picture: string | null;
  flaws: { flaw: Flaw; because: string }[];
  has_patient: boolean;
}

/** Takes a photo of a wound to the gateway; one with flaws is kept only when the crew says so. */
export class WoundPhoto {
  state = $state<'none' | 'asking' | 'answered' | 'no_gateway'>('none');
  answer = $state.raw<PhotoAnswer | null>(null);
  private photo: File | null = null;

  async take(photo: File): Promise<void> {
    this.photo = photo;
    await this.send('good');
  }

  async keepAll(): Promise<void> {
    await this.send('always');
  }

  private async send(keep: 'good' | 'always'): Promise<void> {
    this.state = 'asking';
    try {
      const answer = await fetch(`/api/photo?keep=${keep}`, { method: 'POST', body: this.photo, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      if (!answer.ok) throw new Error(answer.statusText);
      this.answer = (await answer.json()) as PhotoAnswer;
      this.state = 'answered';
    } catch {
      this.state = 'no_gateway';
    }
  }
}

export const REFILL_REFUSALS = ['too_dark', 'too_bright', 'clipped', 'too_few_pictures', 'no_blanch', 'not_back', 'motion', 'odd_course'] as const;

/** What the gateway says of a press and its release. */
export interface RefillAnswer {
  refill: { secs: number; within: number } | null;
  refusal: (typeof REFILL_REFUSALS)[number] | null;
  because: string | null;
  is_kept: boolean;
  has_patient: boolean;
}

/** Watches a nail while it is pressed and let go. */
export class NailCamera {
  state = $state<'off' | 'starting' | 'press' | 'release' | 'asking' | 'no_camera' | 'no_gateway'>('off');
  secsLeft = $state(0);
  answer = $state.raw<RefillAnswer | null>(null);
  private readonly eye = new Eye(NAIL);
  private timer: ReturnType<typeof setInterval> | undefined;

  async start(video: HTMLVideoElement): Promise<void> {
    this.answer = null;
    this.state = 'starting';
    const pictures: Seen[] = [];
    if (!(await this.eye.open(video, 'environment', (seen) => pictures.push(seen)))) {
      this.stop('no_camera');
      return;
    }
    this.state = 'press';
    this.secsLeft = PRESS_S;
    this.timer = setInterval(() => this.count(pictures), 1000);
  }

  stop(state: NailCamera['state'] = 'off'): void {
    clearInterval(this.timer);
    this.eye.close();
    this.state = state;
  }

  private count(pictures: Seen[]): void {
    this.secsLeft -= 1;
    if (this.secsLeft > 0) return;
    if (this.state === 'press') {
      this.state = 'release';
      this.secsLeft = RELEASE_S;
    } else {
      this.stop('asking');
      void this.tell(pictures);
    }
  }

  private async tell(pictures: Seen[]): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    try {
      const body = JSON.stringify({ pictures });
      const answer = await fetch('/api/refill', { method: 'POST', headers, body, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      if (!answer.ok) throw new Error(answer.statusText);
      this.answer = (await answer.json()) as RefillAnswer;
      this.state = 'off';
    } catch {
      this.state = 'no_gateway';
    }
  }
}

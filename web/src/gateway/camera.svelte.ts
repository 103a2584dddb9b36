import { mosaicOf } from './mosaic';

/** The part of a picture that is looked at, in shares of its sides: `Region::MIDDLE` of the gateway. */
export const REGION = { left: 0.2, top: 0.1, width: 0.6, height: 0.8 };
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
  private stream: MediaStream | null = null;
  private name = '';
  private pictures: { at: number; cells: number[] }[] = [];
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly canvas = document.createElement('canvas');

  async start(video: HTMLVideoElement): Promise<void> {
    this.state = 'starting';
    try {
      // A page that did not come by HTTPS or from this machine has no cameras.
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480, frameRate: 30 }, audio: false });
      video.srcObject = this.stream;
      await video.play();
    } catch {
      this.stop('no_camera');
      return;
    }
    // Not randomUUID: only pages that are secure have it.
    this.name = `${Date.now()}-${Math.random()}`;
    this.state = 'on';
    this.follow(video);
    this.timer = setInterval(() => void this.tell(), TELL_EVERY_MS);
  }

  stop(state: State = 'off'): void {
    clearInterval(this.timer);
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.pictures = [];
    this.answer = null;
    this.state = state;
  }

  private follow(video: HTMLVideoElement): void {
    const { stream } = this;
    video.requestVideoFrameCallback((_, { mediaTime }) => {
      if (!stream || this.stream !== stream) return;
      this.take(video, Math.round(mediaTime * 1e6));
      this.follow(video);
    });
  }

  private take(video: HTMLVideoElement, at: number): void {
    const [across, down] = [video.videoWidth, video.videoHeight];
    const [width, height] = [Math.round(REGION.width * across), Math.round(REGION.height * down)];
    if (width < 1 || height < 1) return;
    Object.assign(this.canvas, { width, height });
    const context = this.canvas.getContext('2d', { willReadFrequently: true });
    context?.drawImage(video, -REGION.left * across, -REGION.top * down);
    const picture = context?.getImageData(0, 0, width, height);
    if (picture) this.pictures.push({ at, cells: mosaicOf(picture.data, width, height) });
  }

  private async tell(): Promise<void> {
    const pictures = this.pictures.splice(0);
    if (pictures.length === 0) return;
    const body = JSON.stringify({ camera: this.name, pictures });
    const headers = { 'content-type': 'application/json' };
    try {
      const answer = await fetch('/api/camera', { method: 'POST', headers, body, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      if (!this.stream) return;
      this.state = answer.ok ? 'on' : 'no_gateway';
      if (answer.ok) this.answer = (await answer.json()) as CameraAnswer;
    } catch {
      if (this.stream) this.state = 'no_gateway';
    }
  }
}

import { mosaicOf } from './mosaic';

/** A part of a picture, in shares of its sides. */
export interface Region { left: number; top: number; width: number; height: number }
/** Where a face is looked at: `Region::MIDDLE` of the gateway. */
export const FACE: Region = { left: 0.2, top: 0.1, width: 0.6, height: 0.8 };
/** Where a nail is. */
export const NAIL: Region = { left: 0.35, top: 0.35, width: 0.3, height: 0.3 };

/** A picture as the gateway takes it: microseconds on the camera's clock, and its cells. */
export interface Seen { at: number; cells: number[] }

/** A camera of this device, the part of whose pictures becomes grids of mean colours. */
export class Eye {
  private stream: MediaStream | null = null;
  private readonly canvas = document.createElement('canvas');

  constructor(private readonly region: Region) {}

  get isOpen(): boolean {
    return this.stream !== null;
  }

  /** Whether there is a camera that may be used. */
  async open(video: HTMLVideoElement, facingMode: 'user' | 'environment', take: (seen: Seen) => void): Promise<boolean> {
    try {
      // A page that did not come by HTTPS or from this machine has no cameras.
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480, frameRate: 30, facingMode }, audio: false });
      video.srcObject = this.stream;
      await video.play();
    } catch {
      this.close();
      return false;
    }
    this.follow(video, take);
    return true;
  }

  close(): void {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }

  private follow(video: HTMLVideoElement, take: (seen: Seen) => void): void {
    const { stream } = this;
    video.requestVideoFrameCallback((_, { mediaTime }) => {
      if (!stream || this.stream !== stream) return;
      const cells = this.look(video);
      if (cells) take({ at: Math.round(mediaTime * 1e6), cells });
      this.follow(video, take);
    });
  }

  private look(video: HTMLVideoElement): number[] | null {
    const [across, down] = [video.videoWidth, video.videoHeight];
    const { region } = this;
    const [width, height] = [Math.round(region.width * across), Math.round(region.height * down)];
    if (width < 1 || height < 1) return null;
    Object.assign(this.canvas, { width, height });
    const context = this.canvas.getContext('2d', { willReadFrequently: true });
    context?.drawImage(video, -region.left * across, -region.top * down);
    const picture = context?.getImageData(0, 0, width, height);
    return picture ? mosaicOf(picture.data, width, height) : null;
  }
}

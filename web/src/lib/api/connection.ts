import type { Snapshot, StreamMessage } from './views';

/** `live`: messages come; `stale`: none for 3 s, reconnecting; `starting`: no snapshot yet. */
export type LinkState = 'starting' | 'live' | 'stale';

export interface Sink {
  onSnapshot(snapshot: Snapshot): void;
  onMessage(message: StreamMessage): void;
  onLink(state: LinkState): void;
}

export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Surroundings {
  loadState(): Promise<Snapshot>;
  openSocket(after: number): Socket;
  now(): number;
  setTimer(run: () => void, ms: number): unknown;
  clearTimer(timer: unknown): void;
}

export const SILENCE_MS = 3000;
export const OPEN_WITHIN_MS = 1500;
export const BACKOFF_MS = [250, 500, 1000, 2000] as const;

/**
 * Keeps a console equal to the centre: a snapshot, then every event once and in order. It resumes
 * after the last event that it has seen, and starts anew from a snapshot where that cannot work.
 */
export class Connection {
  private seq: number | null = null;
  private behindSince: number | null = null;
  private socket: Socket | null = null;
  private greeted: Socket | null = null;
  private attempts = 0;
  private watched: string | null = null;
  private silence: unknown = null;
  private retry: unknown = null;
  private isStopped = false;

  /** When the last message came, by `now()`. */
  heardAt: number;

  constructor(
    private readonly sink: Sink,
    private readonly around: Surroundings,
  ) {
    this.heardAt = around.now();
  }

  start(): void {
    this.sink.onLink('starting');
    void this.reload();
  }

  stop(): void {
    this.isStopped = true;
    this.dropSocket();
    this.around.clearTimer(this.retry);
  }

  /** Asks for one unit's waveform; `null` for none. Survives reconnection. */
  watch(unit: string | null): void {
    this.watched = unit;
    if (this.greeted === this.socket) this.socket?.send(JSON.stringify({ watch: unit }));
  }

  private async reload(): Promise<void> {
    this.dropSocket();
    try {
      const snapshot = await this.around.loadState();
      if (this.isStopped) return;
      this.seq = snapshot.seq;
      this.behindSince = null;
      this.heard();
      this.sink.onSnapshot(snapshot);
      this.open();
    } catch {
      this.seq = null;
      this.tryAgain();
    }
  }

  private open(): void {
    const socket = this.around.openSocket(this.seq ?? 0);
    this.dropSocket();
    this.socket = socket;
    this.armSilence(OPEN_WITHIN_MS);
    socket.onmessage = ({ data }) => {
      if (socket !== this.socket) return;
      this.greet(socket);
      this.heard();
      this.take(JSON.parse(data) as StreamMessage);
    };
    socket.onclose = () => {
      if (socket === this.socket) this.lost();
    };
  }

  private greet(socket: Socket): void {
    if (this.greeted === socket) return;
    this.greeted = socket;
    this.attempts = 0;
    if (this.watched !== null) socket.send(JSON.stringify({ watch: this.watched }));
  }

  private take(message: StreamMessage): void {
    const seen = this.seq ?? 0;
    if (message.type === 'hello' && message.seq < seen) return void this.reload();
    if (message.type === 'event') {
      if (message.recorded.seq <= seen) return;
      if (message.recorded.seq > seen + 1) return void this.reload();
      this.seq = message.recorded.seq;
    }
    if (message.type === 'tick' && this.isBehind(message.seq)) return void this.reload();
    this.sink.onMessage(message);
  }

  /** A tick may overtake its events once; if they are missing at the next tick, they are lost. */
  private isBehind(tickSeq: number): boolean {
    const seen = this.seq ?? 0;
    const wasBehind = this.behindSince !== null && seen < this.behindSince;
    this.behindSince = tickSeq > seen ? tickSeq : null;
    return wasBehind;
  }

  private heard(): void {
    this.heardAt = this.around.now();
    this.sink.onLink('live');
    this.armSilence(SILENCE_MS);
  }

  private armSilence(ms: number): void {
    this.around.clearTimer(this.silence);
    this.silence = this.around.setTimer(() => this.lost(), ms);
  }

  private lost(): void {
    this.dropSocket();
    this.tryAgain();
  }

  private tryAgain(): void {
    if (this.isStopped) return;
    if (this.around.now() - this.heardAt >= SILENCE_MS) this.sink.onLink('stale');
    const wait = BACKOFF_MS[Math.min(this.attempts, BACKOFF_MS.length - 1)] ?? 2000;
    this.attempts += 1;
    this.around.clearTimer(this.retry);
    this.retry = this.around.setTimer(() => {
      if (this.seq === null) void this.reload();
      else this.open();
    }, wait);
  }

  private dropSocket(): void {
    this.around.clearTimer(this.silence);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }
}

/** The real browser around a connection. */
export function browserSurroundings(loadState: () => Promise<Snapshot>): Surroundings {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return {
    loadState,
    openSocket: (after) =>
      new WebSocket(`${scheme}://${location.host}/api/stream?after=${after}`) as Socket,
    now: () => performance.now(),
    setTimer: (run, ms) => setTimeout(run, ms),
    clearTimer: (timer) => clearTimeout(timer as number | undefined),
  };
}

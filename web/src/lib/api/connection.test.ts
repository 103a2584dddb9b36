import { describe, expect, it } from 'vitest';
import { Connection, SILENCE_MS, type LinkState, type Socket } from './connection';
import type { Snapshot, StreamMessage } from './views';

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: string[] = [];
  isClosed = false;
  constructor(readonly after: number) {}
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.isClosed = true;
  }
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

/** A world in which time passes only when told. */
class World {
  time = 0;
  sockets: FakeSocket[] = [];
  links: LinkState[] = [];
  seen: number[] = [];
  nSnapshots = 0;
  stateSeq = 10;
  isDown = false;
  private timers = new Map<number, { at: number; run: () => void }>();
  private nTimers = 0;

  readonly connection = new Connection(
    {
      onSnapshot: () => (this.nSnapshots += 1),
      onMessage: (message: StreamMessage) => {
        if (message.type === 'event') this.seen.push(message.recorded.seq);
      },
      onLink: (state) => {
        if (this.links.at(-1) !== state) this.links.push(state);
      },
    },
    {
      loadState: async () => {
        if (this.isDown) throw new Error('down');
        return { seq: this.stateSeq } as Snapshot;
      },
      openSocket: (after) => {
        const socket = new FakeSocket(after);
        this.sockets.push(socket);
        if (this.isDown) queueMicrotask(() => socket.onclose?.());
        return socket;
      },
      now: () => this.time,
      setTimer: (run, ms) => {
        this.nTimers += 1;
        this.timers.set(this.nTimers, { at: this.time + ms, run });
        return this.nTimers;
      },
      clearTimer: (timer) => void this.timers.delete(timer as number),
    },
  );

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('no socket was opened');
    return socket;
  }

  async pass(ms: number): Promise<void> {
    const until = this.time + ms;
    for (;;) {
      await settle();
      const next = [...this.timers].sort(([, a], [, b]) => a.at - b.at)[0];
      if (!next || next[1].at > until) break;
      this.timers.delete(next[0]);
      this.time = next[1].at;
      next[1].run();
    }
    this.time = until;
    await settle();
  }

  event(seq: number): void {
    this.socket.say({ type: 'event', recorded: { seq } });
  }
}

const settle = () => new Promise((resume) => setTimeout(resume, 0));

async function connected(): Promise<World> {
  const world = new World();
  world.connection.start();
  await settle();
  world.socket.say({ type: 'hello', seq: 10 });
  return world;
}

describe('connection', () => {
  it('starts with a snapshot and asks for every event after it', async () => {
    const world = await connected();
    expect([world.nSnapshots, world.socket.after]).toEqual([1, 10]);
    world.event(11);
    world.event(12);
    expect(world.seen).toEqual([11, 12]);
  });

  it('drops an event that it has seen', async () => {
    const world = await connected();
    for (const seq of [11, 11, 9, 12]) world.event(seq);
    expect(world.seen).toEqual([11, 12]);
  });

  it('resumes after the last event when the socket closes', async () => {
    const world = await connected();
    world.event(11);
    world.socket.onclose?.();
    await world.pass(250);
    expect([world.sockets.length, world.socket.after, world.nSnapshots]).toEqual([2, 11, 1]);
    expect(world.links).toEqual(['starting', 'live']);
  });

  it('loads a new snapshot after a gap', async () => {
    const world = await connected();
    world.stateSeq = 20;
    world.event(13);
    await settle();
    expect([world.seen, world.nSnapshots, world.socket.after]).toEqual([[], 2, 20]);
  });

  it('loads a new snapshot when the log of the centre is behind', async () => {
    const world = await connected();
    world.event(11);
    world.socket.onclose?.();
    await world.pass(250);
    world.stateSeq = 3;
    world.socket.say({ type: 'hello', seq: 3 });
    await settle();
    expect([world.nSnapshots, world.socket.after]).toEqual([2, 3]);
  });

  it('forgives a tick that overtakes its event once, not twice', async () => {
    const world = await connected();
    world.socket.say({ type: 'tick', seq: 11 });
    world.event(11);
    world.socket.say({ type: 'tick', seq: 12 });
    expect(world.nSnapshots).toBe(1);
    world.socket.say({ type: 'tick', seq: 12 });
    await settle();
    expect(world.nSnapshots).toBe(2);
  });

  it('is stale after three silent seconds and reconnects by itself', async () => {
    const world = await connected();
    await world.pass(SILENCE_MS);
    expect(world.links.at(-1)).toBe('stale');
    await world.pass(250);
    world.socket.say({ type: 'hello', seq: 10 });
    expect(world.links.at(-1)).toBe('live');
  });

  it.each([1000, 3200, 10_000, 61_700])('is live within 5 s after an outage of %i ms', async (ms) => {
    const world = await connected();
    world.isDown = true;
    world.socket.onclose?.();
    await world.pass(ms);
    world.isDown = false;
    const n = world.sockets.length;
    await world.pass(4900);
    expect(world.sockets.length).toBeGreaterThan(n);
  });

  it('keeps trying when the centre is down from the start', async () => {
    const world = new World();
    world.isDown = true;
    world.connection.start();
    await world.pass(20_000);
    world.isDown = false;
    await world.pass(2000);
    expect(world.nSnapshots).toBe(1);
  });

  it('asks for the watched waveform again after reconnecting', async () => {
    const world = await connected();
    world.connection.watch('A103');
    expect(world.socket.sent).toEqual(['{"watch":"A103"}']);
    world.socket.onclose?.();
    await world.pass(250);
    world.socket.say({ type: 'hello', seq: 10 });
    expect(world.socket.sent).toEqual(['{"watch":"A103"}']);
  });

  it('does nothing more once stopped', async () => {
    const world = await connected();
    world.connection.stop();
    await world.pass(30_000);
    expect([world.sockets.length, world.socket.isClosed]).toEqual([1, true]);
  });
});

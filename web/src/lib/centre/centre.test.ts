import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Socket } from '../api/connection';
import type { LatestVitals, Snapshot, VitalsMessage } from '../api/views';

vi.stubGlobal('location', { protocol: 'http:', host: 'centre' });
vi.stubGlobal('fetch', () => new Promise(() => undefined));
const { Centre } = await import('./centre.svelte');

const NOW = 1_790_000_000_000_000;

function vitals(unit: string, secondsAgo: number, heartRate: number): LatestVitals {
  const signs = { heart_rate: heartRate } as LatestVitals['vitals'];
  return { unit, at: NOW - secondsAgo * 1_000_000, within_us: null, incident: 7, vitals: signs, news2: null };
}

function snapshot(latest: LatestVitals[]): Snapshot {
  return {
    seq: 10, now: NOW, speed: 1, city: {}, scheme: {}, incidents: [], units: [], hospitals: [],
    stations: [], vitals: latest, traffic: { n_arcs: 0, n_closed: 0, n_fleet: 0, newest: null, next_end: null },
  } as unknown as Snapshot;
}

class Page {
  readonly socket: Socket = { onopen: null, onmessage: null, onclose: null, send: () => undefined, close: () => undefined };
  state = snapshot([]);
  readonly centre = new Centre({
    loadState: async () => this.state,
    openSocket: () => this.socket,
    now: () => 0,
    setTimer: () => 0,
    clearTimer: () => undefined,
  });
  private stop = () => undefined as void;

  async open(): Promise<void> {
    this.stop = this.centre.start();
    await new Promise((resume) => setTimeout(resume));
  }

  say(message: object): void {
    this.socket.onmessage?.({ data: JSON.stringify(message) });
  }

  heartRateOf(unit: string): number | null | undefined {
    return this.centre.vitals.get(unit)?.vitals.heart_rate;
  }

  close(): void {
    this.stop();
  }
}

let page: Page;
beforeEach(() => void (page = new Page()));
afterEach(() => page.close());

it('a page that opens shows the latest vital signs and their age before the stream says any', async () => {
  page.state = snapshot([vitals('A1', 4, 61), vitals('A2', 90, 72)]);
  await page.open();
  expect([page.heartRateOf('A1'), page.heartRateOf('A2')]).toEqual([61, 72]);
  const ages = ['A1', 'A2'].map((unit) => (NOW - (page.centre.vitals.get(unit)?.at ?? 0)) / 1_000_000);
  expect(ages).toEqual([4, 90]);
  expect(page.centre.vitals.get('A1')?.incident).toBe(7);
});

it('what the stream says replaces it, and a later snapshot brings nothing older back', async () => {
  page.state = snapshot([vitals('A1', 4, 61)]);
  await page.open();
  page.say({ type: 'hello', seq: 10, now: NOW, speed: 1 });
  page.say({ ...vitals('A1', 1, 99), type: 'vitals', seq: 5 } satisfies VitalsMessage);
  expect(page.heartRateOf('A1')).toBe(99);
  page.say({ type: 'hello', seq: 3, now: NOW, speed: 1 });
  await new Promise((resume) => setTimeout(resume));
  expect(page.heartRateOf('A1')).toBe(99);
});

import type { Ack, Command, Winner } from './commands';
import type { Recorded } from './events';
import type { Aids } from './aid';
import type { MajorIncident } from './major';
import type { Frame, Priority, HospitalCapability } from './model';
import type { Reference } from './reference';
import type { ReplayState, ReplayWish, Ways } from './replay';
import type { Report } from './report';
import type { Coverage, Outlook, Policies, Recommendation, Route, Snapshot, Traffic } from './views';

/** The centre said no; `message` holds value, limit and remedy. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly wonBy: Winner | null,
  ) {
    super(message);
  }
}

/** The centre could not be asked, or its answer did not come. */
export class Unreachable extends Error {}

const ANSWER_WITHIN_MS = 4000;
const RETRY_AFTER_MS = [250, 500, 1000, 2000, 2000];

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  let body: string;
  try {
    response = await fetch(path, { ...init, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    body = await response.text();
  } catch (cause) {
    throw new Unreachable(`no answer to ${path}`, { cause });
  }
  if (!response.ok) throw refusalOf(response.status, body);
  return JSON.parse(body) as T;
}

function refusalOf(status: number, body: string): Error {
  try {
    const { error } = JSON.parse(body) as {
      error: { code: string; message: string; won_by?: Winner | null };
    };
    return new Refusal(status, error.code, error.message, error.won_by ?? null);
  } catch {
    return status >= 502
      ? new Unreachable(`status ${status}`)
      : new Refusal(status, 'unreadable', `status ${status}: ${body.slice(0, 200)}`, null);
  }
}

function post(body: unknown): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** A new idempotency key; `crypto.randomUUID` is missing on a page that came over plain http. */
export function newKey(source: Crypto = crypto): string {
  if (typeof source.randomUUID === 'function') return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

function isWorthRetrying(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Refusal && error.status === 503);
}

/** Gives a command; a lost answer is asked for again under the same key. */
export async function command(
  actor: string,
  wish: Command,
  retryAfterMs: readonly number[] = RETRY_AFTER_MS,
): Promise<Ack> {
  const request = post({ key: newKey(), actor, command: wish });
  for (const wait of retryAfterMs) {
    try {
      return await ask<Ack>('/api/commands', request);
    } catch (error) {
      if (!isWorthRetrying(error)) throw error;
      await pause(wait);
    }
  }
  return ask<Ack>('/api/commands', request);
}

export interface TriageAnswer {
  suggested: Priority;
  because: string[];
  needs: HospitalCapability[];
}

const of = (id: string | number) => encodeURIComponent(String(id));

export const api = {
  state: () => ask<Snapshot>('/api/state'),
  reference: () => ask<Reference>('/api/reference'),
  policies: () => ask<Policies>('/api/policies'),
  report: () => ask<Report>('/api/report'),
  traffic: (limit: number) => ask<Traffic>(`/api/traffic?limit=${limit}`),
  coverage: (network: string | null, hour: number | null) => {
    const asked = new URLSearchParams();
    if (network !== null) asked.set('network', network);
    if (hour !== null) asked.set('hour', String(hour));
    return ask<Coverage>(`/api/coverage?${asked}`);
  },
  async outlook(unit: string): Promise<Outlook | null> {
    try {
      return await ask<Outlook>(`/api/units/${of(unit)}/outlook`);
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) return null;
      throw error;
    }
  },
  triage: (complaint: string, answers: Record<string, string>, age: number | null) =>
    ask<TriageAnswer>('/api/triage', post({ complaint, answers, age })),
  recommendation: (incident: number) =>
    ask<Recommendation>(`/api/incidents/${of(incident)}/recommendation`),
  aid: () => ask<Aids>('/api/aid'),
  major: (incident: number) => ask<MajorIncident>(`/api/incidents/${of(incident)}/major`),
  timeline: (incident: number) => ask<Recorded[]>(`/api/incidents/${of(incident)}/timeline`),
  vitals: (unit: string, after: number, limit: number) =>
    ask<Frame[]>(`/api/units/${of(unit)}/vitals?after=${after}&limit=${limit}`),
  async route(unit: string): Promise<Route | null> {
    try {
      return await ask<Route>(`/api/units/${of(unit)}/route`);
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) return null;
      throw error;
    }
  },
  replay: () => ask<ReplayState>('/api/replay'),
  startReplay: (wish: ReplayWish) => ask<ReplayState>('/api/replay', post(wish)),
  stopReplay: () => ask<ReplayState>('/api/replay', { method: 'DELETE' }),
  replayWays: (incident: number) => ask<Ways>(`/api/replay/${of(incident)}/ways`),
};

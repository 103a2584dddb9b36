import { afterEach, describe, expect, it, vi } from 'vitest';
import { api, command, newKey, Refusal, Unreachable } from './client';
import type { Command } from './commands';

const WISH: Command = { type: 'open_doors', hospital: 'n1' };
const ACK = { seq: 7, incident: null, is_repeated: false };

function answer(status: number, body: unknown): Response {
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
}

/** Lets `fetch` give these answers in turn; an error is thrown. */
function answers(...turns: (Response | Error)[]) {
  const asked: { path: string; body: { key: string } }[] = [];
  vi.stubGlobal('fetch', (path: string, init?: RequestInit) => {
    asked.push({ path, body: JSON.parse(String(init?.body ?? '{}')) });
    const turn = turns.shift();
    return turn instanceof Response ? Promise.resolve(turn) : Promise.reject(turn);
  });
  return asked;
}

afterEach(() => void vi.unstubAllGlobals());

describe('client', () => {
  it('repeats a command under the same key when the answer is lost', async () => {
    const asked = answers(new TypeError('lost'), answer(503, { error: { code: 'recovering', message: 'm' } }), answer(200, ACK));
    expect(await command('dispatcher:li', WISH, [0, 0])).toEqual(ACK);
    expect(new Set(asked.map(({ body }) => body.key)).size).toBe(1);
    expect(asked.length).toBe(3);
  });

  it('does not repeat a command that was refused', async () => {
    const won_by = { actor: 'dispatcher:wu', at: 1, what: 'assign_unit' };
    const asked = answers(answer(409, { error: { code: 'conflict', message: 'version 3, not 2', won_by } }));
    const refusal = await command('dispatcher:li', WISH, [0]).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ status: 409, code: 'conflict', message: 'version 3, not 2', wonBy: won_by });
    expect(asked.length).toBe(1);
  });

  it('gives up when the centre stays silent', async () => {
    answers(new TypeError('a'), new TypeError('b'));
    await expect(command('dispatcher:li', WISH, [0])).rejects.toBeInstanceOf(Unreachable);
  });

  it('reads an error that is not JSON', async () => {
    answers(answer(400, '<html>'));
    await expect(api.report()).rejects.toMatchObject({ status: 400, message: 'status 400: <html>' });
  });

  it('takes a missing route as none', async () => {
    answers(answer(404, { error: { code: 'unknown', message: 'no route' } }));
    expect(await api.route('A1')).toBeNull();
  });

  it('makes keys without randomUUID, as on a page that came over plain http', () => {
    const plain = { getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes) } as unknown as Crypto;
    const keys = new Set(Array.from({ length: 50 }, () => newKey(plain)));
    expect(keys.size).toBe(50);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
  });
});

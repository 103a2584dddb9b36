import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const START_WITHIN_MS = 60_000;

export const binary = () =>
  [
    process.env.GH_BINARY,
    join(ROOT, 'target/release/golden-hour'),
    join(ROOT, 'target/debug/golden-hour'),
  ].find((path) => path && existsSync(path));

export function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

async function waitUntilHealthy(base, hasEnded) {
  const until = Date.now() + START_WITHIN_MS;
  while (Date.now() < until && !hasEnded()) {
    const answer = await fetch(`${base}/healthz`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resume) => setTimeout(resume, 200));
  }
  throw new Error(`${base}/healthz gave no 200 within ${START_WITHIN_MS} ms: see the output above`);
}

/**
 * Starts a living city on a free port, `more` being further options of its own; with GH_URL set, uses the server that runs there, and with
 * GH_MOCK set, web/mock. A server of our own can be paused to play an outage.
 */
export async function startServer(more = []) {
  if (process.env.GH_URL) return { base: process.env.GH_URL.replace(/\/$/, ''), stop() {} };
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const data = mkdtempSync(join(tmpdir(), 'golden-hour-e2e-'));
  const city = process.env.GH_CITY ?? join(ROOT, 'var/malta');
  const [program, args] = process.env.GH_MOCK
    ? [process.execPath, [join(ROOT, 'web/mock/server.mjs'), '--port', port, '--speed', '4']]
    : [
        binary(),
        [
          'up', '--city', city, '--data', data, '--listen', `127.0.0.1:${port}`, '--seed', '7',
          '--units', '12', '--speed', '4', '--dispatcher', 'manual', '--hospitals', 'manual', ...more,
        ],
      ];
  if (!program) throw new Error('golden-hour is not built: cargo build, or set GH_BINARY or GH_URL');
  const child = spawn(program, args.map(String), { stdio: ['ignore', 'inherit', 'inherit'] });
  let hasEnded = false;
  const ended = new Promise((done) => child.once('exit', done)).then(() => (hasEnded = true));
  const stop = async () => {
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(late);
    rmSync(data, { recursive: true, force: true });
  };
  try {
    await waitUntilHealthy(base, () => hasEnded);
  } catch (error) {
    await stop();
    throw error;
  }
  return { base, stop, pause: () => child.kill('SIGSTOP'), resume: () => child.kill('SIGCONT') };
}

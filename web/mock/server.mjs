/**
 * A mock of the centre for work on the screens: `npm run mock -- --port 8099 --speed 4`.
 * It serves docs/api.md with an invented city, and web/dist if that was built.
 */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { ALARMS, CHUNK_US, derived, vitals, wave } from './body.mjs';
import { MockCentre, Refused } from './centre.mjs';
import { BOUNDS, REFERENCE } from './city.mjs';
import { replayWays, showReplay, startReplay } from './replay.mjs';
import { acceptSocket } from './socket.mjs';
import { tile } from './tiles.mjs';

const { values: options } = parseArgs({
  options: { port: { type: 'string', default: '8080' }, speed: { type: 'string', default: '1' } },
});
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
const DIST = join(import.meta.dirname, '../dist');
const speed = Number(options.speed);
const centre = new MockCentre({ speed });

const GET = [
  [/^\/healthz$/, () => ({ status: 'ok', version: 'mock', seq: centre.seq })],
  [/^\/api\/state$/, () => centre.snapshot()],
  [/^\/api\/reference$/, () => REFERENCE],
  [/^\/api\/report$/, () => centre.report()],
  [/^\/api\/replay$/, () => showReplay(centre)],
  [/^\/api\/replay\/(\d+)\/ways$/, (id) => replayWays(centre, Number(id))],
  [/^\/api\/traffic$/, () => centre.traffic()],
  [/^\/api\/view$/, localView],
  [/^\/api\/scores$/, () => REFERENCE.scores],
  [/^\/api\/alarms\/budget$/, () => ({ watched: 3_600_000, n_told: 0, told_per_hour: 0, kinds: [] })],
  [/^\/api\/incidents\/(\d+)\/recommendation$/, (id) => centre.recommendation(Number(id))],
  [/^\/api\/incidents\/(\d+)\/timeline$/, (id) => centre.timeline(Number(id))],
  [/^\/api\/units\/([^/]+)\/route$/, (id) => centre.route(id)],
  [/^\/api\/units\/([^/]+)\/vitals$/, () => []],
];
const POST = {
  '/api/triage': (body) => centre.triage(body),
  '/api/commands': (body) => centre.command(body),
  '/api/replay': (body) => startReplay(centre, body),
};

function localView() {
  const frame = vitals('A101', 1, centre.now, 1);
  const start = Math.floor(Date.now() / 250) * 250_000;
  const chunks = [5, 4, 3, 2].map((n) => wave('A101', 1, start - n * CHUNK_US, 118));
  return {
    unit: 'A101', incident: 1, now: Date.now() * 1000, link: { state: 'offline', since: Date.now() * 1000 - 42e6, backlog_frames: 212 },
    carriers: {
      links: [], classes: [], clock: null,
      outbox: { alarms: 2, vitals: 90, records: 20, waves: 100, expired: 40, no_space: 0, in_memory: 0, in_memory_max: 32768 },
    },
    vitals: frame.vitals, news2: frame.news2, scores: frame.scores, alarms: ALARMS, audio: { state: 'sounding', priority: 'high', until: null }, complaints: ['line 17: spo2 412 % is outside 0..=100: check the sensor, then the device profile'],
    derived: derived('A101', 1, centre.now, 1).derived,
    held: [{ kind: 'ventricular_tachycardia', since: (Date.now() - 14_000) * 1000, channel: 'pleth', shows: 'steady_pulse', value: 82 }],
    leads: [
      { lead: 'I', state: 'good' }, { lead: 'II', state: 'good' }, { lead: 'V1', state: 'noisy' }, { lead: 'V2', state: 'off' },
      { lead: 'V6', state: 'good', clock: { late: 3012, drift_ppm: -140, sd_us: 900 } },
    ],
    electrodes: { exchanged: 'arms' }, camera: { at: Date.now() * 1000, rate: 84, within: 3 },
    wave: { lead: 'II', hz: 250, start: chunks[0].at, microvolts: chunks.flatMap(({ microvolts }) => microvolts) },
  };
}

/** A photo as the keeping of photos gives one: here a square of skin. */
function photo(response) {
  response.writeHead(200, { 'content-type': 'image/svg+xml' });
  response.end('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><rect width="4" height="3" fill="#c9a18a"/><circle cx="2" cy="1.5" r=".7" fill="#8c2f2b"/></svg>');
}

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function api(response, run) {
  try {
    answer(response, 200, run());
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { status, code, message, won_by } = error;
    answer(response, status, { error: { code, message, won_by } });
  }
}

function page(path, response) {
  const wanted = path === '/gateway' ? '/gateway.html' : path;
  const file = join(DIST, normalize(wanted));
  const found = existsSync(file) && statSync(file).isFile() ? file : join(DIST, 'index.html');
  response.writeHead(200, { 'content-type': TYPES[extname(found)] ?? 'application/octet-stream' });
  createReadStream(found).pipe(response);
}

const server = createServer(async (request, response) => {
  const path = decodeURIComponent(new URL(request.url, 'http://mock').pathname);
  if (request.method === 'POST' && POST[path]) {
    let body = '';
    for await (const part of request) body += part;
    return api(response, () => POST[path](JSON.parse(body)));
  }
  const tiled = /^\/api\/tiles\/(\d+)\/(\d+)\/(\d+)$/.exec(path);
  if (tiled) {
    const bytes = tile(...tiled.slice(1).map(Number), BOUNDS);
    response.writeHead(bytes ? 200 : 204);
    return response.end(bytes ?? undefined);
  }
  if (path.startsWith('/api/photos/')) return photo(response);
  for (const [pattern, run] of GET) {
    const match = pattern.exec(path);
    if (match) return api(response, () => run(...match.slice(1)));
  }
  page(path, response);
});

server.on('upgrade', (request, socket) => {
  const after = Number(new URL(request.url, 'http://mock').searchParams.get('after'));
  let watched = null;
  const send = acceptSocket(request, socket, (text) => (watched = JSON.parse(text).watch));
  const tell = (message) => {
    if (message.type !== 'wave' || message.unit === watched) send(JSON.stringify(message));
  };
  tell({ type: 'hello', seq: centre.seq, now: centre.now, speed });
  for (const recorded of centre.log.slice(after)) tell({ type: 'event', recorded, incident: null, unit: null, hospital: null });
  centre.listeners.add(tell);
  socket.on('close', () => centre.listeners.delete(tell));
});

setInterval(() => centre.pass(1e6 * speed), 1000);
let wavesUntil = centre.now;
setInterval(() => {
  wavesUntil += CHUNK_US;
  for (const message of centre.waves(wavesUntil)) centre.send(message);
}, CHUNK_US / 1000 / speed);

server.listen(Number(options.port), '127.0.0.1', () => console.log(`mock centre: http://127.0.0.1:${options.port}`));

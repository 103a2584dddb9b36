import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch, openPage } from './browser.mjs';
import { startServer } from './server.mjs';

const MAP_WITHIN_MS = 90_000;
const SEEN_WITHIN_MS = 60_000;
/** On one island. */
const DRIVE_MS_MAX = 1_500_000;
const SPAN = String.raw`(\d+):(\d\d)`;
/** `7:10 (6:20–8:40)`: a drive with the interval around it. */
const WITH_INTERVAL = new RegExp(`${SPAN} \\(${SPAN}–${SPAN}\\)`);
/** Invented numbers: what is shown is tested, not learnt. */
const MODEL = 'source = "a test"\nn_trips = 60\nscale = 1.0\nstart_s = 10.0\nb0 = 30.0\nb1 = 1.0\nb2 = 0.01\ndof = 5.0\n';

const folder = mkdtempSync(join(tmpdir(), 'golden-hour-traffic-'));
let server;
let browser;
let opened;
let n = 0;

const getJson = async (path) => (await fetch(`${server.base}${path}`)).json();

async function command(body) {
  const request = { key: `traffic-${(n += 1)}`, actor: 'dispatcher:test', command: body };
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${server.base}/api/commands`, { method: 'POST', headers, body: JSON.stringify(request) });
  const ack = await answer.json();
  assert.ok(answer.ok, JSON.stringify(ack));
  return ack;
}

async function apply(rows) {
  const until = new Date((await getJson('/api/state')).now / 1000 + 2 * 3.6e6).toISOString();
  const lines = rows.map(([from, to, speed]) => [from[1], from[0], to[1], to[0], speed, until].join());
  const body = ['from_lat,from_lon,to_lat,to_lon,speed_kmh,until', ...lines].join('\n');
  const path = `/api/traffic?key=file-${(n += 1)}&actor=test`;
  return fetch(`${server.base}${path}`, { method: 'POST', body });
}

/** Sends the unit that is the farthest from a call beside the first one. */
async function sendFarUnit() {
  const { units } = await getJson('/api/state');
  const place = units[0].position ?? units[0].home;
  const call = {
    position: { lat: place.lat + 0.002, lon: place.lon + 0.002 }, address: 'Triq ir-Repubblika 1', caller: null,
    complaint: 'chest-pain', answers: {}, age: 58, rang_at: (await getJson('/api/state')).now,
  };
  const { incident } = await command({ type: 'take_call', call, priority: 'I' });
  const { candidates } = (await getJson(`/api/incidents/${incident}/recommendation`)).units;
  const open = candidates.filter(({ is_eligible, eta }) => is_eligible && eta !== null && eta < DRIVE_MS_MAX);
  const { unit } = open.toSorted((a, b) => b.eta - a.eta)[0];
  return { incident, unit };
}

/** Closes stretches of the way before a unit, until its drive is over a minute longer. */
async function closeItsWay(unit) {
  const path = `/api/units/${unit}/route`;
  const { duration } = await getJson(path);
  for (let turn = 0; turn < 12; turn += 1) {
    const { points } = await getJson(path);
    const at = Math.floor(points.length * (0.35 + 0.05 * (turn % 6)));
    const answer = await apply([[points[at], points[at + 2], 'closed'], [points[at + 2], points[at], 'closed']]);
    if (!answer.ok) await apply([[points[at], points[at + 2], 'closed']]);
    const detour = await getJson(path);
    if (detour.duration > duration + 75_000) return;
  }
  assert.fail('twelve closures did not lengthen the drive by a minute');
}

const seconds = (text) => {
  const [, mins, secs] = new RegExp(SPAN).exec(text);
  return 60 * Number(mins) + Number(secs);
};

describe('live traffic', () => {
  let sent;

  before(async () => {
    const model = join(folder, 'eta.toml');
    writeFileSync(model, MODEL);
    server = await startServer(['--eta-model', model, '--fleet-speeds', 'off']);
    browser = await launch();
    opened = await openPage(browser, server.base, { language: 'en' });
    await opened.page.goto(server.base);
    await opened.page.locator('[data-ready="true"]').waitFor({ timeout: MAP_WITHIN_MS });
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('recommended units and the arrival of the one sent show an interval', async () => {
    const { page } = opened;
    sent = await sendFarUnit();
    await page.locator(`[data-incident="${sent.incident}"]`).first().click();
    const first = page.locator('[data-candidate]').first();
    await first.waitFor();
    assert.match(await first.innerText(), WITH_INTERVAL);
    await command({
      type: 'assign_unit', incident: sent.incident, expected_version: null, unit: sent.unit, overrule: 'a test',
    });
    const eta = page.locator(`aside [data-unit="${sent.unit}"]`).getByTestId('eta');
    await eta.waitFor();
    assert.match(await eta.innerText(), WITH_INTERVAL);
  });

  test('a file is seen on the map with its age', async () => {
    const { page } = opened;
    const note = page.getByTestId('traffic');
    assert.match(await note.innerText(), /No live traffic/);
    assert.equal(await page.locator('section.map').getAttribute('data-traffic'), '0');
    const { points } = await getJson(`/api/units/${sent.unit}/route`);
    const answer = await apply([[points.at(-3), points.at(-1), 12]]);
    assert.ok(answer.ok, await answer.clone().text());
    await page.waitForFunction(
      () => Number(document.querySelector('section.map')?.dataset.traffic) > 0,
      null,
      { timeout: SEEN_WITHIN_MS },
    );
    assert.match(await note.innerText(), /stretch.* under live traffic.*told \d+:\d\d ago/s);
  });

  test('a closed road makes the arrival shown later, with its reason', async () => {
    const { page } = opened;
    const row = page.locator(`aside [data-unit="${sent.unit}"]`);
    await row.getByText('en route').waitFor({ timeout: SEEN_WITHIN_MS });
    const shown = seconds(await row.getByTestId('eta').innerText());
    await closeItsWay(sent.unit);
    await page.waitForFunction(
      ([selector, least]) => {
        const found = /(\d+):(\d\d)/.exec(document.querySelector(selector)?.textContent ?? '');
        return found !== null && 60 * Number(found[1]) + Number(found[2]) > least;
      },
      [`aside [data-unit="${sent.unit}"] [data-testid="eta"]`, shown + 10],
      { timeout: SEEN_WITHIN_MS },
    );
    const told = (await getJson(`/api/incidents/${sent.incident}/timeline`)).map(({ event }) => event);
    const causes = told.filter(({ type }) => type === 'eta_revised').map(({ cause }) => cause.cause);
    assert.ok(causes.includes('traffic_changed'), causes.join());
    const closed = (await getJson('/api/traffic')).stretches.filter(({ kmh }) => kmh === null);
    assert.ok(closed.length > 0 && closed.every(({ source }) => source === 'file'));
  });

  test('no script failed', () => assert.deepEqual(opened.errors, []));
});

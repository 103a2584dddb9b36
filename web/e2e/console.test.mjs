import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { launch, openPage } from './browser.mjs';
import { startServer } from './server.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const MAP_WITHIN_MS = 90_000;
const PATIENT_WITHIN_MS = 240_000;
const RESYNC_WITHIN_MS = 5000;
const WORDS = {
  en: { search: 'chest', newCall: 'New call', units: 'Recommended units', tag: 'en' },
  zh: { search: '胸痛', newCall: '新呼叫', units: '推荐车辆', tag: 'zh-CN' },
};

let server;
let browser;

const getJson = async (path) => (await fetch(`${server.base}${path}`)).json();

before(async () => {
  server = await startServer();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Serious and critical findings of axe on the page as it is now. */
async function barriers(page) {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await globalThis.axe.run({ runOnly: tags });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  });
}

/** A place some 300 m from a unit that can treat the patient, so that the drive is short. */
async function nearFreeUnit() {
  const { units } = await getJson('/api/state');
  const free = units.find(({ kind, state }) => kind === 'als' && state.state === 'available');
  const { lat, lon } = free.position ?? free.home;
  return { lat: lat + 0.002, lon: lon + 0.002 };
}

/** Fills the card by keyboard alone, all but the last press. */
async function fillCard(page, words, place) {
  const { complaints } = await getJson('/api/reference');
  const card = complaints.find(({ id }) => id === 'chest-pain');
  await page.keyboard.press('n');
  await page.getByRole('combobox').waitFor();
  await page.keyboard.type(words.search);
  await page.keyboard.press('Enter');
  for (let n = 0; n < card.questions.length; n += 1) await page.keyboard.press('1');
  await page.keyboard.type(`${place.lat}, ${place.lon}`);
  await page.keyboard.press('Tab');
  await page.keyboard.type('Triq ir-Repubblika 1');
  await page.keyboard.press('Tab');
  await page.keyboard.type('58');
  await page.locator('[data-suggested="true"]').waitFor();
}

/** Clicks until a command is taken: the city's own people may be a moment faster. */
async function clickUntilTaken(page, selector) {
  for (let turn = 0; turn < 5; turn += 1) {
    const answer = page.waitForResponse((response) => response.url().endsWith('/api/commands'));
    await page.locator(selector).first().click();
    if ((await answer).ok()) return;
  }
  assert.fail(`${selector}: every click was refused`);
}

const idOf = (page) => page.getByTestId('panel').getAttribute('data-incident');

async function takeAndDispatch(page, words, place) {
  await fillCard(page, words, place);
  await page.keyboard.press('Enter');
  const units = page.getByRole('listbox', { name: words.units });
  await units.getByRole('option').first().waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'listbox');
  assert.equal((await getJson('/api/state')).incidents.at(-1).units.length, 0);
  const first = page.getByTestId('incidents').locator('[data-incident]').first();
  assert.equal(await first.getAttribute('data-waiting'), 'true', 'who waits stands first');
  await page.keyboard.press('Enter');
  await page.locator('aside [data-unit]').first().waitFor();
  const id = Number(await idOf(page));
  const incident = (await getJson('/api/state')).incidents.find((each) => each.id === id);
  assert.equal(incident.call.complaint, 'chest-pain');
  assert.equal(incident.call.age, 58);
  return incident;
}

async function chooseHospital(page) {
  await page.keyboard.press('h');
  await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'listbox');
  await page.keyboard.press('Enter');
  const chosen = page.locator('aside [data-hospital]');
  await chosen.waitFor();
  return chosen.getAttribute('data-hospital');
}

async function seeUnitMove(page) {
  const unit = page.locator('aside [data-unit]').first();
  const from = [await unit.getAttribute('data-lat'), await unit.getAttribute('data-lon')];
  await page.waitForFunction(
    ([lat, lon]) => {
      const row = document.querySelector('aside [data-unit]');
      return row && (row.dataset.lat !== lat || row.dataset.lon !== lon);
    },
    from,
    { timeout: 60_000 },
  );
}

async function seeEcgDraw(page) {
  const ecg = page.getByTestId('ecg');
  await ecg.waitFor({ timeout: PATIENT_WITHIN_MS });
  await page.waitForFunction(
    () => Number(document.querySelector('[data-testid="ecg"]')?.dataset.samples) > 500,
    null,
    { timeout: 60_000 },
  );
  const drawn = Number(await ecg.getAttribute('data-samples'));
  await page.waitForFunction(
    (before) => Number(document.querySelector('[data-testid="ecg"]')?.dataset.samples) > before,
    drawn,
  );
  await page.getByTestId('vitals').waitFor();
  assert.match(await page.getByTestId('vitals').getAttribute('data-at'), /^\d{16}$/);
  const taken = await page.evaluate(
    () => new Promise((done) => document.addEventListener('drawn', ({ detail }) => detail && done(detail))),
  );
  assert.ok(taken.fromUs <= taken.toUs, 'each frame says when its samples were taken');
}

for (const language of ['zh', 'en']) {
  describe(`in ${language}`, () => {
    const words = WORDS[language];
    let opened;
    let hospital;
    let incident;

    before(async () => {
      opened = await openPage(browser, server.base, { language });
    });
    after(() => opened?.page.context().close());

    test('the console opens in the language of the browser, with its map', async () => {
      const { page } = opened;
      await page.goto(server.base);
      await page.locator('[data-testid="link"][data-state="live"]').waitFor();
      await page.getByRole('button', { name: words.newCall }).first().waitFor();
      assert.equal(await page.getAttribute('html', 'lang'), words.tag);
      await page.locator('[data-ready="true"]').waitFor({ timeout: MAP_WITHIN_MS });
      assert.deepEqual(await barriers(page), []);
    });

    test('a complete call card is dispatched with two presses', async () => {
      incident = await takeAndDispatch(opened.page, words, await nearFreeUnit());
      assert.deepEqual(await barriers(opened.page), []);
    });

    test('a hospital is chosen by keyboard', async () => {
      hospital = await chooseHospital(opened.page);
    });

    test('the unit moves', () => seeUnitMove(opened.page));

    test('the ECG draws once the crew is with the patient', async () => {
      await seeEcgDraw(opened.page);
      assert.deepEqual(await barriers(opened.page), []);
    });

    test('the hospital acknowledges a task', async () => {
      const { page } = opened;
      await page.goto(`${server.base}/hospital/${hospital}`);
      const card = `[data-reception="${incident.id}"]`;
      await page.locator(card).waitFor();
      await clickUntilTaken(page, `${card} [data-step="acknowledge"]`);
      await page.locator(`${card} [data-task][data-state="acknowledged"]`).first().waitFor();
      assert.deepEqual(await barriers(page), []);
    });

    test('the list of hospitals and the report open', async () => {
      const { page } = opened;
      await page.goto(`${server.base}/hospital/`);
      await page.locator(`[data-hospital="${hospital}"]`).waitFor();
      assert.deepEqual(await barriers(page), []);
      await page.goto(`${server.base}/report`);
      await page.locator('table').first().waitFor();
      assert.deepEqual(await barriers(page), []);
    });

    test('the other language is one key away', async () => {
      const { page } = opened;
      const other = WORDS[language === 'zh' ? 'en' : 'zh'];
      await page.goto(server.base);
      await page.getByRole('button', { name: words.newCall }).first().waitFor();
      await page.keyboard.press('l');
      await page.getByRole('button', { name: other.newCall }).first().waitFor();
      assert.equal(await page.getAttribute('html', 'lang'), other.tag);
    });

    test('no request left this server and no script failed', () => {
      assert.deepEqual(opened.strangers, []);
      assert.deepEqual(opened.errors, []);
    });
  });
}

test('after an outage the console says how old its data is, then is live within 5 s', async (t) => {
  if (!server.pause) return t.skip('GH_URL names a server that is not ours to pause');
  const { page } = await openPage(browser, server.base, { language: 'en' });
  await page.goto(server.base);
  await page.locator('[data-testid="link"][data-state="live"]').waitFor();
  server.pause();
  await page.getByTestId('stale').waitFor({ timeout: 10_000 });
  await page.locator('[data-testid="link"][data-state="stale"]').waitFor();
  server.resume();
  await page.locator('[data-testid="link"][data-state="live"]').waitFor({ timeout: RESYNC_WITHIN_MS });
  await page.getByTestId('stale').waitFor({ state: 'detached', timeout: RESYNC_WITHIN_MS });
  await page.context().close();
});

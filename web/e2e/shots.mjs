/**
 * Photographs every screen in both languages and sizes: GH_URL=... node e2e/shots.mjs FOLDER [SCREEN,...]
 * With GH_GATEWAY=http://127.0.0.1:8090 the page of that gateway, too. A screen for which the city
 * has nothing to show at the moment is left out, with a line that says so.
 */
import { mkdirSync } from 'node:fs';
import { launch, openPage } from './browser.mjs';

const base = process.env.GH_URL ?? 'http://127.0.0.1:8080';
const folder = process.argv[2] ?? '/tmp/shots';
const only = process.argv[3] ?? '';
mkdirSync(folder, { recursive: true });

const gateway = process.env.GH_GATEWAY;
const getState = async () => (await fetch(`${base}/api/state`)).json();

async function clickIncident(page, isWanted) {
  const { incidents } = await getState();
  const wanted = incidents.find(isWanted);
  if (!wanted) return false;
  await page.locator(`[data-incident="${wanted.id}"]`).first().click();
  return true;
}

async function busiestHospital() {
  const { hospitals } = await getState();
  const nExpected = ({ receptions }) =>
    receptions.filter(({ state }) => ['requested', 'acknowledged', 'accepted'].includes(state.state)).length;
  return `/hospital/${hospitals.toSorted((a, b) => nExpected(b) - nExpected(a))[0].id}`;
}

const SCREENS = {
  idle: { path: '/' },
  monitor: {
    path: '/',
    prepare: (page) => clickIncident(page, ({ patient, alarms }) => patient.state === 'in_care' && alarms.length > 0),
  },
  transport: { path: '/', prepare: (page) => clickIncident(page, ({ state }) => state === 'transporting') },
  way: { path: '/', prepare: (page) => clickIncident(page, ({ state }) => state === 'assigned') },
  dispatch: { path: '/', prepare: (page) => clickIncident(page, ({ state }) => state === 'triaged') },
  untriaged: { path: '/', prepare: (page) => clickIncident(page, ({ state }) => state === 'received') },
  overrule: { path: '/', prepare: overrule },
  response: {
    path: '/',
    prepare: (page) => clickIncident(page, ({ state, response }) => state === 'triaged' && response?.slots.length > 1),
  },
  responding: {
    path: '/',
    prepare: (page) => clickIncident(page, ({ units, response }) => units.length > 1 && response?.slots.length > 1),
  },
  remote: { path: '/', prepare: (page) => clickIncident(page, ({ remote_care }) => remote_care !== null) },
  findings: { path: '/', prepare: showFindings },
  crew: { path: crewWithFindings },
  crews: { path: '/crew/' },
  record: { path: crewWithFindings, prepare: openForm },
  legend: { path: '/', prepare: (page) => page.locator('.legend button').click() },
  traffic: { path: '/', prepare: applyTraffic },
  card: { path: '/', prepare: fillCard },
  policies: { path: '/', prepare: choosePolicy },
  help: { path: '/', prepare: (page) => page.keyboard.press('?') },
  hospital: { path: busiestHospital },
  quiet: { path: async () => `/hospital/${(await getState()).hospitals.find(({ receptions }) => receptions.length === 0)?.id}` },
  hospitals: { path: '/hospital/' },
  major: { path: '/major' },
  overruled: { path: '/major', prepare: askOther },
  tag: { path: '/tag/?as=A103' },
  tagged: { path: '/tag/?as=A103', prepare: (page) => pressAll(page, 'nyy') },
  board_major: { path: fullestHospital },
  aid: { path: '/aid' },
  report: { path: '/report' },
  report_end: { path: '/report', prepare: (page) => page.locator('main').evaluate((main) => main.scrollTo(0, 1e6)) },
  replay: { path: '/replay', prepare: runReplay },
  ...(gateway ? { gateway: { path: '/', base: gateway } } : {}),
};

/** An incident on scene whose crew has told what it found, a stroke first. */
async function told() {
  const { incidents } = await getState();
  const of = (wanted) => incidents.find(({ findings, state }) => state === 'attended' && findings.some(({ findings: { kind } }) => kind === wanted));
  return ['stroke', 'ecg', 'injury'].map(of).find(Boolean);
}

/** What a crew found, what it means, and the hospitals ranked by it. */
async function showFindings(page) {
  const wanted = await told();
  if (!wanted || !(await clickIncident(page, ({ id }) => id === wanted.id))) return false;
  await page.getByTestId('findings').waitFor();
  await page.keyboard.press('h');
  await page.waitForTimeout(1500);
  await page.getByTestId('findings').evaluate((section) => section.parentElement.scrollTo(0, section.offsetTop - section.parentElement.offsetTop));
}

async function crewWithFindings() {
  return `/crew/${(await told())?.units[0] ?? ''}`;
}

async function openForm(page) {
  if (!(await page.getByTestId('record-findings').isVisible())) return false;
  await page.getByTestId('record-findings').click();
}

async function choosePolicy(page) {
  await page.getByTestId('policy').click();
  await page.locator('input[type="radio"]').last().check();
  return true;
}

async function runReplay(page) {
  await page.locator('form button.primary').click();
  await page.getByTestId('reasons').waitFor({ timeout: 120_000 });
  await page.locator('.map[data-ready=true]').waitFor();
  return true;
}

async function overrule(page) {
  if (!(await clickIncident(page, ({ state }) => state === 'triaged'))) return false;
  await page.locator('[data-candidate]').nth(1).click();
  await page.getByTestId('choose').click();
  return true;
}

async function fullestHospital() {
  const { hospitals } = await getState();
  return `/hospital/${hospitals.toSorted((a, b) => b.casualties.length - a.casualties.length)[0].id}`;
}

async function pressAll(page, keys) {
  for (const key of keys) {
    await page.keyboard.press(key);
    await page.waitForTimeout(150);
  }
}

/** Opens the first casualty's choice of another hospital. */
async function askOther(page) {
  const button = page.locator('[data-casualty] [aria-expanded]').first();
  if ((await button.count()) === 0) return false;
  await button.click();
  return true;
}

async function fillCard(page) {
  await page.keyboard.press('n');
  await page.getByRole('combobox').fill('che');
  await page.keyboard.press('Enter');
  await page.keyboard.press('1');
  await page.keyboard.press('2');
}

/** Slows and closes every street in a stripe through the middle of the city. */
async function applyTraffic(page) {
  const until = new Date(Number((await getState()).now) / 1000 + 3 * 3.6e6).toISOString();
  const rows = Array.from({ length: 2500 }, (_, n) => `${n * 7},both,${n % 9 === 0 ? 'closed' : 4 + (n * 7) % 30},${until}`);
  const body = `edge,direction,speed_kmh,until\n${rows.join('\n')}\n`;
  const answer = await fetch(`${base}/api/traffic?key=shots-${Date.now()}&actor=shots`, { method: 'POST', body });
  if (!answer.ok) console.log('traffic', await answer.text());
  await page.waitForTimeout(1500);
  return answer.ok;
}

const browser = await launch();
for (const [width, height] of [[1280, 800], [1920, 1080]]) {
  for (const language of ['en', 'zh']) {
    const { page, strangers, errors } = await openPage(browser, base, { language, viewport: { width, height } });
    for (const [name, { path, prepare, base: own }] of Object.entries(SCREENS)) {
      if (only && !only.split(',').includes(name)) continue;
      await page.goto(`${own ?? base}${typeof path === 'string' ? path : await path()}`);
      await page.waitForTimeout(1500);
      if (path === '/' && !own) await page.locator('[data-ready="true"]').waitFor({ timeout: 60_000 });
      if ((await prepare?.(page)) === false) {
        console.log(name, 'left out: no such incident now');
        continue;
      }
      await page.waitForTimeout(3000);
      await page.screenshot({ path: `${folder}/${name}-${language}-${width}.png` });
    }
    console.log(width, language, 'strangers', strangers, 'errors', errors);
    await page.context().close();
  }
}
await browser.close();

/**
 * Measures how old everything is when the console has drawn it:
 *   node e2e/drawn.mjs BASE SECONDS
 * says "ready" when the console shows its map. Each line of its input is then an incident to open;
 * its answer is one line of JSON: the ages in milliseconds of each value of the vital signs and of
 * each sample of the ECG, at the start of the frame after the one that drew it, when that one has
 * been handed over to be shown. `bench/live` asks.
 */
import { createInterface } from 'node:readline';
import { launch, openPage } from './browser.mjs';

const VIEWPORT = { width: 800, height: 500 };
const READY_WITHIN_MS = 120_000;
const OPEN_WITHIN_MS = 30_000;

const [base, seconds] = process.argv.slice(2);
if (!base || !(Number(seconds) > 0)) {
  console.error('usage: node e2e/drawn.mjs BASE SECONDS');
  process.exit(2);
}

/** Runs in the page: notes what is drawn, and when its frame is over. */
function watch() {
  const seen = { vitals: [], waves: [], frames: 0 };
  globalThis.drawnSeen = seen;
  const afterFrame = (then) => requestAnimationFrame(() => then(Date.now()));
  document.addEventListener('drawn', ({ detail }) => {
    if (detail) afterFrame((now) => seen.waves.push([detail.fromUs, detail.toUs, now]));
  });
  let shown = '';
  new MutationObserver(() => {
    const at = document.querySelector('[data-testid="vitals"]')?.dataset.at ?? '';
    if (at === shown) return;
    shown = at;
    // The first frame paints it, the second begins when that is done.
    if (at) requestAnimationFrame(() => afterFrame((now) => seen.vitals.push([Number(at), now])));
  }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-at'] });
  const count = () => {
    seen.frames += 1;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
}

const age = (takenUs, nowMs) => Math.round((nowMs - takenUs / 1000) * 10) / 10;

/** Each sample of the wave by its own age: those that one frame drew are evenly spaced. */
function agesOfSamples(waves) {
  const EVERY_US = 4000;
  return waves.flatMap(([fromUs, toUs, now]) => {
    const n = Math.floor((toUs - fromUs) / EVERY_US) + 1;
    return Array.from({ length: n }, (_, idx) => age(fromUs + idx * EVERY_US, now));
  });
}

async function measure(page, incident) {
  await page.locator(`[data-incident="${incident}"]`).first().click();
  await page.getByTestId('vitals').waitFor({ timeout: OPEN_WITHIN_MS });
  await page.waitForFunction(
    () => Number(document.querySelector('[data-testid="ecg"]')?.dataset.samples) > 0,
    null,
    { timeout: OPEN_WITHIN_MS },
  );
  await page.evaluate(() => Object.assign(globalThis.drawnSeen, { vitals: [], waves: [], frames: 0 }));
  await page.waitForTimeout(Number(seconds) * 1000);
  const { vitals, waves, frames } = await page.evaluate(() => globalThis.drawnSeen);
  return {
    incident,
    frames_per_s: frames / Number(seconds),
    vitals: vitals.map(([atUs, now]) => age(atUs, now)),
    waves: agesOfSamples(waves),
  };
}

const browser = await launch();
try {
  const { page } = await openPage(browser, base, { language: 'en', viewport: VIEWPORT });
  await page.addInitScript(watch);
  await page.goto(base);
  await page.locator('[data-ready="true"]').waitFor({ timeout: READY_WITHIN_MS });
  console.log('ready');
  for await (const incident of createInterface({ input: process.stdin }))
    console.log(JSON.stringify(await measure(page, Number(incident))));
} finally {
  await browser.close();
}

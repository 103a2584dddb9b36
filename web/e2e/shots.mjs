/** Photographs every screen in both languages and sizes: GH_URL=... node e2e/shots.mjs FOLDER */
import { mkdirSync } from 'node:fs';
import { launch, openPage } from './browser.mjs';

const base = process.env.GH_URL ?? 'http://127.0.0.1:8080';
const folder = process.argv[2] ?? '/tmp/shots';
const only = process.argv[3] ?? '';
mkdirSync(folder, { recursive: true });

const SCREENS = {
  console: { path: '/', prepare: (page) => page.locator('[data-incident="1"]').first().click() },
  dispatch: { path: '/', prepare: (page) => page.locator('[data-state="triaged"]').first().click() },
  card: { path: '/', prepare: fillCard },
  help: { path: '/', prepare: (page) => page.keyboard.press('?') },
  hospital: { path: '/hospital/n1' },
  hospitals: { path: '/hospital/' },
  report: { path: '/report' },
  gateway: { path: '/gateway.html' },
};

async function fillCard(page) {
  await page.keyboard.press('n');
  await page.getByRole('combobox').fill('che');
  await page.keyboard.press('Enter');
  await page.keyboard.press('1');
  await page.keyboard.press('2');
}

const browser = await launch();
for (const [width, height] of [[1280, 800], [1920, 1080]]) {
  for (const language of ['en', 'zh']) {
    const { page, strangers, errors } = await openPage(browser, base, { language, viewport: { width, height } });
    for (const [name, { path, prepare }] of Object.entries(SCREENS)) {
      if (only && !only.split(',').includes(name)) continue;
      await page.goto(`${base}${path}`);
      await page.waitForTimeout(1500);
      if (path === '/') await page.locator('[data-ready="true"]').waitFor({ timeout: 60_000 });
      await prepare?.(page);
      await page.waitForTimeout(5000);
      await page.screenshot({ path: `${folder}/${name}-${language}-${width}.png` });
    }
    console.log(width, language, 'strangers', strangers, 'errors', errors);
    await page.context().close();
  }
}
await browser.close();

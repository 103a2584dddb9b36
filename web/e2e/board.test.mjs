/** What a crew photographed stands on the hospital's board, in both languages, at both sizes of screen. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openPage } from './browser.mjs';
import { startServer } from './server.mjs';

const shots = process.env.GH_SHOTS;
let server, browser, hospital;

before(async () => {
  process.env.GH_MOCK = '1';
  server = await startServer();
  browser = await launch();
  const say = async (command) => {
    const body = JSON.stringify({ key: crypto.randomUUID(), actor: 'test', command });
    const answer = await fetch(`${server.base}/api/commands`, { method: 'POST', body });
    assert.equal(answer.status, 200, await answer.clone().text());
    return answer.json();
  };
  const state = await (await fetch(`${server.base}/api/state`)).json();
  const taken = state.incidents.find(({ reception }) => reception);
  hospital = taken?.reception.hospital ?? state.hospitals[0].id;
  const incident = state.incidents.find(({ reception, units }) => !reception && units.length > 0) ?? state.incidents[0];
  await say({ type: 'choose_hospital', incident: incident.id, expected_version: null, hospital, overrule: { code: 'other', note: 'test' } });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

for (const [language, title] of [['en', 'By camera'], ['zh', '相机记录']]) {
  for (const width of [1280, 1920]) {
    test(`the board shows a wound's photo and what is wrong with it (${language}, ${width})`, async () => {
      const viewport = { width, height: width === 1280 ? 800 : 1080 };
      const { page, strangers, errors } = await openPage(browser, server.base, { language, viewport });
      await page.goto(`${server.base}/hospital/${hospital}`);
      const seen = page.locator('[data-testid=by-camera]').first();
      await seen.waitFor({ timeout: 30_000 });
      await seen.scrollIntoViewIfNeeded();
      assert.ok((await seen.getAttribute('aria-label')).includes(title), await seen.getAttribute('aria-label'));
      const photo = seen.locator('img');
      await page.waitForFunction((it) => it.complete && it.naturalWidth > 0, await photo.elementHandle());
      const box = await photo.boundingBox();
      assert.ok(box.width >= 150 && box.x + box.width <= width, JSON.stringify(box));
      if (shots) await page.screenshot({ path: `${shots}/board-${language}-${width}.png` });
      assert.deepEqual([strangers, errors], [[], []]);
      await page.context().close();
    });
  }
}

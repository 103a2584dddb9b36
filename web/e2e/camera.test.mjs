/** A made face before a browser's camera: the gateway's page tells its pulse, in both languages. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, openPage } from './browser.mjs';
import { binary, freePort } from './server.mjs';

const folder = mkdtempSync(join(tmpdir(), 'golden-hour-camera-'));
const face = join(folder, 'face.y4m');
const shots = process.env.GH_SHOTS;
let gateway, browser, base;

before(async () => {
  const made = spawnSync(binary(), ['video', 'make', '--pulse', '84', '--secs', '20', '--out', face], { stdio: 'inherit' });
  assert.equal(made.status, 0);
  base = `http://127.0.0.1:${await freePort()}`;
  // Nobody is at the centre's address: the page works without.
  const args = ['gateway', '--unit', 'A7', '--centre', 'http://127.0.0.1:9', '--phd', '127.0.0.1:0', '--data', join(folder, 'data'), '--listen', base.slice(7)];
  gateway = spawn(binary(), args, { stdio: ['ignore', 'inherit', 'inherit'] });
  while (!(await fetch(base).catch(() => null))) await new Promise((resume) => setTimeout(resume, 200));
  browser = await launch(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${face}`]);
});

after(async () => {
  await browser?.close();
  gateway?.kill();
  rmSync(folder, { recursive: true, force: true });
});

for (const [language, badge] of [['en', 'not a monitor'], ['zh', '不是监护仪']]) {
  test(`the pulse of a face is told as a camera's (${language})`, async () => {
    const { page, strangers, errors } = await openPage(browser, base, { language });
    await page.goto(base);
    const camera = page.getByTestId('camera');
    await camera.getByRole('button').click();
    await page.locator('[data-testid=camera][data-bpm]').waitFor({ timeout: 90_000 });
    assert.ok(Math.abs(Number(await camera.getAttribute('data-bpm')) - 84) < 3, await camera.getAttribute('data-bpm'));
    assert.match(await camera.textContent(), new RegExp(badge));
    await camera.scrollIntoViewIfNeeded();
    if (shots) await page.screenshot({ path: join(shots, `camera-${language}.png`) });
    const view = await (await fetch(`${base}/api/view`)).json();
    assert.equal(view.vitals.heart_rate, null);
    assert.ok(Math.abs(view.camera.rate - 84) < 4);
    await camera.getByRole('button').click();
    assert.equal(await camera.getAttribute('data-state'), 'off');
    assert.deepEqual([strangers, errors], [[], []]);
    await page.context().close();
  });
}

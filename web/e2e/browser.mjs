import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

/** `more` are further options of the browser. */
export function launch(more = []) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [...FLAGS, ...more],
  });
}

/** A page that notes each request that leaves for another server, and each error. */
export async function openPage(browser, base, { language, viewport = { width: 1280, height: 800 } }) {
  const context = await browser.newContext({ viewport, locale: language === 'zh' ? 'zh-CN' : 'en-GB' });
  const page = await context.newPage();
  const strangers = [];
  const errors = [];
  const isOwn = (url) => url.startsWith(base) || /^(data|blob):/.test(url);
  page.on('request', (request) => {
    if (!isOwn(request.url())) strangers.push(request.url());
  });
  page.on('websocket', (socket) => {
    if (!socket.url().startsWith(base.replace(/^http/, 'ws'))) strangers.push(socket.url());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  return { page, strangers, errors };
}

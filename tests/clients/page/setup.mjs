// Starts mocks and a browser, and gives each flow a page of its own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
export const require = createRequire(join(root, 'target/ci/'));
const { chromium } = require('playwright-core');

const standin = process.env.STANDIN ?? join(root, 'target/debug/standin');
const executablePath = ['chromium', 'chromium-browser', 'google-chrome'].flatMap(name =>
  process.env.PATH.split(':').map(folder => join(folder, name))).find(path => {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
});

/** A running mock. */
export class Mock {
  constructor(process, ready) {
    Object.assign(this, { process, ready, url: ready.url, control: ready.control_url });
  }

  static async start(...options) {
    const child = spawn(standin, ['serve', ...(options.includes('--port') ? [] : ['--port', '0']), '--ready-json', '--quiet', ...options], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await Promise.race([
      once(createInterface(child.stdout), 'line'),
      once(child, 'exit').then(([code]) => { throw new Error(`the mock ended with code ${code}`); }),
    ]);
    return new Mock(child, JSON.parse(line));
  }

  /** A request to the API, as `staff` if the API has that token. */
  async api(method, path, { body, headers = {} } = {}) {
    const token = Object.values(this.ready.tokens)[0];
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  }

  /** A request to the control API that must succeed. */
  async call(method, path, body) {
    const response = await fetch(this.control + path, { method, headers: { 'content-type': 'application/json' }, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  /** Removes all sessions and what happened in the session `default`. */
  async reset() {
    const { sessions } = await this.call('GET', '/sessions');
    for (const { id } of sessions) if (id !== 'default') await this.call('DELETE', `/sessions/${id}`);
    await this.call('DELETE', '/sessions/default/faults');
    await this.call('PUT', '/sessions/default/quirks', { profile: 'observed' });
    await this.call('POST', '/reset');
  }

  async stop() {
    this.process.kill();
    if (this.process.exitCode === null) await once(this.process, 'exit');
  }
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const [school, library] = await Promise.all([
  Mock.start('--now', '2026-02-08T10:00:00Z'),
  Mock.start('--swagger', 'examples/library', '--now', '2026-02-08T10:00:00Z'),
]);

/** The mock of the embedded API, and that of the library in examples/. */
export const mocks = { school, library };

after(async () => {
  await browser.close();
  await Promise.all([school.stop(), library.stop()]);
});

/** Opens the page at a place. An error on its console, a dialog or a violation of its policy fails the flow. */
export async function open(mock, place = '', options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true, permissions: ['clipboard-read', 'clipboard-write'], ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.problems = [];
  page.on('pageerror', error => page.problems.push(`error: ${error.stack}`));
  page.on('dialog', async dialog => {
    page.problems.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('console', message => {
    // A request that the API rejects, and a server that was stopped, are no errors of the page.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) page.problems.push(`console: ${message.text()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', event => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  });
  await page.goto(`${mock.control}/${place}`);
  await page.locator('.dot[data-state="live"]').waitFor();
  return page;
}

// The first page of a browser takes seconds on a busy machine.
await (await open(library)).context().close();

/** A flow: the mock is reset before, and the page has no problem after it. */
export function flow(name, mockName, steps) {
  test(name, { timeout: 120_000 }, async () => {
    const mock = mocks[mockName];
    await mock.reset();
    const pages = [];
    const opened = async (place, options) => {
      const page = await open(mock, place, options);
      pages.push(page);
      return page;
    };
    try {
      await steps({ mock, open: opened });
      for (const page of pages) assert.deepEqual(page.problems, []);
    } catch (error) {
      if (process.env.SHOTS && pages.length > 0) await pages.at(-1).screenshot({ path: join(process.env.SHOTS, `${name.replace(/\W+/g, '-')}.png`) });
      throw error;
    } finally {
      for (const page of pages) await page.context().close();
    }
  });
}

/** Waits until a condition holds. */
export async function until(condition, what, milliseconds = 20_000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const value = await condition();
    if (value) return value;
    assert.ok(Date.now() < end, `not within ${milliseconds} ms: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 25));
  }
}

/** The texts of the rows that are shown, of one column. */
export const column = (page, name) => page.locator(`.rows .row:not([hidden]) .c-${name}`).allTextContents();

// Texts of requests, records, contracts and scenarios that try to become markup or script.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Mock, open, until } from './setup.mjs';

const PAYLOADS = [
  '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '"><img src=x onerror=alert(1)>', "'><svg onload=alert(1)>", '<svg><script>alert(1)</script></svg>',
  '<iframe src="javascript:alert(1)"></iframe>', '<a href="javascript:alert(1)">click</a>', 'javascript:alert(1)', '<body onload=alert(1)>', '<input autofocus onfocus=alert(1)>',
  '<details open ontoggle=alert(1)>', '<math><mi xlink:href="javascript:alert(1)">x</mi></math>', '<style>@import "//evil.example"</style>', '<link rel=stylesheet href=//evil.example>', '<base href="//evil.example/">',
  '<form action="javascript:alert(1)"><button>x</button></form>', '<object data="data:text/html,<script>alert(1)</script>"></object>', '<template><img src=x onerror=alert(1)></template>', '</textarea><script>alert(1)</script>', '</title><script>alert(1)</script>',
  '<!--><img src=x onerror=alert(1)>-->', '<![CDATA[<script>alert(1)</script>]]>', '{{constructor.constructor("alert(1)")()}}', '${alert(1)}', '`-alert(1)-`',
  '\\"-alert(1)//', '&lt;img src=x onerror=alert(1)&gt;', '<img src=`x` onerror=alert(1)//', '<video><source onerror=alert(1)>', '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
];

/** An API folder whose texts are payloads. */
function folder() {
  const root = mkdtempSync(join(tmpdir(), 'standin-page-'));
  const write = (name, value) => writeFileSync(join(root, name), typeof value === 'string' ? value : JSON.stringify(value));
  const thing = { type: 'object', required: ['note'], properties: { note: { type: 'string', description: PAYLOADS[1], enum: undefined }, id: { type: 'string' } } };
  const operation = (summary, tag, more = {}) => ({ summary, description: PAYLOADS[0], tags: [tag], responses: { 200: { description: PAYLOADS[2], content: { 'application/json': { schema: thing } } } }, ...more });
  const body = { requestBody: { content: { 'application/json': { schema: thing } } } };
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' }, description: PAYLOADS[3] };
  write('shop.json', { openapi: '3.0.3', info: { title: PAYLOADS[1], version: PAYLOADS[2], description: PAYLOADS[0] },
    paths: { '/v1/things': { get: operation(PAYLOADS[1], PAYLOADS[4]), post: operation(PAYLOADS[3], PAYLOADS[5], body) }, '/v1/things/{id}': { parameters: [id], get: operation(PAYLOADS[9], PAYLOADS[4]) } } });
  write('thing.resources.yaml', { thing: { plural: 'things', fields: { note: { type: 'text', required: true } } } });
  mkdirSync(join(root, 'scenarios'));
  const things = PAYLOADS.map((note, place) => ({ id: `t-${place}`, note }));
  write('scenarios/base.yaml', { scenario: 'base', about: PAYLOADS[1], records: { things } });
  const steps = [{ id: PAYLOADS[1], method: 'GET', path: '/v1/things', expect: { status: 201 } }];
  write('scenarios/<img src=x onerror=alert(1)>.yaml', { scenario: 'hostile', about: PAYLOADS[2], extends: 'base', steps });
  write('standin.yaml', { name: 'hostile', scenario: 'base' });
  return root;
}

test('30 hostile texts are shown as text everywhere', { timeout: 240_000 }, async () => {
  const root = folder();
  const mock = await Mock.start('--swagger', root);
  try {
    for (const payload of PAYLOADS) {
      const inPath = encodeURIComponent(payload);
      await mock.api('GET', `/v1/things/${inPath}?q=${inPath}`, { headers: { 'x-note': payload } });
      await mock.api('POST', '/v1/things', { body: { note: payload, [payload]: payload } });
    }
    await mock.api('GET', '/v1/thing');
    const page = await open(mock, '#/requests');
    await until(async () => (await page.locator('.count').textContent()) === '61', 'all rows');
    for (let seq = 1; seq <= 2 * PAYLOADS.length; seq += 1) {
      const payload = PAYLOADS[Math.floor((seq - 1) / 2)];
      await page.goto(`${mock.control}/#/requests/default/${seq}`);
      const shown = JSON.stringify(payload);
      const side = page.locator('.side');
      await until(async () => {
        const text = await side.textContent();
        return seq % 2 === 1 ? text.includes(payload) && text.includes(encodeURIComponent(payload).slice(0, 8)) : text.includes(shown);
      }, `request ${seq}: ${payload}`);
    }
    const places = ['#/records/default/thing', '#/control/default', '#/operations', '#/scenarios', `#/operations/${encodeURIComponent('POST /v1/things')}`, `#/scenarios/${encodeURIComponent('<img src=x onerror=alert(1)>')}`, `#/scenarios/${encodeURIComponent('+record')}`,
      ...PAYLOADS.flatMap(payload => [`#/requests/${encodeURIComponent(payload)}/1`, `#/records/${encodeURIComponent(payload)}/${encodeURIComponent(payload)}`, `#/requests?q=${encodeURIComponent(payload)}`, `#/operations/${encodeURIComponent(payload)}`])];
    for (const place of places) {
      await page.goto(`${mock.control}/${place}`);
      await page.waitForTimeout(40);
    }
    await page.goto(`${mock.control}/#/records/default/thing`);
    for (const payload of PAYLOADS) await page.locator('td', { hasText: payload.replace(/\s+/g, ' ') }).first().waitFor({ state: 'attached' });
    for (const place of PAYLOADS.keys()) {
      await page.goto(`${mock.control}/#/records/default/thing/t-${place}`);
      await page.locator('.side .json', { hasText: JSON.stringify(PAYLOADS[place]) }).waitFor();
    }
    await page.goto(`${mock.control}/#/operations`);
    await page.locator(`.operations a[title*=${JSON.stringify(PAYLOADS[1])}]`).first().waitFor({ state: 'attached' });
    await page.locator('.operations h3', { hasText: PAYLOADS[4] }).waitFor({ state: 'attached' });
    await page.goto(`${mock.control}/#/scenarios/${encodeURIComponent('<img src=x onerror=alert(1)>')}`);
    await page.getByRole('button', { name: 'Run the steps' }).click();
    await page.locator('.steps li', { hasText: PAYLOADS[1] }).waitFor();
    assert.equal(await page.locator('main img, main script, main iframe, main svg, main object, main video, main math, main form[action]').count(), 0);
    assert.equal(await page.locator('a[href]:not([href^="#"]):not([href^="/"])').count(), 0);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  } finally {
    await mock.stop();
    rmSync(root, { recursive: true });
  }
});

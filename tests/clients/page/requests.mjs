import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { Mock, column, flow, mocks, open, until } from './setup.mjs';
import { test } from 'node:test';

const CLIENTS = '/platform/v1/clients';
const row = (page, text) => page.locator('.rows .row:not([hidden])', { hasText: text }).first();

flow('an empty list shows a command, and what the command requests appears', 'library', async ({ open: opened }) => {
  const page = await opened();
  const command = await page.locator('.nothing .copyable pre').textContent();
  assert.match(command, /^curl /);
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), command);
  execFileSync('sh', ['-c', `${command} --silent --output /dev/null`]);
  await row(page, '/v1/').waitFor();
  assert.deepEqual(await column(page, 'status'), ['200']);
});

flow('a request appears without a reload, with operation, status and reason', 'school', async ({ mock, open: opened }) => {
  const page = await opened();
  await mock.api('GET', '/platform/v1/services');
  await row(page, '/platform/v1/services').waitFor();
  for (const [name, expected] of [['session', 'default'], ['method', 'GET'], ['operation', 'GET /platform/v1/services'], ['status', '422'], ['reason', 'missing /query/business_id']]) {
    assert.deepEqual(await column(page, name), [expected], name);
  }
});

flow('the filter box selects requests, names unknown filters, and is a part of the link', 'school', async ({ mock, open: opened }) => {
  await mock.api('GET', CLIENTS);
  await mock.api('GET', '/nothing');
  await mock.api('GET', CLIENTS, { headers: { 'x-standin-session': 'ada' } });
  await mock.api('POST', CLIENTS, { body: { first_name: 'Ada' } });
  const page = await opened();
  await until(async () => (await column(page, 'path')).length === 4, 'four rows');
  const search = page.getByLabel('Filter requests');
  for (const [filter, count] of [['status:4xx', 1], ['method:post', 1], [`path:${CLIENTS}`, 3], ['session:ada', 1], ['quirk:*', 2], ['-status:2xx', 1], ['token:staff method:GET', 2], ['fault:*', 0], ['nothing', 1]]) {
    await search.fill(filter);
    assert.equal((await column(page, 'path')).length, count, filter);
  }
  await search.fill('state:4xx');
  assert.match(await page.locator('#filter-note').textContent(), /no filter `state`.*status/s);
  await search.fill('session:ada');
  const again = await opened(await page.evaluate(() => location.hash));
  await until(async () => (await column(again, 'session')).join() === 'ada', 'the filter of the link');
});

flow('a paused list stays as it is and counts what has come', 'school', async ({ mock, open: opened }) => {
  await mock.api('GET', CLIENTS);
  const page = await opened();
  await row(page, CLIENTS).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await mock.api('GET', '/later');
  await page.getByText('1 new').waitFor();
  assert.equal((await column(page, 'path')).length, 1);
  await page.getByRole('button', { name: 'Resume' }).click();
  assert.deepEqual(await column(page, 'path'), ['/later', CLIENTS]);
});

flow('keys search, select, read and close', 'school', async ({ mock, open: opened }) => {
  for (const path of ['/one', '/two', '/three']) await mock.api('GET', path);
  const page = await opened();
  await row(page, '/one').waitFor();
  await page.keyboard.press('j');
  await page.locator('.side h2', { hasText: '/three' }).waitFor();
  await page.keyboard.press('j');
  await page.locator('.side h2', { hasText: '/two' }).waitFor();
  await page.keyboard.press('k');
  await page.locator('.side h2', { hasText: '/three' }).waitFor();
  assert.match(await page.evaluate(() => location.hash), /^#\/requests\/default\/3/);
  await page.keyboard.press('Escape');
  await page.locator('.side h2').waitFor({ state: 'detached' });
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Filter requests');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
});

flow('two clicks show why a request was rejected: the rule, the place and the lines of the contract', 'library', async ({ mock, open: opened }) => {
  await mock.api('POST', '/v1/loans', { body: {} });
  const page = await opened();
  await row(page, '/v1/loans').click();
  const why = page.locator('.why');
  await why.getByText('A required value is missing').waitFor();
  await why.getByText('required', { exact: true }).waitFor();
  await why.locator('.source', { hasText: 'examples/library/library.yaml:29' }).waitFor();
  await why.getByText('standin explain missing').waitFor({ state: 'attached' });
});

flow('the rejected value is marked, and the lines of the contract are shown', 'school', async ({ mock, open: opened }) => {
  await mock.api('POST', '/api2/platform/v1/clients', { body: { first_name: 'Ada', tags: [] } });
  const page = await opened('#/requests/default/1');
  const why = page.locator('.why');
  await why.getByText('A value is invalid').waitFor();
  await why.getByText('/tags', { exact: true }).waitFor();
  assert.equal(await page.locator('.json mark').textContent(), '[]');
  const { error } = await mock.call('GET', '/sessions/default/requests/1');
  await why.locator('.source').getByText(error.contract).waitFor();
  const [file, line] = error.contract.split(':');
  const { text } = await mock.call('GET', `/source?file=${file}&line=${line}`);
  assert.ok((await why.locator('.source pre').textContent()).includes(text.split('\n')[0].trim()));
});

flow('a quirk is explained, switched off, and the request replayed', 'school', async ({ mock, open: opened }) => {
  await mock.api('GET', '/apigw/business/payments/v1/client_packages/y2g7pmb4vd09leas');
  const page = await opened('#/requests/default/1');
  const why = page.locator('.why');
  await why.getByText('the main gateway returns 401 to all tokens on').waitFor();
  await why.getByText('the main gateway serves /business/payments/v1/* as the fallback does').waitFor();
  await why.getByText('verified 2026-02-08').waitFor();
  await why.getByRole('button', { name: 'Switch off in session default' }).click();
  await why.getByRole('button', { name: 'Switch on in session default' }).waitFor();
  await page.getByRole('button', { name: 'Replay' }).click();
  await page.locator('.side .pill.s2').waitFor();
  assert.deepEqual(await column(page, 'status'), ['200', '401']);
});

flow('an unknown path names the most similar operations as links', 'school', async ({ mock, open: opened }) => {
  await mock.api('GET', '/platform/v1/clint');
  const page = await opened('#/requests/default/1');
  await page.locator('.why').getByText('No operation has GET /platform/v1/clint').waitFor();
  await page.locator('.why a', { hasText: CLIENTS }).first().click();
  await page.locator('.view-operations .side-head', { hasText: CLIENTS }).waitFor();
});

flow('changed records are shown as differences and as links', 'school', async ({ mock, open: opened }) => {
  await mock.api('PUT', `${CLIENTS}/k4w9zr2tq7mh1xpe`, { body: { first_name: 'Nora-Lisa' } });
  const page = await opened('#/requests/default/1');
  await page.locator('.change del', { hasText: '"Nora"' }).waitFor();
  await page.locator('.change ins', { hasText: '"Nora-Lisa"' }).waitFor();
  await page.locator('.change a', { hasText: 'client k4w9zr2tq7mh1xpe' }).click();
  await page.locator('.side .json', { hasText: 'Nora-Lisa' }).waitFor();
});

flow('numbers are shown with all their digits', 'school', async ({ mock, open: opened }) => {
  const headers = { authorization: `Bearer ${mock.ready.tokens.staff}`, 'content-type': 'application/json' };
  await fetch(`${mock.url}/api2/platform/v1/clients`, { method: 'POST', headers, body: '{"first_name": "Ada", "number": 12345678901234567890}' });
  const page = await opened('#/requests/default/1');
  await page.locator('.json', { hasText: '12345678901234567890' }).first().waitFor();
});

flow('a request is copied as curl, tests, a step and a fixture', 'school', async ({ mock, open: opened }) => {
  await mock.api('POST', '/api2/platform/v1/clients', { body: { first_name: "O'Neil" } });
  const page = await opened('#/requests/default/1');
  const copied = {};
  for (const name of ['curl', 'pytest', 'vitest', 'Rust test', 'Scenario step', 'Fixture']) {
    await page.locator('.side .menu summary').click();
    await page.getByRole('button', { name, exact: true }).click();
    await page.getByText(`Copied as ${name}`).waitFor();
    copied[name] = await page.evaluate(() => navigator.clipboard.readText());
  }
  const status = execFileSync('sh', ['-c', `${copied.curl} --silent --output /dev/null --write-out '%{http_code}'`], { encoding: 'utf8' });
  assert.equal(status, '201', copied.curl);
  execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], { input: copied.pytest });
  assert.match(copied.vitest, /expect\(response\.status\)\.toBe\(201\)/);
  assert.match(copied['Rust test'], /assert_eq!\(response\.status\(\), 201\)/);
  assert.match(copied['Scenario step'], /^- id: .*\n  method: "POST"\n  path: "\/platform\/v1\/clients"\n  useFallback: true\n  token: "staff"\n/);
  assert.equal(JSON.parse(copied.Fixture).response.status, 201);
  const report = await mock.call('POST', '/sessions/step/replay', { scenario: `scenario: copied\nextends: music-school\nsteps:\n${copied['Scenario step'].replace(/^/gm, '  ').trimEnd()}\n` });
  assert.equal(report.passed, 1, JSON.stringify(report));
});

flow('a request is edited and sent again', 'school', async ({ mock, open: opened }) => {
  await mock.api('POST', CLIENTS, { body: { email: 'none@example.com' } });
  const page = await opened('#/requests/default/1');
  await page.getByRole('button', { name: 'Edit and resend' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Body', { exact: true }).fill('{"first_name": "Ada"}');
  await dialog.getByRole('button', { name: 'Send' }).click();
  await dialog.locator('.sent .pill', { hasText: '201' }).waitFor();
  await dialog.getByRole('link', { name: 'Why this response?' }).click();
  await page.locator('.side .pill', { hasText: '201' }).waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0);
});

flow('thousands of requests are listed with the rows in view only', 'school', async ({ mock, open: opened }) => {
  const page = await opened();
  const total = 1200;
  for (let done = 0; done < total; done += 100) await Promise.all(Array.from({ length: 100 }, () => mock.api('GET', '/none')));
  await page.getByText(String(total), { exact: true }).waitFor({ timeout: 30_000 });
  assert.ok(await page.locator('.rows .row').count() < 80);
  await page.locator('.grid').focus();
  await page.keyboard.press('End');
  await page.locator('.side h2', { hasText: '/none' }).waitFor();
  assert.match(await page.evaluate(() => location.hash), /default\/1(\?|$)/);
  assert.equal(await page.locator('.row[aria-selected="true"]').count(), 1);
});

test('the list continues within 2 s of a restart, without losing or doubling a request', { timeout: 120_000 }, async () => {
  const library = ['--swagger', 'examples/library'];
  let running = await Mock.start(...library);
  const page = await open(running, '');
  const expected = [];
  const times = [];
  const send = async name => {
    for (let n = 0; n < 3; n += 1) await running.api('GET', `/${name}/${n}`);
    expected.unshift(`/${name}/2`, `/${name}/1`, `/${name}/0`);
  };
  try {
    await send('first');
    await until(async () => (await column(page, 'path')).length === expected.length, 'the first requests');
    // A busy machine can delay one of them.
    for (let restart = 0; restart < 3 && !times.some(time => time < 2000); restart += 1) {
      const ports = ['--port', new URL(running.url).port, '--control-port', new URL(running.control).port];
      await running.stop();
      await page.locator('.dot[data-state="lost"]').waitFor();
      running = await Mock.start(...library, ...ports);
      const begun = Date.now();
      await send(`after-${restart}`);
      await until(async () => (await column(page, 'path')).length >= expected.length, 'the requests after the restart');
      times.push(Date.now() - begun);
      assert.deepEqual(await column(page, 'path'), expected);
    }
    assert.ok(Math.min(...times) < 2000, `${times} ms`);
  } finally {
    await page.context().close();
    await running.stop();
  }
});

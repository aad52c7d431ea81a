import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { column, flow, until } from './setup.mjs';

const CLIENTS = '/platform/v1/clients';

flow('two clicks make the next request slow, and one more ends that', 'school', async ({ mock, open: opened }) => {
  const page = await opened();
  await page.getByRole('link', { name: 'Control' }).click();
  const slow = page.getByRole('button', { name: 'Slow 2 s' });
  await slow.click();
  await page.locator('.items', { hasText: '"ms":2000' }).waitFor();
  assert.equal(await slow.getAttribute('aria-pressed'), 'true');
  let begun = Date.now();
  await mock.api('GET', CLIENTS);
  assert.ok(Date.now() - begun >= 2000);
  await slow.click();
  await page.getByText('No faults').waitFor();
  begun = Date.now();
  await mock.api('GET', CLIENTS);
  assert.ok(Date.now() - begun < 1500);
});

flow('the API fails, limits and goes offline with one click each', 'school', async ({ mock, open: opened }) => {
  const page = await opened('#/control');
  for (const [name, status] of [['Error 500', 500], ['Limit 429', 429]]) {
    const button = page.getByRole('button', { name });
    await button.click();
    await page.locator('.toast', { hasText: `${name}: every request` }).waitFor();
    assert.equal((await mock.api('GET', CLIENTS)).status, status);
    await button.click();
    await page.getByText('No faults').waitFor();
  }
  await page.getByRole('button', { name: 'Offline' }).click();
  await page.locator('.items', { hasText: 'reset_peer' }).waitFor();
  await assert.rejects(mock.api('GET', CLIENTS));
});

flow('a fault for one operation is added with the form, and the request names it', 'school', async ({ mock, open: opened }) => {
  const page = await opened('#/control');
  await page.getByText('Another fault').click();
  await page.getByPlaceholder('GET /v1/**').fill(`GET ${CLIENTS}`);
  await page.getByLabel('Kind', { exact: false }).and(page.locator('select')).selectOption('status');
  await page.getByLabel('code', { exact: true }).fill('503');
  await page.getByRole('button', { name: 'Add the fault' }).click();
  await page.locator('.items', { hasText: '503' }).waitFor();
  assert.equal((await mock.api('GET', '/platform/v1/services')).status, 422);
  assert.equal((await mock.api('GET', CLIENTS)).status, 503);
  await page.getByRole('link', { name: 'Requests', exact: true }).click();
  await page.locator('.rows .row.fault').click();
  await page.locator('.why .fault', { hasText: 'has taken part 1 times' }).getByRole('button', { name: 'Remove the fault' }).click();
  await until(async () => (await mock.call('GET', '/sessions/default/faults')).faults.length === 0, 'no faults');
});

flow('the clock moves on, and an expired package is found in three clicks', 'school', async ({ mock, open: opened }) => {
  const page = await opened();
  await page.getByRole('link', { name: 'Control' }).click();
  await page.getByRole('button', { name: '+1 y' }).click();
  await page.locator('.time', { hasText: '2027-02-08' }).waitFor();
  await page.getByRole('link', { name: 'Requests', exact: true }).click();
  await page.locator('.rows .row.clock', { hasText: 'client_package' }).first().waitFor();
  assert.ok((await column(page, 'reason')).includes('expired'));
  const [head, event] = await Promise.all([page.locator('.row.head .c-reason'), page.locator('.rows .row.clock .c-reason').first()].map(cell => cell.boundingBox()));
  assert.equal(event.x, head.x, 'events stand in the columns of the requests');
  const { records } = await mock.call('GET', '/sessions/default/records/client_package');
  assert.ok(records.some(record => JSON.stringify(record).includes('expired')));
});

flow('the clock is frozen and set', 'school', async ({ mock, open: opened }) => {
  const page = await opened('#/control');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('button', { name: 'Freeze' }).waitFor();
  assert.equal((await mock.call('GET', '/sessions/default/clock')).frozen, false);
  await page.getByText('Set time and speed').click();
  await page.getByLabel('Time', { exact: true }).fill('2030-01-01T00:00:00Z');
  await page.getByLabel('Speed').fill('60');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await page.getByText('Running at 60 seconds a second').waitFor();
  assert.match((await mock.call('GET', '/sessions/default/clock')).now, /^2030-/);
});

flow('a colleague gets a world of their own: a fork with its base URL', 'school', async ({ mock, open: opened }) => {
  await mock.api('POST', CLIENTS, { body: { first_name: 'Forked' } });
  const page = await opened('#/control');
  await page.getByLabel('Id of the new session').fill('ada');
  await page.getByRole('button', { name: 'Fork default' }).click();
  const url = await page.getByRole('dialog').locator('code', { hasText: '/s/ada' }).first().textContent();
  const token = mock.ready.tokens.staff;
  const listed = await fetch(`${url}${CLIENTS}?per_page=100`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(listed.headers.get('x-standin-session'), 'ada');
  assert.match(await listed.text(), /Forked/);
  await page.keyboard.press('Escape');
  await page.locator('.sessions tr', { hasText: 'ada' }).getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await until(async () => (await mock.call('GET', '/sessions')).sessions.length === 1, 'one session');
});

flow('an account is emptied, and a reset restores it', 'school', async ({ mock, open: opened }) => {
  const page = await opened('#/control');
  const count = async () => JSON.parse((await mock.api('GET', `${CLIENTS}?per_page=1`)).text).data.clients.length;
  assert.equal(await count(), 1);
  await page.getByRole('button', { name: 'Empty' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Empty' }).click();
  await page.getByText('Session default is empty').waitFor();
  const { kinds } = await mock.call('GET', '/sessions/default/records');
  const records = Object.fromEntries(kinds.map(({ kind, records: number }) => [kind, number]));
  assert.deepEqual([records.client, records.package, records.matter], [1, 0, 0], 'the client of the token stays');
  const packages = JSON.parse((await mock.api('GET', '/api2/platform/v1/payment/packages')).text);
  assert.deepEqual(packages.data.packages, []);
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByText('Session default is in its initial state').waitFor();
  assert.equal(await count(), 1);
});

flow('a session is exported as a scenario that restores it', 'library', async ({ mock, open: opened }) => {
  await mock.api('POST', '/v1/loans', { body: { book_id: 'k-2' } });
  const page = await opened('#/control');
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  const download = await downloading;
  assert.equal(download.suggestedFilename(), 'default.json');
  await mock.call('PUT', '/sessions/copy/snapshot', JSON.parse(readFileSync(await download.path(), 'utf8')));
  const { records } = await mock.call('GET', '/sessions/copy/records/loan');
  assert.equal(records[0].book_id, 'k-2');
});

flow('quirks are searched and switched, one by one and by profile', 'school', async ({ mock, open: opened }) => {
  const page = await opened('#/control');
  await page.getByLabel('Search quirks').fill('gateway-refuses-business-payments');
  const toggle = page.getByRole('switch');
  await toggle.waitFor();
  await toggle.click();
  await page.getByText('serves /business/payments/v1/* as the fallback does').first().waitFor();
  assert.equal((await mock.call('GET', '/sessions/default/quirks')).quirks['gateway-refuses-business-payments'], false);
  await page.getByRole('button', { name: 'documented' }).click();
  await page.getByText(', 0 on').waitFor();
  assert.ok(Object.values((await mock.call('GET', '/sessions/default/quirks')).quirks).every(isOn => !isOn));
});

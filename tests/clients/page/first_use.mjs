// What somebody does who has read no more than the first screen of the README: from the URL of the web page that `standin serve`
// prints, with the mouse alone. The clicks are counted.
import assert from 'node:assert/strict';
import { flow } from './setup.mjs';

const CLIENTS = '/platform/v1/clients';

/** Opens the page of the mock, and counts the clicks of the mouse on it. */
async function begin(opened) {
  const page = await opened('');
  await page.evaluate(() => {
    globalThis.clicks = 0;
    addEventListener('click', event => { if (event.isTrusted) globalThis.clicks += 1; }, true);
  });
  return page;
}

const clicks = page => page.evaluate(() => globalThis.clicks);

flow('first use: why a request was refused, in at most two clicks', 'school', async ({ mock, open: opened }) => {
  const page = await begin(opened);
  const { status } = await mock.api('GET', '/platform/v1/services');
  await page.locator('.rows .row', { hasText: `${status}` }).click();
  await page.locator('.why').getByText('A required value is missing').waitFor();
  await page.locator('.why').getByText('/query/business_id').first().waitFor();
  assert.ok(await clicks(page) <= 2, `${await clicks(page)} clicks`);
});

flow('first use: the next request is slow, in two clicks', 'school', async ({ mock, open: opened }) => {
  const page = await begin(opened);
  await page.getByRole('link', { name: 'Control' }).click();
  await page.getByRole('button', { name: 'Slow 2 s' }).click();
  await page.locator('.items', { hasText: '"ms":2000' }).waitFor();
  const begun = Date.now();
  await mock.api('GET', CLIENTS);
  assert.ok(Date.now() - begun >= 2000);
  assert.equal(await clicks(page), 2);
});

flow('first use: an expired package is seen, in three clicks', 'school', async ({ open: opened }) => {
  const page = await begin(opened);
  await page.getByRole('link', { name: 'Control' }).click();
  await page.getByRole('button', { name: '+1 y' }).click();
  await page.getByRole('link', { name: 'Requests', exact: true }).click();
  const expired = page.locator('.rows .row.clock', { hasText: 'client_package' }).filter({ hasText: 'expired' });
  await expired.first().waitFor();
  assert.equal(await clicks(page), 3);
});

flow('first use: a colleague gets a world of their own, in two clicks', 'school', async ({ mock, open: opened }) => {
  await mock.api('POST', CLIENTS, { body: { first_name: 'Forked' } });
  const page = await begin(opened);
  await page.getByRole('link', { name: 'Control' }).click();
  await page.getByRole('button', { name: 'Fork default' }).click();
  const url = await page.getByRole('dialog').locator('code', { hasText: '/s/' }).first().textContent();
  assert.equal(await clicks(page), 2);
  const headers = { authorization: `Bearer ${mock.ready.tokens.staff}`, 'content-type': 'application/json' };
  assert.match(await (await fetch(`${url}${CLIENTS}?per_page=100`, { headers })).text(), /Forked/);
  // What the colleague changes stays there.
  await fetch(`${url}${CLIENTS}`, { method: 'POST', headers, body: '{"first_name": "Theirs"}' });
  assert.doesNotMatch((await mock.api('GET', `${CLIENTS}?per_page=100`)).text, /Theirs/);
});

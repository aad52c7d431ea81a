import assert from 'node:assert/strict';
import { flow } from './setup.mjs';

flow('operations show their coverage by file and tag', 'library', async ({ mock, open: opened }) => {
  const page = await opened('#/operations');
  const item = page.locator('.operations a', { hasText: '/v1/books' }).filter({ hasText: 'GET' }).first();
  await item.waitFor();
  await mock.api('GET', '/v1/books');
  await page.reload();
  assert.match(await item.getAttribute('title'), /statuses seen/);
  await page.getByLabel('Coverage').selectOption('never');
  const shown = await page.locator('.operations a .path').allTextContents();
  assert.ok(shown.length > 0 && (await page.locator('.operations a .coverage.never').count()) === shown.length);
  await page.getByLabel('Coverage').selectOption('');
  await page.getByLabel('Search operations').fill('return');
  assert.equal(await page.locator('.operations a').count(), 1);
});

flow('an operation is tried with a request that is filled in', 'school', async ({ open: opened }) => {
  const page = await opened(`#/operations/${encodeURIComponent('POST /platform/v1/payment/client_packages')}`);
  await page.getByText('A handler in Rust, written').waitFor();
  const body = await page.getByLabel('Body', { exact: true }).inputValue();
  assert.match(JSON.parse(body).client_id, /^\w+$/);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.sent .pill', { hasText: '201' }).waitFor();
  await page.getByRole('link', { name: 'Why this response?' }).click();
  await page.locator('.view-requests .side .pill', { hasText: '201' }).waitFor();
});

flow('another token changes what an operation returns', 'school', async ({ open: opened }) => {
  const page = await opened(`#/operations/${encodeURIComponent('GET /platform/v1/clients')}`);
  await page.getByLabel('Token').selectOption({ label: 'none' });
  assert.doesNotMatch(await page.getByRole('textbox', { name: 'Headers' }).inputValue(), /authorization/);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.sent .pill', { hasText: '401' }).waitFor();
});

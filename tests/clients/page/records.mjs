import assert from 'node:assert/strict';
import { flow, until } from './setup.mjs';

const NORA = 'k4w9zr2tq7mh1xpe';

flow('records are searched, and references lead to other records', 'school', async ({ open: opened }) => {
  const page = await opened('#/records');
  await page.getByLabel('Search kinds').fill('client');
  await page.locator('.tree a', { hasText: /^client\d/ }).click();
  await page.getByLabel('Search records').fill('lindqvist');
  await page.locator('tbody tr').filter({ hasText: NORA }).waitFor();
  assert.equal(await page.locator('tbody tr').count(), 1);
  await page.locator('tbody tr').click();
  await page.locator('.side .json a', { hasText: '7c1e94d02ab85f36' }).click();
  await page.locator('.side h2', { hasText: 'business 7c1e94d02ab85f36' }).waitFor();
  assert.match(page.url(), /#\/records\/default\/business\/7c1e94d02ab85f36/);
});

flow('keys select records', 'library', async ({ open: opened }) => {
  const page = await opened('#/records/default/book');
  await page.locator('tbody tr').first().waitFor();
  for (const [key, id] of [['j', 'k-1'], ['j', 'k-2'], ['k', 'k-1']]) {
    await page.keyboard.press(key);
    await page.locator('.side h2', { hasText: id }).waitFor();
  }
});

flow('a record is created with the form of its schema', 'library', async ({ mock, open: opened }) => {
  const page = await opened('#/records/default/book');
  await page.getByRole('button', { name: 'Create' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^title/).fill('Orlando');
  await dialog.getByLabel(/^branch_id/).fill('b-north');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await page.locator('.side .json', { hasText: '"Orlando"' }).waitFor();
  const { records } = await mock.call('GET', '/sessions/default/records/book');
  assert.ok(records.some(record => record.title === 'Orlando' && record.branch_id === 'b-north'));
});

flow('an invalid record is rejected with the place of the error, a valid one is saved', 'library', async ({ mock, open: opened }) => {
  const page = await opened('#/records/default/book/k-1');
  await page.getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^branch_id/).fill('b-none');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.locator('.errors', { hasText: '/branch_id' }).waitFor();
  await dialog.getByRole('button', { name: 'As JSON' }).click();
  const json = dialog.getByLabel('The record as JSON');
  await json.fill((await json.inputValue()).replace('b-none', 'b-north').replace('The Left Hand of Darkness', 'Darkness'));
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.locator('.side .json', { hasText: '"Darkness"' }).waitFor();
  assert.equal((await mock.call('GET', '/sessions/default/records/book/k-1')).title, 'Darkness');
});

flow('a record is deleted', 'library', async ({ mock, open: opened }) => {
  const page = await opened('#/records/default/book/k-2');
  await page.locator('.side').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await until(async () => await page.locator('tbody tr').count() === 1, 'one book');
  assert.deepEqual((await mock.call('GET', '/sessions/default/records/book')).records.map(({ id }) => id), ['k-1']);
});

flow('the history of a record shows which request changed what', 'school', async ({ mock, open: opened }) => {
  await mock.api('PUT', `/platform/v1/clients/${NORA}`, { body: { last_name: 'Berg' } });
  const page = await opened(`#/records/default/client/${NORA}`);
  await page.locator('.history ins', { hasText: '"Berg"' }).waitFor();
  await page.locator('.history a', { hasText: 'PUT /platform/v1/clients' }).click();
  await page.locator('.view-requests .side h2', { hasText: NORA }).waitFor();
});

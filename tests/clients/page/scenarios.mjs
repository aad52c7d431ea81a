import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { flow } from './setup.mjs';

flow('the steps of a scenario are run, and each shows its request and response', 'library', async ({ open: opened }) => {
  const page = await opened('#/scenarios');
  await page.locator('.tree a', { hasText: 'reading-room' }).click();
  await page.getByRole('button', { name: 'Run the steps' }).click();
  await page.locator('.verdict.passed', { hasText: '5 of 5 steps' }).waitFor();
  const step = page.locator('.steps li', { hasText: 'POST /v1/loans' }).first();
  await step.locator('summary').click();
  await step.locator('.json', { hasText: '"k-2"' }).first().waitFor();
});

flow('a session gets the records of a scenario, or begins a recorded one with the initial state of the server', 'library', async ({ mock, open: opened }) => {
  const page = await opened('#/scenarios/empty');
  await page.getByRole('button', { name: 'Load its records only' }).click();
  await page.getByText('Session default has the records of empty').waitFor();
  assert.ok(!(await mock.call('GET', '/sessions/default/records/book')).records.some(({ id }) => id === 'k-1'));
  await mock.reset();
  await mock.api('GET', '/v1/books/k-1');
  await page.getByText('Record a scenario').click();
  await page.getByLabel('Begins with').selectOption('the records that the server began with');
  await page.getByRole('button', { name: 'Write the scenario' }).click();
  await page.getByRole('button', { name: 'Try it in a session of its own' }).click();
  await page.locator('.verdict.passed', { hasText: '1 of 1 steps' }).waitFor();
});

flow('requests become a scenario that is tried and saved', 'library', async ({ mock, open: opened }) => {
  const { text } = await mock.api('POST', '/v1/loans', { body: { book_id: 'k-2' } });
  await mock.api('POST', `/v1/loans/${JSON.parse(text).result.id}/return`);
  await mock.api('GET', '/v1/books/k-9');
  const page = await opened('#/scenarios');
  await page.getByText('Record a scenario').click();
  await page.getByLabel('Name').fill('lent-and-returned');
  await page.getByRole('button', { name: 'Write the scenario' }).click();
  await page.getByRole('button', { name: 'Try it in a session of its own' }).click();
  await page.locator('.verdict.passed', { hasText: '3 of 3 steps' }).waitFor();
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the file' }).click();
  const written = readFileSync(await (await downloading).path(), 'utf8');
  assert.match(written, /extends: "reading-room"/);
  const { passed } = await mock.call('POST', '/sessions/again/replay', { scenario: written });
  assert.equal(passed, 1);
});

flow('a step that fails shows what was expected and what was received', 'library', async ({ mock, open: opened }) => {
  await mock.api('GET', '/v1/books/k-1');
  const page = await opened(`#/scenarios/${encodeURIComponent('+record')}`);
  await page.getByRole('button', { name: 'Write the scenario' }).click();
  await page.getByRole('button', { name: 'Save the file' }).waitFor();
  const text = page.getByLabel('The scenario', { exact: true }).last();
  await text.fill((await text.inputValue()).replace('{"status":200}', '{"status":404}'));
  await page.getByRole('button', { name: 'Try it in a session of its own' }).click();
  await page.locator('.verdict.failed').waitFor();
  assert.equal(await page.locator('.steps del').first().textContent(), '200');
  assert.equal(await page.locator('.steps ins').first().textContent(), '404');
});

flow('an unexpected body is shown as a whole with each difference', 'library', async ({ mock, open: opened }) => {
  await mock.api('GET', '/v1/books/k-1');
  const page = await opened(`#/scenarios/${encodeURIComponent('+record')}`);
  await page.getByRole('button', { name: 'Write the scenario' }).click();
  const text = page.getByLabel('The scenario', { exact: true }).last();
  const steps = [{ id: 'book', method: 'GET', path: '/v1/books/k-1', expect: { body: { '$.result.title': 'Emma', '$.result.pages': 3 } } }];
  await text.fill(JSON.stringify({ scenario: 'emma', extends: 'reading-room', steps }));
  await page.getByRole('button', { name: 'Try it in a session of its own' }).click();
  await page.locator('.verdict.failed').waitFor();
  const body = page.locator('.steps .json');
  assert.deepEqual(await body.locator('ins').allTextContents(), ['"Emma"', '3']);
  assert.equal(await body.locator('del').count(), 2);
  assert.ok((await body.textContent()).includes('"k-1"'), 'equal fields are shown too');
});

// Every view with axe-core in both themes, on a phone, and with the keyboard alone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { flow, require } from './setup.mjs';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const NORA = 'k4w9zr2tq7mh1xpe';
const OPERATION = encodeURIComponent('POST /platform/v1/payment/client_packages');

/** Places, and what shows that they are complete. */
const PLACES = [
  ['#/requests', '.rows .row'], ['#/requests/default/1', '.why .source'], ['#/requests/default/2', '.why .sentences'], ['#/requests/default/3', '.diff'],
  ['#/records/default', '.tree a'], ['#/records/default/client', 'tbody tr'], [`#/records/default/client/${NORA}`, '.side .json'],
  ['#/control/default', '.quirks li'], ['#/operations', '.legend'], [`#/operations/${OPERATION}`, '.editor'], ['#/scenarios', '.tree a'], [`#/scenarios/${encodeURIComponent('+record')}`, '.pick li'],
];

async function traffic(mock) {
  await mock.api('GET', '/platform/v1/services');
  await mock.api('GET', '/apigw/business/payments/v1/client_packages/y2g7pmb4vd09leas');
  await mock.api('PUT', `/platform/v1/clients/${NORA}`, { body: { first_name: 'Nora-Lisa' } });
}

for (const colorScheme of ['light', 'dark']) {
  flow(`axe finds nothing serious in any view, ${colorScheme}`, 'school', async ({ mock, open: opened }) => {
    await traffic(mock);
    const page = await opened('', { colorScheme, bypassCSP: true });
    const found = [];
    for (const [place, complete] of PLACES) {
      await page.goto(`${mock.control}/${place}`);
      await page.locator(complete).first().waitFor();
      // The policy of the page does not let this script in, so the browser has to.
      await page.evaluate(axe);
      // Only colours differ between the themes.
      const runOnly = colorScheme === 'light' ? undefined : { type: 'rule', values: ['color-contrast'] };
      const { violations } = await page.evaluate(only => window.axe.run(document, { resultTypes: ['violations'], ...(only ? { runOnly: only } : {}) }), runOnly);
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      found.push(...serious.map(({ id, nodes }) => `${place} ${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary.slice(0, 240)}`).join(' | ')}`));
    }
    assert.deepEqual(found, []);
  });
}

flow('no view is wider than a phone', 'school', async ({ mock, open: opened }) => {
  await traffic(mock);
  const page = await opened('', { viewport: { width: 360, height: 740 } });
  for (const [place, complete] of PLACES) {
    await page.goto(`${mock.control}/${place}`);
    await page.locator(complete).first().waitFor({ state: 'attached' });
    const width = await page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.getElementById('main').scrollWidth));
    assert.ok(width <= 360, `${place}: ${width} pixels`);
  }
});

flow('the keyboard alone reaches a request, its actions and the other views', 'school', async ({ mock, open: opened }) => {
  await traffic(mock);
  const page = await opened('#/requests');
  await page.locator('.rows .row').first().waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim() ?? '');
  const tabTo = async wanted => {
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      if (wanted.test(await focused())) return;
    }
    assert.fail(`Tab does not reach ${wanted}`);
  };
  await tabTo(/^Skip to the content$/);
  await tabTo(/^Records$/);
  await tabTo(/^Filter requests$/);
  await tabTo(/^Requests$/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('.side h2:focus').waitFor();
  await tabTo(/^Edit and resend$/);
  await tabTo(/^Copy as/);
  await page.keyboard.press('Enter');
  await tabTo(/^curl$/);
  await page.keyboard.press('Enter');
  await page.getByText('Copied as curl').waitFor();
  await page.keyboard.press('3');
  await page.locator('.view-control').waitFor();
  await tabTo(/^Slow 2 s$/);
  await page.keyboard.press('Space');
  await page.locator('.items', { hasText: '"ms":2000' }).waitFor();
});

flow('the theme is selected and stays', 'school', async ({ open: opened }) => {
  const page = await opened('', { colorScheme: 'light' });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.getByLabel('Theme: auto').click();
  await page.getByLabel('Theme: light').click();
  await page.getByLabel('Theme: dark').waitFor();
  assert.notEqual(await background(), light);
  await page.reload();
  await page.getByLabel('Theme: dark').waitFor();
  assert.notEqual(await background(), light);
});

import { useSession } from '@standin/mock/vitest';
import { expect, test } from 'vitest';
import { lesson, sdk } from './sdk.js';

const session = useSession();

test.each([1, 2, 3, 4, 5, 6])('sold package pays a lesson with a credit, round %i', async () => {
  const api = session();
  const before = (await api.records('client_package')).length;
  const package_id = (await sdk(api).packages()).find(({ name }) => name === '10 Music Lessons').id;
  const sold = await sdk(api).sell({ client_id: api.params.client_id, package_id, price: 120 });
  expect(sold.amount).toBe(120);

  const due = await sdk(api, 'client').book(lesson(api));
  expect(await sdk(api).paymentRequest(due)).toMatchObject({ state: 'pending', amount: '15.0' });
  expect(await sdk(api).redeem(due)).toBe('10 Music Lessons');
  expect(await sdk(api).paymentRequest(due)).toMatchObject({ state: 'paid', amount: '0.0' });
  await expect(sdk(api).redeem(due)).rejects.toThrow('already paid');

  // Other rounds sell theirs in other sessions.
  expect(await api.records('client_package')).toHaveLength(before + 1);
  await api.assertCalled('POST /platform/v1/payment/client_packages', { times: 1, body: { price: 120 } });
});

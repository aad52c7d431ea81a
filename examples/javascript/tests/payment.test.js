import { useSession } from '@standin/mock/vitest';
import { expect, test } from 'vitest';
import { lesson, sdk } from './sdk.js';

const session = useSession();

test.each([1, 2, 3, 4, 5, 6])('paid lesson is paid, round %i', async () => {
  const api = session();
  const due = await sdk(api, 'client').book(lesson(api));
  await sdk(api).pay(due, 15);
  expect((await sdk(api).paymentRequest(due)).state).toBe('paid');
  await api.assertCalled('POST /platform/v1/scheduling/bookings', { times: 1, token: 'client' });
});

test('credits expire as time passes', async () => {
  const api = session();
  const due = await sdk(api, 'client').book(lesson(api));
  expect(await api.now()).toEqual(new Date('2026-02-08T10:00:00Z'));
  expect(await api.advance('2y')).toEqual(new Date('2028-02-08T10:00:00Z'));
  await expect(sdk(api).redeem(due)).rejects.toThrow('There is no package to use');
});

import { useSession } from '@standin/mock/vitest';
import { expect, test } from 'vitest';
import { sdk } from './sdk.js';

const session = useSession();

test('sdk waits and retries after 429', async () => {
  const api = session();
  await api.fail('GET /platform/v1/clients', { status: 429, retryAfter: 7, times: 1 });
  const waited = [];
  await sdk(api, 'staff', { sleep: async (seconds) => waited.push(seconds) }).clients();
  expect(waited).toEqual([7]);
  await api.assertCalled('GET /platform/v1/clients', { times: 2 });
  await api.assertCalled('GET /platform/v1/clients', { times: 1, status: 429 });
});

test('reset connection is retried for reads', async () => {
  const api = session();
  await api.fail('GET /platform/v1/clients', { reset: true, times: 1 });
  expect(await sdk(api).clients()).not.toHaveLength(0);
  await api.assertCalled('GET /platform/v1/clients', { times: 2 });
});

test('reset connection is no second create', async () => {
  const api = session();
  await api.fail('POST /platform/v1/clients', { reset: true, times: 1 });
  await expect(sdk(api).createClient({ first_name: 'Ada' })).rejects.toThrow('fetch failed');
  // The response was lost, not the record.
  await api.assertCalled('POST /platform/v1/clients', { times: 1 });
  expect((await api.records('client')).filter((client) => client.first_name === 'Ada')).toHaveLength(1);
});

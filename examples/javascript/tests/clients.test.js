import { useSession } from '@standin/mock/vitest';
import { expect, test } from 'vitest';
import { sdk } from './sdk.js';

const session = useSession();

test('seeded client is listed', async () => {
  const api = session();
  await api.seed('client', { first_name: 'Grace', business_uid: api.params.business_uid });
  const names = (await sdk(api).clients({ per_page: 100 })).map((client) => client.first_name);
  expect(names).toContain('Grace');
});

test('failed check shows the nearest request', async () => {
  const api = session();
  await sdk(api).createClient({ first_name: 'Ada' });
  const check = api.assertCalled('POST /platform/v1/clients', { body: { first_name: 'Grace' } });
  const { message } = await check.catch((error) => error);
  expect(message).toContain('body/first_name: expected "Grace", received "Ada"');
  expect(message).toContain('#1 POST /platform/v1/clients -> 201');
  await api.assertNotCalled('DELETE /platform/v1/clients/{client_id}');
});

test('mistake in a test says what to write', async () => {
  const api = session();
  await expect(api.seed('clint', {})).rejects.toThrow('did you mean `client`?');
  expect(() => api.token('stuff')).toThrow("there is no token 'stuff'; there are staff, ");
});

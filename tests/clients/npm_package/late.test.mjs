import { useSession } from '@standin/mock/vitest';
import { expect, test } from 'vitest';

const session = useSession();
let late;

test.fails('a test that takes too long goes on', { timeout: 50 }, async () => {
  const api = session();
  const goOn = async () => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await api.seed('client', { first_name: 'Late', business_uid: api.params.business_uid });
  };
  late = goOn().catch((error) => error);
  await late;
});

test('and does not reach the session of the next test', async () => {
  const api = session();
  await late;
  const names = (await api.records('client')).map((client) => client.first_name);
  expect(names).toHaveLength(40);
  expect(names).not.toContain('Late');
});

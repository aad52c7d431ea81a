const { useSession } = require('@standin/mock/jest');

const session = useSession();

test.each([1, 2])('each test begins with the initial state, round %i', async () => {
  const api = session();
  const before = (await api.records('client')).length;
  const headers = { ...api.headers('staff'), 'content-type': 'application/json' };
  const body = JSON.stringify({ first_name: 'Ada' });
  const response = await fetch(`${api.url}/platform/v1/clients`, { method: 'POST', headers, body });
  expect(response.status).toBe(201);
  expect(await api.records('client')).toHaveLength(before + 1);
  expect(before).toBe(40);
  await api.assertCalled('POST /platform/v1/clients', { times: 1 });
});

test('the options of the configuration are those of the server', async () => {
  const api = session();
  expect(await api.now()).toEqual(new Date('2026-02-08T10:00:00Z'));
});

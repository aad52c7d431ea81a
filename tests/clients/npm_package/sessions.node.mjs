import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useSession } from '@standin/mock/node';

const session = useSession({ args: ['--now', '2026-02-08T10:00:00Z'] });

for (const round of [1, 2]) {
  test(`each test begins with the initial state, round ${round}`, async () => {
    const api = session();
    assert.equal((await api.records('client')).length, 40);
    await api.seed('client', { first_name: 'Ada', business_uid: api.params.business_uid });
    assert.equal((await api.records('client')).length, 41);
    assert.deepEqual(await api.now(), new Date('2026-02-08T10:00:00Z'));
  });
}

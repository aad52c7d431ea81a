// Checked by the compiler, never run.
import { start, type Fault, type ReceivedRequest } from '@standin/mock';
import { useSession } from '@standin/mock/vitest';
import setup, { setup as withOptions } from '@standin/mock/vitest/setup';
import { useSession as useJest } from '@standin/mock/jest';
import standin from '@standin/mock/vite';
import { defineConfig } from 'vitest/config';

const api = useSession({ args: ['--swagger', 'my-api/'] });
const fault: Fault = { path: '/v1/**', latency: { ms: 400, distribution: 'lognormal' } };
// @ts-expect-error a fault has no such kind
const wrong: Fault = { path: '/v1/**', latenzy: { ms: 400 } };
export const config = defineConfig({ plugins: [standin({ proxy: '/api' })] });
export const all = [wrong, setup, withOptions({ args: [] }), useJest()];

export async function check(): Promise<string[]> {
  const server = await start();
  const session = await server.session({ forkOf: api().id });
  await session.addFault(fault);
  await session.fail('GET /v1/orders', { status: 429, retryAfter: 7 });
  await session.assertCalled('GET /v1/orders', { times: 2, status: '4xx' });
  const requests: ReceivedRequest[] = await session.requests();
  return requests.map((request) => request.path);
}

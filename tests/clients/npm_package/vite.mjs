// The development server of Vite forwards /api to the mock, which stops with it.
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import standin from '@standin/mock/vite';
import { createServer } from 'vite';

const plugins = [standin({ proxy: '/api', gateway: 'fallback' })];
const lines = [];
const customLogger = { info: (line) => lines.push(line), warn() {}, warnOnce() {}, error: console.error, clearScreen() {}, hasErrorLogged: () => false };
const vite = await createServer({ configFile: false, plugins, customLogger, server: { port: 0, host: '127.0.0.1' } });
await vite.listen();
const { port } = vite.httpServer.address();
const control = lines.join().match(/control API (\S+)/)[1];
const authorization = 'Bearer staff-harmony-7c1e94d0';
const response = await fetch(`http://127.0.0.1:${port}/api/platform/v1/clients?per_page=1`, { headers: { authorization } });
assert.equal(response.status, 200);
assert.equal((await response.json()).data.clients.length, 1);
await vite.close();
for (let attempt = 0; attempt < 50 && (await fetch(`${control}/health`).catch(() => undefined)); attempt++) {
  await setTimeout(100);
}
await assert.rejects(fetch(`${control}/health`));
console.log('forwarded and stopped');

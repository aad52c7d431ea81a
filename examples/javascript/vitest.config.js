import { defineConfig } from 'vitest/config';

// One mock for all files; each test has a session of its own. The first requests to an unoptimized mock can take seconds.
export default defineConfig({
  test: { globalSetup: ['./tests/setup.js'], maxWorkers: 4, minWorkers: 4, testTimeout: 60_000, hookTimeout: 60_000 },
});

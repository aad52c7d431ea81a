import { defineConfig } from 'vitest/config';

// One mock for all files; each test has a session of its own.
export default defineConfig({ test: { globalSetup: ['./tests/setup.js'], maxWorkers: 4, minWorkers: 4 } });

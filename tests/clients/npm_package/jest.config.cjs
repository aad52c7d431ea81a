module.exports = {
  testMatch: ['**/sessions.jest.cjs'],
  globalSetup: '@standin/mock/jest/setup',
  globalTeardown: '@standin/mock/jest/teardown',
  testTimeout: 60_000,
  globals: { standinArgs: ['--now', '2026-02-08T10:00:00Z'] },
};

'use strict';

const { connect, start } = require('./server.cjs');
const { Session } = require('./session.cjs');

/**
 * Registers hooks of a test runner, so that each test has a session of its own; returns an object that is this session while a
 * test runs. `shared` returns what a server that was started for all test files has printed, if there is one.
 */
function useSession({ beforeAll, afterAll, beforeEach, afterEach }, shared, options) {
  const current = new Session(undefined, undefined);
  beforeAll(async () => {
    const ready = shared();
    current.server = ready ? connect(ready) : await start(options);
  });
  beforeEach(async () => {
    current.id = (await current.server.session()).id;
  });
  afterEach(async () => {
    // The test has none if the hook before it has failed.
    if (current.id !== undefined) await current.delete();
    current.id = undefined;
  });
  afterAll(() => current.server?.stop());
  return current;
}

module.exports = { useSession };

'use strict';

const { connect, start } = require('./server.cjs');

/**
 * Registers hooks of a test runner, so that each test has a session of its own; returns a function that returns the session of the
 * running test. A test that goes on after its timeout has its own session still, and never that of the next test. `shared` returns
 * what a server that was started for all test files has printed, if there is one.
 */
function useSession({ beforeAll, afterAll, beforeEach, afterEach }, shared, options) {
  let server;
  let session;
  beforeAll(async () => {
    const ready = shared();
    server = ready ? connect(ready) : await start(options);
  });
  beforeEach(async () => {
    session = await server.session();
  });
  afterEach(async () => {
    // The test has none if the hook before it has failed.
    const ended = session;
    session = undefined;
    await ended?.delete();
  });
  afterAll(() => server?.stop());
  return () => {
    if (session === undefined) throw new Error('there is a session while a test runs only; call this function in a test');
    return session;
  };
}

module.exports = { useSession };

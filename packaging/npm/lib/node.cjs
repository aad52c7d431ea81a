'use strict';

const { after, afterEach, before, beforeEach } = require('node:test');
const hooks = require('./hooks.cjs');

/** Gives each test of the file a session of its own, and starts a server for the file. */
function useSession(options) {
  const runner = { beforeAll: before, afterAll: after, beforeEach, afterEach };
  return hooks.useSession(runner, () => undefined, options);
}

module.exports = { useSession };

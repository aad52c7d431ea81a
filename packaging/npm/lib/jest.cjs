'use strict';

const hooks = require('./hooks.cjs');

/** Gives each test of the file a session of its own. The server is that of `@standin/mock/jest/setup`, or one for the file. */
function useSession(options) {
  const { STANDIN_READY } = process.env;
  return hooks.useSession(globalThis, () => STANDIN_READY && JSON.parse(STANDIN_READY), options);
}

module.exports = { useSession };

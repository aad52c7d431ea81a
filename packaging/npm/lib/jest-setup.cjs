'use strict';

const { start } = require('./server.cjs');

/** A `globalSetup` of jest: one server for all test files. `globals.standinArgs` of the configuration are its options. */
module.exports = async (_, { globals = {} } = {}) => {
  const server = await start({ args: globals.standinArgs });
  process.env.STANDIN_READY = JSON.stringify(server.ready);
  globalThis.__STANDIN__ = server;
};

import { start } from './index.mjs';

/** Makes a `globalSetup` of vitest: one server for all test files, with these options. */
export function setup(options) {
  return async ({ provide }) => {
    const server = await start(options);
    provide('standin', server.ready);
    return () => server.stop();
  };
}

export default setup();

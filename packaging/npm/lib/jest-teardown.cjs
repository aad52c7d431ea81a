'use strict';

/** A `globalTeardown` of jest: stops the server of `@standin/mock/jest/setup`. */
module.exports = () => globalThis.__STANDIN__?.stop();

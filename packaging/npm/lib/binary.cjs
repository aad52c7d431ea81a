'use strict';

/** Returns the path of the program: that of the environment STANDIN, or of the package for this platform. */
function findStandin() {
  if (process.env.STANDIN) return process.env.STANDIN;
  const { platform, arch } = process;
  const name = `@standin/mock-${platform}-${arch}`;
  try {
    return require.resolve(`${name}/bin/standin${platform === 'win32' ? '.exe' : ''}`);
  } catch {
    throw new Error(
      `the package ${name} is not installed. It is an optional dependency of @standin/mock: install without --omit=optional, ` +
        'or set STANDIN to the path of the program',
    );
  }
}

module.exports = { findStandin };

import { afterAll, afterEach, beforeAll, beforeEach, inject } from 'vitest';
import hooks from './hooks.cjs';

/** Gives each test of the file a session of its own. The server is that of `@standin/mock/vitest/setup`, or one for the file. */
export function useSession(options) {
  return hooks.useSession({ afterAll, afterEach, beforeAll, beforeEach }, () => inject('standin'), options);
}

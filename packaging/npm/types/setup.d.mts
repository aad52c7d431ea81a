import type { Ready, StartOptions } from './index.js';

type Setup = (project: { provide(key: 'standin', ready: Ready): void }) => Promise<() => Promise<void>>;

/** Makes a `globalSetup` of vitest: one server for all test files, with these options. */
export function setup(options?: StartOptions): Setup;

declare const withoutOptions: Setup;
export default withoutOptions;

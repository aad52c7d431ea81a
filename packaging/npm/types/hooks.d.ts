import type { Session, StartOptions } from './index';

/** Gives each test of the file a session of its own; the function returns that of the running test. */
export function useSession(options?: StartOptions): () => Session;

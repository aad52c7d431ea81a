import type { Session, StartOptions } from './index';

/** Gives each test of the file a session of its own; the object is this session while a test runs. */
export function useSession(options?: StartOptions): Session;

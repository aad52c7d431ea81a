import type { Ready } from './index.js';

export { useSession } from './hooks.js';

declare module 'vitest' {
  interface ProvidedContext {
    standin: Ready;
  }
}

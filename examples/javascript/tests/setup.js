import { setup } from '@standin/mock/vitest/setup';

export default setup({ args: ['--now', '2026-02-08T10:00:00Z'] });

/** How `control-run.ts` runs tests: like the others, with a place of the source changed. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import type { SourceMutation } from './source-mutation.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { file, from, to } = JSON.parse(process.env['SOURCE_MUTATION'] ?? '{}') as SourceMutation;

export default defineConfig({
  root,
  plugins: [
    {
      name: 'change one place',
      enforce: 'pre',
      transform: (code: string, id: string) =>
        id === `${root}${file}` ? code.replace(from, () => to) : undefined,
    },
  ],
  // Nothing changed is kept for the next run. A request that hangs is a failure, too.
  test: { include: ['test/**/*.test.ts'], testTimeout: 10_000, fsModuleCache: false },
});

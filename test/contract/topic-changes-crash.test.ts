/**
 * Topics come, grow and go whole, wherever everything ends. `test/crash/topic-changes.test.ts` lets
 * their calls fail, too.
 */
import { expect, test } from 'vitest';
import type { Files } from '../../src/storage/files.ts';
import { topicChangesCampaign } from '../support/topic-changes-run.ts';
import { UnsyncedFiles } from '../support/unsynced-files.ts';

test('no change of topics is ever seen by half, whichever call is the last', async () => {
  const { calls, problem } = await topicChangesCampaign('hang', {});
  expect(problem).toBeUndefined();
  expect(calls).toBeGreaterThan(100);
});

test.each([
  ['the names of the topics (data-directory.ts)', (path: string) => path === '/data/topics'],
  [
    'the names of the partitions (data-directory.ts)',
    (path: string) => /\/[0-9a-f]{32}$/.test(path),
  ],
  ['the files of a partition (new-partition.ts)', (path: string) => /\/\d$/.test(path)],
  ['its records (log-writer.ts)', (path: string) => path.endsWith('.log')],
])('it would show if the sync of %s were missing', async (_, isLeftOut) => {
  const wrap = (files: Files): Files => new UnsyncedFiles(files, isLeftOut);
  const campaign = topicChangesCampaign('hang', { wrap });
  expect(await campaign.then(({ problem }) => problem, String)).toBeDefined();
});

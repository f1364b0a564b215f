import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Catalogue } from '../../../src/storage/catalogue.ts';
import { examineDataDirectory } from '../../../src/storage/doctor/examine-data-directory.ts';
import type { LastOwner } from '../../../src/storage/owner-file.ts';
import { realFiles } from '../../../src/storage/real-files.ts';
import { doctorScene } from '../../support/doctor-scene.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

async function examine(directory: string, lastOwner: LastOwner = 'none') {
  const scratch = join(await temporaryDirectory(), 'scratch');
  const seen: [number, number][] = [];
  const examination = await examineDataDirectory({
    directory,
    files: realFiles,
    lastOwner,
    previousRun: 'clean',
    nowMs: 0,
    scratch,
    progress: (_, bytes, totalBytes) => seen.push([bytes, totalBytes]),
  });
  return { ...examination, seen };
}

test('every log of every topic is examined, and the log of the groups', async () => {
  const { directory } = await doctorScene();
  const { logs, topicCount, findings, seen } = await examine(directory);
  expect(logs.map(({ name }) => name)).toEqual(['orders/0', 'orders/1', 'groups/0']);
  expect([topicCount, findings]).toEqual([1, []]);
  const [bytes, totalBytes] = seen.at(-1) ?? [0, 1];
  expect(bytes).toBe(totalBytes);
});

test('an empty directory has none', async () => {
  expect(await examine(await temporaryDirectory())).toMatchObject({ logs: [], topicCount: 0 });
});

test('an owner that nobody can tell is what the next start takes care of', async () => {
  const { directory } = await doctorScene();
  const { findings } = await examine(directory, 'unknown');
  expect(findings).toMatchObject([{ severity: 'mended', kind: 'owner-unreadable' }]);
});

test('a partition that is gone does not keep the others from being examined', async () => {
  const { directory, partition } = await doctorScene();
  await realFiles.removeDir(partition);
  const { logs } = await examine(directory);
  expect(logs.map(({ findings }) => findings.map(({ kind }) => kind))).toEqual([
    ['directory-unreadable'],
    [],
    [],
  ]);
});

test('without a catalogue the directories themselves say what there is', async () => {
  const { directory, partition } = await doctorScene();
  await realFiles.remove(join(directory, 'catalogue.db'));
  await realFiles.remove(join(partition, '..', 'topic.json'));
  await mkdir(join(directory, 'topics', 'x'));
  await writeFile(join(directory, 'topics', 'x', 'topic.json'), '{"name":');
  const { logs, findings } = await examine(directory);
  const id = partition.split('/').at(-2);
  expect(logs.map(({ name }) => name)).toEqual([`${id}/0`, `${id}/1`, 'groups/0']);
  expect(findings).toMatchObject([{ kind: 'catalogue-missing' }]);
});

test('what does not belong there is noted, at every level, and nothing is made of it', async () => {
  const { directory, partition } = await doctorScene();
  const topic = join(partition, '..');
  const other = join(directory, 'topics', '0'.repeat(32));
  await mkdir(other);
  await writeFile(join(other, 'topic.json'), '{"name":"old"}');
  await mkdir(join(directory, 'topics', 'x'));
  for (const path of [directory, topic, join(directory, 'groups')]) {
    await writeFile(join(path, 'mine'), '');
  }
  const { logs, findings } = await examine(directory);
  expect(logs.map(({ name }) => name)).toEqual(['orders/0', 'orders/1', 'groups/0']);
  expect(findings).toEqual([
    { severity: 'note', kind: 'unknown-file', file: join(directory, 'mine') },
    { severity: 'note', kind: 'unknown-file', file: join(topic, 'mine') },
    { severity: 'note', kind: 'unknown-topic', file: other, found: 'old' },
    { severity: 'note', kind: 'unknown-topic', file: join(directory, 'topics', 'x') },
    { severity: 'note', kind: 'unknown-file', file: join(directory, 'groups', 'mine') },
  ]);
});

test('a topic on its way in or out is noted, and not examined', async () => {
  const { directory, partition } = await doctorScene();
  const catalogue = Catalogue.open(join(directory, 'catalogue.db'), '');
  for (const { topicId } of catalogue.topics()) catalogue.setTopicState(topicId, 'deleting');
  catalogue.close();
  const { logs, findings } = await examine(directory);
  expect(logs.map(({ name }) => name)).toEqual(['groups/0']);
  const file = join(partition, '..');
  expect(findings).toMatchObject([{ kind: 'unfinished-topic', file, found: 'orders' }]);
});

test.each([
  ['{"name":"others"}', 'others'],
  ['{"name":7}', 'no name'],
  ['{"na', 'no name'],
])('a topic.json that says %s misleads people, and nobody else', async (content, found) => {
  const { directory, partition } = await doctorScene();
  const file = join(partition, '..', 'topic.json');
  await writeFile(file, content);
  const { logs, findings } = await examine(directory);
  expect(findings).toEqual([
    { severity: 'note', kind: 'topic-name', file, field: 'name', expected: 'orders', found },
  ]);
  expect(logs).toHaveLength(3);
});

test('a topic.json that cannot be read is one without a name', async () => {
  const { directory, partition } = await doctorScene();
  const file = join(partition, '..', 'topic.json');
  await rm(file);
  await mkdir(file);
  const { findings } = await examine(directory);
  expect(findings).toMatchObject([{ kind: 'topic-name', found: 'no name' }]);
});

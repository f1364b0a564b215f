/** What the log of the groups says and does when the disk is full, fails or is damaged. */
import { expect, test } from 'vitest';
import { MillraceError } from '../../src/model/errors.ts';
import { churn, CommitLogMachine, GROUPS_DIRECTORY, SMALL } from '../support/commit-log-machine.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import type { FileCall } from '../support/faulty-files.ts';
import { commit, contentOf, groupMetadata, modelAfter } from '../support/group-changes.ts';
import { settled } from '../support/held-files.ts';
import { contentOf as bytesOf, overwrite } from '../support/partition-fixture.ts';

const FIRST_SEGMENT = `${'0'.repeat(20)}.log`;

test('a full disk refuses commits, and it heals by itself', async () => {
  const machine = new CommitLogMachine();
  const commits = await machine.start();
  await commits.append([commit(1)]);
  machine.disk.capacityBytes = machine.disk.usedBytes + 10;
  const refused = { code: 'DISK_FULL', written: 'no', retriable: true };
  await expect(commits.append([commit(2)])).rejects.toMatchObject(refused);
  expect(contentOf(commits.groups())).toEqual(modelAfter([commit(1)]));
  machine.disk.capacityBytes = Infinity;
  await commits.append([commit(3)]);
  expect(contentOf(commits.groups())).toEqual(modelAfter([commit(3)]));
});

test('a snapshot without room leaves everything as it was, and is tried again', async () => {
  const machine = new CommitLogMachine();
  const commits = await machine.start(machine.disk, { ...SMALL, bytesMax: 20_000 });
  const records = await churn(commits, 160);
  machine.disk.capacityBytes = machine.disk.usedBytes + 300;
  for (let at = 0; commits.stats().bytes <= 20_000; at += 1) {
    machine.disk.capacityBytes = machine.disk.usedBytes + 300;
    records.push(...(await churn(commits, 1, at)));
  }
  await settled();
  await commits.idle();
  const failed = 'the log of the groups was not shrunk; it will be tried again';
  expect(machine.warnings()).toContain(failed);
  expect(contentOf(commits.groups())).toEqual(modelAfter(records));
  machine.disk.capacityBytes = Infinity;
  machine.clock.advance(30_000);
  await commits.housekeep({ clockIsSteady: true });
  await commits.idle();
  expect(commits.stats().bytes).toBeLessThan(10_000);
  machine.cutPower();
  expect(contentOf((await machine.start()).groups())).toEqual(modelAfter(records));
});

test('after a failed sync nothing is shown that is in doubt, and nothing more is taken', async () => {
  const machine = new CommitLogMachine();
  const files = new FaultyFiles(machine.disk);
  const commits = await machine.start(files);
  await commits.append([commit(1)]);
  files.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'sync' });
  const first = commits.append([commit(2)]);
  await expect(first).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR', written: 'unknown' });
  const later = commits.append([commit(3)]);
  await expect(later).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR', written: 'no' });
  expect(contentOf(commits.groups())).toEqual(modelAfter([commit(1)]));
  expect(commits.stats()).toMatchObject({ state: 'offline', isComplete: true });
  expect(commits.stats().reason).toContain(GROUPS_DIRECTORY);
});

test('a start on a full disk says what is missing, and heals by itself', async () => {
  const machine = new CommitLogMachine();
  await (await machine.start()).append([commit(1), groupMetadata(1)]);
  machine.kill();
  machine.disk.capacityBytes = machine.disk.usedBytes;
  const commits = await machine.start();
  expect(commits.stats()).toMatchObject({ state: 'read-only', isComplete: false });
  const refused = { code: 'DISK_FULL', written: 'no', retriable: true };
  await expect(commits.append([commit(2)])).rejects.toMatchObject(refused);
  machine.disk.capacityBytes = Infinity;
  await commits.housekeep({ clockIsSteady: false });
  expect(commits.stats()).toMatchObject({ state: 'online', isComplete: true });
  expect(contentOf(commits.groups())).toEqual(modelAfter([commit(1), groupMetadata(1)]));
  await commits.append([commit(2)]);
  expect(contentOf(commits.groups())).toEqual(modelAfter([commit(2), groupMetadata(1)]));
});

test('a read that fails at the start refuses commits until all was read', async () => {
  const machine = new CommitLogMachine();
  const before = await machine.start();
  await before.append([commit(1)]);
  await machine.stop(before);
  const only = ({ name, path }: FileCall): boolean => name === 'read' && path.endsWith('.log');
  const files = new FaultyFiles(machine.disk, { kind: 'EIO', at: 1, lasts: true, only });
  const commits = await machine.start(files);
  expect(commits.stats()).toMatchObject({ state: 'offline', isComplete: false });
  expect(commits.stats().reason).toContain('EIO');
  const refused = { code: 'KAFKA_STORAGE_ERROR', written: 'no' };
  await expect(commits.append([commit(2)])).rejects.toMatchObject(refused);
  files.setFault(undefined);
  await commits.housekeep({ clockIsSteady: true });
  expect(commits.stats()).toMatchObject({ state: 'online', isComplete: true });
  await commits.append([commit(2, { partition: 1 })]);
  expect(contentOf(commits.groups())).toEqual(modelAfter([commit(1), commit(2, { partition: 1 })]));
});

test('a damaged log is served as far as it can be read, and takes nothing more', async () => {
  const machine = new CommitLogMachine();
  const before = await machine.start(machine.disk, { ...SMALL, bytesMax: 1_000_000 });
  await before.append([commit(1, { topic: 'first' })]);
  await churn(before, 100);
  await machine.stop(before);
  const path = `${GROUPS_DIRECTORY}/${FIRST_SEGMENT}`;
  const bytes = await bytesOf(machine.disk, path);
  bytes.writeUInt8(bytes.readUInt8(400) ^ 1, 400);
  await overwrite(machine.disk, path, bytes);
  const commits = await machine.start();
  expect(commits.stats()).toMatchObject({ state: 'offline', isComplete: false });
  expect(commits.stats().reason).toContain(`${path} is damaged`);
  expect(contentOf(commits.groups())).toEqual(
    modelAfter([
      commit(1, { topic: 'first' }),
      ...Array.from({ length: 100 }, (_, at) => commit(at, { partition: at % 7 })),
    ]),
  );
  const refused = { code: 'KAFKA_STORAGE_ERROR', written: 'no' };
  await expect(commits.append([commit(2)])).rejects.toMatchObject(refused);
  expect(machine.warnings()).toContain('committed offsets may be missing');
  await commits.housekeep({ clockIsSteady: true });
  expect(commits.stats().isComplete).toBe(false);
  await commits.close();
});

test('where it cannot be opened at all, the rest of the server starts', async () => {
  const machine = new CommitLogMachine();
  const isOurs = ({ path }: { readonly path: string }): boolean =>
    path.startsWith(GROUPS_DIRECTORY);
  const files = new FaultyFiles(machine.disk, { kind: 'EIO', at: 1, lasts: true, only: isOurs });
  const commits = await machine.start(files);
  expect(commits.stats()).toMatchObject({ state: 'offline', isComplete: false });
  expect(commits.stats().reason).toContain('EIO');
  const error = await commits.append([commit(1)]).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(MillraceError);
  expect(error).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', written: 'no' });
  await commits.close();
});

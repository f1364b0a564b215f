import { describe, expect, test } from 'vitest';
import type { CommitLog } from '../../../src/broker/local/commit-log.ts';
import {
  churn,
  CommitLogMachine,
  GROUPS_DIRECTORY,
  SMALL,
} from '../../support/commit-log-machine.ts';
import { FaultyFiles } from '../../support/faulty-files.ts';
import { commit, contentOf, groupMetadata, modelAfter } from '../../support/group-changes.ts';
import { HeldFiles, settled } from '../../support/held-files.ts';
import { namesIn } from '../../support/partition-fixture.ts';

const FIRST_SEGMENT = `${'0'.repeat(20)}.log`;

function content(commits: CommitLog): Map<string, string> {
  return contentOf(commits.groups());
}

describe('the log of the groups', () => {
  test('is empty at first, and online', async () => {
    const commits = await new CommitLogMachine().start();
    expect(commits.groupCount).toBe(0);
    expect(commits.group('g')).toBeUndefined();
    expect(commits.stats()).toEqual({
      bytes: 0,
      records: 0,
      state: 'online',
      reason: undefined,
      isComplete: true,
    });
  });

  test('shows a change when it is durable, and not before', async () => {
    const machine = new CommitLogMachine();
    const files = new HeldFiles(machine.disk);
    const commits = await machine.start(files);
    const sync = files.hold('sync', '.log');
    const done = commits.append([commit(5), groupMetadata(1)]);
    await sync.reached;
    await settled();
    expect(commits.groupCount).toBe(0);
    sync.release();
    await done;
    expect(content(commits)).toEqual(modelAfter([commit(5), groupMetadata(1)]));
  });

  test.each(['clean', 'kill', 'power cut'] as const)('finds all of it after a %s', async (end) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const machine = new CommitLogMachine(seed);
      const commits = await machine.start();
      const records = [
        commit(1),
        commit(2, { partition: 1 }, 'mine'),
        groupMetadata(1, 'h', 'assigned'),
        commit(7, { group: 'gone' }),
        commit(null, { group: 'gone' }),
        commit(3),
      ];
      await Promise.all(records.map((record) => commits.append([record])));
      if (end === 'clean') await machine.stop(commits);
      else if (end === 'kill') machine.kill();
      else machine.cutPower();
      const again = await machine.start();
      expect(content(again)).toEqual(modelAfter(records));
      expect(again.group('gone')).toBeUndefined();
    }
  });

  test('keeps the last of many commits of one partition, in the order they came', async () => {
    const machine = new CommitLogMachine();
    const commits = await machine.start();
    const seen: (number | undefined)[] = [];
    const all = Array.from({ length: 200 }, async (_, offset) => {
      await commits.append([commit(offset)]);
      seen.push(commits.group('g')?.offsets.get('t')?.get(0)?.offset);
    });
    await Promise.all(all);
    expect(seen).toEqual(seen.toSorted((a, b) => Number(a) - Number(b)));
    expect(content(commits)).toEqual(modelAfter([commit(199)]));
    machine.cutPower();
    expect(content(await machine.start())).toEqual(modelAfter([commit(199)]));
  });

  test('takes what waits at one time in few flushes', async () => {
    const machine = new CommitLogMachine();
    const files = new FaultyFiles(machine.disk);
    const commits = await machine.start(files, {});
    files.setFault(undefined);
    const calls = files.record();
    await Promise.all(Array.from({ length: 500 }, (_, at) => commits.append([commit(at)])));
    expect(calls.filter(({ name }) => name === 'sync').length).toBeLessThan(4);
  });

  test('has nothing to do for no records', async () => {
    const commits = await new CommitLogMachine().start();
    await commits.append([]);
    expect(commits.stats().bytes).toBe(0);
  });

  test('refuses changes once it is closed, and keeps what was on its way', async () => {
    const machine = new CommitLogMachine();
    const commits = await machine.start();
    const last = commits.append([commit(1)]);
    const closing = machine.stop(commits);
    const refused = { code: 'SHUTTING_DOWN', written: 'no', retriable: true };
    await expect(commits.append([commit(2)])).rejects.toMatchObject(refused);
    await Promise.all([last, closing, commits.close()]);
    await expect(commits.append([commit(2)])).rejects.toMatchObject(refused);
    expect(content(await machine.start())).toEqual(modelAfter([commit(1)]));
  });

  test('names a record that is too large and takes none of its request', async () => {
    const machine = new CommitLogMachine();
    const commits = await machine.start(machine.disk, {});
    const large = groupMetadata(1, 'g', 'x'.repeat(68_000_000));
    await expect(commits.append([commit(1), large])).rejects.toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      written: 'no',
    });
    expect([commits.groupCount, commits.stats().bytes]).toEqual([0, 0]);
  });
});

describe('a log that has grown', () => {
  test('is cut down to what is live, and a restart finds the same', async () => {
    const machine = new CommitLogMachine();
    const commits = await machine.start();
    const kept = [groupMetadata(4, 'old'), commit(9, { group: 'older', topic: 'u' })];
    await commits.append(kept);
    const records = [...kept, ...(await churn(commits, 600))];
    await commits.idle();
    expect(commits.stats().bytes).toBeLessThan(2 * SMALL.bytesMax);
    expect(await namesIn(machine.disk, GROUPS_DIRECTORY)).not.toContain(FIRST_SEGMENT);
    expect(content(commits)).toEqual(modelAfter(records));
    machine.cutPower();
    const again = await machine.start();
    expect(content(again)).toEqual(modelAfter(records));
    expect(again.stats().isComplete).toBe(true);
  });

  test('is not rewritten for ever when all of it is live', async () => {
    const machine = new CommitLogMachine();
    const commits = await machine.start();
    const count = 400;
    for (let partition = 0; partition < count; partition += 1) {
      await commits.append([commit(1, { partition })]);
    }
    await commits.idle();
    expect(commits.stats().records).toBe(count);
    const shrunk = machine.log.lines.filter(({ message }) => message.includes('was shrunk'));
    expect(shrunk.length).toBeLessThan(5);
  });

  test('is cut down at the next commit if the last run did not come to it', async () => {
    const machine = new CommitLogMachine();
    const before = await machine.start(machine.disk, { ...SMALL, bytesMax: 1_000_000 });
    const records = await churn(before, 300);
    await machine.stop(before);
    const commits = await machine.start();
    const { bytes } = commits.stats();
    expect(bytes).toBeGreaterThan(SMALL.bytesMax);
    await commits.append([commit(1, { topic: 'u' })]);
    await settled();
    await commits.idle();
    expect(commits.stats().bytes).toBeLessThan(bytes / 2);
    expect(content(commits)).toEqual(modelAfter([...records, commit(1, { topic: 'u' })]));
  });
});

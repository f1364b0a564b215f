import { describe, expect, test } from 'vitest';
import type { Files } from '../../src/storage/files.ts';
import { FlushTurns } from '../../src/storage/flush-turns.ts';
import { PartitionLog } from '../../src/storage/partition-log.ts';
import { logPath } from '../../src/storage/segment-files.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { HeldFiles, settled } from '../support/held-files.ts';
import { appendTexts, partitionOptions, readTexts } from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

describe('turns', () => {
  test('are had at once as long as there are any, then in the order of asking', async () => {
    const turns = new FlushTurns(2);
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const run = (name: string): Promise<void> =>
      turns.run(() => {
        begun.push(name);
        return new Promise((resolve) => ends.push(resolve));
      });
    const all = Promise.all(['a', 'b', 'c', 'd'].map(run));
    expect(begun).toEqual(['a', 'b']);
    await settled();
    expect(begun).toEqual(['a', 'b']);
    ends[1]?.();
    await settled();
    expect(begun).toEqual(['a', 'b', 'c']);
    ends[0]?.();
    await settled();
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    for (const end of ends) end();
    await all;
    void run('e');
    void run('f');
    void run('g');
    expect(begun.slice(4)).toEqual(['e', 'f']);
  });

  test('end with a failure, too', async () => {
    const turns = new FlushTurns(1);
    await expect(turns.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    let hasBegun = false;
    await turns.run(async () => {
      hasBegun = true;
    });
    expect(hasBegun).toBe(true);
  });
});

describe('of two partitions, one of which may flush at a time, the other', () => {
  const first = { directory: '/first' };
  const second = { directory: '/second' };

  async function twoLogs() {
    const held = new HeldFiles(new SimulatedFiles({ seed: 1 }));
    const files = new FaultyFiles(held);
    const turns = new FlushTurns(1);
    const [a, b] = await Promise.all([first, second].map((place) => newLog(files, turns, place)));
    return { held, files, turns, a: a as PartitionLog, b: b as PartitionLog };
  }

  async function newLog(files: Files, flushTurns: FlushTurns, place: { directory: string }) {
    await files.makeDir(place.directory);
    const options = partitionOptions(files, place);
    return PartitionLog.create({ ...options, shared: { ...options.shared, flushTurns } });
  }

  test('gathers what comes until it has its turn, into one flush', async () => {
    const { held, files, a, b } = await twoLogs();
    const sync = held.hold('sync', logPath(first.directory, 0));
    const slow = appendTexts(a, 'slow');
    await sync.reached;
    const calls = files.record();
    const waiting = [appendTexts(b, 'x')];
    await settled();
    waiting.push(appendTexts(b, 'y'));
    await settled();
    const ofSecond = () => calls.filter(({ path }) => path === logPath(second.directory, 0));
    expect(ofSecond()).toEqual([]);
    sync.release();
    await Promise.all([slow, ...waiting]);
    expect(ofSecond().map(({ name }) => name)).toEqual(['open', 'write', 'sync']);
    expect(await readTexts(b)).toEqual(['x', 'y']);
  });

  test('has it too when the first one fails', async () => {
    const { held, files, a, b } = await twoLogs();
    const write = held.hold('write', logPath(first.directory, 0));
    const failed = expect(appendTexts(a, 'lost')).rejects.toMatchObject({ written: 'unknown' });
    await write.reached;
    const waiting = appendTexts(b, 'x');
    files.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'sync' });
    write.release();
    await expect(waiting).resolves.toMatchObject({ baseOffset: 0 });
    await failed;
    expect(await readTexts(b)).toEqual(['x']);
  });

  test('that is deleted meanwhile writes nothing, and leaves the turn to whoever is next', async () => {
    const { held, files, turns, a, b } = await twoLogs();
    const sync = held.hold('sync', logPath(first.directory, 0));
    const slow = appendTexts(a, 'slow');
    await sync.reached;
    const waiting = appendTexts(b, 'x');
    waiting.catch(() => {});
    await settled();
    const calls = files.record();
    const discarded = b.discard();
    sync.release();
    await Promise.all([slow, discarded]);
    await expect(waiting).rejects.toMatchObject({ written: 'no' });
    const path = logPath(second.directory, 0);
    expect(calls.filter((call) => call.path === path && call.name === 'write')).toEqual([]);
    let isNext = false;
    await turns.run(async () => {
      isNext = true;
    });
    expect(isNext).toBe(true);
  });
});

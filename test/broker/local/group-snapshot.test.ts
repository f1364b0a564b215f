import { describe, expect, test } from 'vitest';
import { writeSnapshot } from '../../../src/broker/local/group-snapshot.ts';
import type { PendingChanges } from '../../../src/broker/local/group-snapshot.ts';
import { GroupTable } from '../../../src/broker/local/group-table.ts';
import type { GroupRecord } from '../../../src/codec/group-records.ts';
import { commit, contentOf, groupMetadata, modelAfter } from '../../support/group-changes.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

interface Waiting {
  readonly records: readonly GroupRecord[];
  readonly done: PromiseWithResolvers<void>;
  readonly change: PendingChanges | undefined;
  readonly end: number;
}

/** A log and its table, where the test says when what is under way becomes durable, or fails. */
class HandMadeLog {
  readonly records: GroupRecord[] = [];
  readonly table = new GroupTable();
  readonly #pending = new Set<PendingChanges>();
  readonly #waiting: Waiting[] = [];
  #applied = 0;
  isStopped = false;

  commit(...records: GroupRecord[]): Promise<void> {
    return this.#append(records, true);
  }

  snapshot(): Promise<number | undefined> {
    return writeSnapshot({
      table: this.table,
      pending: this.#pending,
      appliedOffset: () => this.#applied,
      append: (records) => this.#append(records, false),
      isStopped: () => this.isStopped,
    });
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** The oldest that waits becomes durable; answers whether there was one. */
  async succeed(): Promise<boolean> {
    const first = this.#waiting.shift();
    if (first === undefined) return false;
    this.#applied = first.end;
    if (first.change !== undefined) for (const each of first.records) this.table.apply(each);
    if (first.change !== undefined) this.#pending.delete(first.change);
    first.done.resolve();
    await turn();
    return true;
  }

  /** All that waits fails, and its places are given to others. */
  async fail(): Promise<void> {
    for (const each of this.#waiting.splice(0)) {
      if (each.change !== undefined) this.#pending.delete(each.change);
      each.done.reject(new Error('failed'));
    }
    this.records.length = this.#applied;
    await turn();
  }

  async finish<T>(task: Promise<T>): Promise<T> {
    const over = task.then(
      () => true,
      () => true,
    );
    while ((await Promise.race([over, turn()])) !== true) await this.succeed();
    return task;
  }

  #append(records: readonly GroupRecord[], isChange: boolean): Promise<void> {
    expect(records.length).toBeGreaterThan(0);
    this.records.push(...records);
    const done = Promise.withResolvers<void>();
    done.promise.catch(() => undefined);
    const change = isChange ? { records, done: done.promise } : undefined;
    if (change !== undefined) this.#pending.add(change);
    this.#waiting.push({ records, done, change, end: this.records.length });
    return done.promise;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function logWith(...records: GroupRecord[]): Promise<HandMadeLog> {
  const log = new HandMadeLog();
  for (const record of records) await log.finish(log.commit(record));
  return log;
}

function manyCommits(count: number): GroupRecord[] {
  return Array.from({ length: count }, (_, partition) => commit(1, { partition }));
}

describe('a snapshot', () => {
  test('holds all that is live and nothing else', async () => {
    const log = await logWith(commit(1), commit(2), groupMetadata(3), commit(4, { group: 'h' }));
    await log.finish(log.commit(commit(null, { group: 'h' })));
    expect(await log.finish(log.snapshot())).toBe(5);
    expect(log.records.slice(5)).toEqual([groupMetadata(3), commit(2)]);
  });

  test('of an empty table writes nothing', async () => {
    const log = await logWith(commit(1), commit(null));
    expect(await log.finish(log.snapshot())).toBe(2);
    expect(log.records).toHaveLength(2);
  });

  test('comes in pieces of bounded count and size', async () => {
    const log = await logWith();
    await log.finish(log.commit(...manyCommits(2_500)));
    const large = Array.from({ length: 3 }, (_, at) =>
      groupMetadata(1, `large ${at}`, 'x'.repeat(200_000)),
    );
    await log.finish(log.commit(...large));
    const start = log.records.length;
    const writing = log.snapshot();
    const ends: number[] = [];
    for (let isOver = false; !isOver;) {
      ends.push(log.records.length - start);
      isOver = !(await log.succeed());
    }
    await writing;
    expect(ends).toEqual([1_000, 2_000, 2_502, 2_503, 2_503]);
  });

  test('leaves out what has changed and is not yet durable', async () => {
    const log = await logWith(commit(1), commit(1, { partition: 1 }), groupMetadata(1));
    const changes = log.commit(commit(2), groupMetadata(2));
    const start = await log.finish(log.snapshot());
    await changes;
    expect(start).toBe(3);
    expect(log.records.slice(3)).toEqual([
      commit(2),
      groupMetadata(2),
      commit(1, { partition: 1 }),
    ]);
  });

  test('shows each piece as of its own moment', async () => {
    const log = await logWith();
    await log.finish(log.commit(...manyCommits(1_500)));
    const writing = log.snapshot();
    const second = log.commit(commit(9, { partition: 0 }), commit(9, { partition: 1_499 }));
    const third = log.commit(commit(null, { partition: 1_400 }));
    const start = await log.finish(writing);
    await Promise.all([second, third]);
    expect(modelAfter(log.records.slice(start))).toEqual(modelAfter(log.records));
  });

  test('fails with a change that it left out, even if that leaves nothing to write', async () => {
    const log = await logWith(commit(1));
    void log.commit(commit(2));
    const writing = log.snapshot().catch((error: unknown) => error);
    await turn();
    expect(log.waitingCount).toBe(1);
    await log.fail();
    expect(await writing).toMatchObject({ message: 'failed' });
    expect(modelAfter(log.records)).toEqual(modelAfter([commit(1)]));
  });

  test('stops between two pieces', async () => {
    const log = await logWith();
    await log.finish(log.commit(...manyCommits(3_000)));
    const writing = log.snapshot();
    log.isStopped = true;
    expect(await log.finish(writing)).toBeUndefined();
    expect(log.records).toHaveLength(4_000);
  });
});

test('from its start on, or from before it, the log says the same, whatever happens meanwhile', async () => {
  let completed = 0;
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = new SeededRandom(seed);
    const log = new HandMadeLog();
    const change = (): GroupRecord => {
      const group = `g${random.below(3)}`;
      const value = random.chance(0.35) ? null : random.below(1_000);
      if (random.chance(0.15)) return groupMetadata(value, group);
      // Two pieces: more partitions than one holds.
      return commit(value, { group, topic: 't', partition: random.below(700) });
    };
    const some = (count: number): GroupRecord[] => Array.from({ length: count }, change);
    await log.finish(log.commit(...some(3_000)));
    for (let round = 0; round < 3; round += 1) void log.commit(...some(random.between(1, 5)));
    const writing = log.snapshot().catch(() => undefined);
    const over = writing.then(() => true);
    while ((await Promise.race([over, turn()])) !== true) {
      const dice = random.next();
      if (dice < 0.5) void log.commit(...some(random.between(1, 3)));
      else if (dice < 0.97) await log.succeed();
      else await log.fail();
    }
    const start = await writing;
    while (await log.succeed());
    const all = modelAfter(log.records);
    expect(contentOf(log.table.groups())).toEqual(all);
    if (start === undefined) continue;
    completed += 1;
    for (const from of [start, start - 1, start >> 1]) {
      expect({ seed, left: modelAfter(log.records.slice(from)) }).toEqual({ seed, left: all });
    }
  }
  expect(completed).toBeGreaterThan(100);
});

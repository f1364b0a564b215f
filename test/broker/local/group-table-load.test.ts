import { describe, expect, test } from 'vitest';
import { loadGroupTable } from '../../../src/broker/local/group-table-load.ts';
import { baseOffsetAt, lastOffsetAt, setBatchPlace } from '../../../src/codec/batch-header.ts';
import { encodeGroupRecord } from '../../../src/codec/group-records.ts';
import type { GroupRecord } from '../../../src/codec/group-records.ts';
import { MillraceError } from '../../../src/model/errors.ts';
import type { Record } from '../../../src/model/record.ts';
import { encodedBatch, textRecord } from '../../support/batches.ts';
import { commit, contentOf, groupMetadata, modelAfter } from '../../support/group-changes.ts';

function stored(record: GroupRecord): Record {
  return { ...textRecord(''), ...encodeGroupRecord(record) };
}

/** A log of batches from `logStartOffset` on, which gives a few of them at a time. */
class FakeLog {
  readonly logStartOffset: number;
  highWatermark: number;
  readonly #batches: Buffer[] = [];
  /** Offsets at which a read fails. */
  readonly unreadable = new Set<number>();

  constructor(logStartOffset = 0) {
    this.logStartOffset = logStartOffset;
    this.highWatermark = logStartOffset;
  }

  add(...records: (GroupRecord | Record)[]): this {
    const plain = records.map((each) => ('kind' in each ? stored(each) : each));
    const batch = encodedBatch(plain);
    setBatchPlace(batch, 0, { baseOffset: this.highWatermark, leaderEpoch: 0 });
    this.#batches.push(batch);
    this.highWatermark += records.length;
    return this;
  }

  async read(offset: number): Promise<Buffer> {
    if (this.unreadable.has(offset)) throw new MillraceError('KAFKA_STORAGE_ERROR', `at ${offset}`);
    const from = this.#batches.findIndex((batch) => lastOffsetAt(batch, 0) >= offset);
    const some = this.#batches.slice(from, from + 2);
    const end = some.findIndex((batch) => this.unreadable.has(baseOffsetAt(batch, 0)));
    return Buffer.concat(end > 0 ? some.slice(0, end) : some);
  }
}

describe('the table of a log', () => {
  test('holds what its records say one after the other', async () => {
    const records = [
      commit(1),
      groupMetadata(1),
      commit(5, { group: 'h' }, 'ü'),
      commit(2),
      commit(null, { group: 'h' }),
      groupMetadata(2),
    ];
    const log = new FakeLog(1_000);
    log.add(...records.slice(0, 2)).add(...records.slice(2, 5));
    log.add(...records.slice(5));
    const { table, ...more } = await loadGroupTable(log);
    expect(contentOf(table.groups())).toEqual(modelAfter(records));
    expect(more).toEqual({ unknownCount: 0, fault: undefined });
  });

  test('of an empty log is empty', async () => {
    const { table, fault } = await loadGroupTable(new FakeLog(7));
    expect([table.groupCount, fault]).toEqual([0, undefined]);
  });

  test('keeps nothing of the bytes it was read from', async () => {
    const log = new FakeLog().add(groupMetadata(1, 'g', 'assigned'), commit(3, {}, 'mine'));
    const bytes = await log.read(0);
    const { table } = await loadGroupTable({
      highWatermark: 2,
      logStartOffset: 0,
      read: () => bytes,
    });
    bytes.fill(0);
    expect(contentOf(table.groups())).toEqual(
      modelAfter([groupMetadata(1, 'g', 'assigned'), commit(3, {}, 'mine')]),
    );
  });

  test('has what stands behind damage, and says what was found first', async () => {
    const log = new FakeLog();
    for (let at = 0; at < 40; at += 1) log.add(commit(at, { partition: at }));
    for (const offset of [3, 4, 5, 30]) log.unreadable.add(offset);
    const { table, fault } = await loadGroupTable(log);
    expect(fault).toBe('at 3');
    const found = [...(table.group('g')?.offsets.get('t')?.keys() ?? [])];
    expect(found).toEqual(
      Array.from({ length: 40 }, (_, at) => at).filter((at) => ![3, 4, 5, 30].includes(at)),
    );
  });

  test('comes to an end where nothing can be read', async () => {
    const log = new FakeLog();
    let reads = 0;
    const read = (): never => {
      reads += 1;
      throw new MillraceError('KAFKA_STORAGE_ERROR', 'no');
    };
    const loaded = await loadGroupTable({
      logStartOffset: log.logStartOffset,
      highWatermark: 1e12,
      read,
    });
    expect(loaded).toMatchObject({ fault: 'no' });
    expect(reads).toBeLessThan(50);
  });

  test('counts records of kinds that are not known, and leaves them out', async () => {
    const log = new FakeLog();
    log.add(commit(1), textRecord('x', { key: Buffer.from([0, 99, 1, 2]) }), commit(2));
    const { table, unknownCount, fault } = await loadGroupTable(log);
    expect([unknownCount, fault]).toEqual([1, undefined]);
    expect(contentOf(table.groups())).toEqual(modelAfter([commit(2)]));
  });

  test('names a record that it does not understand and goes on', async () => {
    const log = new FakeLog();
    const { key } = encodeGroupRecord(commit(1));
    log.add(commit(1), textRecord('\u0000\u0001', { key: Buffer.from(key) }), groupMetadata(3));
    const { table, fault } = await loadGroupTable(log);
    expect(fault).toBeTruthy();
    expect(contentOf(table.groups())).toEqual(modelAfter([commit(1), groupMetadata(3)]));
  });

  test('does not hide a fault of ours', async () => {
    const log = {
      logStartOffset: 0,
      highWatermark: 9,
      read: () => Promise.reject(new TypeError('x')),
    };
    await expect(loadGroupTable(log)).rejects.toThrow(TypeError);
  });
});

test('a gap that a repair has left at the end of the log is the end', async () => {
  const log = new FakeLog().add(commit(1));
  log.highWatermark = 9;
  log.read = async (offset) =>
    offset === 0 ? FakeLog.prototype.read.call(log, 0) : Buffer.alloc(0);
  const { table, fault } = await loadGroupTable(log);
  expect([table.recordCount, fault]).toEqual([1, undefined]);
});

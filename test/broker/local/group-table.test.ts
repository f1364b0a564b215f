import { describe, expect, test } from 'vitest';
import { approximateBytes, GroupTable } from '../../../src/broker/local/group-table.ts';
import type { GroupRecord } from '../../../src/codec/group-records.ts';
import {
  commit,
  contentOf,
  groupMetadata,
  metadataValue,
  modelAfter,
  offsetValue,
} from '../../support/group-changes.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

function tableOf(...records: readonly GroupRecord[]): GroupTable {
  const table = new GroupTable();
  for (const record of records) table.apply(record);
  return table;
}

describe('a table of groups', () => {
  test('holds the newest offset of each partition and the newest metadata', () => {
    const table = tableOf(
      commit(1),
      commit(7, { partition: 1 }),
      groupMetadata(1),
      commit(2, {}, 'mine'),
      groupMetadata(2),
    );
    expect(table.group('g')).toEqual({
      name: 'g',
      metadata: metadataValue(2),
      offsets: new Map([
        [
          't',
          new Map([
            [0, offsetValue(2, 'mine')],
            [1, offsetValue(7)],
          ]),
        ],
      ]),
    });
    expect([table.groupCount, table.recordCount]).toEqual([1, 3]);
  });

  test('keeps names apart that an object would not', () => {
    const names = ['__proto__', 'constructor', 'g', ''];
    const table = tableOf(...names.map((group, at) => commit(at, { group, topic: '__proto__' })));
    expect(table.groupCount).toBe(4);
    for (const [at, name] of names.entries()) {
      expect(table.group(name)?.offsets.get('__proto__')?.get(0)?.offset).toBe(at);
    }
    expect(table.group('toString')).toBeUndefined();
  });

  test('forgets a group with its last offset, and only then', () => {
    const table = tableOf(commit(1), commit(2, { topic: 'u' }));
    table.apply(commit(null));
    expect([...(table.group('g')?.offsets.keys() ?? [])]).toEqual(['u']);
    table.apply(commit(null, { topic: 'u' }));
    expect(table.group('g')).toBeUndefined();
    expect([table.groupCount, table.recordCount, table.bytes]).toEqual([0, 0, 0]);
  });

  test('keeps a group without offsets as long as it has metadata', () => {
    const table = tableOf(commit(1), groupMetadata(1), commit(null));
    expect(table.group('g')).toMatchObject({ metadata: { generation: 1 }, offsets: new Map() });
    table.apply(groupMetadata(null));
    expect(table.groupCount).toBe(0);
  });

  test('takes a tombstone of what it does not have for nothing', () => {
    const table = tableOf(groupMetadata(null), commit(null), commit(1, { group: 'h' }));
    table.apply(commit(null, { group: 'h', partition: 9 }));
    table.apply(commit(null, { group: 'h', topic: 'u' }));
    expect(contentOf(table.groups())).toEqual(modelAfter([commit(1, { group: 'h' })]));
  });
});

test('a table is what a plain map is, and counts what is in it', () => {
  const random = new SeededRandom(3);
  const table = new GroupTable();
  const records: GroupRecord[] = [];
  for (let at = 0; at < 3_000; at += 1) {
    const group = `g${random.below(4)}`;
    const topic = `t${random.below(3)}`;
    const offset = random.chance(0.4) ? null : at;
    const metadata = 'm'.repeat(random.below(5));
    const place = { group, topic, partition: random.below(3) };
    const record = random.chance(0.2)
      ? groupMetadata(offset, group, metadata)
      : commit(offset, place, metadata);
    records.push(record);
    table.apply(record);
    if (at % 50 === 0) expect(contentOf(table.groups())).toEqual(modelAfter(records));
  }
  const live = modelAfter(records);
  expect(contentOf(table.groups())).toEqual(live);
  expect(table.recordCount).toBe(live.size);
  const latest = new Map(
    records.map((record) => [JSON.stringify({ ...record, value: 0 }), record]),
  );
  const bytes = [...latest.values()].reduce((sum, record) => sum + approximateBytes(record), 0);
  expect(table.bytes).toBe(bytes);
});

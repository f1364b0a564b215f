import { describe, expect, test } from 'vitest';
import type { Topic } from '../../src/broker/broker.ts';
import { partitionForKey } from '../../src/codec/murmur2.ts';
import type { Placement } from '../../src/http/produce-placement.ts';
import {
  StickyPartitions,
  placeBatches,
  placeRecords,
  sharesOf,
} from '../../src/http/produce-placement.ts';
import { ANY_PARTITION } from '../../src/http/produce-input.ts';
import { TOPICS_MAX } from '../../src/model/limits.ts';
import type { Record } from '../../src/model/record.ts';
import { parseTopicConfig } from '../../src/model/topic-config.ts';
import { textRecord, textsOf } from '../support/batches.ts';
import { refusalOf } from '../support/refusal.ts';

const TOPIC_ROUTE = { partition: undefined, producer: undefined };

function topicOf(partitionCount: number): Topic {
  const configOverrides = new Map<string, string>();
  const config = parseTopicConfig(configOverrides);
  return { name: 't', topicId: 'id', partitionCount, config, configOverrides };
}

function keyed(key: string, value = key): Record {
  return textRecord(value, { key: Buffer.from(key) });
}

/** Values by partition. */
function spread({ parts }: Placement): { [partition: number]: (string | null)[] } {
  return Object.fromEntries(
    parts.map(({ partition, payload }) => [
      partition,
      payload.kind === 'records' ? textsOf(payload.records) : [],
    ]),
  );
}

function place(
  partitionCount: number,
  records: readonly Record[],
  partitions?: readonly number[],
): Placement {
  const input = { records, partitions };
  return placeRecords(topicOf(partitionCount), input, TOPIC_ROUTE, new StickyPartitions());
}

describe('a record goes', () => {
  test('where its key is sent by every Kafka client', () => {
    const keys = ['a', 'b', 'c', 'LH 400', 'ü', ''];
    const placement = place(
      5,
      keys.map((key) => keyed(key)),
    );
    for (const [partition, values] of Object.entries(spread(placement))) {
      for (const value of values) {
        expect(partitionForKey(Buffer.from(value ?? ''), 5)).toBe(Number(partition));
      }
    }
    // org.apache.kafka.common.utils.Utils.murmur2("21") = -973932308
    expect(place(100, [keyed('21')]).parts[0]?.partition).toBe((-973_932_308 & 0x7fff_ffff) % 100);
  });

  test('where it says, whatever its key', () => {
    const records = [keyed('a', '0'), keyed('a', '1'), keyed('a', '2')];
    expect(spread(place(3, records, [2, 0, 2]))).toEqual({ 2: ['0', '2'], 0: ['1'] });
  });

  test('with the other keyless ones of its request, where it has no key', () => {
    const records = ['0', '1', '2'].map((value) => textRecord(value));
    const placement = place(4, records);
    expect(spread(placement)).toEqual({ 0: ['0', '1', '2'] });
    expect(placement.partOf).toBeUndefined();
  });

  test('as it should beside records of the other kinds, in its order', () => {
    const home = partitionForKey(Buffer.from('k'), 3);
    const named = (home + 1) % 3;
    const records = [
      keyed('k', 'a'),
      textRecord('b'),
      keyed('k', 'c'),
      keyed('k', 'd'),
      textRecord('e'),
    ];
    const placement = place(3, records, [-1, -1, named, -1, -1]);
    const values = spread(placement);
    expect(values[home]?.filter((value) => value === 'a' || value === 'd')).toEqual(['a', 'd']);
    expect(values[named]).toContain('c');
    expect(new Set(Object.values(values).flat())).toEqual(new Set(['a', 'b', 'c', 'd', 'e']));
    placement.partOf?.forEach((part, index) => {
      const { payload } = placement.parts[part] as Placement['parts'][number];
      expect(payload.kind === 'records' && payload.records).toContain(records[index]);
    });
  });

  test('to the one partition of a topic, without another thought', () => {
    const records = [keyed('a'), textRecord('b')];
    const { parts, partOf } = place(1, records);
    expect(parts[0]).toMatchObject({ topic: 't', partition: 0 });
    expect(parts[0]?.payload).toEqual({ kind: 'records', records });
    expect(partOf).toBeUndefined();
  });

  test('where the URL says, with its producer', () => {
    const producer = { producerId: 1, producerEpoch: 0, baseSequence: 5 };
    const input = { records: [keyed('a'), textRecord('b')], partitions: [ANY_PARTITION, 7] };
    const wish = { partition: 7, producer };
    const placement = placeRecords(topicOf(9), input, wish, new StickyPartitions());
    expect(placement.parts).toEqual([
      { topic: 't', partition: 7, producer, payload: { kind: 'records', records: input.records } },
    ]);
  });
});

describe('a record is refused', () => {
  test('when it names a partition that the topic does not have', () => {
    const refused = refusalOf(() => place(3, [textRecord('a'), textRecord('b')], [2, 3]));
    expect(refused).toMatchObject({
      code: 'INVALID_RECORD',
      message: 'records[1].partition is 3; topic t has 0 to 2',
    });
    expect(refusalOf(() => place(1, [textRecord('a')], [1])).message).toContain('has 0 to 0');
  });

  test('when it names another partition than the URL', () => {
    const input = { records: [textRecord('a')], partitions: [1] };
    const wish = { partition: 0, producer: undefined };
    const refused = refusalOf(() => placeRecords(topicOf(3), input, wish, new StickyPartitions()));
    expect(refused.message).toBe('records[0].partition is 1; the URL names partition 0');
  });
});

test('encoded batches go to the partition of the URL as they are', () => {
  const bytes = Buffer.from('batches');
  expect(placeBatches(topicOf(3), bytes, 2)).toEqual({
    parts: [{ topic: 't', partition: 2, payload: { kind: 'batches', bytes } }],
    partOf: undefined,
  });
});

describe('keyless records', () => {
  test('take the partitions of their topic in turn, request by request', () => {
    const sticky = new StickyPartitions();
    const next = (topicId: string): number => sticky.next({ topicId, partitionCount: 3 });
    expect([next('a'), next('a'), next('b'), next('a'), next('a'), next('b')]).toEqual([
      0, 1, 0, 2, 0, 1,
    ]);
  });

  test('do not use up a turn when all records of a request have keys', () => {
    const sticky = new StickyPartitions();
    const topic = topicOf(3);
    placeRecords(topic, { records: [keyed('a')], partitions: undefined }, TOPIC_ROUTE, sticky);
    expect(sticky.next(topic)).toBe(0);
  });

  test('go on when partitions were added', () => {
    const sticky = new StickyPartitions();
    for (let turn = 0; turn < 2; turn++) sticky.next({ topicId: 'a', partitionCount: 2 });
    expect(sticky.next({ topicId: 'a', partitionCount: 4 })).toBe(2);
    expect(sticky.next({ topicId: 'a', partitionCount: 2 })).toBe(1);
  });

  test('of deleted topics are forgotten in the end', () => {
    const sticky = new StickyPartitions();
    sticky.next({ topicId: 'first', partitionCount: 5 });
    for (let topic = 0; topic <= TOPICS_MAX; topic++) {
      sticky.next({ topicId: String(topic), partitionCount: 5 });
    }
    expect(sticky.next({ topicId: 'first', partitionCount: 5 })).toBe(0);
  });
});

test('what is left of a placement are its partitions and the times of its records', () => {
  const timed = (timestamp: number, key: string) =>
    textRecord('v', { timestamp, key: Buffer.from(key) });
  const placement = place(2, [timed(1, 'a'), timed(2, 'b'), timed(3, 'a')], [1, 0, 1]);
  expect(sharesOf(placement)).toEqual({
    shares: [
      { partition: 1, timestamps: [1, 3] },
      { partition: 0, timestamps: [2] },
    ],
    partOf: [0, 1, 0],
  });
  const batches = placeBatches(topicOf(2), Buffer.alloc(3), 1);
  expect(sharesOf(batches)).toEqual({
    shares: [{ partition: 1, timestamps: [] }],
    partOf: undefined,
  });
});

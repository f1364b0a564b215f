import { describe, expect, test } from 'vitest';
import { KafkaReader } from '../../src/codec/kafka-reader.ts';
import { KafkaWriter } from '../../src/codec/kafka-writer.ts';
import { readFetchRequest, writeFetchResponse } from '../../src/kafka-protocol/fetch-grammar.ts';
import type { FetchAsked } from '../support/kafka-fetch.ts';
import { fetchRequest, readFetchAnswer } from '../support/kafka-fetch.ts';

const VERSIONS = Array.from({ length: 13 }, (_, index) => index + 4);
const ID = '01234567-89ab-cdef-0011-223344556677';
const NO_ID = '00000000-0000-0000-0000-000000000000';

function read(asked: FetchAsked & { readonly version: number }) {
  const { version } = asked;
  const writer = new KafkaWriter();
  writer.isFlexible = version >= 12;
  fetchRequest(asked).body?.(writer);
  const reader = new KafkaReader(writer.written(), 'INVALID_REQUEST');
  reader.isFlexible = version >= 12;
  const request = readFetchRequest(reader, version);
  reader.readEnd('request');
  return request;
}

describe.each(VERSIONS)('v%i', (version) => {
  const topic = version <= 12 ? 't' : ID;
  const named = version <= 12 ? { name: 't', topicId: NO_ID } : { name: '', topicId: ID };

  test('is read to its end', () => {
    const partition = { partition: 3, offset: 2 ** 40, maxBytes: 77, leaderEpoch: 5 };
    const asked = { maxWaitMs: 500, minBytes: 2, maxBytes: 1_000, isolationLevel: 1 };
    const topics = [[topic, partition, {}]] as const;
    const forgotten = [[topic, 1, 2]] as const;
    expect(read({ version, ...asked, session: [4, 9], topics, forgotten })).toEqual({
      ...asked,
      sessionEpoch: version >= 7 ? 9 : 0,
      topics: [
        {
          ...named,
          partitions: [
            { ...partition, leaderEpoch: version >= 9 ? 5 : -1 },
            { partition: 0, offset: 0, maxBytes: 1e9, leaderEpoch: -1 },
          ],
        },
      ],
    });
  });

  test('is answered with batches in pieces, large and small', () => {
    const pieces = [Buffer.alloc(10_000, 1), Buffer.from('small'), Buffer.alloc(5_000, 2)];
    const place = { partition: 3, error: 0, highWatermark: 9, logStartOffset: 2, pieces };
    const empty = { ...place, error: 6, highWatermark: -1, logStartOffset: -1, pieces: [] };
    const writer = new KafkaWriter();
    writer.isFlexible = version >= 12;
    const topics = [{ ...named, partitions: [place, empty] }];
    writeFetchResponse(writer, { error: 0, isolationLevel: 0, topics, release() {} }, version);
    const parts = writer.writtenParts();
    expect(parts).toContain(pieces[0]);
    expect(parts).toContain(pieces[2]);
    const reader = new KafkaReader(Buffer.concat(parts), 'INVALID_REQUEST');
    reader.isFlexible = version >= 12;
    const since = (first: number, value: number): number | undefined =>
      version >= first ? value : undefined;
    const rest = { aborted: null, preferredReplica: since(11, -1), partition: 3 };
    expect(readFetchAnswer(reader, version)).toEqual({
      throttleMs: 0,
      error: since(7, 0),
      sessionId: since(7, 0),
      topics: [
        {
          topic,
          partitions: [
            {
              ...rest,
              error: 0,
              highWatermark: 9,
              lastStableOffset: 9,
              logStartOffset: since(5, 2),
              records: Buffer.concat(pieces),
            },
            {
              ...rest,
              error: 6,
              highWatermark: -1,
              lastStableOffset: -1,
              logStartOffset: since(5, -1),
              records: Buffer.alloc(0),
            },
          ],
        },
      ],
    });
  });
});

test('no more partitions are asked for at once than a server may have', () => {
  const partitions = Array.from({ length: 10_001 }, () => ({}));
  const topics = [
    ['a', ...partitions],
    ['b', ...partitions],
  ] as const;
  expect(() => read({ version: 12, topics })).toThrow(/partitions.*at most 9999 elements/);
});

test('whoever reads committed records is told that none were aborted', () => {
  const writer = new KafkaWriter();
  const place = { partition: 0, error: 0, highWatermark: 0, logStartOffset: 0, pieces: [] };
  const topics = [{ name: 't', topicId: NO_ID, partitions: [place] }];
  writeFetchResponse(writer, { error: 0, isolationLevel: 1, topics, release() {} }, 4);
  const answer = readFetchAnswer(new KafkaReader(writer.written(), 'INVALID_REQUEST'), 4);
  expect(answer.topics[0]?.partitions[0]?.aborted).toEqual([]);
});

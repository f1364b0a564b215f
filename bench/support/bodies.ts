/** Request bodies of a load: records of 100 bytes in each of the forms that are taken. */
import { pack } from 'msgpackr';
import { BatchWriter } from '../../src/codec/batch-writer.ts';

export const JSON_HEADERS = { 'content-type': 'application/json' };
export const MSGPACK_HEADERS = { 'content-type': 'application/msgpack' };
export const BATCH_HEADERS = { 'content-type': 'application/vnd.kafka.recordbatch' };

const RECORD_BYTES = 100;

export function oneRecord(bytes = RECORD_BYTES): string {
  return JSON.stringify({ records: [{ value: 'x'.repeat(bytes) }] });
}

export function stringRecords(count: number): string {
  const records = Array.from({ length: count }, (_, index) => ({
    value: `${index} `.padEnd(RECORD_BYTES, 'x'),
  }));
  return JSON.stringify({ records });
}

/** Small objects of about 100 bytes. */
export function objectRecords(count: number): string {
  const records = Array.from({ length: count }, (_, id) => ({
    value: {
      id,
      name: 'sensor-12',
      temperature: 21.5,
      ok: true,
      tags: ['a', 'b'],
      note: 'some words of text',
    },
  }));
  return JSON.stringify({ records });
}

export function msgpackRecords(count: number): Buffer {
  const value = Buffer.alloc(RECORD_BYTES, 'x');
  return pack({ records: Array.from({ length: count }, () => ({ value })) });
}

/** One record batch, as a client encodes it. */
export function recordBatch(count: number, valueBytes = RECORD_BYTES): Buffer {
  const writer = new BatchWriter(1_048_576);
  writer.begin({ baseOffset: 0, leaderEpoch: 0 });
  const value = Buffer.alloc(valueBytes, 'x');
  for (let index = 0; index < count; index += 1) {
    writer.add({ key: null, value, headers: [], timestamp: Date.now() });
  }
  writer.end(-1);
  return Buffer.from(writer.buffer.subarray(0, writer.length));
}
